// SPDX-License-Identifier: GPL-2.0
/*
 * The eight types, told apart by what they do: where two tasks behave as if in
 * one world, the module reports one inode number, and where not, two.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/expect.h"

#define MARK		"nslens-mark"
#define SHM_KEY		0x6e736c73
#define CGROUP		"/sys/fs/cgroup/nslens-types-test"
#define AHEAD		1000000000	/* seconds */

/* What a task looks at, and what it sees. */
struct look {
	pid_t outside;
	char seen[256];
};

static long set_hostname(void *unused)
{
	return sethostname(MARK, strlen(MARK)) ? -errno : 0;
}

static long see_hostname(void *data)
{
	struct look *look = data;

	return gethostname(look->seen, sizeof(look->seen));
}

static long mount_something(void *unused)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(MARK, "/tmp", "tmpfs", 0, NULL) < 0)
		return -errno;
	return 0;
}

static long see_mounts(void *data)
{
	struct look *look = data;
	static char mounts[65536];
	int n = read_file("/proc/self/mountinfo", mounts, sizeof(mounts));

	sprintf(look->seen, "%s", strstr(mounts, MARK) ? "mounted" : "not");
	return n < 0 ? n : 0;
}

static long make_shm(void *unused)
{
	return shmget(SHM_KEY, 4096, IPC_CREAT | IPC_EXCL | 0600) < 0 ?
		-errno : 0;
}

static long see_shm(void *data)
{
	struct look *look = data;

	sprintf(look->seen, "%s",
		shmget(SHM_KEY, 0, 0) < 0 ? strerror(errno) : "found");
	return 0;
}

static long set_mtu(void *unused)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_mtu = 1234 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = ioctl(fd, SIOCSIFMTU, &lo) < 0 ? -errno : 0;

	close(fd);
	return err;
}

static long see_mtu(void *data)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = ioctl(fd, SIOCGIFMTU, &lo) < 0 ? -errno : 0;
	struct look *look = data;

	sprintf(look->seen, "lo has an MTU of %d", lo.ifr_mtu);
	close(fd);
	return err;
}

static long see_pid(void *data)
{
	struct look *look = data;

	sprintf(look->seen, "%s",
		kill(look->outside, 0) < 0 ? strerror(errno) : "it is there");
	return 0;
}

static long set_clock(void *unused)
{
	return write_file("/proc/self/timens_offsets",
			  "monotonic 1000000000 0\n");
}

static long see_clock(void *data)
{
	struct look *look = data;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sprintf(look->seen, "%s", now.tv_sec < AHEAD ? "now" : "ahead");
	return 0;
}

static long see_uid(void *data)
{
	struct look *look = data;

	sprintf(look->seen, "uid %u", geteuid());
	return 0;
}

static long enter_cgroup(void *unused)
{
	return write_file(CGROUP "/cgroup.procs", "0\n");
}

static long see_cgroup(void *data)
{
	struct look *look = data;
	int n = read_file("/proc/self/cgroup", look->seen, sizeof(look->seen));

	return n < 0 ? n : 0;
}

/*
 * A child at the door has left the namespace of a type, and has two children;
 * for pid and time only those are in the new one. Another child stayed.
 */
FIXTURE(types)
{
	struct lens lens;
	struct child door, in, also_in, out;
};

