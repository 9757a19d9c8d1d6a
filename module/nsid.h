/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSID_H
#define _NSLENS_NSID_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/ns_common.h>
#include <linux/types.h>
#include <net/net_namespace.h>
#include <uapi/linux/nslens.h>

/* Below what is initial or dynamic: include/linux/proc_ns.h, fs/proc/generic.c. */
#define NSLENS_NSID_FIRST	0xeffff000U
/* Bits of an id that are the inode number, less the first. */
#define NSLENS_NSID_INO_BITS	29
/* A word is a type plus one, if that is known, and a count. */
#define NSLENS_NSID_TYPE_SHIFT	60
#define NSLENS_NSID_COUNT_MASK	(BIT_ULL(NSLENS_NSID_TYPE_SHIFT) - 1)

#define NSLENS_NSID_PAGE_WORDS	4096
#define NSLENS_NSID_NR_PAGES	4096

extern u64 *nslens_nsid_pages[NSLENS_NSID_NR_PAGES];
extern atomic_t nslens_nsid_changes;

u64 nslens_nsid_get(struct ns_common *ns);
int nslens_nsid_start(void);
void nslens_nsid_reserve(u32 ino);
void nslens_nsid_exit(void);

/* What is known of an inode number; NULL if there is no room for it. */
static inline u64 *nslens_nsid_word(u32 ino)
{
	u32 i = ino - NSLENS_NSID_FIRST;
	u64 *page;

	if (ino < NSLENS_NSID_FIRST ||
	    i / NSLENS_NSID_PAGE_WORDS >= NSLENS_NSID_NR_PAGES)
		return NULL;
	/* Pairs with smp_store_release() in add_page(). */
	page = smp_load_acquire(&nslens_nsid_pages[i / NSLENS_NSID_PAGE_WORDS]);
	return page ? &page[i % NSLENS_NSID_PAGE_WORDS] : NULL;
}

/* Never 0: a count begins at 1. */
static inline u64 nslens_nsid_make(u32 ino, u64 word)
{
	return ((word & NSLENS_NSID_COUNT_MASK) + 1) << NSLENS_NSID_INO_BITS |
	       (ino - NSLENS_NSID_FIRST);
}

/* How often a number was freed, by an id that nslens_nsid_make() made; never 0. */
static inline u32 nslens_nsid_count_of(u64 id)
{
	return id >> NSLENS_NSID_INO_BITS;
}

/**
 * nslens_nsid_count() - tell the present bearer of an inode number from others
 * @ino: the inode number, of a namespace that is kept from being freed
 *
 * Context: any. Return: as nslens_nsid_count_of(); 0 if there is no room for it.
 */
static inline u32 nslens_nsid_count(u32 ino)
{
	const u64 *word = nslens_nsid_word(ino);

	return word ? nslens_nsid_count_of(nslens_nsid_make(ino, READ_ONCE(*word))) : 0;
}

/**
 * nslens_nsid_peek() - the id of a namespace, where nothing can be allocated
 * @ns: a namespace that is kept from being freed
 * @type: its type, an index into nslens_ns_types
 *
 * Inline, since each event has ten of them.
 *
 * Context: any, after nslens_nsid_start().
 * Return: as nslens_nsid_get(); 0 also if there is no room for it yet.
 */
static inline u64 nslens_nsid_peek(const struct ns_common *ns, int type)
{
	const u32 ino = ns->inum;
	u64 *word = nslens_nsid_word(ino);
	u64 value;

	if (!word)
		return 0;
	value = READ_ONCE(*word);
	/* The same for all who see it, and not freed now. */
	if (!(value >> NSLENS_NSID_TYPE_SHIFT))
		WRITE_ONCE(*word, value | (u64)(type + 1) << NSLENS_NSID_TYPE_SHIFT);
	return type == NSLENS_NS_TYPE_NET ?
		container_of(ns, struct net, ns)->net_cookie :
		nslens_nsid_make(ino, value);
}

#endif /* _NSLENS_NSID_H */
