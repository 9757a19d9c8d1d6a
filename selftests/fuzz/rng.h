/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_FUZZ_RNG_H
#define _SELFTESTS_FUZZ_RNG_H

#include <linux/types.h>
#include <stdbool.h>

/* splitmix64, by Sebastiano Vigna, who gave it to the public domain. */
struct rng {
	__u64 state;
};

static inline __u64 rng_next(struct rng *r)
{
	__u64 z = (r->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* From 0 to @n - 1. */
static inline __u32 below(struct rng *r, __u32 n)
{
	return (rng_next(r) >> 32) * n >> 32;
}

static inline bool percent(struct rng *r, __u32 chance)
{
	return below(r, 100) < chance;
}

/* A number of so many bits as it happens, up to @bits: mostly small ones. */
static inline __u64 rng_sized(struct rng *r, __u32 bits)
{
	return rng_next(r) >> (64 - bits) >> below(r, bits);
}

#endif
