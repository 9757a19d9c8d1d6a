// SPDX-License-Identifier: GPL-2.0
/*
 * The module under fire. Each part prints one line, and says why if it fails.
 *
 * usage: storm [-t] [PART[=N]...]
 *
 * N is how much of what the part does; -t is for a run among the other
 * selftests, which takes less of it, and prints KTAP.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "part.h"

static const struct part parts[] = {
	{ "reload", part_reload, 500, 20, "times",
	  "load and unload while it is used by who is killed" },
	{ "long", part_long, 600, 10, "seconds",
	  "eight sessions of a storm, whose counts balance" },
	{ "dying", part_dying, 30000, 1000, "tasks",
	  "dumps of tasks that end meanwhile" },
	{ "deep", part_deep, 32, 32, "levels",
	  "the deepest PID namespace that there can be" },
	{ "fds", part_fds, 65536, 8192, "descriptors",
	  "a task with many open files" },
	{ "netns", part_netns, 10000, 100, "namespaces",
	  "many network namespaces" },
	{ "hotplug", part_hotplug, 30, 2, "times",
	  "a CPU that goes and comes while there is tracing" },
	{ "reader", part_reader, 30, 1, "times",
	  "readers that are stopped and go on" },
	{ "oom", part_oom, 10, 1, "times",
	  "a reader that is killed for want of memory" },
};

#define NR_PARTS	(sizeof(parts) / sizeof(parts[0]))

/* What a part tells, in memory that it shares with who prints. */
static char *told;

#define TOLD_SIZE	4096

/* Behind what has been told, or instead of it. */
static void tell(bool instead, const char *text, va_list args)
{
	size_t length = instead ? 0 : strlen(told);

	vsnprintf(told + length, TOLD_SIZE - length, text, args);
}

/**
 * say() - add to the line of result
 * @text: as printf()
 */
void say(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	tell(false, text, args);
	va_end(args);
}

/**
 * end_with() - say why a part ends here, see fail() and skip()
 * @status: what it ends with
 * @text: as printf()
 *
 * Return: @status
 */
int end_with(int status, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	tell(true, text, args);
	va_end(args);
	return status;
}

/**
 * seconds() - since some time
 */
double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/**
 * patience() - how long something may take in the kernel that runs
 * @most: seconds, in one that does not watch itself
 */
double patience(double most)
{
	bool watches = !access("/sys/kernel/debug/kmemleak", F_OK) ||
		       !access("/sys/kernel/debug/kcsan", F_OK);

	return watches ? 6 * most : most;
}

/**
 * dice() - a number, other ones in each process
 * @sides: how many there are, from 0
 */
unsigned int dice(unsigned int sides)
{
	static unsigned int state;
	static pid_t whose;

	if (whose != getpid()) {
		whose = getpid();
		state = whose * 2654435761U;
	}
	state = state * 1103515245 + 12345;
	return (state >> 16) % sides;
}

/* In a process of its own, whose children end with it. */
static int run(const struct part *part, unsigned int n)
{
	int status = 0;
	pid_t pid;

	*told = '\0';
	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(part->run(n));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return fail("no process to run it in");
	if (WIFSIGNALED(status))
		return fail("it died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void print_tap(unsigned int i, const struct part *part, int status)
{
	if (status && status != SKIPPED)
		printf("# %s\n", told);
	printf("%s %u %s%s%s\n", status && status != SKIPPED ? "not ok" : "ok",
	       i, part->about, status == SKIPPED ? " # SKIP " : "",
	       status == SKIPPED ? told : "");
}

static void print_line(const struct part *part, int status, double took)
{
	const char *verdict = "FAIL";

	if (!status)
		verdict = "ok";
	else if (status == SKIPPED)
		verdict = "skip";
	printf("%-5s%-9s%s  (%.0f s)\n", verdict, part->name, told, took);
}

/* PART or PART=N */
static const struct part *find(const char *word)
{
	size_t length = strcspn(word, "=");
	unsigned int i;

	for (i = 0; i < NR_PARTS; i++)
		if (strlen(parts[i].name) == length &&
		    !strncmp(parts[i].name, word, length))
			return &parts[i];
	return NULL;
}

static int usage(void)
{
	unsigned int i;

	fprintf(stderr, "usage: storm [-t] [PART[=N]...]\n\n");
	for (i = 0; i < NR_PARTS; i++)
		fprintf(stderr, "  %-9s%s; N %s [%u]\n", parts[i].name,
			parts[i].about, parts[i].unit, parts[i].n);
	return 2;
}

int main(int argc, char **argv)
{
	bool tap = argc > 1 && !strcmp(argv[1], "-t");
	int i, first = tap ? 2 : 1, failed = 0, skipped = 0;

	told = mmap(NULL, TOLD_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || first == argc)
		return usage();
	for (i = first; i < argc; i++)
		if (!find(argv[i]))
			return usage();
	if (tap)
		printf("TAP version 13\n1..%d\n", argc - first);
	for (i = first; i < argc; i++) {
		const struct part *part = find(argv[i]);
		const char *n = strchr(argv[i], '=');
		double start = seconds();
		int status = run(part, n ? strtoul(n + 1, NULL, 10) :
				 tap ? part->brief : part->n);

		if (status == SKIPPED)
			skipped = SKIPPED;
		else if (status)
			failed = 1;
		if (tap)
			print_tap(i - first + 1, part, status);
		else
			print_line(part, status, seconds() - start);
	}
	/* Of a part that was asked for by its name, that is no success. */
	return failed ?: tap ? 0 : skipped;
}
