// SPDX-License-Identifier: GPL-2.0
/* Columns of a table of namespaces: those of lsns, and what the module adds. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlink.h"
#include "netnsid.h"
#include "ns-columns.h"
#include "ns-file.h"
#include "nsfs-mounts.h"
#include "nstype.h"
#include "proc-info.h"

static const struct nslens_ns *ns_of(const void *record)
{
	return ((const struct ns_record *)record)->ns;
}

/* column->needs is the attribute that must have come, column->index where. */
static bool has(const struct nslens_ns *ns, __u32 attr)
{
	return ns->has & 1U << attr;
}

static void fill_number(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_ns *ns = ns_of(record);

	if (has(ns, column->needs))
		cell_number(cell, *(const __u32 *)((const char *)ns +
						   column->index));
}

/* As lsns has it: 0 for what does not exist, or is not to be known. */
static void fill_relative(struct cell *cell, const struct column *column,
			  const void *record)
{
	cell_number(cell, *(const __u32 *)((const char *)ns_of(record) +
					   column->index));
}

static void fill_id(struct cell *cell, const struct column *column,
		    const void *record)
{
	(void)column;
	if (has(ns_of(record), NSLENS_A_NS_ID))
		cell_number(cell, ns_of(record)->id);
}

static void fill_text(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	const char *text = *(const char * const *)((const char *)ns +
						   column->index);

	if (text)
		cell_text(cell, text);
}

static void fill_type(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_ns *ns = ns_of(record);

	(void)column;
	if (ns->type < NR_NS_TYPES)
		cell_text(cell, ns_types[ns->type].name);
}

/* The first mount of a namespace, NULL if there is none, or nobody looked. */
static const struct nsfs_mount *mount_of(const struct ns_record *row)
{
	return row->mounts ? nsfs_mounts_find(row->mounts, row->ns->ino) : NULL;
}

/* A file that is not in a task's folder. */
static const char *kept_path(const struct ns_record *row)
{
	const struct nsfs_mount *mount = mount_of(row);

	return row->path || !mount ? row->path : mount->path;
}

static void fill_path(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct ns_record *row = record;
	char path[64];

	(void)column;
	if (row->ns->pid && row->ns->type < NR_NS_TYPES) {
		snprintf(path, sizeof(path), "/proc/%u/ns/%s", row->ns->pid,
			 ns_types[row->ns->type].file);
		cell_text(cell, path);
	} else if (kept_path(row)) {
		cell_text(cell, kept_path(row));
	}
}

/* As lsns has it: mounts in the caller's own mount namespace. */
static void fill_nsfs(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct ns_record *row = record;
	const struct nsfs_mount *mount = mount_of(row);
	const char *last = NULL;

	(void)column;
	for (; mount && mount->here;
	     mount = nsfs_mounts_next(row->mounts, mount)) {
		if (!last || strcmp(last, mount->path) != 0)
			cell_add_text(cell, mount->path);
		last = mount->path;
	}
}

/* Where it is mounted first may be hidden by something else. */
static int open_kept(const struct ns_record *row)
{
	const struct nsfs_mount *mount = mount_of(row);
	int fd = -1;

	if (!mount)
		return row->path ? ns_file_open(row->path, row->ns->ino) : -1;
	for (; mount && fd < 0; mount = nsfs_mounts_next(row->mounts, mount))
		fd = nsfs_mount_open(mount);
	return fd;
}

static int kept_netnsid(const struct ns_record *row)
{
	int fd = open_kept(row);
	int id = fd < 0 ? NETNSID_UNKNOWN : netnsid_by_fd(fd);

	if (fd >= 0)
		close(fd);
	return id;
}

static void fill_netnsid(struct cell *cell, const struct column *column,
			 const void *record)
{
	const struct ns_record *row = record;
	int id;

	(void)column;
	if (row->ns->type != NSLENS_NS_TYPE_NET)
		return;
	id = has(row->ns, NSLENS_A_NS_NET_NS) ? row->ns->net_ns.netnsid :
	     kept_netnsid(row);
	if (id >= 0)
		cell_number(cell, (__u64)id);
	else if (id == NETNSID_UNASSIGNED)
		cell_text(cell, "unassigned");
}

