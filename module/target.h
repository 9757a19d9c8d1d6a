/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_TARGET_H
#define _NSLENS_TARGET_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct cgroup;
struct nslens_ended;
struct nslens_rec;
struct pid;

enum nslens_target_kind {
	NSLENS_TARGET_TASK,
	NSLENS_TARGET_NS,
	NSLENS_TARGET_CGROUP,
	NSLENS_TARGET_ALL,
};

/* First those that are gone are marked, and later those marked are forgotten. */
enum nslens_sweep {
	NSLENS_SWEEP_NONE,
	NSLENS_SWEEP_MARK,
	NSLENS_SWEEP_FORGET,
};

/**
 * struct nslens_target - what a session traces
 * @list: in the session's targets
 * @kind: which of the rest counts
 * @since: from when on, ns since boot
 * @follow: of a task: also its descendants
 * @tgid: of a task: TGID of its process in the initial PID namespace
 * @start: of a task: when that process was made, ns since boot
 * @pid: of a task: PID of its process, with a reference, to show it
 * @family: of a task with @follow: when the processes were made, by TGID in the
 *	initial PID namespace
 * @nr: how many are in @family
 * @enough: with so many, it is swept
 * @sweep: what is done of that
 * @next: where in @family that goes on
 * @type: of a namespace: index into nslens_ns_types
 * @ino: of a namespace: its inode number; it is not kept alive
 * @id: of a namespace: its id
 * @cgroup: of a cgroup: with a reference
 * @leaves: it is about to be removed
 */
struct nslens_target {
	struct list_head list;
	enum nslens_target_kind kind;
	u64 since;
	bool follow;
	u32 tgid;
	u64 start;
	struct pid *pid;
	struct xarray family;
	unsigned long nr;
	unsigned long enough;
	enum nslens_sweep sweep;
	unsigned long next;
	int type;
	u32 ino;
	u64 id;
	struct cgroup *cgroup;
	bool leaves;
};

bool nslens_target_match(struct nslens_target *target, const struct nslens_rec *r);
void nslens_target_forget(struct nslens_target *target,
			  const struct nslens_ended *ended);
bool nslens_target_sweep(struct nslens_target *target, unsigned int *budget);
bool nslens_target_is_ns(const struct nslens_target *target, int type, u32 ino,
			 u64 id);
bool nslens_target_same(const struct nslens_target *a,
			const struct nslens_target *b);
int nslens_target_begin(struct nslens_target *target);
void nslens_target_free(struct nslens_target *target);
void nslens_targets_free(struct list_head *targets);

#endif /* _NSLENS_TARGET_H */
