// SPDX-License-Identifier: GPL-2.0
/* task-get for one task: every field of a record, and what kinds of task there are. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

#define ALL_TYPES (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS |	\
		   CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWTIME |	\
		   CLONE_NEWUSER | CLONE_NEWUTS)

/* A child in new namespaces, below @depth PID namespaces of others. */
FIXTURE(task_get)
{
	struct lens lens;
	struct child outer[2];
	struct child child;
	struct task task;
};

FIXTURE_VARIANT(task_get)
{
	__u64 flags;
	unsigned int depth;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(task_get, same) {};
FIXTURE_VARIANT_ADD(task_get, cgroup) { .flags = CLONE_NEWCGROUP };
FIXTURE_VARIANT_ADD(task_get, ipc) { .flags = CLONE_NEWIPC };
FIXTURE_VARIANT_ADD(task_get, mnt) { .flags = CLONE_NEWNS };
FIXTURE_VARIANT_ADD(task_get, net) { .flags = CLONE_NEWNET };
FIXTURE_VARIANT_ADD(task_get, pid) { .flags = CLONE_NEWPID };
FIXTURE_VARIANT_ADD(task_get, time) { .flags = CLONE_NEWTIME };
FIXTURE_VARIANT_ADD(task_get, user) { .flags = CLONE_NEWUSER };
FIXTURE_VARIANT_ADD(task_get, uts) { .flags = CLONE_NEWUTS };
FIXTURE_VARIANT_ADD(task_get, all) { .flags = ALL_TYPES };
FIXTURE_VARIANT_ADD(task_get, nested) { .flags = ALL_TYPES, .depth = 2 };
/* clang-format on */

FIXTURE_SETUP(task_get)
{
	struct child *parent = NULL;
	unsigned int i;

	setup_lens(_metadata, &self->lens);
	for (i = 0; i < variant->depth; i++) {
		ASSERT_EQ(0, child_spawn_in(parent, &self->outer[i],
					    CLONE_NEWPID));
		parent = &self->outer[i];
	}
	ASSERT_EQ(0, child_spawn_in(parent, &self->child, variant->flags));
	if (variant->flags & CLONE_NEWUSER)
		ASSERT_EQ(0, child_map_ids(&self->child, 0, 100000, 1000));
}

FIXTURE_TEARDOWN(task_get)
{
	unsigned int i = variant->depth;

	child_end(&self->child);
	while (i--)
		child_end(&self->outer[i]);
	lens_close(&self->lens);
}

TEST_F(task_get, agrees_with_proc)
{
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	expect_as_proc(_metadata, self->child.pid, &self->task);
}

TEST_F(task_get, agrees_with_what_the_task_itself_knows)
{
	struct task *t = &self->task;

	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid }, t));
	EXPECT_EQ(self->child.pid, t->pids.v[0]);
	EXPECT_EQ(child_do(&self->child, child_getpid, NULL, 0),
		  innermost(&t->tgids));
	EXPECT_EQ(child_do(&self->child, child_getppid, NULL, 0),
		  innermost(&t->ppids));
	EXPECT_EQ(self->child.pid_there, t->pids.v[variant->depth]);
	EXPECT_EQ(variant->depth + 1 + !!(variant->flags & CLONE_NEWPID),
		  t->pids.n);
	EXPECT_EQ(variant->flags & CLONE_NEWPID ?
		  NSLENS_TASK_FLAG_CHILD_REAPER : 0, t->flags);
}

/* The parent at each level: outermost the test, then one PID 1 after another. */
TEST_F(task_get, reports_the_parent_at_every_level)
{
	struct task *t = &self->task;
	struct child *parent = self->child.parent;
	struct numbers expected = { .n = 1, .v = { getpid() } };

	if (parent)
		ASSERT_EQ(0, proc_numbers(parent->pid, "NStgid", &expected));
	if (variant->flags & CLONE_NEWPID)
		expected.v[expected.n++] = 0;
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid }, t));
	expect_numbers(_metadata, "ppids", &expected, &t->ppids);
}

/* Exactly those namespaces that clone3() was told to make are new. */
TEST_F(task_get, differs_from_its_parent_in_the_new_namespaces_only)
{
	pid_t above = self->child.parent ? self->child.parent->pid : getpid();
	struct task parent;
	unsigned int i;

	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = above },
			      &parent));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	ASSERT_EQ(NR_NS, parent.ns.n);
	ASSERT_EQ(NR_NS, self->task.ns.n);
	for (i = 0; i < NR_NS_TYPES; i++) {
		EXPECT_EQ(!!(variant->flags & ns_types[i].flag),
			  parent.ns.v[i] != self->task.ns.v[i]) {
			TH_LOG("%s", ns_types[i].name);
		}
	}
}

