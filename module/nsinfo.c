// SPDX-License-Identifier: GPL-2.0
/* The namespace collector: the one place that reads a namespace. */
#include <linux/cgroup.h>
#include <linux/ipc_namespace.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>

#include "access.h"
#include "compat.h"
#include "ns.h"
#include "nsid.h"
#include "nsinfo.h"
#include "nsnet.h"
#include "nstab.h"

/* Indexes into ipc_namespace.ids, as in ipc/util.h. */
enum { IPC_SEM, IPC_MSG, IPC_SHM };

/* Every task in a descendant has a number, so this is what it is allocated for. */
#define PIDS_MASK	(~PIDNS_ADDING)

static struct nslens_ns *new_info(unsigned int extra)
{
	return kvzalloc(sizeof(struct nslens_ns) + extra, GFP_KERNEL_ACCOUNT);
}

static struct nslens_ns *describe_pid(struct ns_common *common,
				      struct nslens_nstab *tab)
{
	struct pid_namespace *ns = container_of(common, struct pid_namespace,
						ns);
	const unsigned int here = tab->viewer->pid_ns->level;
	/* Child reapers are born into the namespace, and not deeper. */
	const unsigned int levels = ns->level - here + 1;
	struct nslens_ns *info = new_info(levels * sizeof(*info->reaper));
	struct pid *reaper;
	unsigned int i;

	if (!info)
		return NULL;
	info->of_pid.allocated = READ_ONCE(ns->pid_allocated) & PIDS_MASK;
	info->of_pid.max = compat_pid_max(ns);
	rcu_read_lock();
	reaper = find_pid_ns(1, ns);
	if (reaper && pid_has_task(reaper, PIDTYPE_PID)) {
		info->of_pid.levels = levels;
		for (i = 0; i < levels; i++)
			info->reaper[i] = reaper->numbers[here + i].nr;
	}
	rcu_read_unlock();
	return info;
}

/* How many extents a map has, which grows once, from none (user_namespace.c). */
static unsigned int extents_of(const struct uid_gid_map *map)
{
	unsigned int n = READ_ONCE(map->nr_extents);

	/* Pairs with the smp_wmb() in map_write(): first the extents. */
	smp_rmb();
	return n;
}

static void copy_map(struct nslens_extent *to, const struct uid_gid_map *map,
		     unsigned int n)
{
	const struct uid_gid_extent *from =
		n <= UID_GID_MAP_MAX_BASE_EXTENTS ? map->extent : map->forward;
	unsigned int i;

	for (i = 0; i < n; i++)
		to[i] = (struct nslens_extent) {
			.first = from[i].first,
			.lower = from[i].lower_first,
			.count = from[i].count,
		};
}

/*
 * As /proc/PID/uid_map has it for a reader in the viewer's user namespace. Of
 * one that is not below that just its creator.
 */
static struct nslens_ns *describe_user(struct ns_common *common,
				       struct nslens_nstab *tab)
{
	struct user_namespace *ns = container_of(common, struct user_namespace,
						 ns);
	const struct nslens_viewer *viewer = tab->viewer;
	struct user_namespace *lower = viewer->user_ns == ns && ns->parent ?
		ns->parent : viewer->user_ns;
	const bool visible = nslens_user_ns_visible(viewer, ns);
	const unsigned int uids = visible ? extents_of(&ns->uid_map) : 0;
	const unsigned int gids = visible ? extents_of(&ns->gid_map) : 0;
	struct nslens_ns *info;
	struct nslens_extent *e;

	info = new_info((uids + gids) * sizeof(*info->map));
	if (!info)
		return NULL;
	info->of_user.owner_uid = from_kuid_munged(viewer->user_ns, ns->owner);
	info->of_user.setgroups = READ_ONCE(ns->flags) & USERNS_SETGROUPS_ALLOWED;
	info->of_user.uids = uids;
	info->of_user.gids = gids;
	e = info->map;
	copy_map(e, &ns->uid_map, uids);
	for (; e < info->map + uids; e++)
		e->lower = from_kuid(lower, KUIDT_INIT(e->lower));
	copy_map(e, &ns->gid_map, gids);
	for (; e < info->map + uids + gids; e++)
		e->lower = from_kgid(lower, KGIDT_INIT(e->lower));
	return info;
}

/* uts_sem is not exported: a name that is being set may be half the old one. */
static struct nslens_ns *describe_uts(struct ns_common *common,
				      struct nslens_nstab *tab)
{
	const struct uts_namespace *ns = container_of(common,
						      struct uts_namespace, ns);
	struct nslens_ns *info = new_info(sizeof(*info->uts));

	if (!info)
		return NULL;
	*info->uts = ns->name;
	info->uts->nodename[__NEW_UTS_LEN] = '\0';
	info->uts->domainname[__NEW_UTS_LEN] = '\0';
	info->uts->release[__NEW_UTS_LEN] = '\0';
	return info;
}

static struct nslens_ns *describe_ipc(struct ns_common *common,
				      struct nslens_nstab *tab)
{
	const struct ipc_namespace *ns = container_of(common,
						      struct ipc_namespace, ns);
	struct nslens_ns *info = new_info(0);

	if (!info)
		return NULL;
	info->of_ipc.queues = READ_ONCE(ns->ids[IPC_MSG].in_use);
	info->of_ipc.segments = READ_ONCE(ns->ids[IPC_SHM].in_use);
	info->of_ipc.semaphores = READ_ONCE(ns->ids[IPC_SEM].in_use);
	info->of_ipc.max_queues = READ_ONCE(ns->msg_ctlmni);
	info->of_ipc.max_segments = READ_ONCE(ns->shm_ctlmni);
	info->of_ipc.max_semaphores = READ_ONCE(ns->sem_ctls[3]);
	return info;
}

