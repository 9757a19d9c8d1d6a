/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_ROLL_H
#define _STORM_ROLL_H

#include <linux/types.h>

/**
 * struct roll - numbers, with how often each came
 * @n: how many came
 * @size: room for them
 * @v: the numbers, in the order in which they came until roll_sort()
 */
struct roll {
	unsigned int n, size;
	__u64 *v;
};

void roll_add(struct roll *r, __u64 number);
void roll_sort(struct roll *r);
unsigned int roll_times(const struct roll *r, __u64 number);
__u64 roll_twice(const struct roll *r);
void roll_free(struct roll *r);

#endif
