// SPDX-License-Identifier: GPL-2.0
/*
 * The way from probes to the drain: a ring per CPU, each in the order of time,
 * and what did not fit.
 *
 * A ring has one writer, with interrupts off on its CPU, and one reader, the
 * drain; so where each is says it all. The kernel's ring_buffer, made for
 * writers that interrupt each other, costs as much again as all else that an
 * event costs up to its encoding.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "rec.h"
#include "ring.h"

static unsigned int ring_kb = 1024;
module_param(ring_kb, uint, 0644);
MODULE_PARM_DESC(ring_kb, "KiB of the ring of events of each CPU, a power of 2, at the next first session (1024); of all CPUs together, at most 1/32 of memory, or 16 each");

#define MIN_KB		16
#define MAX_KB		(1024 * 1024)
/* Firmware may tell of many more CPUs than there are, where there is little memory. */
#define OF_MEMORY	32

/* Beside each ring, room for one record of any size. */
#define SCRATCH		4096

/* Before each record; records are aligned to it, and none wraps round. */
struct ring_head {
	/* Bytes to the next one, this included. */
	u32 size;
	/* Nothing but the rest of the ring. */
	u32 is_pad;
};

/**
 * struct ring - of a CPU
 * @data: the records; NULL while there are no sessions
 * @scratch: room for one record that is for nobody but this CPU
 * @written: bytes that were ever written; the writer's, the reader looks
 * @reserved: what @written becomes with what is being written
 * @busy: the writer is between nslens_ring_enter() and nslens_ring_leave()
 * @lock: protects @lost; raw, since probes take it
 * @lost: what did not fit since the drain looked last
 * @read: bytes that were ever read; the reader's, the writer looks
 * @seen: @written, as the reader saw it last
 */
struct ring {
	void *data;
	void *scratch;
	unsigned long written;
	unsigned long reserved;
	int busy;
	raw_spinlock_t lock;
	struct nslens_lost lost;
	unsigned long read ____cacheline_aligned_in_smp;
	unsigned long seen;
};

static DEFINE_PER_CPU_ALIGNED(struct ring, rings) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(rings.lock),
};

/* Of each ring, a power of 2; constant while there are any. */
static unsigned long ring_size;
/* Read by probes with interrupts off: may they write? */
static bool is_open;

/*
 * The ring that had the oldest record when all were looked at, or NULL; and the
 * time of the oldest in the others, until which it goes on there. The drain's.
 */
static struct {
	struct ring *ring;
	int cpu;
	u64 until;
} run;

static void free_rings(void)
{
	struct ring *ring;
	int cpu;

	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(&rings, cpu);
		kvfree(ring->data);
		kfree(ring->scratch);
		ring->data = NULL;
		ring->scratch = NULL;
	}
}

static unsigned long size_of_ring(void)
{
	unsigned long kb = clamp(READ_ONCE(ring_kb), MIN_KB, MAX_KB);
	unsigned long most = (totalram_pages() << (PAGE_SHIFT - 10)) / OF_MEMORY /
			     num_possible_cpus();

	kb = roundup_pow_of_two(kb);
	most = rounddown_pow_of_two(max_t(unsigned long, most, MIN_KB));
	if (kb <= most)
		return kb * 1024;
	pr_notice_once("rings of %lu KiB, for ring_kb %u and %u CPUs are more than 1/%u of memory\n",
		       most, READ_ONCE(ring_kb), num_possible_cpus(), OF_MEMORY);
	return most * 1024;
}

/**
 * nslens_ring_open() - let probes write
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int nslens_ring_open(void)
{
	struct ring *ring;
	int cpu;

	ring_size = size_of_ring();
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(&rings, cpu);
		ring->written = 0;
		ring->read = 0;
		ring->seen = 0;
		memset(&ring->lost, 0, sizeof(ring->lost));
		ring->data = kvmalloc_node(ring_size, GFP_KERNEL, cpu_to_node(cpu));
		ring->scratch = kmalloc_node(SCRATCH, GFP_KERNEL, cpu_to_node(cpu));
		if (!ring->data || !ring->scratch) {
			free_rings();
			return -ENOMEM;
		}
	}
	/* Pairs with nslens_ring_is_open(). */
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
	free_rings();
}

/**
 * nslens_ring_is_open() - is there anybody to write for
 *
 * Context: interrupts are off from here to the end of the use of the ring.
 */
bool nslens_ring_is_open(void)
{
	/* Pairs with nslens_ring_open(). */
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
	__this_cpu_write(rings.busy, 1);
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
	struct ring *ring = this_cpu_ptr(&rings);
	const unsigned long at = ring->written & (ring_size - 1);
	unsigned long total = ALIGN(sizeof(struct ring_head) + size,
				    sizeof(struct ring_head));
	struct ring_head *head = ring->data + at;
	unsigned long pad = 0;

	if (ring_size - at < total)
		pad = ring_size - at;
	/* Pairs with nslens_ring_consume(): what was there has been read. */
	if (ring_size - (ring->written - smp_load_acquire(&ring->read)) <
	    pad + total)
		return NULL;
	if (pad) {
		*head = (struct ring_head){ .size = pad, .is_pad = true };
		head = ring->data;
	}
	*head = (struct ring_head){ .size = total };
	ring->reserved = ring->written + pad + total;
	return (struct nslens_rec *)(head + 1);
}

