/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expectations about events that several tests share. To be included behind
 * kselftest_harness.h.
 */
#ifndef _SELFTESTS_EXPECT_EVENT_H
#define _SELFTESTS_EXPECT_EVENT_H

#include <sys/stat.h>

#include "expect.h"
#include "session.h"

#define NSEC_PER_TICK	(1000000000 / sysconf(_SC_CLK_TCK))

static inline void setup_session(struct __test_metadata *_metadata,
				 struct session *s)
{
	ASSERT_EQ(0, session_open(s)) {
		TH_LOG("is nslens.ko loaded?");
	}
	ASSERT_EQ(0, session_set(s, &(struct trace_change){})) {
		TH_LOG("%s", s->lens.text);
	}
}

/* Its directory's inode number is its id. */
static inline __u64 cgroup_id_of(pid_t pid)
{
	char path[64], text[4096], dir[4200], *at;
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, "0::");
	if (!at)
		return 0;
	at[strcspn(at, "\n")] = '\0';
	snprintf(dir, sizeof(dir), "/sys/fs/cgroup%s", at + 3);
	return stat(dir, &status) ? 0 : status.st_ino;
}

static inline void expect_levels(struct __test_metadata *_metadata, pid_t pid,
				 const char *field, const struct numbers *seen)
{
	struct numbers expected;

	EXPECT_EQ(0, proc_numbers(pid, field, &expected));
	expect_numbers(_metadata, field, &expected, seen);
}

/* As the links of a task that has not moved since. */
static inline void expect_event_ns(struct __test_metadata *_metadata, pid_t pid,
				   const __u32 *seen)
{
	struct numbers links;
	unsigned int i;

	ns_by_links(pid, &links);
	for (i = 0; i < NR_NS; i++) {
		EXPECT_EQ(links.v[i], seen[i]) {
			TH_LOG("/proc/%d/ns/%s", pid, ns_types[i].link);
		}
	}
}

/* The ids that ns-get knows them by. */
static inline void expect_event_ids(struct __test_metadata *_metadata,
				    pid_t pid, const struct event *e)
{
	struct task task;
	struct lens lens;
	unsigned int i;

	ASSERT_EQ(0, lens_open(&lens));
	ASSERT_EQ(0, lens_get(&lens, &(struct query){
		.pid = pid, .fields = NSLENS_TASK_FIELD_NS_IDS }, &task));
	lens_close(&lens);
	for (i = 0; i < NR_NS; i++) {
		EXPECT_NE(0, e->ns_ids[i]);
		EXPECT_EQ(task.ns_ids[i], e->ns_ids[i]) {
			TH_LOG("id of %s", ns_types[i].name);
		}
	}
}

/* What an event says of a task that lives and has not changed since. */
static inline void expect_event_as_proc(struct __test_metadata *_metadata,
					pid_t pid, const struct event *e)
{
	char comm[64];

	expect_levels(_metadata, pid, "NSpid", &e->pids);
	expect_levels(_metadata, pid, "NStgid", &e->tgids);
	EXPECT_EQ(0, proc_comm(pid, comm, sizeof(comm)));
	EXPECT_STREQ(comm, e->comm);
	EXPECT_EQ(proc_start_ticks(pid),
		  (long long)(e->start_time / NSEC_PER_TICK));
	EXPECT_EQ(cgroup_id_of(pid), e->cgroup_id);
	EXPECT_NE(0, e->cgroup_id);
	EXPECT_EQ(proc_number(pid, "Tgid", 0) != pid,
		  !!(e->flags & NSLENS_EVENT_FLAG_THREAD));
	expect_event_ns(_metadata, pid, e->ns);
	expect_event_ids(_metadata, pid, e);
}

/* Whose call it was. */
static inline void expect_event_parent(struct __test_metadata *_metadata,
				       pid_t pid, const struct event *e)
{
	expect_levels(_metadata, pid, "NSpid", &e->parent_pids);
	expect_levels(_metadata, pid, "NStgid", &e->parent_tgids);
}

#endif
