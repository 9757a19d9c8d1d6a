// SPDX-License-Identifier: GPL-2.0
/* From a task to its ancestors, however many, without a lock over all. */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "climb.h"
#include "task.h"

/* Up to NSLENS_CLIMB_BATCH steps. Context: rcu_read_lock() is held. */
static enum nslens_climb climb_batch(struct task_struct **p,
				     nslens_climb_fn *look, void *arg)
{
	enum nslens_climb found;
	const struct pid *tgid;
	unsigned int n;

	for (n = 0; n < NSLENS_CLIMB_BATCH; n++) {
		tgid = nslens_process_pid(*p, PIDTYPE_TGID);
		if (!tgid || !pid_alive(*p))
			return NSLENS_CLIMB_LOST;
		found = look(*p, tgid, n, arg);
		if (found != NSLENS_CLIMB_ON)
			return found;
		*p = rcu_dereference((*p)->real_parent);
	}
	return NSLENS_CLIMB_ON;
}

static enum nslens_climb climb_once(struct task_struct *task,
				    nslens_climb_fn *look, void *arg)
{
	struct task_struct *p = task, *held = NULL;
	enum nslens_climb found;

	do {
		rcu_read_lock();
		found = climb_batch(&p, look, arg);
		if (found == NSLENS_CLIMB_ON)
			/* Freed a grace period after it is unhashed. */
			get_task_struct(p);
		rcu_read_unlock();
		if (held)
			put_task_struct(held);
		held = found == NSLENS_CLIMB_ON ? p : NULL;
		cond_resched();
	} while (held && !fatal_signal_pending(current));
	if (held)
		put_task_struct(held);
	return found;
}

/**
 * nslens_climb() - look at a task and its ancestors until it is decided
 * @task: the task, with a reference
 * @look: decides
 * @arg: for @look
 *
 * By real parent. If an ancestor is released on the way the others have another
 * parent now: it begins again.
 *
 * Context: process; may sleep. Bounded work within each RCU section.
 *
 * Return: what @look decided, NSLENS_CLIMB_LOST or NSLENS_CLIMB_ON.
 */
enum nslens_climb nslens_climb(struct task_struct *task, nslens_climb_fn *look,
			       void *arg)
{
	enum nslens_climb found;

	do {
		found = climb_once(task, look, arg);
	} while (found == NSLENS_CLIMB_LOST && pid_alive(task) &&
		 !fatal_signal_pending(current));
	return found;
}
