// SPDX-License-Identifier: GPL-2.0
/*
 * What procfs and cgroupfs tell of a TARGET: run and exec work without the module
 * where these know. Of what they hide, nothing could be entered anyway.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "ns-file.h"
#include "nsfs-mounts.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "target.h"

/* Levels and PID 1, by the line NSpid of its status. */
static void note_process(struct foremost *first, __u32 pid)
{
	struct foremost next = { .pid = pid };
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		char *at = line + strcspn(line, ":") + 1;

		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		for (char *end = at; *end != '\n' && *end; at = end) {
			next.reaper = strtoul(at, &end, 10) == 1;
			next.levels++;
		}
		foremost_note(first, &next);
		break;
	}
	if (file)
		fclose(file);
}

static int is_number(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	unsigned long first = strtoul((*a)->d_name, NULL, 10);
	unsigned long second = strtoul((*b)->d_name, NULL, 10);

	return first < second ? -1 : first > second;
}

/* Those of a bare inode are of any type. */
static bool is_member(const char *pid, const struct nslens_ns_ref *ref,
		      __u32 ino)
{
	for (int type = 0; type < NR_NS_TYPES; type++)
		if ((!ref->has_type || ref->type == (__u32)type) &&
		    ns_inode(pid, type) == ino)
			return true;
	return false;
}

static void note_members(struct foremost *first,
			 const struct nslens_ns_ref *ref)
{
	__u32 ino = ref->kind == NSLENS_REF_FD ?
		    ns_fd_inode((int)ref->value) : ref->value;
	struct dirent **list;
	int nr = scandir("/proc", &list, is_number, by_number);

	for (int i = 0; i < nr; i++) {
		if (is_member(list[i]->d_name, ref, ino))
			note_process(first, (__u32)strtoul(list[i]->d_name,
							   NULL, 10));
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
}

static void note_procs(struct foremost *first, const char *dir)
{
	char path[4096], line[32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	file = fopen(path, "re");
	/* 0 is what has no PID here. */
	while (file && fgets(line, sizeof(line), file))
		if (strtoul(line, NULL, 10))
			note_process(first, (__u32)strtoul(line, NULL, 10));
	if (file)
		fclose(file);
}

static void note_cgroup(struct foremost *first, const char *cgroup)
{
	char path[4096];
	char *const tops[] = { path, NULL };
	FTSENT *entry;
	FTS *fts;

	snprintf(path, sizeof(path), "%s%s", cgroup_root(), cgroup);
	fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (fts && (entry = fts_read(fts)))
		if (entry->fts_info == FTS_D)
			note_procs(first, entry->fts_path);
	if (fts)
		fts_close(fts);
}

/* To count in another PID namespace takes the module. */
static int translate(const struct target *target, __u32 *pid)
{
	struct nslens_conn conn;
	struct nslens_task task;
	int err = lens_open(&conn);

	if (err)
		return err;
	err = nslens_task_get(&conn, target->pid, &target->in,
			      NSLENS_TASK_FIELD_PIDS, &task);
	if (err)
		complain("%s: %s", target->text, lens_reason(&conn));
	else
		*pid = task.pids.at[0];
	nslens_close(&conn);
	return err;
}

/**
 * target_here() - find the process that a target is, or that stands for it
 * @target: a task; or a namespace or cgroup: see foremost_note()
 * @pid: set to its PID here
 *
 * Return: 0, or a negative errno after a complaint.
 */
int target_here(const struct target *target, __u32 *pid)
{
	struct foremost first = { 0 };

	if (target->kind == TARGET_TASK && target->in.kind != NSLENS_REF_NONE)
		return translate(target, pid);
	if (target->kind == TARGET_TASK)
		first.pid = target->pid;
	else if (target->kind == TARGET_CGROUP)
		note_cgroup(&first, target->cgroup);
	else
		note_members(&first, &target->ns);
	*pid = first.pid;
	if (first.pid)
		return 0;
	complain("%s: no process in it that you may see", target->text);
	return -ESRCH;
}

static int open_of_process(__u32 ino, int type)
{
	struct dirent **list;
	int nr = scandir("/proc", &list, is_number, by_number);
	int found = -ENOENT;

	for (int i = 0; i < nr; i++) {
		char path[300];

		snprintf(path, sizeof(path), "/proc/%s/ns/%s",
			 list[i]->d_name, ns_types[type].file);
		if (found < 0 && ns_inode(list[i]->d_name, type) == ino)
			found = ns_file_open(path, ino);
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
	return found;
}

static int open_of_mount(__u32 ino)
{
	struct nsfs_mounts mounts = { 0 };
	const struct nsfs_mount *mount = NULL;
	int fd = -ENOENT;

	if (!nsfs_mounts_read(&mounts, "self")) {
		nsfs_mounts_sort(&mounts);
		mount = nsfs_mounts_find(&mounts, ino);
	}
	if (mount)
		fd = nsfs_mount_open(mount);
	nsfs_mounts_free(&mounts);
	return fd;
}

/**
 * target_ns_file() - open a namespace that is named by its inode
 * @ino: the number
 * @type: one of enum nslens_ns_type
 *
 * Looks for a process that is in it, then for where it is mounted here.
 *
 * Return: a file descriptor, or -ENOENT.
 */
int target_ns_file(__u32 ino, int type)
{
	int fd = open_of_process(ino, type);

	if (fd < 0)
		fd = open_of_mount(ino);
	return fd < 0 ? -ENOENT : fd;
}
