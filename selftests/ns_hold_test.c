// SPDX-License-Identifier: GPL-2.0
/* Namespaces that no task is in: what an open file holds, and who sees it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/namespaces.h"
#include "lib/table.h"

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

/* To who may look at the process, and has no more: root sees some without. */
TEST_F(ns_hold, a_file_of_another_process_is_enough)
{
	__u64 caps = 1 << CAP_SYS_PTRACE;
	struct child viewer;
	struct ns *listed;

	ASSERT_EQ(0, child_spawn(&viewer, 0));
	ASSERT_EQ(0, child_do(&viewer, child_set_caps, &caps, sizeof(caps)));
	ASSERT_EQ(0, child_do(&viewer, list_namespaces, self->list,
			      sizeof(*self->list)));
	listed = find_ns(self->list, self->ino);
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(variant->type, listed->type);
	EXPECT_EQ(0, listed->processes);
	/* Who has made a user namespace has all capabilities in it. */
	EXPECT_EQ(variant->type == NSLENS_NS_TYPE_USER, listed->has_particular);
	child_end(&viewer);
}

TEST_F(ns_hold, root_learns_what_is_in_it)
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
	EXPECT_EQ(variant->type != NSLENS_NS_TYPE_MNT, listed->has_particular);
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

struct named {
	int fd;
	struct ns ns;
};

static long get_by_fd(void *data)
{
	struct named *named = data;
	struct lens lens;
	int err;

	err = lens_open(&lens) ?: ns_get(&lens, &BY_FD(named->fd), &named->ns);
	lens_close(&lens);
	return err;
}

/* The details in /proc/nslens/namespaces, as the file's reader gets them */
struct details {
	__u32 ino;
	char text[512];
};

static long read_details(void *data)
{
	static struct table table;
	struct details *details = data;
	char key[16];

	snprintf(key, sizeof(key), "%u", details->ino);
	return table_read(&table, "/proc/nslens/namespaces") ?:
		table_cell(&table, "NS", key, "DETAILS", details->text,
			   sizeof(details->text));
}

/* Anyone may open a file of a namespace that he finds, and enter it not. */
TEST_F(ns_hold, who_just_has_the_file_does_not_learn_what_is_in_it)
{
	struct details details = { .ino = self->ino };
	struct child nobody;
	struct named named;
	struct ns *listed;

	self->fd = child_take_fd(&self->holder, self->held);
	ASSERT_EQ(0, nobody_spawn(&nobody));
	named.fd = child_give_fd(&nobody, self->fd);
	ASSERT_LE(0, named.fd);
	ASSERT_EQ(0, child_do(&nobody, list_namespaces, self->list,
			      sizeof(*self->list)));
	listed = find_ns(self->list, self->ino);
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(variant->type, listed->type);
	EXPECT_NE(0, listed->id);
	EXPECT_FALSE(listed->has_particular);
	ASSERT_EQ(0, child_do(&nobody, get_by_fd, &named, sizeof(named)));
	EXPECT_EQ(self->ino, named.ns.ino);
	EXPECT_FALSE(named.ns.has_particular);
	ASSERT_EQ(0, child_do(&nobody, read_details, &details,
			      sizeof(details)));
	EXPECT_STREQ("-", details.text);
	child_end(&nobody);
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

static long share_table(void *unused)
{
	long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid < 0 ? -errno : 0;
}

static long leave_table(void *fd)
{
	return unshare(CLONE_FILES) || close(*(int *)fd) ? -errno : 0;
}

/* Looked at once; but if one leaves it, it is the other's. */
TEST_F(hold, a_table_that_processes_share)
{
	int fd = child_give_fd(&self->child, self->fd);

	ASSERT_EQ(0, child_do(&self->child, share_table, NULL, 0));
	EXPECT_TRUE(still_listed(self->list, self->ino, self->fd));
	ASSERT_EQ(0, child_do(&self->child, leave_table, &fd, sizeof(fd)));
	EXPECT_TRUE(still_listed(self->list, self->ino, -1));
	/* The other dies with it, some time later. */
	child_end(&self->child);
	while (still_listed(self->list, self->ino, -1))
		sched_yield();
}

#define TABLE_END	1024

/*
 * A table that grows, so that there is a new one, and then the last reference
 * to a file goes of which the old one still knows. One CPU reads meanwhile.
 */
static void grow(int seed)
{
	unsigned int size;
	int fd, i;

	for (size = 128; size < TABLE_END; size *= 2) {
		fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
		if (fd < 0 || dup2(fd, size - 1) < 0)
			_exit(1);
		close(fd);
		sched_yield();
		if (dup2(seed, size) < 0 || close(size - 1))
			_exit(1);
		for (i = size; i < 2 * (int)size - 1; i++)
			dup2(seed, i);
	}
	_exit(0);
}

static long grow_for_ever(void *fd)
{
	struct rlimit limit = { 2 * TABLE_END, 2 * TABLE_END };
	int i, status, held = *(int *)fd;
	pid_t pid;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	for (i = held + 1; i < 128; i++)
		dup2(0, i);
	for (;;) {
		pid = fork();
		if (!pid)
			grow(0);
		if (waitpid(pid, &status, 0) != pid || status)
			return -1;
	}
}

static long use_cpu(void *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(*(int *)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

TEST_F(hold, a_table_that_grows_while_it_is_read)
{
	int last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	int fd = child_give_fd(&self->child, self->fd);
	unsigned int n = 0, here = 0;
	time_t end = time(NULL) + 5;

	close(self->fd);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, child_do(&self->child, use_cpu, &last, sizeof(last)));
	ASSERT_EQ(0, use_cpu(&(int){ 0 }));
	child_start(&self->child, grow_for_ever, &fd, sizeof(fd));
	for (; time(NULL) < end || !n; n++) {
		ASSERT_EQ(0, list_namespaces(self->list));
		here += !!find_ns(self->list, self->ino);
	}
	/* What the whole storm has open is there, whatever else goes. */
	EXPECT_EQ(n, here);
	/* It neither answers nor ends. */
	EXPECT_EQ(0, poll(&(struct pollfd){ self->child.chan, POLLIN, 0 }, 1, 0));
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
