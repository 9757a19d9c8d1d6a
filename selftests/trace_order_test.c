// SPDX-License-Identifier: GPL-2.0
/*
 * Events come in the order in which they have happened, to each task and across
 * CPUs; and a PID that is used again is another task.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXEC	NSLENS_EVENT_KIND_EXEC
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define SWITCH	NSLENS_EVENT_KIND_SWITCH
#define CREATE	NSLENS_EVENT_KIND_NS_CREATE

#define ROUNDS	200
#define MAX_CPUS	64

/* A session that traces all, and a child on each CPU. */
FIXTURE(order)
{
	struct session session;
	struct child on[MAX_CPUS];
	int cpus;
};

FIXTURE_SETUP(order)
{
	int cpu, arg;

	setup_session(_metadata, &self->session);
	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	ASSERT_GE(MAX_CPUS, self->cpus);
	for (cpu = 0; cpu < self->cpus; cpu++) {
		arg = cpu;
		ASSERT_EQ(0, child_spawn(&self->on[cpu], 0));
		ASSERT_EQ(0, child_do(&self->on[cpu], child_pin, &arg,
				      sizeof(arg)));
	}
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
}

FIXTURE_TEARDOWN(order)
{
	int cpu;

	for (cpu = 0; cpu < self->cpus; cpu++)
		child_end(&self->on[cpu]);
	session_close(&self->session);
}

/* Numbers without a gap, and time that does not go back. */
static void expect_stream(struct __test_metadata *_metadata,
			  const struct session *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		EXPECT_EQ(i + 1, s->v[i].seq);
		EXPECT_LE(i ? s->v[i - 1].time : 0, s->v[i].time);
	}
}

TEST_F(order, is_that_of_each_task)
{
	struct session *s = &self->session;
	const struct event *fork, *exec, *exit;
	struct run run = { .path = "/bin/true" };
	struct child c[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c); i++)
		ASSERT_EQ(0, child_spawn(&c[i], 0));
	for (i = 0; i < ARRAY_SIZE(c); i++)
		child_start(&c[i], maker_run, &run, sizeof(run));
	for (i = 0; i < ARRAY_SIZE(c); i++)
		wait_exit(c[i].pidfd);
	ASSERT_EQ(0, session_sync(s));
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		fork = session_find(s, FORK, c[i].pid);
		exec = session_find(s, EXEC, c[i].pid);
		exit = session_find(s, EXIT, c[i].pid);
		ASSERT_TRUE(fork && exec && exit);
		EXPECT_TRUE(fork < exec && exec < exit);
		child_end(&c[i]);
	}
	expect_stream(_metadata, s);
}

/*
 * One CPU after the other does something when the one before has done it. Each
 * is told after the last, although each has a ring of its own.
 */
TEST_F(order, is_that_of_causes_and_effects_across_cpus)
{
	struct session *s = &self->session;
	unsigned int round, i, flags;
	const struct event *e;

	for (round = 0; round < ROUNDS; round++) {
		flags = CLONE_NEWUTS;
		ASSERT_EQ(0, child_do(&self->on[round % self->cpus],
				      child_unshare, &flags, sizeof(flags)));
	}
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(ROUNDS, session_count(s, SWITCH, ANY_PID));
	for (round = 0, i = 0; i < s->n; i++) {
		e = &s->v[i];
		if (e->kind != SWITCH)
			continue;
		EXPECT_EQ(round % self->cpus, e->cpu);
		EXPECT_EQ(self->on[round % self->cpus].pid,
			  (pid_t)e->pids.v[0]);
		ASSERT_LT(0, i);
		EXPECT_EQ(CREATE, e[-1].kind);
		EXPECT_EQ(e->pids.v[0], e[-1].pids.v[0]);
		round++;
	}
	expect_stream(_metadata, s);
}

/* Each that has the PID begins after the last has ended, on whatever CPU. */
TEST_F(order, is_that_of_all_who_have_had_a_pid)
{
	struct make make = { .release = 1 };
	struct session *s = &self->session;
	const struct event *e, *last = NULL;
	unsigned int round, i;
	pid_t pid;

	pid = child_do(&self->on[0], maker_make, &make, sizeof(make));
	ASSERT_LT(0, pid);
	for (round = 1; round < ROUNDS; round++) {
		make = (struct make){ .release = 1, .pid = pid };
		ASSERT_EQ(pid, child_do(&self->on[round % self->cpus],
					maker_make, &make, sizeof(make)));
	}
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(ROUNDS, session_count(s, FORK, pid));
	EXPECT_EQ(ROUNDS, session_count(s, EXIT, pid));
	for (i = 0; i < s->n; i++) {
		e = &s->v[i];
		if (!e->pids.n || e->pids.v[0] != (__u32)pid)
			continue;
		EXPECT_EQ(last && last->kind == FORK ? EXIT : FORK, e->kind);
		/* Its PID with its start are who it is. */
		if (last)
			EXPECT_EQ(e->kind == EXIT,
				  last->start_time == e->start_time);
		EXPECT_LE(last ? last->start_time : 0, e->start_time);
		last = e;
	}
	expect_stream(_metadata, s);
}

TEST_HARNESS_MAIN
