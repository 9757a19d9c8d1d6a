// SPDX-License-Identifier: GPL-2.0
/*
 * Tracing: sessions come and go, and the drain takes what probes have captured
 * to those that want it.
 */
#include <linux/bitmap.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <linux/workqueue.h>

#include "capture.h"
#include "ended.h"
#include "exists.h"
#include "nsbook.h"
#include "nsid.h"
#include "probes.h"
#include "rec.h"
#include "session.h"
#include "stash.h"
#include "trace-change.h"
#include "trace.h"

static unsigned int max_sessions = 64;
module_param(max_sessions, uint, 0644);
MODULE_PARM_DESC(max_sessions, "tracing sessions that a user may have (64)");

/* So many events are handled before others may have the CPU. */
#define BATCH		256
/* So many that are followed are looked at, whether they are gone, for each drain. */
#define BUDGET		1024
/* Sessions that are kept for who may see everything. */
#define RESERVED	64
/*
 * So long events wait for others, to share what it costs to wake who reads:
 * unless none has come for as long, or a ring is half full.
 */
#define GATHER		msecs_to_jiffies(50)
/* So often a reader who has no room is looked after. */
#define RETRY		msecs_to_jiffies(50)

/* Protects when probes are attached; taken before the other. */
static DEFINE_MUTEX(running_lock);
static unsigned int running;
/* What the last start() has come to. */
static int started;

/* Protects sessions, and the reading side of the rings. */
static DEFINE_MUTEX(drain_lock);
static LIST_HEAD(sessions);
static DECLARE_BITMAP(slots, NSLENS_MAX_SESSIONS);
static u32 last_id;

static struct workqueue_struct *queue;
static void drain(struct work_struct *work);
static DECLARE_DELAYED_WORK(drain_work, drain);

/* The drain has been called, or told to hurry, and has not begun. */
static bool kicked, hurried;
/* When it last took anything, in jiffies. */
static unsigned long drained;

static void on_kick(struct irq_work *work)
{
	const bool idle = time_after(jiffies, READ_ONCE(drained) + GATHER);

	queue_delayed_work(queue, &drain_work, idle ? 0 : GATHER);
}

static void on_hurry(struct irq_work *work)
{
	mod_delayed_work(queue, &drain_work, 0);
}

/* In their own time: a wakeup in a probe could meet a lock that is held. */
static struct irq_work kick = IRQ_WORK_INIT_LAZY(on_kick);
static struct irq_work hurry = IRQ_WORK_INIT_LAZY(on_hurry);

/**
 * nslens_trace_kick() - there is something to drain
 *
 * Context: any.
 */
void nslens_trace_kick(void)
{
	if (READ_ONCE(kicked))
		return;
	WRITE_ONCE(kicked, true);
	irq_work_queue(&kick);
}

/**
 * nslens_trace_hurry() - there is much to drain
 *
 * Context: any.
 */
void nslens_trace_hurry(void)
{
	if (READ_ONCE(hurried))
		return;
	WRITE_ONCE(hurried, true);
	irq_work_queue(&hurry);
}

/**
 * nslens_trace_wake() - a reader who had no room has some
 *
 * Context: any.
 */
void nslens_trace_wake(void)
{
	mod_delayed_work(queue, &drain_work, 0);
}

/**
 * nslens_trace_do() - do something where the drain is
 * @work: what
 *
 * Context: process; sleeps until it is done.
 */
void nslens_trace_do(struct work_struct *work)
{
	queue_work(queue, work);
	flush_work(work);
}

void nslens_trace_lock(void)
{
	mutex_lock(&drain_lock);
}

void nslens_trace_unlock(void)
{
	mutex_unlock(&drain_lock);
}

/**
 * nslens_trace_sessions() - the sessions that there are
 *
 * Context: process, nslens_trace_lock() is held.
 */
struct list_head *nslens_trace_sessions(void)
{
	lockdep_assert_held(&drain_lock);
	return &sessions;
}

/* One exit of a process is the last, whatever its threads have found. */
static void note_end(struct nslens_rec *r)
{
	struct nslens_session *session;
	struct nslens_ended before;

	if (!nslens_ended_add(r, &before))
		r->flags &= ~NSLENS_EVENT_FLAG_LAST;
	else
		list_for_each_entry(session, &sessions, list)
			nslens_session_forget(session, &before);
}

