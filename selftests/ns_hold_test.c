// SPDX-License-Identifier: GPL-2.0
/* Namespaces that no task is in: what an open file holds, and who sees it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/namespaces.h"

/* Beyond what is looked at within one hold of a lock. */
#define FAR_FD		700

FIXTURE(ns_hold)
{
	struct lens lens;
	struct child holder;
	struct ns_list *list;
	__u32 ino;
	int fd, held;
};

FIXTURE_VARIANT(ns_hold)
{
	unsigned int type;
};

FIXTURE_VARIANT_ADD(ns_hold, cgroup)
{
	.type = NSLENS_NS_TYPE_CGROUP,
};

FIXTURE_VARIANT_ADD(ns_hold, ipc)
{
	.type = NSLENS_NS_TYPE_IPC,
};

FIXTURE_VARIANT_ADD(ns_hold, mnt)
{
	.type = NSLENS_NS_TYPE_MNT,
};

FIXTURE_VARIANT_ADD(ns_hold, net)
{
	.type = NSLENS_NS_TYPE_NET,
};

FIXTURE_VARIANT_ADD(ns_hold, pid)
{
	.type = NSLENS_NS_TYPE_PID,
};

FIXTURE_VARIANT_ADD(ns_hold, time)
{
	.type = NSLENS_NS_TYPE_TIME,
};

FIXTURE_VARIANT_ADD(ns_hold, user)
{
	.type = NSLENS_NS_TYPE_USER,
};

FIXTURE_VARIANT_ADD(ns_hold, uts)
{
	.type = NSLENS_NS_TYPE_UTS,
};

/* A file of a namespace whose only task has ended. */
static int left_behind(unsigned int type, __u32 *ino)
{
	struct child member;
	int fd;

	if (child_spawn(&member, ns_types[type].flag))
		return -1;
	fd = ns_open(member.pid, ns_types[type].link);
	*ino = ns_ino_of_fd(fd);
	child_end(&member);
	return fd;
}

FIXTURE_SETUP(ns_hold)
{
	ASSERT_EQ(0, lens_open(&self->lens));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->list);
	ASSERT_EQ(0, child_spawn(&self->holder, 0));
	self->fd = left_behind(variant->type, &self->ino);
	ASSERT_LE(0, self->fd);
	self->held = child_give_fd(&self->holder, self->fd);
	ASSERT_LE(0, self->held);
	close(self->fd);
}

FIXTURE_TEARDOWN(ns_hold)
{
	child_end(&self->holder);
	free(self->list);
	lens_close(&self->lens);
}

TEST_F(ns_hold, a_file_of_another_process_is_enough)
{
	struct ns *listed, ns;

	ASSERT_EQ(0, list_namespaces(self->list));
	listed = find_ns(self->list, self->ino);
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(variant->type, listed->type);
	EXPECT_EQ(0, listed->processes);
	EXPECT_EQ(0, listed->threads);
	EXPECT_EQ(0, listed->pid);
	EXPECT_NE(0, listed->id);
	EXPECT_NE(0, listed->refcount);
	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(self->ino), &ns));
	/* What the task that ended leaves is freed some time later. */
	ns.refcount = listed->refcount;
	EXPECT_EQ(0, memcmp(&ns, listed, sizeof(ns)));
}

TEST_F(ns_hold, it_is_gone_with_the_file)
{
	child_end(&self->holder);
	ASSERT_EQ(0, list_namespaces(self->list));
	EXPECT_EQ(NULL, find_ns(self->list, self->ino));
}

TEST_F(ns_hold, who_may_not_see_the_file_does_not_see_it)
{
	ASSERT_EQ(0, list_as_nobody(self->list, -1));
	EXPECT_EQ(NULL, find_ns(self->list, self->ino));
}

TEST_F(ns_hold, who_has_the_file_sees_it_without_privilege)
{
	self->fd = child_take_fd(&self->holder, self->held);
	ASSERT_EQ(0, list_as_nobody(self->list, self->fd));
	EXPECT_NE(NULL, find_ns(self->list, self->ino));
	close(self->fd);
}

