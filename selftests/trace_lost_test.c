// SPDX-License-Identifier: GPL-2.0
/*
 * Delivered and lost make up what has happened, exactly; nobody's slowness is
 * another's loss; and a session ends with its socket.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/module.h"
#include "lib/patience.h"
#include "lib/storm.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define SWITCH	NSLENS_EVENT_KIND_SWITCH
#define LOST	NSLENS_EVENT_KIND_LOST

#define FORKS		1000
#define PER_USER	64

/* What was told and what was not. */
struct sum {
	__u64 told, ring, queue, last_seq;
};

static struct sum add_up(const struct session *s)
{
	struct sum sum = {};
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		sum.told += s->v[i].kind != LOST;
		sum.ring += s->v[i].lost_ring;
		sum.queue += s->v[i].lost_queue;
		if (s->v[i].seq)
			sum.last_seq = s->v[i].seq;
	}
	return sum;
}

static __u64 total(const struct session *s)
{
	const struct sum sum = add_up(s);

	return sum.told + sum.ring + sum.queue;
}

/* Until so many are told or lost. Return: 0 or -errno. */
static int read_until(struct session *s, __u64 n)
{
	int err = 0;

	while (!err && total(s) < n)
		err = session_read(s);
	return err;
}

static __u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

FIXTURE(loss)
{
	struct session session, other;
	struct child child;
	char ring_kb[32], max_sessions[32];
	unsigned int n;
};

FIXTURE_SETUP(loss)
{
	ASSERT_LT(0, read_file(RING_KB, self->ring_kb, sizeof(self->ring_kb)));
	ASSERT_LT(0, read_file(MAX_SESSIONS, self->max_sessions,
			       sizeof(self->max_sessions)));
	ASSERT_EQ(0, child_spawn(&self->child, 0));
}

FIXTURE_TEARDOWN(loss)
{
	child_end(&self->child);
	session_close(&self->session);
	session_close(&self->other);
	EXPECT_EQ(0, write_file(RING_KB, self->ring_kb));
	EXPECT_EQ(0, write_file(MAX_SESSIONS, self->max_sessions));
}

static void trace(struct __test_metadata *_metadata, struct session *s,
		  struct target target, __u32 events)
{
	ASSERT_EQ(0, session_open(s));
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { target }, .set_events = true, .events = events }));
}

static struct target family(const struct child *c)
{
	return (struct target){ .pid = c->pid, .follow = true };
}

#define ENDS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXIT)

/* The module's own counts are those of what has come. */
static void expect_state(struct __test_metadata *_metadata, struct session *s)
{
	const struct sum sum = add_up(s);
	struct trace_state state;

	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_EQ(sum.told, state.delivered);
	EXPECT_EQ(sum.ring, state.lost_ring);
	EXPECT_EQ(sum.queue, state.lost_queue);
	/* Numbers are given to what is lost on the way to the reader, too. */
	EXPECT_EQ(sum.told + sum.queue, sum.last_seq);
}

/* A reader that stands still: what it misses is between what it is told. */
static void expect_brackets(struct __test_metadata *_metadata,
			    const struct session *s, __u64 start, __u64 stop)
{
	const struct event *e, *before = NULL;
	__u64 gap = 0, last = 0, since = 0;
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		e = &s->v[i];
		if (e->kind != LOST) {
			EXPECT_EQ(since + gap + 1, e->seq);
			EXPECT_LE(last, e->time);
			before = e;
			since = e->seq;
			gap = 0;
			continue;
		}
		gap += e->lost_queue;
		EXPECT_FALSE(EVENT_HAS(e, SEQ));
		EXPECT_NE(0, e->lost_queue + e->lost_ring);
		EXPECT_LE(e->first, e->time);
		EXPECT_LE(start, e->first);
		EXPECT_GE(stop, e->time);
		/* What a ring has lost is not in the order of the rest. */
		if (e->lost_ring)
			continue;
		last = e->time;
		if (before)
			EXPECT_LE(before->time, e->first);
	}
}

