// SPDX-License-Identifier: GPL-2.0
/* Root file systems of nothing but busybox. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * All that a program makes have one file as their busybox: an emulator, which
 * translates code by where it is in memory, is then done with it once. The
 * tests are processes of their own, so the program makes it before them.
 */
static char busybox[64];
static pid_t maker;
static int made;

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ssize_t n;

	do {
		n = sendfile(out, in, NULL, 1 << 20);
	} while (n > 0);
	close(in);
	close(out);
	return n < 0 ? -errno : 0;
}

__attribute__((constructor)) static void make_busybox(void)
{
	maker = getpid();
	snprintf(busybox, sizeof(busybox), "/tmp/nslens-busybox.%d", maker);
	made = copy_file("/bin/busybox", busybox);
}

__attribute__((destructor)) static void remove_busybox(void)
{
	if (getpid() == maker)
		unlink(busybox);
}

/**
 * rootfs_make() - make a root file system of nothing but busybox
 * @dir: its name is written here
 * @size: of @dir
 *
 * Its busybox is that of all others: who changes it makes a copy first.
 *
 * Return: 0 or -errno.
 */
int rootfs_make(char *dir, size_t size)
{
	static const char * const folders[] = {
		"bin", "dev", "etc", "proc", "sys", "tmp"
	};
	static const char * const applets[] = {
		"sh", "cat", "echo", "hostname", "id", "ls", "ps", "readlink",
		"sleep", "stty", "true", "tty"
	};
	char path[256];
	unsigned int i;

	snprintf(dir, size, "/tmp/nslens-rootfs.XXXXXX");
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		if (mkdir(path, 0755) < 0)
			return -errno;
	}
	snprintf(path, sizeof(path), "%s/bin/busybox", dir);
	if (made || link(busybox, path) < 0)
		return made ?: -errno;
	for (i = 0; i < ARRAY_SIZE(applets); i++) {
		snprintf(path, sizeof(path), "%s/bin/%s", dir, applets[i]);
		if (symlink("busybox", path) < 0)
			return -errno;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *ftw)
{
	return remove(path);
}

/**
 * rootfs_remove() - remove what rootfs_make() made
 * @dir: its name, "" for none
 */
void rootfs_remove(const char *dir)
{
	if (dir[0])
		nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
