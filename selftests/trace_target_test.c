// SPDX-License-Identifier: GPL-2.0
/* What a session traces, and what it does not; and the ends of namespaces. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/expect-event.h"
#include "lib/lens-ns.h"
#include "lib/maker.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define SWITCH	NSLENS_EVENT_KIND_SWITCH
#define CREATE	NSLENS_EVENT_KIND_NS_CREATE
#define DESTROY	NSLENS_EVENT_KIND_NS_DESTROY

#define CGROUP	"/sys/fs/cgroup/nslens-trace-target"

static __u64 all_flags(void)
{
	__u64 flags = 0;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		flags |= ns_types[i].flag;
	return flags;
}

/* Two that are in a box of their own each, and one that is in none. */
FIXTURE(target)
{
	struct session session;
	struct lens lens;
	struct child boxed, below, other, outside;
};

FIXTURE_SETUP(target)
{
	setup_lens(_metadata, &self->lens);
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, child_spawn(&self->boxed, all_flags()));
	ASSERT_EQ(0, child_map_ids(&self->boxed, 0, 0, 1000));
	ASSERT_EQ(0, child_spawn_in(&self->boxed, &self->below, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn(&self->other, all_flags()));
	ASSERT_EQ(0, child_spawn(&self->outside, 0));
}

FIXTURE_TEARDOWN(target)
{
	child_end(&self->below);
	child_end(&self->boxed);
	child_end(&self->other);
	child_end(&self->outside);
	session_close(&self->session);
	lens_close(&self->lens);
}

/* Have a child make a task that ends at once. Return: its PID there. */
static pid_t make(struct child *c, enum make_how how)
{
	struct make make = { .release = 1, .how = how };

	return child_do(c, maker_make, &make, sizeof(make));
}

/* How many events come of a child, when it has made a task. */
static unsigned int events_of(struct session *s, struct child *c,
			      enum make_how how)
{
	unsigned int i, n = 0;

	if (session_forget(s) || make(c, how) < 0 || session_sync(s))
		return ~0U;
	for (i = s->from; i < s->n; i++)
		n += s->v[i].parent_pids.n &&
		     s->v[i].parent_pids.v[0] == (__u32)c->pid;
	return n;
}

/* Not one of what others do; each of what it does. */
static void expect_only(struct __test_metadata *_metadata,
			struct _test_data_target *self, bool boxed, bool below,
			bool other, bool outside)
{
	struct session *s = &self->session;

	EXPECT_EQ(boxed, events_of(s, &self->boxed, MAKE_FORK));
	EXPECT_EQ(below, events_of(s, &self->below, MAKE_FORK));
	EXPECT_EQ(other, events_of(s, &self->other, MAKE_FORK));
	EXPECT_EQ(outside, events_of(s, &self->outside, MAKE_FORK));
}

static int change(struct session *s, struct target add, struct target remove)
{
	return session_set(s, &(struct trace_change){
		.add = { add }, .remove = { remove } });
}

static int stop(struct session *s, struct target target)
{
	return change(s, (struct target){}, target);
}

TEST_F(target, is_nothing_at_first)
{
	expect_only(_metadata, self, false, false, false, false);
	EXPECT_EQ(0, self->session.n);
}

TEST_F(target, can_be_all)
{
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	expect_only(_metadata, self, true, true, true, true);
	ASSERT_EQ(0, stop(&self->session, EVERYTHING));
	expect_only(_metadata, self, false, false, false, false);
}

TEST_F(target, can_be_a_process)
{
	const struct target pid = { .pid = self->outside.pid };
	struct session *s = &self->session;
	const struct event *fork;
	pid_t thread;

	ASSERT_EQ(0, session_trace(s, pid));
	expect_only(_metadata, self, false, false, false, true);
	/* Its child is another process, of which this is all. */
	EXPECT_EQ(1, s->n - s->from);
	/* A thread is not. */
	EXPECT_EQ(1, events_of(s, &self->outside, MAKE_THREAD));
	fork = session_find(s, FORK, ANY_PID);
	ASSERT_NE(NULL, fork);
	thread = fork->pids.v[0];
	/* Who joins it returns before the kernel tells its exit. */
	ASSERT_NE(NULL, session_await(s, EXIT, thread));
	EXPECT_EQ(1, session_count(s, EXIT, thread));
	ASSERT_EQ(0, stop(s, pid));
	expect_only(_metadata, self, false, false, false, false);
}

