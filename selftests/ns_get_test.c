// SPDX-License-Identifier: GPL-2.0
/* ns-get: what the module says of namespaces, against /proc and nsfs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/namespaces.h"

#define MARK		"nslens-ns-get"

#define FTRACE_ENABLED	"/proc/sys/kernel/ftrace_enabled"

/* What an ioctl of nsfs leads to: 0 for nothing. */
static __u32 relative(pid_t pid, const char *link, unsigned int request)
{
	int fd = ns_open(pid, link);
	int other = ioctl(fd, request);
	__u32 ino = other < 0 ? 0 : ns_ino_of_fd(other);

	if (other >= 0)
		close(other);
	close(fd);
	return ino;
}

FIXTURE(ns_get)
{
	struct lens lens;
	struct child child;
	struct ns_list *list;
};

FIXTURE_VARIANT(ns_get)
{
	unsigned int type;
};

FIXTURE_VARIANT_ADD(ns_get, cgroup)
{
	.type = NSLENS_NS_TYPE_CGROUP,
};

FIXTURE_VARIANT_ADD(ns_get, ipc)
{
	.type = NSLENS_NS_TYPE_IPC,
};

FIXTURE_VARIANT_ADD(ns_get, mnt)
{
	.type = NSLENS_NS_TYPE_MNT,
};

FIXTURE_VARIANT_ADD(ns_get, net)
{
	.type = NSLENS_NS_TYPE_NET,
};

FIXTURE_VARIANT_ADD(ns_get, pid)
{
	.type = NSLENS_NS_TYPE_PID,
};

FIXTURE_VARIANT_ADD(ns_get, time)
{
	.type = NSLENS_NS_TYPE_TIME,
};

FIXTURE_VARIANT_ADD(ns_get, user)
{
	.type = NSLENS_NS_TYPE_USER,
};

FIXTURE_VARIANT_ADD(ns_get, uts)
{
	.type = NSLENS_NS_TYPE_UTS,
};

FIXTURE_SETUP(ns_get)
{
	ASSERT_EQ(0, lens_open(&self->lens));
	ASSERT_EQ(0, child_spawn(&self->child, ns_types[variant->type].flag));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->list);
}

FIXTURE_TEARDOWN(ns_get)
{
	free(self->list);
	child_end(&self->child);
	lens_close(&self->lens);
}

TEST_F(ns_get, says_what_proc_and_nsfs_say)
{
	const struct ns_type *type = &ns_types[variant->type];
	const pid_t pid = self->child.pid;
	struct ns ns;

	ASSERT_EQ(0, ns_get(&self->lens, &TYPED_PID(pid, variant->type), &ns));
	EXPECT_EQ(variant->type, ns.type);
	EXPECT_EQ(ns_ino(pid, type->link), ns.ino);
	EXPECT_EQ(relative(pid, type->link, NS_GET_USERNS), ns.owner);
	EXPECT_EQ(relative(pid, type->link, NS_GET_PARENT), ns.parent);
	EXPECT_EQ(1, ns.processes);
	EXPECT_EQ(1, ns.threads);
	EXPECT_EQ(pid, ns.pid);
	EXPECT_NE(0, ns.refcount);
	EXPECT_NE(0, ns.id);
}

TEST_F(ns_get, is_the_same_by_inode_by_fd_and_in_a_dump)
{
	const char *link = ns_types[variant->type].link;
	const __u32 ino = ns_ino(self->child.pid, link);
	struct ns by_ino, by_fd, *listed;
	int fd = ns_open(self->child.pid, link);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(ino), &by_ino));
	ASSERT_EQ(0, ns_get(&self->lens, &BY_FD(fd), &by_fd));
	EXPECT_EQ(0, memcmp(&by_ino, &by_fd, sizeof(by_fd)));
	ASSERT_EQ(0, list_namespaces(self->list));
	listed = find_ns(self->list, ino);
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(by_fd.id, listed->id);
	EXPECT_EQ(by_fd.owner, listed->owner);
	EXPECT_EQ(by_fd.refcount, listed->refcount);
	close(fd);
}

