// SPDX-License-Identifier: GPL-2.0
/* Mounts and the places for them, by file descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "run.h"
#include "run-root-mount.h"

/* What the kernel said about the file system that could not be made. */
static char reason[160];

static void take_reason(int fs)
{
	int err = errno;
	ssize_t n = read(fs, reason, sizeof(reason) - 1);

	/* "e tmpfs: Bad value for 'size'\n" */
	reason[n > 0 ? n : 0] = '\0';
	reason[strcspn(reason, "\n")] = '\0';
	errno = err;
}

static void close_after(int fd)
{
	int err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
}

static int configure(int fs, const char *options)
{
	char *text = strdup(options);
	char *rest = text;
	char *key;
	int err = text ? 0 : -1;

	while (!err && (key = strsep(&rest, ","))) {
		char *value = strchr(key, '=');

		if (value)
			*value++ = '\0';
		err = fsconfig(fs, value ? FSCONFIG_SET_STRING :
			       FSCONFIG_SET_FLAG, key, value, 0);
	}
	free(text);
	return err;
}

/**
 * fs_make() - make a file system, mounted nowhere yet
 * @type: of which type
 * @options: of the file system, separated by commas; NULL for none
 * @attrs: MOUNT_ATTR_*
 *
 * Return: a file descriptor, or -1 with errno; then fs_reason() may tell more.
 */
int fs_make(const char *type, const char *options, unsigned int attrs)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC);
	int tree = -1;

	reason[0] = '\0';
	if (fs < 0)
		return -1;
	/* The source is for those who read mountinfo only. */
	if (!fsconfig(fs, FSCONFIG_SET_STRING, "source", type, 0) &&
	    !(options && configure(fs, options)) &&
	    !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		tree = fsmount(fs, FSMOUNT_CLOEXEC, attrs);
	if (tree < 0)
		take_reason(fs);
	close_after(fs);
	return tree;
}

/**
 * fs_reason() - what the kernel said when fs_make() failed
 *
 * Return: such as "tmpfs: Bad value for 'size'", empty if it said nothing.
 */
const char *fs_reason(void)
{
	return !strncmp(reason, "e ", 2) ? reason + 2 : reason;
}

/**
 * tree_clone() - clone what is mounted somewhere, with all below it
 * @dir: a directory, or AT_FDCWD
 * @path: from there; empty for @dir itself
 *
 * Return: a file descriptor, or -1 with errno.
 */
int tree_clone(int dir, const char *path)
{
	return open_tree(dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			 AT_RECURSIVE | AT_EMPTY_PATH);
}

/**
 * tree_set() - set attributes of a mount
 * @tree: the mount
 * @attrs: MOUNT_ATTR_*
 * @all_below: of all mounts below it, too
 *
 * Return: 0, or -1 with errno.
 */
int tree_set(int tree, unsigned int attrs, bool all_below)
{
	struct mount_attr attr = { .attr_set = attrs };

	return mount_setattr(tree, "", AT_EMPTY_PATH |
			     (all_below ? AT_RECURSIVE : 0), &attr,
			     sizeof(attr));
}

/**
 * tree_attach() - put what is mounted nowhere yet in its place
 * @tree: what
 * @point: file or directory that it is to cover
 *
 * Return: 0, or -1 with errno.
 */
int tree_attach(int tree, int point)
{
	return move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH |
			  MOVE_MOUNT_T_EMPTY_PATH);
}

/**
 * path_open() - open a file of a root file system
 * @root: from where
 * @path: the file
 * @flags: as of open(2); O_CLOEXEC comes for free
 * @resolve: RESOLVE_* of openat2(2)
 *
 * Return: a file descriptor, or -1 with errno.
 */
int path_open(int root, const char *path, int flags, unsigned int resolve)
{
	struct open_how how = {
		.flags = (__u64)(flags | O_CLOEXEC),
		.resolve = resolve,
	};
	long fd;

	/* Somebody else moved something on the way. */
	do {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN);
	return (int)fd;
}

static unsigned long long mount_id(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) ? 0 :
	       st.stx_mnt_id;
}

static int make_node(int parent, const char *name, bool is_dir)
{
	return is_dir ? mkdirat(parent, name, 0755) :
	       mknodat(parent, name, S_IFREG | 0644, 0);
}

/*
 * What --ro has made read-only is so in our mount of it. Another mount of the
 * same, which nobody sees, can be written to, to make a place for a mount.
 */
static int make_by_another_way(int parent, const char *name, bool is_dir)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	int view = tree_clone(parent, "");
	int err;

	if (view < 0)
		return -1;
	err = mount_setattr(view, "", AT_EMPTY_PATH, &attr, sizeof(attr)) ||
	      make_node(view, name, is_dir) ? -1 : 0;
	close_after(view);
	return err;
}

/* Without a root of its own, only within what we have mounted ourselves. */
static bool may_make(const struct run *run, int parent)
{
	unsigned long long id;

	if (run->root.path)
		return true;
	id = mount_id(parent);
	for (int i = 0; id && i < run->root.nr_extras; i++) {
		const struct root_extra *extra = &run->root.extras[i];

		if (!extra->source && extra->tree >= 0 &&
		    mount_id(extra->tree) == id)
			return true;
	}
	errno = ENOENT;
	return false;
}

static int make_point(const struct run *run, int parent, const char *name,
		      bool is_dir)
{
	if (!may_make(run, parent))
		return -1;
	if (!make_node(parent, name, is_dir))
		return 0;
	if (errno != EROFS || !run->root.was_writable ||
	    mount_id(parent) != mount_id(run->root.fd))
		return -1;
	return make_by_another_way(parent, name, is_dir);
}

/**
 * point_own() - a directory that is what its name says, made if it is missing
 * @run: with the root file system
 * @parent: directory in it
 * @name: in @parent
 *
 * Whoever made the root file system may have left a symbolic link there, and
 * what is mounted on it would not be where all programs look for it.
 *
 * Return: a file descriptor; fails by child_fail().
 */
int point_own(const struct run *run, int parent, const char *name)
{
	int fd = path_open(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW,
			   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd < 0 && errno == ENOENT) {
		if (make_point(run, parent, name, true))
			child_fail(run, "making /%s in the root file system",
				   name);
		fd = path_open(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW,
			       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		child_fail(run, "/%s in the root file system is no directory",
			   name);
	if (fd < 0)
		child_fail(run, "opening /%s in the root file system", name);
	return fd;
}

static int find_point(const struct run *run, const char *path)
{
	return path_open(run->root.fd, path, O_PATH, RESOLVE_IN_ROOT |
			 RESOLVE_NO_MAGICLINKS);
}

/**
 * point_make() - find a place within the root, and make it if it is missing
 * @run: with the root
 * @path: where, absolute; symbolic links in it stay within the root
 * @is_dir: whether to make a directory, or a file
 *
 * What is missing above it is made, too.
 *
 * Return: a file descriptor, or -1 with errno.
 */
int point_make(const struct run *run, const char *path, bool is_dir)
{
	int fd = find_point(run, path);
	const char *name = strrchr(path, '/');
	char above[PATH_MAX];
	int parent, err;

	if (fd >= 0 || errno != ENOENT || !name || !name[1])
		return fd;
	snprintf(above, sizeof(above), "%.*s", (int)(name - path), path);
	parent = above[0] ? point_make(run, above, true) :
			    find_point(run, "/");
	if (parent < 0)
		return -1;
	err = make_point(run, parent, name + 1, is_dir);
	close_after(parent);
	return err ? -1 : find_point(run, path);
}
