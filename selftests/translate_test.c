// SPDX-License-Identifier: GPL-2.0
/* pid-translate: from any PID namespace to any other, one PID or thousands. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

/* Since Linux 6.11; the headers may be older. */
#define NS_PID_FROM_PIDNS	_IOR(0xb7, 0x6, int)
#define NS_PID_IN_PIDNS		_IOR(0xb7, 0x8, int)

/*
 * Siblings a and b below the test; below a three levels in all:
 *
 *	test ---- a1 (PID 1) ---- a2 (PID 1) ---- a3 (PID 1)
 *	    \---- b (PID 1)             \---- plain
 */
FIXTURE(translate)
{
	struct lens lens;
	struct child b, a1, a2, a3, plain;
};

FIXTURE_SETUP(translate)
{
	setup_lens(_metadata, &self->lens);
	ASSERT_EQ(0, child_spawn(&self->b, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn(&self->a1, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->a1, &self->a2, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->a2, &self->plain, 0));
	ASSERT_EQ(0, child_spawn_in(&self->a2, &self->a3, CLONE_NEWPID));
}

FIXTURE_TEARDOWN(translate)
{
	child_end(&self->a3);
	child_end(&self->plain);
	child_end(&self->a2);
	child_end(&self->a1);
	child_end(&self->b);
	lens_close(&self->lens);
}

static int translate_one(struct lens *l, struct ref from, struct ref to,
			 __s32 pid)
{
	int err = lens_translate(l, &from, &to, false, &pid, 1);

	return err ?: pid;
}

static const struct ref here;

TEST_F(translate, to_what_the_task_itself_calls_getpid)
{
	struct child *all[] = { &self->b, &self->a1, &self->a2, &self->a3,
				&self->plain };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(child_do(all[i], child_getpid, NULL, 0),
			  translate_one(&self->lens, here,
					BY_PID(all[i]->pid), all[i]->pid));
	}
}

TEST_F(translate, from_what_clone_returned_to_the_parent)
{
	struct child *const born[] = { &self->a2, &self->a3, &self->plain };
	struct lens *l = &self->lens;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(born); i++) {
		struct ref from = BY_PID(born[i]->parent->pid);

		EXPECT_EQ(born[i]->pid,
			  translate_one(l, from, here, born[i]->pid_there));
	}
	EXPECT_EQ(self->a1.pid, translate_one(l, BY_PID(self->a1.pid), here, 1));
	EXPECT_EQ(self->b.pid, translate_one(l, BY_PID(self->b.pid), here, 1));
}

/* Each task of the deepest chain, at each level, against NSpid. */
TEST_F(translate, between_any_two_levels)
{
	struct ref level[] = {
		here, BY_PID(self->a1.pid), BY_PID(self->a2.pid),
		BY_PID(self->a3.pid)
	};
	struct numbers nspid;
	unsigned int from, to;

	ASSERT_EQ(0, proc_numbers(self->a3.pid, "NSpid", &nspid));
	ASSERT_EQ(4, nspid.n);
	for (from = 0; from < 4; from++) {
		for (to = 0; to < 4; to++) {
			EXPECT_EQ(nspid.v[to],
				  translate_one(&self->lens, level[from],
						level[to], nspid.v[from])) {
				TH_LOG("from level %u to %u", from, to);
			}
		}
	}
}

TEST_F(translate, between_siblings_there_is_no_number)
{
	EXPECT_EQ(0, translate_one(&self->lens, BY_PID(self->a1.pid),
				   BY_PID(self->b.pid), 1));
	EXPECT_EQ(0, translate_one(&self->lens, BY_PID(self->b.pid),
				   BY_PID(self->a3.pid), 1));
	EXPECT_EQ(0, translate_one(&self->lens, here, BY_PID(self->b.pid),
				   self->plain.pid));
	EXPECT_EQ(0, translate_one(&self->lens, here, BY_PID(self->a1.pid),
				   getpid()));
}

TEST_F(translate, names_a_namespace_in_three_ways)
{
	const struct ref by[] = {
		BY_PID(self->a2.pid),
		TYPED_PID(self->plain.pid, NSLENS_NS_TYPE_PID),
		BY_INO(ns_ino(self->a2.pid, "pid")),
		TYPED_INO(ns_ino(self->a2.pid, "pid"), NSLENS_NS_TYPE_PID),
		BY_FD(ns_open(self->a2.pid, "pid")),
		TYPED_FD(ns_open(self->plain.pid, "pid"), NSLENS_NS_TYPE_PID),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by); i++) {
		EXPECT_EQ(self->plain.pid_there,
			  translate_one(&self->lens, here, by[i],
					self->plain.pid));
		EXPECT_EQ(self->plain.pid,
			  translate_one(&self->lens, by[i], here,
					self->plain.pid_there));
	}
}