TEST_F(loss, of_a_reader_that_pauses_is_told_to_the_last_event)
{
	struct session *s = &self->session;
	unsigned int forks = FORKS, one = 1;
	__u64 start = now();

	trace(_metadata, s, family(&self->child), ENDS);
	ASSERT_EQ(0, session_room(s, SMALL_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	ASSERT_EQ(0, read_until(s, 2 * FORKS));
	EXPECT_EQ(2 * FORKS, total(s));
	EXPECT_NE(0, add_up(s).queue);
	EXPECT_NE(0, add_up(s).told);
	EXPECT_EQ(0, add_up(s).ring);
	ASSERT_EQ(0, session_room(s, LARGE_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &one, sizeof(one)));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(2 * FORKS + 2, total(s));
	EXPECT_EQ(0, s->overrun);
	expect_state(_metadata, s);
	expect_brackets(_metadata, s, start, now());
}

/* Reads now and then only. */
TEST_F(loss, of_a_reader_that_pauses_often_is_told_as_well)
{
	struct session *s = &self->session;
	unsigned int some = FORKS / 20, i;
	__u64 start = now();

	trace(_metadata, s, family(&self->child), ENDS);
	ASSERT_EQ(0, session_room(s, SMALL_ROOM));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, child_do(&self->child, storm_forks, &some,
				      sizeof(some)));
		some = FORKS / 20;
		ASSERT_EQ(0, session_read(s));
	}
	ASSERT_EQ(0, read_until(s, 2 * FORKS));
	EXPECT_EQ(2 * FORKS, total(s));
	some = 1;
	ASSERT_EQ(0, session_room(s, LARGE_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &some, sizeof(some)));
	ASSERT_EQ(0, session_sync(s));
	expect_state(_metadata, s);
	expect_brackets(_metadata, s, start, now());
}

/* A reader that reads all the time while much happens loses nothing. */
TEST_F(loss, does_not_happen_to_who_has_room)
{
	struct session *s = &self->session;
	unsigned int forks = FORKS;

	trace(_metadata, s, family(&self->child), ENDS);
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(0, session_count(s, LOST, ANY_PID));
	EXPECT_EQ(FORKS, session_count(s, FORK, ANY_PID));
	EXPECT_EQ(FORKS, session_count(s, EXIT, ANY_PID));
	expect_state(_metadata, s);
}

/* Each event comes alone, and does not take the room of those it could share. */
TEST_F(loss, does_not_happen_to_who_pauses_while_little_happens)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct session *s = &self->session;
	unsigned int i, one = 1;
	int come;

	trace(_metadata, s, family(&self->child), NSLENS_EVENT_MASK_FORK);
	ASSERT_EQ(0, session_room(s, 16384));
	come = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, come);
	ASSERT_EQ(0, epoll_ctl(come, EPOLL_CTL_ADD, s->lens.fd, &event));
	for (i = 0; i < 16; i++) {
		ASSERT_EQ(0, child_do(&self->child, storm_forks, &one, sizeof(one)));
		ASSERT_EQ(1, epoll_wait(come, &event, 1, PATIENCE));
	}
	close(come);
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(16, session_count(s, FORK, ANY_PID));
	EXPECT_EQ(0, session_count(s, LOST, ANY_PID));
	expect_state(_metadata, s);
}

TEST_F(loss, in_a_full_queue_does_not_take_an_answer)
{
	struct session *s = &self->session;
	unsigned int forks = FORKS;

	trace(_metadata, s, family(&self->child), ENDS);
	ASSERT_EQ(0, session_room(s, 32768));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	/* Nothing was read until now. */
	EXPECT_EQ(0, session_sync(s));
	EXPECT_EQ(0, s->overrun);
	ASSERT_EQ(0, read_until(s, 2 * FORKS));
	EXPECT_EQ(2 * FORKS, total(s));
	EXPECT_NE(0, add_up(s).queue);
}