TEST_F(target, can_be_a_process_by_its_pid_in_its_own_namespace)
{
	ASSERT_EQ(0, session_trace(&self->session, (struct target){
		.pid = 1, .in = BY_PID(self->below.pid) }));
	expect_only(_metadata, self, false, true, false, false);
}

TEST_F(target, can_be_a_namespace_of_each_type)
{
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		const struct target ns = {
			.ns = BY_INO(ns_ino(self->boxed.pid,
					    ns_types[i].link)) };

		ASSERT_EQ(0, session_trace(&self->session, ns)) {
			TH_LOG("%s", ns_types[i].name);
		}
		/* A child of it is in it, in a PID namespace below, too. */
		expect_only(_metadata, self, true, true, false, false);
		ASSERT_EQ(0, stop(&self->session, ns));
	}
	expect_only(_metadata, self, false, false, false, false);
}

TEST_F(target, that_is_a_nested_pid_namespace_is_not_what_is_above)
{
	const struct target ns = { .ns = BY_INO(ns_ino(self->below.pid, "pid")) };

	ASSERT_EQ(0, session_trace(&self->session, ns));
	expect_only(_metadata, self, false, true, false, false);
}

TEST_F(target, that_is_a_namespace_is_also_who_enters_and_leaves)
{
	const char *uts = "uts";
	struct session *s = &self->session;
	struct child *c = &self->outside;
	const struct event *e;

	ASSERT_EQ(0, session_trace(s, (struct target){
		.ns = BY_INO(ns_ino(self->boxed.pid, uts)) }));
	ASSERT_EQ(0, child_enter(c, self->boxed.pid, uts));
	EXPECT_EQ(1, events_of(s, c, MAKE_FORK));
	s->from = 0;
	EXPECT_EQ(1, session_count(s, SWITCH, c->pid));
	ASSERT_EQ(0, session_forget(s));
	ASSERT_EQ(0, child_enter(c, getpid(), uts));
	EXPECT_EQ(0, session_sync(s));
	EXPECT_EQ(1, session_count(s, SWITCH, c->pid));
	e = session_find(s, SWITCH, c->pid);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(ns_ino(self->boxed.pid, uts), e->old_ns[NSLENS_NS_TYPE_UTS]);
	EXPECT_EQ(0, events_of(s, c, MAKE_FORK));
}

static int join_cgroup(const struct child *c, const char *dir)
{
	char path[128], pid[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	snprintf(pid, sizeof(pid), "%d", c->pid);
	return write_file(path, pid);
}

TEST_F(target, can_be_a_cgroup_and_those_below)
{
	const struct target above = { .cgroup = "/nslens-trace-target" };
	const struct target beside = { .cgroup = "/nslens-trace-target/b" };

	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, mkdir(CGROUP "/a", 0755));
	ASSERT_EQ(0, mkdir(CGROUP "/b", 0755));
	EXPECT_EQ(0, join_cgroup(&self->other, CGROUP "/a"));
	EXPECT_EQ(0, session_trace(&self->session, beside));
	expect_only(_metadata, self, false, false, false, false);
	EXPECT_EQ(0, change(&self->session, above, beside));
	expect_only(_metadata, self, false, false, true, false);
	EXPECT_EQ(0, join_cgroup(&self->outside, CGROUP "/b"));
	expect_only(_metadata, self, false, false, true, true);
	EXPECT_EQ(0, join_cgroup(&self->outside, "/sys/fs/cgroup"));
	expect_only(_metadata, self, false, false, true, false);
	EXPECT_EQ(0, join_cgroup(&self->other, "/sys/fs/cgroup"));
	EXPECT_EQ(0, cgroup_remove(CGROUP "/a"));
	EXPECT_EQ(0, cgroup_remove(CGROUP "/b"));
	EXPECT_EQ(0, cgroup_remove(CGROUP));
}

