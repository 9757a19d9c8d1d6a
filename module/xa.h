/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_XA_H
#define _NSLENS_XA_H

#include <linux/sched.h>
#include <linux/xarray.h>

/**
 * nslens_xa_destroy() - empty an array, as xa_destroy(), which frees all of it with
 *	interrupts off, however much that is
 * @xa: nobody else uses it; what its entries point to is the caller's
 *
 * Context: process; may sleep.
 */
static inline void nslens_xa_destroy(struct xarray *xa)
{
	unsigned long index;
	void *entry;

	xa_for_each(xa, index, entry) {
		xa_erase(xa, index);
		cond_resched();
	}
	/* Where memory ran out there are nodes without an entry. */
	xa_destroy(xa);
}

#endif /* _NSLENS_XA_H */
