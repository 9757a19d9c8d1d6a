/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSBOOK_H
#define _NSLENS_NSBOOK_H

#include <linux/bitmap.h>
#include <linux/types.h>

struct nslens_rec;

/* Sessions at a time. */
#define NSLENS_MAX_SESSIONS	256

/**
 * struct nslens_nsbook_entry - a namespace that is there, at the time of the stream
 * @ino: inode number
 * @type: index into nslens_ns_types
 * @id: its id
 * @count: of a network namespace, whose id is not known at its end:
 *	nslens_nsid_count() of its inode number, or 0
 * @since: from when on this is known, ns since boot
 * @born: was it seen to be made, at @since
 * @told: sessions, by slot, that could see it be made
 */
struct nslens_nsbook_entry {
	u32 ino;
	int type;
	u64 id;
	u32 count;
	u64 since;
	bool born;
	DECLARE_BITMAP(told, NSLENS_MAX_SESSIONS);
};

int nslens_nsbook_open(void);
void nslens_nsbook_close(void);
struct nslens_nsbook_entry *nslens_nsbook_create(const struct nslens_rec *r,
						 int type);
struct nslens_nsbook_entry *nslens_nsbook_destroy(const struct nslens_rec *r);
void nslens_nsbook_forget(unsigned int slot);

#endif /* _NSLENS_NSBOOK_H */