TEST_F(translate, names_a_namespace_by_a_bind_mount)
{
	char dir[] = "/tmp/translate_test.XXXXXX";
	char file[64], link[64];
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/pid", dir);
	snprintf(link, sizeof(link), "/proc/%d/ns/pid", self->a2.pid);
	fd = open(file, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, mount(link, file, NULL, MS_BIND, NULL));
	fd = open(file, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(self->plain.pid_there, translate_one(&self->lens, here,
						       BY_FD(fd),
						       self->plain.pid));
	close(fd);
	EXPECT_EQ(0, umount2(file, MNT_DETACH));
	EXPECT_EQ(0, unlink(file));
	EXPECT_EQ(0, rmdir(dir));
}

TEST_F(translate, names_the_namespace_of_future_children)
{
	int flags = CLONE_NEWPID;
	struct child first;
	int fd;

	ASSERT_EQ(0, child_do(&self->b, child_unshare, &flags, sizeof(flags)));
	ASSERT_EQ(0, child_spawn_in(&self->b, &first, 0));
	fd = ns_open(self->b.pid, "pid_for_children");
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, translate_one(&self->lens, here, BY_FD(fd), first.pid));
	EXPECT_EQ(0, translate_one(&self->lens, here, BY_FD(fd), self->b.pid));
	close(fd);
	child_end(&first);
}

TEST_F(translate, agrees_with_the_ioctls_of_nsfs)
{
	struct child *in[] = { &self->b, &self->a1, &self->a2, &self->a3 };
	__s32 pids[] = { self->b.pid, self->a1.pid, self->a2.pid, self->a3.pid,
			 self->plain.pid, getpid(), 1, 2 };
	__s32 seen[ARRAY_SIZE(pids)];
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(in); i++) {
		int fd = ns_open(in[i]->pid, "pid");
		struct ref ref = BY_FD(fd);

		ASSERT_LE(0, fd);
		memcpy(seen, pids, sizeof(seen));
		ASSERT_EQ(0, lens_translate(&self->lens, NULL, &ref, false,
					    seen, ARRAY_SIZE(seen)));
		for (k = 0; k < ARRAY_SIZE(pids); k++) {
			int nr = ioctl(fd, NS_PID_IN_PIDNS, pids[k]);

			if (nr < 0 && errno == ENOTTY)
				SKIP(return, "kernel before 6.11");
			/* The ioctl says -ESRCH for no number there. */
			EXPECT_EQ(nr < 0 ? 0 : nr, seen[k]);
			if (nr > 0) {
				EXPECT_EQ(pids[k],
					  ioctl(fd, NS_PID_FROM_PIDNS, nr));
				EXPECT_EQ(pids[k],
					  translate_one(&self->lens, ref, here,
							nr));
			}
		}
		close(fd);
	}
}

TEST_F(translate, to_each_tasks_own_namespace)
{
	__s32 pids[] = { self->b.pid, self->a1.pid, self->a2.pid, self->a3.pid,
			 self->plain.pid, getpid(), 2 };
	struct numbers nspid;
	__s32 seen[ARRAY_SIZE(pids)];
	unsigned int i;

	memcpy(seen, pids, sizeof(seen));
	ASSERT_EQ(0, lens_translate(&self->lens, NULL, NULL, true, seen,
				    ARRAY_SIZE(seen)));
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		ASSERT_EQ(0, proc_numbers(pids[i], "NSpid", &nspid));
		EXPECT_EQ(innermost(&nspid), seen[i]);
	}
}

TEST_F(translate, to_own_from_another_namespace)
{
	struct ref from = BY_PID(self->a1.pid);
	__s32 pid = self->a2.pid_there;

	ASSERT_EQ(0, lens_translate(&self->lens, &from, NULL, true, &pid, 1));
	EXPECT_EQ(1, pid);
}

