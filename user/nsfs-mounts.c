// SPDX-License-Identifier: GPL-2.0
/* Namespaces that are kept by a mount of their file, as ip-netns(8) does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsfs-mounts.h"
#include "nstype.h"
#include "target.h"

/* mountinfo writes a blank, among others, as "\040". */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; to++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to = (char)((text[1] - '0') << 6 |
				     (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* "net:[4026532008]", a mount's root, is a namespace in nsfs and nowhere else. */
static int parse_root(const char *root, struct nsfs_mount *mount)
{
	size_t len = strcspn(root, ":");
	const char *number = root + len + 2;

	mount->type = ns_type_by_name(root, len);
	if (mount->type < 0 || root[len] != ':' || root[len + 1] != '[')
		return -ENOENT;
	return parse_u32(number, strcspn(number, "]"), &mount->ino);
}

/* See proc_pid_mountinfo(5): the fourth field is the root, the fifth where. */
static int parse_line(char *line, const char *pid, nsfs_mount_fn each,
		      void *arg)
{
	struct nsfs_mount mount;
	char path[8192];
	char *field = NULL;
	char *root = NULL;

	for (int i = 0; i < 5; i++) {
		field = strsep(&line, " ");
		if (!field)
			return 0;
		if (i == 3)
			root = field;
	}
	if (parse_root(root, &mount))
		return 0;

	unescape(field);
	snprintf(path, sizeof(path), "/proc/%s/root%s", pid, field);
	mount.path = strcmp(pid, "self") ? path : field;
	return each(&mount, arg);
}

/**
 * nsfs_mounts() - find the namespaces mounted in a mount namespace
 * @pid: of a process in it, "self" for the caller
 * @each: is called for each, until it returns not 0
 * @arg: is handed to @each
 *
 * Return: what @each returned, or a negative errno if it cannot be read.
 */
int nsfs_mounts(const char *pid, nsfs_mount_fn each, void *arg)
{
	char path[64];
	char *line = NULL;
	size_t size = 0;
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) > 0)
		err = parse_line(line, pid, each, arg);
	free(line);
	fclose(file);
	return err;
}
