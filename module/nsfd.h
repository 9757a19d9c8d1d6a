/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSFD_H
#define _NSLENS_NSFD_H

struct file;
struct files_struct;
struct ns_common;
struct nslens_viewer;
struct xarray;

/**
 * struct nslens_nsfd - a cursor over the open namespace files of a task
 * @nr: PID of the task in the viewer's PID namespace
 * @fd: descriptor at which to go on
 * @done: there are no more
 * @table: its table, if it has been the same all the time
 * @shared: that one has been looked at to its end, and others have it, too
 * @seen: such tables of this request: by table, a task that has it, by PID
 */
struct nslens_nsfd {
	int nr;
	unsigned int fd;
	bool done;
	const struct files_struct *table;
	bool shared;
	struct xarray *seen;
};

struct ns_common *nslens_nsfd_next(struct nslens_nsfd *cursor,
				   const struct nslens_viewer *viewer);
struct ns_common *nslens_ns_of_file(struct file *file);

#endif /* _NSLENS_NSFD_H */
