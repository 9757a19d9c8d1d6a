// SPDX-License-Identifier: GPL-2.0
/*
 * What exists already and what comes after, without a seam: each task is told
 * in one way or the other, whatever is made meanwhile.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define EXISTS	NSLENS_EVENT_KIND_EXISTS
#define LOST	NSLENS_EVENT_KIND_LOST

#define HERD	300
#define STORMS	2
#define PID_MAX	4194304
#define KEPT	40	/* of each storm, before, while and after it is asked */

FIXTURE(exists)
{
	char ring_kb[32];
	struct session session;
	struct child child;
	struct herd herd;
};

FIXTURE_SETUP(exists)
{
	ASSERT_LT(0, read_file(RING_KB, self->ring_kb, sizeof(self->ring_kb)));
	/* A storm must have room, however long the drain is kept waiting. */
	ASSERT_EQ(0, write_file(RING_KB, "16384"));
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
}

FIXTURE_TEARDOWN(exists)
{
	child_end(&self->child);
	herd_end(&self->herd);
	session_close(&self->session);
	EXPECT_EQ(0, write_file(RING_KB, self->ring_kb));
}

/* Ask, and again until that is not refused: then all has been told. */
static int ask(struct session *s, struct target target)
{
	int err;

	do {
		err = session_set(s, &(struct trace_change){
			.add = { target }, .exists = true });
	} while (err == -EBUSY);
	if (err)
		return err;
	do {
		err = session_set(s, &(struct trace_change){ .exists = true });
	} while (err == -EBUSY);
	return err;
}

static unsigned int times_told(struct session *s, pid_t pid)
{
	return session_count(s, EXISTS, pid) + session_count(s, FORK, pid);
}

TEST_F(exists, is_told_as_proc_has_it)
{
	struct session *s = &self->session;
	struct child deep;

	ASSERT_EQ(0, child_spawn_in(&self->child, &deep, CLONE_NEWPID |
				    CLONE_NEWUTS | CLONE_NEWUSER));
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { EVERYTHING }, .exists = true }));
	ASSERT_NE(NULL, session_await(s, EXISTS, deep.pid));
	expect_event_as_proc(_metadata, deep.pid,
			     session_find(s, EXISTS, deep.pid));
	ASSERT_NE(NULL, session_find(s, EXISTS, self->child.pid));
	expect_event_as_proc(_metadata, self->child.pid,
			     session_find(s, EXISTS, self->child.pid));
	child_end(&deep);
}

/* All threads in /proc, and no others. */
TEST_F(exists, is_each_task_once)
{
	static struct pid_list all;
	struct session *s = &self->session;
	unsigned int i, own = 0;

	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	ASSERT_EQ(0, ask(s, EVERYTHING));
	ASSERT_EQ(0, proc_list(1, &all));
	/* A kernel thread may have come meanwhile. */
	ASSERT_EQ(0, session_sync(s));
	for (i = 0; i < all.n; i++) {
		EXPECT_EQ(1, times_told(s, all.v[i])) {
			TH_LOG("PID %d", all.v[i]);
		}
	}
	for (i = 0; i < HERD; i++)
		own += session_count(s, EXISTS, self->herd.pids[i]);
	EXPECT_EQ(HERD, own);
}

TEST_F(exists, is_only_what_the_targets_are)
{
	struct session *s = &self->session;
	struct child below;
	unsigned int i;

	ASSERT_EQ(0, child_spawn_in(&self->child, &below, 0));
	ASSERT_EQ(0, ask(s, (struct target){
		.ns = BY_INO(ns_ino(self->child.pid, "pid")) }));
	EXPECT_EQ(2, session_count(s, EXISTS, ANY_PID));
	EXPECT_EQ(1, session_count(s, EXISTS, self->child.pid));
	EXPECT_EQ(1, session_count(s, EXISTS, below.pid));
	/* Of a target that was there already nothing is told again. */
	ASSERT_EQ(0, session_forget(s));
	ASSERT_EQ(0, ask(s, (struct target){ .pid = getpid() }));
	for (i = s->from; i < s->n; i++)
		EXPECT_EQ(getpid(), (pid_t)s->v[i].tgids.v[0]);
	EXPECT_EQ(1, session_count(s, EXISTS, getpid()));
	child_end(&below);
}

/* What a storm shares with the test: the PIDs that it keeps. */
struct storm {
	int stop;
	unsigned int n;
	pid_t pids[1 << 16];
};

