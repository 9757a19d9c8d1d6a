// SPDX-License-Identifier: GPL-2.0
/*
 * Be a program that nobody can write to. What a container executes may be
 * /proc/self/exe, or a script that names it as its interpreter: that is nslens
 * itself, and from inside, through /proc/PID/exe, it could be overwritten once it
 * has ended, and then be run by the host (CVE-2019-5736). So we are executed
 * again, from a mount of this file that is read-only and nowhere else; or,
 * without the privilege to make one, from a sealed copy in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "options.h"
#include "self-exe.h"

/* Newer than the C library of Debian stable. */
#ifndef MFD_EXEC
#define MFD_EXEC	0x0010U
#endif

#define SEALS	(F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static bool is_protected(int fd)
{
	struct statvfs fs;
	int seals = fcntl(fd, F_GET_SEALS);

	return (seals >= 0 && seals & F_SEAL_WRITE) ||
	       (!fstatvfs(fd, &fs) && fs.f_flag & ST_RDONLY);
}

static int mount_read_only(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int fd = open_tree(AT_FDCWD, "/proc/self/exe",
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd >= 0 &&
	    mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int copy_sealed(int exe)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("nslens", flags | MFD_EXEC);
	struct stat st = { 0 };
	off_t at = 0;

	/* Before Linux 6.3, all were executable. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("nslens", flags);
	if (fd < 0 || fstat(exe, &st))
		return fd;
	while (at < st.st_size &&
	       sendfile(fd, exe, &at, (size_t)(st.st_size - at)) > 0)
		;
	if (at == st.st_size && !fcntl(fd, F_ADD_SEALS, SEALS))
		return fd;
	close(fd);
	return -1;
}

/**
 * self_protect() - see that what inside can reach of nslens cannot be written to
 * @argv: all arguments, by which it is executed again
 *
 * Return: 0, or -1 after a complaint.
 */
int self_protect(char **argv)
{
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd;

	if (exe >= 0 && is_protected(exe))
		return close(exe);
	fd = mount_read_only();
	if (fd < 0)
		fd = copy_sealed(exe);
	if (fd >= 0)
		execveat(fd, "", argv, environ, AT_EMPTY_PATH);
	complain("keeping nslens from being overwritten from inside: %s",
		 strerror(errno));
	return -1;
}