static void tell_record(struct nslens_rec *r, int cpu,
			struct nslens_nsbook_entry *const *made)
{
	struct nslens_session *session;

	if (r->flags & NSLENS_EVENT_FLAG_LAST)
		note_end(r);
	list_for_each_entry(session, &sessions, list)
		nslens_session_tell(session, r, cpu, made);
}

static void tell_made(struct nslens_rec *r, int cpu)
{
	struct nslens_nsbook_entry *made[NSLENS_NR_NS] = {};
	unsigned long types = r->mask;
	int type;

	for_each_set_bit(type, &types, NSLENS_NR_NS)
		made[type] = nslens_nsbook_create(r, type);
	tell_record(r, cpu, made);
}

/* Most events make no namespace. */
static bool makes(const struct nslens_rec *r)
{
	return r->mask && (r->kind == NSLENS_EVENT_KIND_FORK ||
			   r->how == NSLENS_SWITCH_HOW_UNSHARE);
}

static void tell_destroy(struct nslens_rec *r, int cpu)
{
	struct nslens_nsbook_entry *entry = nslens_nsbook_destroy(r);
	struct nslens_session *session;

	list_for_each_entry(session, &sessions, list)
		nslens_session_tell_destroy(session, r, cpu, entry);
	kfree(entry);
}

static void tell_exists(struct nslens_rec *r, int cpu)
{
	struct nslens_session *session;

	list_for_each_entry(session, &sessions, list)
		if (session->id == r->session)
			nslens_session_tell(session, r, cpu, NULL);
}

static void tell(struct nslens_rec *r, int cpu)
{
	switch (r->kind) {
	case NSLENS_EVENT_KIND_NS_DESTROY:
		tell_destroy(r, cpu);
		break;
	case NSLENS_EVENT_KIND_EXISTS:
		tell_exists(r, cpu);
		break;
	default:
		if (makes(r))
			tell_made(r, cpu);
		else
			tell_record(r, cpu, NULL);
	}
	nslens_rec_put(r);
}

static void tell_lost(void)
{
	struct nslens_session *session;
	struct nslens_lost lost;
	int cpu;

	for_each_possible_cpu(cpu)
		if (nslens_ring_lost(cpu, &lost))
			list_for_each_entry(session, &sessions, list)
				nslens_session_tell_lost(session, &lost);
}

static void tell_until(u64 until)
{
	struct nslens_rec *r;
	unsigned int n = 0;
	int cpu;

	while ((r = nslens_ring_next(until, &cpu))) {
		tell(r, cpu);
		nslens_ring_consume();
		if (!(++n % BATCH))
			cond_resched();
	}
}

/**
 * nslens_trace_drain() - take what has been captured until now to the sessions
 *
 * Context: process; sleeps; nslens_trace_lock() is held.
 */
void nslens_trace_drain(void)
{
	u64 until;
	int cpu;

	lockdep_assert_held(&drain_lock);
	/* What is captured after the clock is read in there kicks again. */
	WRITE_ONCE(kicked, false);
	WRITE_ONCE(hurried, false);
	WRITE_ONCE(drained, jiffies);
	until = nslens_ring_settle();
	nslens_ring_fill();
	tell_lost();
	tell_until(until);
	/* One of that very time may have found that it need not kick. */
	if (nslens_ring_next(U64_MAX, &cpu))
		nslens_trace_kick();
}

/* Return: more at once? @wait: someone has no room; @pause: look again soon. */
static bool drain_once(bool *wait, bool *pause)
{
	struct nslens_session *session;
	unsigned int budget = BUDGET;
	bool more = false;

	nslens_trace_drain();
	*wait = false;
	*pause = false;
	list_for_each_entry(session, &sessions, list) {
		more |= nslens_session_sweep(session, &budget);
		if (!nslens_session_flush(session)) {
			*wait = true;
		} else if (session->walk) {
			*pause |= nslens_exists_say(session) == -EAGAIN;
			more = true;
			/* Others need the ring as well. */
			nslens_trace_drain();
		}
	}
	return more;
}