/* Whoever matches twice is told once. */
TEST_F(target, can_be_several)
{
	const struct target ns = { .ns = BY_INO(ns_ino(self->boxed.pid, "uts")) };
	const struct target pid = { .pid = self->outside.pid, .follow = true };
	const struct target same = { .pid = self->boxed.pid };
	struct session *s = &self->session;
	struct trace_state state;

	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { ns, pid, same } }));
	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_EQ(3, state.targets);
	expect_only(_metadata, self, true, true, false, true);
	ASSERT_EQ(0, stop(s, ns));
	expect_only(_metadata, self, true, false, false, true);
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.remove = { pid, same } }));
	expect_only(_metadata, self, false, false, false, false);
}

TEST_F(target, that_is_refused_changes_nothing)
{
	const struct target good = { .pid = self->outside.pid };
	const struct target none = { .pid = self->other.pid };
	const struct {
		struct target target;
		int err;
	} bad[] = {
		{ { .follow = true }, -EINVAL },
		{ { .pid = self->other.pid, .all = true }, -EINVAL },
		{ { .all = true, .follow = true }, -EINVAL },
		{ { .cgroup = "/", .in = BY_PID(1) }, -EINVAL },
		{ { .pid = 4000000 }, -ESRCH },
		{ { .ns = BY_INO(4000000000U) }, -ENOENT },
		{ { .cgroup = "/no/such/cgroup" }, -ENOENT },
	};
	struct session *s = &self->session;
	unsigned int i;

	ASSERT_EQ(0, session_trace(s, good));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].err, session_set(s, &(struct trace_change){
			.add = { EVERYTHING, bad[i].target },
			.set_events = true })) {
			TH_LOG("bad target %u", i);
		}
		EXPECT_NE(0, strlen(s->lens.text));
	}
	EXPECT_EQ(-ENOENT, change(s, EVERYTHING, none));
	EXPECT_NE(0, strlen(s->lens.text));
	expect_only(_metadata, self, false, false, false, true);
}

#define MOST	1024

TEST_F(target, cannot_be_more_than_the_most)
{
	struct session *s = &self->session;
	struct trace_state state;
	unsigned int i;

	for (i = 0; i < MOST; i++)
		ASSERT_EQ(0, session_trace(s, (struct target){
			.pid = self->outside.pid }));
	EXPECT_EQ(-ENOSPC, session_trace(s, EVERYTHING));
	EXPECT_NE(0, strlen(s->lens.text));
	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_EQ(MOST, state.targets);
	expect_only(_metadata, self, false, false, false, true);
}

TEST_F(target, is_told_only_what_the_mask_has)
{
	struct session *s = &self->session;
	unsigned int i, kind, flags = CLONE_NEWUTS;

	for (kind = FORK; kind <= DESTROY; kind++) {
		ASSERT_EQ(0, session_set(s, &(struct trace_change){
			.add = { kind ? (struct target){} : EVERYTHING },
			.set_events = true, .events = 1U << kind }));
		ASSERT_EQ(0, session_forget(s));
		ASSERT_LT(0, make(&self->outside, MAKE_FORK));
		ASSERT_EQ(0, child_do(&self->outside, child_unshare, &flags,
				      sizeof(flags)));
		flags = CLONE_NEWUTS;
		ASSERT_EQ(0, session_sync(s));
		for (i = s->from; i < s->n; i++)
			EXPECT_EQ(kind, s->v[i].kind);
		EXPECT_EQ(kind == NSLENS_EVENT_KIND_EXEC, s->n == s->from);
	}
}

/* For child_do(): outlive the parent. */
static long stay(void *unused)
{
	return prctl(PR_SET_PDEATHSIG, 0) ? -errno : 0;
}

static long be_subreaper(void *unused)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0;
}

static long reap_one(void *pid)
{
	return waitpid(*(pid_t *)pid, NULL, 0) < 0 ? -errno : 0;
}

/* What is born from now on is followed, whoever becomes its parent. */
static void expect_followed(struct __test_metadata *_metadata,
			    struct _test_data_target *self, pid_t new_parent)
{
	struct child *c = &self->outside, before, middle, late;
	struct session *s = &self->session;
	const struct target followed = { .pid = c->pid, .follow = true };
	pid_t pid, old;

