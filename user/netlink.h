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
#include <string.h>

#include <linux/nslens.h>
#include <linux/types.h>

/* A test builds a helper of another version with this. */
#ifndef NSLENS_SPEAKS_VERSION
#define NSLENS_SPEAKS_VERSION	NSLENS_FAMILY_VERSION
#endif

struct nl_sock;
struct nlmsghdr;

/**
 * struct nslens_conn - a connection to the module
 * @sock: the netlink socket
 * @buf: what was received last; task records point into it
 * @family: the number that the family has in this kernel
 * @version: the version of the interface that the module speaks
 * @seq: sequence number of the request under way
 * @stray: is called for messages that answer no request; NULL to ignore them
 * @stray_arg: is handed to @stray
 * @error: why the last call failed
 */
struct nslens_conn {
	struct nl_sock *sock;
	char *buf;
	int family;
	__u32 version;
	__u32 seq;
	void (*stray)(const struct nlmsghdr *nlh, void *arg);
	void *stray_arg;
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
 * struct nslens_ids - 64-bit ids within the receive buffer, not aligned
 * @at: the first of them; read them with nslens_id_at()
 * @nr: how many
 */
struct nslens_ids {
	const char *at;
	unsigned int nr;
};

/* The id at @i, 0 beyond the end. */
static inline __u64 nslens_id_at(const struct nslens_ids *ids, unsigned int i)
{
	__u64 id = 0;

	if (i < ids->nr)
		memcpy(&id, ids->at + i * sizeof(id), sizeof(id));
	return id;
}

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
 * @cgroup_id: id of its cgroup
 * @cgroup: path of its cgroup, as the caller's cgroup namespace has it
 * @outside: of an injected task, TGID here of its nearest ancestor outside its
 *	PID namespace, 0 if that is not here
 * @ns_ids: ids of its namespaces that are never used again, indexed as @ns
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
	__u64 cgroup_id;
	const char *cgroup;
	__u32 outside;
	struct nslens_ids ns_ids;
};

/**
 * struct nslens_task_filter - which tasks a dump reports, and what of them
 * @fields: enum nslens_task_field, 0 for all up to the tracer
 * @subtree: only this process and its descendants; 0 for all
 * @in: PID namespace in which @subtree counts
 * @member_of: only members of this namespace
 * @cgroup_subtree: only tasks in the cgroup with this path and below it; NULL
 *	for all
 * @descendants: and those of the namespaces below @member_of
 * @threads: threads, too
 */
struct nslens_task_filter {
	__u32 fields;
	__u32 subtree;
	struct nslens_ns_ref in;
	struct nslens_ns_ref member_of;
	const char *cgroup_subtree;
	bool descendants;
	bool threads;
};

/**
 * struct nslens_extent - a range of a user namespace's map
 * @first: first id inside
 * @lower: first id outside, in the caller's user namespace, or in the parent for
 *	the caller's own
 * @count: number of ids
 */
struct nslens_extent {
	__u32 first;
	__u32 lower;
	__u32 count;
};

/**
 * struct nslens_map - a map within the receive buffer, see nslens_map_next()
 * @at: the next extent
 * @left: bytes from there on
 */
struct nslens_map {
	const char *at;
	int left;
};

/**
 * struct nslens_ns - a namespace as the module describes it
 * @has: which attributes came, bits 1U << NSLENS_A_NS_*; others are 0 or NULL
 * @type: one of enum nslens_ns_type
 * @ino: inode number
 * @owner: inode number of the user namespace that owns it
 * @parent: inode number of its parent, if it is a PID or user namespace
 * @level: levels of such a namespace below the caller's own
 * @refcount: references that the kernel holds
 * @processes: how many are in it
 * @threads: likewise, leaders included
 * @children_only: threads that have it for their children only
 * @pid: lowest PID here of a task in it, or 0
 * @id: never used again for a namespace of this type
 * @pid_ns: of a PID namespace: PID of the child reaper by level, PIDs in use,
 *	their limit, or 0 if it has none of its own
 * @user_ns: of a user namespace: uid of its creator, whether setgroups(2) is
 *	allowed, and the maps
 * @uts_ns: of a UTS namespace
 * @net_ns: of a network namespace: SO_NETNS_COOKIE, number of devices, the id
 *	by which the caller's own knows it or -1, the number of others that it
 *	knows by an id, and of up to NSLENS_MAX_PEERS the ids and the inodes
 * @ipc_ns: of an IPC namespace: System V objects in use, and at most
 * @time_ns: of a time namespace: nanoseconds added to the clocks
 * @cgroup_ns: of a cgroup namespace: its root as seen from the caller's
 */
struct nslens_ns {
	__u32 has;
	__u32 type;
	__u32 ino;
	__u32 owner;
	__u32 parent;
	__u32 level;
	__u32 refcount;
	__u32 processes;
	__u32 threads;
	__u32 children_only;
	__u32 pid;
	__u64 id;
	struct {
		struct nslens_array reaper;
		__u32 allocated;
		__u32 pid_max;
	} pid_ns;
	struct {
		__u32 owner_uid;
		__u32 setgroups;
		struct nslens_map uid_map;
		struct nslens_map gid_map;
	} user_ns;
	struct {
		const char *nodename;
		const char *domainname;
		const char *release;
	} uts_ns;
	struct {
		__u64 cookie;
		__u32 devices;
		__s32 netnsid;
		__u32 peers;
		struct nslens_array peer_ids;
		struct nslens_array peer_inos;
	} net_ns;
	struct {
		__u32 queues;
		__u32 segments;
		__u32 semaphores;
		__u32 max_queues;
		__u32 max_segments;
		__u32 max_semaphores;
	} ipc_ns;
	struct {
		__s64 monotonic;
		__s64 boottime;
	} time_ns;
	struct {
		const char *root;
	} cgroup_ns;
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
typedef int (*nslens_ns_fn)(const struct nslens_ns *ns, void *arg);

int nslens_open(struct nslens_conn *conn);
void nslens_close(struct nslens_conn *conn);
int nslens_task_get(struct nslens_conn *conn, __u32 pid,
		    const struct nslens_ns_ref *in, __u32 fields,
		    struct nslens_task *task);
int nslens_task_dump(struct nslens_conn *conn,
		     const struct nslens_task_filter *filter,
		     nslens_task_fn each, void *arg, bool *interrupted);
int nslens_ns_get(struct nslens_conn *conn, const struct nslens_ns_ref *ref,
		  struct nslens_ns *ns);
int nslens_ns_dump(struct nslens_conn *conn, int type, nslens_ns_fn each,
		   void *arg, bool *interrupted);
bool nslens_map_next(struct nslens_map *map, struct nslens_extent *extent);
int nslens_pid_translate(struct nslens_conn *conn,
			 const struct nslens_translation *how,
			 const __s32 *pids, size_t nr, __s32 *result);

#endif
