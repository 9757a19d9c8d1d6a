// SPDX-License-Identifier: GPL-2.0
/* The module comes and goes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module.h"
#include "proc.h"
#include "tool.h"

/**
 * module_file() - where the module's file is: given, in the test VM, or installed
 *
 * Return: its path, NULL if there is none.
 */
const char *module_file(void)
{
	static struct tool modinfo;
	const char *file = getenv("NSLENS_KO");

	if (file)
		return file;
	if (!access("/run/vm/nslens.ko", R_OK))
		return "/run/vm/nslens.ko";
	if (SHELL(&modinfo, "PATH=$PATH:/sbin modinfo -n nslens"))
		return NULL;
	*strchrnul(modinfo.out, '\n') = '\0';
	return modinfo.out;
}

/**
 * module_load() - load it, if it is not
 * @file: its path
 *
 * Return: 0 or -errno.
 */
int module_load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		err = -errno;
	close(fd);
	return err;
}

/**
 * module_unload() - unload it, if nobody uses it
 *
 * Return: 0 or -errno.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, "nslens", O_NONBLOCK) ? -errno : 0;
}

/**
 * module_references() - how many there are to it
 *
 * Return: that, or -1 if it is not loaded.
 */
int module_references(void)
{
	char text[32];

	return read_file("/sys/module/nslens/refcnt", text, sizeof(text)) < 0 ?
		-1 : atoi(text);
}
