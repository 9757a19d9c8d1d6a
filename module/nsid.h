/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSID_H
#define _NSLENS_NSID_H

#include <linux/types.h>

struct ns_common;

u64 nslens_nsid_get(struct ns_common *ns);
u64 nslens_nsid_peek(const struct ns_common *ns, int type);
int nslens_nsid_start(void);
void nslens_nsid_reserve(u32 ino);
void nslens_nsid_exit(void);

#endif /* _NSLENS_NSID_H */
