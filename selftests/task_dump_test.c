// SPDX-License-Identifier: GPL-2.0
/* task-get for all tasks: what a dump lists, how often, and in which order. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/storm.h"

/* Enough of them that a dump comes in several parts. */
#define HERD	200

FIXTURE(task_dump)
{
	struct lens lens;
	struct herd herd;
	struct tasks *tasks;
};

FIXTURE_SETUP(task_dump)
{
	ASSERT_EQ(0, lens_open_with(&self->lens, SMALL_BURST));
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
}

FIXTURE_TEARDOWN(task_dump)
{
	herd_end(&self->herd);
	free(self->tasks);
	lens_close(&self->lens);
}

static unsigned int count(const struct tasks *tasks, __u32 pid)
{
	unsigned int i, n = 0;

	for (i = 0; i < tasks->n; i++)
		n += tasks->v[i].pids.v[0] == pid;
	return n;
}

static bool same(const struct tasks *tasks, const struct pid_list *list)
{
	unsigned int i;

	if (tasks->n != list->n)
		return false;
	for (i = 0; i < list->n; i++) {
		if (tasks->v[i].pids.v[0] != list->v[i])
			return false;
	}
	return true;
}

/* Ascending order, which also means that none is there twice. */
static void expect_order(struct __test_metadata *_metadata,
			 const struct tasks *tasks)
{
	unsigned int i;

	for (i = 1; i < tasks->n; i++)
		EXPECT_LT(tasks->v[i - 1].pids.v[0], tasks->v[i].pids.v[0]);
}

/*
 * Kernel threads come and go as they like: dump until nothing did. That a
 * dump without NLM_F_DUMP_INTR differs from /proc is then no coincidence.
 */
static void expect_same_as_proc(struct __test_metadata *_metadata,
				struct lens *lens, struct tasks *tasks,
				bool threads)
{
	static struct pid_list before, after;
	unsigned int tries = 20;

	do {
		ASSERT_EQ(0, proc_list(threads, &before));
		ASSERT_EQ(0, lens_list(lens, &(struct query){
				.threads = threads }, tasks));
		ASSERT_EQ(0, proc_list(threads, &after));
	} while (tries-- && (lens->interrupted || !same_pids(&before, &after)));
	EXPECT_TRUE(same(tasks, &before));
	expect_order(_metadata, tasks);
}

TEST_F(task_dump, lists_the_processes_of_proc)
{
	expect_same_as_proc(_metadata, &self->lens, self->tasks, false);
	EXPECT_EQ(1, count(self->tasks, 1));
	EXPECT_EQ(1, count(self->tasks, 2));
	EXPECT_EQ(1, count(self->tasks, getpid()));
}

static void *idle(void *started)
{
	write(*(int *)started, "", 1);
	for (;;)
		pause();
	return NULL;
}

static long start_three_threads(void *unused)
{
	static int started[2];
	pthread_t thread;
	char byte;
	int i;

	if (pipe(started) < 0)
		return -errno;
	for (i = 0; i < 3; i++) {
		if (pthread_create(&thread, NULL, idle, &started[1]) ||
		    read(started[0], &byte, 1) != 1)
			return -EIO;
	}
	return 0;
}

TEST_F(task_dump, lists_threads_only_on_request)
{
	struct child c;
	struct query q = {};
	unsigned int i, n;

	ASSERT_EQ(0, child_spawn(&c, 0));
	ASSERT_EQ(0, child_do(&c, start_three_threads, NULL, 0));
	expect_same_as_proc(_metadata, &self->lens, self->tasks, true);
	for (i = 0, n = 0; i < self->tasks->n; i++)
		n += self->tasks->v[i].tgids.v[0] == c.pid;
	EXPECT_EQ(4, n);
	q.subtree = c.pid;
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EQ(1, self->tasks->n);
	q.threads = true;
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EQ(4, self->tasks->n);
	child_end(&c);
}

