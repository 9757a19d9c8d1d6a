// SPDX-License-Identifier: GPL-2.0
/* nslens trace: what happens to tasks. What it is asked for is read here. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nslens.h"
#include "options.h"
#include "target.h"
#include "trace.h"

enum { OPT_EXISTS = OPT_LONG, OPT_DURATION, OPT_COUNT, OPT_TIME, OPT_COLOR };

static const struct opt opts[] = {
	{ "events", 'e', "LIST",
	  "only these kinds, separated by commas; ^ before the\n"
	  "list: all but these" },
	{ "follow", 'f', NULL,
	  "of a process also all descendants, born from now on" },
	{ "all", 'a', NULL, "trace everything that you may see" },
	{ "exists", OPT_EXISTS, NULL, "begin with the tasks that there are" },
	{ "duration", OPT_DURATION, "SECONDS", "end after so long" },
	{ "count", OPT_COUNT, "N", "end after N events" },
	{ "summary", 'c', NULL,
	  "print no events, but in the end how many there were" },
	{ "json", 'J', NULL, "print JSON, one object a line" },
	{ "noheadings", 'n', NULL, "print no headings" },
	{ "time", OPT_TIME, "CLOCK",
	  "time since the start of the trace (start), since\n"
	  "boot (boot), or of the day (wall) [start]" },
	{ "color", OPT_COLOR, "=WHEN", "auto, always or never [auto]" },
	{ "output", 'o', "FILE", "print to FILE" },
	{ "quiet", 'q', NULL, "no totals at the end" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"Events: fork, exec, exit, switch (to other namespaces, by setns or unshare),\n"
		"ns-create, ns-destroy, exists (with --exists); tasks for the first three, ns for\n"
		"the next three. What was lost is always told, and it costs the tasks no time.\n"
		"NSPID is the task's PID at every level, from here inwards; for a fork it is that\n"
		"of the new task. A level of PID namespaces indents a line.\n\n"
		"After -- comes a command, which is traced from its first instruction, with all\n"
		"its descendants; the exit status is then the command's, 128+n for signal n, 125\n"
		"if nslens itself failed, 126 or 127 if it cannot be executed or is not there.\n"
		"A trace of processes ends when they have ended, and with -f or a command, their\n"
		"descendants, and at most five seconds later, if that is what it takes until the\n"
		"namespaces that they made are destroyed. Others end with the command, unless\n"
		"--count or --duration says when; or go on until SIGINT or SIGTERM, which a\n"
		"command is given first. Totals go to standard error.\n\n"
		TARGET_HELP);
}

static const struct usage usage = {
	.verb = "trace",
	.args = "TARGET... | -- CMD [ARG...]",
	.about = "Show what happens to tasks and namespaces, at every level, as it happens.",
	.opts = opts,
	.more = more_help,
};

#define KINDS_OF_TASKS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC | \
			 NSLENS_EVENT_MASK_EXIT)
#define KINDS_OF_NS	(NSLENS_EVENT_MASK_SWITCH |			\
			 NSLENS_EVENT_MASK_NS_CREATE |			\
			 NSLENS_EVENT_MASK_NS_DESTROY)
#define KIND_LOST	(NSLENS_EVENT_MASK_EXISTS << 1)

static __u32 kinds_by_name(const char *name, size_t len)
{
	if (len == 5 && !memcmp(name, "tasks", len))
		return KINDS_OF_TASKS;
	if (len == 2 && !memcmp(name, "ns", len))
		return KINDS_OF_NS;
	for (int i = 0; i < NR_EVENT_KINDS; i++)
		if (strlen(event_kind_names[i]) == len &&
		    !memcmp(event_kind_names[i], name, len))
			return 1U << i;
	return 0;
}

static int set_events(struct trace *trace, const char *list)
{
	bool but = list[0] == '^';
	__u32 kinds = 0;

	for (const char *at = list + but; ; at++) {
		size_t len = strcspn(at, ",");
		__u32 some = kinds_by_name(at, len);

		if (!some) {
			complain("-e %s: %.*s is none of %s, %s", list, (int)len,
				 at, "fork, exec, exit, switch, ns-create",
				 "ns-destroy, exists; tasks, ns");
			return -EINVAL;
		}
		kinds |= some;
		at += len;
		if (!*at)
			break;
	}
	if (!but && kinds & NSLENS_EVENT_MASK_EXISTS)
		trace->exists = true;
	trace->mask = (but ? ~kinds & (KINDS_OF_TASKS | KINDS_OF_NS) : kinds) |
		      KIND_LOST;
	return 0;
}

static int set_duration(struct trace *trace, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	/* What is more than a century is a mistake. */
	if (end == text || *end || !(seconds > 0.0 && seconds < 4000000000.0)) {
		complain("--duration %s: want seconds, such as 10 or 0.5", text);
		return -EINVAL;
	}
	trace->duration = (__u64)(seconds * 1e9);
	return 0;
}

static int set_count(struct trace *trace, const char *text)
{
	char *end;

	errno = 0;
	trace->limit = strtoull(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || !trace->limit) {
		complain("--count %s: want how many events, 1 or more", text);
		return -EINVAL;
	}
	return 0;
}

/* Return: which of the words it is, or -1 after a complaint. */
static int choose(const char *option, const char *text,
		  const char * const words[3])
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(words[i], text))
			return i;
	complain("%s %s: want %s, %s or %s", option, text, words[0], words[1],
		 words[2]);
	return -1;
}

