// SPDX-License-Identifier: GPL-2.0
/* The root of nslens run: a directory or an archive that takes its place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "run.h"
#include "run-root-mount.h"

/**
 * root_wanted() - whether there is a root file system of its own
 * @run: what is wanted
 */
bool root_wanted(const struct run *run)
{
	return run->root.path;
}

/**
 * root_plan() - tell what root_open() would do
 * @run: what is wanted
 * @out: where to
 */
void root_plan(const struct run *run, FILE *out)
{
	fprintf(out, "enter %s, or open it if it is an archive",
		run->root.path);
}

/**
 * root_open() - make the root file system the working directory, or open it
 * @run: what is wanted
 *
 * The child finds it there: whatever user it will be, its way there was ours.
 *
 * Return: 0, or -1 after a complaint.
 */
int root_open(struct run *run)
{
	int fd = open(run->root.path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return run_fail(run, "--rootfs %s", run->root.path);
	run->root.archive = -1;
	if (!S_ISDIR(st.st_mode)) {
		close(fd);
		return archive_open(run);
	}
	if (fchdir(fd) || close(fd))
		return run_fail(run, "--rootfs %s", run->root.path);
	errno = 0;
	return run->root.root_tmpfs ?
	       run_fail(run, "--tmpfs / is for an archive, and --rootfs %s is none",
			run->root.path) : 0;
}

/**
 * mounts_wanted() - whether there is a mount namespace to set up
 * @run: what is wanted
 */
bool mounts_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_MNT);
}

/**
 * mounts_make_private() - let no mount in nor out any more
 * @run: the child's
 *
 * Not slaves: what is mounted outside later is none of ours, and what is
 * unmounted outside must not vanish from under the command.
 *
 * Return: 0, or -1 with errno.
 */
int mounts_make_private(struct run *run)
{
	memset(run->root.kernel, -1, sizeof(run->root.kernel));
	memset(run->root.devices, -1, sizeof(run->root.devices));
	run->root.dev = -1;
	run->root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return run->root.fd < 0 ? -1 :
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/**
 * root_change_plan() - tell what root_change() would do
 * @run: what is wanted
 * @out: where to
 */
void root_change_plan(const struct run *run, FILE *out)
{
	fprintf(out, "pivot_root to %s%s; the old root is gone", run->root.path,
		run->root.read_only ? ", read-only with all below it" : "");
}

/* A tree that is nowhere yet. */
static int get_tree(struct run *run)
{
	int tree;

	if (run->root.archive < 0) {
		tree = tree_clone(AT_FDCWD, ".");
		/* A user namespace can make none, but may be shown some. */
		if (tree >= 0 && !ns_is_host(run, NSLENS_NS_TYPE_USER) &&
		    tree_set(tree, MOUNT_ATTR_NODEV, true))
			child_fail(run, "barring devices in %s",
				   run->root.path);
	} else {
		tree = fs_make("tmpfs", run->root.root_options ?: "mode=755",
			       MOUNT_ATTR_NODEV | run->root.root_attrs);
		if (tree >= 0)
			archive_unpack(run, tree);
	}
	if (tree < 0)
		child_fail(run, "making %s a mount%s%s", run->root.path,
			   fs_reason()[0] ? ": " : "", fs_reason());
	return tree;
}

/* Places for mounts in it can be made all the same: see point_make(). */
static void make_read_only(struct run *run)
{
	struct statvfs st;

	if (fstatvfs(run->root.fd, &st))
		child_fail(run, "looking at %s", run->root.path);
	run->root.was_writable = !(st.f_flag & ST_RDONLY);
	if (tree_set(run->root.fd, MOUNT_ATTR_RDONLY, true))
		child_fail(run, "making %s read-only", run->root.path);
}

/*
 * pivot_root() leaves the old root on top of the new one, where ".." leads from
 * the new one: so nothing may be looked up before it is gone.
 */
static int swap_roots(int old, int tree)
{
	return fchdir(tree) || syscall(SYS_pivot_root, ".", ".") ||
	       fchdir(old) || umount2(".", MNT_DETACH) || chdir("/") ? -1 : 0;
}

/**
 * root_change() - make the root file system the root; the old one is gone
 * @run: the child's
 *
 * The parent's working directory is the root file system, so here it is that
 * within our own mount namespace. It becomes a mount, and then the root.
 *
 * All that is mounted in it comes after that: whatever symbolic links are in it,
 * there is no outside any more that they could lead to.
 *
 * Return: 0; fails by child_fail().
 */
int root_change(struct run *run)
{
	int old = run->root.fd;
	int tree = get_tree(run);
	int point = run->root.archive < 0 ?
		    open(".", O_PATH | O_DIRECTORY | O_CLOEXEC) : old;

	run->root.fd = tree;
	if (run->root.read_only)
		make_read_only(run);
	if (point < 0 || tree_attach(tree, point))
		child_fail(run, "making %s a mount", run->root.path);
	if (swap_roots(old, tree))
		child_fail(run, "making %s the root", run->root.path);
	if (point != old)
		close(point);
	close(old);
	return 0;
}

/**
 * read_only_wanted() - whether the root that there is becomes read-only
 * @run: what is wanted
 */
bool read_only_wanted(const struct run *run)
{
	return run->root.read_only && !run->root.path;
}

/**
 * read_only_set_up() - make the root that there is read-only
 * @run: the child's
 *
 * Return: 0, or -1 with errno.
 */
int read_only_set_up(struct run *run)
{
	return tree_set(run->root.fd, MOUNT_ATTR_RDONLY, true);
}