TEST_F(task_dump, has_the_same_records_as_single_requests)
{
	struct task one;
	struct child c;
	unsigned int i;

	ASSERT_EQ(0, child_spawn(&c, CLONE_NEWPID | CLONE_NEWUTS));
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	for (i = 0; i < self->tasks->n; i++) {
		struct task *t = &self->tasks->v[i];
		struct query q = { .pid = t->pids.v[0] };

		/* Kernel threads come, go and change their names. */
		if (t->flags & NSLENS_TASK_FLAG_KTHREAD)
			continue;
		EXPECT_EQ(0, lens_get(&self->lens, &q, &one));
		EXPECT_EQ(0, memcmp(&one, t, sizeof(one)));
	}
	ASSERT_NE(NULL, find_task(self->tasks, c.pid));
	expect_as_proc(_metadata, c.pid, find_task(self->tasks, c.pid));
	child_end(&c);
}

TEST_F(task_dump, has_just_the_fields_that_are_asked_for)
{
	__u32 fields = NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_COMM;
	unsigned int i;

	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
			.fields = fields }, self->tasks));
	EXPECT_LT(0, self->tasks->n);
	for (i = 0; i < self->tasks->n; i++)
		EXPECT_EQ(fields, self->tasks->v[i].present);
}

TEST_F(task_dump, lists_zombies_and_kernel_threads)
{
	struct child c;
	struct task *t;

	ASSERT_EQ(0, child_spawn(&c, 0));
	child_kill(&c);
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	t = find_task(self->tasks, c.pid);
	ASSERT_NE(NULL, t);
	EXPECT_TRUE(t->flags & NSLENS_TASK_FLAG_ZOMBIE);
	t = find_task(self->tasks, 2);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(NSLENS_TASK_FLAG_KTHREAD, t->flags);
	child_end(&c);
}

static long leave_threads_behind(void *fd)
{
	static int started;
	pthread_t thread;

	started = *(int *)fd;
	if (pthread_create(&thread, NULL, idle, &started))
		return -1;
	syscall(SYS_exit, 0);
	return 0;
}

/* A leader that is dead is still listed while its threads live. */
TEST_F(task_dump, lists_a_leader_that_died_before_its_threads)
{
	struct child c;
	int ends[2], fd;
	struct task *t;
	char byte;

	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(0, child_spawn(&c, 0));
	fd = child_give_fd(&c, ends[1]);
	ASSERT_LE(0, fd);
	child_start(&c, leave_threads_behind, &fd, sizeof(fd));
	ASSERT_EQ(1, read(ends[0], &byte, 1));
	while (proc_state(c.pid) != 'Z')
		sched_yield();
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	t = find_task(self->tasks, c.pid);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(1, count(self->tasks, c.pid));
	EXPECT_TRUE(t->flags & NSLENS_TASK_FLAG_EXITING);
	child_end(&c);
}

/* A thread that is not the leader runs a program, and takes the leader's PID. */
static void *exec_cat(void *fd)
{
	dup2(*(int *)fd, 0);
	execl("/bin/cat", "cat", NULL);
	_exit(1);
}

static long exec_in_thread(void *fds)
{
	static int in;
	pthread_t thread;

	in = ((int *)fds)[0];
	dup2(((int *)fds)[1], 1);
	if (pthread_create(&thread, NULL, exec_cat, &in))
		return -1;
	for (;;)
		pause();
}

TEST_F(task_dump, lists_a_process_once_after_an_exec_by_another_thread)
{
	int in[2], out[2], fds[2];
	struct query q;
	struct child c;
	char byte;

	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, child_spawn(&c, 0));
	fds[0] = child_give_fd(&c, in[0]);
	fds[1] = child_give_fd(&c, out[1]);
	child_start(&c, exec_in_thread, fds, sizeof(fds));
	ASSERT_EQ(1, write(in[1], "x", 1));
	ASSERT_EQ(1, read(out[0], &byte, 1));
	q = (struct query){ .subtree = c.pid, .threads = true };
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	ASSERT_EQ(1, self->tasks->n);
	EXPECT_EQ(c.pid, self->tasks->v[0].pids.v[0]);
	EXPECT_EQ(0, self->tasks->v[0].flags);
	EXPECT_STREQ("cat", self->tasks->v[0].comm);
	expect_as_proc(_metadata, c.pid, &self->tasks->v[0]);
	child_end(&c);
}

