/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_LENS_NS_H
#define _SELFTESTS_LENS_NS_H

#include <linux/nslens.h>
#include <stdbool.h>

#include "lens.h"

/* A line of uid_map. */
struct extent {
	__u32 first, lower, count;
};

#define MAX_EXTENTS	4

/**
 * struct ns_record - a namespace as the module describes it; what is absent is 0
 * @present: bits 1U << NSLENS_A_NS_* of the attributes that came
 */
struct ns_record {
	__u32 present;
	__u32 type, ino, owner, parent, level, refcount;
	__u32 processes, threads, children_only, pid;
	__u64 id;
	struct numbers reaper;
	__u32 owner_uid;
	unsigned int uids;
	struct extent uid_map[MAX_EXTENTS];
	char nodename[65];
};

#define MAX_NS_RECORDS	4096

struct ns_records {
	struct lens lens;
	int type;
	unsigned int n;
	struct ns_record v[MAX_NS_RECORDS];
};

#define ALL_TYPES	(-1)

int lens_ns(struct lens *l, const struct ref *ref, struct ns_record *ns);
int lens_ns_list(struct lens *l, struct ns_records *list);
struct ns_record *find_ns_record(struct ns_records *list, __u32 ino);

/* The same, by a child, with a socket that it opens for it. */
int child_ns(struct child *c, const struct ref *ref, struct ns_record *ns,
	     char *text, size_t size);
int child_ns_list(struct child *c, struct ns_records *list);

#endif
