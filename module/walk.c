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
#include "walk.h"

/* Ancestors looked at, and PIDs skipped, within one RCU section. */
#define WALK_BATCH	64

/*
 * Up to WALK_BATCH steps from @p to its ancestors, until @root is met.
 *
 * Context: rcu_read_lock() is held.
 * Return: NULL when it is decided; else where to go on, with a reference: it is
 * freed a grace period after it is unhashed at the earliest, so it can be taken.
 */
static struct task_struct *climb(struct task_struct *p, const struct pid *root,
				 bool *found)
{
	unsigned int n;

	for (n = 0; n < WALK_BATCH; n++) {
		*found = nslens_process_pid(p, PIDTYPE_TGID) == root;
		if (*found || !pid_alive(p) || p == &init_task)
			return NULL;
		p = rcu_dereference(p->real_parent);
	}
	return get_task_struct(p);
}

/*
 * Is @root the process of @task or of an ancestor of it? Puts @task. If an
 * ancestor is released between two batches the answer is no; a dump is flagged
 * then, since a PID went.
 */
static bool descends_from(struct task_struct *task, const struct pid *root)
{
	struct task_struct *next;
	bool found = false;

	for (;;) {
		rcu_read_lock();
		next = climb(task, root, &found);
		rcu_read_unlock();
		put_task_struct(task);
		if (!next)
			return found;
		task = next;
		cond_resched();
	}
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

	task = pid_task(pid, walk->threads ? PIDTYPE_PID : PIDTYPE_TGID);
	if (!task)
		return NULL;
	if (walk->member.ns)
		fields |= NSLENS_TASK_FIELD_NS;
	if (!nslens_task_collect(t, viewer, pid, task, fields))
		return NULL;
	if (walk->member.ns && !is_member(walk, t, task))
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
		match = descends_from(get_task_struct(task), walk->subtree);
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
	unsigned int n = 0;
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
		if (++n % WALK_BATCH)
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
 *
 * The allocator's position moves with each PID given out, the count with each
 * that is given back.
 *
 * Context: any. Return: never 0, as cb->seq of a netlink dump must be.
 */
u32 nslens_walk_seq(const struct nslens_walk *walk)
{
	u32 seq = idr_get_cursor(&walk->ns->idr) * 0x9e3779b1U +
		  READ_ONCE(walk->ns->pid_allocated);

	return seq ?: 1;
}
