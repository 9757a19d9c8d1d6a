/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_WALK_H
#define _NSLENS_WALK_H

#include <linux/xarray.h>

#include "nsref.h"
#include "task.h"

struct cgroup;
struct pid;

/**
 * struct nslens_walk - a cursor over tasks, in the order of their PIDs
 * @ns: PID namespace whose numbers are followed: the viewer's or a descendant
 * @nr: where to go on; a task's own PID namespace may be deeper than @ns
 * @threads: every thread, not only leaders of thread groups
 * @fields: NSLENS_TASK_FIELD_* wanted
 * @subtree: only this process and its descendants, or NULL
 * @member: only members of this namespace, if @member.ns is set
 * @descendants: members of its descendants, too
 * @cgroup: only tasks in this cgroup of the v2 hierarchy or below, or NULL
 * @full_only: only tasks that show their namespaces to the viewer
 * @steps: PIDs looked at, to rest now and then
 * @memo: what is known of processes for @subtree, by their number in the
 *	initial PID namespace; nslens_walk_free() empties it
 * @path: PATH_MAX bytes for the path of a task's cgroup, if that is wanted
 *
 * Who sets it up owns the references, and @path. There is no
 * lock: tasks come and go between two steps, but one that stays keeps its
 * number and so is met once.
 */
struct nslens_walk {
	struct pid_namespace *ns;
	int nr;
	bool threads;
	u32 fields;
	struct pid *subtree;
	struct nslens_nsref member;
	bool descendants;
	struct cgroup *cgroup;
	bool full_only;
	unsigned int steps;
	struct xarray memo;
	char *path;
};

int nslens_walk_next(struct nslens_walk *walk, struct nslens_task *t,
		     const struct nslens_viewer *viewer);
u32 nslens_walk_seq(const struct nslens_walk *walk,
		    const struct nslens_viewer *viewer);
void nslens_walk_free(struct nslens_walk *walk);

#endif /* _NSLENS_WALK_H */
