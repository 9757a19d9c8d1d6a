// SPDX-License-Identifier: GPL-2.0
/* ns-get: one namespace, or all that the caller may see. */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"
#include "ns.h"
#include "nsinfo.h"
#include "nsnet.h"
#include "nsref.h"
#include "nssnap.h"
#include "nstab.h"

/* The message of a namespace but for what grows: maps and paths. */
#define NS_MSG_BASE	1024

static unsigned int ns_msg_size(const struct nslens_ns *ns)
{
	unsigned int size = NS_MSG_BASE;

	/* A nest of three u32 each. */
	if (ns->type == NSLENS_NS_TYPE_USER)
		size += (ns->of_user.uids + ns->of_user.gids) *
			nla_total_size(3 * nla_total_size(sizeof(u32)));
	if (ns->type == NSLENS_NS_TYPE_NET)
		size += min(ns->of_net.peers, NSLENS_MAX_PEERS) *
			sizeof(*ns->peers);
	if (ns->type == NSLENS_NS_TYPE_CGROUP && ns->of_cgroup.root)
		size += strlen(ns->of_cgroup.root);
	return size;
}

/* An integer of YNL's types uint and sint, always eight bytes. */
static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put(skb, type, sizeof(value), &value);
}

static int fill_pid(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return (ns->of_pid.levels &&
		nla_put(skb, NSLENS_A_NS_PID_REAPER,
			ns->of_pid.levels * sizeof(u32), ns->reaper)) ||
	       nla_put_u32(skb, NSLENS_A_NS_PID_ALLOCATED,
			   ns->of_pid.allocated) ||
	       (ns->of_pid.max &&
		nla_put_u32(skb, NSLENS_A_NS_PID_PID_MAX, ns->of_pid.max));
}

