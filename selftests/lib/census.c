// SPDX-License-Identifier: GPL-2.0
/*
 * What the whole system looks like in /proc and to the ioctls of nsfs: made into
 * the records that the module gives of it, to be compared with those.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "census.h"
#include "ns_types.h"

#define OVERFLOW_ID	65534
/* Of /proc/PID/stat, as in include/linux/sched.h. */
#define PF_EXITING	0x00000004
#define PF_KTHREAD	0x00200000

static int read_proc(pid_t pid, const char *file, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return read_file(path, text, size);
}

static __u32 nth_number(const char *status, const char *field, unsigned int nth)
{
	struct numbers numbers;

	text_numbers(text_field(status, field) ?: "", &numbers);
	return nth < numbers.n ? numbers.v[nth] : 0;
}

static void read_status(const char *status, struct task *t)
{
	text_numbers(text_field(status, "NSpid") ?: "", &t->pids);
	text_numbers(text_field(status, "NStgid") ?: "", &t->tgids);
	text_numbers(text_field(status, "NSpgid") ?: "", &t->pgids);
	text_numbers(text_field(status, "NSsid") ?: "", &t->sids);
	t->ppids.n = 1;
	t->ppids.v[0] = nth_number(status, "PPid", 0);
	t->uid = nth_number(status, "Uid", 1);
	t->gid = nth_number(status, "Gid", 1);
	t->tracer = nth_number(status, "TracerPid", 0);
}

static void read_stat(const char *stat, struct task *t)
{
	const char *flags = stat_field(stat, 9) ?: "";
	const char *start = stat_field(stat, 22) ?: "";
	const char *state = stat_field(stat, 3) ?: "";

	t->start_time = atoll(start) * (1000000000 / sysconf(_SC_CLK_TCK));
	if (atol(flags) & PF_KTHREAD)
		t->flags |= NSLENS_TASK_FLAG_KTHREAD;
	if (atol(flags) & PF_EXITING)
		t->flags |= NSLENS_TASK_FLAG_EXITING;
	if (*state == 'Z')
		t->flags |= NSLENS_TASK_FLAG_ZOMBIE;
	if (t->pids.v[0] != t->tgids.v[0])
		t->flags |= NSLENS_TASK_FLAG_THREAD;
	if (innermost(&t->pids) == 1)
		t->flags |= NSLENS_TASK_FLAG_CHILD_REAPER;
}

/* The path in v2, and the inode of that directory. */
static void read_cgroup(pid_t pid, struct task *t)
{
	char text[4096], path[8192];
	struct stat status;
	const char *at;

	if (read_proc(pid, "cgroup", text, sizeof(text)) < 0)
		return;
	at = text_field(text, "0:") ?: "";
	snprintf(t->cgroup, sizeof(t->cgroup), "%.*s",
		 (int)strcspn(at, "\n"), at);
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", t->cgroup);
	if (!stat(path, &status))
		t->cgroup_id = status.st_ino;
}

/* Return: how many lines it has, of which the first MAX_EXTENTS are there. */
static unsigned int read_map(pid_t pid, const char *file, struct extent *map)
{
	unsigned int n = 0;
	struct extent e;
	char text[4096];
	const char *at = text;
	int length;

	if (read_proc(pid, file, text, sizeof(text)) < 0)
		return 0;
	for (; sscanf(at, "%u %u %u\n%n", &e.first, &e.lower, &e.count,
		      &length) == 3; at += length)
		if (n++ < MAX_EXTENTS)
			map[n - 1] = e;
	return n;
}

/* An id of the test's user namespace as the task's has it, by its map. */
static __u32 inside(pid_t pid, const char *file, __u32 id)
{
	struct extent map[MAX_EXTENTS];
	unsigned int i, n = read_map(pid, file, map);

	for (i = 0; i < n && i < MAX_EXTENTS; i++)
		if (id >= map[i].lower && id - map[i].lower < map[i].count)
			return map[i].first + (id - map[i].lower);
	return OVERFLOW_ID;
}

