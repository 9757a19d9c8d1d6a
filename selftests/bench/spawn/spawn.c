// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to run a program in new namespaces: nslens and others, each from
 * posix_spawn() until it is reaped, after what they made has been compared.
 * Meant for scripts/vm --icount, where a nanosecond is an instruction.
 *
 * usage: spawn ROOT ROUNDS SPAWNS
 *
 * ROOT is what make-box made, on a tmpfs.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_ROUNDS	64
#define COMMAND		"/bin/command"

/**
 * struct runner - one way to run COMMAND in /box
 * @name: of the row
 * @argv: how it is called
 * @lacks: the type of namespace that it cannot make, or NULL
 * @loopback: it sets the loopback device up, as nslens does
 * @least: how many times as long as nslens it has to take, 0 for no limit
 */
struct runner {
	const char *name;
	const char *argv[64];
	const char *lacks;
	bool loopback;
	double least;
};

static struct runner runners[] = {
	{ "nslens run",
	  { "nslens", "run", "--user", "--time", "--rootfs", "/box", COMMAND },
	  NULL, true, 0 },
	{ "bwrap",
	  { "bwrap", "--unshare-all", "--unshare-user", "--unshare-cgroup",
	    "--as-pid-1", "--die-with-parent", "--new-session",
	    "--bind", "/box", "/", "--proc", "/proc", "--ro-bind", "/sysfs",
	    "/sys", "--dev", "/dev", "--tmpfs", "/dev/shm", "--mqueue",
	    "/dev/mqueue" /* and what hide_as_nslens() adds */ },
	  "time", true, 1 },
	{ "crun run",
	  { "crun", "--cgroup-manager=disabled", "run", "--bundle", "/bundle",
	    "box" },
	  NULL, true, 2 },
	{ "unshare",
	  { "unshare", "--fork", "--pid", "--mount", "--uts", "--ipc", "--net",
	    "--cgroup", "--time", "--map-root-user", "--kill-child",
	    "--root=/box", "--mount-proc=/proc", COMMAND },
	  NULL, false, 0 },
};

#define NR_RUNNERS	ARRAY_SIZE(runners)
#define BWRAP		1

/* What nslens hides, as do crun's maskedPaths in config.json. */
static const char * const hidden[] = {
	"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list", "/proc/timer_stats",
	"/sys/devices/virtual/powercap", "/sys/firmware",
};

static unsigned int failures;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/*
 * The tree becomes the root of a mount namespace of its own: no user namespace
 * can be made in a mere chroot.
 */
static void enter_root(const char *dir)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(dir, dir, NULL, MS_BIND | MS_REC, NULL) || chdir(dir) ||
	    syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
	    chdir("/"))
		err(1, "making %s the root", dir);
}

/*
 * bwrap wants to be told of each, and only of those that are there. What nslens
 * makes read-only it does by itself, all but this.
 */
static void hide_as_nslens(const char **argv)
{
	struct stat status;
	unsigned int i;

	while (*argv)
		argv++;
	*argv++ = "--ro-bind";
	*argv++ = "/proc/fs";
	*argv++ = "/proc/fs";
	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (stat(hidden[i], &status))
			continue;
		if (S_ISDIR(status.st_mode)) {
			*argv++ = "--tmpfs";
		} else {
			*argv++ = "--ro-bind";
			*argv++ = "/dev/null";
		}
		*argv++ = hidden[i];
	}
	*argv = COMMAND;
}

/* All run the same path, so that what is run can be changed here. */
static void set_command(const char *name)
{
	unlink("/box" COMMAND);
	if (link(name, "/box" COMMAND))
		err(1, "%s", name);
}