FIXTURE(hold)
{
	struct lens lens;
	struct child child;
	struct ns_list *list;
	__u32 ino;
	int fd;
};

FIXTURE_SETUP(hold)
{
	ASSERT_EQ(0, lens_open(&self->lens));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->list);
	ASSERT_EQ(0, child_spawn(&self->child, 0));
	self->fd = left_behind(NSLENS_NS_TYPE_UTS, &self->ino);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(hold)
{
	child_end(&self->child);
	free(self->list);
	lens_close(&self->lens);
}

/* Is the namespace listed, now that only what was done to @self->fd holds it? */
static bool still_listed(struct ns_list *list, __u32 ino, int fd)
{
	close(fd);
	return !list_namespaces(list) && find_ns(list, ino);
}

static long move_far(void *fd)
{
	struct rlimit limit = { FAR_FD + 1, FAR_FD + 1 };
	int from = *(int *)fd;

	if (setrlimit(RLIMIT_NOFILE, &limit) ||
	    dup2(from, FAR_FD) != FAR_FD)
		return -errno;
	close(from);
	return 0;
}

TEST_F(hold, a_descriptor_far_up)
{
	int fd = child_give_fd(&self->child, self->fd);

	ASSERT_EQ(0, child_do(&self->child, move_far, &fd, sizeof(fd)));
	EXPECT_TRUE(still_listed(self->list, self->ino, self->fd));
	child_end(&self->child);
	EXPECT_FALSE(still_listed(self->list, self->ino, -1));
}

static long reopen_as_path(void *data)
{
	int fd = *(int *)data, path;
	char name[32];

	sprintf(name, "/proc/self/fd/%d", fd);
	path = open(name, O_PATH | O_CLOEXEC);
	close(fd);
	return path < 0 ? -errno : 0;
}

TEST_F(hold, a_file_opened_as_a_path)
{
	int fd = child_give_fd(&self->child, self->fd);

	ASSERT_EQ(0, child_do(&self->child, reopen_as_path, &fd, sizeof(fd)));
	EXPECT_TRUE(still_listed(self->list, self->ino, self->fd));
}

static pthread_barrier_t parted;

static void *keep_apart(void *unused)
{
	unshare(CLONE_FILES);
	pthread_barrier_wait(&parted);
	for (;;)
		pause();
	return NULL;
}

/* A thread has a table of its own, and in that what its leader closes. */
static long keep_in_thread(void *fd)
{
	pthread_t thread;

	pthread_barrier_init(&parted, NULL, 2);
	if (pthread_create(&thread, NULL, keep_apart, NULL))
		return -1;
	pthread_barrier_wait(&parted);
	return close(*(int *)fd);
}

TEST_F(hold, a_thread_that_shares_no_files_with_its_leader)
{
	int fd = child_give_fd(&self->child, self->fd);

	ASSERT_EQ(0, child_do(&self->child, keep_in_thread, &fd, sizeof(fd)));
	EXPECT_TRUE(still_listed(self->list, self->ino, self->fd));
}

/* An ancestor's PID namespace is no part of a container's world. */
TEST_F(hold, no_pid_namespace_from_outside_by_a_file)
{
	int host = ns_open(getpid(), "pid");
	struct child inside;

	ASSERT_EQ(0, child_spawn(&inside, CLONE_NEWPID));
	ASSERT_LE(0, child_give_fd(&inside, host));
	ASSERT_LE(0, child_give_fd(&inside, self->fd));
	ASSERT_EQ(0, child_do(&inside, list_namespaces, self->list,
			      sizeof(*self->list)));
	EXPECT_EQ(NULL, find_ns(self->list, ns_ino_of_fd(host)));
	EXPECT_NE(NULL, find_ns(self->list, self->ino));
	child_end(&inside);
	close(host);
	close(self->fd);
}