/* Some kernels do not count what refers to the first ones. */
TEST_F(ns_get, counts_references_to_the_first_as_to_any)
{
	const __u32 ino = ns_ino(1, ns_types[variant->type].link);
	struct ns ns, *listed;

	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(ino), &ns));
	ASSERT_EQ(0, list_namespaces(self->list));
	listed = find_ns(self->list, ino);
	ASSERT_NE(NULL, listed);
	EXPECT_LT(0, ns.refcount);
	EXPECT_LT(0, listed->refcount);
	/* Each task has less than a hundred of them. */
	EXPECT_GT(100000, ns.refcount);
	EXPECT_GT(100000, listed->refcount);
}

/* Whoever asks refers to it for as long as that takes, and no longer. */
TEST_F(ns_get, keeps_no_reference_to_the_first)
{
	const struct ref mine = TYPED_PID(getpid(), variant->type);
	const struct ref here = TYPED_PID(getpid(), NSLENS_NS_TYPE_PID);
	const struct query ids = { .pid = getpid(),
				   .fields = NSLENS_TASK_FIELD_NS_IDS };
	struct task task;
	struct ns first, ns;
	unsigned int i;
	__s32 pid;

	ASSERT_EQ(0, ns_get(&self->lens, &mine, &first));
	ASSERT_EQ(first.ino, ns_ino(1, ns_types[variant->type].link));
	for (i = 0; i < 200; i++) {
		pid = getpid();
		ASSERT_EQ(0, ns_get(&self->lens, &mine, &ns));
		ASSERT_EQ(0, lens_get(&self->lens, &ids, &task));
		ASSERT_EQ(0, lens_translate(&self->lens, &here, &here, false, &pid, 1));
		ASSERT_EQ(getpid(), pid);
	}
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, list_namespaces(self->list));
	ASSERT_EQ(0, ns_get(&self->lens, &mine, &ns));
	/* There may be others, whom this is not about. */
	EXPECT_GT(first.refcount + 100, ns.refcount);
}

TEST_F(ns_get, tells_a_namespace_from_the_next_with_its_inode)
{
	const struct ns_type *type = &ns_types[variant->type];
	struct ns first, next;

	ASSERT_EQ(0, ns_get(&self->lens,
			    &TYPED_PID(self->child.pid, variant->type),
			    &first));
	/* Nobody can keep the module from seeing its end. */
	EXPECT_EQ(-EBUSY, write_file(FTRACE_ENABLED, "0")) {
		write_file(FTRACE_ENABLED, "1");
	}
	child_end(&self->child);
	ASSERT_EQ(0, child_spawn(&self->child, type->flag));
	ASSERT_EQ(0, ns_get(&self->lens,
			    &TYPED_PID(self->child.pid, variant->type),
			    &next));
	EXPECT_NE(first.id, next.id);
}

TEST_F(ns_get, hides_a_namespace_from_who_may_not_see_its_tasks)
{
	const char *link = ns_types[variant->type].link;
	unsigned int i;

	ASSERT_EQ(0, list_as_nobody(self->list, -1));
	EXPECT_EQ(NULL, find_ns(self->list, ns_ino(self->child.pid, link)));
	for (i = 0; i < self->list->n; i++)
		EXPECT_EQ(0, self->list->v[i].refcount);
}

FIXTURE(one_ns)
{
	struct lens lens;
	struct child child;
	struct ns_list *list;
};

FIXTURE_SETUP(one_ns)
{
	ASSERT_EQ(0, lens_open(&self->lens));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->list);
}

FIXTURE_TEARDOWN(one_ns)
{
	free(self->list);
	lens_close(&self->lens);
}

static long set_name(void *unused)
{
	return sethostname(MARK, strlen(MARK)) ? -errno : 0;
}

