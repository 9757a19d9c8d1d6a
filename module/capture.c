// SPDX-License-Identifier: GPL-2.0
/*
 * From what a probe sees to a record in the ring. Nothing here allocates, waits
 * or asks who wants it.
 */
#include <linux/atomic.h>
#include <linux/binfmts.h>
#include <linux/bitops.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "capture.h"
#include "compat.h"
#include "events-fire.h"
#include "nsid.h"
#include "ring.h"
#include "stash.h"
#include "task.h"
#include "trace.h"

static unsigned int wanted;

/**
 * nslens_capture_want() - what records are to pin from now on
 * @want: NSLENS_WANT_*
 *
 * Context: process. What was captured before has it or not; who must know waits
 * for nslens_ring_settle() and takes only later records.
 */
void nslens_capture_want(unsigned int want)
{
	WRITE_ONCE(wanted, want);
}

/**
 * struct shot - a record that is being made
 * @task: whom it is about
 * @pid: its PID
 * @tgid: PID of its process
 * @nsproxy: its namespaces, or NULL
 * @cred: its credentials
 * @kind: enum nslens_event_kind
 * @extra: bytes that the kind adds to the tail
 * @mask: of the record
 * @created: ns-create events that come of it
 * @irq: state of interrupts before
 * @lost: not in the ring, and so only for who has enabled trace events
 */
struct shot {
	struct task_struct *task;
	const struct pid *pid;
	const struct pid *tgid;
	const struct nsproxy *nsproxy;
	const struct cred *cred;
	unsigned int kind;
	unsigned int extra;
	u32 mask;
	unsigned int created;
	unsigned long irq;
	bool lost;
};

/* What the pointers to the namespaces of a task are members of. */
#define BASES(_pid, _nsproxy, _cred) {					\
	[NSLENS_BASE_NSPROXY] = _nsproxy,				\
	[NSLENS_BASE_CRED] = _cred,					\
	[NSLENS_BASE_UPID] = &(_pid)->numbers[(_pid)->level],		\
}

static void fill_ns(struct nslens_rec_ns *to, const struct pid *pid,
		    const struct nsproxy *nsproxy, const struct cred *cred)
{
	const void *const bases[] = BASES(pid, nsproxy, cred);

	nslens_ns_record(to, bases);
}

/* Context: task_lock() is held, or @task is current or not running yet. */
static void fill_rule(struct nslens_rec_rule *rule, struct task_struct *task,
		      const struct cred *cred)
{
	struct user_namespace *ns;

	rule->cred = NULL;
	rule->mm_ns = NULL;
	if (!(READ_ONCE(wanted) & NSLENS_WANT_RULE))
		return;
	rule->cred = get_cred_rcu(cred);
	if (!compat_task_dumpable(task, &ns))
		rule->mm_ns = get_user_ns(ns);
}

static void fill_cgroup(struct nslens_rec *r, struct task_struct *task)
{
	struct cgroup *cgroup = task_dfl_cgroup(task);

	r->cgroup_id = cgroup_id(cgroup);
	r->cgroup = READ_ONCE(wanted) & NSLENS_WANT_CGROUP &&
		    cgroup_tryget(cgroup) ? cgroup : NULL;
}

static void fill_ids(struct nslens_rec *r, const struct pid *pid,
		     const struct pid *tgid)
{
	struct nslens_rec_upid *upid = nslens_rec_upids(r);
	u32 *tgids = nslens_rec_tgids(r);
	unsigned int i;

	for (i = 0; i <= pid->level; i++) {
		upid[i].nr = pid->numbers[i].nr;
		upid[i].ns = pid->numbers[i].ns->ns.inum;
		upid[i].ns_id = nslens_nsid_peek(&pid->numbers[i].ns->ns,
						 NSLENS_NS_TYPE_PID);
		tgids[i] = tgid->numbers[i].nr;
	}
}

