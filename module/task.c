// SPDX-License-Identifier: GPL-2.0
/* The task collector: the one place that reads a task. */
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/time_namespace.h>
#include <linux/uidgid.h>

#include "access.h"
#include "compat.h"
#include "task.h"

/*
 * The numbers of @pid in the namespaces of @levels, 0 where it has none.
 * @levels are the upids of a task, from the viewer's level inwards.
 */
static void numbers_of(u32 *nrs, const struct pid *pid,
		       const struct upid *levels, unsigned int n)
{
	unsigned int i, level;

	for (i = 0; i < n; i++) {
		level = levels[i].ns->level;
		nrs[i] = pid && level <= pid->level &&
			 pid->numbers[level].ns == levels[i].ns ?
			 pid->numbers[level].nr : 0;
	}
}

static struct pid *parent_of(struct task_struct *task)
{
	/* Once unhashed, the parent may be gone for longer than a grace period. */
	if (!pid_alive(task))
		return NULL;
	return nslens_process_pid(rcu_dereference(task->real_parent),
				  PIDTYPE_TGID);
}

static void collect_ids(struct nslens_task *t, const struct upid *levels,
			struct pid *pid, struct task_struct *task)
{
	if (t->fields & NSLENS_TASK_FIELD_PIDS)
		numbers_of(t->ids[NSLENS_ID_PID], pid, levels, t->levels);
	if (t->fields & NSLENS_TASK_FIELD_TGIDS)
		numbers_of(t->ids[NSLENS_ID_TGID],
			   nslens_process_pid(task, PIDTYPE_TGID),
			   levels, t->levels);
	if (t->fields & NSLENS_TASK_FIELD_PPIDS)
		numbers_of(t->ids[NSLENS_ID_PPID], parent_of(task),
			   levels, t->levels);
	if (t->fields & NSLENS_TASK_FIELD_PGIDS)
		numbers_of(t->ids[NSLENS_ID_PGID],
			   nslens_process_pid(task, PIDTYPE_PGID),
			   levels, t->levels);
	if (t->fields & NSLENS_TASK_FIELD_SIDS)
		numbers_of(t->ids[NSLENS_ID_SID],
			   nslens_process_pid(task, PIDTYPE_SID),
			   levels, t->levels);
}

static void collect_creds(struct nslens_task *t, struct user_namespace *here,
			  const struct cred *cred)
{
	t->uid = from_kuid_munged(here, cred->euid);
	t->gid = from_kgid_munged(here, cred->egid);
	if (cred->user_ns == here) {
		t->uid_inside = t->uid;
		t->gid_inside = t->gid;
	} else {
		t->uid_inside = from_kuid_munged(cred->user_ns, cred->euid);
		t->gid_inside = from_kgid_munged(cred->user_ns, cred->egid);
	}
}

/*
 * What only task_lock() keeps still: nsproxy, which a task that exits gives up
 * (so do zombies have none), and comm; and the rule of access, for mm.
 */
static void collect_locked(struct nslens_task *t,
			   const struct nslens_viewer *viewer,
			   const struct pid *pid, const struct cred *cred,
			   struct task_struct *task)
{
	const void *bases[] = {
		[NSLENS_BASE_CRED] = cred,
		[NSLENS_BASE_UPID] = &pid->numbers[pid->level],
	};
	const struct ns_common *ns;
	unsigned int i;

	task_lock(task);
	if (t->fields & NSLENS_TASK_FIELDS_NS &&
	    !nslens_may_see_ns(viewer, task))
		t->fields &= ~NSLENS_TASK_FIELDS_NS;
	if (t->fields & NSLENS_TASK_FIELD_NS) {
		bases[NSLENS_BASE_NSPROXY] = task->nsproxy;
		for (i = 0; i < NSLENS_NR_NS; i++) {
			ns = nslens_ns_of(bases, &nslens_ns_types[i]);
			t->ns[i] = ns ? ns->inum : 0;
		}
	}
	memcpy(t->comm, task->comm, sizeof(t->comm));
	task_unlock(task);
}

static u32 flags_of(struct task_struct *task, const struct pid *pid)
{
	u32 flags = 0;

	if (task->flags & PF_KTHREAD)
		flags |= NSLENS_TASK_FLAG_KTHREAD;
	else if (task->flags & PF_USER_WORKER)
		flags |= NSLENS_TASK_FLAG_USER_WORKER;
	if (!thread_group_leader(task))
		flags |= NSLENS_TASK_FLAG_THREAD;
	if (pid->numbers[pid->level].nr == 1)
		flags |= NSLENS_TASK_FLAG_CHILD_REAPER;
	if (task->flags & PF_EXITING)
		flags |= NSLENS_TASK_FLAG_EXITING;
	if (READ_ONCE(task->exit_state))
		flags |= NSLENS_TASK_FLAG_ZOMBIE;
	return flags;
}

/**
 * nslens_task_collect() - read a task
 * @t: filled in
 * @viewer: for whom
 * @pid: by which the task was found; it has a number in the viewer's PID
 *	namespace, that is, nslens_pid_ns_visible() is true of its namespace
 * @task: the task
 * @fields: NSLENS_TASK_FIELD_* that are wanted
 *
 * All of it is of one moment only as far as the kernel's own view in /proc is:
 * a task that runs on may change between two fields.
 *
 * Context: rcu_read_lock() is held, since @pid and @task were found. Takes
 * task_lock(). Bounded by the levels of PID namespaces (32).
 * Return: false if the task is being released, and so exists no more. What
 * the viewer may not see is missing in t->fields.
 */
bool nslens_task_collect(struct nslens_task *t,
			 const struct nslens_viewer *viewer, struct pid *pid,
			 struct task_struct *task, u32 fields)
{
	const unsigned int here = viewer->pid_ns->level;
	const struct cred *cred = __task_cred(task);
	struct task_struct *tracer;

	t->fields = fields;
	t->levels = pid->level - here + 1;
	collect_ids(t, &pid->numbers[here], pid, task);
	if (fields & (NSLENS_TASK_FIELDS_NS | NSLENS_TASK_FIELD_COMM))
		collect_locked(t, viewer, pid, cred, task);
	collect_creds(t, viewer->user_ns, cred);
	t->start_time = timens_add_boottime_ns(task->start_boottime);
	t->flags = flags_of(task, pid);
	tracer = ptrace_parent(task);
	t->tracer = tracer ? task_pid_nr_ns(tracer, viewer->pid_ns) : 0;

	/* Released meanwhile: what was read last may be of nobody. */
	return pid_alive(task);
}
