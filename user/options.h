/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_OPTIONS_H
#define NSLENS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

/* Values of options without a letter start here, those of a table's at 512. */
#define OPT_LONG	256
#define OPT_TABLE	512

/* Of one verb. */
#define MAX_OPTS	120

/**
 * struct opt - an option of a verb: what getopt_long(3) and the help need
 * @name: its long name
 * @val: its letter, or a number from OPT_LONG on if it has none
 * @arg: name of its argument; NULL if it takes none; "=NAME" if it is optional
 * @help: what it does; further lines after '\n'
 */
struct opt {
	const char *name;
	int val;
	const char *arg;
	const char *help;
};

/**
 * struct opt_group - options that belong together, for verbs with many
 * @title: what they are about, for the help
 * @opts: the options, up to one without a name; values need to be different
 *	within the group only, but for letters
 * @take: note one of them: its value and its argument; returns 0, or a negative
 *	errno after a complaint
 * @settle: after all options of all groups were read, see whether they go
 *	together; so their order does not matter. Returns as @take; may be NULL
 *
 * Both get what was passed to opt_take().
 */
struct opt_group {
	const char *title;
	const struct opt *opts;
	int (*take)(void *what, int opt, const char *arg);
	int (*settle)(void *what);
};

/**
 * struct usage - a verb's command line, from which its help is printed
 * @verb: its name
 * @args: what follows it
 * @about: what it does
 * @opts: its options, up to one without a name
 * @more_opts: likewise, options that verbs share; may be NULL
 * @groups: instead of both, groups of options, up to NULL
 * @command: the first argument ends the options, since it is a command, whose
 *	exit status is the verb's
 * @more: prints the rest of the help; may be NULL
 */
struct usage {
	const char *verb;
	const char *args;
	const char *about;
	const struct opt *opts;
	const struct opt *more_opts;
	const struct opt_group *const *groups;
	bool command;
	void (*more)(FILE *out);
};

int opt_next(const struct usage *usage, int argc, char **argv);
int opt_take(const struct usage *usage, int argc, char **argv, void *what);
int opt_settle(const struct usage *usage, void *what);
int opt_count(const struct usage *usage, int argc, int least, int most);
int opt_finish(int status);

void complain_as(const char *verb);
void complain_within(const char *option, const char *arg);
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
