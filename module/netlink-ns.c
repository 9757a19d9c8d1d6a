// SPDX-License-Identifier: GPL-2.0
/* ns-get: one namespace, or all that the caller may see. */
#include <linux/pid_namespace.h>
#include <linux/slab.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"
#include "ns.h"
#include "nsinfo.h"
#include "nsref.h"
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
			ns->of_pid.levels * sizeof(u32), ns->of_pid.reaper)) ||
	       nla_put_u32(skb, NSLENS_A_NS_PID_ALLOCATED,
			   ns->of_pid.allocated);
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
			      ns->of_uts.nodename) ||
	       nla_put_string(skb, NSLENS_A_NS_UTS_DOMAINNAME,
			      ns->of_uts.domainname) ||
	       nla_put_string(skb, NSLENS_A_NS_UTS_RELEASE,
			      ns->of_uts.release);
}

static int fill_net(struct sk_buff *skb, const struct nslens_ns *ns)
{
	return put_u64(skb, NSLENS_A_NS_NET_COOKIE, ns->of_net.cookie) ||
	       nla_put_u32(skb, NSLENS_A_NS_NET_DEVICES, ns->of_net.devices);
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
} particular[NSLENS_NR_TYPES] = {
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

	if (!particular[ns->type].fill)
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
	};
	const struct nslens_nstab_entry *entry = NULL;
	struct nslens_ns *ns = NULL;
	struct nslens_nstab tab;
	int err;

	err = nslens_nstab_make(&tab, viewer);
	if (!err) {
		/* One that no task is in was named by an open file. */
		entry = xa_load(&tab.by_ino,
				nslens_nstab_index(ref->ns->inum)) ?: &bare;
		ns = nslens_ns_describe(entry, viewer);
	}
	/* The reference of @ref, and that of the table, which describe knows. */
	if (ns && entry != &bare)
		ns->refcount--;
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
	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	err = nslens_nsref_get(&ref, info->attrs[NSLENS_A_NS_REF], &viewer,
			       info->extack);
	if (err)
		return err;
	ns = describe_one(&ref, &viewer);
	nslens_nsref_put(&ref);
	if (IS_ERR(ns)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[NSLENS_A_NS_REF],
				    "no such namespace that the caller may see");
		return PTR_ERR(ns);
	}
	err = ns_reply(info, ns);
	kfree(ns);
	return err;
}

/**
 * struct ns_dump - what a dump keeps between two buffers
 * @by_ino: struct nslens_ns of each namespace that is still to be sent, at
 *	nslens_nstab_index()
 * @changed: tasks came or went while they were read
 * @asker: who asked
 *
 * All are read at the start: a dump that nobody reads on must not keep a
 * namespace alive.
 */
struct ns_dump {
	struct xarray by_ino;
	bool changed;
	struct nslens_asker asker;
};

static struct ns_dump **dump_of(struct netlink_callback *cb)
{
	return (struct ns_dump **)cb->ctx;
}

static void dump_free(struct ns_dump *dump)
{
	struct nslens_ns *ns;
	unsigned long ino;

	xa_for_each(&dump->by_ino, ino, ns)
		kfree(ns);
	xa_destroy(&dump->by_ino);
	nslens_asker_put(&dump->asker);
	kfree(dump);
}

static int dump_add(struct ns_dump *dump, struct nslens_ns *ns)
{
	int err;

	if (!ns)
		return -ENOMEM;
	err = xa_err(xa_store(&dump->by_ino, nslens_nstab_index(ns->ino), ns,
			      GFP_KERNEL_ACCOUNT));
	if (err)
		kfree(ns);
	return err;
}

/*
 * @type is that of all that are wanted, or -1. Return: the size of the largest
 * message, or an error.
 */
static int dump_snapshots(struct ns_dump *dump, int type,
			  const struct nslens_viewer *viewer)
{
	struct nslens_nstab_entry *entry;
	struct nslens_nstab tab;
	struct nslens_ns *ns;
	unsigned long ino;
	int err, size = 0;

	err = nslens_nstab_make(&tab, viewer);
	dump->changed = tab.changed;
	if (err)
		goto out;
	xa_for_each(&tab.by_ino, ino, entry) {
		if (type >= 0 && entry->type != type)
			continue;
		ns = nslens_ns_describe(entry, viewer);
		err = dump_add(dump, ns);
		if (err)
			break;
		size = max_t(int, size, ns_msg_size(ns));
		cond_resched();
	}
out:
	nslens_nstab_free(&tab);
	return err ?: size;
}

int nslens_nl_ns_get_start(struct netlink_callback *cb)
{
	struct nlattr *type = compat_dump_attrs(cb)[NSLENS_A_NS_TYPE];
	struct nslens_viewer viewer;
	struct ns_dump *dump;
	int size;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return -ENOMEM;
	xa_init(&dump->by_ino);
	nslens_asker_get(&dump->asker);
	size = nslens_viewer_of_request(&viewer, cb->skb, cb->extack);
	if (!size)
		size = dump_snapshots(dump, type ? nla_get_u32(type) : -1,
				      &viewer);
	if (size < 0) {
		dump_free(dump);
		return size;
	}
	cb->min_dump_alloc = nlmsg_total_size(genlmsg_total_size(size));
	*dump_of(cb) = dump;
	return 0;
}

int nslens_nl_ns_get_done(struct netlink_callback *cb)
{
	dump_free(*dump_of(cb));
	return 0;
}

int nslens_nl_ns_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ns_dump *dump = *dump_of(cb);
	struct nslens_ns *ns;
	unsigned long ino;

	if (!nslens_asker_is_current(&dump->asker, cb->extack))
		return -EPERM;
	/* Two numbers that differ flag the last message, too. */
	cb->prev_seq = 1;
	cb->seq = 1 + dump->changed;
	xa_for_each(&dump->by_ino, ino, ns) {
		if (ns_fill(skb, ns, NETLINK_CB(cb->skb).portid,
			    cb->nlh->nlmsg_seq,
			    NLM_F_MULTI |
			    (dump->changed ? NLM_F_DUMP_INTR : 0)))
			/* What does not fit an empty buffer never will. */
			return skb->len ?: -EMSGSIZE;
		xa_erase(&dump->by_ino, ino);
		kfree(ns);
	}
	return skb->len;
}
