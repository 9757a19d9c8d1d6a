// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps that take several buffers while processes, threads and namespaces come
 * and go: what lives throughout is there exactly once, with every filter.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/expect.h"
#include "lib/lens-ns.h"
#include "lib/storm.h"
#include "lib/tool.h"

#define BOX		(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWUSER)
#define NR_PROCESSES	100
#define NR_THREADS	50
/* At least; and at most, until a storm has hit a dump on a busy machine. */
#define ROUNDS		15
#define MAX_ROUNDS	500

/* What a container is filled with; each in a UTS namespace of its own, or not. */
struct filling {
	int flags;
	pid_t pid[NR_PROCESSES];
	pid_t tid[NR_THREADS];
	__u32 ino[NR_PROCESSES];
};

static int answer[2];

static void *thread(void *tid)
{
	*(pid_t *)tid = syscall(SYS_gettid);
	if (write(answer[1], "", 1) != 1)
		return NULL;
	for (;;)
		pause();
}

/* In a process of its own: the memory is shared with the test. */
static void start_threads(struct filling *f)
{
	pthread_t unused;
	unsigned int i;
	char byte;

	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&unused, NULL, thread, &f->tid[i]) ||
		    read(answer[0], &byte, 1) != 1)
			_exit(1);
}

static void be_process(struct filling *f, unsigned int nth)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (f->flags && unshare(f->flags) < 0)
		_exit(1);
	if (!nth)
		start_threads(f);
	if (write(answer[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static long fill(void *data)
{
	struct filling *f = data;
	unsigned int i;
	char byte;

	if (pipe(answer) < 0)
		return -errno;
	for (i = 0; i < NR_PROCESSES; i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_process(f, i);
		if (pid < 0 || read(answer[0], &byte, 1) != 1)
			return -ECHILD;
		f->pid[i] = pid;
	}
	return 0;
}

static void *nothing(void *unused)
{
	return unused;
}

static long thread_storm(void *unused)
{
	pthread_t one;

	for (;;)
		if (!pthread_create(&one, NULL, nothing, NULL))
			pthread_join(one, NULL);
	return 0;
}

static long ns_storm(void *unused)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(unshare(CLONE_NEWUTS | CLONE_NEWIPC |
				      CLONE_NEWNS));
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static child_fn * const storms[] = { thread_storm, ns_storm, storm_execs };

static int move_here(const char *cgroup, pid_t pid)
{
	return write_file(format("%s/cgroup.procs", cgroup), format("%d", pid));
}

/* A container that is full, with storms in it, and one beside it. */
FIXTURE(churn)
{
	struct lens lens;
	struct child box, beside, storm[ARRAY_SIZE(storms)];
	struct filling *filling;
	struct tasks *tasks;
	struct ns_records *ns;
	char *cgroup;
};

FIXTURE_SETUP(churn)
{
	unsigned int i;

	ASSERT_EQ(0, lens_open_with(&self->lens, SMALL_BURST));
	self->tasks = calloc(1, sizeof(*self->tasks));
	self->ns = calloc(1, sizeof(*self->ns));
	self->filling = calloc(1, sizeof(*self->filling));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_NE(NULL, self->ns);
	ASSERT_NE(NULL, self->filling);
	self->cgroup = format("/sys/fs/cgroup/nslens-churn-%d", getpid());
	ASSERT_EQ(0, mkdir(self->cgroup, 0755));
	ASSERT_EQ(0, child_spawn(&self->beside, BOX));
	ASSERT_EQ(0, child_spawn(&self->box, BOX));
	ASSERT_EQ(0, child_map_ids(&self->box, 0, 0, 1));
	ASSERT_EQ(0, move_here(self->cgroup, self->box.pid));
	for (i = 0; i < ARRAY_SIZE(storms); i++)
		ASSERT_EQ(0, child_spawn_in(&self->box, &self->storm[i], 0));
}

FIXTURE_TEARDOWN(churn)
{
	unsigned int i;

	for (i = ARRAY_SIZE(storms); i--;)
		child_end(&self->storm[i]);
	child_end(&self->box);
	child_end(&self->beside);
	EXPECT_EQ(0, cgroup_remove(self->cgroup));
	free(self->filling);
	free(self->ns);
	free(self->tasks);
	lens_close(&self->lens);
}

static int fill_box(struct child *box, struct filling *f, int flags)
{
	f->flags = flags;
	return child_do(box, fill, f, sizeof(*f));
}

static void start_storms(struct child *storm)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(storms); i++)
		child_start(&storm[i], storms[i], NULL, 0);
}

static unsigned int count(const struct tasks *tasks, __u32 nr_in_box, __u32 ino)
{
	unsigned int i, n = 0;

	for (i = 0; i < tasks->n; i++)
		n += tasks->v[i].pids.n == 2 &&
		     tasks->v[i].pids.v[1] == nr_in_box &&
		     tasks->v[i].ns.v[NSLENS_NS_TYPE_PID] == ino;
	return n;
}

static void expect_each_once(struct __test_metadata *_metadata,
			     const struct tasks *tasks,
			     const struct filling *f, bool threads, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < NR_PROCESSES; i++) {
		EXPECT_EQ(1, count(tasks, f->pid[i], ino)) {
			TH_LOG("process %d", f->pid[i]);
		}
	}
	for (i = 0; i < NR_THREADS; i++) {
		EXPECT_EQ(threads, count(tasks, f->tid[i], ino)) {
			TH_LOG("thread %d", f->tid[i]);
		}
	}
}

