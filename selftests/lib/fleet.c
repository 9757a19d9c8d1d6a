// SPDX-License-Identifier: GPL-2.0
/* 200 containers of five kinds with 2,000 processes. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "fleet.h"
#include "ns_types.h"
#include "patience.h"
#include "proc.h"

#define BOX_FLAGS	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
			 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

/* How the processes of a container and the test find together. */
static int ready[2];
static int go[2];

static void idle(void)
{
	for (;;)
		pause();
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static void say_ready(void)
{
	check(write(ready[1], "", 1) == 1, "ready");
}

static void *thread(void *unused)
{
	say_ready();
	idle();
	return NULL;
}

static void start_threads(void)
{
	pthread_t unused;
	int i;

	for (i = 0; i < 2; i++)
		check(!pthread_create(&unused, NULL, thread, NULL), "thread");
}

/* @threads: of the last one, besides it. */
static void start_idlers(unsigned int n, int threads)
{
	while (n--) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid)
			continue;
		if (!n && threads)
			start_threads();
		idle();
	}
}

static pid_t clone_into(__u64 flags)
{
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* One id, that of its creator, as another. */
static void map_own_ids(unsigned int inside, unsigned int outside)
{
	char map[32];

	snprintf(map, sizeof(map), "%u %u 1\n", inside, outside);
	check(!write_file("/proc/self/setgroups", "deny"), "setgroups");
	check(!write_file("/proc/self/uid_map", map), "uid_map");
	check(!write_file("/proc/self/gid_map", map), "gid_map");
}

/* Id 0, then 3, then 5; /proc is the host's, and so knows who they are. */
static void nest(unsigned int level)
{
	static const unsigned int ids[BOX_LEVELS] = { 0, 3, 5 };
	pid_t pid;

	start_idlers(BOX_TASKS_AT(level) - 1, 0);
	if (level == BOX_LEVELS - 1)
		return;
	pid = clone_into(CLONE_NEWPID | CLONE_NEWUSER);
	check(pid >= 0, "clone3");
	if (pid)
		return;
	map_own_ids(ids[level + 1], ids[level]);
	nest(level + 1);
	say_ready();
	idle();
}

static void become_root(void)
{
	char byte;

	/* By then the test has written the maps. */
	check(read(go[0], &byte, 1) == 1, "go");
	check(!setresgid(0, 0, 0) && !setresuid(0, 0, 0), "setresuid");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1);
}

static void box(enum box_kind kind)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (kind == BOX_USER || kind == BOX_NESTED)
		become_root();
	if (kind == BOX_TIME)
		check(!unshare(ns_types[NSLENS_NS_TYPE_TIME].flag), "unshare");
	if (kind == BOX_NESTED)
		nest(0);
	else
		start_idlers(BOX_TASKS - 1, kind == BOX_THREADS);
	say_ready();
	idle();
}

static int map_ids(pid_t pid, unsigned int first)
{
	char path[64], map[64];
	int err;

	snprintf(map, sizeof(map), "0 %u %u\n", first, BOX_NR_IDS);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	err = write_file(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	err = err ?: write_file(path, map);
	return err ?: (write(go[1], "", 1) == 1 ? 0 : -errno);
}

/* Before it has a child of its own. */
static int enter_cgroup(const struct fleet *f)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/cgroup.procs", f->cgroup);
	return write_file(path, "0");
}

/* One that fails has said why on standard error. */
static int await(unsigned int n)
{
	struct pollfd one = { .fd = ready[0], .events = POLLIN };
	char byte;

	while (n--)
		if (poll(&one, 1, PATIENCE) != 1 ||
		    read(ready[0], &byte, 1) != 1)
			return -EPIPE;
	return 0;
}

static int start(struct fleet *f, unsigned int i)
{
	const enum box_kind kind = box_kind(i);
	int user = kind == BOX_USER || kind == BOX_NESTED;
	pid_t pid;
	int err = 0;

	pid = clone_into(BOX_FLAGS | (user ? CLONE_NEWUSER : 0));
	if (pid == 0) {
		if (box_in_cgroup(i))
			check(!enter_cgroup(f), "cgroup");
		box(kind);
	}
	if (pid < 0)
		return -errno;
	f->inits[f->n++] = pid;
	if (user)
		err = map_ids(pid, BOX_FIRST_ID(i));
	/* PID 1 of each level, and threads. */
	return err ?: await(kind == BOX_NESTED ? BOX_LEVELS :
			    kind == BOX_THREADS ? 3 : 1);
}

/**
 * fleet_make() - start all containers
 * @f: to fill in
 *
 * They die with the test.
 *
 * Return: 0 or -errno; fleet_end() ends what there is.
 */
int fleet_make(struct fleet *f)
{
	int err = 0;

	memset(f, 0, sizeof(*f));
	snprintf(f->cgroup, sizeof(f->cgroup), "/sys/fs/cgroup/nslens-fleet-%d",
		 getpid());
	if (mkdir(f->cgroup, 0755) < 0 || pipe(ready) < 0 || pipe(go) < 0)
		return -errno;
	while (!err && f->n < NR_BOXES)
		err = start(f, f->n);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
	return err;
}

/**
 * fleet_end() - kill all containers
 * @f: the fleet
 */
void fleet_end(struct fleet *f)
{
	unsigned int i;

	for (i = 0; i < f->n; i++)
		kill(f->inits[i], SIGKILL);
	for (i = 0; i < f->n; i++)
		waitpid(f->inits[i], NULL, 0);
	cgroup_remove(f->cgroup);
}