static long effective_uid(void *unused)
{
	return geteuid();
}

static long effective_gid(void *unused)
{
	return getegid();
}

/* Effective ids differ from real ones on purpose. */
static long set_ids(void *unused)
{
	if (setresgid(5, 6, 7) < 0 || setresuid(2, 3, 4) < 0)
		return -errno;
	return 0;
}

TEST_F(task_get, reports_the_effective_ids_on_both_sides)
{
	struct task *t = &self->task;
	bool mapped = variant->flags & CLONE_NEWUSER;

	ASSERT_EQ(0, child_do(&self->child, set_ids, NULL, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid }, t));
	EXPECT_EQ(mapped ? 100003 : 3, t->uid);
	EXPECT_EQ(mapped ? 100006 : 6, t->gid);
	EXPECT_EQ(3, t->uid_inside);
	EXPECT_EQ(6, t->gid_inside);
	EXPECT_EQ(3, child_do(&self->child, effective_uid, NULL, 0));
	EXPECT_EQ(6, child_do(&self->child, effective_gid, NULL, 0));
	expect_as_proc(_metadata, self->child.pid, t);
}

TEST_F(task_get, finds_a_task_by_its_pid_in_another_namespace)
{
	struct task *t = &self->task;
	struct numbers nspid;
	pid_t inside;

	ASSERT_EQ(0, proc_numbers(self->child.pid, "NSpid", &nspid));
	inside = innermost(&nspid);
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
			.pid = inside, .in = BY_PID(self->child.pid) }, t));
	expect_numbers(_metadata, "pids", &nspid, &t->pids);
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
			.pid = inside,
			.in = BY_INO(ns_ino(self->child.pid, "pid")) }, t));
	expect_numbers(_metadata, "pids", &nspid, &t->pids);
}

/* One task of the test's own world. */
FIXTURE(one_task)
{
	struct lens lens;
	struct child child;
	struct task task;
};

FIXTURE_SETUP(one_task)
{
	setup_lens(_metadata, &self->lens);
	ASSERT_EQ(0, child_spawn(&self->child, 0));
}

FIXTURE_TEARDOWN(one_task)
{
	child_end(&self->child);
	lens_close(&self->lens);
}

TEST_F(one_task, is_the_caller)
{
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = getpid() },
			      &self->task));
	expect_as_proc(_metadata, getpid(), &self->task);
	EXPECT_EQ(0, self->task.flags);
}

TEST_F(one_task, is_init)
{
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = 1 },
			      &self->task));
	expect_as_proc(_metadata, 1, &self->task);
	EXPECT_EQ(NSLENS_TASK_FLAG_CHILD_REAPER, self->task.flags);
	EXPECT_EQ(0, self->task.ppids.v[0]);
}

TEST_F(one_task, has_just_the_fields_that_are_asked_for)
{
	__u32 bit;

	for (bit = 1; bit & DEFAULT_FIELDS; bit <<= 1) {
		ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
				.pid = self->child.pid, .fields = bit },
				&self->task));
		EXPECT_EQ(bit, self->task.present);
	}
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
			.pid = self->child.pid,
			.fields = NSLENS_TASK_FIELD_PIDS |
				  NSLENS_TASK_FIELD_TRACER }, &self->task));
	EXPECT_EQ(NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_TRACER,
		  self->task.present);
}

static long set_name(void *name)
{
	return prctl(PR_SET_NAME, name);
}

TEST_F(one_task, has_a_name_of_any_bytes)
{
	char name[16] = "a )\n\t\\\"\x01\xff\xc3\xa4 b";
	char seen[64];

	ASSERT_EQ(0, child_do(&self->child, set_name, name, sizeof(name)));
	ASSERT_EQ(0, proc_comm(self->child.pid, seen, sizeof(seen)));
	ASSERT_STREQ(name, seen);
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	EXPECT_STREQ(name, self->task.comm);
}

/* Also none, and as many as there are in a word or two. */
TEST_F(one_task, has_a_name_of_any_length)
{
	char name[] = "123456789012345";

	for (int len = sizeof(name) - 1; len >= 0; len--) {
		name[len] = '\0';
		ASSERT_EQ(0, child_do(&self->child, set_name, name,
				      sizeof(name)));
		ASSERT_EQ(0, lens_get(&self->lens,
				      &(struct query){ .pid = self->child.pid },
				      &self->task));
		EXPECT_STREQ(name, self->task.comm);
	}
}

