// SPDX-License-Identifier: GPL-2.0
/* The trace events nslens:*, counted by perf, against what was done. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/maker.h"
#include "lib/perf.h"
#include "lib/tool.h"

#define MAX_CPUS	1024
#define TRUE		"/bin/true"
#define TEXT_SIZE	(4 << 20)

/* struct counter - an event, on each CPU */
struct counter {
	int fds[MAX_CPUS];
};

static int counter_open(struct counter *c, const char *event, const char *filter)
{
	int cpu, nr = sysconf(_SC_NPROCESSORS_CONF);

	memset(c->fds, -1, sizeof(c->fds));
	if (nr > MAX_CPUS)
		return -E2BIG;
	for (cpu = 0; cpu < nr; cpu++) {
		c->fds[cpu] = perf_open(event, cpu, filter);
		if (c->fds[cpu] < 0 && c->fds[cpu] != -ENODEV)
			return c->fds[cpu];
	}
	return 0;
}

static void counter_close(struct counter *c)
{
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (c->fds[cpu] > 0)
			close(c->fds[cpu]);
}

static __u64 counted(const struct counter *c)
{
	__u64 sum = 0, one;
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (c->fds[cpu] >= 0 && !perf_count(c->fds[cpu], &one))
			sum += one;
	return sum;
}

FIXTURE(perf)
{
	struct counter fork, exec, exit, change, create, destroy;
	struct child child, other;
	char *dir;	/* an instance of tracefs, if there is one */
};

FIXTURE_VARIANT(perf)
{
	bool tracefs;
};

FIXTURE_VARIANT_ADD(perf, alone) {};

/* Each event has two listeners then. */
FIXTURE_VARIANT_ADD(perf, beside_tracefs)
{
	.tracefs = true,
};

FIXTURE_SETUP(perf)
{
	struct rlimit files;

	if (access(TRACEFS "/events/nslens", R_OK))
		SKIP(return, "tracefs is not mounted");
	/* Six for each CPU. */
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &files));
	files.rlim_cur = files.rlim_max;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_spawn(&self->other, 0));
	if (!variant->tracefs)
		return;
	self->dir = format(TRACEFS "/instances/nslens-perf-%d", getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	ASSERT_EQ(0, write_file(format("%s/events/nslens/enable", self->dir),
				"1"));
}

FIXTURE_TEARDOWN(perf)
{
	counter_close(&self->fork);
	counter_close(&self->exec);
	counter_close(&self->exit);
	counter_close(&self->change);
	counter_close(&self->create);
	counter_close(&self->destroy);
	child_end(&self->other);
	child_end(&self->child);
	if (!self->dir)
		return;
	EXPECT_EQ(0, write_file(format("%s/events/nslens/enable", self->dir),
				"0"));
	EXPECT_EQ(0, rmdir(self->dir));
}

static void fork_once(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

static void unshare_once(struct __test_metadata *_metadata, struct child *c)
{
	unsigned int uts = CLONE_NEWUTS;

	ASSERT_EQ(0, child_do(c, child_unshare, &uts, sizeof(uts)));
}

#define COUNT(counter, event, key, value)				\
	ASSERT_EQ(0, counter_open(counter, event,			\
				  format("%s == %u", key, value)))

static void await(const struct counter *c, __u64 count)
{
	while (counted(c) < count)
		sched_yield();
}

/* What tracefs has of it; a number ends where the next word begins. */
static unsigned int lines(const char *dir, const char *mark)
{
	char *text = calloc(1, TEXT_SIZE);
	unsigned int n = 0;
	const char *at;

	if (text && read_file(format("%s/trace", dir), text, TEXT_SIZE) > 0)
		for (at = text; (at = strstr(at, mark)); at++)
			n++;
	free(text);
	return n;
}

TEST_F(perf, counts_what_a_filter_lets_through)
{
	const pid_t pid = self->child.pid, other = self->other.pid;
	struct run run = { .path = TRUE };
	__u64 fork, change, create;

	COUNT(&self->fork, "fork", "parent_pid", pid);
	COUNT(&self->exec, "exec", "pid", other);
	COUNT(&self->exit, "exit", "pid", other);
	COUNT(&self->change, "switch", "pid", pid);
	COUNT(&self->create, "ns_create", "creator", pid);
	/* The probes are attached some time after; this one last. */
	while (!counted(&self->change))
		unshare_once(_metadata, &self->child);
	COUNT(&self->destroy, "ns_destroy", "ino", ns_ino(pid, "uts"));
	fork = counted(&self->fork);
	change = counted(&self->change);
	create = counted(&self->create);

	fork_once(_metadata, &self->child);
	fork_once(_metadata, &self->other);
	fork_once(_metadata, &self->child);
	fork_once(_metadata, &self->child);
	unshare_once(_metadata, &self->child);
	unshare_once(_metadata, &self->child);
	child_start(&self->other, maker_run, &run, sizeof(run));
	await(&self->exit, 1);
	await(&self->destroy, 1);

	EXPECT_EQ(fork + 3, counted(&self->fork));
	EXPECT_EQ(1, counted(&self->exec));
	EXPECT_EQ(1, counted(&self->exit));
	EXPECT_EQ(change + 2, counted(&self->change));
	EXPECT_EQ(create + 2, counted(&self->create));
	EXPECT_EQ(1, counted(&self->destroy));
	if (self->dir)
		EXPECT_EQ(3, lines(self->dir, format(" fork: parent_pid=%d ", pid)));
}

TEST_F(perf, refuses_a_filter_that_is_none)
{
	EXPECT_EQ(-EINVAL, counter_open(&self->fork, "fork", "mars_ns == 1"));
}

TEST_HARNESS_MAIN
