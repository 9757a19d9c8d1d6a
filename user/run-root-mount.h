/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ROOT_MOUNT_H
#define NSLENS_RUN_ROOT_MOUNT_H

#include <stdbool.h>

#include <sys/mount.h>

#define MOUNT_SAFE	(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | \
			 MOUNT_ATTR_NOEXEC)

struct run;

/*
 * Mounts are file descriptors here: one that is nowhere yet is made or cloned,
 * set up, and then put where another file descriptor is. No path of a root file
 * system is walked twice, so that nobody can change it in between.
 */
int fs_make(const char *type, const char *options, unsigned int attrs);
const char *fs_reason(void);
int tree_clone(int dir, const char *path);
int tree_set(int tree, unsigned int attrs, bool all_below);
int tree_attach(int tree, int point);

int path_open(int root, const char *path, int flags, unsigned int resolve);
int point_own(const struct run *run, int parent, const char *name);
int point_make(const struct run *run, const char *path, bool is_dir);

#endif
