/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_RING_H
#define _NSLENS_RING_H

#include <linux/types.h>
#include <uapi/linux/nslens.h>

struct nslens_rec;

/* Kinds that can be lost on the way into a ring. */
#define NSLENS_NR_LOST	(NSLENS_EVENT_KIND_NS_DESTROY + 1)

/**
 * struct nslens_lost - what did not fit in a CPU's ring
 * @n: by enum nslens_event_kind
 * @first: time of the first of them, ns since boot
 * @last: time of the last of them
 */
struct nslens_lost {
	u64 n[NSLENS_NR_LOST];
	u64 first;
	u64 last;
};

int nslens_ring_open(void);
void nslens_ring_close(void);
void nslens_ring_free(void);

bool nslens_ring_is_open(void);
u64 nslens_ring_enter(void);
struct nslens_rec *nslens_ring_reserve(unsigned int size);
struct nslens_rec *nslens_ring_scratch(void);
bool nslens_ring_is_half_full(void);
void nslens_ring_commit(void);
void nslens_ring_drop(unsigned int kind, unsigned int created, u64 time);
void nslens_ring_leave(void);

u64 nslens_ring_settle(void);
void nslens_ring_fill(void);
struct nslens_rec *nslens_ring_next(u64 until, int *cpu);
void nslens_ring_consume(void);
bool nslens_ring_lost(int cpu, struct nslens_lost *lost);

#endif /* _NSLENS_RING_H */
