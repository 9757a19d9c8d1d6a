// SPDX-License-Identifier: GPL-2.0
/*
 * From what a probe sees to a record in the ring. Nothing here allocates, waits
 * or asks who wants it.
 */
#include <linux/binfmts.h>
#include <linux/bitops.h>
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "capture.h"
#include "rec.h"
#include "shot.h"
#include "stash.h"
#include "task.h"

/* A child is in other namespaces than its parent, or its children will be. */
static u32 created_with(const struct nsproxy *parent, const struct nsproxy *child)
{
	u32 created = 0;

	if (child->cgroup_ns != parent->cgroup_ns)
		created |= NSLENS_NS_TYPES_CGROUP;
	if (child->ipc_ns != parent->ipc_ns)
		created |= NSLENS_NS_TYPES_IPC;
	if (child->mnt_ns != parent->mnt_ns)
		created |= NSLENS_NS_TYPES_MNT;
	if (child->net_ns != parent->net_ns)
		created |= NSLENS_NS_TYPES_NET;
	if (child->uts_ns != parent->uts_ns)
		created |= NSLENS_NS_TYPES_UTS;
	/* A child is born into those that were for the children. */
	if (child->pid_ns_for_children != parent->pid_ns_for_children)
		created |= NSLENS_NS_TYPES_PID;
	if (child->time_ns_for_children != parent->time_ns_for_children)
		created |= child->time_ns == child->time_ns_for_children ?
			NSLENS_NS_TYPES_TIME : NSLENS_NS_TYPES_TIME_FOR_CHILDREN;
	return created;
}

/**
 * nslens_capture_fork() - a task was made
 * @child: the task, which does not run yet
 *
 * Context: current made it; tracepoint task_newtask, the last of copy_process()
 * in the kernel: it has its PIDs, and its cgroup.
 */
void nslens_capture_fork(struct task_struct *child)
{
	const struct pid *pid = task_pid(current);
	struct nslens_shot shot = {
		.task = child, .pid = task_pid(child), .tgid = task_tgid(child),
		.nsproxy = child->nsproxy,
		/* Its own while it does not run. */
		.cred = rcu_dereference_protected(child->real_cred, true),
		.kind = NSLENS_EVENT_KIND_FORK,
		.extra = 2 * (pid->level + 1) * sizeof(u32),
	};
	struct nslens_rec *r;
	const struct pid *tgid;
	unsigned int i;

	if (child->nsproxy != current->nsproxy)
		shot.mask = created_with(current->nsproxy, child->nsproxy);
	if (shot.cred->user_ns != current_user_ns())
		shot.mask |= NSLENS_NS_TYPES_USER;
	shot.created = hweight32(shot.mask);
	r = nslens_shot_begin(&shot);
	if (!r)
		return;
	tgid = nslens_process_pid(current, PIDTYPE_TGID);
	r->parent_tgid = tgid->numbers[0].nr;
	r->parent_start = current->group_leader->start_boottime;
	r->parents = pid->level + 1;
	for (i = 0; i <= pid->level; i++) {
		nslens_rec_parent_pids(r)[i] = pid->numbers[i].nr;
		nslens_rec_parent_tgids(r)[i] = tgid->numbers[i].nr;
	}
	nslens_shot_commit(&shot, r);
}

/**
 * nslens_capture_exec_begins() - current is about to become another program
 *
 * Its command name, and the PID of a thread that is not the leader, are gone
 * when it has.
 *
 * Context: begin_new_exec() on behalf of current.
 */
void nslens_capture_exec_begins(void)
{
	struct nslens_stash *stash = nslens_stash_claim(NSLENS_STASH_EXEC);
	const struct pid *pid = task_pid(current);
	unsigned int i;

	if (!stash)
		return;
	memcpy(stash->exec.comm, current->comm, sizeof(stash->exec.comm));
	stash->exec.levels = 0;
	if (thread_group_leader(current))
		return;
	stash->exec.levels = pid->level + 1;
	for (i = 0; i <= pid->level; i++)
		stash->exec.pids[i] = pid->numbers[i].nr;
}

/**
 * nslens_capture_exec() - current has become another program
 * @bprm: the program
 *
 * Context: tracepoint sched_process_exec.
 */
void nslens_capture_exec(const struct linux_binprm *bprm)
{
	const unsigned int len = strnlen(bprm->filename, NSLENS_REC_NAME);
	const unsigned int name = min(len, NSLENS_REC_NAME - 1U);
	struct nslens_stash *stash = nslens_stash_find(NSLENS_STASH_EXEC);
	struct nslens_shot shot = {
		.task = current, .pid = task_pid(current),
		.tgid = task_tgid(current), .nsproxy = current->nsproxy, .cred = current_cred(),
		.kind = NSLENS_EVENT_KIND_EXEC,
		.extra = TASK_COMM_LEN + name + 1,
	};
	unsigned int old = 0;
	struct nslens_rec *r;

	if (stash)
		old = stash->exec.levels;
	shot.extra += old * sizeof(u32);
	r = nslens_shot_begin(&shot);
	if (r) {
		r->parents = old;
		r->name = name + 1;
		if (name < len)
			r->flags |= NSLENS_EVENT_FLAG_TRUNCATED;
		if (stash) {
			memcpy(nslens_rec_old_pids(r), stash->exec.pids,
			       old * sizeof(u32));
			memcpy(nslens_rec_old_comm(r), stash->exec.comm,
			       TASK_COMM_LEN);
			r->has_old_comm = true;
		}
		memcpy(nslens_rec_name(r), bprm->filename, name);
		nslens_rec_name(r)[name] = '\0';
		nslens_shot_commit(&shot, r);
	}
	if (stash)
		nslens_stash_free(stash);
}

