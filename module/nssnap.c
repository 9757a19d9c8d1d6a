// SPDX-License-Identifier: GPL-2.0
/* All namespaces at once, for who reads them in pieces. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "nsinfo.h"
#include "nssnap.h"
#include "nstab.h"

static int describe(struct nslens_nssnap *snap,
		    const struct nslens_nstab_entry *entry,
		    struct nslens_nstab *tab)
{
	struct nslens_ns *ns = nslens_ns_describe(entry, tab);
	int err;

	if (!ns)
		return -ENOMEM;
	err = xa_err(xa_store(&snap->by_ino, nslens_nstab_index(ns->ino), ns,
			      GFP_KERNEL_ACCOUNT));
	if (err)
		kfree(ns);
	return err;
}

/**
 * nslens_nssnap_make() - read all namespaces that a viewer may see
 * @snap: filled; the caller frees it with nslens_nssnap_free(), also on errors
 * @viewer: for whom; current
 * @type: that of those that are wanted, or -1
 *
 * Context: process, in a system call of current; may sleep.
 * Return: 0, -ENOMEM, or -EINTR on a signal that kills the caller.
 */
int nslens_nssnap_make(struct nslens_nssnap *snap,
		       const struct nslens_viewer *viewer, int type)
{
	struct nslens_nstab_entry *entry;
	struct nslens_nstab tab;
	unsigned long ino;
	int err;

	xa_init(&snap->by_ino);
	nslens_asker_get(&snap->asker);
	err = nslens_nstab_make(&tab, viewer);
	if (err)
		goto out;
	xa_for_each(&tab.by_ino, ino, entry) {
		if (type >= 0 && entry->type != type)
			continue;
		err = describe(snap, entry, &tab);
		if (err)
			goto out;
		cond_resched();
	}
	err = nslens_nstab_check(&tab);
out:
	snap->changed = tab.changed;
	nslens_nstab_free(&tab);
	return err;
}

/**
 * nslens_nssnap_free() - free what was read
 * @snap: all zero after it, as it may be before it
 *
 * Context: process; may sleep.
 */
void nslens_nssnap_free(struct nslens_nssnap *snap)
{
	struct nslens_ns *ns;
	unsigned long ino;

	if (!snap->asker.cred)
		return;
	xa_for_each(&snap->by_ino, ino, ns) {
		kfree(ns);
		cond_resched();
	}
	xa_destroy(&snap->by_ino);
	nslens_asker_put(&snap->asker);
	memset(snap, 0, sizeof(*snap));
}
