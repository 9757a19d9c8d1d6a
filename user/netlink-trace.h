/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracing with the netlink family nslens: sessions and their events. Events are
 * not decoded, only found: what nobody looks at costs next to nothing.
 */
#ifndef NSLENS_NETLINK_TRACE_H
#define NSLENS_NETLINK_TRACE_H

#include <assert.h>

#include <linux/netlink.h>

#include "netlink.h"

/**
 * struct nslens_found - what has been found so far of an event
 * @at: attributes that nobody has looked at yet
 * @left: how many bytes of them
 * @has: which have been found, bits 1U << NSLENS_A_EVENT_*
 * @attrs: those of them that @has says
 */
struct nslens_found {
	const char *at;
	int left;
	__u32 has;
	const struct nlattr *attrs[NSLENS_A_EVENT_MAX + 1];
};

/* Each attribute has a bit. */
static_assert(NSLENS_A_EVENT_MAX < 32);

/**
 * struct nslens_event - an event within the receive buffer
 * @found: grows as it is read
 *
 * Read it with the functions below, which take an attribute that is absent, or
 * not of such a kind, for 0, "" or an array without anything in it.
 */
struct nslens_event {
	struct nslens_found *found;
};

const struct nlattr *nslens_event_search(struct nslens_found *found, int attr);

/* An attribute, NULL if it is absent. */
static inline const struct nlattr *
nslens_event_find(const struct nslens_event *event, int attr)
{
	return event->found->has & 1U << attr ? event->found->attrs[attr] :
	       event->found->left ? nslens_event_search(event->found, attr) :
	       NULL;
}

static inline bool nslens_event_has(const struct nslens_event *event, int attr)
{
	return nslens_event_find(event, attr);
}

/* Bytes that an attribute holds, 0 if it is absent. */
static inline unsigned int nslens_event_len(const struct nslens_event *event,
					    int attr)
{
	const struct nlattr *found = nslens_event_find(event, attr);

	return found ? found->nla_len - (unsigned int)NLA_HDRLEN : 0;
}

/* Of one that is there. */
static inline const char *nslens_event_at(const struct nslens_event *event,
					  int attr)
{
	return (const char *)event->found->attrs[attr] + NLA_HDRLEN;
}

static inline __u32 nslens_event_u32(const struct nslens_event *event, int attr)
{
	__u32 value = 0;

	if (nslens_event_len(event, attr) >= sizeof(value))
		memcpy(&value, nslens_event_at(event, attr), sizeof(value));
	return value;
}

static inline __u64 nslens_event_u64(const struct nslens_event *event, int attr)
{
	__u64 value = 0;

	if (nslens_event_len(event, attr) >= sizeof(value))
		memcpy(&value, nslens_event_at(event, attr), sizeof(value));
	return value;
}

static inline const char *nslens_event_text(const struct nslens_event *event,
					    int attr)
{
	unsigned int len = nslens_event_len(event, attr);
	const char *text = len ? nslens_event_at(event, attr) : "";

	return len && text[len - 1] ? "" : text;
}

static inline struct nslens_array
nslens_event_array(const struct nslens_event *event, int attr)
{
	unsigned int len = nslens_event_len(event, attr);

	return (struct nslens_array){
		.at = len ? (const void *)nslens_event_at(event, attr) : NULL,
		.nr = len / sizeof(__u32),
	};
}

static inline struct nslens_ids
nslens_event_ids(const struct nslens_event *event, int attr)
{
	unsigned int len = nslens_event_len(event, attr);

	return (struct nslens_ids){
		.at = len ? nslens_event_at(event, attr) : NULL,
		.nr = len / sizeof(__u64),
	};
}

enum nslens_target_kind {
	NSLENS_TARGET_PID,
	NSLENS_TARGET_NS,
	NSLENS_TARGET_CGROUP,
	NSLENS_TARGET_ALL,
};

/**
 * struct nslens_target - what to trace
 * @kind: a process, who is in a namespace or a cgroup, or everything
 * @follow: of a process, also all descendants that are born from now on
 * @pid: PID of the process, or of any thread of it
 * @in: PID namespace that @pid counts in
 * @ns: the namespace
 * @cgroup: path of the cgroup, from the root of the caller's cgroup namespace
 */
struct nslens_target {
	enum nslens_target_kind kind;
	bool follow;
	__u32 pid;
	struct nslens_ns_ref in;
	struct nslens_ns_ref ns;
	const char *cgroup;
};

/**
 * struct nslens_trace_change - how to begin or change a session
 * @add: targets to trace from now on
 * @nr_add: how many
 * @remove: targets to trace no more
 * @nr_remove: how many
 * @set_events: @events counts
 * @events: enum nslens_event_mask
 * @set_fields: @fields counts
 * @fields: enum nslens_event_field
 * @exists: tell what matches @add already
 */
struct nslens_trace_change {
	const struct nslens_target *add;
	size_t nr_add;
	const struct nslens_target *remove;
	size_t nr_remove;
	bool set_events;
	__u32 events;
	bool set_fields;
	__u32 fields;
	bool exists;
};

typedef void (*nslens_event_fn)(const struct nslens_event *event, void *arg);

/**
 * struct nslens_tracer - a session and its connection
 * @conn: the connection; it ends the session. Use it for nothing else
 * @each: is called for each event, with a record that is gone when it returns
 * @arg: is handed to @each
 * @found: of the event under way
 * @id: number of the session, 0 before the first nslens_trace_set()
 */
struct nslens_tracer {
	struct nslens_conn conn;
	nslens_event_fn each;
	void *arg;
	struct nslens_found found;
	__u32 id;
};

/**
 * struct nslens_targets - targets within the receive buffer
 * @at: where the next one is looked for
 * @left: bytes from there on
 */
struct nslens_targets {
	const char *at;
	int left;
};

/**
 * struct nslens_session - a session as the module describes it
 * @id: its number
 * @front: enum nslens_trace_front
 * @owner: PID here of the process that opened it, or 0
 * @events: enum nslens_event_mask
 * @since: when it began, ns since boot
 * @delivered: events given to the reader
 * @lost_ring: events that did not fit in a ring
 * @lost_queue: events that the reader was too slow for
 * @targets: what it traces, for nslens_target_next()
 */
struct nslens_session {
	__u32 id;
	__u32 front;
	__u32 owner;
	__u32 events;
	__u64 since;
	__u64 delivered;
	__u64 lost_ring;
	__u64 lost_queue;
	struct nslens_targets targets;
};

typedef int (*nslens_session_fn)(const struct nslens_session *session,
				 void *arg);

int nslens_trace_open(struct nslens_tracer *tracer, nslens_event_fn each,
		      void *arg);
int nslens_trace_set(struct nslens_tracer *tracer,
		     const struct nslens_trace_change *change);
int nslens_trace_fd(const struct nslens_tracer *tracer);
int nslens_trace_receive(struct nslens_tracer *tracer);
void nslens_trace_close(struct nslens_tracer *tracer);

int nslens_trace_dump(struct nslens_conn *conn, nslens_session_fn each,
		      void *arg);
bool nslens_target_next(struct nslens_targets *targets,
			struct nslens_target *target);

#endif
