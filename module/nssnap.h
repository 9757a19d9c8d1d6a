/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSSNAP_H
#define _NSLENS_NSSNAP_H

#include <linux/types.h>
#include <linux/xarray.h>

#include "access.h"

/**
 * struct nslens_nssnap - namespaces as they were at one moment
 * @by_ino: struct nslens_ns, at nslens_nstab_index()
 * @changed: tasks came, went or changed while they were read
 * @asker: for whom it was made
 * @counted: it is one of those that its user may have
 *
 * What is read in pieces is read at the start: who does not read on keeps none
 * of the namespaces in it alive, but for what @asker refers to, which are the
 * PID and user namespaces of the reader himself. All zero is none.
 */
struct nslens_nssnap {
	struct xarray by_ino;
	bool changed;
	struct nslens_asker asker;
	bool counted;
};

/* So many may a user have at once, who may not see everything. */
#define NSLENS_MAX_NSSNAPS	16

int nslens_nssnap_make(struct nslens_nssnap *snap,
		       const struct nslens_viewer *viewer, int type);
void nslens_nssnap_free(struct nslens_nssnap *snap);
void nslens_nssnap_exit(void);

#endif /* _NSLENS_NSSNAP_H */