TEST_F(one_task, leads_a_session)
{
	ASSERT_EQ(0, child_do(&self->child, child_setsid, NULL, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	EXPECT_EQ(self->child.pid, self->task.sids.v[0]);
	EXPECT_EQ(self->child.pid, self->task.pgids.v[0]);
}

TEST_F(one_task, is_in_a_group_and_session_from_outside)
{
	struct child inner;

	ASSERT_EQ(0, child_spawn_in(&self->child, &inner, CLONE_NEWPID));
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = inner.pid },
			      &self->task));
	EXPECT_EQ(getpgrp(), self->task.pgids.v[0]);
	EXPECT_EQ(getsid(0), self->task.sids.v[0]);
	EXPECT_EQ(0, self->task.pgids.v[1]);
	EXPECT_EQ(0, self->task.sids.v[1]);
	child_end(&inner);
}

TEST_F(one_task, is_traced)
{
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->child.pid, 0, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	EXPECT_EQ(getpid(), self->task.tracer);
	EXPECT_EQ(getpid(), self->task.ppids.v[0]);
	expect_as_proc(_metadata, self->child.pid, &self->task);
}

static long seize(void *pid)
{
	return ptrace(PTRACE_SEIZE, *(pid_t *)pid, 0, 0) ? -errno : 0;
}

TEST_F(one_task, has_its_real_parent_when_another_traces_it)
{
	struct child tracer;

	ASSERT_EQ(0, child_spawn(&tracer, 0));
	ASSERT_EQ(0, child_do(&tracer, seize, &self->child.pid,
			      sizeof(self->child.pid)));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	EXPECT_EQ(tracer.pid, self->task.tracer);
	EXPECT_EQ(getpid(), self->task.ppids.v[0]);
	child_end(&tracer);
}

TEST_F(one_task, is_a_kernel_thread)
{
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = 2 },
			      &self->task));
	expect_as_proc(_metadata, 2, &self->task);
	EXPECT_EQ(NSLENS_TASK_FLAG_KTHREAD, self->task.flags);
	EXPECT_STREQ("kthreadd", self->task.comm);
}

/* Its namespaces are gone but those that go with its PID and credentials. */
TEST_F(one_task, is_a_zombie)
{
	unsigned int i;

	child_kill(&self->child);
	ASSERT_EQ('Z', proc_state(self->child.pid));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	EXPECT_EQ(NSLENS_TASK_FLAG_ZOMBIE | NSLENS_TASK_FLAG_EXITING,
		  self->task.flags);
	expect_as_proc(_metadata, self->child.pid, &self->task);
	ASSERT_EQ(NR_NS, self->task.ns.n);
	for (i = 0; i < NR_NS; i++) {
		if (i == NSLENS_NS_TYPE_PID || i == NSLENS_NS_TYPE_USER) {
			EXPECT_EQ(ns_ino(getpid(), ns_types[i].link),
				  self->task.ns.v[i]);
		} else {
			EXPECT_EQ(0, self->task.ns.v[i]);
		}
	}
}

TEST_F(one_task, is_gone)
{
	pid_t pid = self->child.pid;

	child_end(&self->child);
	EXPECT_EQ(-ESRCH, lens_get(&self->lens, &(struct query){ .pid = pid },
				   &self->task));
}

static long unshare_for_children(void *unused)
{
	return unshare(CLONE_NEWPID | CLONE_NEWTIME) ? -errno : 0;
}