static int fill_map(struct sk_buff *skb, int type,
		    const struct nslens_extent *e, unsigned int n)
{
	struct nlattr *nest;

	for (; n--; e++) {
		nest = nla_nest_start(skb, type);
		if (!nest ||
		    nla_put_u32(skb, NSLENS_A_EXTENT_FIRST, e->first) ||
		    nla_put_u32(skb, NSLENS_A_EXTENT_LOWER, e->lower) ||
		    nla_put_u32(skb, NSLENS_A_EXTENT_COUNT, e->count))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_user(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return nla_put_u32(skb, NSLENS_A_NS_USER_OWNER_UID,
			   ns->of_user.owner_uid) ||
	       nla_put_u32(skb, NSLENS_A_NS_USER_SETGROUPS,
			   ns->of_user.setgroups) ||
	       fill_map(skb, NSLENS_A_NS_USER_UID_MAP, ns->map,
			ns->of_user.uids) ||
	       fill_map(skb, NSLENS_A_NS_USER_GID_MAP,
			ns->map + ns->of_user.uids, ns->of_user.gids);
}

static int fill_uts(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return nla_put_string(skb, NSLENS_A_NS_UTS_NODENAME,
			      ns->uts->nodename) ||
	       nla_put_string(skb, NSLENS_A_NS_UTS_DOMAINNAME,
			      ns->uts->domainname) ||
	       nla_put_string(skb, NSLENS_A_NS_UTS_RELEASE,
			      ns->uts->release);
}

/* One array of the ids, and one of the inodes. */
static int fill_peers(struct sk_buff *skb, const struct nslens_ns *ns)
{
	const unsigned int n = min(ns->of_net.peers, NSLENS_MAX_PEERS);
	struct nlattr *ids, *inos;
	unsigned int i;

	if (!n)
		return 0;
	ids = nla_reserve(skb, NSLENS_A_NS_NET_PEER_IDS, n * sizeof(s32));
	inos = nla_reserve(skb, NSLENS_A_NS_NET_PEER_INOS, n * sizeof(u32));
	if (!ids || !inos)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		((s32 *)nla_data(ids))[i] = ns->peers[i].id;
		((u32 *)nla_data(inos))[i] = ns->peers[i].ino;
	}
	return 0;
}

static int fill_net(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return put_u64(skb, NSLENS_A_NS_NET_COOKIE, ns->of_net.cookie) ||
	       nla_put_u32(skb, NSLENS_A_NS_NET_DEVICES, ns->of_net.devices) ||
	       (ns->of_net.id >= 0 &&
		nla_put_s32(skb, NSLENS_A_NS_NET_NETNSID, ns->of_net.id)) ||
	       nla_put_u32(skb, NSLENS_A_NS_NET_PEERS, ns->of_net.peers) ||
	       fill_peers(skb, ns);
}

static int fill_ipc(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return nla_put_u32(skb, NSLENS_A_NS_IPC_QUEUES, ns->of_ipc.queues) ||
	       nla_put_u32(skb, NSLENS_A_NS_IPC_SEGMENTS,
			   ns->of_ipc.segments) ||
	       nla_put_u32(skb, NSLENS_A_NS_IPC_SEMAPHORES,
			   ns->of_ipc.semaphores) ||
	       nla_put_u32(skb, NSLENS_A_NS_IPC_MAX_QUEUES,
			   ns->of_ipc.max_queues) ||
	       nla_put_u32(skb, NSLENS_A_NS_IPC_MAX_SEGMENTS,
			   ns->of_ipc.max_segments) ||
	       nla_put_u32(skb, NSLENS_A_NS_IPC_MAX_SEMAPHORES,
			   ns->of_ipc.max_semaphores);
}

static int fill_time(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return put_u64(skb, NSLENS_A_NS_TIME_MONOTONIC,
		       ns->of_time.monotonic) ||
	       put_u64(skb, NSLENS_A_NS_TIME_BOOTTIME, ns->of_time.boottime);
}

static int fill_cgroup(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return ns->of_cgroup.root &&
	       nla_put_string(skb, NSLENS_A_NS_CGROUP_ROOT,
			      ns->of_cgroup.root);
}

/* What is particular to a type, and in which nest it goes. */
static const struct {
	int attr;
	int (*fill)(struct sk_buff *skb, const struct nslens_ns *ns);
} particular[NSLENS_NR_NS] = {
	[NSLENS_NS_TYPE_CGROUP] = { NSLENS_A_NS_CGROUP_NS, fill_cgroup },
	[NSLENS_NS_TYPE_IPC] = { NSLENS_A_NS_IPC_NS, fill_ipc },
	[NSLENS_NS_TYPE_NET] = { NSLENS_A_NS_NET_NS, fill_net },
	[NSLENS_NS_TYPE_PID] = { NSLENS_A_NS_PID_NS, fill_pid },
	[NSLENS_NS_TYPE_TIME] = { NSLENS_A_NS_TIME_NS, fill_time },
	[NSLENS_NS_TYPE_USER] = { NSLENS_A_NS_USER_NS, fill_user },
	[NSLENS_NS_TYPE_UTS] = { NSLENS_A_NS_UTS_NS, fill_uts },
};

static int fill_particular(struct sk_buff *skb, const struct nslens_ns *ns)
{
	struct nlattr *nest;

	if (!ns->has_particular || !particular[ns->type].fill)
		return 0;
	nest = nla_nest_start(skb, particular[ns->type].attr);
	if (!nest || particular[ns->type].fill(skb, ns))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_common(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return nla_put_u32(skb, NSLENS_A_NS_TYPE, ns->type) ||
	       nla_put_u32(skb, NSLENS_A_NS_INO, ns->ino) ||
	       (ns->id && put_u64(skb, NSLENS_A_NS_ID, ns->id)) ||
	       (ns->owner &&
		nla_put_u32(skb, NSLENS_A_NS_OWNER, ns->owner)) ||
	       (ns->parent &&
		nla_put_u32(skb, NSLENS_A_NS_PARENT, ns->parent)) ||
	       (ns->has_level &&
		nla_put_u32(skb, NSLENS_A_NS_LEVEL, ns->level)) ||
	       (ns->has_refcount &&
		nla_put_u32(skb, NSLENS_A_NS_REFCOUNT, ns->refcount)) ||
	       nla_put_u32(skb, NSLENS_A_NS_PROCESSES, ns->processes) ||
	       nla_put_u32(skb, NSLENS_A_NS_THREADS, ns->threads) ||
	       nla_put_u32(skb, NSLENS_A_NS_CHILDREN_ONLY,
			   ns->children_only) ||
	       nla_put_u32(skb, NSLENS_A_NS_PID, ns->pid);
}

/* One namespace's message. Shared by do and dump. Return: 0 or -EMSGSIZE. */
static int ns_fill(struct sk_buff *skb, const struct nslens_ns *ns,
		   u32 portid, u32 seq, int flags)
{
	void *hdr = genlmsg_put(skb, portid, seq, &nslens_nl_family, flags,
				NSLENS_CMD_NS_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (fill_common(skb, ns) || fill_particular(skb, ns)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* The snapshot of the one namespace that @ref named, or an error. */
static struct nslens_ns *describe_one(const struct nslens_nsref *ref,
				      const struct nslens_viewer *viewer)
{
	struct nslens_nstab_entry bare = {
		.ns = ref->ns, .type = nslens_ns_type_of(ref->ns),
		.netnsid = -1,
	};
	const struct nslens_nstab_entry *entry = NULL;
	struct nslens_ns *ns = NULL;
	const bool net = bare.type == NSLENS_NS_TYPE_NET;
	struct nslens_nstab tab;
	int err;

	/* Its peers are those that the caller sees, of which root sees all. */
	err = nslens_nstab_make(&tab, viewer, net && !viewer->all);
	if (!err && net)
		err = nslens_net_note_ids(&tab);
	if (!err) {
		/* No task is in it; see nslens_nstab_make(). */
		entry = xa_load(&tab.by_ino,
				nslens_nstab_index(ref->ns->inum)) ?: &bare;
		ns = nslens_ns_describe(entry, &tab);
	}
	/* The reference of @ref, and that of the table. */
	if (ns)
		ns->refcount = compat_ns_refcount(ref->ns, entry == &bare ? 1 : 2);
	nslens_nstab_free(&tab);
	if (err)
		return ERR_PTR(err);
	return ns ?: ERR_PTR(-ENOMEM);
}

static int ns_reply(struct genl_info *info, const struct nslens_ns *ns)
{
	struct sk_buff *msg = genlmsg_new(ns_msg_size(ns), GFP_KERNEL);
	int err;

	if (!msg)
		return -ENOMEM;
	err = ns_fill(msg, ns, info->snd_portid, info->snd_seq, 0);
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int nslens_nl_ns_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nslens_viewer viewer;
	struct nslens_nsref ref;
	struct nslens_ns *ns;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, NSLENS_A_NS_REF))
		return -EINVAL;
	err = nslens_viewer_of_request(&viewer, skb, info->extack) ?:
		nslens_may_walk(&viewer, info->extack);
	if (err)
		return err;
	err = nslens_nsref_get(&ref, info->attrs[NSLENS_A_NS_REF], &viewer,
			       info->extack);
	if (err)
		return err;
	ns = describe_one(&ref, &viewer);
	nslens_nsref_put(&ref);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	err = ns_reply(info, ns);
	kvfree(ns);
	return err;
}

static struct nslens_nssnap **dump_of(struct netlink_callback *cb)
{
	return (struct nslens_nssnap **)cb->ctx;
}

static void dump_free(struct nslens_nssnap *snap)
{
	nslens_nssnap_free(snap);
	kfree(snap);
}

static unsigned int largest_msg(struct nslens_nssnap *snap)
{
	unsigned int size = 0;
	struct nslens_ns *ns;
	unsigned long ino;

	xa_for_each(&snap->by_ino, ino, ns)
		size = max(size, ns_msg_size(ns));
	return size;
}

int nslens_nl_ns_get_start(struct netlink_callback *cb)
{
	struct nlattr *type = compat_dump_attrs(cb)[NSLENS_A_NS_TYPE];
	struct nslens_viewer viewer;
	struct nslens_nssnap *snap;
	int err;

	err = nslens_viewer_of_request(&viewer, cb->skb, cb->extack) ?:
		nslens_may_walk(&viewer, cb->extack);
	if (err)
		return err;
	snap = kzalloc(sizeof(*snap), GFP_KERNEL_ACCOUNT);
	if (!snap)
		return -ENOMEM;
	err = nslens_nssnap_make(snap, &viewer,
				 type ? (int)nla_get_u32(type) : -1);
	if (err == -EMFILE)
		NL_SET_ERR_MSG(cb->extack,
			       "too many dumps of this user are not read to the end");
	if (err) {
		dump_free(snap);
		return err;
	}
	cb->min_dump_alloc =
		nlmsg_total_size(genlmsg_total_size(largest_msg(snap)));
	*dump_of(cb) = snap;
	return 0;
}

int nslens_nl_ns_get_done(struct netlink_callback *cb)
{
	dump_free(*dump_of(cb));
	return 0;
}

int nslens_nl_ns_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nslens_nssnap *snap = *dump_of(cb);
	struct nslens_ns *ns;
	unsigned long ino;

	if (!nslens_asker_is_current(&snap->asker, cb->extack))
		return -EPERM;
	/* Two numbers that differ flag the last message, too. */
	cb->prev_seq = 1;
	cb->seq = 1 + snap->changed;
	xa_for_each(&snap->by_ino, ino, ns) {
		if (ns_fill(skb, ns, NETLINK_CB(cb->skb).portid,
			    cb->nlh->nlmsg_seq,
			    NLM_F_MULTI |
			    (snap->changed ? NLM_F_DUMP_INTR : 0)))
			/* What does not fit an empty buffer never will. */
			return skb->len ?: -EMSGSIZE;
		xa_erase(&snap->by_ino, ino);
		kvfree(ns);
	}
	return skb->len;
}
