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

/**
 * struct pool - the slots for one use
 * @slots: they
 * @claimed: how many are: mostly none is, and then nobody has to look
 */
static struct pool {
	struct nslens_stash slots[(1 << SLOT_BITS) + WINDOW];
	atomic_t claimed;
} pools[NSLENS_NR_STASHES];

static struct nslens_stash *window(struct pool *pool)
{
	return &pool->slots[hash_ptr(current, SLOT_BITS)];
}

/**
 * nslens_stash_find() - what current has kept
 * @use: for what
 *
 * Context: any, on behalf of current. Return: the slot, or NULL.
 */
struct nslens_stash *nslens_stash_find(enum nslens_stash_use use)
{
	struct pool *pool = &pools[use];
	struct nslens_stash *slot = window(pool);
	unsigned int i;

	/* What current has claimed itself, it sees. */
	if (!atomic_read(&pool->claimed))
		return NULL;
	for (i = 0; i < WINDOW; i++)
		if (READ_ONCE(slot[i].owner) == current)
			return &slot[i];
	return NULL;
}

/**
 * nslens_stash_claim() - a slot for current, its own if it has one
 * @use: for what
 *
 * Context: any, on behalf of current.
 * Return: the slot, for nslens_stash_free(); NULL if others have them all.
 */
struct nslens_stash *nslens_stash_claim(enum nslens_stash_use use)
{
	struct nslens_stash *slot = nslens_stash_find(use);
	struct pool *pool = &pools[use];
	unsigned int i;

	if (slot)
		return slot;
	slot = window(pool);
	for (i = 0; i < WINDOW; i++)
		if (!READ_ONCE(slot[i].owner) &&
		    !cmpxchg(&slot[i].owner, NULL, current)) {
			atomic_inc(&pool->claimed);
			slot[i].use = use;
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
	struct pool *pool = &pools[stash->use];

	/* Whoever claims it next writes after what was read here. */
	smp_store_release(&stash->owner, NULL);
	atomic_dec(&pool->claimed);
}

/* With what it has references to. */
static void drop(struct nslens_stash *stash)
{
	if (stash->use != NSLENS_STASH_EXEC)
		nslens_rec_rule_put(&stash->old.rule);
	nslens_stash_free(stash);
}

/**
 * nslens_stash_forget() - current ends
 *
 * Context: any, on behalf of current.
 */
void nslens_stash_forget(void)
{
	struct nslens_stash *stash;
	unsigned int use;

	for (use = 0; use < NSLENS_NR_STASHES; use++) {
		stash = nslens_stash_find(use);
		if (stash)
			drop(stash);
	}
}

/**
 * nslens_stash_clear() - forget what is kept
 *
 * Context: process, when no probe is there that could keep or find it.
 */
void nslens_stash_clear(void)
{
	unsigned int use, i;

	for (use = 0; use < NSLENS_NR_STASHES; use++)
		for (i = 0; i < ARRAY_SIZE(pools[use].slots); i++)
			if (pools[use].slots[i].owner)
				drop(&pools[use].slots[i]);
}
