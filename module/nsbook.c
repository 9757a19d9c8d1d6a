// SPDX-License-Identifier: GPL-2.0
/*
 * The namespaces that are there, as far as the stream of events has got: when
 * one is destroyed, nothing is left of it to ask.
 */
#include <linux/cred.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include "access.h"
#include "nsbook.h"
#include "nsid.h"
#include "nstab.h"
#include "rec.h"
#include "xa.h"

/* struct nslens_nsbook_entry at nslens_nstab_index(); the drain's. */
static DEFINE_XARRAY(book);

static struct nslens_nsbook_entry *add(u32 ino, int type, u64 id, u32 count,
				       u64 since)
{
	struct nslens_nsbook_entry *entry, *old;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return NULL;
	entry->ino = ino;
	entry->type = type;
	entry->id = id;
	entry->count = count;
	entry->since = since;
	old = xa_store(&book, nslens_nstab_index(ino), entry, GFP_KERNEL);
	if (xa_is_err(old)) {
		kfree(entry);
		return NULL;
	}
	/* One whose end was lost. */
	kfree(old);
	return entry;
}

/**
 * nslens_nsbook_open() - take up what is there
 *
 * Context: process, when probes already tell what comes and goes, and before
 * the drain looks. Return: 0 or -errno.
 */
int nslens_nsbook_open(void)
{
	const struct nslens_viewer everything = {
		.pid_ns = &init_pid_ns, .user_ns = &init_user_ns, .all = true,
	};
	struct nslens_nstab_entry *found;
	struct nslens_nstab tab;
	unsigned long index;
	u64 id;
	int err;

	err = nslens_nstab_make(&tab, &everything, true);
	if (err)
		goto out;
	xa_for_each(&tab.by_ino, index, found) {
		id = nslens_nsid_get(found->ns);
		add(found->ns->inum, found->type, id,
		    nslens_nsid_count(found->ns->inum), ktime_get_boottime_ns());
	}
out:
	nslens_nstab_free(&tab);
	return err;
}

/**
 * nslens_nsbook_close() - forget all
 *
 * Context: process, after the drain has looked last.
 */
void nslens_nsbook_close(void)
{
	struct nslens_nsbook_entry *entry;
	unsigned long index;

	xa_for_each(&book, index, entry)
		kfree(entry);
	nslens_xa_destroy(&book);
}

/**
 * nslens_nsbook_create() - a namespace was made
 * @r: by this
 * @type: index into @r->ns of it
 *
 * Context: the drain. Return: its entry, or NULL for want of memory.
 */
struct nslens_nsbook_entry *nslens_nsbook_create(const struct nslens_rec *r,
						 int type)
{
	struct nslens_nsbook_entry *entry;

	entry = add(r->ns.ino[type], nslens_own_type(type),
		    r->ns.id[type], r->value, r->time);
	if (entry)
		entry->born = true;
	nslens_nsid_reserve(r->ns.ino[type]);
	return entry;
}

/*
 * Where the end of one is lost, and the beginning of the next with its number, too,
 * what is known is of another. What is 0 was not known for want of memory.
 */
static bool is_end_of(const struct nslens_nsbook_entry *entry,
		      const struct nslens_rec *r)
{
	if (entry->type != r->type)
		return false;
	if (entry->type == NSLENS_NS_TYPE_NET)
		return !entry->count || entry->count == nslens_nsid_count_of(r->start);
	return !entry->id || entry->id == r->start;
}

/**
 * nslens_nsbook_destroy() - a namespace is no more
 * @r: says so
 *
 * Context: the drain.
 * Return: what was known of it, to be freed with kfree(); or NULL.
 */
struct nslens_nsbook_entry *nslens_nsbook_destroy(const struct nslens_rec *r)
{
	struct nslens_nsbook_entry *entry = xa_load(&book, nslens_nstab_index(r->value));

	/* Another has the number, which was there before the stream came to it. */
	if (!entry || entry->since > r->time)
		return NULL;
	xa_erase(&book, nslens_nstab_index(r->value));
	if (is_end_of(entry, r))
		return entry;
	kfree(entry);
	return NULL;
}

/**
 * nslens_nsbook_forget() - a session is no more
 * @slot: of the session
 *
 * Context: process, not beside the drain.
 */
void nslens_nsbook_forget(unsigned int slot)
{
	struct nslens_nsbook_entry *entry;
	unsigned long index;

	xa_for_each(&book, index, entry)
		__clear_bit(slot, entry->told);
}
