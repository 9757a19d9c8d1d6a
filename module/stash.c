// SPDX-License-Identifier: GPL-2.0
/*
 * What a probe keeps for a later one in the same system call: a fixed number of
 * slots, since probes cannot allocate. Who finds none goes without.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/sched.h>

#include "capture.h"
#include "stash.h"

#define SLOT_BITS	8
/* Slots that a task may have, so that looking is bounded. */
#define WINDOW		8

static struct nslens_stash slots[(1 << SLOT_BITS) + WINDOW];
/* How many are claimed: mostly none is, and then nobody has to look. */
static atomic_t claimed = ATOMIC_INIT(0);

static struct nslens_stash *window(void)
{
	return &slots[hash_ptr(current, SLOT_BITS)];
}

/**
 * nslens_stash_find() - what current has kept
 *
 * Context: any, on behalf of current. Return: the slot, or NULL.
 */
struct nslens_stash *nslens_stash_find(void)
{
	struct nslens_stash *slot = window();
	unsigned int i;

	/* What current has claimed itself, it sees. */
	if (!atomic_read(&claimed))
		return NULL;
	for (i = 0; i < WINDOW; i++)
		if (READ_ONCE(slot[i].owner) == current)
			return &slot[i];
	return NULL;
}

/**
 * nslens_stash_claim() - a slot for current, its own if it has one
 *
 * Context: any, on behalf of current.
 * Return: the slot, for nslens_stash_free(); NULL if others have them all.
 */
struct nslens_stash *nslens_stash_claim(void)
{
	struct nslens_stash *slot = nslens_stash_find();
	unsigned int i;

	if (slot)
		return slot;
	slot = window();
	for (i = 0; i < WINDOW; i++)
		if (!READ_ONCE(slot[i].owner) &&
		    !cmpxchg(&slot[i].owner, NULL, current)) {
			atomic_inc(&claimed);
			return &slot[i];
		}
	return NULL;
}

/**
 * nslens_stash_free() - keep it no longer
 * @stash: a slot of current, whose references have been given away
 */
void nslens_stash_free(struct nslens_stash *stash)
{
	/* Whoever claims it next writes after what was read here. */
	smp_store_release(&stash->owner, NULL);
	atomic_dec(&claimed);
}

/**
 * nslens_stash_drop() - keep it no longer, nor what it has references to
 * @stash: a slot of current, or of anybody when no probe is there
 *
 * Context: any.
 */
void nslens_stash_drop(struct nslens_stash *stash)
{
	if (!stash->is_exec)
		nslens_rec_rule_put(&stash->old.rule);
	nslens_stash_free(stash);
}

/**
 * nslens_stash_clear() - forget what is kept
 *
 * Context: process, when no probe is there that could keep or find it.
 */
void nslens_stash_clear(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (slots[i].owner)
			nslens_stash_drop(&slots[i]);
}
