/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_TARGET_H
#define NSLENS_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "netlink.h"

/* For the help of verbs. */
#define TARGET_HELP							\
	"TARGET:\n"							\
	"  1234            the task with this PID here; self: nslens itself\n" \
	"  INODE:12        the task with PID 12 in this PID namespace, which may be\n" \
	"                  written pid:[INODE]:12, too\n"		\
	"  pid:[INODE]     a namespace; likewise cgroup, ipc, mnt, net, time, user, uts\n" \
	"  INODE           the same: a number beyond 2147483647, the last PID\n" \
	"  PATH            a namespace, by a file such as /proc/1234/ns/pid\n" \
	"  /sys/fs/cgroup/...  the tasks in a cgroup and below it\n"	\
	"  0123456789ab    those of a container, by 12 digits of its id, or as many as make\n" \
	"                  it unique, with a letter among them\n"

enum target_kind { TARGET_TASK, TARGET_NS, TARGET_CGROUP };

/**
 * struct target - what a verb is asked about
 * @kind: a task, a namespace or a cgroup
 * @pid: the task's PID
 * @in: the PID namespace in which that counts
 * @ns: the namespace, with its type, but for a bare INODE; a file descriptor in
 *	it stays open
 * @cgroup: path of the cgroup in the v2 hierarchy
 * @text: as the user wrote it
 */
struct target {
	enum target_kind kind;
	__u32 pid;
	struct nslens_ns_ref in;
	struct nslens_ns_ref ns;
	const char *cgroup;
	const char *text;
};

/**
 * struct foremost - the task that stands for others
 * @pid: its PID here, 0 for none so far
 * @levels: how many levels down it is
 * @reaper: it is the PID 1 of its PID namespace
 */
struct foremost {
	__u32 pid;
	unsigned int levels;
	bool reaper;
};

void foremost_note(struct foremost *first, const struct foremost *next);

bool is_pid(const char *text, __u32 *pid);
int parse_pid(const char *text, __u32 *pid);
int parse_u32(const char *text, size_t len, __u32 *number);
int target_parse(const char *text, struct target *target);
int target_task(struct nslens_conn *conn, struct target *target);
int target_ns(struct nslens_conn *conn, const char *text, int type,
	      struct nslens_ns_ref *ref);
__u32 target_ns_inode(struct nslens_conn *conn,
		      const struct nslens_ns_ref *ref, int type);

/* target-proc.c: by what procfs tells, without the module where that is enough */
int target_here(const struct target *target, __u32 *pid);
int target_ns_file(__u32 ino, int type);

#endif