static int set_time(struct trace *trace, const char *text)
{
	static const char * const words[] = { "start", "boot", "wall" };
	int clock = choose("--time", text, words);

	if (clock >= 0)
		trace->clock = (enum trace_clock)clock;
	return clock;
}

static int set_color(struct trace *trace, const char *text)
{
	static const char * const words[] = { "auto", "always", "never" };
	int when = choose("--color", text ? text : "always", words);

	trace->color_set = when > 0;
	trace->color = when == 1;
	return when;
}

static int take_option(struct trace *trace, int opt)
{
	switch (opt) {
	case 'e':
		return set_events(trace, optarg);
	case 'f':
		trace->follow = true;
		return 0;
	case 'a':
		trace->all = true;
		return 0;
	case OPT_EXISTS:
		trace->exists = true;
		return 0;
	case OPT_DURATION:
		return set_duration(trace, optarg);
	case OPT_COUNT:
		return set_count(trace, optarg);
	case 'c':
		trace->summary = true;
		return 0;
	case 'J':
		trace->json = true;
		return 0;
	case 'n':
		trace->headings = false;
		return 0;
	case OPT_TIME:
		return set_time(trace, optarg);
	case OPT_COLOR:
		return set_color(trace, optarg);
	case 'o':
		trace->path = optarg;
		return 0;
	case 'q':
		trace->quiet = true;
		return 0;
	}
	return -EINVAL;
}

/* What is before "--" is nslens's, what follows the command's. */
static int find_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return i;
	return argc;
}

static int open_output(struct trace *trace)
{
	int fd = STDOUT_FILENO;
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	if (trace->path)
		fd = open(trace->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			  0666);
	if (fd < 0) {
		complain("%s: %s", trace->path, strerror(errno));
		return -1;
	}
	out_begin(&trace->out, fd, -1);
	if (!trace->color_set)
		trace->color = isatty(fd) && !(no_color && *no_color) &&
			       !(term && !strcmp(term, "dumb"));
	trace->style = trace->summary ? &trace_summary :
		       trace->json ? &trace_json : &trace_text;
	return 0;
}

static int add_targets(struct trace *trace, int nr, char **args)
{
	int err = trace->all ? trace_add(trace, NULL) : 0;

	for (int i = 0; i < nr && !err; i++)
		err = trace_add(trace, args[i]);
	return err;
}

/* After this there is a process that waits. */
static int add_command(struct trace *trace)
{
	int err = command_make(&trace->command, &trace->mask_before);

	if (err)
		return err;
	err = trace_add_pid(trace, (__u32)trace->command.pid);
	if (err)
		command_abandon(&trace->command);
	return err;
}

static int own_status(const struct trace *trace, int err)
{
	if (trace->command.argv)
		return EXIT_RUN_OWN;
	return err == -ESRCH || err == -ENOENT ? EXIT_PARTIAL : EXIT_OWN;
}

static int prepare_and_run(struct trace *trace, int nr, char **args)
{
	int err = add_targets(trace, nr, args);

	if (err)
		return own_status(trace, err);
	trace->family.grows = trace->follow || trace->command.argv;
	trace_block_signals(trace);
	if (trace->command.argv && add_command(trace))
		return EXIT_RUN_OWN;
	/* That nobody reads any more is found when writing. */
	signal(SIGPIPE, SIG_IGN);
	return trace_run(trace);
}

static int run_with_connection(struct trace *trace, int nr, char **args)
{
	int status;

	if (open_output(trace) || lens_open(&trace->ask))
		return own_status(trace, 0);
	if (family_begin(&trace->family)) {
		complain("%s", strerror(ENOMEM));
		status = own_status(trace, 0);
	} else {
		status = prepare_and_run(trace, nr, args);
		family_end(&trace->family);
	}
	nslens_close(&trace->ask);
	free(trace->targets);
	return status;
}

static struct trace *new_trace(void)
{
	/* Too large for the stack, and there is but one. */
	static struct trace trace;

	trace.mask = KINDS_OF_TASKS | KINDS_OF_NS | KIND_LOST;
	trace.headings = true;
	trace.command.pidfd = -1;
	return &trace;
}

/**
 * trace_command() - trace a command alone, as nslens trace -- CMD does
 * @argv: the command
 *
 * Return: the exit status.
 */
int trace_command(char **argv)
{
	struct trace *trace = new_trace();

	trace->command.argv = argv;
	return run_with_connection(trace, 0, NULL);
}

/**
 * cmd_trace() - show what happens to tasks
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_trace(int argc, char **argv)
{
	struct trace *trace = new_trace();
	int end = find_command(argc, argv);
	int opt;

	if (end < argc && argv[end + 1])
		trace->command.argv = argv + end + 1;
	while ((opt = opt_next(&usage, end, argv)) >= 0)
		if (take_option(trace, opt) < 0)
			return own_status(trace, 0);
	if (trace->exists)
		trace->mask |= NSLENS_EVENT_MASK_EXISTS;
	if (end == optind && !trace->all && !trace->command.argv) {
		complain("nothing to trace: %s",
			 "name a TARGET, or a command after --, or -a for all: see nslens trace --help");
		return EXIT_OWN;
	}
	return run_with_connection(trace, end - optind, argv + optind);
}
