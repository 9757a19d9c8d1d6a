// SPDX-License-Identifier: GPL-2.0
/*
 * Many network namespaces: their beginnings and ends are told, to the last, and
 * each is listed once, with an id of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <netlink/attr.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lens.h"
#include "part.h"
#include "proc.h"
#include "roll.h"
#include "session.h"
#include "watch.h"

#define SPARE_FDS	64
#define EVENTS	(NSLENS_EVENT_MASK_NS_CREATE | NSLENS_EVENT_MASK_NS_DESTROY)

/*
 * The kernel takes them down many at once, and none is gone before the last;
 * then all are, within so short a time that a ring may not have room for them.
 */
static struct plan plan = {
	.name = "session", .events = EVENTS, .ring = true, .patience = 900,
};

/* A child's, by descriptor; in memory that it shares. */
static __u32 *made;

/* Each is kept by an open file only. */
static long make(void *data)
{
	unsigned int n = *(unsigned int *)data, i;
	struct rlimit limit = { n + SPARE_FDS, n + SPARE_FDS };
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (home < 0 || setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	for (i = 0; i < n; i++) {
		if (unshare(CLONE_NEWNET))
			return -errno;
		fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		made[i] = ns_ino_of_fd(fd);
	}
	return setns(home, CLONE_NEWNET) ? -errno : 0;
}

struct listing {
	struct roll inos, ids;
};

static void note(const struct nlmsghdr *reply, void *data)
{
	struct nlattr *tb[NSLENS_A_NS_MAX + 1];
	struct listing *l = data;
	__u64 id = 0;

	genlmsg_parse((struct nlmsghdr *)reply, 0, tb, NSLENS_A_NS_MAX, NULL);
	nla_memcpy(&id, tb[NSLENS_A_NS_ID], sizeof(id));
	roll_add(&l->ids, id);
	roll_add(&l->inos, tb[NSLENS_A_NS_INO] ?
		 nla_get_u32(tb[NSLENS_A_NS_INO]) : 0);
}

static int list(struct listing *l, double *took)
{
	unsigned int tries = CALM;
	struct lens lens;
	struct nl_msg *msg;
	int err = lens_open(&lens);
	double start;

	NEED(!err, "no nslens.ko");
	do {
		roll_free(&l->inos);
		roll_free(&l->ids);
		start = seconds();
		msg = lens_request(&lens, NSLENS_CMD_NS_GET, NLM_F_DUMP);
		nla_put_u32(msg, NSLENS_A_NS_TYPE, NSLENS_NS_TYPE_NET);
		err = lens_call(&lens, msg, note, l);
		NEED(!err, "ns-get: %s", strerror(-err));
		*took = seconds() - start;
	} while (lens.interrupted && --tries);
	lens_close(&lens);
	NEED(tries, "ns-get: interrupted %u times, though nothing happens", CALM);
	roll_sort(&l->inos);
	roll_sort(&l->ids);
	return 0;
}

static int check_list(const struct listing *l, unsigned int n)
{
	unsigned int i;

	/* With that of the test itself. */
	NEED(l->inos.n == n + 1, "ns-get: %u listed", l->inos.n);
	NEED(!roll_twice(&l->inos), "net:[%llu] is listed twice",
	     roll_twice(&l->inos));
	NEED(!roll_twice(&l->ids) && !roll_times(&l->ids, 0),
	     "the id %llu is there twice, or 0", roll_twice(&l->ids));
	for (i = 0; i < n; i++)
		NEED(roll_times(&l->inos, made[i]) == 1,
		     "net:[%u] is not listed", made[i]);
	return 0;
}

/* The same from /proc. */
static int check_file(unsigned int n, double *took)
{
	const double start = seconds();
	FILE *f = fopen("/proc/nslens/namespaces", "re");
	struct roll inos = {};
	char line[8192];
	unsigned int ino, i;
	int err = 0;

	NEED(f, "/proc/nslens/namespaces: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "net %u ", &ino) == 1)
			roll_add(&inos, ino);
	fclose(f);
	*took = seconds() - start;
	roll_sort(&inos);
	for (i = 0; i < n && !err; i++)
		if (roll_times(&inos, made[i]) != 1)
			err = fail("/proc/nslens/namespaces: net:[%u] is there %u times",
				   made[i], roll_times(&inos, made[i]));
	if (inos.n != n + 1 && !err)
		err = fail("/proc/nslens/namespaces: %u lines", inos.n);
	roll_free(&inos);
	return err;
}

int part_netns(unsigned int n)
{
	struct listing listing = {};
	double start = seconds(), birth, dump = 0, text, death;
	struct child maker;
	struct watch w;
	int err;

	made = mmap(NULL, n * sizeof(*made), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(made != MAP_FAILED && !child_spawn(&maker, 0), "no child");
	err = watch_start(&w, &plan);
	if (err)
		return err;
	err = child_do(&maker, make, &n, sizeof(n));
	NEED(!err, "making them: %s", strerror(-err));
	birth = seconds() - start;
	err = list(&listing, &dump) ?: check_list(&listing, n) ?:
	      check_file(n, &text);
	if (err)
		return err;
	start = seconds();
	child_end(&maker);
	err = watch_finish(&w, 2ULL * n);
	if (err)
		return err;
	death = seconds() - start;
	NEED(w.seen->told[NSLENS_EVENT_KIND_NS_CREATE] == n,
	     "told of %llu beginnings",
	     w.seen->told[NSLENS_EVENT_KIND_NS_CREATE]);
	say("%u made in %.1f s, each with an id of its own; ", n, birth);
	say("dump %.2f s, /proc %.2f s; ", dump, text);
	say("told of %u beginnings and %llu ends, lost %llu in a ring, ", n,
	    w.seen->told[NSLENS_EVENT_KIND_NS_DESTROY], w.seen->ring);
	say("%llu in a queue; gone after %.1f s", w.seen->queue, death);
	return 0;
}