/* Context: interrupts are off. */
static void fill_task(struct nslens_rec *r, const struct shot *shot)
{
	const void *const bases[] = BASES(shot->pid, shot->nsproxy, shot->cred);
	struct task_struct *task = shot->task;

	r->start = task->start_boottime;
	r->process_start = task->group_leader->start_boottime;
	r->parent_start = 0;
	fill_cgroup(r, task);
	fill_rule(&r->rule, task, shot->cred);
	r->old_rule = (struct nslens_rec_rule){};
	nslens_ns_record_again(&r->ns, bases);
	r->tgid = shot->tgid->numbers[0].nr;
	r->parent_tgid = 0;
	r->session = 0;
	r->mask = shot->mask;
	r->value = 0;
	r->flags = thread_group_leader(task) ? 0 : NSLENS_EVENT_FLAG_THREAD;
	if (task->flags & PF_KTHREAD)
		r->flags |= NSLENS_EVENT_FLAG_KTHREAD;
	r->how = 0;
	r->type = 0;
	r->levels = shot->pid->level + 1;
	r->parents = 0;
	r->has_old_comm = false;
	r->name = 0;
	memcpy(r->comm, task->comm, sizeof(r->comm));
	r->comm[sizeof(r->comm) - 1] = '\0';
	fill_ids(r, shot->pid, shot->tgid);
}

static void end(const struct shot *shot)
{
	nslens_ring_leave();
	local_irq_restore(shot->irq);
	nslens_trace_kick();
}

static struct nslens_rec *reserve(const struct shot *shot)
{
	unsigned int size = sizeof(struct nslens_rec) + shot->extra;

	/* What can be said later leaves room for what happens now. */
	if (shot->kind == NSLENS_EVENT_KIND_EXISTS && nslens_ring_is_half_full())
		return NULL;
	if (shot->pid)
		size += (shot->pid->level + 1) *
			(sizeof(struct nslens_rec_upid) + sizeof(u32));
	return nslens_ring_reserve(size);
}

/* Ends with commit() unless it returns NULL: nobody listens, or no room. */
static struct nslens_rec *begin(struct shot *shot)
{
	struct nslens_rec *r;
	u64 time;

	local_irq_save(shot->irq);
	if (!nslens_ring_is_open()) {
		local_irq_restore(shot->irq);
		return NULL;
	}
	time = nslens_ring_enter();
	r = reserve(shot);
	shot->lost = !r;
	if (shot->lost) {
		if (shot->kind < NSLENS_NR_LOST)
			nslens_ring_drop(shot->kind, shot->created, time);
		if (!nslens_events_on()) {
			end(shot);
			return NULL;
		}
		r = nslens_ring_scratch();
	}
	r->time = time;
	r->kind = shot->kind;
	if (shot->task) {
		rcu_read_lock();
		fill_task(r, shot);
		rcu_read_unlock();
	}
	return r;
}

static void commit(const struct shot *shot, const struct nslens_rec *r)
{
	if (nslens_events_on())
		nslens_events_fire(r);
	if (shot->lost)
		nslens_rec_put(r);
	else if (nslens_ring_commit())
		nslens_trace_hurry();
	end(shot);
}

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
	struct shot shot = {
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
	r = begin(&shot);
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
	commit(&shot, r);
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
	struct nslens_stash *stash = nslens_stash_claim();
	const struct pid *pid = task_pid(current);
	unsigned int i;

	if (!stash)
		return;
	stash->is_exec = true;
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
	struct nslens_stash *stash = nslens_stash_find();
	struct shot shot = {
		.task = current, .pid = task_pid(current),
		.tgid = task_tgid(current), .nsproxy = current->nsproxy, .cred = current_cred(),
		.kind = NSLENS_EVENT_KIND_EXEC,
		.extra = TASK_COMM_LEN + name + 1,
	};
	unsigned int old = 0;
	struct nslens_rec *r;

	if (stash && stash->is_exec)
		old = stash->exec.levels;
	shot.extra += old * sizeof(u32);
	r = begin(&shot);
	if (r) {
		r->parents = old;
		r->name = name + 1;
		if (name < len)
			r->flags |= NSLENS_EVENT_FLAG_TRUNCATED;
		if (stash && stash->is_exec) {
			memcpy(nslens_rec_old_pids(r), stash->exec.pids,
			       old * sizeof(u32));
			memcpy(nslens_rec_old_comm(r), stash->exec.comm,
			       TASK_COMM_LEN);
			r->has_old_comm = true;
		}
		memcpy(nslens_rec_name(r), bprm->filename, name);
		nslens_rec_name(r)[name] = '\0';
		commit(&shot, r);
	}
	if (stash && stash->is_exec)
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
	struct nslens_stash *stash = nslens_stash_find();
	struct shot shot = {
		.task = task, .pid = task_pid(task), .tgid = task_tgid(task),
		.nsproxy = task->nsproxy, .cred = current_cred(),
		.kind = NSLENS_EVENT_KIND_EXIT,
	};
	struct nslens_rec *r = begin(&shot);

	/* An exec that killed the task did not come to its end. */
	if (stash && stash->is_exec)
		nslens_stash_free(stash);
	if (!r)
		return;
	r->value = task->exit_code;
	if (last)
		r->flags |= NSLENS_EVENT_FLAG_LAST;
	if (r->value & 0x80)
		r->flags |= NSLENS_EVENT_FLAG_CORE_DUMPED;
	commit(&shot, r);
}

