// SPDX-License-Identifier: GPL-2.0
/* What a container sees of the world through the module: itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

#define CONTAINER (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC)

/*
 *	test ---- box (PID 1) ---- inside
 *	    |              \------ deep (PID 1 of another)
 *	    \---- other (PID 1 of a container beside it)
 */
FIXTURE(container)
{
	struct lens lens;
	struct child box, inside, deep, other;
	struct tasks *tasks;
	struct task task;
};

FIXTURE_VARIANT(container)
{
	__u64 flags;
	bool drop;
};

/* Root there with CAP_SYS_ADMIN even outside, and then less and less. */
/* clang-format off */
FIXTURE_VARIANT_ADD(container, of_root) { .flags = CONTAINER };
FIXTURE_VARIANT_ADD(container, without_capabilities) {
	.flags = CONTAINER, .drop = true };
FIXTURE_VARIANT_ADD(container, with_user_namespace) {
	.flags = CONTAINER | CLONE_NEWUSER };
FIXTURE_VARIANT_ADD(container, with_user_namespace_without_capabilities) {
	.flags = CONTAINER | CLONE_NEWUSER, .drop = true };
/* clang-format on */

FIXTURE_SETUP(container)
{
	uid_t root = 0;
	__u64 none = 0;

	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->other, CONTAINER));
	ASSERT_EQ(0, child_spawn(&self->box, variant->flags));
	if (variant->flags & CLONE_NEWUSER) {
		ASSERT_EQ(0, child_map_ids(&self->box, 0, 100000, 65534));
		ASSERT_EQ(0, child_do(&self->box, child_setuid, &root,
				      sizeof(root)));
	}
	ASSERT_EQ(0, child_do(&self->box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->inside, 0));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->deep, CLONE_NEWPID));
	if (variant->drop) {
		ASSERT_EQ(0, child_do(&self->box, child_set_caps, &none,
				      sizeof(none)));
		ASSERT_EQ(0, child_do(&self->inside, child_set_caps, &none,
				      sizeof(none)));
	}
}

FIXTURE_TEARDOWN(container)
{
	child_end(&self->deep);
	child_end(&self->inside);
	child_end(&self->box);
	child_end(&self->other);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(container, lists_its_own_tasks_and_no_others)
{
	struct tasks *tasks = self->tasks;

	ASSERT_EQ(0, child_list(&self->box, &(struct query){}, tasks));
	ASSERT_EQ(3, tasks->n);
	ASSERT_NE(NULL, find_task(tasks, 1));
	ASSERT_NE(NULL, find_task(tasks, self->inside.pid_there));
	ASSERT_NE(NULL, find_task(tasks, self->deep.pid_there));
	EXPECT_EQ(1, find_task(tasks, 1)->pids.n);
	EXPECT_EQ(1, find_task(tasks, self->inside.pid_there)->pids.n);
	EXPECT_EQ(2, find_task(tasks, self->deep.pid_there)->pids.n);
	EXPECT_EQ(1, find_task(tasks, self->deep.pid_there)->pids.v[1]);

	ASSERT_EQ(0, child_list(&self->deep, &(struct query){}, tasks));
	ASSERT_EQ(1, tasks->n);
	EXPECT_EQ(1, tasks->v[0].pids.v[0]);
	EXPECT_EQ(1, tasks->v[0].pids.n);
}

TEST_F(container, is_listed_from_outside)
{
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->box.pid }, self->tasks));
	EXPECT_EQ(3, self->tasks->n);
	ASSERT_NE(NULL, find_task(self->tasks, self->deep.pid));
	EXPECT_EQ(3, find_task(self->tasks, self->deep.pid)->pids.n);
}

TEST_F(container, has_nothing_outside_for_a_parent_group_or_session)
{
	struct task *t = &self->task;

	ASSERT_EQ(0, child_get(&self->box, &(struct query){ .pid = 1 }, t));
	EXPECT_EQ(0, t->ppids.v[0]);
	EXPECT_EQ(0, t->pgids.v[0]);
	EXPECT_EQ(0, t->sids.v[0]);
	EXPECT_EQ(1, t->ppids.n);
	EXPECT_TRUE(t->flags & NSLENS_TASK_FLAG_CHILD_REAPER);
}

TEST_F(container, does_not_see_who_traces_it_from_outside)
{
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->inside.pid, 0, 0));
	ASSERT_EQ(0, child_get(&self->box, &(struct query){
			.pid = self->inside.pid_there }, &self->task));
	EXPECT_EQ(0, self->task.tracer);
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->inside.pid },
			      &self->task));
	EXPECT_EQ(getpid(), self->task.tracer);
	/* Let go of it, for its parent to reap it. */
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, self->inside.pid, 0, 0));
	ASSERT_EQ(self->inside.pid, waitpid(self->inside.pid, NULL, __WALL));
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, self->inside.pid, 0, 0));
}