FIXTURE_VARIANT(types)
{
	unsigned int type;
	unsigned int for_children;	/* what the door has for its children */
	child_fn *before;		/* both do it, before one leaves */
	child_fn *at_the_door;
	child_fn *inside;
	child_fn *see;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(types, cgroup) {
	NSLENS_NS_TYPE_CGROUP, .before = enter_cgroup, .see = see_cgroup };
FIXTURE_VARIANT_ADD(types, ipc) {
	NSLENS_NS_TYPE_IPC, .inside = make_shm, .see = see_shm };
FIXTURE_VARIANT_ADD(types, mnt) {
	NSLENS_NS_TYPE_MNT, .inside = mount_something, .see = see_mounts };
FIXTURE_VARIANT_ADD(types, net) {
	NSLENS_NS_TYPE_NET, .inside = set_mtu, .see = see_mtu };
FIXTURE_VARIANT_ADD(types, pid) {
	NSLENS_NS_TYPE_PID, NSLENS_NS_TYPE_PID_FOR_CHILDREN, .see = see_pid };
FIXTURE_VARIANT_ADD(types, time) {
	NSLENS_NS_TYPE_TIME, NSLENS_NS_TYPE_TIME_FOR_CHILDREN,
	.at_the_door = set_clock, .see = see_clock };
FIXTURE_VARIANT_ADD(types, user) {
	NSLENS_NS_TYPE_USER, .see = see_uid };
FIXTURE_VARIANT_ADD(types, uts) {
	NSLENS_NS_TYPE_UTS, .inside = set_hostname, .see = see_hostname };
/* clang-format on */

FIXTURE_SETUP(types)
{
	int flag = ns_types[variant->type].flag;

	setup_lens(_metadata, &self->lens);
	if (variant->before == enter_cgroup && mkdir(CGROUP, 0755) < 0)
		SKIP(return, "no cgroup2 in /sys/fs/cgroup");
	ASSERT_EQ(0, child_spawn(&self->out, 0));
	ASSERT_EQ(0, child_spawn(&self->door, 0));
	if (variant->before) {
		ASSERT_EQ(0, child_do(&self->out, variant->before, NULL, 0));
		ASSERT_EQ(0, child_do(&self->door, variant->before, NULL, 0));
	}
	ASSERT_EQ(0, child_do(&self->door, child_unshare, &flag, sizeof(flag)));
	if (flag == CLONE_NEWUSER)
		ASSERT_EQ(0, child_map_ids(&self->door, 1000, 0, 1));
	if (variant->at_the_door)
		ASSERT_EQ(0, child_do(&self->door, variant->at_the_door,
				      NULL, 0));
	ASSERT_EQ(0, child_spawn_in(&self->door, &self->in, 0));
	ASSERT_EQ(0, child_spawn_in(&self->door, &self->also_in, 0));
	if (variant->inside)
		ASSERT_EQ(0, child_do(&self->in, variant->inside, NULL, 0));
}

FIXTURE_TEARDOWN(types)
{
	child_end(&self->also_in);
	child_end(&self->in);
	child_end(&self->door);
	child_end(&self->out);
	if (variant->before == enter_cgroup)
		cgroup_remove(CGROUP);
	lens_close(&self->lens);
}

static void what_it_sees(struct __test_metadata *_metadata, struct child *c,
			 pid_t outside, child_fn *see, struct look *look)
{
	memset(look, 0, sizeof(*look));
	look->outside = outside;
	EXPECT_EQ(0, child_do(c, see, look, sizeof(*look)));
}

/* Do two tasks see the same, and are they in the same namespaces but of @type? */
static void expect_worlds(struct __test_metadata *_metadata, struct lens *lens,
			  struct child *one, struct child *other, pid_t outside,
			  unsigned int type, child_fn *see, bool same)
{
	struct look seen[2];
	struct task task[2];
	unsigned int i;

	what_it_sees(_metadata, one, outside, see, &seen[0]);
	what_it_sees(_metadata, other, outside, see, &seen[1]);
	EXPECT_EQ(same, !strcmp(seen[0].seen, seen[1].seen)) {
		TH_LOG("'%s' and '%s'", seen[0].seen, seen[1].seen);
	}
	EXPECT_EQ(0, lens_get(lens, &(struct query){ .pid = one->pid },
			      &task[0]));
	EXPECT_EQ(0, lens_get(lens, &(struct query){ .pid = other->pid },
			      &task[1]));
	for (i = 0; i < NR_NS_TYPES; i++) {
		bool equal = task[0].ns.v[i] == task[1].ns.v[i];

		EXPECT_NE(0, task[0].ns.v[i]);
		EXPECT_EQ(i != type || same, equal) {
			TH_LOG("%s", ns_types[i].name);
		}
	}
}

#define EXPECT_WORLDS(one, other, same)					\
	expect_worlds(_metadata, &self->lens, one, other, self->out.pid, \
		      variant->type, variant->see, same)

TEST_F(types, are_one_world_inside_and_another_outside)
{
	EXPECT_WORLDS(&self->in, &self->also_in, true);
	EXPECT_WORLDS(&self->in, &self->out, false);
	EXPECT_WORLDS(&self->also_in, &self->out, false);
}

TEST_F(types, are_at_the_door_what_they_are_for_children)
{
	struct task door, in;

	EXPECT_WORLDS(&self->door, &self->in, !variant->for_children);
	EXPECT_WORLDS(&self->door, &self->out, variant->for_children);
	if (!variant->for_children)
		return;
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->door.pid }, &door));
	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->in.pid }, &in));
	EXPECT_EQ(in.ns.v[variant->type], door.ns.v[variant->for_children]);
	EXPECT_EQ(in.ns.v[variant->type], in.ns.v[variant->for_children]);
}

static long join(void *fd)
{
	return setns(*(int *)fd, 0) ? -errno : 0;
}

TEST_F(types, become_one_world_by_setns)
{
	struct child guest, child;
	struct child *in_it = &guest;
	int fd = ns_open(self->in.pid, ns_types[variant->type].link);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, child_spawn(&guest, 0));
	if (variant->before)
		ASSERT_EQ(0, child_do(&guest, variant->before, NULL, 0));
	EXPECT_WORLDS(&guest, &self->in, false);
	fd = child_give_fd(&guest, fd);
	ASSERT_EQ(0, child_do(&guest, join, &fd, sizeof(fd)));
	if (variant->type == NSLENS_NS_TYPE_PID) {
		ASSERT_EQ(0, child_spawn_in(&guest, &child, 0));
		in_it = &child;
	}
	EXPECT_WORLDS(in_it, &self->in, true);
	EXPECT_WORLDS(in_it, &self->out, false);
	if (in_it == &child)
		child_end(&child);
	child_end(&guest);
}

/* The other side of a user namespace: one task, two uids, both reported. */
TEST_F(types, have_the_uids_that_both_sides_see)
{
	struct look look;
	struct task task;
	char inside[64];

	ASSERT_EQ(0, lens_get(&self->lens,
			      &(struct query){ .pid = self->in.pid }, &task));
	what_it_sees(_metadata, &self->in, 0, see_uid, &look);
	sprintf(inside, "uid %u", task.uid_inside);
	EXPECT_STREQ(look.seen, inside);
	EXPECT_EQ(proc_number(self->in.pid, "Uid", 1), task.uid);
	EXPECT_EQ(variant->type == NSLENS_NS_TYPE_USER ? 1000 : 0,
		  task.uid_inside);
}

TEST_HARNESS_MAIN