	ASSERT_EQ(0, child_spawn_in(c, &before, 0));
	old = before.pid;
	ASSERT_EQ(0, session_trace(s, followed));
	ASSERT_EQ(0, child_spawn_in(c, &middle, 0));
	ASSERT_EQ(0, child_spawn_in(&middle, &late, 0));
	ASSERT_EQ(0, child_do(&late, stay, NULL, 0));
	pid = late.pid;
	EXPECT_EQ(0, events_of(s, &before, MAKE_FORK));
	EXPECT_EQ(1, events_of(s, &middle, MAKE_FORK));
	child_end(&middle);
	EXPECT_EQ(new_parent, proc_number(pid, "PPid", 0));
	EXPECT_EQ(1, events_of(s, &late, MAKE_FORK));
	EXPECT_EQ(1, session_count(s, FORK, ANY_PID));
	EXPECT_EQ(1, session_count(s, EXIT, ANY_PID));
	child_end(&before);
	child_kill(&late);
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(1, session_count(s, EXIT, pid));
	EXPECT_EQ(0, session_count(s, EXIT, old));
	if (new_parent == c->pid)
		EXPECT_EQ(0, child_do(c, reap_one, &pid, sizeof(pid)));
	close(late.pidfd);
	close(late.chan);
}

TEST_F(target, follows_who_is_left_to_a_subreaper)
{
	ASSERT_EQ(0, child_do(&self->outside, be_subreaper, NULL, 0));
	expect_followed(_metadata, self, self->outside.pid);
}

TEST_F(target, follows_who_is_left_to_init)
{
	expect_followed(_metadata, self, 1);
}

/* More than the module remembers without looking for those that are gone. */
#define KIDS	1100

/* In outside: the kids' parent has the one end, and each kid the other. */
static int gate[2];

static void be_kid(void)
{
	char byte;
	pid_t pid;

	close(gate[1]);
	if (read(gate[0], &byte, 1))
		_exit(1);
	pid = fork();
	if (!pid)
		_exit(0);
	_exit(pid < 0 || waitpid(pid, NULL, 0) != pid);
}

/* For child_do(). */
static long have_kids(void *unused)
{
	unsigned int i;
	pid_t pid;

	if (pipe(gate))
		return -errno;
	for (i = 0; i < KIDS; i++) {
		pid = fork();
		if (!pid)
			be_kid();
		if (pid < 0)
			return -errno;
	}
	return 0;
}

/* Return: how many have done what they were to. */
static long reap_all(void)
{
	int status;
	long n = 0;

	while (wait(&status) > 0)
		n += !status;
	return n;
}

/* For child_do(): each has a child, and ends. */
static long let_kids_go(void *unused)
{
	close(gate[1]);
	return reap_all();
}

TEST_F(target, follows_all_of_many)
{
	const struct target followed = { .pid = self->outside.pid, .follow = true };
	struct session *s = &self->session;

	ASSERT_EQ(0, session_trace(s, followed));
	ASSERT_EQ(0, child_do(&self->outside, have_kids, NULL, 0));
	ASSERT_EQ(0, session_forget(s));
	EXPECT_EQ(KIDS, child_do(&self->outside, let_kids_go, NULL, 0));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(KIDS, session_count(s, FORK, ANY_PID));
	EXPECT_EQ(2 * KIDS, session_count(s, EXIT, ANY_PID));
}

TEST_F(target, is_not_who_gets_its_pid_later)
{
	struct make again = { .release = 1 };
	struct session *s = &self->session;
	struct child first;
	pid_t pid;

	ASSERT_EQ(0, child_spawn(&first, 0));
	pid = first.pid;
	again.pid = pid;
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { { .pid = pid, .follow = true } } }));
	child_end(&first);
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(1, session_count(s, EXIT, pid));
	ASSERT_EQ(0, session_forget(s));
	ASSERT_EQ(pid, child_do(&self->outside, maker_make, &again,
				sizeof(again)));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(s->from, s->n);
}

