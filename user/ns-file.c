// SPDX-License-Identifier: GPL-2.0
/*
 * Open files of namespaces, and nothing else. Whoever owns a directory on the
 * way can put anything there: to open a FIFO wakes who waits at its other end, to
 * open a device can do what it does. So a path is only resolved at first; what
 * is there is opened once it is known to be a namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "ns-file.h"

static int check(int place, __u32 ino)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(place, &fs) || fstat(place, &st))
		return -errno;
	if (fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	return ino && st.st_ino != ino ? -ESTALE : 0;
}

/* Through its entry in /proc, a file is opened as it is, not looked up anew. */
static int open_place(int place, __u32 ino)
{
	int fd = check(place, ino);
	char path[64];

	if (!fd) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(place);
	return fd;
}

/**
 * ns_file_open() - open the file of a namespace
 * @path: of it, as the user gave it; symbolic links are followed
 * @ino: inode number of the namespace, 0 for any
 *
 * Return: a file descriptor; -EINVAL if it is no namespace, -ESTALE if it is
 * another one, or the negative errno of open(2).
 */
int ns_file_open(const char *path, __u32 ino)
{
	int place = open(path, O_PATH | O_CLOEXEC);

	return place < 0 ? -errno : open_place(place, ino);
}

/**
 * ns_file_open_below() - open the file of a namespace in another root
 * @root: the root directory, such as "/proc/PID/root"
 * @path: where it is mounted there, of mountinfo: there are no symbolic links in
 *	it. If one is found, it was put there after the mount, or over it
 * @ino: inode number of the namespace, 0 for any
 *
 * An absolute link would lead out of @root, to files that only the caller has
 * access to (path_resolution(7)): openat2(2) does not let it.
 *
 * Return: a file descriptor; -EINVAL if it is no namespace, -ESTALE if it is
 * another one, -ELOOP if there is a link, or the negative errno of openat2(2).
 */
int ns_file_open_below(const char *root, const char *path, __u32 ino)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int place;

	if (top < 0)
		return -errno;
	place = (int)syscall(SYS_openat2, top, path, &how, sizeof(how));
	if (place < 0)
		place = -errno;
	close(top);
	return place < 0 ? place : open_place(place, ino);
}
