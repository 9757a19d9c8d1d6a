// SPDX-License-Identifier: GPL-2.0
/* Open the namespace that a TARGET is, or is in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ns-file.h"
#include "ns-open.h"
#include "nstype.h"
#include "options.h"
#include "target.h"

static int open_of_task(const struct target *target, int type)
{
	char path[64];
	__u32 pid;
	int err = target_here(target, &pid);
	int fd;

	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid,
		 ns_types[type].file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = -errno;
	complain("%s: %s", target->text,
		 err == -ENOENT ? "no such process here, or it has ended" :
		 err == -EACCES ? "hidden from you: that takes the same ids, or CAP_SYS_PTRACE" :
		 strerror(-err));
	return err;
}

/**
 * ns_open() - open the namespace that a TARGET is, or is in
 * @text: the target, as the user wrote it
 * @type: one of enum nslens_ns_type
 *
 * Return: a file descriptor of nsfs, or a negative errno after a complaint.
 */
int ns_open(const char *text, int type)
{
	struct target target;
	int err = target_parse(text, &target);
	int fd;

	if (err)
		return err;
	if (target.kind != TARGET_NS)
		return open_of_task(&target, type);
	if (target.ns.has_type && target.ns.type != (__u32)type) {
		complain("a %s namespace, while a %s namespace is wanted",
			 ns_types[target.ns.type].name, ns_types[type].name);
		return -EINVAL;
	}
	if (target.ns.kind == NSLENS_REF_FD)
		return (int)target.ns.value;
	fd = target_ns_file(target.ns.value, type);
	if (fd < 0)
		complain("no process that you may see is in it, and it is not mounted here");
	return fd;
}