/* None that is not in the container; but for a dump without a filter. */
static void expect_none_else(struct __test_metadata *_metadata,
			     const struct tasks *tasks, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < tasks->n; i++)
		EXPECT_EQ(ino, tasks->v[i].ns.v[NSLENS_NS_TYPE_PID]);
}

static void expect_filter_holds(struct __test_metadata *_metadata,
				struct lens *lens, const struct query *q,
				struct tasks *tasks, const struct filling *f,
				__u32 ino)
{
	const bool filter = q->subtree || q->member_of.by ||
			    q->cgroup_subtree[0];
	unsigned int i, parts = 0, interrupted = 0;

	for (i = 0; i < ROUNDS || (!interrupted && i < MAX_ROUNDS); i++) {
		ASSERT_EQ(0, lens_list(lens, q, tasks));
		expect_each_once(_metadata, tasks, f, q->threads, ino);
		/* A task that is dead has left all but its PID namespace. */
		if (filter)
			expect_none_else(_metadata, tasks, ino);
		parts += lens->parts;
		interrupted += lens->interrupted;
	}
	EXPECT_LT(2 * i, parts);
	EXPECT_LT(0, interrupted);
}

TEST_F(churn, leaves_tasks_in_a_dump_once_whatever_the_filter)
{
	const __u32 ino = ns_ino(self->box.pid, "pid");
	struct query queries[] = {
		{},
		{ .subtree = self->box.pid },
		{ .member_of = TYPED_PID(self->box.pid, NSLENS_NS_TYPE_PID) },
		{ .member_of = BY_INO(ino), .descendants = true },
		{ .member_of = TYPED_PID(self->box.pid, NSLENS_NS_TYPE_UTS) },
		{ .member_of = TYPED_PID(self->box.pid, NSLENS_NS_TYPE_USER),
		  .descendants = true },
		{ .subtree = self->box.pid,
		  .member_of = TYPED_PID(self->box.pid, NSLENS_NS_TYPE_PID) },
		{},
	};
	unsigned int i, threads;

	snprintf(queries[ARRAY_SIZE(queries) - 1].cgroup_subtree,
		 sizeof(queries[0].cgroup_subtree), "%s",
		 self->cgroup + strlen("/sys/fs/cgroup"));
	ASSERT_EQ(0, fill_box(&self->box, self->filling, 0));
	start_storms(self->storm);
	for (i = 0; i < ARRAY_SIZE(queries); i++) {
		for (threads = 0; threads < 2; threads++) {
			queries[i].threads = threads;
			expect_filter_holds(_metadata, &self->lens,
					    &queries[i], self->tasks,
					    self->filling, ino);
		}
	}
}

