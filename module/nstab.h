/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSTAB_H
#define _NSLENS_NSTAB_H

#include <linux/types.h>
#include <linux/xarray.h>

#include "ns.h"

struct ns_common;
struct nslens_viewer;

/**
 * struct nslens_nstab_entry - a namespace that was found
 * @ns: the namespace, with a reference
 * @type: index into nslens_ns_types
 * @processes: leaders of thread groups that are in it
 * @threads: threads that are in it, leaders included
 * @children_only: threads that have it for their children, and are not in it
 * @pid: lowest PID of a task in it, in the viewer's PID namespace, or 0
 * @netnsid: id by which the caller's network namespace knows it, or -1
 */
struct nslens_nstab_entry {
	struct ns_common *ns;
	int type;
	u32 processes;
	u32 threads;
	u32 children_only;
	u32 pid;
	s32 netnsid;
};

/**
 * struct nslens_nstab - namespaces that a viewer may see, by inode number
 * @by_ino: struct nslens_nstab_entry, at nslens_nstab_index()
 * @viewer: who
 * @changed: PIDs came or went while tasks were looked at, or a task changed its
 *	namespaces meanwhile
 * @seq: of nslens_walk_seq() before the first task was looked at
 * @digest: of all tasks and what they are in
 * @tables: of files that were looked at, see struct nslens_nsfd
 * @last: entry that was last found, by type
 *
 * Made and freed within one system call: it pins every namespace in it.
 */
struct nslens_nstab {
	struct xarray by_ino;
	const struct nslens_viewer *viewer;
	bool changed;
	u32 seq;
	u32 digest;
	struct xarray tables;
	struct nslens_nstab_entry *last[NSLENS_NR_NS];
};

/**
 * struct nslens_finder - what several look-ups by inode number share
 * @tab: what was found, if @made
 * @made: nslens_nstab_make() was called
 * @files: and what open files lead to was added
 * @lookups: how many there were
 *
 * All zero at first; to be freed with nslens_finder_free().
 */
struct nslens_finder {
	struct nslens_nstab tab;
	bool made;
	bool files;
	unsigned int lookups;
};

/**
 * nslens_nstab_index() - where a namespace is in an array by inode number
 * @ino: its inode number
 *
 * The numbers of the initial ones end, and those of others start, at 0xf0000000
 * (proc_ns.h, proc_alloc_inum()). An xarray is as deep as its largest index is
 * long, so that these become small ones, in the same order.
 *
 * Return: the index, another for each number.
 */
static inline unsigned long nslens_nstab_index(u32 ino)
{
	return (u32)(ino - 0xefffff00);
}

int nslens_nstab_make(struct nslens_nstab *tab,
		      const struct nslens_viewer *viewer, bool files);
int nslens_nstab_check(struct nslens_nstab *tab);
struct ns_common *nslens_nstab_find(const struct nslens_viewer *viewer,
				    u32 ino);
void nslens_nstab_free(struct nslens_nstab *tab);
void nslens_finder_free(struct nslens_finder *finder);

struct ns_common *nslens_ns_owner(const struct nslens_viewer *viewer,
				  const struct ns_common *ns);
struct ns_common *nslens_ns_parent(const struct nslens_viewer *viewer,
				   struct ns_common *ns, int type);

#endif /* _NSLENS_NSTAB_H */