static u32 changed(const struct nslens_rec_ns *from, const struct nslens_rec_ns *to)
{
	u32 mask = 0;
	unsigned int i;

	for (i = 0; i < NSLENS_NR_NS; i++)
		if (from->ino[i] != to->ino[i] || from->id[i] != to->id[i])
			mask |= BIT(i);
	return mask;
}

/* What current is now, before it is something else. */
static void fill_old(struct nslens_stash *old)
{
	old->is_exec = false;
	fill_ns(&old->old.ns, task_pid(current), current->nsproxy, current_cred());
	fill_rule(&old->old.rule, current, current_cred());
}

/* Takes over the references of @old. */
static void capture_switch(enum nslens_switch_how how, struct nslens_stash *old,
			   const struct nsproxy *nsproxy, const struct cred *cred)
{
	struct shot shot = {
		.task = current, .pid = task_pid(current),
		.tgid = task_tgid(current), .nsproxy = nsproxy, .cred = cred,
		.kind = NSLENS_EVENT_KIND_SWITCH,
		.extra = sizeof(struct nslens_rec_ns),
	};
	struct nslens_rec_ns ns;
	struct nslens_rec *r = NULL;

	fill_ns(&ns, shot.pid, nsproxy, cred);
	shot.mask = changed(&old->old.ns, &ns);
	if (how == NSLENS_SWITCH_HOW_UNSHARE)
		shot.created = hweight32(shot.mask);
	if (shot.mask)
		r = begin(&shot);
	if (!r) {
		nslens_rec_rule_put(&old->old.rule);
		return;
	}
	r->how = how;
	r->old_rule = old->old.rule;
	memcpy(nslens_rec_old_ns(r), &old->old.ns, sizeof(old->old.ns));
	commit(&shot, r);
}

/* In a user namespace first, then in the others, or the other way round. */
static void switch_half(enum nslens_switch_how how, bool more,
			const struct nsproxy *nsproxy, const struct cred *cred)
{
	struct nslens_stash *stash = nslens_stash_find(), here;

	if (more) {
		stash = nslens_stash_claim();
		if (stash) {
			fill_old(stash);
			return;
		}
	}
	if (stash && !stash->is_exec) {
		capture_switch(how, stash, nsproxy, cred);
		nslens_stash_free(stash);
		return;
	}
	fill_old(&here);
	capture_switch(how, &here, nsproxy, cred);
}

/**
 * nslens_capture_nsproxy() - current is about to be in other namespaces
 * @next: which
 *
 * Of unshare() with CLONE_NEWUSER this is the first half, of setns() to a user
 * namespace the second: see ksys_unshare() and commit_nsset() in the kernel.
 *
 * Context: switch_task_namespaces() on behalf of current.
 */
