/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_ENDED_H
#define _NSLENS_ENDED_H

#include <linux/types.h>

struct nslens_rec;

/**
 * struct nslens_ended - a process that has ended
 * @tgid: its TGID in the initial PID namespace, 0 for none
 * @start: when it was made, ns since boot
 */
struct nslens_ended {
	u32 tgid;
	u64 start;
};

bool nslens_ended_add(const struct nslens_rec *r, struct nslens_ended *before);
void nslens_ended_clear(void);

#endif /* _NSLENS_ENDED_H */
