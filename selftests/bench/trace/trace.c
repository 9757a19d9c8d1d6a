// SPDX-License-Identifier: GPL-2.0
/*
 * What tracing costs those who are traced: fork, exec and exit of a program that
 * ends at once, while nobody listens and while everything is traced, the cost of
 * who listens included. One after the other again and again, since what a system
 * has done before changes what it costs by more than is looked for. Meant for
 * scripts/vm --icount, where a nanosecond is an instruction.
 *
 * usage: trace NOOP ROUNDS SPAWNS BOMB
 *
 * NOOP is the program, on a tmpfs. BOMB processes are made as fast as can be,
 * of which no event may be lost.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS	64
#define MODULE		"/run/vm/nslens.ko"
#define IDLE_LIMIT	0.2	/* percent */
#define TRACED_LIMIT	2.0	/* percent */

static const char *noop;
static unsigned int failures;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static pid_t spawn(char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (out >= 0) {
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	}
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		err(1, "%s", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void run(char *const argv[])
{
	int status;

	if (waitpid(spawn(argv, -1), &status, 0) < 0 || status)
		errx(1, "%s failed", argv[0]);
}

/* Return: us a process. */
static double spawns(unsigned int n)
{
	char *const argv[] = { (char *)noop, NULL };
	double start = now();
	unsigned int i;
	pid_t pid;

	for (i = 0; i < n; i++) {
		if (posix_spawn(&pid, noop, NULL, NULL, argv, NULL))
			err(1, "%s", noop);
		waitpid(pid, NULL, 0);
	}
	return (now() - start) / n;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}

/* Where a session that traces this process is listed. */
static int is_traced(void)
{
	static char line[4096];
	FILE *file = fopen("/proc/nslens/traced", "r");
	unsigned int pid;
	int found = 0;

	if (!file)
		err(1, "/proc/nslens/traced");
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*s %u", &pid) == 1 &&
			pid == (unsigned int)getpid();
	fclose(file);
	return found;
}

/* Trace everything and count it. */
static pid_t listen_in(int out)
{
	char *const argv[] = { "nslens", "trace", "--all", "--summary", NULL };
	pid_t pid = spawn(argv, out);

	while (!is_traced())
		if (waitpid(pid, NULL, WNOHANG) == pid)
			errx(1, "nslens trace has ended");
	return pid;
}

static void stop_listening(pid_t pid)
{
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);
}

static void verdict(const char *what, double cost, double base, double limit)
{
	double percent = (cost / base - 1) * 100;
	int failed = limit && percent > limit;

	printf("%-24s %9.3f us %+7.2f %%", what, cost, percent);
	if (limit)
		printf("   limit %.1f %%%s", limit, failed ? "   TOO SLOW" : "");
	printf("\n");
	failures += failed;
}

static void compare(unsigned int rounds, unsigned int n)
{
	char *const insert[] = { "insmod", MODULE, NULL };
	char *const drop[] = { "rmmod", "nslens", NULL };
	double without[MAX_ROUNDS], idle[MAX_ROUNDS], traced[MAX_ROUNDS];
	double base;
	unsigned int i;
	pid_t pid;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	/* Once through all of it, so that everything is in memory. */
	for (i = 0; i <= rounds; i++) {
		run(drop);
		without[i ? i - 1 : 0] = spawns(n);
		run(insert);
		idle[i ? i - 1 : 0] = spawns(n);
		pid = listen_in(null);
		traced[i ? i - 1 : 0] = spawns(n);
		stop_listening(pid);
	}
	close(null);
	base = median(without, rounds);
	verdict("module not loaded", base, base, 0);
	verdict("loaded, nobody listens", median(idle, rounds), base, IDLE_LIMIT);
	verdict("everything is traced", median(traced, rounds), base,
		TRACED_LIMIT);
}

/* What the helper says at the end. */
static void bomb(unsigned int n)
{
	static char text[16384];
	int out[2], lost;
	ssize_t len, used = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		err(1, "pipe");
	pid = listen_in(out[1]);
	spawns(n);
	stop_listening(pid);
	close(out[1]);
	while (used < (ssize_t)sizeof(text) - 1 &&
	       (len = read(out[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += len;
	close(out[0]);
	lost = !strstr(text, "none lost");
	printf("%u processes: %s\n", n, lost ? "EVENTS WERE LOST" : "no event lost");
	if (lost)
		fputs(text, stdout);
	failures += lost;
}

int main(int argc, char **argv)
{
	if (argc != 5 || atoi(argv[2]) > MAX_ROUNDS)
		errx(2, "usage: %s NOOP ROUNDS SPAWNS BOMB", argv[0]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	noop = argv[1];
	compare(atoi(argv[2]), atoi(argv[3]));
	if (atoi(argv[4]))
		bomb(atoi(argv[4]));
	return failures ? 1 : 0;
}