static void expect_herd_once(struct __test_metadata *_metadata,
			     const struct herd *herd, unsigned int first,
			     const struct tasks *tasks)
{
	unsigned int i;

	for (i = first; i < herd->n; i++) {
		EXPECT_EQ(1, count(tasks, herd->pids[i])) {
			TH_LOG("PID %d", herd->pids[i]);
		}
	}
}

TEST_F(task_dump, comes_in_parts_and_whole)
{
	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	expect_same_as_proc(_metadata, &self->lens, self->tasks, false);
	EXPECT_LT(2, self->lens.parts);
	expect_herd_once(_metadata, &self->herd, 0, self->tasks);
}

/* Between the parts of a dump, one process is born and dies. */
static void fork_one(void *unused)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

TEST_F(task_dump, tells_that_a_task_came_meanwhile)
{
	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	self->lens.between = fork_one;
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	EXPECT_LT(2, self->lens.parts);
	EXPECT_TRUE(self->lens.interrupted);
	expect_order(_metadata, self->tasks);
	expect_herd_once(_metadata, &self->herd, 0, self->tasks);
}

/* Between the parts of a dump, some that it has not reached yet are killed. */
static void kill_last_ten(void *data)
{
	struct herd *herd = data;

	for (int i = 0; i < 10; i++) {
		pid_t pid = herd->pids[--herd->n];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

TEST_F(task_dump, survives_tasks_that_exit_meanwhile_and_tells_it)
{
	pid_t last;

	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	last = self->herd.pids[HERD - 1];
	self->lens.between = kill_last_ten;
	self->lens.data = &self->herd;
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	EXPECT_LT(2, self->lens.parts);
	EXPECT_TRUE(self->lens.interrupted);
	EXPECT_EQ(HERD - 10, self->herd.n);
	EXPECT_EQ(0, count(self->tasks, last));
	expect_herd_once(_metadata, &self->herd, 0, self->tasks);
}

/* The very task that a dump stands at may be the one that goes. */
static void kill_every_second(void *data)
{
	struct herd *herd = data;
	unsigned int i, kept = 0;

	for (i = 0; i < herd->n; i++) {
		if (i % 2) {
			herd->pids[kept++] = herd->pids[i];
			continue;
		}
		kill(herd->pids[i], SIGKILL);
		waitpid(herd->pids[i], NULL, 0);
	}
	herd->n = kept;
}

TEST_F(task_dump, goes_on_behind_a_task_that_is_gone)
{
	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	self->lens.between = kill_every_second;
	self->lens.data = &self->herd;
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
	EXPECT_TRUE(self->lens.interrupted);
	expect_order(_metadata, self->tasks);
	expect_herd_once(_metadata, &self->herd, 0, self->tasks);
}

static long fork_storm(void *unused)
{
	for (;;)
		fork_one(NULL);
	return 0;
}

TEST_F(task_dump, lists_the_living_once_in_a_storm_of_forks)
{
	static child_fn * const storms[] = {
		fork_storm, storm_execs, fork_storm
	};
	struct child c[ARRAY_SIZE(storms)];
	unsigned int i, interrupted = 0;

	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	for (i = 0; i < ARRAY_SIZE(storms); i++) {
		ASSERT_EQ(0, child_spawn(&c[i], i ? CLONE_NEWPID : 0));
		child_start(&c[i], storms[i], NULL, 0);
	}
	for (i = 0; i < 30 || !interrupted; i++) {
		ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
				.threads = i % 2 }, self->tasks));
		expect_order(_metadata, self->tasks);
		expect_herd_once(_metadata, &self->herd, 0, self->tasks);
		interrupted += self->lens.interrupted;
	}
	for (i = 0; i < ARRAY_SIZE(storms); i++)
		child_end(&c[i]);
}

TEST_F(task_dump, can_be_left_in_the_middle)
{
	struct nl_msg *msg;
	struct lens other;
	unsigned int i;

	ASSERT_EQ(0, herd_spawn(&self->herd, HERD));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, lens_open(&other));
		msg = lens_request(&other, NSLENS_CMD_TASK_GET, NLM_F_DUMP);
		ASSERT_EQ(0, lens_send(&other, msg));
		lens_close(&other);
	}
	EXPECT_EQ(0, lens_list(&self->lens, &(struct query){}, self->tasks));
}

TEST_HARNESS_MAIN
