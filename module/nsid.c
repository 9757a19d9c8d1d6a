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

#include <linux/kprobes.h>
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

/* Below what is initial or dynamic: include/linux/proc_ns.h, fs/proc/generic.c. */
#define FIRST_INO	0xeffff000U
/* Bits of an id that are the inode number, less the first. */
#define INO_BITS	29
/* A word is a type plus one, if that is known, and a count. */
#define TYPE_SHIFT	60
#define COUNT_MASK	(BIT_ULL(TYPE_SHIFT) - 1)

#define PAGE_WORDS	4096
#define NR_PAGES	4096

/* Set under the mutex and never unset while the probe is there. */
static u64 *pages[NR_PAGES];
/* Protects what is added to the table, and the two below. */
static DEFINE_MUTEX(nsid_lock);
static bool probing;
static int probe_err;

static u64 *word_of(u32 ino)
{
	u32 i = ino - FIRST_INO;
	u64 *page;

	if (ino < FIRST_INO || i / PAGE_WORDS >= NR_PAGES)
		return NULL;
	/* Pairs with smp_store_release() in add_page(). */
	page = smp_load_acquire(&pages[i / PAGE_WORDS]);
	return page ? &page[i % PAGE_WORDS] : NULL;
}

/* Never 0: a count begins at 1. */
static u64 id_of(u32 ino, u64 word)
{
	return ((word & COUNT_MASK) + 1) << INO_BITS | (ino - FIRST_INO);
}

/*
 * Context: whoever lets go of the last reference, with preemption off, also on
 * PREEMPT_RT; takes no lock. Nobody else has the number now.
 */
static int on_free_inum(struct kprobe *kp, struct pt_regs *regs)
{
	u32 ino = regs_get_kernel_argument(regs, 0);
	u64 *word = word_of(ino);
	u64 old;

	if (!word)
		return 0;
	old = READ_ONCE(*word);
	WRITE_ONCE(*word, (old & COUNT_MASK) + 1);
	/* procfs numbers its own files from the same pool. */
	if (old >> TYPE_SHIFT)
		nslens_capture_destroy(ino, (old >> TYPE_SHIFT) - 1,
				       id_of(ino, old));
	return 0;
}

static struct kprobe free_inum = {
	.symbol_name = "proc_free_inum",
	.pre_handler = on_free_inum,
};

/* Room for this number; for want of memory, or beyond the table, it has no id. */
static void add_page(u32 ino)
{
	u32 i = (ino - FIRST_INO) / PAGE_WORDS;
	u64 *page;

	lockdep_assert_held(&nsid_lock);
	if (ino < FIRST_INO || i >= NR_PAGES || pages[i])
		return;
	page = kvcalloc(PAGE_WORDS, sizeof(*page), GFP_KERNEL);
	if (page)
		smp_store_release(&pages[i], page);
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
		err = register_kprobe(&free_inum);
		probing = !err;
	}
	/* Memory may be there the next time; all else stays as it is. */
	if (err && err != -ENOMEM && !probe_err) {
		pr_warn("no ids of namespaces: no kprobe on %s (error %d)\n",
			free_inum.symbol_name, err);
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
	if (word_of(ino) && word_of(ino + PAGE_WORDS))
		return;
	mutex_lock(&nsid_lock);
	add_page(ino);
	add_page(ino + PAGE_WORDS);
	mutex_unlock(&nsid_lock);
}

/**
 * nslens_nsid_peek() - the id of a namespace, where nothing can be allocated
 * @ns: a namespace that is kept from being freed
 * @type: its type, an index into nslens_ns_types
 *
 * Context: any, after nslens_nsid_start().
 * Return: as nslens_nsid_get(); 0 also if there is no room for it yet.
 */
u64 nslens_nsid_peek(const struct ns_common *ns, int type)
{
	u64 *word = word_of(ns->inum);
	u64 value;

	if (!word)
		return 0;
	value = READ_ONCE(*word);
	/* The same for all who see it, and not freed now. */
	if (!(value >> TYPE_SHIFT))
		WRITE_ONCE(*word, value | (u64)(type + 1) << TYPE_SHIFT);
	return type == NSLENS_NS_TYPE_NET ?
		container_of(ns, struct net, ns)->net_cookie :
		id_of(ns->inum, value);
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
		unregister_kprobe(&free_inum);
	for (i = 0; i < NR_PAGES; i++)
		kvfree(pages[i]);
}