TEST_F(loss, in_a_small_ring_is_told_to_the_last_event)
{
	struct session *s = &self->session;
	unsigned int moves = MANY_MOVES;
	__u64 start = now();

	ASSERT_EQ(0, write_file(RING_KB, SMALL_RING));
	/* Nobody else moves. */
	trace(_metadata, s, EVERYTHING, NSLENS_EVENT_MASK_SWITCH);
	ASSERT_EQ(0, child_do(&self->child, storm_moves, &moves, sizeof(moves)));
	ASSERT_EQ(0, session_sync(s));
	ASSERT_EQ(0, read_until(s, MANY_MOVES));
	EXPECT_EQ(MANY_MOVES, total(s));
	EXPECT_NE(0, add_up(s).ring);
	EXPECT_NE(0, session_count(s, SWITCH, self->child.pid));
	EXPECT_EQ(0, add_up(s).queue);
	expect_state(_metadata, s);
	expect_brackets(_metadata, s, start, now());
}

TEST_F(loss, in_a_ring_and_of_a_reader_add_up)
{
	struct session *s = &self->session;
	unsigned int moves = MANY_MOVES, few = 2;

	ASSERT_EQ(0, write_file(RING_KB, SMALL_RING));
	trace(_metadata, s, EVERYTHING, NSLENS_EVENT_MASK_SWITCH);
	ASSERT_EQ(0, session_room(s, SMALL_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_moves, &moves, sizeof(moves)));
	ASSERT_EQ(0, read_until(s, MANY_MOVES));
	ASSERT_EQ(0, session_room(s, LARGE_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_moves, &few, sizeof(few)));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(MANY_MOVES + 2, total(s));
	EXPECT_NE(0, add_up(s).ring);
	EXPECT_NE(0, add_up(s).queue);
	expect_state(_metadata, s);
}

