/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_LEVELS_H
#define NSLENS_LEVELS_H

#include <linux/types.h>

/* MAX_PID_NS_LEVEL of the kernel is 32: so many levels, and the outermost. */
#define MAX_LEVELS	33

struct nslens_task;

void pidns_by_level(const struct nslens_task *task, __u32 here,
		    __u32 inodes[MAX_LEVELS]);

#endif
