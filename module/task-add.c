// SPDX-License-Identifier: GPL-2.0
/* The task collector, continued: what cannot be read in one RCU section. */
#include <linux/cgroup.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "access.h"
#include "compat.h"
#include "nsid.h"
#include "task.h"

/* Ancestors looked at within one RCU section. */
#define CLIMB_BATCH	64

enum climb { CLIMB_ON, CLIMB_LOST, CLIMB_INSIDE, CLIMB_OUTSIDE };

/*
 * Up to CLIMB_BATCH steps from *@p to its ancestors, until the child reaper of
 * @ns is met, or one that has no number in @ns, which *@p then is.
 *
 * Context: rcu_read_lock() is held.
 */
static enum climb climb(struct task_struct **p, const struct pid_namespace *ns)
{
	const struct pid *pid;
	unsigned int n;

	for (n = 0; n < CLIMB_BATCH; n++) {
		pid = nslens_process_pid(*p, PIDTYPE_TGID);
		if (!pid || !pid_alive(*p))
			return CLIMB_LOST;
		if (pid->level < ns->level || pid->numbers[ns->level].ns != ns)
			return CLIMB_OUTSIDE;
		if (pid->numbers[ns->level].nr == 1)
			return CLIMB_INSIDE;
		*p = rcu_dereference((*p)->real_parent);
	}
	return CLIMB_ON;
}

/* One climb from @task; sets t->outside when it ends outside. */
static enum climb climb_out(struct nslens_task *t,
			    const struct nslens_viewer *viewer,
			    struct task_struct *task)
{
	struct task_struct *p = task, *held = NULL;
	struct pid_namespace *ns;
	enum climb found;

	do {
		rcu_read_lock();
		/* NULL once it is released; in the initial one nobody is. */
		ns = task_active_pid_ns(task);
		found = ns && ns->level ? climb(&p, ns) : CLIMB_INSIDE;
		if (found == CLIMB_OUTSIDE)
			t->outside = task_tgid_nr_ns(p, viewer->pid_ns);
		if (found == CLIMB_ON)
			/* Freed a grace period after it is unhashed. */
			get_task_struct(p);
		rcu_read_unlock();
		if (held)
			put_task_struct(held);
		held = found == CLIMB_ON ? p : NULL;
		cond_resched();
	} while (held && !fatal_signal_pending(current));
	if (held)
		put_task_struct(held);
	return found;
}

/*
 * The nearest ancestor outside, if setns(2) brought the task or an ancestor of
 * it. The field goes if not. If an ancestor went on the way, look again.
 */
static void add_outside(struct nslens_task *t,
			const struct nslens_viewer *viewer,
			struct task_struct *task)
{
	enum climb found;

	do {
		found = climb_out(t, viewer, task);
	} while (found == CLIMB_LOST && pid_alive(task) &&
		 !fatal_signal_pending(current));
	if (found != CLIMB_OUTSIDE)
		t->fields &= ~NSLENS_TASK_FIELD_OUTSIDE;
}

/* The field goes if the cgroup is outside the root of the viewer's namespace. */
static void add_cgroup(struct nslens_task *t, struct task_struct *task,
		       char *path)
{
	struct cgroup *cgrp;
	int len = -ENOENT;

	rcu_read_lock();
	cgrp = task_dfl_cgroup(task);
	if (!cgroup_tryget(cgrp))
		cgrp = NULL;
	rcu_read_unlock();
	if (cgrp) {
		len = cgroup_path_ns(cgrp, path, PATH_MAX,
				     current->nsproxy->cgroup_ns);
		cgroup_put(cgrp);
	}
	t->cgroup = path;
	if (len < 0 || len >= PATH_MAX || !strcmp(path, "/..") ||
	    !strncmp(path, "/../", 4))
		t->fields &= ~NSLENS_TASK_FIELD_CGROUP;
}

/* Of those in t->ns: 0 for one that the task has changed since. */
static void add_ns_ids(struct nslens_task *t,
		       const struct nslens_viewer *viewer,
		       struct task_struct *task)
{
	struct ns_common *ns;
	struct pid *pid;
	int type;

	for (type = 0; type < NSLENS_NR_NS; type++) {
		t->ns_ids[type] = 0;
		ns = ERR_PTR(-ESRCH);
		rcu_read_lock();
		pid = task_pid(task);
		if (pid)
			ns = nslens_task_ns_get(pid, task, type, viewer);
		rcu_read_unlock();
		if (IS_ERR(ns))
			continue;
		if (ns->inum == t->ns[type])
			t->ns_ids[type] = nslens_nsid_get(ns);
		compat_ns_put(ns);
	}
}

/**
 * nslens_task_add() - read the slow fields of a task
 * @t: filled in further, as far as t->fields says
 * @viewer: for whom; current
 * @task: the task, with a reference
 * @path: PATH_MAX bytes for t->cgroup, if that is wanted
 *
 * Context: process; may sleep.
 */
void nslens_task_add(struct nslens_task *t, const struct nslens_viewer *viewer,
		     struct task_struct *task, char *path)
{
	if (t->fields & NSLENS_TASK_FIELD_CGROUP)
		add_cgroup(t, task, path);
	if (t->fields & NSLENS_TASK_FIELD_OUTSIDE)
		add_outside(t, viewer, task);
	if (t->fields & NSLENS_TASK_FIELD_NS_IDS)
		add_ns_ids(t, viewer, task);
}