TEST_F(translate, answers_every_entry_of_a_batch_with_bad_ones)
{
	struct child gone;
	struct ref to = BY_PID(self->a1.pid);
	__s32 pids[12];

	ASSERT_EQ(0, child_spawn(&gone, 0));
	pids[0] = self->a1.pid;		/* has one */
	pids[1] = gone.pid;		/* is reaped */
	pids[2] = 0;
	pids[3] = -1;
	pids[4] = INT32_MIN;
	pids[5] = INT32_MAX;
	pids[6] = getpid();		/* has none */
	pids[7] = self->a2.pid;
	pids[8] = self->a1.pid;		/* again */
	pids[9] = -gone.pid;
	pids[10] = 1;			/* has none */
	pids[11] = self->plain.pid;
	child_end(&gone);
	ASSERT_EQ(0, lens_translate(&self->lens, NULL, &to, false, pids, 12));
	EXPECT_EQ(1, pids[0]);
	EXPECT_EQ(-ESRCH, pids[1]);
	EXPECT_EQ(-EINVAL, pids[2]);
	EXPECT_EQ(-EINVAL, pids[3]);
	EXPECT_EQ(-EINVAL, pids[4]);
	EXPECT_EQ(-ESRCH, pids[5]);
	EXPECT_EQ(0, pids[6]);
	EXPECT_EQ(self->a2.pid_there, pids[7]);
	EXPECT_EQ(1, pids[8]);
	EXPECT_EQ(-EINVAL, pids[9]);
	EXPECT_EQ(0, pids[10]);
	EXPECT_LT(1, pids[11]);
}

TEST_F(translate, a_zombie_has_its_numbers_still)
{
	struct ref there = BY_FD(ns_open(self->a2.pid, "pid"));

	child_kill(&self->plain);
	ASSERT_EQ('Z', proc_state(self->plain.pid));
	EXPECT_EQ(self->plain.pid_there,
		  translate_one(&self->lens, here, there, self->plain.pid));
	EXPECT_EQ(self->plain.pid, translate_one(&self->lens, there, here,
						 self->plain.pid_there));
}

TEST_F(translate, a_dead_namespace_has_no_numbers)
{
	struct ref dead = BY_FD(ns_open(self->b.pid, "pid"));

	child_end(&self->b);
	EXPECT_EQ(-ESRCH, translate_one(&self->lens, dead, here, 1));
	EXPECT_EQ(0, translate_one(&self->lens, here, dead, getpid()));
}

/* A leader's and a thread's number are both one. */
TEST_F(translate, threads_have_numbers_too)
{
	struct numbers nspid;
	struct pid_list all;
	unsigned int i, n = 0;

	ASSERT_EQ(0, proc_list(1, &all));
	for (i = 0; i < all.n; i++) {
		if (proc_numbers(all.v[i], "NSpid", &nspid))
			continue;
		EXPECT_EQ(nspid.v[0], translate_one(&self->lens, here, here,
						    all.v[i]));
		n++;
	}
	EXPECT_LT(0, n);
}

TEST_F(translate, takes_4096_pids_at_once)
{
	struct ref to = BY_PID(self->a1.pid);
	static __s32 pids[NSLENS_MAX_PIDS];
	static struct numbers nspid;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = i % 4 == 0 ? self->a2.pid :
			  i % 4 == 1 ? self->b.pid :
			  i % 4 == 2 ? -(int)i : self->a1.pid;
	ASSERT_EQ(0, proc_numbers(self->a2.pid, "NSpid", &nspid));
	ASSERT_EQ(0, lens_translate(&self->lens, NULL, &to, false, pids,
				    ARRAY_SIZE(pids)));
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		__s32 expected = i % 4 == 0 ? nspid.v[1] :
				 i % 4 == 1 ? 0 :
				 i % 4 == 2 ? -EINVAL : 1;

		EXPECT_EQ(expected, pids[i]) {
			TH_LOG("entry %u", i);
		}
	}
}

/* In a container, here is the container's own namespace. */
TEST_F(translate, from_inside_a_container)
{
	struct ref inner = BY_PID(self->a2.pid_there);
	struct numbers nspid;
	__s32 pid;

	ASSERT_EQ(0, proc_numbers(self->a3.pid, "NSpid", &nspid));
	pid = nspid.v[1];
	ASSERT_EQ(0, child_translate(&self->a1, NULL, &inner, false, &pid, 1));
	EXPECT_EQ(nspid.v[2], pid);
	ASSERT_EQ(0, child_translate(&self->a1, &inner, NULL, false, &pid, 1));
	EXPECT_EQ(nspid.v[1], pid);
	/* Nothing above or beside it has a number. */
	pid = self->b.pid;
	ASSERT_EQ(0, child_translate(&self->a1, NULL, NULL, false, &pid, 1));
	EXPECT_EQ(-ESRCH, pid);
}

/* Here is where the caller is, not where its children will be. */
TEST_F(translate, here_stays_here_after_unshare)
{
	int flags = CLONE_NEWPID;
	struct child first;
	__s32 pid;

	ASSERT_EQ(0, child_do(&self->a1, child_unshare, &flags, sizeof(flags)));
	ASSERT_EQ(0, child_spawn_in(&self->a1, &first, 0));
	pid = first.pid_there;
	ASSERT_EQ(0, child_translate(&self->a1, NULL, NULL, true, &pid, 1));
	EXPECT_EQ(1, pid);
	child_end(&first);
}

TEST_HARNESS_MAIN
