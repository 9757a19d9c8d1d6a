/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_TASK_H
#define _NSLENS_TASK_H

#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

#include "ns.h"

struct nslens_viewer;

/* The ids that a task has at every level, in the order of their attributes. */
enum nslens_id {
	NSLENS_ID_PID,
	NSLENS_ID_TGID,
	NSLENS_ID_PPID,
	NSLENS_ID_PGID,
	NSLENS_ID_SID,
	NSLENS_NR_IDS
};

#define NSLENS_MAX_LEVELS	(MAX_PID_NS_LEVEL + 1)

/* Fields that show a task's namespaces, for which the viewer must pass a rule. */
#define NSLENS_TASK_FIELDS_NS						\
	(NSLENS_TASK_FIELD_NS | NSLENS_TASK_FIELD_UID_INSIDE |		\
	 NSLENS_TASK_FIELD_GID_INSIDE | NSLENS_TASK_FIELD_NS_IDS)

/* Fields that a task may have to be waited for, see nslens_task_add(). */
#define NSLENS_TASK_FIELDS_SLOW						\
	(NSLENS_TASK_FIELD_CGROUP | NSLENS_TASK_FIELD_OUTSIDE |		\
	 NSLENS_TASK_FIELD_NS_IDS)

/* Fields that a request without a mask gets: all that are cheap. */
#define NSLENS_TASK_FIELDS_DEFAULT					\
	(NSLENS_TASK_FIELD_TRACER * 2 - 1)

#define NSLENS_TASK_FIELDS_CRED						\
	(NSLENS_TASK_FIELD_UID | NSLENS_TASK_FIELD_GID |		\
	 NSLENS_TASK_FIELD_UID_INSIDE | NSLENS_TASK_FIELD_GID_INSIDE)

/**
 * struct nslens_task - a task at one moment, as a viewer may see it
 * @fields: NSLENS_TASK_FIELD_* that are filled in
 * @levels: numbers in each row of @ids, from the viewer's PID namespace inwards
 * @ids: the ids at each of these levels; 0 where there is none
 * @ns: inode numbers of the namespaces, 0 for one that it has left
 * @uid: effective user id in the viewer's user namespace
 * @gid: effective group id in the viewer's user namespace
 * @uid_inside: effective user id in the task's user namespace
 * @gid_inside: effective group id in the task's user namespace
 * @start_time: ns since boot, in the viewer's time namespace
 * @comm: command name, padded with NUL
 * @flags: NSLENS_TASK_FLAG_*
 * @tracer: PID of the ptracer in the viewer's PID namespace, or 0
 * @cgroup_id: id of its cgroup in the v2 hierarchy
 * @cgroup: path of that, in a buffer that whoever collects has given
 * @outside: TGID in the viewer's PID namespace of the nearest ancestor outside
 *	the task's PID namespace
 * @ns_ids: ids of the namespaces in @ns, 0 for none
 *
 * Made by nslens_task_find(), read by every renderer. Holds no references.
 */
struct nslens_task {
	u32 fields;
	unsigned int levels;
	u32 ids[NSLENS_NR_IDS][NSLENS_MAX_LEVELS];
	u32 ns[NSLENS_NR_NS];
	u32 uid, gid;
	u32 uid_inside, gid_inside;
	u64 start_time;
	char comm[TASK_COMM_LEN];
	u32 flags;
	u32 tracer;
	u64 cgroup_id;
	const char *cgroup;
	u32 outside;
	u64 ns_ids[NSLENS_NR_NS];
};

/**
 * nslens_process_pid() - a PID that all threads of a process share
 * @task: one of them
 * @type: PIDTYPE_TGID, PIDTYPE_PGID or PIDTYPE_SID
 *
 * As __task_pid_nr_ns() reads it (kernel/pid.c); the array lacks the __rcu that
 * rcu_dereference() would want.
 *
 * Context: rcu_read_lock() is held, no reference is taken.
 * Return: the PID, or NULL if the task is being released.
 */
static inline struct pid *nslens_process_pid(const struct task_struct *task,
					     enum pid_type type)
{
	return READ_ONCE(task->signal->pids[type]);
}

struct task_struct *nslens_task_find(struct nslens_task *t,
				     const struct nslens_viewer *viewer,
				     struct pid *pid, enum pid_type type,
				     u32 fields);
void nslens_task_add(struct nslens_task *t, const struct nslens_viewer *viewer,
		     struct task_struct *task, char *path);
struct ns_common *nslens_task_ns_get(const struct pid *pid,
				     struct task_struct *task, int type,
				     const struct nslens_viewer *viewer);

#endif /* _NSLENS_TASK_H */
