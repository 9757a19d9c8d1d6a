/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NSFS_MOUNTS_H
#define NSLENS_NSFS_MOUNTS_H

#include <linux/types.h>

/**
 * struct nsfs_mount - a namespace that is mounted
 * @type: one of enum nslens_ns_type
 * @ino: inode number
 * @path: by which it can be opened from here
 */
struct nsfs_mount {
	int type;
	__u32 ino;
	const char *path;
};

typedef int (*nsfs_mount_fn)(const struct nsfs_mount *mount, void *arg);

int nsfs_mounts(const char *pid, nsfs_mount_fn each, void *arg);

#endif
