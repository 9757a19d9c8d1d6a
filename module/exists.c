// SPDX-License-Identifier: GPL-2.0
/* What exists, said to a session that has just begun to trace it. */
#include <linux/pid.h>
#include <linux/sched/task.h>

#include "capture.h"
#include "exists.h"
#include "session.h"

/* So many tasks are said to exist before what was captured is told. */
#define BATCH		64
/* Looks at a task that is about to begin or to end, 100 us apart. */
#define MAX_LOOKS	20

/* The next task at or after @session->walk, which moves to it; or NULL. */
static struct task_struct *next_task_of(struct nslens_session *session)
{
	struct task_struct *task;
	struct pid *pid;
	int nr;

	rcu_read_lock();
	pid = find_ge_pid(session->walk, session->ns);
	nr = pid_nr_ns(pid, session->ns);
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (nr != session->walk)
		session->walk_looks = 0;
	session->walk = nr;
	return task;
}

/* Capture one more task. Return: 0, -ENOBUFS, -EAGAIN if it is not settled. */
static int say_exists(struct nslens_session *session)
{
	struct task_struct *task = next_task_of(session);
	int err = 0;

	/* What was made since then has been told as such. */
	if (task && task->start_boottime < session->walk_since)
		err = nslens_capture_exists(task, session->id,
					    session->walk_looks < MAX_LOOKS);
	if (task)
		put_task_struct(task);
	if (err == -EAGAIN)
		session->walk_looks++;
	else if (err != -ENOBUFS)
		session->walk += !!session->walk;
	return err == -ENOBUFS || err == -EAGAIN ? err : 0;
}

/**
 * nslens_exists_say() - capture some more of the tasks that there are
 * @session: the session, of which @walk says how far that has got
 *
 * Context: the drain.
 * Return: 0, or why it does not go on before what was captured is told: -EAGAIN
 * if somebody is about to begin or to end, -ENOBUFS if there is no room.
 */
int nslens_exists_say(struct nslens_session *session)
{
	unsigned int n;
	int err = 0;

	for (n = 0; n < BATCH && session->walk && !err; n++)
		err = say_exists(session);
	return err;
}