/**
 * nslens_capture_exit() - current ends
 * @task: current
 * @last: no other thread of the process lives
 *
 * Context: tracepoint sched_process_exit.
 */
void nslens_capture_exit(struct task_struct *task, bool last)
{
	struct nslens_shot shot = {
		.task = task, .pid = task_pid(task), .tgid = task_tgid(task),
		.nsproxy = task->nsproxy, .cred = current_cred(),
		.kind = NSLENS_EVENT_KIND_EXIT,
	};
	struct nslens_rec *r = nslens_shot_begin(&shot);

	/* An exec that killed the task did not come to its end, say. */
	nslens_stash_forget();
	if (!r)
		return;
	r->value = task->exit_code;
	if (last)
		r->flags |= NSLENS_EVENT_FLAG_LAST;
	if (r->value & 0x80)
		r->flags |= NSLENS_EVENT_FLAG_CORE_DUMPED;
	nslens_shot_commit(&shot, r);
}

/**
 * nslens_capture_destroy() - a namespace is no more
 * @ino: its inode number
 * @type: its type
 * @id: by which nslens_nsid_peek() knows it, but for a network namespace
 *
 * Context: any but NMI.
 */
void nslens_capture_destroy(u32 ino, int type, u64 id)
{
	struct nslens_shot shot = { .kind = NSLENS_EVENT_KIND_NS_DESTROY };
	struct nslens_rec *r = nslens_shot_begin(&shot);

	if (!r)
		return;
	*r = (struct nslens_rec){
		.time = r->time, .kind = shot.kind,
		.start = id, .value = ino, .type = type,
	};
	nslens_shot_commit(&shot, r);
}

/*
 * A task that runs on, and may be released at any time: but then its leader and
 * its PIDs last as long as the RCU section. Return: is it there?
 */
static bool look_at(struct nslens_shot *shot, struct task_struct *task)
{
	shot->pid = READ_ONCE(task->thread_pid);
	shot->tgid = nslens_process_pid(task, PIDTYPE_TGID);
	shot->nsproxy = task->nsproxy;
	/* It may have others at any moment, and drop these. */
	shot->cred = get_task_cred(task);
	return shot->pid && shot->tgid && pid_alive(task);
}

static void look_away(struct nslens_shot *shot)
{
	put_cred(shot->cred);
}

/**
 * nslens_capture_exists() - say that a task is there
 * @task: the task, with a reference
 * @session: to whom
 * @settled: not while it is about to begin, or to end
 *
 * Context: process. Takes task_lock().
 * Return: 0; -ESRCH if it is there no more; -EAGAIN if it is not settled;
 * -ENOBUFS if there is no room.
 */
int nslens_capture_exists(struct task_struct *task, u32 session, bool settled)
{
	struct nslens_shot shot = { .task = task, .kind = NSLENS_EVENT_KIND_EXISTS };
	struct nslens_rec *r;
	int err = -ENOBUFS;

	task_lock(task);
	rcu_read_lock();
	if (!look_at(&shot, task) || !shot.nsproxy)
		err = -ESRCH;
	else if (settled && (READ_ONCE(task->flags) & PF_EXITING ||
			     READ_ONCE(task->__state) & TASK_NEW))
		err = -EAGAIN;
	if (err == -ENOBUFS) {
		r = nslens_shot_begin(&shot);
		if (r) {
			r->session = session;
			nslens_shot_commit(&shot, r);
			err = shot.lost ? -ENOBUFS : 0;
		}
	}
	look_away(&shot);
	rcu_read_unlock();
	task_unlock(task);
	return err;
}

/**
 * nslens_capture_peek() - what a record of a task would be
 * @task: the task, with a reference
 * @r: filled, NSLENS_REC_PEEK bytes, as of an exec without a name
 *
 * Context: process. Takes task_lock().
 * Return: 0, undone by nslens_rec_put(); -ESRCH if the task is there no more.
 */
int nslens_capture_peek(struct task_struct *task, struct nslens_rec *r)
{
	struct nslens_shot shot = { .task = task, .kind = NSLENS_EVENT_KIND_EXEC };
	int err = -ESRCH;

	task_lock(task);
	rcu_read_lock();
	if (look_at(&shot, task)) {
		r->time = ktime_get_boottime_ns();
		r->kind = shot.kind;
		local_irq_save(shot.irq);
		nslens_shot_fill(&shot, r);
		local_irq_restore(shot.irq);
		err = 0;
	}
	look_away(&shot);
	rcu_read_unlock();
	task_unlock(task);
	return err;
}
