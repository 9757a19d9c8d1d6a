/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_SKBPOOL_H
#define _NSLENS_SKBPOOL_H

#include <linux/types.h>

struct sk_buff;

/* As many as a reader has to take between two rounds of the drain, mostly. */
#define NSLENS_SKBPOOL_SIZE	24

/**
 * struct nslens_skbpool - buffers of a session that are used again
 * @skbs: the buffers; what is sent are clones, which share their memory
 * @next: the one whose turn it is
 *
 * All zero at first. Protected by the lock of the drain, see trace.h.
 */
struct nslens_skbpool {
	struct sk_buff *skbs[NSLENS_SKBPOOL_SIZE];
	unsigned int next;
};

struct sk_buff *nslens_skbpool_get(struct nslens_skbpool *pool,
				   unsigned int size);
struct sk_buff *nslens_skbpool_seal(const struct nslens_skbpool *pool,
				    struct sk_buff *skb);
void nslens_skbpool_drop(const struct nslens_skbpool *pool, struct sk_buff *skb);
void nslens_skbpool_free(struct nslens_skbpool *pool);

#endif /* _NSLENS_SKBPOOL_H */
