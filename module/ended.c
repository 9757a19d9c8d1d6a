// SPDX-License-Identifier: GPL-2.0
/*
 * The processes that have ended lately. Threads that end together may each find
 * that none is left, and before 6.16 the kernel does not tell which was first
 * to find that: the first in the stream is. Exits of the others may come after
 * it, so the process is forgotten only when another takes its place here, some
 * hundreds of processes later.
 */
#include <linux/string.h>

#include "ended.h"
#include "rec.h"

/* A power of 2. TGIDs are given out one after the other. */
#define NR_SLOTS	1024

/* By TGID; the drain's. */
static struct nslens_ended slots[NR_SLOTS];

/**
 * nslens_ended_add() - a thread has ended, and has found no other
 * @r: its exit
 * @before: set to the process that can be forgotten, if any
 *
 * Context: the drain. Return: true for the first of its process.
 */
bool nslens_ended_add(const struct nslens_rec *r, struct nslens_ended *before)
{
	struct nslens_ended *slot = &slots[r->tgid % NR_SLOTS];

	if (slot->tgid == r->tgid && slot->start == r->process_start)
		return false;
	*before = *slot;
	slot->tgid = r->tgid;
	slot->start = r->process_start;
	return true;
}

/**
 * nslens_ended_clear() - forget all
 *
 * Context: process, after the drain has looked last.
 */
void nslens_ended_clear(void)
{
	memset(slots, 0, sizeof(slots));
}
