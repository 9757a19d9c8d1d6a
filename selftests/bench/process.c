// SPDX-License-Identifier: GPL-2.0
/*
 * What whole processes cost, from posix_spawn(), which is vfork() and exec(),
 * until they are reaped: nslens, and what people use instead. Each is run to
 * compare what it prints before it is timed, so that its files are cached.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "process.h"

#define ROUNDS	5
#define TRIES	20	/* to compare while no task comes or goes */

#define NS_COLUMNS	"NS,TYPE,NPROCS,PID,USER,COMMAND"
#define TASK_COLUMNS	"pid,pidns,mntns,netns"

/**
 * struct contest - two commands that tell the same
 * @peer: what people use, as it is timed
 * @own: what nslens offers instead
 * @peer_says: @peer with the output that is compared, if that is another
 * @own_says: likewise
 * @limit: milliseconds that @own may cost
 * @more: nslens may list more than the peer
 */
struct contest {
	const char *peer[8];
	const char *own[8];
	const char *peer_says[8];
	const char *own_says[8];
	double limit;
	bool more;
};

/*
 * 1/100 of what the peers were first measured at, 3.11 s and 4.0 s. Here they
 * take less; from the guest's 9p root it differs a lot from run to run.
 */
#define LS_LIMIT	31
#define PS_LIMIT	40

static const struct contest contests[] = {
	{
		.peer = { "lsns" },
		.own = { "nslens", "ls" },
		.peer_says = { "lsns", "-nr", "-o", NS_COLUMNS },
		.own_says = { "nslens", "ls", "-nr", "-o", NS_COLUMNS },
		.limit = LS_LIMIT,
		.more = true,
	}, {
		.peer = { "ps", "-eo", TASK_COLUMNS },
		.own = { "nslens", "ps", "-o", TASK_COLUMNS },
		.peer_says = { "ps", "--no-headers", "-eo", TASK_COLUMNS },
		.own_says = { "nslens", "ps", "-nr", "-o", TASK_COLUMNS },
		.limit = PS_LIMIT,
	}, {
		.peer = { "ps", "-eo", TASK_COLUMNS },
		.own = { "nslens", "ps" },
		.limit = PS_LIMIT,
	},
};

#define NR_CONTESTS	(sizeof(contests) / sizeof(contests[0]))

/* What a process costs before and after it does what it is for. */
static const char *const startups[][4] = {
	{ "true" },
	{ "nslens", "--version" },
	{ "nslens", "ps", "self" },
};

#define NR_STARTUPS	(sizeof(startups) / sizeof(startups[0]))

static void name_of(const char *const *argv, char *name, size_t size)
{
	size_t used = 0;

	for (; *argv && used < size; argv++)
		used += snprintf(name + used, size - used, "%s%s",
				 used ? " " : "", *argv);
}

/* Run a command until it ends, with its output to @out. Return: its PID. */
static pid_t run(const char *const *argv, int out)
{
	posix_spawn_file_actions_t actions;
	int status, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL,
			     (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		errx(1, "%s: %s", argv[0], strerror(error));
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "%s %s failed: wait status %#x", argv[0],
		     argv[1] ? argv[1] : "", status);
	return pid;
}

/* --- what they print --- */

struct lines {
	char *text;
	char **at;
	size_t nr;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One blank where there are many, none at the start. */
static void squeeze(char *line)
{
	char *to = line;

	for (; *line; line++)
		if (*line != ' ' || (line[1] && line[1] != ' '))
			*to++ = *line;
	*to = '\0';
}

static char *slurp(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, size + 1);

	if (!text || pread(fd, text, size, 0) != size)
		err(1, "reading output");
	return text;
}

/* The lines that a command prints, sorted, without that of its own process. */
static struct lines listing(const char *const *argv)
{
	int out = memfd_create("output", MFD_CLOEXEC);
	pid_t own = run(argv, out);
	struct lines lines = { .text = slurp(out) };
	char *rest = lines.text, *line;

