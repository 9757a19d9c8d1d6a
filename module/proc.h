/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROC_H
#define _NSLENS_PROC_H

#include <linux/types.h>

struct file;
struct nslens_task;
struct nslens_viewer;
struct proc_dir_entry;
struct seq_file;

int nslens_proc_init(void);
void nslens_proc_exit(void);

struct proc_dir_entry *nslens_proc_ns_create(struct proc_dir_entry *dir);

struct proc_dir_entry *nslens_proc_traced_create(struct proc_dir_entry *dir);

void nslens_proc_levels(struct seq_file *m, const struct nslens_task *t);
void nslens_proc_ns_header(struct seq_file *m);
void nslens_proc_ns(struct seq_file *m, const struct nslens_task *t);
bool nslens_proc_viewer(struct nslens_viewer *viewer, const struct file *file);
void nslens_proc_text(struct seq_file *m, const char *text, const char *also);

#endif /* _NSLENS_PROC_H */
