// SPDX-License-Identifier: GPL-2.0
/* The files of /proc/nslens: reading and writing in odd ways. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_NAMES	16
#define TEXT_BYTES	16384
#define BUFFER_BYTES	(128 << 10)
#define NOTHING_BYTES	(64 << 10)

static char text[TEXT_BYTES];
static char names[MAX_NAMES][64];
static unsigned int nr_names;
/* BUFFER_BYTES that there are, and behind them NOTHING_BYTES that are not. */
static char *buffer;

static void look(struct worker *w)
{
	DIR *dir = fdopendir(openat(w->files_dir, ".", O_RDONLY | O_CLOEXEC));
	struct dirent *entry;

	if (!dir)
		return;
	while (nr_names < MAX_NAMES && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			snprintf(names[nr_names++], sizeof(names[0]), "%.63s",
				 entry->d_name);
	}
	closedir(dir);
}

static void make_buffer(void)
{
	buffer = mmap(NULL, BUFFER_BYTES + NOTHING_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	mprotect(buffer + BUFFER_BYTES, NOTHING_BYTES, PROT_NONE);
}

/* Reading must not wait: nothing may come. */
static int open_any(struct worker *w)
{
	static const int also[] = { O_TRUNC, O_APPEND, O_DIRECT, O_NOATIME, O_PATH };
	int flags = O_NONBLOCK | O_CLOEXEC;
	const char *name;
	int fd;

	if (!nr_names)
		look(w);
	if (!buffer)
		make_buffer();
	if (!nr_names)
		return -1;
	name = names[below(&w->rng, nr_names)];
	if (percent(&w->rng, 10))
		flags |= also[below(&w->rng, ARRAY_SIZE(also))];
	fd = openat(w->files_dir, name, O_RDWR | flags);
	return fd < 0 && errno == EACCES ?
		openat(w->files_dir, name, O_RDONLY | flags) : fd;
}

static int *any_file(struct worker *w)
{
	int *fd = &w->files[below(&w->rng, MAX_FILES)];

	if (*fd < 0)
		*fd = open_any(w);
	return fd;
}

static void count(struct worker *w, ssize_t done)
{
	/* This one is not written to by anybody. */
	if (done < 0 && (errno == EBADF || errno == EIO))
		return;
	w->counts->messages++;
	if (done < 0) {
		w->counts->refused++;
		return;
	}
	w->counts->accepted++;
	w->counts->lines++;
}

/* Some of it may not be there. */
static void *odd_buffer(struct worker *w, size_t size)
{
	if (percent(&w->rng, 3))
		return NULL;
	if (percent(&w->rng, 5))
		return buffer + BUFFER_BYTES - size / 2;
	return buffer + below(&w->rng, 64);
}

static size_t odd_size(struct worker *w)
{
	static const size_t sizes[] = { 0, 1, 2, 4095, 4096, 4097, 65536 };

	return percent(&w->rng, 50) ? sizes[below(&w->rng, ARRAY_SIZE(sizes))] :
		rng_sized(&w->rng, 16);
}

static off_t odd_offset(struct worker *w)
{
	return percent(&w->rng, 60) ? below(&w->rng, 10000) :
		(off_t)rng_sized(&w->rng, 64);
}

/**
 * file_write() - write lines to a file
 * @w: the worker
 */
void file_write(struct worker *w)
{
	int fd = *any_file(w);
	size_t len = lines_put(text, sizeof(text), w, &w->rng);
	const char *from = percent(&w->rng, 97) ? text : odd_buffer(w, len);
	struct iovec parts[] = {
		{ text, len / 2 }, { text + len / 2, len - len / 2 },
	};

	fault_arm(w);
	if (percent(&w->rng, 90))
		count(w, write(fd, from, len));
	else if (percent(&w->rng, 50))
		count(w, pwrite(fd, from, len, odd_offset(w)));
	else
		count(w, writev(fd, parts, ARRAY_SIZE(parts)));
	fault_disarm(w);
}

static void read_in_parts(struct worker *w, int fd)
{
	struct iovec parts[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i].iov_len = odd_size(w);
		parts[i].iov_base = odd_buffer(w, parts[i].iov_len);
	}
	readv(fd, parts, 1 + below(&w->rng, ARRAY_SIZE(parts)));
}

static void read_all(struct worker *w, int fd)
{
	size_t size = 1 + odd_size(w);
	unsigned int n = 64;

	while (n-- && read(fd, odd_buffer(w, size), size) > 0)
		;
}

static void touch(struct worker *w, int fd)
{
	struct pollfd ready = { .fd = fd, .events = rng_next(&w->rng) };
	void *map;

	switch (below(&w->rng, 5)) {
	case 0:
		poll(&ready, 1, 0);
		break;
	case 1:
		ioctl(fd, rng_next(&w->rng), buffer);
		break;
	case 2:
		lseek(fd, odd_offset(w), below(&w->rng, 6));
		break;
	case 3:
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			munmap(map, 4096);
		break;
	default:
		/* To a pipe that is full at some time. */
		sendfile(world_fd(&w->world, &w->rng), fd, NULL, odd_size(w));
	}
}

/**
 * file_read() - read from a file, or do what else one does with files
 * @w: the worker
 */
void file_read(struct worker *w)
{
	int fd = *any_file(w);
	size_t size = odd_size(w);

	fault_arm(w);
	switch (below(&w->rng, 5)) {
	case 0:
		read(fd, odd_buffer(w, size), size);
		break;
	case 1:
		pread(fd, odd_buffer(w, size), size, odd_offset(w));
		break;
	case 2:
		read_in_parts(w, fd);
		break;
	case 3:
		read_all(w, fd);
		break;
	default:
		touch(w, fd);
	}
	w->counts->reads++;
	fault_disarm(w);
}

/**
 * file_reopen() - close a file, and open another
 * @w: the worker
 */
void file_reopen(struct worker *w)
{
	int *fd = any_file(w);

	fault_arm(w);
	close(*fd);
	*fd = open_any(w);
	fault_disarm(w);
}