TEST_F(one_task, has_other_namespaces_for_its_children)
{
	struct numbers before, after;

	ns_by_links(self->child.pid, &before);
	ASSERT_EQ(0, child_do(&self->child, unshare_for_children, NULL, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	ns_by_links(self->child.pid, &after);
	EXPECT_EQ(before.v[NSLENS_NS_TYPE_PID],
		  self->task.ns.v[NSLENS_NS_TYPE_PID]);
	EXPECT_EQ(before.v[NSLENS_NS_TYPE_TIME],
		  self->task.ns.v[NSLENS_NS_TYPE_TIME]);
	EXPECT_EQ(after.v[NSLENS_NS_TYPE_TIME_FOR_CHILDREN],
		  self->task.ns.v[NSLENS_NS_TYPE_TIME_FOR_CHILDREN]);
	EXPECT_NE(before.v[NSLENS_NS_TYPE_TIME],
		  self->task.ns.v[NSLENS_NS_TYPE_TIME_FOR_CHILDREN]);
	EXPECT_NE(before.v[NSLENS_NS_TYPE_PID],
		  self->task.ns.v[NSLENS_NS_TYPE_PID_FOR_CHILDREN]);
}

/* The link pid_for_children is dead until the namespace has a first task. */
TEST_F(one_task, has_a_pid_namespace_for_children_that_the_first_is_born_into)
{
	struct child first;
	__u32 promised;

	ASSERT_EQ(0, child_do(&self->child, unshare_for_children, NULL, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	promised = self->task.ns.v[NSLENS_NS_TYPE_PID_FOR_CHILDREN];
	ASSERT_EQ(0, child_spawn_in(&self->child, &first, 0));
	EXPECT_EQ(ns_ino(first.pid, "pid"), promised);
	EXPECT_EQ(ns_ino(self->child.pid, "pid_for_children"), promised);
	child_end(&first);
}

static int thread_pipe[2];

static void *thread_main(void *unused)
{
	pid_t tid = gettid();

	prctl(PR_SET_NAME, "a thread");
	write(thread_pipe[1], &tid, sizeof(tid));
	for (;;)
		pause();
	return NULL;
}

static long start_thread(void *unused)
{
	pthread_t thread;
	pid_t tid;

	if (pipe(thread_pipe) < 0 ||
	    pthread_create(&thread, NULL, thread_main, NULL) ||
	    read(thread_pipe[0], &tid, sizeof(tid)) != sizeof(tid))
		return -1;
	return tid;
}

TEST_F(one_task, is_a_thread)
{
	struct child inner;
	pid_t tid;

	ASSERT_EQ(0, child_spawn_in(&self->child, &inner, CLONE_NEWPID));
	tid = child_do(&inner, start_thread, NULL, 0);
	ASSERT_LT(0, tid);
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
			.pid = tid, .in = BY_PID(inner.pid) }, &self->task));
	EXPECT_EQ(NSLENS_TASK_FLAG_THREAD, self->task.flags);
	EXPECT_STREQ("a thread", self->task.comm);
	EXPECT_EQ(tid, innermost(&self->task.pids));
	EXPECT_EQ(1, innermost(&self->task.tgids));
	EXPECT_EQ(inner.pid, self->task.tgids.v[0]);
	expect_as_proc(_metadata, self->task.pids.v[0], &self->task);
	child_end(&inner);
}

static long start_uring_worker(void *unused)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL };

	return syscall(SYS_io_uring_setup, 1, &params) < 0 ? -errno : 0;
}

TEST_F(one_task, is_a_worker_of_io_uring)
{
	struct pid_list all;
	unsigned int i;
	char comm[64];
	long err;

	err = child_do(&self->child, start_uring_worker, NULL, 0);
	if (err)
		SKIP(return, "no io_uring here: %s", strerror(-err));
	ASSERT_EQ(0, proc_list(1, &all));
	for (i = 0; i < all.n; i++) {
		if (all.v[i] != self->child.pid &&
		    proc_number(all.v[i], "Tgid", 0) == self->child.pid)
			break;
	}
	ASSERT_LT(i, all.n);
	ASSERT_EQ(0, proc_comm(all.v[i], comm, sizeof(comm)));
	ASSERT_EQ(0, strncmp(comm, "iou-sqp-", 8));
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = all.v[i] },
			      &self->task));
	EXPECT_EQ(NSLENS_TASK_FLAG_THREAD | NSLENS_TASK_FLAG_USER_WORKER,
		  self->task.flags);
}

/* The deepest that the kernel allows. */
TEST_F(one_task, has_a_pid_at_each_of_33_levels)
{
	struct child deep[MAX_LEVELS - 1];
	struct child *parent = NULL;
	struct numbers nspid;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(deep); i++) {
		ASSERT_EQ(0, child_spawn_in(parent, &deep[i], CLONE_NEWPID));
		parent = &deep[i];
	}
	ASSERT_EQ(0, proc_numbers(parent->pid, "NSpid", &nspid));
	ASSERT_EQ(MAX_LEVELS, nspid.n);
	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = parent->pid },
			      &self->task));
	expect_as_proc(_metadata, parent->pid, &self->task);
	ASSERT_EQ(0, child_get(parent, &(struct query){ .pid = 1 },
			       &self->task));
	EXPECT_EQ(1, self->task.pids.n);
	while (i--)
		child_end(&deep[i]);
}

/* Start times are those of the caller's clock. */
TEST_F(one_task, started_later_where_the_clock_is_ahead)
{
	struct child ahead;
	__u64 here;

	ASSERT_EQ(0, unshare(CLONE_NEWTIME));
	ASSERT_EQ(0, write_file("/proc/self/timens_offsets",
				"boottime 1000 0\n"));
	ASSERT_EQ(0, child_spawn(&ahead, 0));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->child.pid },
			      &self->task));
	here = self->task.start_time;
	ASSERT_EQ(0, child_get(&ahead, &(struct query){ .pid = self->child.pid },
			       &self->task));
	EXPECT_EQ(here + 1000000000000ULL, self->task.start_time);
	child_end(&ahead);
}

TEST_HARNESS_MAIN