static struct nslens_ns *describe_time(struct ns_common *common,
				       struct nslens_nstab *tab)
{
	const struct time_namespace *ns = container_of(common,
						       struct time_namespace,
						       ns);
	struct nslens_ns *info = new_info(0);

	if (!info)
		return NULL;
	info->of_time.monotonic = timespec64_to_ns(&ns->offsets.monotonic);
	info->of_time.boottime = timespec64_to_ns(&ns->offsets.boottime);
	return info;
}

static struct nslens_ns *describe_cgroup(struct ns_common *common,
					 struct nslens_nstab *tab)
{
	const struct cgroup_namespace *ns = container_of(common,
							 struct cgroup_namespace,
							 ns);
	struct nslens_ns *info;
	char *root;
	int len;

	root = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!root)
		return NULL;
	len = cgroup_path_ns(ns->root_cset->dfl_cgrp, root, PATH_MAX,
			     current->nsproxy->cgroup_ns);
	/* Not what is above the viewer's own root. */
	if (len >= PATH_MAX || (len >= 3 && !memcmp(root, "/..", 3) &&
				(len == 3 || root[3] == '/')))
		len = -ENOENT;
	info = new_info(len < 0 ? 0 : len + 1);
	if (info && len >= 0) {
		info->of_cgroup.root = info->text;
		memcpy(info->text, root, len);
	}
	kfree(root);
	return info;
}

/* struct mnt_namespace is private to fs/: there is nothing more to tell of it. */
static struct nslens_ns *describe_mnt(struct ns_common *common,
				      struct nslens_nstab *tab)
{
	return new_info(0);
}

static struct nslens_ns *
(*const describe[NSLENS_NR_NS])(struct ns_common *common,
				struct nslens_nstab *tab) = {
	[NSLENS_NS_TYPE_CGROUP] = describe_cgroup,
	[NSLENS_NS_TYPE_IPC] = describe_ipc,
	[NSLENS_NS_TYPE_MNT] = describe_mnt,
	[NSLENS_NS_TYPE_NET] = nslens_net_describe,
	[NSLENS_NS_TYPE_PID] = describe_pid,
	[NSLENS_NS_TYPE_TIME] = describe_time,
	[NSLENS_NS_TYPE_USER] = describe_user,
	[NSLENS_NS_TYPE_UTS] = describe_uts,
};

/* Nothing of a PID namespace that is not visible is in the viewer's numbers. */
static bool may_describe(const struct nslens_viewer *viewer,
			 const struct nslens_nstab_entry *entry)
{
	struct ns_common *ns = entry->ns;

	if (entry->type == NSLENS_NS_TYPE_PID &&
	    !nslens_pid_ns_visible(viewer, container_of(ns,
							struct pid_namespace,
							ns)))
		return false;
	/* A task that shows it to the viewer, as current does its own. */
	return entry->threads || entry->children_only ||
	       nslens_may_enter(viewer, ns);
}

static void note_level(struct nslens_ns *info,
		       const struct nslens_viewer *viewer, struct ns_common *ns)
{
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;

	switch (info->type) {
	case NSLENS_NS_TYPE_PID:
		pid_ns = container_of(ns, struct pid_namespace, ns);
		info->has_level = nslens_pid_ns_visible(viewer, pid_ns);
		info->level = pid_ns->level - viewer->pid_ns->level;
		break;
	case NSLENS_NS_TYPE_USER:
		user_ns = container_of(ns, struct user_namespace, ns);
		info->has_level = nslens_user_ns_visible(viewer, user_ns);
		info->level = user_ns->level - viewer->user_ns->level;
		break;
	}
	if (!info->has_level)
		info->level = 0;
}

/**
 * nslens_ns_describe() - read a namespace
 * @entry: where it is
 * @tab: what the viewer may see
 *
 * What is particular to its type goes to who sees a task that has it, and to
 * who could enter it; who just has a file of it learns which one it is.
 *
 * Context: process; may sleep.
 * Return: the snapshot, to be freed with kvfree(), or NULL without memory.
 */
struct nslens_ns *nslens_ns_describe(const struct nslens_nstab_entry *entry,
				     struct nslens_nstab *tab)
{
	const struct nslens_viewer *viewer = tab->viewer;
	struct ns_common *ns = entry->ns, *owner, *parent;
	const bool particular = may_describe(viewer, entry);
	struct nslens_ns *info;

	info = particular ? describe[entry->type](ns, tab) : new_info(0);
	if (!info)
		return NULL;
	owner = nslens_ns_owner(viewer, ns);
	parent = nslens_ns_parent(viewer, ns, entry->type);
	info->type = entry->type;
	info->has_particular = particular;
	info->ino = ns->inum;
	info->id = nslens_nsid_get(ns);
	info->owner = owner ? owner->inum : 0;
	info->parent = parent ? parent->inum : 0;
	info->has_refcount = viewer->all;
	info->refcount = compat_ns_refcount(ns, 1);
	info->processes = entry->processes;
	info->threads = entry->threads;
	info->children_only = entry->children_only;
	info->pid = entry->pid;
	note_level(info, viewer, ns);
	if (particular && entry->type == NSLENS_NS_TYPE_NET)
		info->of_net.id = entry->netnsid;
	return info;
}
