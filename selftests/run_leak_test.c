// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run leaves nothing behind, however it ends: all that there is of what it
 * makes is counted before and after 1,000 runs, 200 of each kind.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/lens-ns.h"
#include "lib/tool.h"

#define RUNS		200
#define AT_ONCE		8
#define SETTLE_S	60

enum {
	FDS, MOUNTS, CGROUPS, PROCESSES, NAMESPACES, RUN_FILES, TMP_FILES,
	ROOTFS_FILES, SESSION_KEYRINGS, NR_COUNTS
};

static const char * const count_names[NR_COUNTS] = {
	[FDS]		   = "open files of the caller",
	[MOUNTS]	   = "mounts",
	[CGROUPS]	   = "cgroups",
	[PROCESSES]	   = "processes",
	[NAMESPACES]	   = "namespaces",
	[RUN_FILES]	   = "files in /run",
	[TMP_FILES]	   = "files in /tmp",
	[ROOTFS_FILES]	   = "files in the root file system",
	[SESSION_KEYRINGS] = "session keyrings",
};

FIXTURE(run_leak)
{
	struct tool *tool;
	struct lens lens;
	char box[64];
};

#define MAX_ARGS	10

FIXTURE_VARIANT(run_leak)
{
	int status;
	bool killed;
	const char *command[MAX_ARGS];
};

/* "BOX" is the root file system. */
/* clang-format off */
FIXTURE_VARIANT_ADD(run_leak, when_it_succeeds) {
	.command = { "--user", "--time", "--rootfs", "BOX", "true" },
};

FIXTURE_VARIANT_ADD(run_leak, of_an_unknown_command) {
	.status = 127,
	.command = { "--user", "--time", "--rootfs", "BOX", "no-such-command" },
};

FIXTURE_VARIANT_ADD(run_leak, with_a_bad_rootfs) {
	.status = 125,
	.command = { "--rootfs", "/no/such/root", "true" },
};

FIXTURE_VARIANT_ADD(run_leak, when_a_step_fails) {
	/* All is mounted by then. */
	.status = 125,
	.command = {
		"--rootfs", "BOX", "--hostname",
		"a-name-that-is-longer-than-the-sixty-four-bytes-that-the-kernel-has-for-it",
		"true"
	},
};

FIXTURE_VARIANT_ADD(run_leak, when_it_is_killed) {
	.killed = true,
	.command = { "--user", "--time", "--rootfs", "BOX", "sleep", "1000" },
};

/* clang-format on */

FIXTURE_SETUP(run_leak)
{
	setup_lens(_metadata, &self->lens);
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->box, sizeof(self->box)));
}

FIXTURE_TEARDOWN(run_leak)
{
	lens_close(&self->lens);
	rootfs_remove(self->box);
	free(self->tool);
}

static unsigned int nr_seen;
static bool folders_only;

static int see(const char *path, const struct stat *status, int type,
	       struct FTW *ftw)
{
	nr_seen += !folders_only || type == FTW_D;
	return 0;
}

static unsigned int count_tree(const char *dir, bool folders)
{
	nr_seen = 0;
	folders_only = folders;
	nftw(dir, see, 8, FTW_PHYS);
	return nr_seen;
}

static unsigned int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* Lines of a file that have this in them. */
static unsigned int count_in(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	unsigned int n = 0;
	char line[4096];

	while (file && fgets(line, sizeof(line), file))
		n += !!strstr(line, text);
	if (file)
		fclose(file);
	return n;
}

/* Those of the kernel have no program; they come and go. */
static unsigned int count_processes(void)
{
	static struct pid_list list;
	unsigned int i, n = 0;
	char link[8];

	proc_list(0, &list);
	for (i = 0; i < list.n; i++)
		n += readlink(format("/proc/%d/exe", list.v[i]), link,
			      sizeof(link)) > 0;
	return n;
}

static void take_stock(struct lens *lens, const char *box,
		       unsigned int *counts)
{
	static struct ns_records namespaces;

	namespaces.type = ALL_TYPES;
	namespaces.n = 0;
	if (lens_ns_list(lens, &namespaces))
		namespaces.n = 0;
	counts[FDS] = count_entries("/proc/self/fd");
	counts[MOUNTS] = count_in("/proc/self/mountinfo", "\n");
	counts[CGROUPS] = count_tree("/sys/fs/cgroup", true);
	counts[PROCESSES] = count_processes();
	counts[NAMESPACES] = namespaces.n;
	counts[RUN_FILES] = count_tree("/run", false);
	counts[TMP_FILES] = count_entries("/tmp");
	counts[ROOTFS_FILES] = count_tree(box, false);
	counts[SESSION_KEYRINGS] = count_in("/proc/keys", " keyring   _ses");
}

/* What the first of all has left may yet have been there before, and be gone. */
static bool is_more(const unsigned int *before, const unsigned int *after)
{
	unsigned int i;

	for (i = 0; i < NR_COUNTS; i++)
		if (after[i] > before[i])
			return true;
	return false;
}

/* The kernel takes namespaces and keyrings apart when it gets to it. */
static void take_stock_at_rest(struct lens *lens, const char *box,
			       const unsigned int *before, unsigned int *after)
{
	time_t end = time(NULL) + SETTLE_S;

	do {
		take_stock(lens, box, after);
	} while (is_more(before, after) && time(NULL) < end && !sched_yield());
}

static pid_t start(char * const *argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
						 O_RDWR, 0);
	posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static int reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

/*
 * Kill one after another at a moment of its own, from before it has made
 * anything to when the command runs: not a wait, there is nothing to wait for.
 */
static void kill_meanwhile(pid_t pid, unsigned int nth)
{
	struct timespec moment = { .tv_nsec = nth * 300000L };

	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
}

/* Returns how many ended otherwise than they should. */
static unsigned int run_many(char * const *argv, int status, bool killed)
{
	unsigned int i, j, wrong = 0;
	pid_t pids[AT_ONCE];

	for (i = 0; i < RUNS; i += AT_ONCE) {
		for (j = 0; j < AT_ONCE; j++)
			pids[j] = start(argv);
		for (j = 0; j < AT_ONCE && killed; j++)
			kill_meanwhile(pids[j], i / AT_ONCE);
		for (j = 0; j < AT_ONCE; j++)
			wrong += reap(pids[j]) != (killed ? 128 + SIGKILL :
							    status);
	}
	return wrong;
}

TEST_F(run_leak, leaves_nothing_behind)
{
	char *argv[MAX_ARGS + 3] = { "nslens", "run" };
	unsigned int before[NR_COUNTS], after[NR_COUNTS], i;

	for (i = 0; i < MAX_ARGS && variant->command[i]; i++)
		argv[i + 2] = !strcmp(variant->command[i], "BOX") ? self->box :
			      (char *)variant->command[i];
	/* What the first of all brings with it is no leak. */
	if (!variant->killed)
		ASSERT_EQ(variant->status, reap(start(argv)));

	take_stock(&self->lens, self->box, before);
	EXPECT_EQ(0, run_many(argv, variant->status, variant->killed));
	take_stock_at_rest(&self->lens, self->box, before, after);
	for (i = 0; i < NR_COUNTS; i++) {
		EXPECT_LT(0, before[i] + (i == SESSION_KEYRINGS));
		EXPECT_GE(before[i], after[i]) {
			TH_LOG("%s", count_names[i]);
		}
	}
}

TEST_HARNESS_MAIN