static long storm(void *data)
{
	struct storm *storm = data;
	unsigned int i;
	pid_t pid;

	for (i = 0; !__atomic_load_n(&storm->stop, __ATOMIC_ACQUIRE); i++) {
		pid = fork();
		if (pid == 0) {
			if (i % 10)
				_exit(0);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		if (pid < 0)
			return -errno;
		if (i % 10)
			waitpid(pid, NULL, 0);
		else
			storm->pids[storm->n] = pid;
		if (!(i % 10))
			__atomic_add_fetch(&storm->n, 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static void await_kept(struct storm *storm, unsigned int n)
{
	while (__atomic_load_n(&storm->n, __ATOMIC_ACQUIRE) < n)
		sched_yield();
}

static void expect_told_once(struct __test_metadata *_metadata,
			     struct session *s, const pid_t *pids,
			     unsigned int n)
{
	static unsigned char told[PID_MAX];
	unsigned int i;

	memset(told, 0, sizeof(told));
	for (i = 0; i < s->n; i++)
		if (s->v[i].kind == EXISTS || s->v[i].kind == FORK)
			told[s->v[i].pids.v[0]]++;
	for (i = 0; i < n; i++) {
		EXPECT_EQ(1, told[pids[i]]) {
			TH_LOG("PID %d: %u exists, %u fork", pids[i],
			       session_count(s, EXISTS, pids[i]),
			       session_count(s, FORK, pids[i]));
		}
	}
}

/* No PID is used twice meanwhile, or it could not be told apart. */
TEST_F(exists, has_no_seam_in_a_fork_storm)
{
	struct session *s = &self->session;
	struct child c[STORMS];
	unsigned int i, made, found;
	struct storm *storms[STORMS];

	ASSERT_EQ(0, write_file("/proc/sys/kernel/pid_max", "4194304"));
	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	for (i = 0; i < STORMS; i++) {
		ASSERT_EQ(0, child_spawn(&c[i], 0));
		storms[i] = c[i].scratch;
		child_start(&c[i], storm, NULL, 0);
	}
	for (i = 0; i < STORMS; i++)
		await_kept(storms[i], KEPT);
	ASSERT_EQ(0, ask(s, EVERYTHING));
	for (i = 0; i < STORMS; i++)
		await_kept(storms[i], storms[i]->n + KEPT);
	for (i = 0; i < STORMS; i++) {
		__atomic_store_n(&storms[i]->stop, 1, __ATOMIC_RELEASE);
		ASSERT_EQ(0, child_finish(&c[i], NULL, 0));
	}
	ASSERT_EQ(0, session_sync(s));
	ASSERT_EQ(0, session_count(s, LOST, ANY_PID));
	expect_told_once(_metadata, s, self->herd.pids, HERD);
	for (made = 0, found = 0, i = 0; i < STORMS; i++) {
		expect_told_once(_metadata, s, storms[i]->pids, storms[i]->n);
		made += session_count(s, FORK, storms[i]->pids[storms[i]->n - 1]);
		found += session_count(s, EXISTS, storms[i]->pids[0]);
	}
	/* The one and the other has been. */
	EXPECT_EQ(STORMS, made);
	EXPECT_EQ(STORMS, found);
	for (i = 0; i < STORMS; i++)
		child_end(&c[i]);
}

/* Whoever ends is told to have been there before. */
TEST_F(exists, comes_before_the_end)
{
	struct session *s = &self->session;
	struct storm *shared;
	unsigned int i, j;
	struct child c;

	ASSERT_EQ(0, write_file("/proc/sys/kernel/pid_max", "4194304"));
	ASSERT_EQ(0, child_spawn(&c, 0));
	shared = c.scratch;
	child_start(&c, storm, NULL, 0);
	await_kept(shared, KEPT);
	ASSERT_EQ(0, ask(s, (struct target){ .pid = c.pid, .follow = true }));
	await_kept(shared, shared->n + KEPT);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, child_finish(&c, NULL, 0));
	ASSERT_EQ(0, session_sync(s));
	for (i = 0; i < s->n; i++) {
		if (s->v[i].kind != EXIT)
			continue;
		for (j = 0; j < i; j++)
			if (s->v[j].pids.v[0] == s->v[i].pids.v[0])
				break;
		EXPECT_NE(i, j) {
			TH_LOG("PID %u ends and was not there",
			       s->v[i].pids.v[0]);
		}
	}
	child_end(&c);
}

TEST_HARNESS_MAIN
