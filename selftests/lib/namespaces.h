/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_NAMESPACES_H
#define _SELFTESTS_NAMESPACES_H

#include <linux/types.h>

#include "lens.h"
#include "proc.h"

#define MAX_NS		512
#define MAX_PEERS	128

/**
 * struct ns - a record of ns-get; what is absent is 0
 * @has_level: @level came
 * @has_particular: the nest of its type came, whatever is in it
 * @reaper: PID of the child reaper by level
 * @first: of the first line of the uid map, as are @lower and @count
 * @netnsid: -1 if absent
 */
struct ns {
	__u32 type, ino, owner, parent, level, refcount;
	__u32 processes, threads, children_only, pid;
	__u64 id;
	bool has_level, has_particular;
	__u32 reaper[MAX_LEVELS], reapers;
	__u32 owner_uid, first, lower, count;
	char nodename[65];
	__s32 netnsid;
	__u32 devices, peers, n_peers;
	__s32 peer_ids[MAX_PEERS];
	__u32 peer_inos[MAX_PEERS];
};

/**
 * struct ns_list - what a dump of ns-get said
 * @lens: socket that it was asked with, closed
 * @interrupted: NLM_F_DUMP_INTR was set
 * @n: how many
 */
struct ns_list {
	struct lens lens;
	bool interrupted;
	unsigned int n;
	struct ns v[MAX_NS];
};

int ns_get(struct lens *l, const struct ref *ref, struct ns *ns);
long list_namespaces(void *list);
int nobody_spawn(struct child *nobody);
int list_as_nobody(struct ns_list *list, int fd);
struct ns *find_ns(struct ns_list *list, __u32 ino);

#endif
