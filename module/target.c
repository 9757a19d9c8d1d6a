// SPDX-License-Identifier: GPL-2.0
/* What a session traces: is a record of one of its targets? */
#include <linux/cgroup.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ended.h"
#include "rec.h"
#include "target.h"
#include "xa.h"

/* A family that has grown by so many, and to twice its size, is swept. */
#define FEW		1024
/* Of a family: has been seen to be gone. */
#define GONE		XA_MARK_0

/* When a process was made, as an entry of struct nslens_target.family. */
static void *made(u64 start)
{
	return xa_mk_value(start & LONG_MAX);
}

static bool in_family(struct nslens_target *target, u32 tgid, u64 start)
{
	return xa_load(&target->family, tgid) == made(start);
}

static void remember(struct nslens_target *target, u32 tgid, u64 start)
{
	void *old = xa_store(&target->family, tgid, made(start),
			     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	/* Not remembered for want of memory, it has no descendants here. */
	if (xa_is_err(old))
		return;
	if (old)
		xa_clear_mark(&target->family, tgid, GONE);
	else
		target->nr++;
}

static void forget(struct nslens_target *target, u32 tgid)
{
	xa_erase(&target->family, tgid);
	target->nr--;
}

/* Born into it, whoever the parent is later. */
static bool match_follow(struct nslens_target *target, const struct nslens_rec *r)
{
	if (in_family(target, r->tgid, r->process_start))
		return true;
	if (r->kind != NSLENS_EVENT_KIND_FORK ||
	    !in_family(target, r->parent_tgid, r->parent_start))
		return false;
	remember(target, r->tgid, r->process_start);
	return true;
}

static bool match_task(struct nslens_target *target, const struct nslens_rec *r)
{
	if (target->follow)
		return match_follow(target, r);
	return (r->tgid == target->tgid && r->process_start == target->start) ||
	       (r->kind == NSLENS_EVENT_KIND_FORK &&
		r->parent_tgid == target->tgid &&
		r->parent_start == target->start);
}

/* Who has a PID in it, or is in it otherwise. */
static bool match_pid_ns(const struct nslens_target *target,
			 const struct nslens_rec *r)
{
	const struct nslens_rec_upid *upid = nslens_rec_upids(r);
	unsigned int i;

	for (i = 0; i < r->levels; i++)
		if (upid[i].ns == target->ino && upid[i].ns_id == target->id)
			return true;
	return false;
}

static bool match_ns(const struct nslens_target *target,
		     const struct nslens_rec *r)
{
	const struct nslens_rec_ns *old = nslens_rec_old_ns(r);
	const int type = target->type;

	if (type == NSLENS_NS_TYPE_PID)
		return match_pid_ns(target, r);
	if (r->ns.ino[type] == target->ino && r->ns.id[type] == target->id)
		return true;
	return r->kind == NSLENS_EVENT_KIND_SWITCH &&
	       old->ino[type] == target->ino && old->id[type] == target->id;
}

/**
 * nslens_target_match() - is a record of what is traced
 * @target: the target; learns of a child that it is to follow
 * @r: the record, not of destroy; each once, in the order of time
 *
 * Context: the drain; may sleep.
 */
bool nslens_target_match(struct nslens_target *target, const struct nslens_rec *r)
{
	if (r->time < target->since)
		return false;
	switch (target->kind) {
	case NSLENS_TARGET_TASK:
		return match_task(target, r);
	case NSLENS_TARGET_NS:
		return match_ns(target, r);
	case NSLENS_TARGET_CGROUP:
		return r->cgroup &&
		       cgroup_is_descendant(r->cgroup, target->cgroup);
	case NSLENS_TARGET_ALL:
		return true;
	}
	return false;
}

/**
 * nslens_target_forget() - a process has ended some time ago
 * @target: may have followed it
 * @ended: the process
 *
 * Context: the drain.
 */
void nslens_target_forget(struct nslens_target *target,
			  const struct nslens_ended *ended)
{
	if (target->follow && in_family(target, ended->tgid, ended->start))
		forget(target, ended->tgid);
}

/* No task of it is left, so that all that it has done is captured. */
static bool is_gone(u32 tgid, const void *start)
{
	struct task_struct *task;
	bool gone;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	gone = !task || made(task->start_boottime) != start;
	rcu_read_unlock();
	return gone;
}

/* Return: is it at its end? */
static bool sweep_some(struct nslens_target *target, xa_mark_t which,
		       unsigned int *budget)
{
	void *start;

	while ((start = xa_find(&target->family, &target->next, ULONG_MAX, which))) {
		if (!*budget)
			return false;
		--*budget;
		if (!is_gone(target->next, start))
			xa_clear_mark(&target->family, target->next, GONE);
		else if (target->sweep == NSLENS_SWEEP_MARK)
			xa_set_mark(&target->family, target->next, GONE);
		else
			forget(target, target->next);
		target->next++;
	}
	target->next = 0;
	return true;
}

/**
 * nslens_target_sweep() - forget processes whose ends were lost
 * @target: may follow; is swept once it remembers twice as many as after the last
 *	time, so that it holds a bounded multiple of those that live
 * @budget: how many processes may be looked at; reduced
 *
 * What a process did before it was seen to be gone may be in a ring still, such as
 * the forks of children that are to be followed, too. So it is marked only, and
 * forgotten after the drain has been there once more.
 *
 * Context: the drain, after each time that it has told what was captured.
 * Return: is there more to do?
 */
bool nslens_target_sweep(struct nslens_target *target, unsigned int *budget)
{
	switch (target->sweep) {
	case NSLENS_SWEEP_NONE:
		if (!target->follow || target->nr < target->enough)
			return false;
		target->sweep = NSLENS_SWEEP_MARK;
		fallthrough;
	case NSLENS_SWEEP_MARK:
		if (sweep_some(target, XA_PRESENT, budget))
			target->sweep = NSLENS_SWEEP_FORGET;
		return true;
	case NSLENS_SWEEP_FORGET:
		if (!sweep_some(target, GONE, budget))
			return true;
		target->sweep = NSLENS_SWEEP_NONE;
		target->enough = 2 * target->nr + FEW;
	}
	return false;
}

/**
 * nslens_target_is_ns() - is a namespace itself what is traced
 * @target: the target
 * @type: type of the namespace
 * @ino: its inode number
 * @id: its id
 */
bool nslens_target_is_ns(const struct nslens_target *target, int type, u32 ino,
			 u64 id)
{
	return target->kind == NSLENS_TARGET_NS && target->type == type &&
	       target->ino == ino && target->id == id;
}

/**
 * nslens_target_same() - do two targets mean the same
 * @a: one
 * @b: the other
 *
 * Whether descendants are followed does not matter.
 */
bool nslens_target_same(const struct nslens_target *a,
			const struct nslens_target *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case NSLENS_TARGET_TASK:
		return a->tgid == b->tgid && a->start == b->start;
	case NSLENS_TARGET_NS:
		return nslens_target_is_ns(a, b->type, b->ino, b->id);
	case NSLENS_TARGET_CGROUP:
		return a->cgroup == b->cgroup;
	case NSLENS_TARGET_ALL:
		return true;
	}
	return false;
}

/**
 * nslens_target_begin() - have what is needed to match
 * @target: set up but for its family
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int nslens_target_begin(struct nslens_target *target)
{
	int err;

	xa_init(&target->family);
	target->enough = FEW;
	if (!target->follow)
		return 0;
	err = xa_err(xa_store(&target->family, target->tgid,
			      made(target->start), GFP_KERNEL_ACCOUNT));
	/* There may be a node already, and no memory for the one below. */
	if (err)
		xa_destroy(&target->family);
	else
		target->nr = 1;
	return err;
}

/**
 * nslens_target_free() - free a target and its references
 * @target: the target
 *
 * Context: process.
 */
void nslens_target_free(struct nslens_target *target)
{
	nslens_xa_destroy(&target->family);
	put_pid(target->pid);
	if (target->cgroup)
		cgroup_put(target->cgroup);
	kfree(target);
}

/**
 * nslens_targets_free() - free targets and their references
 * @targets: list of them; empty afterwards
 *
 * Context: process.
 */
void nslens_targets_free(struct list_head *targets)
{
	struct nslens_target *target, *next;

	list_for_each_entry_safe(target, next, targets, list) {
		list_del(&target->list);
		nslens_target_free(target);
	}
}
