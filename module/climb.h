/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_CLIMB_H
#define _NSLENS_CLIMB_H

struct pid;
struct task_struct;

/* Ancestors looked at within one RCU section. */
#define NSLENS_CLIMB_BATCH	64

enum nslens_climb {
	NSLENS_CLIMB_ON,	/* not decided; also if the caller is killed */
	NSLENS_CLIMB_LOST,	/* the task is being released */
	NSLENS_CLIMB_OUTSIDE,
	NSLENS_CLIMB_INSIDE,
};

/**
 * typedef nslens_climb_fn - look at a task or one of its ancestors
 * @p: the task, alive
 * @tgid: of its process
 * @n: how many were looked at before it in the same RCU section
 * @arg: the caller's
 *
 * Context: rcu_read_lock() is held.
 *
 * Return: NSLENS_CLIMB_ON to look at the parent, else what is decided; init_task,
 * which is its own parent, must decide.
 */
typedef enum nslens_climb nslens_climb_fn(struct task_struct *p,
					  const struct pid *tgid,
					  unsigned int n, void *arg);

enum nslens_climb nslens_climb(struct task_struct *task, nslens_climb_fn *look,
			       void *arg);

#endif /* _NSLENS_CLIMB_H */