static void fill_mounts(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	char path[64];
	__u64 nr = 0;
	FILE *file;
	int c;

	(void)column;
	if (ns->type != NSLENS_NS_TYPE_MNT || !ns->pid)
		return;
	snprintf(path, sizeof(path), "/proc/%u/mountinfo", ns->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while ((c = getc_unlocked(file)) != EOF)
		nr += c == '\n';
	fclose(file);
	cell_number(cell, nr);
}

static void fill_root(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	char path[64], root[4096];
	ssize_t len;

	(void)column;
	if (ns->type != NSLENS_NS_TYPE_MNT || !ns->pid)
		return;
	snprintf(path, sizeof(path), "/proc/%u/root", ns->pid);
	len = readlink(path, root, sizeof(root) - 1);
	if (len < 0)
		return;
	root[len] = '\0';
	cell_text(cell, root);
}

static void fill_pid(struct cell *cell, const struct column *column,
		     const void *record)
{
	(void)column;
	if (ns_of(record)->pid)
		cell_number(cell, ns_of(record)->pid);
}

/* column->index says which of what procfs tells of that task. */
enum { PROC_PPID, PROC_UID, PROC_USER, PROC_COMMAND };

static void fill_proc(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	const struct proc_info *info = ns->pid ? proc_info(ns->pid) : NULL;

	if (!info)
		return;
	if (column->index == PROC_PPID)
		cell_number(cell, proc_ppid(ns->pid));
	else if (column->index == PROC_UID)
		cell_number(cell, info->uid);
	else
		cell_text(cell, column->index == PROC_USER ?
			  user_name(info->uid) : info->command);
}

static void fill_reaper(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_array *reaper = &ns_of(record)->pid_ns.reaper;

	(void)column;
	if (reaper->nr)
		cell_number(cell, reaper->at[0]);
}

static void fill_pid_max(struct cell *cell, const struct column *column,
			 const void *record)
{
	(void)column;
	if (ns_of(record)->pid_ns.pid_max)
		cell_number(cell, ns_of(record)->pid_ns.pid_max);
}

static void fill_peers(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	const struct nslens_array *ids = &ns->net_ns.peer_ids;
	const struct nslens_array *inos = &ns->net_ns.peer_inos;
	char text[32];

	(void)column;
	for (unsigned int i = 0; i < ids->nr && i < inos->nr; i++) {
		snprintf(text, sizeof(text), "%u:%u", ids->at[i], inos->at[i]);
		cell_add_text(cell, text);
	}
}

static void fill_map(struct cell *cell, const struct column *column,
		     const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	struct nslens_map map = *(const struct nslens_map *)((const char *)ns +
							     column->index);
	struct nslens_extent extent;
	char text[64];

	while (nslens_map_next(&map, &extent)) {
		snprintf(text, sizeof(text), "%u:%u:%u", extent.first,
			 extent.lower, extent.count);
		cell_add_text(cell, text);
	}
}

static void fill_offset(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_ns *ns = ns_of(record);
	__s64 offset = *(const __s64 *)((const char *)ns + column->index);
	__u64 size = offset < 0 ? -(__u64)offset : (__u64)offset;
	char text[32];

	if (!has(ns, column->needs))
		return;
	snprintf(text, sizeof(text), "%s%llu.%09llu", offset < 0 ? "-" : "",
		 size / 1000000000, size % 1000000000);
	cell_text(cell, text);
}

#define IN(member)	((int)offsetof(struct nslens_ns, member))
#define NUMBER(name, attr, member, help)				\
	{ name, true, COLUMN_NUMBER, help, fill_number, NSLENS_A_NS_##attr, \
	  IN(member) }
#define TEXT(name, member, help)					\
	{ name, false, COLUMN_TEXT, help, fill_text, 0, IN(member) }
#define PROC(name, right, kind, index, help)				\
	{ name, right, kind, help, fill_proc, 0, index }

const struct column ns_columns[] = {
	NUMBER("NS", INO, ino, "inode number"),
	{ "TYPE", false, COLUMN_TEXT, "kind of namespace", fill_type, 0, 0 },
	{ "PATH", false, COLUMN_TEXT, "a file of the namespace", fill_path, 0,
	  0 },
	NUMBER("NPROCS", PROCESSES, processes, "number of processes in it"),
	{ "PID", true, COLUMN_NUMBER, "lowest PID here of a task in it",
	  fill_pid, 0, 0 },
	PROC("PPID", true, COLUMN_NUMBER, PROC_PPID, "PID here of its parent"),
	PROC("COMMAND", false, COLUMN_TEXT, PROC_COMMAND, "its command line"),
	PROC("UID", true, COLUMN_NUMBER, PROC_UID, "its user id here"),
	PROC("USER", false, COLUMN_TEXT, PROC_USER, "its user name"),
	{ "NETNSID", true, COLUMN_TEXT,
	  "net: its id in the network namespace here, or unassigned",
	  fill_netnsid, 0, 0 },
	{ "NSFS", false, COLUMN_TEXT, "where it is mounted here", fill_nsfs,
	  NS_NEEDS_MOUNTS, 0 },
	{ "PNS", true, COLUMN_NUMBER,
	  "inode of the parent (pid, user); 0 for none, or hidden",
	  fill_relative, 0, IN(parent) },
	{ "ONS", true, COLUMN_NUMBER,
	  "inode of the user namespace that owns it; 0 likewise",
	  fill_relative, 0, IN(owner) },
	{ "ID", true, COLUMN_NUMBER, "number that no other of its type gets",
	  fill_id, 0, 0 },
	NUMBER("LEVEL", LEVEL, level,
	       "how many levels below the one here (pid, user)"),
	NUMBER("REFS", REFCOUNT, refcount,
	       "references that the kernel holds, for root on the host"),
	NUMBER("NTHREADS", THREADS, threads, "number of threads in it"),
	NUMBER("NCHILDREN", CHILDREN_ONLY, children_only,
	       "number of threads that have it only for their children"),
	{ "REAPER", true, COLUMN_NUMBER, "pid: PID here of its PID 1",
	  fill_reaper, 0, 0 },
	NUMBER("NPIDS", PID_NS, pid_ns.allocated,
	       "pid: PIDs in use, in those below, too"),
	{ "PIDMAX", true, COLUMN_NUMBER,
	  "pid: its kernel.pid_max, on Linux 6.14 and later", fill_pid_max, 0,
	  0 },
	NUMBER("OWNERUID", USER_NS, user_ns.owner_uid,
	       "user: user id here of its creator"),
	NUMBER("SETGROUPS", USER_NS, user_ns.setgroups,
	       "user: 1 if setgroups(2) is allowed"),
	{ "UIDMAP", false, COLUMN_TEXTS,
	  "user: user ids as FIRST-INSIDE:FIRST-HERE:COUNT", fill_map, 0,
	  IN(user_ns.uid_map) },
	{ "GIDMAP", false, COLUMN_TEXTS, "user: group ids, likewise", fill_map,
	  0, IN(user_ns.gid_map) },
	TEXT("NODENAME", uts_ns.nodename, "uts: host name"),
	TEXT("DOMAINNAME", uts_ns.domainname, "uts: NIS domain name"),
	TEXT("RELEASE", uts_ns.release, "uts: kernel release"),
	NUMBER("DEVICES", NET_NS, net_ns.devices,
	       "net: number of network devices"),
	{ "PEERS", false, COLUMN_TEXTS,
	  "net: others that it knows by an id, as ID:INODE", fill_peers, 0, 0 },
	NUMBER("QUEUES", IPC_NS, ipc_ns.queues, "ipc: message queues"),
	NUMBER("SEGMENTS", IPC_NS, ipc_ns.segments,
	       "ipc: shared memory segments"),
	NUMBER("SEMAPHORES", IPC_NS, ipc_ns.semaphores,
	       "ipc: semaphore sets"),
	{ "MONOTONIC", true, COLUMN_NUMBER,
	  "time: seconds added to the monotonic clock", fill_offset,
	  NSLENS_A_NS_TIME_NS, IN(time_ns.monotonic) },
	{ "BOOTTIME", true, COLUMN_NUMBER,
	  "time: seconds added to the boot time clock", fill_offset,
	  NSLENS_A_NS_TIME_NS, IN(time_ns.boottime) },
	TEXT("CGROUPROOT", cgroup_ns.root, "cgroup: its root, as seen here"),
	{ "MOUNTS", true, COLUMN_NUMBER,
	  "mnt: number of mounts, as its first task sees it", fill_mounts, 0,
	  0 },
	{ "ROOT", false, COLUMN_TEXT,
	  "mnt: root of its first task, as seen here", fill_root, 0, 0 },
	{ NULL }
};
