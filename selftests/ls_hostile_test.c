// SPDX-License-Identifier: GPL-2.0
/* nslens ls --all, while who owns a mount namespace lays traps in it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

#define NOBODY		65534

/* On the host, where nobody but root has access. */
#define HOST_DIR	"/tmp/nslens-hostile"
#define HOST_FIFO	HOST_DIR "/b"
/* Where a namespace is mounted; then something else comes over /tmp/trap. */
#define COVERED		"/tmp/trap/a"
#define MOUNT		COVERED "/b"

enum trap { ABSOLUTE_LINK, LINK_ON_THE_WAY, FIFO, OTHER_NAMESPACE };

/* A UTS namespace that only a mount keeps, which cannot be reached any more. */
FIXTURE(hostile)
{
	struct tool *tool;
	struct child box;
	unsigned int hidden;
	char *path;
	int watch;
};

FIXTURE_VARIANT(hostile)
{
	enum trap trap;
};

FIXTURE_VARIANT_ADD(hostile, link_to_a_fifo_of_the_host) { ABSOLUTE_LINK };
FIXTURE_VARIANT_ADD(hostile, link_on_the_way) { LINK_ON_THE_WAY };
FIXTURE_VARIANT_ADD(hostile, fifo_of_its_own) { FIFO };
FIXTURE_VARIANT_ADD(hostile, another_namespace) { OTHER_NAMESPACE };

static bool make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	return fd >= 0 && !close(fd);
}

static bool bind_uts(void)
{
	return make_file(MOUNT) &&
	       !mount("/proc/self/ns/uts", MOUNT, NULL, MS_BIND, NULL);
}

static bool set_trap(enum trap trap)
{
	if (trap == LINK_ON_THE_WAY)
		return !symlink(HOST_DIR, COVERED);
	if (mkdir(COVERED, 0755))
		return false;
	if (trap == ABSOLUTE_LINK)
		return !symlink(HOST_FIFO, MOUNT);
	if (trap == FIFO)
		return !mkfifo(MOUNT, 0600);
	return bind_uts();
}

/* All of that takes no privilege but in a user namespace of one's own. */
static long cover(void *trap)
{
	if (mount("none", "/tmp", "tmpfs", 0, NULL) ||
	    mkdir("/tmp/trap", 0755) || mkdir(COVERED, 0755) || !bind_uts() ||
	    unshare(CLONE_NEWUTS) ||
	    mount("none", "/tmp/trap", "tmpfs", 0, NULL) ||
	    !set_trap(*(enum trap *)trap))
		return -errno;
	return 0;
}

FIXTURE_SETUP(hostile)
{
	enum trap trap = variant->trap;
	unsigned int root = 0;

	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, mkdir(HOST_DIR, 0700));
	ASSERT_EQ(0, mkfifo(HOST_FIFO, 0600));
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWUSER | CLONE_NEWNS |
				 CLONE_NEWUTS));
	ASSERT_EQ(0, child_map_ids(&self->box, 0, NOBODY, 1));
	ASSERT_EQ(0, child_do(&self->box, child_setuid, &root, sizeof(root)));
	self->hidden = ns_ino(self->box.pid, "uts");
	ASSERT_EQ(0, child_do(&self->box, cover, &trap, sizeof(trap)));

	self->path = format("/proc/%d/root" MOUNT, self->box.pid);
	self->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	ASSERT_LE(0, self->watch);
	ASSERT_LE(0, inotify_add_watch(self->watch, trap == FIFO ? self->path :
				       HOST_FIFO, IN_OPEN));
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->watch);
	child_end(&self->box);
	unlink(HOST_FIFO);
	rmdir(HOST_DIR);
	free(self->tool);
}

/* The event is there once open(2) has returned. */
static bool was_opened(int watch)
{
	struct inotify_event event;

	return read(watch, &event, sizeof(event)) == sizeof(event);
}

static bool is_seen_to_be_opened(int watch, const char *path)
{
	close(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	return was_opened(watch);
}

/* What is hidden is listed all the same; only who owns it is not to be had. */
TEST_F(hostile, opens_no_file_that_is_not_the_namespace)
{
	EXPECT_PRINTS(format("%u 0 %s\n", self->hidden, self->path), "ls",
		      "-rno", "NS,ONS,PATH", "--all",
		      format("uts:[%u]", self->hidden));
	EXPECT_FALSE(was_opened(self->watch));
	EXPECT_EQ(0, NSLENS(self->tool, "ls", "--all"));
	EXPECT_NE(NULL, strstr(self->tool->out, format("%u", self->hidden)));
	EXPECT_FALSE(was_opened(self->watch));
	EXPECT_TRUE(is_seen_to_be_opened(self->watch,
					 variant->trap == FIFO ? self->path :
					 HOST_FIFO));
}

/* The path of ls, when the user hands it to another verb. */
TEST_F(hostile, opens_no_target_that_is_no_namespace)
{
	/* There is a namespace by that path: the one that came over it. */
	if (variant->trap == OTHER_NAMESPACE) {
		EXPECT_PRINTS(format("%u\n", ns_ino(self->box.pid, "uts")),
			      "ls", "-rno", "NS", self->path);
		return;
	}
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ls", self->path));
	EXPECT_NE(NULL, strstr(self->tool->err, "not a namespace file"));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "show", self->path));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ls", HOST_FIFO));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "trace", self->path));
	EXPECT_FALSE(was_opened(self->watch));
}

TEST_HARNESS_MAIN