static bool read_one(pid_t pid, struct task *t)
{
	char text[8192];

	memset(t, 0, sizeof(*t));
	t->present = CENSUS_FIELDS;
	if (read_proc(pid, "status", text, sizeof(text)) <= 0)
		return false;
	read_status(text, t);
	if (read_proc(pid, "stat", text, sizeof(text)) <= 0)
		return false;
	read_stat(text, t);
	for (t->ns.n = 0; t->ns.n < NR_NS; t->ns.n++)
		t->ns.v[t->ns.n] = ns_ino(pid, ns_types[t->ns.n].link);
	/* The map of one's own is shown as that of its parent would be. */
	if (t->ns.v[NSLENS_NS_TYPE_USER] == ns_ino(getpid(), "user")) {
		t->uid_inside = t->uid;
		t->gid_inside = t->gid;
	} else {
		t->uid_inside = inside(pid, "uid_map", t->uid);
		t->gid_inside = inside(pid, "gid_map", t->gid);
	}
	read_cgroup(pid, t);
	return proc_comm(pid, t->comm, sizeof(t->comm)) == 0 && t->pids.n;
}

struct task *census_task(struct census *c, __u32 pid)
{
	unsigned int from = 0, to = c->n;

	while (from < to) {
		unsigned int middle = (from + to) / 2;

		if (c->tasks[middle].pids.v[0] == pid)
			return &c->tasks[middle];
		if (c->tasks[middle].pids.v[0] < pid)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static unsigned short *slot_of(struct census *c, __u32 ino)
{
	unsigned int at = ino % (2 * MAX_CENSUS);

	while (c->slots[at] && c->ns[c->slots[at] - 1].ino != ino)
		at = (at + 1) % (2 * MAX_CENSUS);
	return &c->slots[at];
}

/**
 * census_ns() - look up a namespace
 * @c: the census
 * @ino: its inode
 *
 * Return: the namespace, NULL if it is not there.
 */
struct census_ns *census_ns(struct census *c, __u32 ino)
{
	unsigned short slot = *slot_of(c, ino);

	return slot ? &c->ns[slot - 1] : NULL;
}

/* What an ioctl of nsfs leads to, and all that leads further; 0 for nothing. */
static __u32 add_relative(struct census *c, int fd, unsigned int request,
			  __u32 type)
{
	int other = ioctl(fd, request);
	struct census_ns *ns;

	if (other < 0)
		return 0;
	ns = census_add_fd(c, other, type);
	close(other);
	return ns ? ns->ino : 0;
}

/**
 * census_add_fd() - add a namespace, its owner and its ancestors
 * @c: the census
 * @fd: open file of the namespace
 * @type: enum nslens_ns_type
 *
 * Return: the namespace; NULL if there are too many.
 */
struct census_ns *census_add_fd(struct census *c, int fd, __u32 type)
{
	__u32 ino = ns_ino_of_fd(fd);
	unsigned short *slot = slot_of(c, ino);
	struct census_ns *ns;
	uid_t owner;

	if (*slot)
		return &c->ns[*slot - 1];
	if (c->nr_ns == MAX_CENSUS)
		return NULL;
	ns = &c->ns[c->nr_ns++];
	*slot = c->nr_ns;
	ns->ino = ino;
	ns->type = type;
	ns->flag = ioctl(fd, NS_GET_NSTYPE);
	ns->owner = add_relative(c, fd, NS_GET_USERNS, NSLENS_NS_TYPE_USER);
	if (type == NSLENS_NS_TYPE_PID || type == NSLENS_NS_TYPE_USER)
		ns->parent = add_relative(c, fd, NS_GET_PARENT, type);
	if (type == NSLENS_NS_TYPE_USER && !ioctl(fd, NS_GET_OWNER_UID, &owner))
		ns->owner_uid = owner;
	return ns;
}

static struct census_ns *add_link(struct census *c, const struct task *t,
				  unsigned int link)
{
	struct census_ns *ns = census_ns(c, t->ns.v[link]);
	int fd;

	if (ns)
		return ns;
	fd = ns_open(t->pids.v[0], ns_types[link].link);
	if (fd < 0)
		return NULL;
	ns = census_add_fd(c, fd, link == NSLENS_NS_TYPE_PID_FOR_CHILDREN ?
			   NSLENS_NS_TYPE_PID :
			   link == NSLENS_NS_TYPE_TIME_FOR_CHILDREN ?
			   NSLENS_NS_TYPE_TIME : link);
	close(fd);
	return ns;
}

static void add_links(struct census *c, const struct task *t)
{
	const __u32 *own = t->ns.v;
	struct census_ns *ns;
	unsigned int i;

	for (i = 0; i < NR_NS; i++) {
		if (!own[i])
			continue;
		if ((i == NSLENS_NS_TYPE_PID_FOR_CHILDREN &&
		     own[i] == own[NSLENS_NS_TYPE_PID]) ||
		    (i == NSLENS_NS_TYPE_TIME_FOR_CHILDREN &&
		     own[i] == own[NSLENS_NS_TYPE_TIME]))
			continue;
		ns = add_link(c, t, i);
		if (!ns)
			continue;
		if (i >= NR_NS_TYPES) {
			ns->children_only++;
			continue;
		}
		ns->threads++;
		ns->processes += !(t->flags & NSLENS_TASK_FLAG_THREAD);
		if (ns->pid)
			continue;
		ns->pid = t->pids.v[0];
		if (i == NSLENS_NS_TYPE_USER)
			ns->uids = read_map(ns->pid, "uid_map", ns->uid_map);
	}
}

/* /proc says it for the outermost level; a parent is in an ancestor's or ours. */
static void add_ppids(struct census *c, struct task *t)
{
	const struct task *parent = census_task(c, t->ppids.v[0]);

	t->ppids.n = t->pids.n;
	if (parent)
		memcpy(t->ppids.v, parent->tgids.v,
		       parent->tgids.n * sizeof(__u32));
}

/**
 * census_below() - is a PID namespace another or a descendant of it
 * @c: the census
 * @ino: its inode
 * @above: the other's
 */
bool census_below(struct census *c, __u32 ino, __u32 above)
{
	struct census_ns *ns;

	for (; ino && ino != above; ino = ns ? ns->parent : 0)
		ns = census_ns(c, ino);
	return ino;
}

/* The nearest ancestor outside, unless the child reaper comes first. */
static void add_outside(struct census *c, struct task *t)
{
	const __u32 pid_ns = t->ns.v[NSLENS_NS_TYPE_PID];
	const struct task *p = t;

	while (p && p->pids.n >= t->pids.n &&
	       census_below(c, p->ns.v[NSLENS_NS_TYPE_PID], pid_ns)) {
		if (p->tgids.v[t->pids.n - 1] == 1)
			return;
		p = census_task(c, p->ppids.v[0]);
	}
	if (t->pids.n == 1 || !p)
		return;
	t->present |= NSLENS_TASK_FIELD_OUTSIDE;
	t->outside = p->tgids.v[0];
}

/**
 * census_take() - look at all tasks
 * @c: to fill in
 *
 * Return: 0 or -errno.
 */
int census_take(struct census *c)
{
	static struct pid_list all;
	unsigned int i;
	int err;

	memset(c, 0, sizeof(*c));
	err = proc_list(1, &all);
	if (err)
		return err;
	c->tasks = calloc(all.n, sizeof(*c->tasks));
	if (!c->tasks)
		return -ENOMEM;
	for (i = 0; i < all.n; i++)
		c->n += read_one(all.v[i], &c->tasks[c->n]);
	for (i = 0; i < c->n; i++) {
		add_ppids(c, &c->tasks[i]);
		add_links(c, &c->tasks[i]);
	}
	for (i = 0; i < c->n; i++)
		add_outside(c, &c->tasks[i]);
	return 0;
}

/**
 * census_is_current() - are there the same tasks as when it was taken
 * @c: the census
 */
bool census_is_current(const struct census *c)
{
	static struct pid_list all;
	unsigned int i;

	if (proc_list(1, &all) || all.n != c->n)
		return false;
	for (i = 0; i < c->n; i++)
		if (c->tasks[i].pids.v[0] != (__u32)all.v[i])
			return false;
	return true;
}

/**
 * census_free() - free what census_take() has allocated
 * @c: the census
 */
void census_free(struct census *c)
{
	free(c->tasks);
	c->tasks = NULL;
}

/**
 * census_same_map() - is the map of a user namespace what the module says
 * @nsfs: from a census
 * @ns: from the module
 */
bool census_same_map(const struct census_ns *nsfs, const struct ns_record *ns)
{
	return nsfs->uids == ns->uids && ns->uids <= MAX_EXTENTS &&
	       !memcmp(nsfs->uid_map, ns->uid_map,
		       ns->uids * sizeof(*ns->uid_map));
}
