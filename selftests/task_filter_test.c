// SPDX-License-Identifier: GPL-2.0
/* Filters of a dump: the descendants of a process, the members of a namespace. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

static void expect_exactly(struct __test_metadata *_metadata,
			   struct tasks *tasks, unsigned int n,
			   const pid_t *pids)
{
	unsigned int i;

	EXPECT_EQ(n, tasks->n);
	for (i = 0; i < n; i++) {
		EXPECT_NE(NULL, find_task(tasks, pids[i])) {
			TH_LOG("PID %d is missing", pids[i]);
		}
	}
}

#define EXPECT_EXACTLY(tasks, ...) do {					\
	const pid_t pids[] = { __VA_ARGS__ };				\
	expect_exactly(_metadata, tasks, ARRAY_SIZE(pids), pids);	\
} while (0)

/*
 * A family over three PID namespaces; the test's child, two of its children,
 * one of them PID 1 of a namespace, and so on:
 *
 *	child ---- left
 *	   \------ right (PID 1) ---- plain
 *	                     \------- deep (PID 1)
 */
FIXTURE(family)
{
	struct lens lens;
	struct tasks *tasks;
	struct child child, left, right, plain, deep;
};

FIXTURE_SETUP(family)
{
	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_spawn_in(&self->child, &self->left, 0));
	ASSERT_EQ(0, child_spawn_in(&self->child, &self->right, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->right, &self->plain, 0));
	ASSERT_EQ(0, child_spawn_in(&self->right, &self->deep, CLONE_NEWPID));
}

FIXTURE_TEARDOWN(family)
{
	child_end(&self->deep);
	child_end(&self->plain);
	child_end(&self->right);
	child_end(&self->left);
	child_end(&self->child);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(family, subtree_is_a_process_and_its_descendants)
{
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->child.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->child.pid, self->left.pid,
		       self->right.pid, self->plain.pid, self->deep.pid);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->right.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->right.pid, self->plain.pid,
		       self->deep.pid);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->left.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->left.pid);
}

TEST_F(family, subtree_counts_where_it_is_told_to)
{
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->plain.pid_there,
			.in = BY_PID(self->right.pid) }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->plain.pid);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = 1, .in = BY_PID(self->right.pid) },
			self->tasks));
	EXPECT_EXACTLY(self->tasks, self->right.pid, self->plain.pid,
		       self->deep.pid);
}

TEST_F(family, subtree_of_an_unknown_process_is_an_error)
{
	pid_t gone = self->left.pid;

	child_end(&self->left);
	EXPECT_EQ(-ESRCH, lens_list(&self->lens, &(struct query){
			.subtree = gone }, self->tasks));
	EXPECT_EQ(-ESRCH, lens_list(&self->lens, &(struct query){
			.subtree = 30000, .in = BY_PID(self->right.pid) },
			self->tasks));
}

static long seize(void *pid)
{
	return ptrace(PTRACE_SEIZE, *(pid_t *)pid, 0, 0) ? -errno : 0;
}

TEST_F(family, subtree_follows_the_real_parent_of_a_traced_task)
{
	ASSERT_EQ(0, child_do(&self->left, seize, &self->plain.pid,
			      sizeof(pid_t)));
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->right.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->right.pid, self->plain.pid,
		       self->deep.pid);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->left.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->left.pid);
	/* Only then may its parent reap the other. */
	child_end(&self->left);
}

static long survive_parent(void *unused)
{
	return prctl(PR_SET_PDEATHSIG, 0);
}

static long be_subreaper(void *unused)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

TEST_F(family, subtree_follows_an_orphan_to_its_new_parent)
{
	struct child orphan;
	pid_t gone = self->left.pid;

	ASSERT_EQ(0, child_do(&self->child, be_subreaper, NULL, 0));
	ASSERT_EQ(0, child_spawn_in(&self->left, &orphan, 0));
	ASSERT_EQ(0, child_do(&orphan, survive_parent, NULL, 0));
	child_end(&self->left);
	ASSERT_EQ(self->child.pid, child_do(&orphan, child_getppid, NULL, 0));
	ASSERT_EQ(-ESRCH, lens_list(&self->lens, &(struct query){
			.subtree = gone }, self->tasks));
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->child.pid }, self->tasks));
	EXPECT_EXACTLY(self->tasks, self->child.pid, self->right.pid,
		       self->plain.pid, self->deep.pid, orphan.pid);
	orphan.parent = &self->child;
	child_end(&orphan);
}

