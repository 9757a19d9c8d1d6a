// SPDX-License-Identifier: GPL-2.0
/* A session says what its events are to say, and is told that and no more. */
#define _GNU_SOURCE
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define BIT(NAME)	(1ULL << NSLENS_A_EVENT_##NAME)

/* As the spec has it: what is always there, and what each field adds. */
#define ALWAYS		(BIT(KIND) | BIT(TIME))
#define ORDER		(BIT(SEQ) | BIT(CPU))
#define TASK		(BIT(PIDS) | BIT(TGIDS) | BIT(START_TIME) | BIT(FLAGS) | \
			 BIT(CGROUP_ID))
#define PARENT		(BIT(PARENT_PIDS) | BIT(PARENT_TGIDS))
#define NS		(BIT(NS) | BIT(NS_IDS))
#define OLD_NS		(BIT(OLD_NS) | BIT(OLD_NS_IDS))
#define MADE		(BIT(NS_TYPE) | BIT(NS_INO) | BIT(NS_ID))

#define ALL_FIELDS	(NSLENS_EVENT_FIELD_ORDER | NSLENS_EVENT_FIELD_TASK |	\
			 NSLENS_EVENT_FIELD_COMM | NSLENS_EVENT_FIELD_NS |	\
			 NSLENS_EVENT_FIELD_DETAILS)

FIXTURE(fields)
{
	struct session session;
};

FIXTURE_VARIANT(fields)
{
	__u32 fields;
	__u64 any, fork, change, made, ended;
};

FIXTURE_VARIANT_ADD(fields, none)
{
	.fields = 0,
};

FIXTURE_VARIANT_ADD(fields, order)
{
	.fields = NSLENS_EVENT_FIELD_ORDER,
	.any = ORDER,
};

FIXTURE_VARIANT_ADD(fields, task)
{
	.fields = NSLENS_EVENT_FIELD_TASK,
	.any = TASK,
	.fork = PARENT,
};

FIXTURE_VARIANT_ADD(fields, comm)
{
	.fields = NSLENS_EVENT_FIELD_COMM,
	.any = BIT(COMM),
};

FIXTURE_VARIANT_ADD(fields, ns)
{
	.fields = NSLENS_EVENT_FIELD_NS,
	.any = NS,
	.change = OLD_NS,
};

FIXTURE_VARIANT_ADD(fields, details)
{
	.fields = NSLENS_EVENT_FIELD_DETAILS,
	.fork = BIT(CREATED),
	.change = BIT(HOW) | BIT(CHANGED),
	.made = MADE,
	.ended = BIT(SIGNAL),
};

FIXTURE_VARIANT_ADD(fields, all)
{
	.fields = ALL_FIELDS,
	.any = ORDER | TASK | BIT(COMM) | NS,
	.fork = PARENT | BIT(CREATED),
	.change = OLD_NS | BIT(HOW) | BIT(CHANGED),
	.made = MADE,
	.ended = BIT(SIGNAL),
};

FIXTURE_SETUP(fields)
{
	setup_session(_metadata, &self->session);
}

FIXTURE_TEARDOWN(fields)
{
	session_close(&self->session);
}

static void expect_told(struct __test_metadata *_metadata, const char *what,
			__u64 told, const struct event *e)
{
	ASSERT_NE(NULL, e) {
		TH_LOG("no %s", what);
	}
	EXPECT_EQ(ALWAYS | told, e->present) {
		TH_LOG("%s", what);
	}
	EXPECT_NE(0, e->time);
}