static pid_t spawn(const struct runner *runner, int out)
{
	static const char * const env[] = { "PATH=/bin", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, 1);
	errno = posix_spawnp(&pid, runner->argv[0], &actions, NULL,
			     (char **)runner->argv, (char **)env);
	if (errno)
		err(1, "%s", runner->argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void reap(const struct runner *runner, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "%s: wait status %#x", runner->name, status);
}

/* What is to be seen inside; kept in memory that is never freed. */
static char *look_inside(const struct runner *runner)
{
	size_t size = 1 << 16, used = 0;
	char *text = calloc(1, size);
	int out[2];
	ssize_t n;
	pid_t pid;

	if (!text || pipe2(out, O_CLOEXEC))
		err(1, "%s", runner->name);
	pid = spawn(runner, out[1]);
	close(out[1]);
	while ((n = read(out[0], text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	close(out[0]);
	reap(runner, pid);
	return text;
}

static void expect(const struct runner *runner, bool holds, const char *what)
{
	if (holds)
		return;
	printf("%s: NOT SO: %s\n", runner->name, what);
	failures++;
}

static bool has_line(const char *text, const char *line)
{
	const char *at = text;
	size_t len = strlen(line);

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
		at += len;
	}
	return false;
}

/* Each namespace differs from ours, but for the type that is no runner's. */
static void compare_namespaces(const struct runner *runner, const char *inside)
{
	static const char * const types[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
	};
	char text[128];
	struct stat status;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		bool lacks = runner->lacks && !strcmp(runner->lacks, types[i]);

		snprintf(text, sizeof(text), "/proc/self/ns/%s", types[i]);
		if (stat(text, &status))
			err(1, "%s", text);
		snprintf(text, sizeof(text), "ns %s %lu", types[i],
			 (unsigned long)status.st_ino);
		if (has_line(inside, text) != lacks) {
			printf("%s: %s namespace: NOT %s\n", runner->name,
			       types[i], lacks ? "OURS" : "NEW");
			failures++;
		}
	}
}

/*
 * Print the mounts that the one has and the other has not.
 * Return: how many.
 */
static unsigned int print_missing(const char *one, const char *other,
				  const char *sign)
{
	unsigned int n = 0;
	char line[512];
	const char *at;

	for (at = one; *at; at += strcspn(at, "\n") + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		if (strncmp(line, "mount ", 6) || has_line(other, line))
			continue;
		printf("%s %s", sign, line + 6);
		sign = ",";
		n++;
	}
	return n;
}

static void compare_mounts(const struct runner *runner, const char *inside,
			   const char *nslens)
{
	unsigned int more = 0;

	printf("%-12s", runner->name);
	if (inside == nslens) {
		print_missing(inside, "", " mounts");
	} else {
		printf(" mounts the same");
		print_missing(nslens, inside, " without");
		more = print_missing(inside, nslens, " and");
	}
	printf("\n");
	expect(runner, !more, "nslens mounts all that it does");
}

static void compare_work(void)
{
	char *nslens = NULL;
	unsigned int i;

	set_command("/box/bin/inside");
	for (i = 0; i < NR_RUNNERS; i++) {
		const struct runner *runner = &runners[i];
		char *inside = look_inside(runner);

		nslens = nslens ?: inside;
		compare_namespaces(runner, inside);
		expect(runner, has_line(inside, "pid 1"), "it is PID 1");
		expect(runner, has_line(inside, "uid 0"), "it is user 0");
		expect(runner, has_line(inside, "root box"),
		       "the box is its root");
		expect(runner, has_line(inside, "mount /proc proc"),
		       "proc is mounted");
		expect(runner, has_line(inside, "loopback up") ||
		       !runner->loopback, "loopback is up");
		compare_mounts(runner, inside, nslens);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Return: ms a process. */
static double spawns(const struct runner *runner, unsigned int n)
{
	double start = now();

	for (unsigned int i = 0; i < n; i++)
		reap(runner, spawn(runner, -1));
	return (now() - start) / n;
}

/* One after the other again and again, as in bench/trace. */
static void compare_times(unsigned int rounds, unsigned int n)
{
	static double times[NR_RUNNERS][MAX_ROUNDS];
	unsigned int i, round;
	double median, base;

	set_command("/box/bin/noop");
	for (round = 0; round <= rounds; round++)
		for (i = 0; i < NR_RUNNERS; i++)
			times[i][round ? round - 1 : 0] =
				spawns(&runners[i], n);

	for (i = 0; i < NR_RUNNERS; i++) {
		const struct runner *runner = &runners[i];
		bool failed;

		qsort(times[i], rounds, sizeof(times[i][0]), by_value);
		median = times[i][rounds / 2];
		base = i ? base : median;
		failed = median < base * runner->least;
		printf("%-12s %8.3f ms  %5.2f times nslens  (%.3f to %.3f)",
		       runner->name, median, median / base, times[i][0],
		       times[i][rounds - 1]);
		if (runner->least)
			printf("   at least %.1f%s", runner->least,
			       failed ? "   TOO SLOW" : "");
		printf("\n");
		failures += failed;
	}
}

int main(int argc, char **argv)
{
	if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > MAX_ROUNDS)
		errx(2, "usage: %s ROOT ROUNDS SPAWNS", argv[0]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	enter_root(argv[1]);
	if (setenv("PATH", "/bin", 1))
		err(1, "PATH");
	hide_as_nslens(runners[BWRAP].argv);
	compare_work();
	compare_times(atoi(argv[2]), atoi(argv[3]));
	return failures ? 1 : 0;
}