TEST_F(container, answers_to_no_number_of_the_outside)
{
	static struct pid_list all;
	unsigned int i, tried = 0;

	ASSERT_EQ(0, proc_list(0, &all));
	for (i = 0; i < all.n && tried < 20; i++) {
		if (all.v[i] <= self->deep.pid_there)
			continue;
		tried++;
		EXPECT_EQ(-ESRCH, child_get(&self->box, &(struct query){
				.pid = all.v[i] }, &self->task));
	}
	EXPECT_LT(0, tried);
}

TEST_F(container, cannot_name_an_outer_or_sibling_pid_namespace_by_inode)
{
	struct ref refs[] = {
		BY_INO(ns_ino(getpid(), "pid")),
		BY_INO(ns_ino(self->other.pid, "pid")),
	};
	unsigned int i;
	__s32 pid;

	for (i = 0; i < ARRAY_SIZE(refs); i++) {
		pid = 1;
		EXPECT_EQ(-ENOENT, child_translate(&self->box, &refs[i], NULL,
						   false, &pid, 1));
		EXPECT_EQ(-ENOENT, child_translate(&self->box, NULL, &refs[i],
						   false, &pid, 1));
		EXPECT_EQ(-ENOENT, child_get(&self->box, &(struct query){
				.pid = 1, .in = refs[i] }, &self->task));
		EXPECT_EQ(-ENOENT, child_list(&self->box, &(struct query){
				.member_of = refs[i] }, self->tasks));
	}
}

TEST_F(container, cannot_use_a_file_of_an_outer_or_sibling_pid_namespace)
{
	int fds[] = {
		ns_open(getpid(), "pid"), ns_open(self->other.pid, "pid")
	};
	unsigned int i;
	__s32 pid = 1;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		struct ref ref = BY_FD(child_give_fd(&self->box, fds[i]));

		EXPECT_EQ(-EPERM, child_translate(&self->box, &ref, NULL,
						  false, &pid, 1));
		EXPECT_EQ(-EPERM, child_translate(&self->box, NULL, &ref,
						  false, &pid, 1));
		EXPECT_EQ(-EPERM, child_get(&self->box, &(struct query){
				.pid = 1, .in = ref }, &self->task));
		EXPECT_EQ(-EPERM, child_list(&self->box, &(struct query){
				.member_of = ref }, self->tasks));
		close(fds[i]);
	}
}

TEST_F(container, can_use_its_own_and_an_inner_pid_namespace)
{
	int fd = ns_open(self->deep.pid, "pid");
	struct ref own = BY_PID(1);
	struct ref deep = BY_PID(self->deep.pid_there);
	struct ref by_fd = BY_FD(child_give_fd(&self->box, fd));
	__s32 pid = 1;

	ASSERT_EQ(0, child_translate(&self->box, &deep, &own, false, &pid, 1));
	EXPECT_EQ(self->deep.pid_there, pid);
	ASSERT_EQ(0, child_translate(&self->box, &own, &by_fd, false, &pid, 1));
	EXPECT_EQ(1, pid);
	pid = self->inside.pid_there;
	ASSERT_EQ(0, child_translate(&self->box, NULL, &deep, false, &pid, 1));
	EXPECT_EQ(0, pid);
	close(fd);
}

/* The host's uts namespace is its own too, its members are not. */
TEST_F(container, lists_only_its_own_members_of_what_it_shares)
{
	ASSERT_EQ(0, child_list(&self->inside, &(struct query){
			.member_of = TYPED_PID(self->inside.pid_there,
					       NSLENS_NS_TYPE_UTS) },
			self->tasks));
	EXPECT_GE(3, self->tasks->n);
	EXPECT_NE(NULL, find_task(self->tasks, self->inside.pid_there));
	ASSERT_EQ(0, child_list(&self->box, &(struct query){
			.member_of = BY_INO(ns_ino(getpid(), "uts")) },
			self->tasks));
	EXPECT_GE(3, self->tasks->n);
	EXPECT_LE(2, self->tasks->n);
}

TEST_F(container, does_not_find_namespaces_of_a_sibling)
{
	ASSERT_EQ(0, child_list(&self->box, &(struct query){
			.member_of = BY_INO(ns_ino(self->box.pid, "net")) },
			self->tasks));
	EXPECT_EQ(-ENOENT, child_list(&self->box, &(struct query){
			.member_of = BY_INO(ns_ino(self->other.pid, "net")) },
			self->tasks));
}

TEST_F(container, sees_the_namespaces_that_its_proc_shows)
{
	/* deep kept its capabilities. */
	__u32 of_deep = variant->drop ? FOR_ALL : DEFAULT_FIELDS;

	expect_sees(_metadata, &self->box, 1, DEFAULT_FIELDS);
	expect_sees(_metadata, &self->box, self->inside.pid_there,
		    DEFAULT_FIELDS);
	expect_sees(_metadata, &self->box, self->deep.pid_there, of_deep);
}

static long effective_uid(void *unused)
{
	return geteuid();
}

TEST_F(container, reports_ids_in_the_callers_user_namespace)
{
	ASSERT_EQ(0, child_get(&self->box, &(struct query){
			.pid = self->inside.pid_there }, &self->task));
	EXPECT_EQ(child_do(&self->inside, effective_uid, NULL, 0),
		  self->task.uid);
	EXPECT_EQ(child_do(&self->inside, effective_uid, NULL, 0),
		  self->task.uid_inside);
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->inside.pid },
			      &self->task));
	EXPECT_EQ(variant->flags & CLONE_NEWUSER ? 100000 : 0, self->task.uid);
	EXPECT_EQ(0, self->task.uid_inside);
}

