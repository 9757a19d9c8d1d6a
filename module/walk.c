// SPDX-License-Identifier: GPL-2.0
/* A walk over tasks that no lock spans. */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "access.h"
#include "climb.h"
#include "walk.h"
#include "xa.h"

/* PIDs looked at within one RCU section. */
#define WALK_BATCH	64

/* A climb for @walk->subtree, and whom it met in its last RCU section. */
struct ascent {
	struct nslens_walk *walk;
	unsigned long seen[NSLENS_CLIMB_BATCH];
	unsigned int n;
};

/* A process as the memo knows it. */
static unsigned long memo_key(const struct pid *tgid)
{
	return tgid->numbers[0].nr;
}

/* Is it known whether this process is within the subtree? */
static enum nslens_climb ascend(struct task_struct *p, const struct pid *tgid,
				unsigned int n, void *arg)
{
	struct ascent *ascent = arg;
	void *known;

	ascent->n = n;
	if (tgid == ascent->walk->subtree)
		return NSLENS_CLIMB_INSIDE;
	if (p == &init_task)
		return NSLENS_CLIMB_OUTSIDE;
	known = xa_load(&ascent->walk->memo, memo_key(tgid));
	if (known)
		return xa_to_value(known);
	ascent->seen[n] = memo_key(tgid);
	return NSLENS_CLIMB_ON;
}

/*
 * Is @walk->subtree the process of @task or of an ancestor of it? What was met
 * in one RCU section with the answer is remembered, so that the next climb ends
 * sooner; a memo that does not fit in memory costs time, nothing else.
 */
static bool descends_from(struct nslens_walk *walk, struct task_struct *task)
{
	struct ascent ascent = { .walk = walk };
	enum nslens_climb found = nslens_climb(task, ascend, &ascent);

	if (found == NSLENS_CLIMB_INSIDE || found == NSLENS_CLIMB_OUTSIDE)
		while (ascent.n--)
			xa_store(&walk->memo, ascent.seen[ascent.n],
				 xa_mk_value(found),
				 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	return found == NSLENS_CLIMB_INSIDE;
}

/* Is the task in the user namespace with this inode, or a descendant of it? */
static bool in_user_ns(const struct task_struct *task, u32 ino)
{
	const struct user_namespace *ns = __task_cred(task)->user_ns;

	while (ns && ns->ns.inum != ino)
		ns = ns->parent;
	return ns;
}

/* A task that hides its namespaces from the viewer is a member of none. */
static bool is_member(const struct nslens_walk *walk,
		      const struct nslens_task *t,
		      const struct task_struct *task)
{
	if (!(t->fields & NSLENS_TASK_FIELD_NS))
		return false;
	if (!walk->descendants)
		return t->ns[walk->member.type] ==
		       walk->member.ns->inum;
	/* All that have a number in a PID namespace: the walk is in that one. */
	return walk->member.type == NSLENS_NS_TYPE_PID ||
	       in_user_ns(task, walk->member.ns->inum);
}

/* The task of @pid if it matches all that needs no sleep, else NULL. */
static struct task_struct *take(struct nslens_walk *walk,
				struct nslens_task *t,
				const struct nslens_viewer *viewer,
				struct pid *pid)
{
	struct task_struct *task;
	u32 fields = walk->fields;

	if (walk->member.ns || walk->full_only)
		fields |= NSLENS_TASK_FIELD_NS;
	task = nslens_task_find(t, viewer, pid,
				walk->threads ? PIDTYPE_PID : PIDTYPE_TGID,
				fields);
	if (!task)
		return NULL;
	if (walk->member.ns && !is_member(walk, t, task))
		return NULL;
	if (walk->full_only && !(t->fields & NSLENS_TASK_FIELD_NS))
		return NULL;
	if (walk->cgroup &&
	    !cgroup_is_descendant(task_dfl_cgroup(task), walk->cgroup))
		return NULL;
	t->fields &= walk->fields;
	return task;
}

/*
 * What is left to match and to read of a task that take() took, and cannot be
 * done in one RCU section. Puts @task. Return: does it match?
 */
static bool finish(struct nslens_walk *walk, struct nslens_task *t,
		   const struct nslens_viewer *viewer,
		   struct task_struct *task)
{
	bool match = true;

	if (walk->subtree)
		match = descends_from(walk, task);
	if (match)
		nslens_task_add(t, viewer, task, walk->path);
	put_task_struct(task);
	return match;
}

/**
 * nslens_walk_next() - the next task that matches
 * @walk: the cursor; moved past the task that is returned
 * @t: filled in
 * @viewer: for whom
 *
 * Context: process; may sleep. Within its RCU sections there is a bounded
 * amount of work, whatever the number of tasks.
 * Return: the task's number in walk->ns, 0 at the end, -EINTR on a signal that
 * kills the caller.
 */
int nslens_walk_next(struct nslens_walk *walk, struct nslens_task *t,
		     const struct nslens_viewer *viewer)
{
	struct task_struct *task = NULL;
	struct pid *pid;
	int nr = 0;

	rcu_read_lock();
	while (!task && (pid = find_ge_pid(walk->nr, walk->ns))) {
		nr = pid->numbers[walk->ns->level].nr;
		walk->nr = nr + 1;
		task = take(walk, t, viewer, pid);
		if (task && (walk->subtree ||
			     t->fields & NSLENS_TASK_FIELDS_SLOW)) {
			get_task_struct(task);
			rcu_read_unlock();
			if (!finish(walk, t, viewer, task))
				task = NULL;
			rcu_read_lock();
		}
		if (++walk->steps % WALK_BATCH)
			continue;
		rcu_read_unlock();
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		rcu_read_lock();
	}
	rcu_read_unlock();
	return task ? nr : 0;
}

/**
 * nslens_walk_seq() - a number that changes when PIDs come or go
 * @walk: the cursor
 * @viewer: for whom
 *
 * The allocator's position moves with each PID given out, the count with each
 * that is given back. Who sets PIDs himself (clone3() with set_tid, or
 * ns_last_pid) can make up for both.
 *
 * Context: any.
 *
 * Return: never 0, as cb->seq of a netlink dump must be.
 */
u32 nslens_walk_seq(const struct nslens_walk *walk,
		    const struct nslens_viewer *viewer)
{
	/* A subtree depends on ancestors that may be outside walk->ns. */
	const struct pid_namespace *ns = walk->subtree ? viewer->pid_ns :
							 walk->ns;
	u32 seq = idr_get_cursor(&ns->idr) * 0x9e3779b1U +
		  READ_ONCE(ns->pid_allocated);

	return seq ?: 1;
}

/**
 * nslens_walk_free() - free what a walk has remembered
 * @walk: the cursor; its references are the caller's
 *
 * Context: process.
 */
void nslens_walk_free(struct nslens_walk *walk)
{
	nslens_xa_destroy(&walk->memo);
}
