/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_LENS_H
#define _SELFTESTS_LENS_H

#include <linux/nslens.h>
#include <linux/netlink.h>
#include <stdbool.h>

#include "child.h"
#include "proc.h"

struct nl_msg;

/**
 * struct lens - a socket of the family nslens, and what its last answer said
 * @fd: generic netlink socket
 * @family: id of the family
 * @seq: of the last request
 * @bare: send without an address, as a program that just writes does
 * @burst: size of the buffer to receive with, and so of a dump's parts
 * @between: called once in a dump, when its first part has come
 * @data: for @between
 * @tap: called with all that is received, NULL for not
 * @tap_data: for @tap
 * @parts: how many there were
 * @interrupted: NLM_F_DUMP_INTR was set
 * @text: of the extended ack, "" for none
 * @offset: of the attribute that it names, 0 for none
 * @missing: type of the attribute that it misses, 0 for none
 */
struct lens {
	int fd;
	__u16 family;
	__u32 seq;
	bool bare;
	unsigned int burst;
	void (*between)(void *data);
	void *data;
	void (*tap)(const void *bytes, unsigned int n, void *data);
	void *tap_data;
	unsigned int parts;
	bool interrupted;
	char text[128];
	unsigned int offset;
	unsigned int missing;
};

/* What the kernel fills at least, and what is more than it ever does. */
#define SMALL_BURST	8192
#define LARGE_BURST	65536

/* A nest of type ns-ref; one without attribute is left out of the request. */
struct ref {
	__u32 by;
	__u32 value;
	bool typed;
	__u32 type;
};

#define BY_INO(x)	((struct ref){ NSLENS_A_NS_REF_INO, (x) })
#define BY_FD(x)	((struct ref){ NSLENS_A_NS_REF_FD, (x) })
#define BY_PID(x)	((struct ref){ NSLENS_A_NS_REF_PID, (x) })
#define TYPED_INO(x, t)	((struct ref){ NSLENS_A_NS_REF_INO, (x), true, (t) })
#define TYPED_FD(x, t)	((struct ref){ NSLENS_A_NS_REF_FD, (x), true, (t) })
#define TYPED_PID(x, t)	((struct ref){ NSLENS_A_NS_REF_PID, (x), true, (t) })

/* A request for tasks; what is 0 is left out. */
struct query {
	pid_t pid;
	struct ref in;
	__u32 fields;
	pid_t subtree;
	struct ref member_of;
	bool descendants;
	char cgroup_subtree[64];
	bool threads;
};

/* A record; present has a bit of enum nslens_task_field for each attribute. */
struct task {
	__u32 present;
	struct numbers pids, tgids, ppids, pgids, sids, ns;
	__u32 uid, gid, uid_inside, gid_inside;
	__u64 start_time;
	char comm[32];
	__u32 flags;
	__u32 tracer;
	__u64 cgroup_id;
	char cgroup[64];
	__u32 outside;
	__u64 ns_ids[NSLENS_NS_TYPE_MAX + 1];
};

/* What a request without fields gets: those that cost little. */
#define DEFAULT_FIELDS	(2 * NSLENS_TASK_FIELD_TRACER - 1)

#define MAX_TASKS	2048

struct tasks {
	unsigned int n;
	struct task v[MAX_TASKS];
};

int lens_open(struct lens *l);
int lens_open_with(struct lens *l, unsigned int burst);
void lens_close(struct lens *l);
int lens_filter(int fd, __u32 left);

struct nl_msg *lens_request(struct lens *l, int command, int flags);
void put_ref(struct nl_msg *msg, int attribute, const struct ref *ref);
struct nl_msg *lens_get_init(struct lens *l);
struct nl_msg *lens_translate_init(struct lens *l);
int lens_send(struct lens *l, struct nl_msg *msg);
int lens_send_raw(struct lens *l, const void *data, unsigned int size);

void lens_text(const struct nlattr *attr, char *out, size_t size);

typedef void lens_fn(const struct nlmsghdr *reply, void *data);

int lens_receive(struct lens *l, lens_fn *fn, void *data);
int lens_call(struct lens *l, struct nl_msg *msg, lens_fn *fn, void *data);
unsigned int attribute_at(struct nl_msg *msg, unsigned int offset);

void read_task(const struct nlmsghdr *reply, struct task *t);
void put_query(struct nl_msg *msg, const struct query *q);
int lens_get(struct lens *l, const struct query *q, struct task *task);
int lens_list(struct lens *l, const struct query *q, struct tasks *tasks);
int lens_translate(struct lens *l, const struct ref *from,
		   const struct ref *to, bool own, __s32 *pids, unsigned int n);

struct task *find_task(struct tasks *tasks, __u32 pid);
__u32 innermost(const struct numbers *numbers);

/* The same, by a child, with a socket that it opens for it. */
int child_get(struct child *c, const struct query *q, struct task *task);
int child_list(struct child *c, const struct query *q, struct tasks *tasks);
int child_translate(struct child *c, const struct ref *from,
		    const struct ref *to, bool own, __s32 *pids,
		    unsigned int n);

#endif