TEST_F(target, ends_with_its_pid_namespace)
{
	struct session *s = &self->session;
	struct child init, members[3];
	const struct event *destroy;
	unsigned int i, ino;

	/* Born before there was a session: it has no lifetime. */
	session_close(s);
	ASSERT_EQ(0, child_spawn(&init, CLONE_NEWPID));
	setup_session(_metadata, s);
	for (i = 0; i < ARRAY_SIZE(members); i++)
		ASSERT_EQ(0, child_spawn_in(&init, &members[i], 0));
	ino = ns_ino(init.pid, "pid");
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { { .ns = BY_INO(ino) } } }));
	child_end(&init);
	/* These keep it, too. */
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		close(members[i].pidfd);
		close(members[i].chan);
	}
	destroy = session_await_ns(s, DESTROY, ino);
	ASSERT_NE(NULL, destroy);
	EXPECT_EQ(NSLENS_NS_TYPE_PID, destroy->ns_type);
	/* All were killed, and before it was gone. */
	EXPECT_EQ(1 + ARRAY_SIZE(members), session_count(s, EXIT, ANY_PID));
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		const struct event *e = session_find(s, EXIT, members[i].pid);

		ASSERT_NE(NULL, e);
		EXPECT_EQ(SIGKILL, e->signal);
		EXPECT_LT(e->seq, destroy->seq);
	}
	EXPECT_FALSE(EVENT_HAS(destroy, LIFETIME));
}

/* Its id is known, though nobody was told of its beginning. */
TEST_F(target, ends_though_it_is_older_than_the_session)
{
	struct session *s = &self->session, one = {};
	struct ns_record *ns = calloc(NR_NS_TYPES, sizeof(*ns));
	const struct event *destroy;
	const __u32 net = NSLENS_NS_TYPE_NET;
	struct child c;
	unsigned int i;

	ASSERT_NE(NULL, ns);
	session_close(s);
	ASSERT_EQ(0, child_spawn(&c, all_flags()));
	for (i = 0; i < NR_NS_TYPES; i++)
		ASSERT_EQ(0, lens_ns(&self->lens, &TYPED_PID(c.pid, i), &ns[i]));
	setup_session(_metadata, s);
	ASSERT_EQ(0, session_trace(s, EVERYTHING));
	setup_session(_metadata, &one);
	ASSERT_EQ(0, session_trace(&one, (struct target){ .ns = BY_INO(ns[net].ino) }));
	child_end(&c);
	for (i = 0; i < NR_NS_TYPES; i++) {
		destroy = session_await_ns(s, DESTROY, ns[i].ino);
		ASSERT_NE(NULL, destroy);
		EXPECT_EQ(i, destroy->ns_type);
		EXPECT_EQ(ns[i].id, destroy->ns_id);
		EXPECT_FALSE(EVENT_HAS(destroy, LIFETIME));
	}
	ASSERT_EQ(0, session_sync(&one));
	destroy = session_ns(&one, DESTROY, ns[net].ino);
	ASSERT_NE(NULL, destroy);
	EXPECT_EQ(ns[net].id, destroy->ns_id);
	session_close(&one);
	free(ns);
}

TEST_F(target, is_told_each_namespaces_life)
{
	struct session *s = &self->session;
	const struct event *create, *destroy;
	unsigned int i, ino[NR_NS_TYPES];
	struct ns_record *ns = calloc(1, sizeof(*ns));
	struct child c;

	ASSERT_EQ(0, session_trace(s, EVERYTHING));
	ASSERT_EQ(0, child_spawn(&c, all_flags()));
	for (i = 0; i < NR_NS_TYPES; i++)
		ino[i] = ns_ino(c.pid, ns_types[i].link);
	for (i = 0; i < NR_NS_TYPES; i++) {
		create = session_await_ns(s, CREATE, ino[i]);
		ASSERT_NE(NULL, create);
		ASSERT_EQ(0, lens_ns(&self->lens, &BY_INO(ino[i]), ns));
		EXPECT_EQ(ns->id, create->ns_id);
		EXPECT_EQ(i, create->ns_type);
	}
	child_end(&c);
	for (i = 0; i < NR_NS_TYPES; i++) {
		destroy = session_await_ns(s, DESTROY, ino[i]);
		ASSERT_NE(NULL, destroy);
		create = session_ns(s, CREATE, ino[i]);
		EXPECT_EQ(i, destroy->ns_type);
		EXPECT_EQ(create->ns_id, destroy->ns_id);
		EXPECT_EQ(destroy->time - create->time, destroy->lifetime);
		EXPECT_EQ(-ENOENT, lens_ns(&self->lens, &BY_INO(ino[i]), ns));
	}
	free(ns);
}

TEST_HARNESS_MAIN