void nslens_capture_nsproxy(const struct nsproxy *next)
{
	enum nslens_switch_how how = compat_switch_how();
	bool more = false;

	/* No other caller is left than exec, of which the next function tells. */
	if (how == NSLENS_SWITCH_HOW_OTHER)
		return;
	if (how == NSLENS_SWITCH_HOW_UNSHARE)
		more = compat_syscall_arg0() & CLONE_NEWUSER;
	switch_half(how, more, next, current_cred());
}

/**
 * nslens_capture_exec_timens() - current is about to be where its children are
 * @next: a copy of its namespaces, in which it will be, not changed yet
 *
 * Of exec(), since 6.2: see exec_task_namespaces() in the kernel.
 *
 * Context: timens_on_fork() on behalf of current.
 */
void nslens_capture_exec_timens(const struct nsproxy *next)
{
	struct nsproxy joined = *next;

	joined.time_ns = joined.time_ns_for_children;
	switch_half(NSLENS_SWITCH_HOW_EXEC, false, &joined, current_cred());
}

/**
 * nslens_capture_cred() - current is about to be in another user namespace
 * @next: with these credentials
 *
 * Context: commit_creds() on behalf of current.
 */
void nslens_capture_cred(const struct cred *next)
{
	enum nslens_switch_how how = compat_switch_how();

	switch_half(how, how == NSLENS_SWITCH_HOW_SETNS, current->nsproxy, next);
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
	struct shot shot = { .kind = NSLENS_EVENT_KIND_NS_DESTROY };
	struct nslens_rec *r = begin(&shot);

	if (!r)
		return;
	*r = (struct nslens_rec){
		.time = r->time, .kind = shot.kind,
		.start = id, .value = ino, .type = type,
	};
	commit(&shot, r);
}

/*
 * A task that runs on, and may be released at any time: but then its leader and
 * its PIDs last as long as the RCU section. Return: is it there?
 */
static bool look_at(struct shot *shot, struct task_struct *task)
{
	shot->pid = READ_ONCE(task->thread_pid);
	shot->tgid = nslens_process_pid(task, PIDTYPE_TGID);
	shot->nsproxy = task->nsproxy;
	shot->cred = __task_cred(task);
	return shot->pid && shot->tgid && pid_alive(task);
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
	struct shot shot = { .task = task, .kind = NSLENS_EVENT_KIND_EXISTS };
	struct nslens_rec *r;
	int err = -ENOBUFS;

	task_lock(task);
	rcu_read_lock();
	if (!look_at(&shot, task) || !shot.nsproxy)
		err = -ESRCH;
	else if (settled && (task->flags & PF_EXITING ||
			     READ_ONCE(task->__state) & TASK_NEW))
		err = -EAGAIN;
	if (err == -ENOBUFS) {
		r = begin(&shot);
		if (r) {
			r->session = session;
			commit(&shot, r);
			err = shot.lost ? -ENOBUFS : 0;
		}
	}
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
	struct shot shot = { .task = task, .kind = NSLENS_EVENT_KIND_EXEC };
	int err = -ESRCH;

	task_lock(task);
	rcu_read_lock();
	if (look_at(&shot, task)) {
		r->time = ktime_get_boottime_ns();
		r->kind = shot.kind;
		local_irq_save(shot.irq);
		fill_task(r, &shot);
		local_irq_restore(shot.irq);
		err = 0;
	}
	rcu_read_unlock();
	task_unlock(task);
	return err;
}

/**
 * nslens_rec_rule_put() - drop what a rule pins
 * @rule: the rule
 *
 * Context: any.
 */
void nslens_rec_rule_put(const struct nslens_rec_rule *rule)
{
	put_cred(rule->cred);
	put_user_ns(rule->mm_ns);
}

/**
 * nslens_rec_put() - drop what a record pins
 * @r: the record
 *
 * Context: any.
 */
void nslens_rec_put(const struct nslens_rec *r)
{
	if (r->rule.cred)
		nslens_rec_rule_put(&r->rule);
	if (r->old_rule.cred)
		nslens_rec_rule_put(&r->old_rule);
	if (r->cgroup)
		cgroup_put(r->cgroup);
}
