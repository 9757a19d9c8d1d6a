/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_ZOO_H
#define _SELFTESTS_ZOO_H

#include <stdbool.h>

#include "child.h"
#include "ns_types.h"

/* What alone keeps a namespace that lsns does not list. */
enum zoo_keeper {
	KEPT_BY_THREAD,		/* a thread whose leader is elsewhere */
	KEPT_BY_DEAD_LEADER,	/* a thread whose leader is dead */
	KEPT_BY_FD,		/* an open file of a process */
	KEPT_BY_THREADS_FD,	/* of a thread that does not share its files */
	KEPT_BY_SOCKET,
	KEPT_BY_MOUNT,		/* of its file, in another mount namespace */
	KEPT_FOR_CHILDREN,	/* of a process, which may have none any more */
	KEPT_BY_CHILD,		/* a namespace that is its child */
	KEPT_BY_OWNED,		/* a namespace that belongs to it */
	NR_KEEPERS
};

extern const char * const zoo_keeper_names[NR_KEEPERS];

/**
 * struct zoo_item - a namespace that is hard to find
 * @keeper: what alone keeps it
 * @type: enum nslens_ns_type
 * @ino: inode number
 * @path: where the test can open it, if no link in /proc/PID/ns is
 */
struct zoo_item {
	enum zoo_keeper keeper;
	__u32 type;
	__u32 ino;
	char path[48];
};

#define MAX_ITEMS	64

/**
 * struct zoo - one of each kind of what is hard to find or to tell apart
 * @n: how many namespaces
 * @item: the namespaces
 * @threads: has @tid, one in each namespace that a thread can leave alone
 * @tid: by enum nslens_ns_type, 0 for the others
 * @other_user: a thread of @threads with another uid than its leader
 * @injected: a child of @door in the PID namespace of @traced
 */
struct zoo {
	unsigned int n;
	struct zoo_item item[MAX_ITEMS];
	struct child threads, holder, hidden, socket, mounter, clock, late;
	struct child users, heir, headless, door, injected, zombie;
	struct child tracer, traced;
	pid_t tid[NR_NS];
	pid_t other_user;
};

#define OTHER_UID	4321
#define ZOO_MOUNTS	"/tmp"

int zoo_make(struct zoo *z);
void zoo_end(struct zoo *z);
struct zoo_item *zoo_find(struct zoo *z, __u32 ino);

#endif
