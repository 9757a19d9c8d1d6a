// SPDX-License-Identifier: GPL-2.0
/*
 * Where a child is, and its requests: what the module shows from there.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lens.h"

struct get_call {
	struct query query;
	struct task task;
};

struct list_call {
	struct query query;
	struct tasks tasks;
};

struct translate_call {
	struct ref from, to;
	bool own;
	unsigned int n;
	__s32 pids[NSLENS_MAX_PIDS];
};

static_assert(sizeof(struct list_call) <= SCRATCH_SIZE,
	      "a list fits in a child's scratch memory");

static long enter_there(void *data)
{
	int fd = *(int *)data;

	return setns(fd, 0) < 0 || close(fd) < 0 ? -errno : 0;
}

/**
 * child_enter() - have a child enter a namespace
 * @c: the child
 * @pid: a task that is in it, here
 * @link: file name in /proc/PID/ns
 *
 * A PID namespace is entered by its future children.
 *
 * Return: 0 or -errno.
 */
int child_enter(struct child *c, pid_t pid, const char *link)
{
	int fd = ns_open(pid, link), there;

	if (fd < 0)
		return fd;
	there = child_give_fd(c, fd);
	close(fd);
	return there < 0 ? there :
		child_do(c, enter_there, &there, sizeof(there));
}

/**
 * child_become() - have a child become an ordinary user
 * @c: the child
 * @uid: its new uid and gid
 *
 * Return: as child_setuid().
 */
int child_become(struct child *c, uid_t uid)
{
	return child_do(c, child_setuid, &uid, sizeof(uid));
}

/**
 * child_spawn_box() - spawn the first process of a container, with its /proc
 * @c: the child
 * @clone_flags: CLONE_NEWPID and CLONE_NEWNS, and what else is new; with
 *	CLONE_NEWUSER it is root there, of ids that nobody has here
 *
 * Return: 0 or -errno.
 */
int child_spawn_box(struct child *c, __u64 clone_flags)
{
	int err = child_spawn(c, clone_flags);

	if (!err && clone_flags & CLONE_NEWUSER)
		err = child_map_ids(c, 0, 100000, 65534) ?: child_become(c, 0);
	return err ?: child_do(c, child_mount_proc, NULL, 0);
}

static long get_there(void *data)
{
	struct get_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?: lens_get(&l, &call->query, &call->task);
	lens_close(&l);
	return err;
}

static long list_there(void *data)
{
	struct list_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?: lens_list(&l, &call->query, &call->tasks);
	lens_close(&l);
	return err;
}

static long translate_there(void *data)
{
	struct translate_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?:
		lens_translate(&l, &call->from, &call->to, call->own,
			       call->pids, call->n);
	lens_close(&l);
	return err;
}

int child_get(struct child *c, const struct query *q, struct task *task)
{
	struct get_call call = { .query = *q };
	int err;

	err = child_do(c, get_there, &call, sizeof(call));
	*task = call.task;
	return err;
}

int child_list(struct child *c, const struct query *q, struct tasks *tasks)
{
	static struct list_call call;
	int err;

	call.query = *q;
	err = child_do(c, list_there, &call, sizeof(call));
	*tasks = call.tasks;
	return err;
}

int child_translate(struct child *c, const struct ref *from,
		    const struct ref *to, bool own, __s32 *pids,
		    unsigned int n)
{
	static struct translate_call call;
	int err;

	memset(&call, 0, sizeof(call));
	if (from)
		call.from = *from;
	if (to)
		call.to = *to;
	call.own = own;
	call.n = n;
	memcpy(call.pids, pids, n * sizeof(*pids));
	err = child_do(c, translate_there, &call, sizeof(call));
	memcpy(pids, call.pids, n * sizeof(*pids));
	return err;
}
