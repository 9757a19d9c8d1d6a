/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expectations that several tests share. To be included behind
 * kselftest_harness.h, whose macros these functions need.
 */
#ifndef _SELFTESTS_EXPECT_H
#define _SELFTESTS_EXPECT_H

#include <unistd.h>

#include "child.h"
#include "lens.h"
#include "ns_types.h"
#include "proc.h"

#define HAS(task, NAME)	(!!((task)->present & NSLENS_TASK_FIELD_##NAME))

/*
 * A test takes its time under emulation, in a kernel that watches itself above
 * all. Where it is fast, the program's own limit is what ends it: see settings,
 * and the -o of run_kselftest.sh.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	1500

/* What of a record only those get who pass the rule of /proc/PID/ns. */
#define ONLY_IF_ALLOWED	(NSLENS_TASK_FIELD_NS |				\
			 NSLENS_TASK_FIELD_UID_INSIDE |			\
			 NSLENS_TASK_FIELD_GID_INSIDE)
#define FOR_ALL		(DEFAULT_FIELDS & ~ONLY_IF_ALLOWED)

/* For a fixture's setup: a socket, or the reason why not. */
static inline void setup_lens(struct __test_metadata *_metadata,
			      struct lens *l)
{
	ASSERT_EQ(0, lens_open(l)) {
		TH_LOG("is nslens.ko loaded?");
	}
}

static inline void expect_numbers(struct __test_metadata *_metadata,
				  const char *what,
				  const struct numbers *expected,
				  const struct numbers *seen)
{
	unsigned int i;

	EXPECT_EQ(expected->n, seen->n) {
		TH_LOG("%s: number of levels", what);
		return;
	}
	for (i = 0; i < expected->n; i++) {
		EXPECT_EQ(expected->v[i], seen->v[i]) {
			TH_LOG("%s at level %u", what, i);
		}
	}
}

/* What the links say that a task is in; 0 where it has none. */
static inline void ns_by_links(pid_t pid, struct numbers *out)
{
	for (out->n = 0; out->n < NR_NS; out->n++)
		out->v[out->n] = ns_ino(pid, ns_types[out->n].link);
}

static inline void expect_ns_as_links(struct __test_metadata *_metadata,
				      pid_t pid,
				      const struct task *task)
{
	struct numbers links;
	unsigned int i;

	ns_by_links(pid, &links);
	EXPECT_TRUE(HAS(task, NS));
	EXPECT_EQ(NR_NS, task->ns.n);
	for (i = 0; i < NR_NS; i++) {
		EXPECT_EQ(links.v[i], task->ns.v[i]) {
			TH_LOG("/proc/%d/ns/%s", pid, ns_types[i].link);
		}
	}
}

/*
 * The record of a task that is neither born nor changed meanwhile says the same
 * as /proc, which the caller has to see as root.
 */
static inline void expect_as_proc(struct __test_metadata *_metadata,
				  pid_t pid, const struct task *task)
{
	const struct {
		const char *field;
		const struct numbers *seen;
	} arrays[] = {
		{ "NSpid", &task->pids },
		{ "NStgid", &task->tgids },
		{ "NSpgid", &task->pgids },
		{ "NSsid", &task->sids },
	};
	struct numbers expected;
	char comm[64];
	unsigned int i;

	EXPECT_EQ(DEFAULT_FIELDS, task->present);
	for (i = 0; i < ARRAY_SIZE(arrays); i++) {
		EXPECT_EQ(0, proc_numbers(pid, arrays[i].field, &expected));
		expect_numbers(_metadata, arrays[i].field, &expected,
			       arrays[i].seen);
	}
	EXPECT_EQ(task->pids.n, task->ppids.n);
	EXPECT_EQ(proc_number(pid, "PPid", 0), task->ppids.v[0]);
	expect_ns_as_links(_metadata, pid, task);
	EXPECT_EQ(proc_number(pid, "Uid", 1), task->uid);
	EXPECT_EQ(proc_number(pid, "Gid", 1), task->gid);
	EXPECT_EQ(proc_number(pid, "TracerPid", 0), task->tracer);
	EXPECT_EQ(proc_start_ticks(pid), (long long)
		  (task->start_time / (1000000000 / sysconf(_SC_CLK_TCK))));
	EXPECT_EQ(0, proc_comm(pid, comm, sizeof(comm)));
	EXPECT_STREQ(comm, task->comm);
}

/* For child_do(): how many of a task's links the caller may follow. */
static inline long count_links(void *pid)
{
	struct numbers links;
	unsigned int i, n = 0;

	ns_by_links(*(pid_t *)pid, &links);
	for (i = 0; i < NR_NS; i++)
		n += !!links.v[i];
	return n;
}

/*
 * A child gets these fields of a task, and what it can learn of the namespaces
 * from the links agrees. The PID is what the child and its /proc call it.
 */
static inline void expect_sees(struct __test_metadata *_metadata,
			       struct child *who, pid_t whom,
			       __u32 fields)
{
	struct task task;

	EXPECT_EQ(0, child_get(who, &(struct query){ .pid = whom }, &task));
	EXPECT_EQ(fields, task.present);
	EXPECT_EQ(!!(fields & NSLENS_TASK_FIELD_NS),
		  !!child_do(who, count_links, &whom, sizeof(whom))) {
		TH_LOG("the links of /proc/%d/ns say otherwise", whom);
	}
}

#endif
