// SPDX-License-Identifier: GPL-2.0
/* The task collector, continued: what cannot be read in one RCU section. */
#include <linux/cgroup.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "access.h"
#include "climb.h"
#include "compat.h"
#include "nsid.h"
#include "task.h"

/* What is looked for by way_out(), and found. */
struct way_out {
	struct task_struct *task;
	struct pid_namespace *here;
	u32 outside;
};

/*
 * Inside once the child reaper of the task's PID namespace is met, outside at
 * an ancestor that has no number in it.
 */
static enum nslens_climb way_out(struct task_struct *p, const struct pid *tgid,
				 unsigned int n, void *arg)
{
	struct way_out *way = arg;
	const struct pid_namespace *ns = task_active_pid_ns(way->task);

	/* NULL once it is released; in the initial one nobody is injected. */
	if (!ns || !ns->level)
		return NSLENS_CLIMB_INSIDE;
	if (tgid->level < ns->level || tgid->numbers[ns->level].ns != ns) {
		way->outside = task_tgid_nr_ns(p, way->here);
		return NSLENS_CLIMB_OUTSIDE;
	}
	return tgid->numbers[ns->level].nr == 1 ? NSLENS_CLIMB_INSIDE :
						  NSLENS_CLIMB_ON;
}

/*
 * The nearest ancestor outside, if setns(2) brought the task or an ancestor of
 * it. The field goes if not.
 */
static void add_outside(struct nslens_task *t,
			const struct nslens_viewer *viewer,
			struct task_struct *task)
{
	struct way_out way = { .task = task, .here = viewer->pid_ns };

	if (nslens_climb(task, way_out, &way) != NSLENS_CLIMB_OUTSIDE)
		t->fields &= ~NSLENS_TASK_FIELD_OUTSIDE;
	t->outside = way.outside;
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
