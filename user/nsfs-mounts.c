// SPDX-License-Identifier: GPL-2.0
/* Namespaces that are kept by a mount of their file, as ip-netns(8) does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ns-file.h"
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

static int keep(struct nsfs_mounts *mounts, const struct nsfs_mount *mount)
{
	if (mounts->nr == mounts->room) {
		size_t room = 2 * mounts->room + 64;
		struct nsfs_mount *at = realloc(mounts->at, room * sizeof(*at));

		if (!at)
			return -ENOMEM;
		mounts->at = at;
		mounts->room = room;
	}
	mounts->at[mounts->nr++] = *mount;
	return 0;
}

/* See proc_pid_mountinfo(5): the fourth field is the root, the fifth where. */
static int parse_line(char *line, const char *pid, struct nsfs_mounts *mounts)
{
	struct nsfs_mount mount = { .here = !strcmp(pid, "self") };
	char *field = NULL;
	char *root = NULL;
	int len;

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
	len = mount.here ? asprintf(&mount.path, "%s", field) :
	      asprintf(&mount.path, "/proc/%s/root%s", pid, field);
	if (len < 0)
		return -ENOMEM;
	mount.root = (size_t)len - strlen(field);
	return keep(mounts, &mount);
}

/**
 * nsfs_mounts_read() - find the namespaces mounted in a mount namespace
 * @mounts: they are added to these
 * @pid: of a process in it, "self" for the caller
 *
 * Return: 0, or a negative errno if it cannot be read.
 */
int nsfs_mounts_read(struct nsfs_mounts *mounts, const char *pid)
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
		err = parse_line(line, pid, mounts);
	free(line);
	fclose(file);
	return err;
}

/* By inode number, those of the caller's own mount namespace first. */
static int compare(const void *a, const void *b)
{
	const struct nsfs_mount *left = a, *right = b;

	if (left->ino != right->ino)
		return left->ino < right->ino ? -1 : 1;
	if (left->here != right->here)
		return left->here ? -1 : 1;
	return strcmp(left->path, right->path);
}

/**
 * nsfs_mounts_sort() - get ready to be searched
 * @mounts: all were read
 */
void nsfs_mounts_sort(struct nsfs_mounts *mounts)
{
	if (mounts->nr)
		qsort(mounts->at, mounts->nr, sizeof(*mounts->at), compare);
}

/**
 * nsfs_mounts_find() - find where a namespace is mounted
 * @mounts: after nsfs_mounts_sort()
 * @ino: its inode number
 *
 * Return: the first of its mounts, or NULL.
 */
const struct nsfs_mount *nsfs_mounts_find(const struct nsfs_mounts *mounts,
					  __u32 ino)
{
	size_t low = 0, high = mounts->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (mounts->at[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	return low < mounts->nr && mounts->at[low].ino == ino ?
	       &mounts->at[low] : NULL;
}

/**
 * nsfs_mounts_next() - the next mount of the same namespace
 * @mounts: after nsfs_mounts_sort()
 * @mount: one of them
 *
 * Return: the next, or NULL.
 */
const struct nsfs_mount *nsfs_mounts_next(const struct nsfs_mounts *mounts,
					  const struct nsfs_mount *mount)
{
	const struct nsfs_mount *next = mount + 1;

	return next < mounts->at + mounts->nr && next->ino == mount->ino ?
	       next : NULL;
}

/**
 * nsfs_mount_open() - open what is mounted
 * @mount: whoever rules over its mount namespace may have hidden it by now
 *
 * Return: a file descriptor of that namespace, or a negative errno, see
 * ns_file_open_below().
 */
int nsfs_mount_open(const struct nsfs_mount *mount)
{
	char root[64] = "/";

	if (!mount->here)
		snprintf(root, sizeof(root), "%.*s", (int)mount->root,
			 mount->path);
	return ns_file_open_below(root, mount->path + mount->root, mount->ino);
}

/**
 * nsfs_mounts_free() - forget all mounts
 * @mounts: of nsfs_mounts_read()
 */
void nsfs_mounts_free(struct nsfs_mounts *mounts)
{
	for (size_t i = 0; i < mounts->nr; i++)
		free(mounts->at[i].path);
	free(mounts->at);
	*mounts = (struct nsfs_mounts){ 0 };
}
