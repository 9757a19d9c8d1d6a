// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of namespaces that are never used again, as inode numbers are.
 *
 * A namespace gets its id when it is first asked for. When its inode number is
 * freed a probe marks the id as dead, so that the next one with the number gets
 * another. The probe is there from the first id on: a module that nobody asks
 * for ids has none. It hangs on ftrace where that traces the function, so with
 * kernel.ftrace_enabled=0 it sees nothing, and nothing tells a module of that.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/ns_common.h>
#include <linux/ptrace.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "ns.h"
#include "nsid.h"

/**
 * struct nsid - the id of a namespace
 * @node: in the hash table; added and removed under the mutex, read under RCU
 * @rcu: for the readers, of which one is the probe
 * @ino: inode number of the namespace
 * @dead: the inode number has been freed; set by the probe
 * @id: the id
 */
struct nsid {
	struct hlist_node node;
	struct rcu_head rcu;
	u32 ino;
	bool dead;
	u64 id;
};

static DEFINE_HASHTABLE(ids, 10);
/* Writers of the table, the last id, and the probe: registered, or why not. */
static DEFINE_MUTEX(ids_lock);
static u64 last_id;
static bool probing;
static int probe_err;

/*
 * Context: whoever lets go of the last reference, with preemption off, also on
 * PREEMPT_RT; takes no lock.
 */
static int on_free_inum(struct kprobe *kp, struct pt_regs *regs)
{
	u32 ino = regs_get_kernel_argument(regs, 0);
	struct nsid *nsid;

	hash_for_each_possible_rcu_notrace(ids, nsid, node, ino)
		if (nsid->ino == ino)
			WRITE_ONCE(nsid->dead, true);
	return 0;
}

static struct kprobe free_inum = {
	.symbol_name = "proc_free_inum",
	.pre_handler = on_free_inum,
};

static u64 lookup(u32 ino)
{
	struct nsid *nsid;
	u64 id = 0;

	rcu_read_lock();
	hash_for_each_possible_rcu(ids, nsid, node, ino) {
		if (nsid->ino != ino || READ_ONCE(nsid->dead))
			continue;
		id = nsid->id;
		break;
	}
	rcu_read_unlock();
	return id;
}

static void reap(u32 ino)
{
	struct hlist_node *tmp;
	struct nsid *nsid;

	lockdep_assert_held(&ids_lock);
	hash_for_each_possible_safe(ids, nsid, tmp, node, ino) {
		if (!READ_ONCE(nsid->dead))
			continue;
		hash_del_rcu(&nsid->node);
		kfree_rcu(nsid, rcu);
	}
}

static int start_probing(void)
{
	int err;

	lockdep_assert_held(&ids_lock);
	if (probing || probe_err)
		return probe_err;
	err = register_kprobe(&free_inum);
	probing = !err;
	/* Memory may be there the next time; all else stays as it is. */
	if (!err || err == -ENOMEM)
		return err;
	pr_warn("no ids of namespaces: no kprobe on %s (error %d)\n",
		free_inum.symbol_name, err);
	probe_err = err;
	return err;
}

static u64 assign(u32 ino)
{
	struct nsid *nsid;

	lockdep_assert_held(&ids_lock);
	if (start_probing())
		return 0;
	nsid = kzalloc(sizeof(*nsid), GFP_KERNEL);
	if (!nsid)
		return 0;
	reap(ino);
	nsid->ino = ino;
	nsid->id = ++last_id;
	hash_add_rcu(ids, &nsid->node, ino);
	return nsid->id;
}

/**
 * nslens_nsid_get() - the id of a namespace
 * @ns: a namespace that the caller holds a reference to
 *
 * Context: process; may sleep.
 * Return: an id that no other namespace of the type has, had or will have while
 * the module is loaded; 0 if there is none, for want of memory or of a probe.
 */
u64 nslens_nsid_get(struct ns_common *ns)
{
	u64 id;

	if (nslens_ns_type_of(ns) == NSLENS_NS_TYPE_NET)
		return container_of(ns, struct net, ns)->net_cookie;
	id = lookup(ns->inum);
	if (id)
		return id;
	mutex_lock(&ids_lock);
	/* The reference keeps the number from being freed before it is added. */
	id = lookup(ns->inum) ?: assign(ns->inum);
	mutex_unlock(&ids_lock);
	return id;
}

/**
 * nslens_nsid_exit() - forget all ids
 *
 * Context: process, when nobody can ask any more.
 */
void nslens_nsid_exit(void)
{
	struct hlist_node *tmp;
	struct nsid *nsid;
	int bucket;

	if (probing)
		unregister_kprobe(&free_inum);
	hash_for_each_safe(ids, bucket, tmp, nsid, node) {
		hash_del(&nsid->node);
		kfree(nsid);
	}
	/* Those that were reaped are freed by then; the code stays the kernel's. */
	rcu_barrier();
}