	close(out);
	lines.at = calloc(strlen(rest) / 2 + 1, sizeof(*lines.at));
	if (!lines.at)
		err(1, NULL);
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " ");
		squeeze(line);
		if (*line && atoi(line) != own)
			lines.at[lines.nr++] = line;
	}
	qsort(lines.at, lines.nr, sizeof(*lines.at), by_text);
	return lines;
}

static void lines_free(struct lines *lines)
{
	free(lines->text);
	free(lines->at);
}

/* How many of @some are not among @all; @first becomes one of these. */
static size_t missing(const struct lines *some, const struct lines *all,
		      const char **first)
{
	size_t nr = 0, i;

	for (i = 0; i < some->nr; i++) {
		if (bsearch(&some->at[i], all->at, all->nr, sizeof(*all->at),
			    by_text))
			continue;
		*first = some->at[i];
		nr++;
	}
	return nr;
}

static bool are_equal(const struct lines *a, const struct lines *b)
{
	const char *first;

	return a->nr == b->nr && !missing(a, b, &first);
}

/* Do they tell the same? Asked of a moment in which nothing changes. */
static bool agree(const struct contest *c)
{
	struct lines before, peer, own;
	const char *first = NULL;
	size_t differ = 0;
	bool still = false;
	int i;

	for (i = 0; i < TRIES && !still; i++) {
		before = listing(c->own_says);
		peer = listing(c->peer_says);
		own = listing(c->own_says);
		still = are_equal(&before, &own);
		differ = missing(&peer, &own, &first);
		if (!c->more)
			differ += missing(&own, &peer, &first);
		if (still)
			printf("%s lists %zu, nslens %zu; %zu differ%s%s\n",
			       c->peer[0], peer.nr, own.nr, differ,
			       first ? ", such as " : "", first ? first : "");
		lines_free(&before);
		lines_free(&peer);
		lines_free(&own);
	}
	if (!still)
		printf("%s: tasks came and went in each of %d tries\n",
		       c->peer[0], TRIES);
	return still && !differ;
}

/* --- what they cost --- */

struct cost {
	double least;
	double median;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Milliseconds, with the output to /dev/null. */
static struct cost cost_of(const char *const *argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	double ms[ROUNDS];
	int i;

	if (null < 0)
		err(1, "/dev/null");
	for (i = 0; i < ROUNDS; i++) {
		double start = now();

		run(argv, null);
		ms[i] = now() - start;
	}
	close(null);
	qsort(ms, ROUNDS, sizeof(*ms), by_value);
	return (struct cost){ ms[0], ms[ROUNDS / 2] };
}

static struct cost report(const char *const *argv)
{
	struct cost cost = cost_of(argv);
	char name[64];

	name_of(argv, name, sizeof(name));
	printf("%-40s %9.3f ms, at least %9.3f ms", name, cost.median,
	       cost.least);
	return cost;
}

/* Return: does nslens cost too much, or tell something else? */
static bool hold(const struct contest *c)
{
	struct cost peer, own;
	bool slow;

	if (c->peer_says[0] && !agree(c))
		return true;
	peer = report(c->peer);
	putchar('\n');
	own = report(c->own);
	slow = own.median > c->limit;
	printf(" (limit %.0f), 1/%.0f%s\n", c->limit,
	       peer.median / own.median, slow ? "  TOO SLOW" : "");
	fflush(stdout);
	return slow;
}

/* The first run takes what later ones find done. */
static void tell(const char *const *argv)
{
	struct lines lines = listing(argv);

	lines_free(&lines);
	report(argv);
	putchar('\n');
}

/**
 * bench_processes() - compare and time whole commands
 * @root: a folder with the commands and all that they need
 * @peers: run those that nslens is compared with, too; they take long
 *
 * This process has @root as its root directory afterwards.
 *
 * Return: how many targets were missed.
 */
unsigned int bench_processes(const char *root, int peers)
{
	unsigned int failures = 0;
	size_t i;

	if (chroot(root) || chdir("/"))
		err(1, "%s", root);
	for (i = 0; i < NR_STARTUPS; i++)
		tell(startups[i]);
	for (i = 0; i < NR_CONTESTS; i++) {
		if (peers)
			failures += hold(&contests[i]);
		else
			tell(contests[i].own);
	}
	return failures;
}
