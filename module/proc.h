/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROC_H
#define _NSLENS_PROC_H

#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#include "access.h"

struct file;
struct nslens_task;
struct proc_dir_entry;

/**
 * struct nslens_proc_reader - who has read last from an open file
 * @lock: protects the rest, and what was made for him meanwhile
 * @asker: he, with his references; all zero before the first
 * @cgroup_ns: id of his cgroup namespace, in which paths are
 * @hides: what nslens_proc_hides() was then
 *
 * The first in what is private to a seq_file.
 */
struct nslens_proc_reader {
	/* Of all below, held while text is made and read. */
	struct mutex lock;
	struct nslens_asker asker;
	u64 cgroup_ns;
	bool hides;
};

/**
 * struct nslens_proc_seq - a file that is read through a seq_file
 * @ops: what makes its text
 * @size: bytes of what is private to an open one; begins with a
 *	struct nslens_proc_reader, and is all zero at first
 * @free: free what that refers to; may be NULL
 */
struct nslens_proc_seq {
	const struct seq_operations *ops;
	int size;
	void (*free)(void *private);
};

struct proc_dir_entry *nslens_proc_seq_create(const char *name,
					      struct proc_dir_entry *dir,
					      const struct nslens_proc_seq *seq);

int nslens_proc_init(void);
void nslens_proc_exit(void);

struct proc_dir_entry *nslens_proc_ns_create(struct proc_dir_entry *dir);

struct proc_dir_entry *nslens_proc_traced_create(struct proc_dir_entry *dir);

void nslens_proc_levels(struct seq_file *m, const struct nslens_task *t);
void nslens_proc_ns_header(struct seq_file *m);
void nslens_proc_ns(struct seq_file *m, const struct nslens_task *t);
bool nslens_proc_viewer(struct nslens_viewer *viewer, const struct file *file);
bool nslens_proc_hides(const struct file *file);
void nslens_proc_text(struct seq_file *m, const char *text, const char *also);

#endif /* _NSLENS_PROC_H */
