// SPDX-License-Identifier: GPL-2.0
/* Which numbers there are, and how often. */
#include <stdlib.h>
#include <string.h>

#include "roll.h"

static int by_value(const void *a, const void *b)
{
	const __u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/**
 * roll_add() - a number has come
 * @r: the roll, all zero at first
 * @number: the number
 */
void roll_add(struct roll *r, __u64 number)
{
	if (r->n == r->size) {
		r->size = 2 * r->size + 1024;
		r->v = realloc(r->v, r->size * sizeof(*r->v));
		if (!r->v)
			abort();
	}
	r->v[r->n++] = number;
}

/**
 * roll_sort() - for those that look at it
 * @r: the roll
 */
void roll_sort(struct roll *r)
{
	qsort(r->v, r->n, sizeof(*r->v), by_value);
}

/**
 * roll_times() - how often a number came
 * @r: the roll, sorted
 * @number: the number
 */
unsigned int roll_times(const struct roll *r, __u64 number)
{
	const __u64 *at = NULL, *from, *to;

	if (r->n)
		at = bsearch(&number, r->v, r->n, sizeof(*r->v), by_value);
	if (!at)
		return 0;
	for (from = at; from > r->v && from[-1] == number; from--)
		;
	for (to = at; to < r->v + r->n && *to == number; to++)
		;
	return to - from;
}

/**
 * roll_twice() - a number that came more than once
 * @r: the roll, sorted
 *
 * Return: the number, 0 if there is none.
 */
__u64 roll_twice(const struct roll *r)
{
	unsigned int i;

	for (i = 1; i < r->n; i++)
		if (r->v[i] == r->v[i - 1])
			return r->v[i];
	return 0;
}

void roll_free(struct roll *r)
{
	free(r->v);
	memset(r, 0, sizeof(*r));
}
