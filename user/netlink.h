/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink family nslens as a small library: plain structs in, plain structs
 * out. It depends on libnl-3 and on nothing else of the helper.
 *
 * Functions return 0 or a negative errno; then nslens_conn.error says why, in
 * the words of the module where it gave some.
 */
#ifndef NSLENS_NETLINK_H
#define NSLENS_NETLINK_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/nslens.h>
#include <linux/types.h>

/* A test builds a helper of another version with this. */
#ifndef NSLENS_SPEAKS_VERSION
#define NSLENS_SPEAKS_VERSION	NSLENS_FAMILY_VERSION
#endif

struct nl_sock;

/**
 * struct nslens_conn - a connection to the module
 * @sock: the netlink socket
 * @buf: what was received last; task records point into it
 * @family: the number that the family has in this kernel
 * @version: the version of the interface that the module speaks
 * @seq: sequence number of the request under way
 * @error: why the last call failed
 */
struct nslens_conn {
	struct nl_sock *sock;
	char *buf;
	int family;
	__u32 version;
	__u32 seq;
	char error[256];
};

enum nslens_ref_kind {
	NSLENS_REF_NONE,	/* the default: here, or no filter */
	NSLENS_REF_INO,
	NSLENS_REF_FD,
	NSLENS_REF_PID,
};

/**
 * struct nslens_ns_ref - one way to name a namespace
 * @kind: what @value is: an inode number, a file descriptor, or the PID here of
 *	a task that is in the namespace
 * @has_type: @type is given
 * @type: one of enum nslens_ns_type
 * @value: see @kind
 */
struct nslens_ns_ref {
	enum nslens_ref_kind kind;
	bool has_type;
	__u32 type;
	__u32 value;
};

/**
 * struct nslens_array - numbers within the receive buffer
 * @at: the first of them
 * @nr: how many
 */
struct nslens_array {
	const __u32 *at;
	unsigned int nr;
};

/**
 * struct nslens_task - a task as the module describes it
 * @fields: which of the members below are there, enum nslens_task_field
 * @pids: its PID by level, from here inwards, as are the next four
 * @tgids: its thread group id
 * @ppids: TGID of its parent, 0 where that is no member
 * @pgids: its process group
 * @sids: its session
 * @ns: inode numbers of its namespaces, indexed by enum nslens_ns_type
 * @uid: effective user id in the caller's user namespace
 * @gid: effective group id there
 * @uid_inside: effective user id in the task's own user namespace
 * @gid_inside: effective group id there
 * @flags: enum nslens_task_flag
 * @tracer: PID here of the task that traces it, or 0
 * @start_time: nanoseconds since boot
 * @comm: command name
 */
struct nslens_task {
	__u32 fields;
	struct nslens_array pids;
	struct nslens_array tgids;
	struct nslens_array ppids;
	struct nslens_array pgids;
	struct nslens_array sids;
	struct nslens_array ns;
	__u32 uid;
	__u32 gid;
	__u32 uid_inside;
	__u32 gid_inside;
	__u32 flags;
	__u32 tracer;
	__u64 start_time;
	const char *comm;
};

/**
 * struct nslens_task_filter - which tasks a dump reports, and what of them
 * @fields: enum nslens_task_field, 0 for all
 * @subtree: only this process and its descendants; 0 for all
 * @in: PID namespace in which @subtree counts
 * @member_of: only members of this namespace
 * @threads: threads, too
 */
struct nslens_task_filter {
	__u32 fields;
	__u32 subtree;
	struct nslens_ns_ref in;
	struct nslens_ns_ref member_of;
	bool threads;
};

/**
 * struct nslens_translation - from where to where
 * @from: PID namespace that the given PIDs count in
 * @to: PID namespace to translate to
 * @to_own: to each task's own PID namespace, instead of @to
 */
struct nslens_translation {
	struct nslens_ns_ref from;
	struct nslens_ns_ref to;
	bool to_own;
};

typedef int (*nslens_task_fn)(const struct nslens_task *task, void *arg);

int nslens_open(struct nslens_conn *conn);
void nslens_close(struct nslens_conn *conn);
int nslens_task_get(struct nslens_conn *conn, __u32 pid,
		    const struct nslens_ns_ref *in, __u32 fields,
		    struct nslens_task *task);
int nslens_task_dump(struct nslens_conn *conn,
		     const struct nslens_task_filter *filter,
		     nslens_task_fn each, void *arg, bool *interrupted);
int nslens_pid_translate(struct nslens_conn *conn,
			 const struct nslens_translation *how,
			 const __s32 *pids, size_t nr, __s32 *result);

#endif