/* There is one of each kind; without its PIDs a task could not be told. */
TEST_F(fields, are_what_is_told)
{
	struct session *s = &self->session;
	const struct trace_change change = {
		.add = { { .pid = getpid(), .follow = true } },
		.set_fields = true, .fields = variant->fields,
	};
	int flags = CLONE_NEWUTS;
	struct child child;

	ASSERT_EQ(0, session_set(s, &change));
	ASSERT_EQ(0, child_spawn(&child, 0));
	ASSERT_EQ(0, child_do(&child, child_unshare, &flags, sizeof(flags)));
	child_end(&child);
	ASSERT_NE(NULL, session_await(s, NSLENS_EVENT_KIND_EXIT, ANY_PID));

	expect_told(_metadata, "fork", variant->any | variant->fork,
		    session_find(s, NSLENS_EVENT_KIND_FORK, ANY_PID));
	expect_told(_metadata, "switch", variant->any | variant->change,
		    session_find(s, NSLENS_EVENT_KIND_SWITCH, ANY_PID));
	expect_told(_metadata, "exit", variant->any | variant->ended,
		    session_find(s, NSLENS_EVENT_KIND_EXIT, ANY_PID));
	expect_told(_metadata, "ns-create", variant->any | variant->made,
		    session_find(s, NSLENS_EVENT_KIND_NS_CREATE, ANY_PID));
}

/* With all of them an event is what it is to who did not ask. */
TEST(all_fields_are_the_default)
{
	struct trace_state state;
	struct session s;

	setup_session(_metadata, &s);
	ASSERT_EQ(0, session_state(&s, &state));
	EXPECT_EQ(ALL_FIELDS, state.fields);
	ASSERT_EQ(0, session_set(&s, &(struct trace_change){
		.set_fields = true, .fields = NSLENS_EVENT_FIELD_COMM }));
	ASSERT_EQ(0, session_state(&s, &state));
	EXPECT_EQ(NSLENS_EVENT_FIELD_COMM, state.fields);
	/* Only who names them changes them. */
	ASSERT_EQ(0, session_trace(&s, EVERYTHING));
	ASSERT_EQ(0, session_state(&s, &state));
	EXPECT_EQ(NSLENS_EVENT_FIELD_COMM, state.fields);
	session_close(&s);
}

TEST(a_field_that_there_is_not_is_refused)
{
	struct trace_state state;
	struct session s;

	setup_session(_metadata, &s);
	EXPECT_EQ(-EINVAL, session_set(&s, &(struct trace_change){
		.set_fields = true, .fields = ALL_FIELDS + 1 }));
	ASSERT_EQ(0, session_state(&s, &state));
	EXPECT_EQ(ALL_FIELDS, state.fields);
	session_close(&s);
}

/* They are those of one session, not another's. */
TEST(each_session_has_its_own)
{
	struct session few, many;
	const struct event *e;
	struct child child;

	setup_session(_metadata, &few);
	setup_session(_metadata, &many);
	ASSERT_EQ(0, child_spawn(&child, 0));
	ASSERT_EQ(0, session_set(&few, &(struct trace_change){
		.add = { { .pid = child.pid } },
		.set_fields = true, .fields = NSLENS_EVENT_FIELD_COMM }));
	ASSERT_EQ(0, session_trace(&many, (struct target){ .pid = child.pid }));
	child_end(&child);
	e = session_await(&few, NSLENS_EVENT_KIND_EXIT, ANY_PID);
	expect_told(_metadata, "few", BIT(COMM), e);
	e = session_await(&many, NSLENS_EVENT_KIND_EXIT, child.pid);
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(EVENT_HAS(e, PIDS) && EVENT_HAS(e, NS) && EVENT_HAS(e, SEQ));
	session_close(&few);
	session_close(&many);
}

/* What is lost is always told whole. */
TEST(what_is_lost_is_told_whole)
{
	const struct event *e;
	struct session s;
	unsigned int i;
	pid_t pid;

	setup_session(_metadata, &s);
	ASSERT_EQ(0, session_room(&s, SMALL_ROOM));
	ASSERT_EQ(0, session_set(&s, &(struct trace_change){
		.add = { { .pid = getpid(), .follow = true } },
		.set_fields = true, .fields = 0 }));
	for (i = 0; i < 2000; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	}
	ASSERT_EQ(0, session_room(&s, LARGE_ROOM));
	e = session_await(&s, NSLENS_EVENT_KIND_LOST, ANY_PID);
	expect_told(_metadata, "lost",
		    BIT(LOST_RING) | BIT(LOST_QUEUE) | BIT(FIRST), e);
	EXPECT_LT(0, e->lost_queue + e->lost_ring);
	EXPECT_LE(e->first, e->time);
	session_close(&s);
}

TEST_HARNESS_MAIN
