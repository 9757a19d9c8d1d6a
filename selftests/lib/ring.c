// SPDX-License-Identifier: GPL-2.0
/* One read by way of io_uring, in a worker of the kernel's. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring.h"

#define AT(base, offset)	((unsigned int *)((char *)(base) + (offset)))

static int submit(int ring, const struct io_uring_params *p, void *rings,
		  struct io_uring_sqe *sqes, int fd, void *bytes,
		  unsigned int size)
{
	const struct io_uring_cqe *cqe =
		(void *)((char *)rings + p->cq_off.cqes);

	sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_READ, .flags = IOSQE_ASYNC, .fd = fd,
		.addr = (uintptr_t)bytes, .len = size, .off = -1,
	};
	AT(rings, p->sq_off.array)[0] = 0;
	__atomic_store_n(AT(rings, p->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) < 0)
		return -errno;
	return cqe->res;
}

/**
 * ring_read() - read as read() does
 * @fd: the file
 * @bytes: where to
 * @size: how many
 *
 * Return: how many, or -errno; -ENOSYS if there is no io_uring.
 */
int ring_read(int fd, void *bytes, unsigned int size)
{
	struct io_uring_params p = {};
	int ring = syscall(SYS_io_uring_setup, 1, &p), n;
	struct io_uring_sqe *sqes;
	size_t length;
	void *rings;

	if (ring < 0)
		return -ENOSYS;
	length = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	rings = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	sqes = mmap(NULL, sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED,
		    ring, IORING_OFF_SQES);
	n = rings == MAP_FAILED || sqes == MAP_FAILED ? -errno :
		submit(ring, &p, rings, sqes, fd, bytes, size);
	if (rings != MAP_FAILED)
		munmap(rings, length);
	if (sqes != MAP_FAILED)
		munmap(sqes, sizeof(*sqes));
	close(ring);
	return n;
}