static long enter(void *fd)
{
	return setns(*(int *)fd, CLONE_NEWPID) ? -errno : 0;
}

struct uid_call {
	pid_t pid;
	long uid;
};

static long uid_in_proc(void *data)
{
	struct uid_call *call = data;

	call->uid = proc_number(call->pid, "Uid", 1);
	return 0;
}

/* Someone from outside who came in is seen, with the ids that /proc shows. */
TEST_F(container, sees_a_visitor_but_maybe_not_its_namespaces)
{
	__u32 fields = variant->drop || variant->flags & CLONE_NEWUSER ?
		FOR_ALL : DEFAULT_FIELDS;
	int fd = ns_open(self->box.pid, "pid");
	struct child door, visitor;
	struct numbers nspid;
	struct uid_call call;

	ASSERT_EQ(0, child_spawn(&door, 0));
	fd = child_give_fd(&door, fd);
	ASSERT_EQ(0, child_do(&door, enter, &fd, sizeof(fd)));
	ASSERT_EQ(0, child_spawn_in(&door, &visitor, 0));
	ASSERT_EQ(0, proc_numbers(visitor.pid, "NSpid", &nspid));
	ASSERT_EQ(2, nspid.n);
	expect_sees(_metadata, &self->box, nspid.v[1], fields);
	ASSERT_EQ(0, child_get(&self->box, &(struct query){
			.pid = nspid.v[1] }, &self->task));
	EXPECT_EQ(0, self->task.ppids.v[0]);
	call.pid = nspid.v[1];
	ASSERT_EQ(0, child_do(&self->box, uid_in_proc, &call, sizeof(call)));
	EXPECT_EQ(call.uid, self->task.uid);
	EXPECT_EQ(variant->flags & CLONE_NEWUSER ? 65534 : 0, self->task.uid);
	child_end(&visitor);
	child_end(&door);
}

/* User namespaces without any other: whoever made one has power over it. */
FIXTURE(user_namespace)
{
	struct child owner, stranger, inner;
};

FIXTURE_SETUP(user_namespace)
{
	uid_t alice = 12345, bob = 23456;
	int flag = CLONE_NEWUSER, on = 1;

	ASSERT_EQ(0, child_spawn(&self->owner, 0));
	ASSERT_EQ(0, child_spawn(&self->stranger, 0));
	ASSERT_EQ(0, child_do(&self->owner, child_setuid, &alice,
			      sizeof(alice)));
	ASSERT_EQ(0, child_do(&self->stranger, child_setuid, &bob,
			      sizeof(bob)));
	ASSERT_EQ(0, child_spawn_in(&self->owner, &self->inner, 0));
	ASSERT_EQ(0, child_do(&self->inner, child_unshare, &flag,
			      sizeof(flag)));
	ASSERT_EQ(0, child_do(&self->inner, child_set_dumpable, &on,
			      sizeof(on)));
	ASSERT_EQ(0, child_map_ids(&self->inner, 0, alice, 1));
}

FIXTURE_TEARDOWN(user_namespace)
{
	child_end(&self->inner);
	child_end(&self->stranger);
	child_end(&self->owner);
}

TEST_F(user_namespace, is_seen_in_full_by_its_owner)
{
	expect_sees(_metadata, &self->owner, self->inner.pid,
		    DEFAULT_FIELDS);
}

TEST_F(user_namespace, is_not_seen_by_a_stranger)
{
	expect_sees(_metadata, &self->stranger, self->inner.pid, FOR_ALL);
}

/* The same user id, and every capability there, are of no use outside. */
TEST_F(user_namespace, does_not_see_its_owner)
{
	expect_sees(_metadata, &self->inner, self->owner.pid, FOR_ALL);
	expect_sees(_metadata, &self->inner, 1, FOR_ALL);
	expect_sees(_metadata, &self->inner, self->inner.pid,
		    DEFAULT_FIELDS);
}

TEST_F(user_namespace, reports_ids_that_have_no_mapping_as_proc_does)
{
	struct uid_call call = { .pid = self->stranger.pid };
	struct task task;

	ASSERT_EQ(0, child_do(&self->inner, uid_in_proc, &call, sizeof(call)));
	ASSERT_EQ(0, child_get(&self->inner, &(struct query){
			.pid = self->stranger.pid }, &task));
	EXPECT_EQ(65534, call.uid);
	EXPECT_EQ(call.uid, task.uid);
	call.pid = self->inner.pid;
	ASSERT_EQ(0, child_do(&self->inner, uid_in_proc, &call, sizeof(call)));
	ASSERT_EQ(0, child_get(&self->inner, &(struct query){
			.pid = self->inner.pid }, &task));
	EXPECT_EQ(0, call.uid);
	EXPECT_EQ(call.uid, task.uid);
}

TEST_HARNESS_MAIN
