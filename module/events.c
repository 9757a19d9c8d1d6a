// SPDX-License-Identifier: GPL-2.0
/* The trace events nslens:*, for perf, trace-cmd and bpftrace. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "events-fire.h"
#include "ns.h"
#include "rec.h"
#include "trace.h"

static void copy_pids(const struct nslens_rec *r, u32 *pids)
{
	unsigned int i;

	for (i = 0; i < r->levels; i++)
		pids[i] = nslens_rec_upids(r)[i].nr;
}

#define CREATE_TRACE_POINTS
#include "events.h"

/* Events that somebody has enabled. */
static atomic_t enabled = ATOMIC_INIT(0);
/* The probes are there on their account; that work's. */
static bool running;
/* Protects the next; taken by who enables events. */
static DEFINE_SPINLOCK(open_lock);
/* The module is there in full, and does not go. */
static bool open;

/*
 * Whoever enables an event holds the lock under which tracepoints are attached,
 * so that has to wait; what happens until then is not told.
 */
static void follow(struct work_struct *work)
{
	const bool on = atomic_read(&enabled) > 0 && READ_ONCE(open);
	int err = 0;

	if (on == running)
		return;
	if (on)
		err = nslens_trace_run();
	else
		nslens_trace_rest();
	running = on && !err;
	if (err)
		pr_warn("nothing can be captured for the trace events (error %d); enabling one tries again\n",
			err);
}

static DECLARE_WORK(follow_work, follow);

/* Events are there from before the module's init function until after its exit. */
static void changed(void)
{
	spin_lock(&open_lock);
	if (open)
		schedule_work(&follow_work);
	spin_unlock(&open_lock);
}

int nslens_events_reg(void)
{
	atomic_inc(&enabled);
	changed();
	return 0;
}

void nslens_events_unreg(void)
{
	atomic_dec(&enabled);
	changed();
}

static void set_open(bool value)
{
	spin_lock(&open_lock);
	WRITE_ONCE(open, value);
	spin_unlock(&open_lock);
}

/**
 * nslens_events_init() - have probes when events are enabled, from now on
 *
 * Context: process, when all else is ready.
 */
void __init nslens_events_init(void)
{
	set_open(true);
	changed();
}

/**
 * nslens_events_on() - has somebody enabled an event
 *
 * Context: any.
 */
bool nslens_events_on(void)
{
	return atomic_read(&enabled);
}

static void fire_created(const struct nslens_rec *r)
{
	unsigned long types = r->mask;
	int type;

	for_each_set_bit(type, &types, NSLENS_NR_NS)
		trace_ns_create(r, nslens_own_type(type), r->ns.ino[type],
				r->ns.id[type]);
}

/**
 * nslens_events_fire() - tell a record to who has enabled its event
 * @r: the record
 *
 * Context: as the probe, with interrupts off.
 */
void nslens_events_fire(const struct nslens_rec *r)
{
	switch (r->kind) {
	case NSLENS_EVENT_KIND_FORK:
		if (trace_ns_create_enabled())
			fire_created(r);
		trace_fork(r);
		break;
	case NSLENS_EVENT_KIND_EXEC:
		trace_exec(r);
		break;
	case NSLENS_EVENT_KIND_EXIT:
		trace_exit(r);
		break;
	case NSLENS_EVENT_KIND_SWITCH:
		if (r->how == NSLENS_SWITCH_HOW_UNSHARE &&
		    trace_ns_create_enabled())
			fire_created(r);
		trace_switch(r);
		break;
	case NSLENS_EVENT_KIND_NS_DESTROY:
		trace_ns_destroy(r);
		break;
	}
}

/**
 * nslens_events_exit() - attach nothing on the events' account any more
 *
 * Context: process. The events themselves go after the module's exit function.
 */
void nslens_events_exit(void)
{
	set_open(false);
	cancel_work_sync(&follow_work);
	follow(NULL);
}