/**
 * nslens_ring_is_half_full() - is the ring of this CPU
 *
 * Context: as nslens_ring_reserve(), or nslens_ring_commit().
 */
bool nslens_ring_is_half_full(void)
{
	const struct ring *ring = this_cpu_ptr(&rings);

	return ring->written - READ_ONCE(ring->read) > ring_size / 2;
}

/**
 * nslens_ring_scratch() - room for a record that is for nobody but this CPU
 *
 * Context: as nslens_ring_reserve(). Return: the room, until the next one.
 */
struct nslens_rec *nslens_ring_scratch(void)
{
	BUILD_BUG_ON(sizeof(struct nslens_rec) + NSLENS_REC_NAME +
		     TASK_COMM_LEN + sizeof(struct nslens_rec_ns) +
		     (MAX_PID_NS_LEVEL + 1) *
		     (sizeof(struct nslens_rec_upid) + 3 * sizeof(u32)) >
		     SCRATCH);
	return this_cpu_ptr(&rings)->scratch;
}

/**
 * nslens_ring_commit() - let the drain see what was reserved
 *
 * Context: as nslens_ring_reserve().
 */
void nslens_ring_commit(void)
{
	struct ring *ring = this_cpu_ptr(&rings);

	/* Pairs with nslens_ring_fill(). */
	smp_store_release(&ring->written, ring->reserved);
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
	struct ring *ring = this_cpu_ptr(&rings);

	raw_spin_lock(&ring->lock);
	ring->lost.n[kind]++;
	ring->lost.n[NSLENS_EVENT_KIND_NS_CREATE] += created;
	if (!ring->lost.first)
		ring->lost.first = time;
	ring->lost.last = time;
	raw_spin_unlock(&ring->lock);
}

/**
 * nslens_ring_leave() - end what nslens_ring_enter() began
 */
void nslens_ring_leave(void)
{
	/* After the commit: who sees it idle sees the record. */
	smp_store_release(this_cpu_ptr(&rings.busy), 0);
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
	u64 time;
	int cpu;

	/* Who reads a later time sees what the caller has written before. */
	smp_mb();
	time = ktime_get_boottime_ns();
	/* Pairs with nslens_ring_enter(). */
	smp_mb();
	for_each_possible_cpu(cpu)
		/* And with nslens_ring_leave(). */
		while (smp_load_acquire(per_cpu_ptr(&rings.busy, cpu)))
			cpu_relax();
	return time;
}

/* The next record of a ring that was seen to be written, or NULL. */
static struct nslens_rec *peek(struct ring *ring)
{
	struct ring_head *head;

	if (ring->read == ring->seen)
		return NULL;
	head = ring->data + (ring->read & (ring_size - 1));
	/* A record comes with it. */
	if (head->is_pad)
		head = ring->data;
	return (struct nslens_rec *)(head + 1);
}

/**
 * nslens_ring_fill() - look at what has come
 *
 * Context: the drain, after nslens_ring_settle().
 */
void nslens_ring_fill(void)
{
	struct ring *ring;
	int cpu;

	run.ring = NULL;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(&rings, cpu);
		/* Pairs with nslens_ring_commit(). */
		ring->seen = smp_load_acquire(&ring->written);
	}
}

/* Look at all CPUs for the oldest record. Return: it, or NULL. */
static struct nslens_rec *look_around(void)
{
	struct nslens_rec *oldest = NULL, *r;
	int cpu;

	run.ring = NULL;
	run.until = U64_MAX;
	for_each_possible_cpu(cpu) {
		r = peek(per_cpu_ptr(&rings, cpu));
		if (!r)
			continue;
		if (oldest && r->time >= oldest->time) {
			run.until = min(run.until, r->time);
			continue;
		}
		if (oldest)
			run.until = oldest->time;
		oldest = r;
		run.ring = per_cpu_ptr(&rings, cpu);
		run.cpu = cpu;
	}
	return oldest;
}

/**
 * nslens_ring_next() - the oldest record of all CPUs
 * @until: only one that is older, see nslens_ring_settle()
 * @cpu: set to where it is from
 *
 * Context: the drain, after nslens_ring_fill().
 * Return: the record, good until nslens_ring_consume(); or NULL.
 */
struct nslens_rec *nslens_ring_next(u64 until, int *cpu)
{
	struct nslens_rec *r = run.ring ? peek(run.ring) : NULL;

	if (!r || r->time >= run.until)
		r = look_around();
	*cpu = run.cpu;
	return r && r->time < until ? r : NULL;
}

/**
 * nslens_ring_consume() - go on to the next record
 *
 * Context: the drain, after nslens_ring_next() has returned one.
 */
void nslens_ring_consume(void)
{
	struct ring *ring = run.ring;
	const struct ring_head *head = ring->data + (ring->read & (ring_size - 1));
	unsigned long next = ring->read + head->size;

	if (head->is_pad) {
		head = ring->data;
		next += head->size;
	}
	/* Pairs with nslens_ring_reserve(): it is read before it is written. */
	smp_store_release(&ring->read, next);
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
	struct ring *ring = per_cpu_ptr(&rings, cpu);

	if (!READ_ONCE(ring->lost.first))
		return false;
	raw_spin_lock_irq(&ring->lock);
	*lost = ring->lost;
	memset(&ring->lost, 0, sizeof(ring->lost));
	raw_spin_unlock_irq(&ring->lock);
	return true;
}
