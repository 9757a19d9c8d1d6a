/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSINFO_H
#define _NSLENS_NSINFO_H

#include <linux/pid_namespace.h>
#include <linux/utsname.h>
#include <linux/types.h>

struct nslens_nstab;
struct nslens_nstab_entry;

/* A line of a user namespace's map; @lower counts in the viewer's. */
struct nslens_extent {
	u32 first;
	u32 lower;
	u32 count;
};

/* A namespace that a network namespace knows by an id. */
struct nslens_peer {
	s32 id;
	u32 ino;
};

/**
 * struct nslens_ns - a namespace at one moment, as a viewer may see it
 * @type: index into nslens_ns_types
 * @ino: inode number
 * @id: never used again for this type, 0 if there is none
 * @owner: inode of the user namespace that owns it, 0 if hidden
 * @parent: inode of the parent, 0 if there is none, or it is hidden
 * @has_level: @level counts: of PID and user namespaces
 * @has_refcount: @refcount counts: the viewer may see everything
 * @has_particular: the viewer may see what is particular to the type; if not,
 *	all of that is zero
 * @level: levels below the viewer's own
 * @refcount: references to it, that of this snapshot not included
 * @processes: see struct nslens_nstab_entry, as for the next three
 * @threads: likewise
 * @children_only: likewise
 * @pid: likewise
 * @of_pid: of a PID namespace: how many PIDs its reaper has, PIDs in use, their
 *	limit or 0
 * @of_user: of a user namespace: its creator and its maps, uids first
 * @of_net: of a network namespace; its id in the viewer's own, or -1; how many
 *	namespaces it knows by an id, of those that the viewer may see
 * @of_ipc: of an IPC namespace: message queues, shared memory segments,
 *	semaphore sets
 * @of_time: of a time namespace: ns that are added to the clocks
 * @of_cgroup: of a cgroup namespace: its root as seen from the viewer's, NULL
 *	if it is not below that one's root
 * @map: extents of a user namespace, @of_user.uids of uids, then of gids
 * @peers: of a network namespace, up to NSLENS_MAX_PEERS of @of_net.peers
 * @reaper: of a PID namespace, its reaper's PIDs by level, @of_pid.levels
 * @uts: of a UTS namespace, one
 * @text: what @of_cgroup.root points to
 *
 * Made by nslens_ns_describe(), freed with kvfree(). Holds no references,
 * and takes no more memory than its type needs.
 */
struct nslens_ns {
	u32 type;
	u32 ino;
	u64 id;
	u32 owner;
	u32 parent;
	bool has_level;
	bool has_refcount;
	bool has_particular;
	u32 level;
	u32 refcount;
	u32 processes;
	u32 threads;
	u32 children_only;
	u32 pid;
	union {
		struct {
			unsigned int levels;
			u32 allocated, max;
		} of_pid;
		struct {
			u32 owner_uid;
			bool setgroups;
			unsigned int uids, gids;
		} of_user;
		struct {
			u64 cookie;
			u32 devices;
			s32 id;
			u32 peers;
		} of_net;
		struct {
			u32 queues, segments, semaphores;
			u32 max_queues, max_segments, max_semaphores;
		} of_ipc;
		struct {
			s64 monotonic, boottime;
		} of_time;
		struct {
			const char *root;
		} of_cgroup;
	};
	union {
		DECLARE_FLEX_ARRAY(struct nslens_extent, map);
		DECLARE_FLEX_ARRAY(struct nslens_peer, peers);
		DECLARE_FLEX_ARRAY(u32, reaper);
		DECLARE_FLEX_ARRAY(struct new_utsname, uts);
		DECLARE_FLEX_ARRAY(char, text);
	};
};

struct nslens_ns *nslens_ns_describe(const struct nslens_nstab_entry *entry,
				     struct nslens_nstab *tab);

#endif /* _NSLENS_NSINFO_H */
