/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_SESSION_H
#define _NSLENS_SESSION_H

#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/nslens.h>

#include "access.h"
#include "nsbook.h"
#include "ring.h"
#include "target.h"

struct cgroup;
struct nslens_ended;
struct nslens_rec;
struct nslens_session;

/**
 * struct nslens_event - what a session is told
 * @kind: enum nslens_event_kind
 * @seq: its number in the session; 0 for lost
 * @time: ns since boot
 * @cpu: where
 * @rec: what was captured; NULL for lost
 * @type: of ns-create and ns-destroy: index into nslens_ns_types
 * @ino: likewise: inode number of the namespace
 * @id: likewise: its id
 * @lifetime: of ns-destroy: ns, or 0 if it is not known
 * @show_cgroup: the session may know the id of the task's cgroup
 * @show_old: of switch: the session may see what was before
 * @ring: of lost: how many did not fit in the rings
 * @queue: of lost: how many the reader was too slow for
 * @first: of lost: time of the first
 */
struct nslens_event {
	unsigned int kind;
	u64 seq;
	u64 time;
	int cpu;
	const struct nslens_rec *rec;
	int type;
	u32 ino;
	u64 id;
	u64 lifetime;
	bool show_cgroup;
	bool show_old;
	u64 ring;
	u64 queue;
	u64 first;
};

/**
 * struct nslens_front - how a session is read
 * @id: enum nslens_trace_front
 * @emit: put an event into the reader's queue; false if there is no room
 * @flush: let the reader have what there is; false if he must read first
 *
 * Both are called by the drain, one at a time, and may sleep.
 */
struct nslens_front {
	enum nslens_trace_front id;
	bool (*emit)(struct nslens_session *session,
		     const struct nslens_event *event);
	bool (*flush)(struct nslens_session *session);
};

/* Tasks that can be half made at one moment, but for an odd chance. */
#define NSLENS_MAX_BORN	32

/**
 * struct nslens_target_counts - how many targets
 * @all: of all kinds
 * @follow: of them those that follow
 * @cgroup: likewise that are cgroups
 */
struct nslens_target_counts {
	unsigned int all;
	unsigned int follow;
	unsigned int cgroup;
};

/**
 * struct nslens_session - somebody who is told events
 * @list: in nslens_trace's list
 * @front: how it is read
 * @asker: who opened it, with his references
 * @all: he may see everything
 * @ns: the PID namespace that he sees, with a reference
 * @level: its level
 * @pid_ns: its inode number
 * @pid_ns_id: its id
 * @cgroup: root of his cgroup namespace, with a reference; NULL for none
 * @owner: TGID of his process, with a reference
 * @owner_start: when that was made, ns since boot
 * @boottime: ns that his time namespace adds to the time since boot
 * @id: number, not used again
 * @slot: number among those that there are now
 * @events: enum nslens_event_mask
 * @fields: enum nslens_event_field; a front may tell more
 * @since: when it began, ns since boot
 * @targets: list of struct nslens_target
 * @n: how many of these
 * @walk: next PID in @ns to say exists of, 0 for none
 * @walk_looks: how often that one has been found about to begin or to end
 * @walk_since: targets that are older do not count for that
 * @born: tasks that were being made then, and were told by their fork: when that
 *	began, ns since boot
 * @nr_born: how many
 * @seq: number of the last event
 * @delivered: events that his queue took
 * @lost_ring: events of @events that did not fit in the rings
 * @lost_queue: events that his queue did not take
 * @untold: of these, what he has not been told yet
 *
 * All but @front is protected by the lock of the drain, see trace.h. Embedded
 * in what the front keeps.
 */
struct nslens_session {
	struct list_head list;
	const struct nslens_front *front;
	struct nslens_asker asker;
	bool all;
	struct pid_namespace *ns;
	unsigned int level;
	u32 pid_ns;
	u64 pid_ns_id;
	struct cgroup *cgroup;
	struct pid *owner;
	u64 owner_start;
	s64 boottime;
	u32 id;
	unsigned int slot;
	u32 events;
	u32 fields;
	u64 since;
	struct list_head targets;
	struct nslens_target_counts n;
	int walk;
	unsigned int walk_looks;
	u64 walk_since;
	u64 born[NSLENS_MAX_BORN];
	unsigned int nr_born;
	u64 seq;
	u64 delivered;
	u64 lost_ring;
	u64 lost_queue;
	struct {
		u64 ring;
		u64 queue;
		u64 first;
		u64 last;
	} untold;
};

void nslens_session_tell(struct nslens_session *session, struct nslens_rec *r,
			 int cpu, struct nslens_nsbook_entry *const *made);
void nslens_session_forget(struct nslens_session *session,
			   const struct nslens_ended *ended);
bool nslens_session_sweep(struct nslens_session *session, unsigned int *budget);
void nslens_session_tell_destroy(struct nslens_session *session,
				 struct nslens_rec *r, int cpu,
				 const struct nslens_nsbook_entry *entry);
void nslens_session_tell_lost(struct nslens_session *session,
			      const struct nslens_lost *lost);
bool nslens_session_visible(const struct nslens_session *session,
			    const struct nslens_viewer *viewer);
bool nslens_session_has_root(const struct nslens_session *session);
bool nslens_session_traces(struct nslens_session *session,
			   const struct nslens_rec *r);
bool nslens_session_flush(struct nslens_session *session);

#endif /* _NSLENS_SESSION_H */
