/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NSFS_MOUNTS_H
#define NSLENS_NSFS_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/**
 * struct nsfs_mount - a namespace that is mounted
 * @type: one of enum nslens_ns_type
 * @ino: inode number
 * @here: it is mounted in the caller's own mount namespace
 * @path: of it, as seen from here
 * @root: length of what leads to the root directory there in @path, 0 if @here
 */
struct nsfs_mount {
	int type;
	__u32 ino;
	bool here;
	char *path;
	size_t root;
};

/**
 * struct nsfs_mounts - all of them; all zero is none
 * @at: the first
 * @nr: how many
 * @room: how many there is room for
 */
struct nsfs_mounts {
	struct nsfs_mount *at;
	size_t nr;
	size_t room;
};

int nsfs_mounts_read(struct nsfs_mounts *mounts, const char *pid);
void nsfs_mounts_sort(struct nsfs_mounts *mounts);
const struct nsfs_mount *nsfs_mounts_find(const struct nsfs_mounts *mounts,
					  __u32 ino);
const struct nsfs_mount *nsfs_mounts_next(const struct nsfs_mounts *mounts,
					  const struct nsfs_mount *mount);
int nsfs_mount_open(const struct nsfs_mount *mount);
void nsfs_mounts_free(struct nsfs_mounts *mounts);

#endif
