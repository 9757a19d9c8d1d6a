// SPDX-License-Identifier: GPL-2.0
/* Options and complaints: a verb's table becomes its parser and its help. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "nslens.h"
#include "options.h"

static const char *verb_name;

/**
 * complain_as() - set the verb that complaints are made in the name of
 * @verb: its name; not copied
 */
void complain_as(const char *verb)
{
	verb_name = verb;
}

static char within[256];

/**
 * complain_within() - set what further complaints are about
 * @option: name of an option, NULL for nothing particular
 * @arg: what it was given
 */
void complain_within(const char *option, const char *arg)
{
	within[0] = '\0';
	if (option)
		snprintf(within, sizeof(within), "--%s=%s: ", option, arg);
}

/**
 * complain() - write one line "nslens: VERB: ..." to standard error
 * @fmt: as printf(3), without a newline
 */
void complain(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);

	/* In order, if both go to one place; and in one write. */
	fflush(stdout);
	fprintf(stderr, "nslens: %s%s%s%s\n", verb_name ? verb_name : "",
		verb_name ? ": " : "", within, line);
}

/* What a verb exits with that is used in a wrong way, or fails. */
static int own_status(const struct usage *usage)
{
	return usage->command ? EXIT_RUN_OWN : EXIT_OWN;
}

/**
 * opt_finish() - see to it that all was written
 * @status: what the program is about to exit with
 *
 * What could not be written, to a full disk say, is no success.
 *
 * Return: @status, or EXIT_OWN after a complaint.
 */
int opt_finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	complain("writing to standard output: %s", strerror(errno));
	return EXIT_OWN;
}

static bool arg_is_optional(const struct opt *opt)
{
	return opt->arg && opt->arg[0] == '=';
}

static void print_opt(FILE *out, const struct opt *opt)
{
	char left[64];
	const char *line = opt->help;
	int width = 26;
	int len;

	len = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s%s",
		       opt->val < OPT_LONG ? '-' : ' ',
		       opt->val < OPT_LONG ? opt->val : ' ',
		       opt->val < OPT_LONG ? ", " : "  ", opt->name,
		       arg_is_optional(opt) ? "[" : opt->arg ? " " : "",
		       opt->arg ? opt->arg : "",
		       arg_is_optional(opt) ? "]" : "");
	if (len >= width)
		fprintf(out, "%s\n%*s", left, width, "");
	else
		fprintf(out, "%-*s", width, left);

	for (; strchr(line, '\n'); line = strchr(line, '\n') + 1)
		fprintf(out, "%.*s\n%*s", (int)strcspn(line, "\n"), line,
			width, "");
	fprintf(out, "%s\n", line);
}

static void print_opts(const struct opt *opts)
{
	for (const struct opt *opt = opts; opt && opt->name; opt++)
		print_opt(stdout, opt);
}

static void print_help(const struct usage *usage)
{
	const struct opt_group *const *group = usage->groups;

	printf("usage: nslens %s [OPTIONS]%s%s\n\n%s\n\n", usage->verb,
	       usage->args[0] ? " " : "", usage->args, usage->about);
	print_opts(usage->opts);
	print_opts(usage->more_opts);
	for (; group && *group; group++) {
		if (!(*group)->opts->name)
			continue;
		printf("%s:\n", (*group)->title);
		print_opts((*group)->opts);
		printf("\n");
	}
	print_opt(stdout, &(struct opt){ "help", 'h', NULL, "print this" });
	if (usage->more)
		usage->more(stdout);
}

/* What getopt_long(3) calls the first of the options; -1, '?', ':' are less. */
#define FIRST_VAL	1024

/**
 * struct parser - the options of a verb as getopt_long(3) wants them
 * @nr: how many
 * @opts: each
 * @groups: the group that each is from, or NULL
 * @longs: their long names; the value tells the place in @opts
 * @shorts: their letters
 */
struct parser {
	int nr;
	const struct opt *opts[MAX_OPTS + 1];
	const struct opt_group *groups[MAX_OPTS + 1];
	struct option longs[MAX_OPTS + 2];
	char shorts[3 * MAX_OPTS + 8];
};

static void add_opt(struct parser *parser, const struct opt *opt,
		    const struct opt_group *group)
{
	size_t used = strlen(parser->shorts);
	int kind = !opt->arg ? no_argument :
		   arg_is_optional(opt) ? optional_argument : required_argument;
	int nr = parser->nr;

	if (nr > MAX_OPTS)
		return;
	parser->opts[nr] = opt;
	parser->groups[nr] = group;
	parser->longs[nr] = (struct option){ opt->name, kind, NULL,
					     FIRST_VAL + nr };
	parser->nr++;
	if (opt->val < OPT_LONG)
		snprintf(parser->shorts + used, sizeof(parser->shorts) - used,
			 "%c%s", opt->val, kind == no_argument ? "" : ":");
}

static void add_opts(struct parser *parser, const struct opt *opts,
		     const struct opt_group *group)
{
	for (const struct opt *opt = opts; opt && opt->name; opt++)
		add_opt(parser, opt, group);
}