TEST_F(family, members_of_a_pid_namespace_are_those_directly_in_it)
{
	struct ref by[] = {
		BY_INO(ns_ino(self->right.pid, "pid")),
		BY_PID(self->right.pid),
		BY_PID(self->plain.pid),
		BY_FD(ns_open(self->right.pid, "pid")),
		BY_FD(ns_open(self->plain.pid, "pid")),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by); i++) {
		by[i].typed = true;
		by[i].type = NSLENS_NS_TYPE_PID;
		ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
				.member_of = by[i] }, self->tasks)) {
			TH_LOG("named in way %u", i);
		}
		EXPECT_EXACTLY(self->tasks, self->right.pid, self->plain.pid);
	}
}

TEST_F(family, filters_combine)
{
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->child.pid,
			.member_of = TYPED_PID(getpid(), NSLENS_NS_TYPE_PID) },
			self->tasks));
	EXPECT_EXACTLY(self->tasks, self->child.pid, self->left.pid);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.subtree = self->left.pid,
			.member_of = TYPED_PID(self->deep.pid,
					       NSLENS_NS_TYPE_PID) },
			self->tasks));
	EXPECT_EQ(0, self->tasks->n);
}

/* What a dump in a container lists is its own world, in its own numbers. */
TEST_F(family, in_a_container_is_its_own_part_of_the_family)
{
	ASSERT_EQ(0, child_list(&self->right, &(struct query){}, self->tasks));
	EXPECT_EXACTLY(self->tasks, 1, self->plain.pid_there,
		       self->deep.pid_there);
	EXPECT_EQ(1, find_task(self->tasks, 1)->pids.n);
	EXPECT_EQ(2, find_task(self->tasks, self->deep.pid_there)->pids.n);
	ASSERT_EQ(0, child_list(&self->deep, &(struct query){}, self->tasks));
	EXPECT_EXACTLY(self->tasks, 1);
}

/* Two children in one new namespace of a type, two in none. */
FIXTURE(members)
{
	struct lens lens;
	struct tasks *tasks;
	struct child in, also_in, out;
};

FIXTURE_VARIANT(members)
{
	unsigned int type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(members, cgroup) { NSLENS_NS_TYPE_CGROUP };
FIXTURE_VARIANT_ADD(members, ipc) { NSLENS_NS_TYPE_IPC };
FIXTURE_VARIANT_ADD(members, mnt) { NSLENS_NS_TYPE_MNT };
FIXTURE_VARIANT_ADD(members, net) { NSLENS_NS_TYPE_NET };
FIXTURE_VARIANT_ADD(members, pid) { NSLENS_NS_TYPE_PID };
FIXTURE_VARIANT_ADD(members, time) { NSLENS_NS_TYPE_TIME };
FIXTURE_VARIANT_ADD(members, user) { NSLENS_NS_TYPE_USER };
FIXTURE_VARIANT_ADD(members, uts) { NSLENS_NS_TYPE_UTS };
/* clang-format on */

FIXTURE_SETUP(members)
{
	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->out, 0));
	ASSERT_EQ(0, child_spawn(&self->in, ns_types[variant->type].flag));
	ASSERT_EQ(0, child_spawn_in(&self->in, &self->also_in, 0));
}

FIXTURE_TEARDOWN(members)
{
	child_end(&self->also_in);
	child_end(&self->in);
	child_end(&self->out);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(members, are_found_however_the_namespace_is_named)
{
	const char *link = ns_types[variant->type].link;
	const struct ref by[] = {
		BY_INO(ns_ino(self->in.pid, link)),
		TYPED_INO(ns_ino(self->in.pid, link), variant->type),
		BY_FD(ns_open(self->in.pid, link)),
		TYPED_FD(ns_open(self->also_in.pid, link), variant->type),
		TYPED_PID(self->in.pid, variant->type),
		TYPED_PID(self->also_in.pid, variant->type),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by); i++) {
		ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
				.member_of = by[i] }, self->tasks)) {
			TH_LOG("named in way %u", i);
		}
		EXPECT_EXACTLY(self->tasks, self->in.pid, self->also_in.pid);
	}
}

