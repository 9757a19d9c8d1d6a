/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NSTYPE_H
#define NSLENS_NSTYPE_H

#include <stddef.h>

#include <linux/nslens.h>
#include <linux/types.h>

/* How many of enum nslens_ns_type are types; the rest is for children. */
#define NR_NS_TYPES	NSLENS_NS_TYPE_PID_FOR_CHILDREN
#define NR_TASK_NS	(NSLENS_NS_TYPE_MAX + 1)

/**
 * struct ns_type - what the helper knows about a type of namespace
 * @name: as in "pid:[4026531836]", and as an option of run
 * @file: its name in /proc/PID/ns
 * @flag: CLONE_NEW*, what ioctl(NS_GET_NSTYPE) answers
 * @initial: inode number of the initial namespace, where it is the same in all
 *	kernels (include/linux/proc_ns.h), else 0
 */
struct ns_type {
	const char *name;
	const char *file;
	int flag;
	__u32 initial;
};

/* Indexed by enum nslens_ns_type. */
extern const struct ns_type ns_types[NR_TASK_NS];

int ns_type_by_name(const char *name, size_t len);
int ns_type_by_flag(int flag);
unsigned int ns_inode(const char *pid, int type);
unsigned int ns_fd_inode(int fd);

#endif
