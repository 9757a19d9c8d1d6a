/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_REC_H
#define _NSLENS_REC_H

#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "ns.h"

struct cgroup;
struct cred;
struct user_namespace;

/* Longest file name in a record, its NUL included. */
#define NSLENS_REC_NAME		2048

/* Room for a record of a task that nothing has happened to. */
#define NSLENS_REC_PEEK							\
	(sizeof(struct nslens_rec) + (MAX_PID_NS_LEVEL + 1) *		\
	 (sizeof(struct nslens_rec_upid) + sizeof(u32)))

/* A PID in one PID namespace, and which that is. */
struct nslens_rec_upid {
	u32 nr;
	u32 ns;
	u64 ns_id;
} __packed __aligned(4);

/* The namespaces that a task was in; 0 for none. */
struct nslens_rec_ns {
	u64 id[NSLENS_NR_NS];
	u32 ino[NSLENS_NR_NS];
} __packed __aligned(4);

/* Who looks at a task is judged by these, once the task itself is gone. */
struct nslens_rec_rule {
	const struct cred *cred;
	struct user_namespace *mm_ns;
} __packed __aligned(4);

/**
 * struct nslens_rec - what a probe has captured
 * @time: ns since boot
 * @start: when the task was made, ns since boot
 * @process_start: likewise of its process: with @tgid an identity
 * @parent_start: of a fork, that of the process that called
 * @cgroup_id: of its cgroup in the v2 hierarchy
 * @rule: how it may be seen; with references, if a session needs to know
 * @old_rule: of a switch, how it could be before
 * @cgroup: with a reference, if a session needs to know; else NULL
 * @ns: the namespaces
 * @tgid: TGID in the initial PID namespace
 * @parent_tgid: likewise of the process that called fork
 * @session: of exists, for which session
 * @mask: bits of ns-types: made by a fork, changed by a switch
 * @value: of an exit, task->exit_code; of destroy, the inode number; where @mask has
 *	a network namespace, nslens_nsid_count() of it
 * @flags: NSLENS_EVENT_FLAG_*
 * @kind: enum nslens_event_kind; never ns-create
 * @how: enum nslens_switch_how
 * @type: of destroy, index into nslens_ns_types; its id is in @start
 * @levels: entries of upid and tgids in the tail
 * @parents: entries of parent pids and tgids, or of old pids
 * @name: bytes of the file name, its NUL included
 * @comm: command name
 * @tail: struct nslens_rec_upid[@levels], tgids[@levels], then by kind: fork,
 *	parent pids[@parents] and tgids[@parents]; exec, pids before[@parents],
 *	comm before, the name; switch, struct nslens_rec_ns as it was before
 *
 * Made by capture.c in a ring, rendered by the front ends.
 */
struct nslens_rec {
	u64 time;
	u64 start;
	u64 process_start;
	u64 parent_start;
	u64 cgroup_id;
	struct nslens_rec_rule rule;
	struct nslens_rec_rule old_rule;
	struct cgroup *cgroup;
	struct nslens_rec_ns ns;
	u32 tgid;
	u32 parent_tgid;
	u32 session;
	u32 mask;
	u32 value;
	u16 flags;
	u8 kind;
	u8 how;
	u8 type;
	u8 levels;
	u8 parents;
	u8 has_old_comm;
	u32 name;
	char comm[TASK_COMM_LEN];
	u32 tail[];
} __packed __aligned(4);

static inline struct nslens_rec_upid *nslens_rec_upids(const struct nslens_rec *r)
{
	return (struct nslens_rec_upid *)r->tail;
}

static inline u32 *nslens_rec_tgids(const struct nslens_rec *r)
{
	return (u32 *)(nslens_rec_upids(r) + r->levels);
}

static inline u32 *nslens_rec_parent_pids(const struct nslens_rec *r)
{
	return nslens_rec_tgids(r) + r->levels;
}

static inline u32 *nslens_rec_parent_tgids(const struct nslens_rec *r)
{
	return nslens_rec_parent_pids(r) + r->parents;
}

/* Of an exec: the PIDs before, from the initial PID namespace inwards. */
static inline u32 *nslens_rec_old_pids(const struct nslens_rec *r)
{
	return nslens_rec_parent_pids(r);
}

static inline char *nslens_rec_old_comm(const struct nslens_rec *r)
{
	return (char *)(nslens_rec_old_pids(r) + r->parents);
}

static inline char *nslens_rec_name(const struct nslens_rec *r)
{
	return nslens_rec_old_comm(r) + TASK_COMM_LEN;
}

static inline struct nslens_rec_ns *nslens_rec_old_ns(const struct nslens_rec *r)
{
	return (struct nslens_rec_ns *)nslens_rec_parent_pids(r);
}

#endif /* _NSLENS_REC_H */
