/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_MEMORY_H
#define _STORM_MEMORY_H

#include <stdbool.h>

/* What a kernel without /proc/slabinfo says. */
#define NOT_TOLD	(-1)

/**
 * struct memory - what the kernel has taken for itself, in KiB
 * @held: of all kinds that are not given back on demand
 * @kmalloc: of that, objects in the caches of kmalloc(), or NOT_TOLD
 */
struct memory {
	long held, kmalloc;
};

int memory_look(struct memory *m);
bool memory_is_kept(void);

#endif
