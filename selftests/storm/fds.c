// SPDX-License-Identifier: GPL-2.0
/*
 * A task with many open files, of which some, or all, are those of namespaces
 * that nothing else keeps: ns-get finds each once, and does not take long
 * within one hold of a lock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lens-ns.h"
#include "part.h"
#include "proc.h"

#define NR_SPACES	64
/* The others of the holder's. */
#define FIRST_FD	16
/* More than that and the kernel says that a CPU is stuck. */
#define STUCK		"/proc/sys/kernel/watchdog_thresh"
#define LIMIT		60.0	/* seconds for a dump */

/**
 * struct hoard - what a child is to have open
 * @n: how many files
 * @all: all of them are those of namespaces
 * @ino: filled in with the inodes of those
 */
struct hoard {
	unsigned int n;
	bool all;
	__u32 ino[NR_SPACES];
};

/* Where the file of a namespace is: they are as far apart as can be. */
static int place(const struct hoard *h, unsigned int i)
{
	return h->n - 1 - i * ((h->n - FIRST_FD) / NR_SPACES);
}

static int make_space(struct hoard *h, unsigned int i)
{
	int fd;

	if (unshare(CLONE_NEWUTS))
		return -errno;
	fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dup2(fd, place(h, i)) < 0)
		return -errno;
	close(fd);
	h->ino[i] = ns_ino_of_fd(place(h, i));
	return 0;
}

/* Fill what is free with others. */
static int fill(const struct hoard *h)
{
	unsigned int fd;
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (fd = FIRST_FD; fd < h->n; fd++) {
		int from = h->all ? place(h, fd % NR_SPACES) : other;

		if (fcntl(fd, F_GETFD) < 0 && dup2(from, fd) < 0)
			return -errno;
	}
	return close(other);
}

static long hoard(void *data)
{
	struct hoard *h = data;
	struct rlimit limit = { h->n, h->n };
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	unsigned int i;
	int err = setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;

	for (i = 0; i < NR_SPACES && !err; i++)
		err = make_space(h, i);
	if (!err)
		err = setns(home, CLONE_NEWUTS) ? -errno : fill(h);
	close(home);
	return err;
}

/* How long a dump takes. */
static int dump(struct lens *l, struct ns_records *list, double *took)
{
	unsigned int tries = CALM;
	double start;
	int err;

	list->type = ALL_TYPES;
	do {
		start = seconds();
		err = lens_ns_list(l, list);
		NEED(!err, "ns-get: %s", strerror(-err));
		*took = seconds() - start;
	} while (l->interrupted && --tries);
	NEED(tries, "ns-get: interrupted %u times, though nothing happens", CALM);
	NEED(*took < patience(LIMIT), "ns-get: %.1f s", *took);
	return 0;
}

static unsigned int times_listed(const struct ns_records *list, __u32 ino)
{
	unsigned int i, n = 0;

	for (i = 0; i < list->n; i++)
		n += list->v[i].ino == ino && !list->v[i].processes &&
		     list->v[i].type == NSLENS_NS_TYPE_UTS;
	return n;
}

static int try(struct lens *l, struct ns_records *list, struct hoard *h,
	       double *took)
{
	struct ns_record ns;
	struct child holder;
	unsigned int i;
	int err;

	NEED(!child_spawn(&holder, 0), "no child");
	err = child_do(&holder, hoard, h, sizeof(*h));
	NEED(!err, "the files: %s", strerror(-err));
	err = dump(l, list, took);
	for (i = 0; i < NR_SPACES && !err; i++) {
		NEED(times_listed(list, h->ino[i]) == 1,
		     "uts:[%u] is listed %u times", h->ino[i],
		     times_listed(list, h->ino[i]));
		err = lens_ns(l, &BY_INO(h->ino[i]), &ns);
		NEED(!err && ns.ino == h->ino[i], "uts:[%u] by its inode: %s",
		     h->ino[i], strerror(-err));
	}
	child_end(&holder);
	if (err)
		return err;
	err = dump(l, list, &(double){ 0 });
	for (i = 0; i < NR_SPACES && !err; i++)
		NEED(!times_listed(list, h->ino[i]),
		     "uts:[%u] is listed and is no more", h->ino[i]);
	return err;
}

int part_fds(unsigned int n)
{
	struct ns_records *list = calloc(1, sizeof(*list));
	struct hoard some = { .n = n }, all = { .n = n, .all = true };
	double none, few, many;
	struct lens l;
	char stuck[16] = "";
	int err;

	NEED(list && !lens_open(&l), "no nslens.ko");
	NEED(n >= 256, "at least 256");
	if (read_file(STUCK, stuck, sizeof(stuck)) > 0)
		write_file(STUCK, "5");
	/* What the first one needs is there then. */
	err = dump(&l, list, &none) ?: dump(&l, list, &none) ?:
	      try(&l, list, &some, &few) ?: try(&l, list, &all, &many);
	if (*stuck)
		write_file(STUCK, stuck);
	if (err)
		return err;
	say("%u descriptors, %u namespaces: each once; ", n, NR_SPACES);
	say("ns-get %.1f ms without, %.1f ms with them, ", none * 1e3,
	    few * 1e3);
	say("%.1f ms if all are of namespaces", many * 1e3);
	return 0;
}