/* Of a user namespace outside the own one its file tells no map and no level. */
TEST_F(hold, no_level_of_a_user_namespace_beside)
{
	struct child beside, inside;
	int fd;
	struct ns *listed;

	ASSERT_EQ(0, child_spawn(&beside, CLONE_NEWUSER));
	ASSERT_EQ(0, child_map_ids(&beside, 3, 0, 1));
	ASSERT_EQ(0, child_spawn(&inside, CLONE_NEWUSER | CLONE_NEWPID));
	ASSERT_EQ(0, child_map_ids(&inside, 0, 0, 1));
	fd = ns_open(beside.pid, "user");
	ASSERT_LE(0, child_give_fd(&inside, fd));
	ASSERT_EQ(0, child_do(&inside, list_namespaces, self->list,
			      sizeof(*self->list)));
	listed = find_ns(self->list, ns_ino_of_fd(fd));
	ASSERT_NE(NULL, listed);
	EXPECT_FALSE(listed->has_level);
	EXPECT_EQ(0, listed->count);
	EXPECT_EQ(0, listed->owner);
	child_end(&inside);
	child_end(&beside);
	close(fd);
	close(self->fd);
}

static int thread_is_in;

static void *live_apart(void *unused)
{
	unshare(CLONE_NEWUTS);
	write(thread_is_in, "", 1);
	for (;;)
		pause();
	return NULL;
}

static long die_before_a_thread(void *fd)
{
	pthread_t thread;

	thread_is_in = *(int *)fd;
	if (pthread_create(&thread, NULL, live_apart, NULL))
		return -1;
	syscall(SYS_exit, 0);
	return 0;
}

/* The PID of the other thread, which has no other name */
static pid_t other_thread(pid_t pid)
{
	static struct pid_list all;
	unsigned int i;

	if (proc_list(1, &all))
		return -1;
	for (i = 0; i < all.n; i++)
		if (all.v[i] != pid && proc_number(all.v[i], "Tgid", 0) == pid)
			return all.v[i];
	return -1;
}

/* lsns looks at leaders only, and this one is dead. */
TEST_F(hold, a_thread_whose_leader_is_dead_counts)
{
	int ends[2], fd;
	struct ns *listed;
	pid_t tid;
	char byte;

	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	fd = child_give_fd(&self->child, ends[1]);
	child_start(&self->child, die_before_a_thread, &fd, sizeof(fd));
	ASSERT_EQ(1, read(ends[0], &byte, 1));
	while (proc_state(self->child.pid) != 'Z')
		sched_yield();
	tid = other_thread(self->child.pid);
	ASSERT_LT(0, tid);
	ASSERT_EQ(0, list_namespaces(self->list));
	listed = find_ns(self->list, ns_ino(tid, "uts"));
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(1, listed->threads);
	EXPECT_EQ(0, listed->processes);
	EXPECT_EQ(tid, listed->pid);
	close(ends[0]);
	close(ends[1]);
	close(self->fd);
}

static long change_for_ever(void *fd)
{
	write(*(int *)fd, "", 1);
	for (;;)
		unshare(CLONE_NEWUTS);
	return 0;
}

/* No PID comes or goes, so nothing but the namespaces tells. */
TEST_F(hold, what_changes_meanwhile_is_flagged)
{
	unsigned int i, quiet = 0, flagged = 0;
	int ends[2], fd;
	char byte;

	for (i = 0; i < 50 && !quiet; i++) {
		ASSERT_EQ(0, list_namespaces(self->list));
		quiet += !self->list->interrupted;
	}
	EXPECT_NE(0, quiet);
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	fd = child_give_fd(&self->child, ends[1]);
	child_start(&self->child, change_for_ever, &fd, sizeof(fd));
	ASSERT_EQ(1, read(ends[0], &byte, 1));
	for (i = 0; i < 500 && !flagged; i++) {
		ASSERT_EQ(0, list_namespaces(self->list));
		flagged += self->list->interrupted;
	}
	EXPECT_NE(0, flagged);
	close(ends[0]);
	close(ends[1]);
	close(self->fd);
}

TEST_HARNESS_MAIN