static void make_parser(struct parser *parser, const struct usage *usage)
{
	static const struct opt help = { "help", 'h', NULL, NULL };
	const struct opt_group *const *group = usage->groups;

	snprintf(parser->shorts, sizeof(parser->shorts), "%s",
		 usage->command ? "+:" : ":");
	add_opts(parser, usage->opts, NULL);
	add_opts(parser, usage->more_opts, NULL);
	for (; group && *group; group++)
		add_opts(parser, (*group)->opts, *group);
	add_opt(parser, &help, NULL);
}

/* Where it is among the options, by its letter or what FIRST_VAL is for. */
static int find_opt(const struct parser *parser, int val)
{
	int i = 0;

	if (val >= FIRST_VAL)
		return val - FIRST_VAL;
	while (i < parser->nr && parser->opts[i]->val != val)
		i++;
	return i;
}

/* getopt_long() found fault with the option before optind. */
static void refuse(const struct usage *usage, const struct parser *parser,
		   int fault, char **argv)
{
	const char *arg = argv[optind - 1];
	/* One that there is was refused only for --NAME=VALUE. */
	int known = optopt ? find_opt(parser, optopt) : parser->nr;

	if (optopt >= '0' && optopt <= '9')
		complain("-%c: PIDs are positive numbers", optopt);
	else if (fault == ':')
		complain("option %s needs a value", arg);
	else if (known < parser->nr)
		complain("option --%s takes no value",
			 parser->opts[known]->name);
	else if (optopt)
		complain("unknown option -%c: see nslens %s --help", optopt,
			 usage->verb);
	else
		complain("unknown option %s: see nslens %s --help", arg,
			 usage->verb);
	exit(own_status(usage));
}

/* Returns the place of the next option among all, or -1. */
static int next_opt(struct parser *parser, const struct usage *usage, int argc,
		    char **argv)
{
	int val;

	if (!parser->shorts[0])
		make_parser(parser, usage);

	val = getopt_long(argc, argv, parser->shorts, parser->longs, NULL);
	if (val == '?' || val == ':')
		refuse(usage, parser, val, argv);
	if (val < 0)
		return -1;
	val = find_opt(parser, val);
	if (parser->opts[val]->val == 'h') {
		print_help(usage);
		exit(opt_finish(0) ? own_status(usage) : EXIT_SUCCESS);
	}
	return val;
}

/**
 * opt_next() - take the next option
 * @usage: what there is
 * @argc: of the verb, whose name is the first
 * @argv: likewise
 *
 * Prints the help where it is asked for, and ends the program after that, as
 * it does when there is something wrong.
 *
 * Return: the value of the option, with optarg set; -1 after the last, with
 * optind set.
 */
int opt_next(const struct usage *usage, int argc, char **argv)
{
	static struct parser parser;
	int nr = next_opt(&parser, usage, argc, argv);

	return nr < 0 ? -1 : parser.opts[nr]->val;
}

/**
 * opt_take() - let groups of options take what there is for them
 * @usage: with the groups
 * @argc: of the verb, whose name is the first
 * @argv: likewise
 * @what: handed to the groups
 *
 * Ends the program as opt_next() does. May be called again for options that
 * follow the first argument.
 *
 * Return: 0, with optind set, or a negative errno after a complaint.
 */
int opt_take(const struct usage *usage, int argc, char **argv, void *what)
{
	static struct parser parser;
	int err = 0;
	int nr;

	while (!err && (nr = next_opt(&parser, usage, argc, argv)) >= 0)
		err = parser.groups[nr]->take(what, parser.opts[nr]->val,
					      optarg);
	return err;
}

/**
 * opt_settle() - let groups of options see whether all goes together
 * @usage: with the groups, which settle in their order
 * @what: handed to the groups
 *
 * Return: 0, or a negative errno after a complaint.
 */
int opt_settle(const struct usage *usage, void *what)
{
	int err = 0;

	for (int i = 0; !err && usage->groups[i]; i++)
		if (usage->groups[i]->settle)
			err = usage->groups[i]->settle(what);
	return err;
}

/* Such as "CMD" of "[--] CMD [ARG...]". */
static void name_first(const struct usage *usage, char *name, size_t size)
{
	const char *at = usage->args;

	while (*at == '[')
		at += strcspn(at, " ") + 1;
	snprintf(name, size, "%.*s", (int)strcspn(at, " ."), at);
}

/**
 * opt_count() - check the number of arguments that follow the options
 * @usage: for the complaint
 * @argc: of the verb
 * @least: so many there must be
 * @most: so many there may be, or -1
 *
 * Ends the program, with a complaint, if there are too few or too many.
 *
 * Return: how many there are.
 */
int opt_count(const struct usage *usage, int argc, int least, int most)
{
	int nr = argc - optind;

	char name[64];

	if (nr >= least && (most < 0 || nr <= most))
		return nr;
	if (nr < least)
		name_first(usage, name, sizeof(name));
	complain("%s%s: usage: nslens %s [OPTIONS]%s%s",
		 nr < least ? name : "too many arguments",
		 nr < least ? " is missing" : "", usage->verb,
		 usage->args[0] ? " " : "", usage->args);
	exit(own_status(usage));
}
