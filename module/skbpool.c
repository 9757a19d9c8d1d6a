// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers for messages of events, used again once their reader has taken them:
 * to allocate, clear and free 8 KiB costs as much as to encode what goes in.
 */
#include <linux/skbuff.h>

#include "skbpool.h"

/* From a slab: more would be pages, cleared byte by byte on some processors. */
#define BYTES	SKB_WITH_OVERHEAD(8192)

/*
 * On no user's account, since a worker has none: 128 KiB a session, of which there
 * are max_sessions for a user, and what his socket's buffer allows besides.
 */
#define GFP	(GFP_KERNEL | __GFP_NOWARN)

static bool is_pooled(const struct nslens_skbpool *pool,
		      const struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < NSLENS_SKBPOOL_SIZE; i++)
		if (pool->skbs[i] == skb)
			return true;
	return false;
}

/**
 * nslens_skbpool_get() - an empty buffer
 * @pool: the pool
 * @size: bytes that it must have room for
 *
 * Context: the drain; may sleep.
 * Return: the buffer, for nslens_skbpool_seal() or nslens_skbpool_drop(); NULL
 * for want of memory.
 */
struct sk_buff *nslens_skbpool_get(struct nslens_skbpool *pool,
				   unsigned int size)
{
	struct sk_buff **slot = &pool->skbs[pool->next];

	if (size > BYTES)
		return alloc_skb(size, GFP);
	if (!*slot)
		*slot = alloc_skb(BYTES, GFP);
	/* The oldest one has not been read yet; so have none of the others. */
	if (!*slot || skb_cloned(*slot))
		return alloc_skb(BYTES, GFP);
	pool->next = (pool->next + 1) % NSLENS_SKBPOOL_SIZE;
	skb_trim(*slot, 0);
	return *slot;
}

/**
 * nslens_skbpool_seal() - what to send of a buffer
 * @pool: the pool
 * @skb: the buffer
 *
 * Context: the drain; may sleep.
 * Return: what the caller gives away, and then @skb is no more his; or NULL for
 * want of memory, and it still is.
 */
struct sk_buff *nslens_skbpool_seal(const struct nslens_skbpool *pool,
				    struct sk_buff *skb)
{
	return is_pooled(pool, skb) ? skb_clone(skb, GFP) : skb;
}

/**
 * nslens_skbpool_drop() - give a buffer back that is not sent
 * @pool: the pool
 * @skb: the buffer, or NULL
 *
 * Context: as nslens_skbpool_get().
 */
void nslens_skbpool_drop(const struct nslens_skbpool *pool, struct sk_buff *skb)
{
	if (skb && !is_pooled(pool, skb))
		kfree_skb(skb);
}

/**
 * nslens_skbpool_free() - free the buffers
 * @pool: the pool; what was sent lasts until it is read
 *
 * Context: process.
 */
void nslens_skbpool_free(struct nslens_skbpool *pool)
{
	unsigned int i;

	for (i = 0; i < NSLENS_SKBPOOL_SIZE; i++)
		kfree_skb(pool->skbs[i]);
}
