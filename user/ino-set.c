// SPDX-License-Identifier: GPL-2.0
/* A set of inode numbers, each found in a step or two. */
#include <errno.h>
#include <stdlib.h>

#include "ino-set.h"

/* The slot that a number is in, or would be. */
static __u32 *slot_of(const struct ino_set *set, __u32 ino)
{
	/* Knuth's multiplier: numbers that follow each other spread out. */
	size_t at = (ino * 2654435761U) & (set->size - 1);

	while (set->slots[at] && set->slots[at] != ino)
		at = (at + 1) & (set->size - 1);
	return &set->slots[at];
}

static int grow(struct ino_set *set)
{
	struct ino_set more = {
		.nr = set->nr,
		.size = set->size ? 2 * set->size : 256,
	};

	more.slots = calloc(more.size, sizeof(*more.slots));
	if (!more.slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->size; i++)
		if (set->slots[i])
			*slot_of(&more, set->slots[i]) = set->slots[i];
	free(set->slots);
	*set = more;
	return 0;
}

/**
 * ino_set_add() - put a number into a set
 * @set: the set
 * @ino: the number, not 0
 *
 * Return: 1 if it was in the set already, 0 if not, or -ENOMEM.
 */
int ino_set_add(struct ino_set *set, __u32 ino)
{
	__u32 *slot;

	if (2 * set->nr >= set->size && grow(set))
		return -ENOMEM;
	slot = slot_of(set, ino);
	if (*slot)
		return 1;
	*slot = ino;
	set->nr++;
	return 0;
}

/**
 * ino_set_has() - look for a number in a set
 * @set: the set
 * @ino: the number
 *
 * Return: it is there.
 */
bool ino_set_has(const struct ino_set *set, __u32 ino)
{
	return ino && set->size && *slot_of(set, ino);
}

/**
 * ino_set_free() - empty a set
 * @set: the set
 */
void ino_set_free(struct ino_set *set)
{
	free(set->slots);
	*set = (struct ino_set){ 0 };
}
