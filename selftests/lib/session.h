/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_SESSION_H
#define _SELFTESTS_SESSION_H

#include <linux/nslens.h>
#include <stdbool.h>

#include "lens.h"
#include "ns_types.h"

/**
 * struct event - a trace-ntf; what is absent is 0
 * @present: bits of the attributes that came, see EVENT_HAS()
 * @filename: allocated, NULL if absent
 */
struct event {
	__u64 present;
	__u32 kind, cpu, flags, created, exit_code, signal, how, changed;
	__u32 ns_type, ns_ino;
	__u64 seq, time, start_time, cgroup_id, ns_id, lifetime;
	__u64 lost_ring, lost_queue, first;
	struct numbers pids, tgids, parent_pids, parent_tgids, old_pids;
	__u32 ns[NR_NS], old_ns[NR_NS];
	__u64 ns_ids[NR_NS], old_ns_ids[NR_NS];
	char comm[32], old_comm[32];
	char *filename;
};

#define EVENT_HAS(e, NAME)	((bool)((e)->present >> NSLENS_A_EVENT_##NAME & 1))

#define MAX_EVENTS	131072U

/* Of a socket's queue: what no test fills by mistake, and what any fills. */
#define LARGE_ROOM	(64 << 20)
#define SMALL_ROOM	1

/**
 * struct session - a socket that traces, and what it was told
 * @lens: the socket
 * @id: of the session
 * @overrun: times that the socket said ENOBUFS
 * @from: events before this do not count for looking
 * @n: how many events
 * @v: the events, in the order in which they came
 */
struct session {
	struct lens lens;
	__u32 id;
	unsigned int overrun;
	unsigned int from;
	unsigned int n;
	struct event *v;
};

/* A target; what is 0 is left out, so that a bad one can be made. */
struct target {
	__u32 pid;
	struct ref in;
	bool follow;
	struct ref ns;
	const char *cgroup;
	bool all;
};

#define EVERYTHING	((struct target){ .all = true })

#define MAX_CHANGES	8

/* A trace-set. Targets end with one that is all zero. */
struct trace_change {
	struct target add[MAX_CHANGES], remove[MAX_CHANGES];
	bool set_events;
	__u32 events;
	bool set_fields;
	__u32 fields;
	bool exists;
};

/* A trace-get; present has bits of NSLENS_A_TRACE_*. */
struct trace_state {
	__u32 present;
	__u32 id, front, owner, events, fields;
	__u64 since, delivered, lost_ring, lost_queue;
	unsigned int targets;
};

int session_open(struct session *s);
void session_close(struct session *s);
int session_room(struct session *s, int bytes);
int session_set(struct session *s, const struct trace_change *change);
int session_send(struct session *s, const struct trace_change *change);
int session_trace(struct session *s, struct target target);
int session_sync(struct session *s);
int session_state(struct session *s, struct trace_state *state);
int session_read(struct session *s);
int session_forget(struct session *s);
void session_drop(struct session *s);

#define ANY_PID		0

struct event *session_find(struct session *s, __u32 kind, __u32 pid);
struct event *session_find_last(struct session *s, __u32 kind, __u32 pid);
struct event *session_await(struct session *s, __u32 kind, __u32 pid);
struct event *session_child_of(struct session *s, __u32 pid);
unsigned int session_forks_by(const struct session *s, __u32 pid);
unsigned int session_count(struct session *s, __u32 kind, __u32 pid);
struct event *session_ns(struct session *s, __u32 kind, __u32 ino);
struct event *session_await_ns(struct session *s, __u32 kind, __u32 ino);

#endif
