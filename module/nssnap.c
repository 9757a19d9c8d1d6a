// SPDX-License-Identifier: GPL-2.0
/* All namespaces at once, for who reads them in pieces. */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "nsinfo.h"
#include "nsnet.h"
#include "nssnap.h"
#include "nstab.h"
#include "xa.h"

/* How many a user has, at his id; protected by the mutex. */
static DEFINE_XARRAY(counts);
static DEFINE_MUTEX(counts_lock);

/* Return: 0, -EMFILE, -ENOMEM. */
static int count(struct nslens_nssnap *snap)
{
	const unsigned long uid = __kuid_val(snap->asker.cred->uid);
	unsigned long n;
	void *old;
	int err;

	mutex_lock(&counts_lock);
	old = xa_load(&counts, uid);
	n = old ? xa_to_value(old) : 0;
	err = n < NSLENS_MAX_NSSNAPS ?
		xa_err(xa_store(&counts, uid, xa_mk_value(n + 1), GFP_KERNEL)) :
		-EMFILE;
	snap->counted = !err;
	mutex_unlock(&counts_lock);
	return err;
}

/* Needs no memory: the entry is replaced or erased. */
static void uncount(struct nslens_nssnap *snap)
{
	const unsigned long uid = __kuid_val(snap->asker.cred->uid);
	unsigned long n;

	if (!snap->counted)
		return;
	mutex_lock(&counts_lock);
	n = xa_to_value(xa_load(&counts, uid)) - 1;
	xa_store(&counts, uid, n ? xa_mk_value(n) : NULL, GFP_KERNEL);
	mutex_unlock(&counts_lock);
}

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
		kvfree(ns);
	return err;
}

/**
 * nslens_nssnap_make() - read all namespaces that a viewer may see
 * @snap: filled; the caller frees it with nslens_nssnap_free(), also on errors
 * @viewer: for whom; current
 * @type: that of those that are wanted, or -1
 *
 * Context: process, in a system call of current; may sleep.
 * Return: 0, -EMFILE if the user has NSLENS_MAX_NSSNAPS, -ENOMEM, or -EINTR on a
 * signal that kills the caller.
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
	if (!viewer->all) {
		err = count(snap);
		if (err)
			return err;
	}
	err = nslens_nstab_make(&tab, viewer, true);
	if (!err && (type < 0 || type == NSLENS_NS_TYPE_NET))
		err = nslens_net_note_ids(&tab);
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
		kvfree(ns);
		cond_resched();
	}
	nslens_xa_destroy(&snap->by_ino);
	uncount(snap);
	nslens_asker_put(&snap->asker);
	memset(snap, 0, sizeof(*snap));
}

/**
 * nslens_nssnap_exit() - free what is left of the counts of users
 *
 * Where memory ran out as a user's was to be stored, there are empty nodes.
 *
 * Context: process, when there are no snapshots any more.
 */
void nslens_nssnap_exit(void)
{
	xa_destroy(&counts);
}
