/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ROOT_H
#define NSLENS_RUN_ROOT_H

#include <stdbool.h>
#include <stdio.h>

#include <sys/types.h>

#define MAX_EXTRAS	64
#define MAX_UNMASKED	32

/* What shows the kernel, of one kind of namespace each. */
enum { ROOT_PROC, ROOT_SYS, ROOT_CGROUP, ROOT_MQUEUE, NR_ROOT_KERNEL };

#define NR_ROOT_DEVICES	6

/**
 * struct root_extra - a mount that was asked for
 * @text: what was said, of which others are parts; lives as long as we do
 * @source: file or directory outside; NULL for a new tmpfs
 * @target: where inside
 * @options: of the tmpfs; NULL for none
 * @attrs: MOUNT_ATTR_*
 * @tree: the child's, once it has it; -1 before
 */
struct root_extra {
	char *text;
	const char *source;
	const char *target;
	const char *options;
	unsigned int attrs;
	int tree;
};

/**
 * struct run_root - with which root and mounts
 * @path: directory or archive that becomes the root; NULL keeps the one there is
 * @read_only: nothing of it can be written to
 * @extras: mounts that were asked for, in this order
 * @nr_extras: how many
 * @unmask: nothing of /proc and /sys is hidden or read-only
 * @unmasked: paths of which this is so
 * @nr_unmasked: how many
 * @root_tmpfs: there were options for the tmpfs that an archive is unpacked to
 * @root_options: these; NULL for none
 * @root_attrs: MOUNT_ATTR_* among them
 * @archive: the open file; -1 if @path is a directory
 * @fd: the child's root, once it has it; -1 before
 * @tar_option: by which tar unpacks it
 * @was_writable: before @read_only
 * @kernel: its /proc and so on; -1 before, and for what it does not have
 * @dev: its /dev, likewise
 * @devices: in it, those that come from outside; -1 for others
 */
struct run_root {
	const char *path;
	bool read_only;
	struct root_extra extras[MAX_EXTRAS];
	int nr_extras;
	bool unmask;
	const char *unmasked[MAX_UNMASKED];
	int nr_unmasked;
	bool root_tmpfs;
	const char *root_options;
	unsigned int root_attrs;

	int archive;
	const char *tar_option;
	int fd;
	bool was_writable;
	int kernel[NR_ROOT_KERNEL];
	int dev;
	int devices[NR_ROOT_DEVICES];
};

struct run;

extern const struct opt_group root_group;

/* Steps, in the order of the table. */
bool root_wanted(const struct run *run);
void root_plan(const struct run *run, FILE *out);
int root_open(struct run *run);

bool mounts_wanted(const struct run *run);
int mounts_make_private(struct run *run);

bool sources_wanted(const struct run *run);
void sources_plan(const struct run *run, FILE *out);
int sources_open(struct run *run);

bool read_only_wanted(const struct run *run);
int read_only_set_up(struct run *run);

void root_change_plan(const struct run *run, FILE *out);
int root_change(struct run *run);

bool proc_wanted(const struct run *run);
void kernel_plan(const struct run *run, FILE *out);
int kernel_make(struct run *run);
void proc_plan(const struct run *run, FILE *out);
int proc_set_up(struct run *run);
void sys_plan(const struct run *run, FILE *out);
int sys_set_up(struct run *run);
void dev_plan(const struct run *run, FILE *out);
int dev_set_up(struct run *run);

bool masks_wanted(const struct run *run);
void masks_plan(const struct run *run, FILE *out);
int masks_set_up(struct run *run);

bool extras_wanted(const struct run *run);
void extras_plan(const struct run *run, FILE *out);
int extras_set_up(struct run *run);

bool lock_wanted(const struct run *run);
int lock_set_up(struct run *run);

/* run-root-mask.c */
bool mask_exists(const char *path);

/* run-root-tar.c */
int archive_open(struct run *run);
void archive_unpack(const struct run *run, int tree);

#endif
