/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSID_H
#define _NSLENS_NSID_H

#include <linux/types.h>

struct ns_common;

u64 nslens_nsid_get(struct ns_common *ns);
void nslens_nsid_exit(void);

#endif /* _NSLENS_NSID_H */
