// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of namespaces that are never used again, as inode numbers are.
 *
 * An id is the inode number and how often that was freed before, counted by a
 * probe from the first id on: a module that nobody asks for ids has none. The
 * counts are in a table by inode number, since procfs gives out the lowest that
 * is free; a count is found without a lock, so that a probe can say the id, too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/ns_common.h>
#include <linux/ptrace.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "capture.h"
#include "compat.h"
#include "ns.h"
#include "nsid.h"

/* Set under the mutex and never unset while the probe is there. */
u64 *nslens_nsid_pages[NSLENS_NSID_NR_PAGES];
/* How often a number was freed, or room was made: what was known may be wrong. */
atomic_t nslens_nsid_changes = ATOMIC_INIT(0);
/* Protects what is added to the table, and the two below. */
static DEFINE_MUTEX(nsid_lock);
static bool probing;
static int probe_err;

/*
 * Context: whoever lets go of the last reference, also with preemption off, and
 * on PREEMPT_RT; takes no lock. Nobody else has the number now.
 */
static void on_free_inum(unsigned long number)
{
	u32 ino = number;
	u64 *word = nslens_nsid_word(ino);
	u64 old;

	/* Before another namespace can be where this one was. */
	atomic_inc(&nslens_nsid_changes);
	/* Pairs with remembers(): who finds the next one finds the change. */
	smp_mb__after_atomic();
	if (!word)
		return;
	old = READ_ONCE(*word);
	WRITE_ONCE(*word, (old & NSLENS_NSID_COUNT_MASK) + 1);
	/* procfs numbers its own files from the same pool. */
	if (old >> NSLENS_NSID_TYPE_SHIFT)
		nslens_capture_destroy(ino, (old >> NSLENS_NSID_TYPE_SHIFT) - 1,
				       nslens_nsid_make(ino, old));
}

static struct compat_entry free_inum = {
	.symbol = "proc_free_inum",
	.fn = on_free_inum,
};

/* Room for this number; for want of memory, or beyond the table, it has no id. */
static void add_page(u32 ino)
{
	u32 i = (ino - NSLENS_NSID_FIRST) / NSLENS_NSID_PAGE_WORDS;
	u64 *page;

	lockdep_assert_held(&nsid_lock);
	if (ino < NSLENS_NSID_FIRST || i >= NSLENS_NSID_NR_PAGES || nslens_nsid_pages[i])
		return;
	page = kvcalloc(NSLENS_NSID_PAGE_WORDS, sizeof(*page), GFP_KERNEL);
	if (!page)
		return;
	/* Pairs with nslens_nsid_word(): whoever finds it finds zeroes. */
	smp_store_release(&nslens_nsid_pages[i], page);
	/* Pairs with nslens_ns_record_again(): who sees this finds the page. */
	smp_mb__before_atomic();
	atomic_inc(&nslens_nsid_changes);
}

/**
 * nslens_nsid_start() - make ids known from now on
 *
 * Context: process.
 * Return: 0, or why the probe cannot be had; that is final.
 */
int nslens_nsid_start(void)
{
	int err;

	mutex_lock(&nsid_lock);
	err = probe_err;
	if (!probing && !err) {
		err = compat_entry_register(&free_inum);
		probing = !err;
	}
	/* Memory may be there the next time, or ftrace be enabled; the rest stays. */
	if (err && err != -ENOMEM) {
		pr_warn_once("no ids of namespaces: no probe on %s (error %d)\n",
			     free_inum.symbol, err);
		if (err != -EBUSY)
			probe_err = err;
	}
	mutex_unlock(&nsid_lock);
	return err;
}

/**
 * nslens_nsid_reserve() - have room for the id of a number, and of the next ones
 * @ino: an inode number of a namespace
 *
 * So that who cannot allocate finds a word for what is made next.
 *
 * Context: process; may sleep.
 */
void nslens_nsid_reserve(u32 ino)
{
	if (nslens_nsid_word(ino) && nslens_nsid_word(ino + NSLENS_NSID_PAGE_WORDS))
		return;
	mutex_lock(&nsid_lock);
	add_page(ino);
	add_page(ino + NSLENS_NSID_PAGE_WORDS);
	mutex_unlock(&nsid_lock);
}

/**
 * nslens_nsid_get() - the id of a namespace
 * @ns: a namespace that the caller holds a reference to
 *
 * Context: process; may sleep.
 * Return: an id that no other namespace of the type has, had or will have while
 * the module is loaded; 0 if there is none, for want of memory or of a probe.
 */
u64 nslens_nsid_get(struct ns_common *ns)
{
	int type = nslens_ns_type_of(ns);

	if (!READ_ONCE(probing) && nslens_nsid_start())
		return type == NSLENS_NS_TYPE_NET ?
			container_of(ns, struct net, ns)->net_cookie : 0;
	nslens_nsid_reserve(ns->inum);
	return nslens_nsid_peek(ns, type);
}

/**
 * nslens_nsid_exit() - forget all ids
 *
 * Context: process, when nobody can ask any more.
 */
void nslens_nsid_exit(void)
{
	unsigned int i;

	if (probing)
		compat_entry_unregister(&free_inum);
	compat_entry_free(&free_inum);
	for (i = 0; i < NSLENS_NSID_NR_PAGES; i++)
		kvfree(nslens_nsid_pages[i]);
}
