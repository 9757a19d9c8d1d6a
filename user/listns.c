// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces that the kernel itself lists: listns(2), since Linux 6.19. C
 * libraries and headers of Debian stable do not know it yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include <linux/types.h>
#include <sys/syscall.h>

#include "listns.h"

#ifndef SYS_listns
#define SYS_listns	470
#endif

/* open_by_handle_at(2) finds a namespace by its id, since Linux 6.18. */
#ifndef FD_NSFS_ROOT
#define FD_NSFS_ROOT	(-10003)
#endif
#define FILEID_NSFS	0xf1

/* How many ids are asked for at a time. */
#define BATCH		256

/* What listns(2) reads, include/uapi/linux/nsfs.h. */
struct listns_request {
	__u32 size;
	__u32 spare;
	__u64 after;
	__u32 type;
	__u32 spare2;
	__u64 owner;
};

/* A file handle of nsfs. Type and inode may be left out, both. */
struct nsfs_handle {
	unsigned int size;
	int kind;
	__u64 id;
	__u32 type;
	__u32 ino;
};

static int open_by_id(__u64 id)
{
	struct nsfs_handle handle = {
		.size = sizeof(handle) - offsetof(struct nsfs_handle, id),
		.kind = FILEID_NSFS,
		.id = id,
	};

	return open_by_handle_at(FD_NSFS_ROOT, (struct file_handle *)&handle,
				 O_RDONLY | O_CLOEXEC);
}

static int each_of(const __u64 *ids, long nr, listns_fn each, void *arg)
{
	int err = 0;

	for (long i = 0; i < nr && !err; i++) {
		int fd = open_by_id(ids[i]);

		/* It went meanwhile, or is hidden from the caller. */
		if (fd < 0)
			continue;
		err = each(fd, arg);
		close(fd);
	}
	return err;
}

/**
 * listns_each() - look at all namespaces that the kernel lists to the caller
 * @each: is called with a file of each, until it returns not 0
 * @arg: is handed to @each
 *
 * Return: what @each returned; -ENOSYS if the kernel cannot, or another negative
 * errno.
 */
int listns_each(listns_fn each, void *arg)
{
	struct listns_request request = { .size = sizeof(request) };
	__u64 ids[BATCH];
	int err = 0;
	long nr;

	do {
		nr = syscall(SYS_listns, &request, ids, (size_t)BATCH, 0);
		if (nr < 0)
			return -errno;
		err = each_of(ids, nr, each, arg);
		if (nr)
			request.after = ids[nr - 1];
	} while (nr == BATCH && !err);
	return err;
}