TEST_F(one_ns, uts_has_the_name_that_was_set)
{
	struct ns ns;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWUTS));
	ASSERT_EQ(0, child_do(&self->child, set_name, NULL, 0));
	ASSERT_EQ(0, ns_get(&self->lens, &TYPED_PID(self->child.pid,
						    NSLENS_NS_TYPE_UTS), &ns));
	EXPECT_STREQ(MARK, ns.nodename);
	child_end(&self->child);
}

TEST_F(one_ns, user_has_the_map_that_was_written)
{
	struct ns ns;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWUSER));
	ASSERT_EQ(0, child_map_ids(&self->child, 7, 1000, 5));
	ASSERT_EQ(0, ns_get(&self->lens, &TYPED_PID(self->child.pid,
						    NSLENS_NS_TYPE_USER), &ns));
	EXPECT_EQ(7, ns.first);
	EXPECT_EQ(1000, ns.lower);
	EXPECT_EQ(5, ns.count);
	EXPECT_EQ(1, ns.level);
	EXPECT_EQ(getuid(), ns.owner_uid);
	child_end(&self->child);
}

TEST_F(one_ns, pid_has_its_reaper_at_every_level)
{
	struct numbers pids;
	struct child inner;
	struct ns ns;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->child, &inner, CLONE_NEWPID));
	ASSERT_EQ(0, ns_get(&self->lens, &TYPED_PID(inner.pid,
						    NSLENS_NS_TYPE_PID), &ns));
	ASSERT_EQ(0, proc_numbers(inner.pid, "NSpid", &pids));
	EXPECT_EQ(pids.n, ns.reapers);
	EXPECT_EQ(0, memcmp(pids.v, ns.reaper, pids.n * sizeof(*pids.v)));
	EXPECT_EQ(2, ns.level);
	child_end(&inner);
	child_end(&self->child);
}

TEST_F(one_ns, net_is_listed_though_only_a_file_holds_it)
{
	struct ns *listed;
	__u32 ino;
	int fd;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET));
	fd = ns_open(self->child.pid, "net");
	ino = ns_ino_of_fd(fd);
	child_end(&self->child);
	ASSERT_EQ(0, list_namespaces(self->list));
	listed = find_ns(self->list, ino);
	ASSERT_NE(NULL, listed);
	EXPECT_EQ(0, listed->processes);
	EXPECT_EQ(0, listed->pid);
	close(fd);
}

TEST_F(one_ns, uts_that_only_a_file_holds_is_found)
{
	struct ns ns;
	__u32 ino;
	int fd;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWUTS));
	fd = ns_open(self->child.pid, "uts");
	ino = ns_ino_of_fd(fd);
	child_end(&self->child);
	ASSERT_EQ(0, ns_get(&self->lens, &BY_FD(fd), &ns));
	EXPECT_EQ(ino, ns.ino);
	EXPECT_EQ(0, ns.processes);
	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(ino), &ns));
	EXPECT_EQ(ino, ns.ino);
	close(fd);
	EXPECT_EQ(-ENOENT, ns_get(&self->lens, &BY_INO(ino), &ns));
	EXPECT_STREQ("no such namespace that the caller may see",
		     self->lens.text);
}

/* Its tasks have namespaces of the host, but who owns these is above it. */
TEST_F(one_ns, nothing_above_its_own_is_shown_to_a_container)
{
	unsigned int i, users = 0;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWUSER | CLONE_NEWPID));
	ASSERT_EQ(0, child_map_ids(&self->child, 0, 0, 1));
	ASSERT_EQ(0, child_do(&self->child, list_namespaces, self->list,
			      sizeof(*self->list)));
	for (i = 0; i < self->list->n; i++) {
		struct ns *ns = &self->list->v[i];

		EXPECT_NE(ns_ino(getpid(), "user"), ns->owner);
		EXPECT_NE(ns_ino(getpid(), "pid"), ns->ino);
		EXPECT_NE(ns_ino(getpid(), "pid"), ns->parent);
		EXPECT_EQ(0, ns->refcount);
		users += ns->type == NSLENS_NS_TYPE_USER;
	}
	EXPECT_EQ(1, users);
	child_end(&self->child);
}

TEST_HARNESS_MAIN