static void drain(struct work_struct *work)
{
	bool more, wait, pause;

	do {
		mutex_lock(&drain_lock);
		more = drain_once(&wait, &pause);
		mutex_unlock(&drain_lock);
		/* Not with the lock: tasks end as often as their user wants. */
		if (pause)
			fsleep(100);
		cond_resched();
	} while (more);
	if (wait)
		queue_delayed_work(queue, &drain_work, RETRY);
}

/* No more is captured from here on, and the drain is not called. */
static void silence(void)
{
	nslens_ring_close();
	/* The drain may kick, and that calls the drain: but not twice for nothing. */
	cancel_delayed_work_sync(&drain_work);
	irq_work_sync(&kick);
	irq_work_sync(&hurry);
	cancel_delayed_work_sync(&drain_work);
}

static void stop(struct work_struct *work)
{
	nslens_probes_detach();
	silence();
	mutex_lock(&drain_lock);
	nslens_ring_fill();
	tell_lost();
	tell_until(U64_MAX);
	mutex_unlock(&drain_lock);
	nslens_stash_clear();
	nslens_ended_clear();
	nslens_nsbook_close();
	nslens_ring_free();
}

static void start(struct work_struct *work)
{
	WRITE_ONCE(kicked, false);
	WRITE_ONCE(hurried, false);
	WRITE_ONCE(drained, jiffies - 2 * GATHER);
	started = nslens_nsid_start() ?: nslens_ring_open();
	if (started)
		return;
	started = nslens_probes_attach();
	if (started) {
		silence();
		nslens_stash_clear();
		nslens_nsbook_close();
		nslens_ring_free();
	}
}

/*
 * Where the drain is: who asks may be throttled, or be killed for want of memory,
 * when even small allocations fail. Removing a probe takes some, and one for which
 * they fail stays in the kernel.
 */
static DECLARE_WORK(start_work, start);
static DECLARE_WORK(stop_work, stop);

/* But the look at all tasks is the asker's, who can be killed meanwhile. */
static int start_for_asker(void)
{
	int err;

	nslens_trace_do(&start_work);
	if (started)
		return started;
	mutex_lock(&drain_lock);
	err = nslens_nsbook_open();
	mutex_unlock(&drain_lock);
	if (err)
		nslens_trace_do(&stop_work);
	return err;
}

/**
 * nslens_trace_run() - have probes and rings
 *
 * Context: process; sleeps.
 * Return: 0, undone by nslens_trace_rest(); or why they cannot be had.
 */
int nslens_trace_run(void)
{
	int err = 0;

	mutex_lock(&running_lock);
	if (!running)
		err = start_for_asker();
	if (!err)
		running++;
	mutex_unlock(&running_lock);
	return err;
}

/**
 * nslens_trace_rest() - undo a nslens_trace_run(); the last one removes them
 *
 * Context: process; sleeps.
 */
void nslens_trace_rest(void)
{
	mutex_lock(&running_lock);
	if (!--running)
		nslens_trace_do(&stop_work);
	mutex_unlock(&running_lock);
}

/**
 * nslens_trace_want() - what records must pin for the sessions that there are
 *
 * Context: process, nslens_trace_lock() is held; targets have changed.
 */
void nslens_trace_want(void)
{
	struct nslens_session *session;
	struct nslens_target *target;
	unsigned int wanted = 0;

	lockdep_assert_held(&drain_lock);
	list_for_each_entry(session, &sessions, list) {
		if (!session->all)
			wanted |= NSLENS_WANT_RULE;
		if (!nslens_session_has_root(session))
			wanted |= NSLENS_WANT_CGROUP;
		list_for_each_entry(target, &session->targets, list)
			if (target->kind == NSLENS_TARGET_CGROUP)
				wanted |= NSLENS_WANT_CGROUP;
	}
	nslens_capture_want(wanted);
}

