// SPDX-License-Identifier: GPL-2.0
/* The task collector: the one place that reads a task. */
#include <linux/cgroup.h>
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

static struct pid *parent_of(struct task_struct *task)
{
	/* Once unhashed, the parent may be gone for longer than a grace period. */
	if (!pid_alive(task))
		return NULL;
	return nslens_process_pid(rcu_dereference(task->real_parent),
				  PIDTYPE_TGID);
}

/* As pid_nr_ns(), for the namespace at a level that is known. */
static inline u32 nr_at(const struct pid *pid, unsigned int level,
			const struct pid_namespace *ns)
{
	return pid && level <= pid->level && pid->numbers[level].ns == ns ?
		pid->numbers[level].nr : 0;
}

/* The ids in each namespace that @pid has a number in, from level @here on. */
static void collect_ids(struct nslens_task *t, unsigned int here,
			const struct pid *pid, struct task_struct *task)
{
	const struct pid *tgid = nslens_process_pid(task, PIDTYPE_TGID);
	const struct pid *pgid = nslens_process_pid(task, PIDTYPE_PGID);
	const struct pid *sid = nslens_process_pid(task, PIDTYPE_SID);
	const struct pid *ppid = parent_of(task);
	const struct pid_namespace *ns;
	unsigned int i, level;

	for (i = 0; i < t->levels; i++) {
		level = here + i;
		ns = pid->numbers[level].ns;
		t->ids[NSLENS_ID_PID][i] = pid->numbers[level].nr;
		t->ids[NSLENS_ID_TGID][i] = nr_at(tgid, level, ns);
		t->ids[NSLENS_ID_PPID][i] = nr_at(ppid, level, ns);
		t->ids[NSLENS_ID_PGID][i] = nr_at(pgid, level, ns);
		t->ids[NSLENS_ID_SID][i] = nr_at(sid, level, ns);
	}
}

/*
 * As from_kuid_munged(), which for the initial user namespace, whose map is
 * the identity, would search all the same.
 */
static u32 uid_in(struct user_namespace *ns, kuid_t uid)
{
	return ns == &init_user_ns && uid_valid(uid) ? __kuid_val(uid) :
		from_kuid_munged(ns, uid);
}

static u32 gid_in(struct user_namespace *ns, kgid_t gid)
{
	return ns == &init_user_ns && gid_valid(gid) ? __kgid_val(gid) :
		from_kgid_munged(ns, gid);
}