/* Forks since boot, of threads and the kernel's own included. */
static __u64 forks_by_stat(void)
{
	static char text[65536];
	const char *at;

	if (read_file("/proc/stat", text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, "\nprocesses ");
	return at ? strtoull(at + strlen("\nprocesses "), NULL, 10) : 0;
}

/* Do something in which nobody forks. Return: forks since boot, after it. */
static __u64 at_rest(int (*act)(struct session *s), struct session *s, int *err)
{
	__u64 before, after;

	do {
		before = forks_by_stat();
		*err = act(s);
		after = forks_by_stat();
	} while (!*err && before != after);
	return after;
}

static int begin_all(struct session *s)
{
	session_close(s);
	return session_open(s) ?: session_set(s, &(struct trace_change){
		.add = { EVERYTHING }, .set_events = true,
		.events = NSLENS_EVENT_MASK_FORK });
}

TEST_F(loss, of_any_task_makes_up_what_the_kernel_has_counted)
{
	struct session *s = &self->session;
	unsigned int forks = FORKS;
	struct child storm[3];
	__u64 before, after;
	unsigned int i;
	int err;

	ASSERT_EQ(0, write_file(RING_KB, SMALL_RING));
	for (i = 0; i < ARRAY_SIZE(storm); i++)
		ASSERT_EQ(0, child_spawn(&storm[i], 0));
	/* The probes stay, so that to begin takes no time in which others fork. */
	trace(_metadata, &self->other, family(&self->child), ENDS);
	before = at_rest(begin_all, s, &err);
	ASSERT_EQ(0, err);
	for (i = 0; i < ARRAY_SIZE(storm); i++)
		child_start(&storm[i], storm_forks, &forks, sizeof(forks));
	for (i = 0; i < ARRAY_SIZE(storm); i++)
		ASSERT_EQ(0, child_finish(&storm[i], NULL, 0));
	after = at_rest(session_sync, s, &err);
	ASSERT_EQ(0, err);
	EXPECT_LE(ARRAY_SIZE(storm) * FORKS, after - before);
	EXPECT_EQ(after - before, total(s));
	for (i = 0; i < ARRAY_SIZE(storm); i++)
		child_end(&storm[i]);
}

TEST_F(loss, of_one_is_not_that_of_another)
{
	struct session *stopped = &self->session, *s = &self->other;
	unsigned int forks = FORKS;

	trace(_metadata, stopped, family(&self->child), ENDS);
	trace(_metadata, s, family(&self->child), ENDS);
	ASSERT_EQ(0, session_room(stopped, SMALL_ROOM));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(FORKS, session_count(s, FORK, ANY_PID));
	EXPECT_EQ(FORKS, session_count(s, EXIT, ANY_PID));
	EXPECT_EQ(0, session_count(s, LOST, ANY_PID));
	expect_state(_metadata, s);
	ASSERT_EQ(0, read_until(stopped, 2 * FORKS));
	EXPECT_EQ(2 * FORKS, total(stopped));
	EXPECT_NE(0, add_up(stopped).queue);
}

static long open_there(void *unused)
{
	static struct session s;

	return session_open(&s) ?: session_trace(&s, EVERYTHING);
}

/* As many as a user may have; a user more may have one, too. */
TEST_F(loss, does_not_happen_to_any_of_many_sessions)
{
	struct session *s = calloc(PER_USER + 1, sizeof(*s));
	unsigned int i, forks = FORKS / 10;
	uid_t alice = 12345;
	struct child c;

	ASSERT_NE(NULL, s);
	EXPECT_EQ(PER_USER, atoi(self->max_sessions));
	for (i = 0; i < PER_USER; i++)
		trace(_metadata, &s[i], family(&self->child), ENDS);
	ASSERT_EQ(0, session_open(&s[i]));
	EXPECT_EQ(-EUSERS, session_trace(&s[i], EVERYTHING));
	EXPECT_NE(NULL, strstr(s[i].lens.text, "max_sessions"));
	ASSERT_EQ(0, child_spawn(&c, 0));
	ASSERT_EQ(0, child_do(&c, child_setuid, &alice, sizeof(alice)));
	EXPECT_EQ(0, child_do(&c, open_there, NULL, 0));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	for (i = 0; i < PER_USER; i++) {
		ASSERT_EQ(0, session_sync(&s[i]));
		EXPECT_EQ(FORKS / 10, session_count(&s[i], FORK, ANY_PID));
		EXPECT_EQ(FORKS / 10, session_count(&s[i], EXIT, ANY_PID));
		EXPECT_EQ(2 * (FORKS / 10), s[i].n);
	}
	/* With one less there is room for one more. */
	session_close(&s[0]);
	EXPECT_EQ(0, session_trace(&s[PER_USER], EVERYTHING));
	for (i = 1; i <= PER_USER; i++)
		session_close(&s[i]);
	child_end(&c);
	free(s);
}

TEST_F(loss, of_the_socket_ends_the_session)
{
	const int none = module_references();
	struct child c;

	trace(_metadata, &self->session, EVERYTHING, ENDS);
	EXPECT_LT(none, module_references());
	session_close(&self->session);
	EXPECT_EQ(none, module_references());
	ASSERT_EQ(0, child_spawn(&c, 0));
	ASSERT_EQ(0, child_do(&c, open_there, NULL, 0));
	EXPECT_LT(none, module_references());
	child_kill(&c);
	EXPECT_EQ(none, module_references());
	child_end(&c);
}

/* A socket that is shared lives with whoever has it last. */
TEST_F(loss, of_one_of_two_files_does_not_end_the_session)
{
	const int none = module_references();
	int again;

	trace(_metadata, &self->session, EVERYTHING, ENDS);
	again = dup(self->session.lens.fd);
	session_close(&self->session);
	EXPECT_LT(none, module_references());
	close(again);
	EXPECT_EQ(none, module_references());
}

/* What the kernel says of probes: none but with a session. */
static int probed(const char *symbol)
{
	static char text[65536];

	if (read_file("/sys/kernel/debug/kprobes/list", text, sizeof(text)) < 0)
		return -1;
	return !!strstr(text, symbol);
}

TEST_F(loss, of_the_last_session_removes_the_probes)
{
	static const char * const symbols[] = {
		"begin_new_exec", "switch_task_namespaces", "commit_creds",
	};
	unsigned int i;

	if (probed("") < 0)
		SKIP(return, "debugfs is not mounted");
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		EXPECT_EQ(0, probed(symbols[i]));
	trace(_metadata, &self->session, EVERYTHING, ENDS);
	trace(_metadata, &self->other, EVERYTHING, ENDS);
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		EXPECT_EQ(1, probed(symbols[i]));
	session_close(&self->session);
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		EXPECT_EQ(1, probed(symbols[i]));
	session_close(&self->other);
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		EXPECT_EQ(0, probed(symbols[i]));
}

TEST_HARNESS_MAIN