static void set_up(struct nslens_session *session,
		   const struct nslens_front *front,
		   const struct nslens_viewer *viewer)
{
	struct cgroup *root = current->nsproxy->cgroup_ns->root_cset->dfl_cgrp;
	struct pid_namespace *ns = viewer->pid_ns;

	session->front = front;
	nslens_asker_get(&session->asker);
	session->all = viewer->all;
	session->ns = get_pid_ns(ns);
	session->level = ns->level;
	session->pid_ns = ns->ns.inum;
	session->pid_ns_id = nslens_nsid_get(&ns->ns);
	session->cgroup = cgroup_tryget(root) ? root : NULL;
	session->owner = get_pid(task_tgid(current));
	session->owner_start = current->group_leader->start_boottime;
	session->boottime = timens_add_boottime_ns(0);
	session->events = NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC |
		NSLENS_EVENT_MASK_EXIT | NSLENS_EVENT_MASK_SWITCH |
		NSLENS_EVENT_MASK_NS_CREATE | NSLENS_EVENT_MASK_NS_DESTROY |
		NSLENS_EVENT_MASK_EXISTS;
	session->fields = NSLENS_EVENT_FIELD_ORDER | NSLENS_EVENT_FIELD_TASK |
		NSLENS_EVENT_FIELD_COMM | NSLENS_EVENT_FIELD_NS |
		NSLENS_EVENT_FIELD_DETAILS;
	INIT_LIST_HEAD(&session->targets);
}

static void tear_down(struct nslens_session *session)
{
	nslens_asker_put(&session->asker);
	put_pid(session->owner);
	if (session->cgroup)
		cgroup_put(session->cgroup);
	put_pid_ns(session->ns);
}

static unsigned int sessions_of(kuid_t uid)
{
	struct nslens_session *session;
	unsigned int n = 0;

	list_for_each_entry(session, &sessions, list)
		n += uid_eq(session->asker.cred->uid, uid);
	return n;
}

/* Return: 0, -EUSERS, or why the session could not be changed like that. */
static int admit(struct nslens_session *session,
		 const struct nslens_trace_change *change)
{
	struct nslens_target_counts n;
	int err = change ? nslens_change_check(session, change, &n) : 0;

	lockdep_assert_held(&drain_lock);
	if (err)
		return err;
	session->slot = find_first_zero_bit(slots, NSLENS_MAX_SESSIONS);
	if (session->slot >= NSLENS_MAX_SESSIONS - (session->all ? 0 : RESERVED) ||
	    sessions_of(current_uid()) >= READ_ONCE(max_sessions))
		return -EUSERS;
	__set_bit(session->slot, slots);
	session->id = ++last_id;
	list_add_tail(&session->list, &sessions);
	nslens_trace_want();
	session->since = nslens_ring_settle();
	return 0;
}

/**
 * nslens_trace_open() - begin a session
 * @session: all zero
 * @front: how it is read; called from now on
 * @viewer: who opens it; current
 * @change: what nslens_trace_change() will be called with, or NULL
 *
 * It traces nothing yet.
 *
 * Context: process; sleeps. Has a reference to the module.
 * Return: 0; -EUSERS if the user or all have too many, why @change is not
 * possible, or why probes cannot be had.
 */
int nslens_trace_open(struct nslens_session *session,
		      const struct nslens_front *front,
		      const struct nslens_viewer *viewer,
		      const struct nslens_trace_change *change)
{
	int err = nslens_trace_run();

	if (err)
		return err;
	set_up(session, front, viewer);
	mutex_lock(&drain_lock);
	err = admit(session, change);
	mutex_unlock(&drain_lock);
	if (err) {
		tear_down(session);
		nslens_trace_rest();
	}
	return err;
}

/**
 * nslens_trace_close() - end a session
 * @session: the session; its front is not called after this
 *
 * Context: process; sleeps.
 */
void nslens_trace_close(struct nslens_session *session)
{
	mutex_lock(&drain_lock);
	list_del(&session->list);
	__clear_bit(session->slot, slots);
	nslens_nsbook_forget(session->slot);
	nslens_trace_want();
	mutex_unlock(&drain_lock);
	nslens_targets_free(&session->targets);
	tear_down(session);
	nslens_trace_rest();
}

/**
 * nslens_trace_init() - be ready for sessions
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int __init nslens_trace_init(void)
{
	queue = alloc_workqueue("nslens", WQ_UNBOUND | WQ_HIGHPRI, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * nslens_trace_exit() - the opposite; there are no sessions
 *
 * Context: process.
 */
void nslens_trace_exit(void)
{
	destroy_workqueue(queue);
}