TEST_F(members, of_the_outer_namespace_are_the_others)
{
	struct ref outer = TYPED_PID(getpid(), variant->type);

	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.member_of = outer }, self->tasks));
	EXPECT_NE(NULL, find_task(self->tasks, getpid()));
	EXPECT_NE(NULL, find_task(self->tasks, self->out.pid));
	EXPECT_EQ(NULL, find_task(self->tasks, self->in.pid));
	EXPECT_EQ(NULL, find_task(self->tasks, self->also_in.pid));
}

TEST_F(members, are_none_once_they_are_dead)
{
	const char *link = ns_types[variant->type].link;
	int fd = ns_open(self->in.pid, link);
	unsigned int ino = ns_ino_of_fd(fd);

	child_end(&self->also_in);
	child_end(&self->in);
	EXPECT_EQ(0, lens_list(&self->lens, &(struct query){
			.member_of = BY_FD(fd) }, self->tasks));
	EXPECT_EQ(0, self->tasks->n);
	/* The file keeps it, and so its inode is found. */
	EXPECT_EQ(0, lens_list(&self->lens, &(struct query){
			.member_of = BY_INO(ino) }, self->tasks));
	EXPECT_EQ(0, self->tasks->n);
	close(fd);
	EXPECT_EQ(-ENOENT, lens_list(&self->lens, &(struct query){
			.member_of = BY_INO(ino) }, self->tasks));
}

static int unshare_flags;
static int unshared[2];

static int unshare_main(void *unused)
{
	pid_t tid = unshare(unshare_flags) ? -errno : gettid();

	write(unshared[1], &tid, sizeof(tid));
	for (;;)
		pause();
	return 0;
}

/* unshare() must not share its file system attributes: no pthread, but clone() */
static long unshare_in_thread(void *data)
{
	static __u64 stack[8192];
	pid_t tid;

	unshare_flags = *(int *)data;
	if (pipe(unshared) < 0 ||
	    clone(unshare_main, stack + ARRAY_SIZE(stack), CLONE_VM |
		  CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		  NULL) < 0)
		return -errno;
	return read(unshared[0], &tid, sizeof(tid)) < 0 ? -errno : tid;
}

/* One thread of a child leaves the namespace of a type, the leader stays. */
FIXTURE(apart)
{
	struct lens lens;
	struct tasks *tasks;
	struct child child;
};

FIXTURE_VARIANT(apart)
{
	unsigned int type;
};

/* A thread can't leave a namespace of any other type alone. */
/* clang-format off */
FIXTURE_VARIANT_ADD(apart, cgroup) { NSLENS_NS_TYPE_CGROUP };
FIXTURE_VARIANT_ADD(apart, ipc) { NSLENS_NS_TYPE_IPC };
FIXTURE_VARIANT_ADD(apart, mnt) { NSLENS_NS_TYPE_MNT };
FIXTURE_VARIANT_ADD(apart, net) { NSLENS_NS_TYPE_NET };
FIXTURE_VARIANT_ADD(apart, uts) { NSLENS_NS_TYPE_UTS };
/* clang-format on */

FIXTURE_SETUP(apart)
{
	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->child, 0));
}

FIXTURE_TEARDOWN(apart)
{
	child_end(&self->child);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(apart, is_a_thread_in_a_namespace_without_its_leader)
{
	const char *link = ns_types[variant->type].link;
	int flag = ns_types[variant->type].flag;
	struct query q = {};
	struct task task;
	pid_t tid;

	tid = child_do(&self->child, unshare_in_thread, &flag, sizeof(flag));
	ASSERT_LT(0, tid);
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = tid },
			      &task));
	expect_ns_as_links(_metadata, tid, &task);
	EXPECT_NE(ns_ino(self->child.pid, link), task.ns.v[variant->type]);
	q.member_of = TYPED_INO(ns_ino(tid, link), variant->type);
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EQ(0, self->tasks->n);
	q.threads = true;
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EXACTLY(self->tasks, tid);
}

TEST_HARNESS_MAIN