static void note_inodes(struct child *box, struct filling *f)
{
	static __s32 pids[NR_PROCESSES];
	struct lens lens;
	unsigned int i;
	int fd = ns_open(box->pid, "pid");

	memcpy(pids, f->pid, sizeof(f->pid));
	if (!lens_open(&lens) &&
	    !lens_translate(&lens, &BY_FD(fd), NULL, false, pids, NR_PROCESSES))
		for (i = 0; i < NR_PROCESSES; i++)
			f->ino[i] = ns_ino(pids[i], "uts");
	lens_close(&lens);
	close(fd);
}

static void expect_each_ns_once(struct __test_metadata *_metadata,
				const struct ns_records *list,
				const struct filling *f)
{
	unsigned int i, j, n;

	for (i = 1; i < list->n; i++)
		EXPECT_LT(list->v[i - 1].ino, list->v[i].ino);
	for (i = 0; i < NR_PROCESSES; i++) {
		for (j = 0, n = 0; j < list->n; j++)
			n += list->v[j].ino == f->ino[i] &&
			     list->v[j].type == NSLENS_NS_TYPE_UTS;
		EXPECT_EQ(1, n) {
			TH_LOG("uts:[%u]", f->ino[i]);
		}
	}
}

TEST_F(churn, leaves_namespaces_in_a_dump_once)
{
	static const int types[] = { ALL_TYPES, NSLENS_NS_TYPE_UTS };
	unsigned int i, parts = 0, interrupted = 0;

	ASSERT_EQ(0, fill_box(&self->box, self->filling, CLONE_NEWUTS));
	note_inodes(&self->box, self->filling);
	ASSERT_NE(0, self->filling->ino[0]);
	start_storms(self->storm);
	for (i = 0; i < 2 * ROUNDS || (!interrupted && i < MAX_ROUNDS); i++) {
		self->ns->type = types[i % 2];
		ASSERT_EQ(0, lens_ns_list(&self->lens, self->ns));
		expect_each_ns_once(_metadata, self->ns, self->filling);
		parts += self->lens.parts;
		interrupted += self->lens.interrupted;
	}
	EXPECT_LT(2 * i, parts);
	EXPECT_LT(0, interrupted);
}

struct between {
	struct child *box;
	struct child *beside;
};

/* Between the parts: one new namespace, and the end of one that is listed. */
static void change(void *data)
{
	struct between *between = data;

	child_end(between->beside);
	child_spawn(between->beside, BOX);
}

TEST_F(churn, between_the_parts_leaves_the_rest_of_the_namespaces)
{
	struct between between = { &self->box, &self->beside };

	ASSERT_EQ(0, fill_box(&self->box, self->filling, CLONE_NEWUTS));
	note_inodes(&self->box, self->filling);
	self->lens.between = change;
	self->lens.data = &between;
	self->ns->type = ALL_TYPES;
	ASSERT_EQ(0, lens_ns_list(&self->lens, self->ns));
	EXPECT_LT(2, self->lens.parts);
	expect_each_ns_once(_metadata, self->ns, self->filling);
}

/* A dump that nobody reads on must not keep a namespace. */
TEST_F(churn, leaves_no_reference_behind_in_a_dump_that_is_left)
{
	int fd = ns_open(self->beside.pid, "uts");
	struct ns_record before, while_dumping, after;
	struct lens dump;

	ASSERT_EQ(0, fill_box(&self->box, self->filling, CLONE_NEWUTS));
	ASSERT_EQ(0, lens_ns(&self->lens, &BY_FD(fd), &before));
	ASSERT_EQ(0, lens_open_with(&dump, SMALL_BURST));
	ASSERT_EQ(0, lens_send(&dump, lens_request(&dump, NSLENS_CMD_NS_GET,
						   NLM_F_DUMP)));
	ASSERT_EQ(0, lens_ns(&self->lens, &BY_FD(fd), &while_dumping));
	lens_close(&dump);
	ASSERT_EQ(0, lens_ns(&self->lens, &BY_FD(fd), &after));
	EXPECT_LT(0, before.refcount);
	EXPECT_EQ(before.refcount, while_dumping.refcount);
	EXPECT_EQ(before.refcount, after.refcount);
	close(fd);
}

TEST_HARNESS_MAIN