static void collect_creds(struct nslens_task *t, struct user_namespace *here,
			  const struct cred *cred)
{
	t->uid = uid_in(here, cred->euid);
	t->gid = gid_in(here, cred->egid);
	if (cred->user_ns == here) {
		t->uid_inside = t->uid;
		t->gid_inside = t->gid;
	} else {
		t->uid_inside = uid_in(cred->user_ns, cred->euid);
		t->gid_inside = gid_in(cred->user_ns, cred->egid);
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
	const void *bases[NSLENS_NR_BASES] = {
		[NSLENS_BASE_CRED] = cred,
		[NSLENS_BASE_UPID] = &pid->numbers[pid->level],
	};

	task_lock(task);
	if (t->fields & NSLENS_TASK_FIELDS_NS &&
	    !viewer->all && !nslens_may_see_ns(viewer, task, cred))
		t->fields &= ~NSLENS_TASK_FIELDS_NS;
	if (t->fields & (NSLENS_TASK_FIELD_NS | NSLENS_TASK_FIELD_NS_IDS)) {
		bases[NSLENS_BASE_NSPROXY] = task->nsproxy;
		nslens_ns_inodes(t->ns, bases);
	}
	memcpy(t->comm, task->comm, sizeof(t->comm));
	task_unlock(task);
}

/* The field goes if the cgroup is outside the root of the viewer's namespace. */
static void collect_cgroup(struct nslens_task *t,
			   const struct nslens_viewer *viewer,
			   struct cgroup *cgroup)
{
	t->cgroup_id = cgroup_id(cgroup);
	if (!nslens_cgroup_visible(viewer, cgroup))
		t->fields &= ~NSLENS_TASK_FIELD_CGROUP_ID;
}

static u32 flags_of(struct task_struct *task, const struct pid *pid)
{
	const unsigned int pf = READ_ONCE(task->flags);
	u32 flags = 0;

	if (pf & PF_KTHREAD)
		flags |= NSLENS_TASK_FLAG_KTHREAD;
	else if (pf & PF_USER_WORKER)
		flags |= NSLENS_TASK_FLAG_USER_WORKER;
	if (!thread_group_leader(task))
		flags |= NSLENS_TASK_FLAG_THREAD;
	if (pid->numbers[pid->level].nr == 1)
		flags |= NSLENS_TASK_FLAG_CHILD_REAPER;
	if (pf & PF_EXITING)
		flags |= NSLENS_TASK_FLAG_EXITING;
	if (READ_ONCE(task->exit_state))
		flags |= NSLENS_TASK_FLAG_ZOMBIE;
	return flags;
}

/*
 * All of it is of one moment only as far as the kernel's own view in /proc is:
 * a task that runs on may change between two fields.
 *
 * Return: false if the task is being released, and so exists no more.
 */
static bool collect(struct nslens_task *t, const struct nslens_viewer *viewer,
		    const struct pid *pid, struct task_struct *task, u32 fields)
{
	const unsigned int here = viewer->pid_ns->level;
	const struct cred *cred = __task_cred(task);
	struct task_struct *tracer;

	t->fields = fields;
	t->levels = pid->level - here + 1;
	collect_ids(t, here, pid, task);
	if (fields & (NSLENS_TASK_FIELDS_NS | NSLENS_TASK_FIELD_COMM))
		collect_locked(t, viewer, pid, cred, task);
	if (fields & NSLENS_TASK_FIELDS_CRED)
		collect_creds(t, viewer->user_ns, cred);
	t->start_time = timens_add_boottime_ns(task->start_boottime);
	t->flags = flags_of(task, pid);
	if (fields & NSLENS_TASK_FIELD_CGROUP_ID)
		collect_cgroup(t, viewer, task_dfl_cgroup(task));
	tracer = ptrace_parent(task);
	t->tracer = tracer ? task_pid_nr_ns(tracer, viewer->pid_ns) : 0;

	/* Released meanwhile: what was read last may be of nobody. */
	return pid_alive(task);
}

/**
 * nslens_task_find() - find the task of a PID and read it
 * @t: filled in; what the viewer may not see is missing in @t->fields; the slow
 *	fields are in it, but are left to nslens_task_add()
 * @viewer: for whom
 * @pid: a PID, or NULL for none; it has a number in the viewer's PID namespace,
 *	that is, nslens_pid_ns_visible() is true of its namespace
 * @type: PIDTYPE_PID for a thread, PIDTYPE_TGID for a leader
 * @fields: NSLENS_TASK_FIELD_* that are wanted
 *
 * A thread that executes a program takes over the PID of its leader, which is
 * released then: so if one task is gone there may be another.
 *
 * Context: rcu_read_lock() is held, since @pid was found. Takes task_lock().
 * Bounded by the levels of PID namespaces (32).
 *
 * Return: the task, no reference is taken; NULL if there is none.
 */
struct task_struct *nslens_task_find(struct nslens_task *t,
				     const struct nslens_viewer *viewer,
				     struct pid *pid, enum pid_type type,
				     u32 fields)
{
	struct task_struct *task = pid_task(pid, type);

	while (task && !collect(t, viewer, pid, task, fields)) {
		/*
		 * A leader that is being released has lost its PID, and is a
		 * leader still; on PREEMPT_RT, for as long as this waits for it.
		 */
		if (!pid_task(pid, PIDTYPE_PID))
			return NULL;
		task = pid_task(pid, type);
	}
	return task;
}

/**
 * nslens_task_ns_get() - one of a task's namespaces, with a reference
 * @pid: by which the task was found
 * @task: the task
 * @type: which of its namespaces, an index into nslens_ns_types
 * @viewer: who must pass the rule for it, or NULL
 *
 * Rule and namespace are of one hold of task_lock(), with the same credentials;
 * what was read of the task before may be of another moment.
 *
 * Context: rcu_read_lock() is held, since @pid and @task were found. Takes
 * task_lock().
 *
 * Return: the namespace, for compat_ns_put(); -ENOENT if the task has left it,
 * -EPERM if the viewer may not see it.
 */
struct ns_common *nslens_task_ns_get(const struct pid *pid,
				     struct task_struct *task, int type,
				     const struct nslens_viewer *viewer)
{
	const struct cred *cred = __task_cred(task);
	const void *bases[NSLENS_NR_BASES] = {
		[NSLENS_BASE_CRED] = cred,
		[NSLENS_BASE_UPID] = &pid->numbers[pid->level],
	};
	struct ns_common *ns;

	task_lock(task);
	bases[NSLENS_BASE_NSPROXY] = task->nsproxy;
	if (viewer && !nslens_may_see_ns(viewer, task, cred)) {
		ns = ERR_PTR(-EPERM);
	} else {
		ns = nslens_ns_of(bases, &nslens_ns_types[type]);
		if (!ns || !compat_ns_get(ns))
			ns = ERR_PTR(-ENOENT);
	}
	task_unlock(task);
	return ns;
}
