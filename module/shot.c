// SPDX-License-Identifier: GPL-2.0
/* A record in the making: room in the ring, and what all records say. */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "capture.h"
#include "compat.h"
#include "events-fire.h"
#include "nsid.h"
#include "rec.h"
#include "ring.h"
#include "shot.h"
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

/* What the pointers to the namespaces of a task are members of. */
static void fill_bases(const void *bases[NSLENS_NR_BASES], const struct pid *pid,
		       const struct nsproxy *nsproxy, const struct cred *cred)
{
	bases[NSLENS_BASE_NSPROXY] = nsproxy;
	bases[NSLENS_BASE_CRED] = cred;
	bases[NSLENS_BASE_UPID] = &pid->numbers[pid->level];
}

/**
 * nslens_shot_ns() - the namespaces of a task
 * @to: filled in
 * @pid: its PID
 * @nsproxy: of it, or NULL
 * @cred: its credentials
 *
 * Context: what holds these is held.
 */
void nslens_shot_ns(struct nslens_rec_ns *to, const struct pid *pid,
		    const struct nsproxy *nsproxy, const struct cred *cred)
{
	const void *bases[NSLENS_NR_BASES];

	fill_bases(bases, pid, nsproxy, cred);
	nslens_ns_record(to, bases);
}

/**
 * nslens_shot_rule() - by what it is judged who may see a task
 * @rule: filled in; with references, if a session needs to know
 * @task: the task
 * @cred: its credentials, of which there is a reference
 *
 * Context: task_lock() is held, or @task is current or not running yet.
 */
void nslens_shot_rule(struct nslens_rec_rule *rule, struct task_struct *task,
		      const struct cred *cred)
{
	struct user_namespace *ns;

	rule->cred = NULL;
	rule->mm_ns = NULL;
	if (!(READ_ONCE(wanted) & NSLENS_WANT_RULE))
		return;
	rule->cred = get_cred(cred);
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

/**
 * nslens_shot_fill() - what a record says of a task, whatever has happened
 * @shot: the record that is being made
 * @r: filled in
 *
 * Context: an RCU section, interrupts are off; as nslens_shot_rule().
 */
void nslens_shot_fill(const struct nslens_shot *shot, struct nslens_rec *r)
{
	const void *bases[NSLENS_NR_BASES];
	struct task_struct *task = shot->task;

	r->start = task->start_boottime;
	r->process_start = task->group_leader->start_boottime;
	r->parent_start = 0;
	fill_cgroup(r, task);
	nslens_shot_rule(&r->rule, task, shot->cred);
	r->old_rule = (struct nslens_rec_rule){};
	fill_bases(bases, shot->pid, shot->nsproxy, shot->cred);
	nslens_ns_record_again(&r->ns, bases);
	r->tgid = shot->tgid->numbers[0].nr;
	r->parent_tgid = 0;
	r->session = 0;
	r->mask = shot->mask;
	r->value = shot->mask & BIT(NSLENS_NS_TYPE_NET) ?
		nslens_nsid_count(r->ns.ino[NSLENS_NS_TYPE_NET]) : 0;
	r->flags = thread_group_leader(task) ? 0 : NSLENS_EVENT_FLAG_THREAD;
	if (READ_ONCE(task->flags) & PF_KTHREAD)
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

/* Return: does anybody listen? Then interrupts are off until end(). */
static bool begin(struct nslens_shot *shot, u64 *time)
{
	local_irq_save(shot->irq);
	if (!nslens_ring_is_open()) {
		local_irq_restore(shot->irq);
		return false;
	}
	*time = nslens_ring_enter();
	return true;
}

static void end(const struct nslens_shot *shot)
{
	nslens_ring_leave();
	/* Who closes the rings waits for what has interrupts off. */
	nslens_trace_kick();
	local_irq_restore(shot->irq);
}

static struct nslens_rec *reserve(const struct nslens_shot *shot)
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

/**
 * nslens_shot_begin() - make a record
 * @shot: of what
 *
 * Context: any but NMI. Interrupts are off from here to nslens_shot_commit().
 * Return: the record, which says what the task is; to be completed, and then
 * committed. NULL if nobody listens, or if there is no room.
 */
struct nslens_rec *nslens_shot_begin(struct nslens_shot *shot)
{
	struct nslens_rec *r;
	u64 time;

	if (!begin(shot, &time))
		return NULL;
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
		nslens_shot_fill(shot, r);
		rcu_read_unlock();
	}
	return r;
}

/**
 * nslens_shot_commit() - let others see a record
 * @shot: after nslens_shot_begin()
 * @r: what that has returned
 */
void nslens_shot_commit(const struct nslens_shot *shot,
			const struct nslens_rec *r)
{
	if (nslens_events_on())
		nslens_events_fire(r);
	if (shot->lost)
		nslens_rec_put(r);
	else
		nslens_ring_commit();
	if (nslens_ring_is_half_full())
		nslens_trace_hurry();
	end(shot);
}

/**
 * nslens_shot_lose() - count an event of which there cannot be a record
 * @shot: its kind, and how many namespaces it has created
 *
 * Who has enabled trace events is not told.
 *
 * Context: any but NMI.
 */
void nslens_shot_lose(struct nslens_shot *shot)
{
	u64 time;

	if (!begin(shot, &time))
		return;
	nslens_ring_drop(shot->kind, shot->created, time);
	end(shot);
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
