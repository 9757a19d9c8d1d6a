// SPDX-License-Identifier: GPL-2.0
/* What of /proc and /sys concerns the whole machine is hidden or read-only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/openat2.h>
#include <sys/stat.h>

#include "run.h"
#include "run-root-mount.h"

/**
 * struct mask - something to protect, as containerd and Docker do
 * @path: where; below /proc or /sys
 * @read_only: it can be read
 */
struct mask {
	const char *path;
	bool read_only;
};

static const struct mask masks[] = {
	{ "/proc/acpi", false },
	{ "/proc/asound", false },
	{ "/proc/kcore", false },
	{ "/proc/keys", false },
	{ "/proc/latency_stats", false },
	{ "/proc/sched_debug", false },
	{ "/proc/scsi", false },
	{ "/proc/timer_list", false },
	{ "/proc/timer_stats", false },
	{ "/sys/devices/virtual/powercap", false },
	{ "/sys/firmware", false },
	{ "/proc/bus", true },
	{ "/proc/fs", true },
	{ "/proc/irq", true },
	{ "/proc/sys", true },
	{ "/proc/sysrq-trigger", true },
};

#define NR_MASKS	(sizeof(masks) / sizeof(masks[0]))

static bool applies(const struct run *run, const struct mask *mask)
{
	bool is = !run->root.unmask;

	for (int i = 0; i < run->root.nr_unmasked; i++)
		is = is && strcmp(run->root.unmasked[i], mask->path);
	return is;
}

/**
 * mask_exists() - whether something is hidden or read-only by default
 * @path: what
 */
bool mask_exists(const char *path)
{
	for (size_t i = 0; i < NR_MASKS; i++)
		if (!strcmp(masks[i].path, path))
			return true;
	return false;
}

/**
 * masks_wanted() - whether anything is to be hidden or read-only
 * @run: what is wanted
 */
bool masks_wanted(const struct run *run)
{
	return run->root.path && !run->root.unmask;
}

static void plan(const struct run *run, FILE *out, bool read_only)
{
	for (size_t i = 0; i < NR_MASKS; i++)
		if (masks[i].read_only == read_only && applies(run, &masks[i]))
			fprintf(out, " %s", masks[i].path);
}

/**
 * masks_plan() - tell what masks_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void masks_plan(const struct run *run, FILE *out)
{
	fputs("hide", out);
	plan(run, out, false);
	fputs("; make read-only", out);
	plan(run, out, true);
}

/* An empty directory, the same one for all. */
static int empty_dir(const struct run *run)
{
	static int first = -1;
	int tree;

	/* Only what is mounted can be cloned, so the first is, when we are back. */
	tree = first < 0 ? fs_make("tmpfs", "size=4k,nr_inodes=2,mode=555",
				   MOUNT_SAFE | MOUNT_ATTR_RDONLY) :
			   tree_clone(first, "");
	if (tree < 0)
		child_fail(run, "making an empty directory");
	if (first < 0)
		first = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	return tree;
}

static int cover_for(const struct run *run, const struct mask *mask, int point)
{
	struct stat st;
	int tree;

	if (mask->read_only) {
		tree = tree_clone(point, "");
		if (tree < 0 || tree_set(tree, MOUNT_ATTR_RDONLY, true))
			child_fail(run, "making %s read-only", mask->path);
		return tree;
	}
	if (fstat(point, &st))
		child_fail(run, "looking at %s", mask->path);
	/* The null device of our own /dev, which no image can have replaced. */
	tree = S_ISDIR(st.st_mode) ? empty_dir(run) :
				     tree_clone(run->root.dev, "null");
	if (tree < 0)
		child_fail(run, "hiding %s", mask->path);
	return tree;
}

static void put_mask(const struct run *run, const struct mask *mask)
{
	bool in_proc = !strncmp(mask->path, "/proc/", 6);
	int top = run->root.kernel[in_proc ? ROOT_PROC : ROOT_SYS];
	int point, tree;

	if (top < 0)
		return;
	point = path_open(top, mask->path + (in_proc ? 6 : 5), O_PATH,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	/* Not every kernel has them all. */
	if (point < 0 && errno == ENOENT)
		return;
	if (point < 0)
		child_fail(run, "finding %s", mask->path);
	tree = cover_for(run, mask, point);
	if (tree_attach(tree, point))
		child_fail(run, "covering %s", mask->path);
	close(tree);
	close(point);
}

/**
 * masks_set_up() - hide what concerns the whole machine, or make it read-only
 * @run: the child's, with /proc, /sys and /dev
 *
 * Return: 0; fails by child_fail().
 */
int masks_set_up(struct run *run)
{
	for (size_t i = 0; i < NR_MASKS; i++)
		if (applies(run, &masks[i]))
			put_mask(run, &masks[i]);
	return 0;
}
