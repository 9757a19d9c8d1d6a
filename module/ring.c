// SPDX-License-Identifier: GPL-2.0
/*
 * The way from probes to the drain: a ring per CPU, each in the order of time,
 * and what did not fit.
 */
#include <linux/cpumask.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/ring_buffer.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "rec.h"
#include "ring.h"

static unsigned int ring_kb = 1024;
module_param(ring_kb, uint, 0644);
MODULE_PARM_DESC(ring_kb, "KiB of the ring of events of each CPU, at the next first session (1024)");

/**
 * struct cpu_side - what the probes on a CPU keep
 * @busy: between nslens_ring_enter() and nslens_ring_leave()
 * @event: reserved and not committed
 * @lock: protects @lost; raw, since probes take it
 * @lost: what did not fit since the drain looked last
 */
struct cpu_side {
	int busy;
	struct ring_buffer_event *event;
	raw_spinlock_t lock;
	struct nslens_lost lost;
};

static DEFINE_PER_CPU(struct cpu_side, cpu_sides) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(cpu_sides.lock),
};

/* There while @is_open and until the drain has taken what is in it. */
static struct trace_buffer *buffer;
/* Read by probes with interrupts off: may they use @buffer? */
static bool is_open;
/* Of each CPU the record that the drain looks at next, or NULL. */
static struct nslens_rec **heads;

/**
 * nslens_ring_open() - let probes write
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int nslens_ring_open(void)
{
	heads = kcalloc(nr_cpu_ids, sizeof(struct nslens_rec *), GFP_KERNEL);
	if (!heads)
		return -ENOMEM;
	/* Full, it takes no more: a record may hold references. */
	buffer = ring_buffer_alloc((unsigned long)ring_kb * 1024, 0);
	if (!buffer) {
		kfree(heads);
		return -ENOMEM;
	}
	smp_store_release(&is_open, true);
	return 0;
}

/**
 * nslens_ring_close() - let no probe write any more
 *
 * Context: process; sleeps. What was written can still be read.
 */
void nslens_ring_close(void)
{
	WRITE_ONCE(is_open, false);
	/* Interrupts were off in whoever has seen it open. */
	synchronize_rcu();
}

/**
 * nslens_ring_free() - free the rings, which are closed and empty
 *
 * Context: process.
 */
void nslens_ring_free(void)
{
	struct nslens_lost lost;
	int cpu;

	for_each_possible_cpu(cpu)
		nslens_ring_lost(cpu, &lost);
	ring_buffer_free(buffer);
	buffer = NULL;
	kfree(heads);
}

/**
 * nslens_ring_bytes() - memory that the rings take
 *
 * Context: process, the caller keeps sessions from coming and going.
 * Return: bytes, 0 while there are none.
 */
u64 nslens_ring_bytes(void)
{
	u64 bytes = 0;
	int cpu;

	if (buffer)
		for_each_possible_cpu(cpu)
			bytes += ring_buffer_size(buffer, cpu);
	return bytes;
}

/**
 * nslens_ring_is_open() - is there anybody to write for
 *
 * Context: interrupts are off from here to the end of the use of the ring.
 */
bool nslens_ring_is_open(void)
{
	return smp_load_acquire(&is_open);
}

/**
 * nslens_ring_enter() - begin to capture on this CPU
 *
 * Context: any but NMI; interrupts are off until nslens_ring_leave(), so that
 * one record is not within another and the order in the ring is that of time.
 * Return: the time of the record, ns since boot.
 */
u64 nslens_ring_enter(void)
{
	__this_cpu_write(cpu_sides.busy, 1);
	/* Busy before the time is read: see nslens_ring_settle(). */
	smp_mb();
	return ktime_get_boottime_ns();
}

/**
 * nslens_ring_reserve() - room for a record
 * @size: bytes
 *
 * Context: between nslens_ring_enter() and nslens_ring_leave().
 * Return: the room, to be filled and committed; NULL if there is none.
 */
struct nslens_rec *nslens_ring_reserve(unsigned int size)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(buffer, size);

	__this_cpu_write(cpu_sides.event, event);
	return event ? ring_buffer_event_data(event) : NULL;
}

/**
 * nslens_ring_commit() - let the drain see what was reserved
 *
 * Context: as nslens_ring_reserve().
 */
void nslens_ring_commit(void)
{
	compat_ring_commit(buffer, __this_cpu_read(cpu_sides.event));
}

/**
 * nslens_ring_drop() - count an event that cannot be told
 * @kind: enum nslens_event_kind
 * @created: ns-create events that would have come with it
 * @time: its time
 *
 * Context: as nslens_ring_reserve().
 */
void nslens_ring_drop(unsigned int kind, unsigned int created, u64 time)
{
	struct cpu_side *side = this_cpu_ptr(&cpu_sides);

	raw_spin_lock(&side->lock);
	side->lost.n[kind]++;
	side->lost.n[NSLENS_EVENT_KIND_NS_CREATE] += created;
	if (!side->lost.first)
		side->lost.first = time;
	side->lost.last = time;
	raw_spin_unlock(&side->lock);
}

/**
 * nslens_ring_leave() - end what nslens_ring_enter() began
 */
void nslens_ring_leave(void)
{
	/* After the commit: who sees it idle sees the record. */
	smp_store_release(this_cpu_ptr(&cpu_sides.busy), 0);
}

/**
 * nslens_ring_settle() - a time that no record will come from before
 *
 * A probe is busy before it reads the clock. So whoever is found idle after
 * this clock was read has committed what is older, or will read a later time.
 *
 * Context: process. Waits for probes that are under way, with interrupts off.
 * Return: ns since boot: every record that is older can be read now.
 */
u64 nslens_ring_settle(void)
{
	u64 time = ktime_get_boottime_ns();
	int cpu;

	/* Pairs with nslens_ring_enter(). */
	smp_mb();
	for_each_possible_cpu(cpu)
		while (smp_load_acquire(per_cpu_ptr(&cpu_sides.busy, cpu)))
			cpu_relax();
	return time;
}

/**
 * nslens_ring_consume() - go on to the next record of a CPU
 * @cpu: the CPU; its last record is no more
 *
 * Context: the drain.
 */
void nslens_ring_consume(int cpu)
{
	struct ring_buffer_event *event = ring_buffer_consume(buffer, cpu, NULL, NULL);

	heads[cpu] = event ? ring_buffer_event_data(event) : NULL;
}

/**
 * nslens_ring_fill() - look at what has come on CPUs that had no more
 *
 * Context: the drain, after nslens_ring_settle().
 */
void nslens_ring_fill(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (!heads[cpu])
			nslens_ring_consume(cpu);
}

/**
 * nslens_ring_next() - the oldest record of all CPUs
 * @until: only one that is older, see nslens_ring_settle()
 * @cpu: set to where it is from
 *
 * Context: the drain.
 * Return: the record, good until nslens_ring_consume(@cpu); or NULL.
 */
struct nslens_rec *nslens_ring_next(u64 until, int *cpu)
{
	struct nslens_rec *oldest = NULL;
	int i;

	for_each_possible_cpu(i) {
		if (!heads[i] || heads[i]->time >= until)
			continue;
		oldest = heads[i];
		until = oldest->time;
		*cpu = i;
	}
	return oldest;
}

/**
 * nslens_ring_lost() - what did not fit since the last call
 * @cpu: on which CPU
 * @lost: filled in
 *
 * Context: the drain. Return: was there any?
 */
bool nslens_ring_lost(int cpu, struct nslens_lost *lost)
{
	struct cpu_side *side = per_cpu_ptr(&cpu_sides, cpu);

	if (!READ_ONCE(side->lost.first))
		return false;
	raw_spin_lock_irq(&side->lock);
	*lost = side->lost;
	memset(&side->lost, 0, sizeof(side->lost));
	raw_spin_unlock_irq(&side->lock);
	return true;
}
