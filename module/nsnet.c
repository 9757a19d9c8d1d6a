// SPDX-License-Identifier: GPL-2.0
/* The namespace collector, continued: network namespaces and their ids. */
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <uapi/linux/nslens.h>

#include "access.h"
#include "compat.h"
#include "nsinfo.h"
#include "nsnet.h"
#include "nstab.h"

/* Ids read within one RCU section. */
#define IDS_BATCH	64

/*
 * Some of the namespaces that @net knows by an id, from @from on, which is moved
 * past them. The ids are a list that rtnetlink changes under a lock and reads
 * under RCU, as here; a namespace leaves it before it is freed
 * (net/core/net_namespace.c).
 *
 * Return: how many, less than IDS_BATCH at the end.
 */
static unsigned int read_ids(struct net *net, unsigned long *from,
			     struct nslens_peer to[IDS_BATCH])
{
	unsigned int n = 0;
	struct net *peer;

	rcu_read_lock();
	for (; n < IDS_BATCH; ++*from) {
		peer = idr_get_next_ul(&net->netns_ids, from);
		if (!peer)
			break;
		to[n].id = *from;
		/* 0 of one that is dying, which is no inode. */
		to[n].ino = compat_ns_refcount(&peer->ns, 0) ? peer->ns.inum : 0;
		n++;
	}
	rcu_read_unlock();
	return n;
}

/**
 * nslens_net_note_ids() - note by which ids the caller's network namespace knows
 * those in a table
 * @tab: the table
 *
 * Context: process; may sleep.
 * Return: 0, or -EINTR on a signal that kills the caller.
 */
int nslens_net_note_ids(struct nslens_nstab *tab)
{
	struct net *here = current->nsproxy->net_ns;
	struct nslens_peer peers[IDS_BATCH];
	struct nslens_nstab_entry *entry;
	unsigned long from = 0;
	unsigned int i, n;

	do {
		n = read_ids(here, &from, peers);
		for (i = 0; i < n; i++) {
			entry = xa_load(&tab->by_ino,
					nslens_nstab_index(peers[i].ino));
			if (entry)
				entry->netnsid = peers[i].id;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	} while (n == IDS_BATCH);
	return 0;
}

/*
 * Takes over @info, which has @peers of them, as krealloc() does; which 6.1 has
 * no other of, for more than is likely in one piece. Return: it, elsewhere, or
 * NULL.
 */
static struct nslens_ns *make_room(struct nslens_ns *info, unsigned int peers,
				   unsigned int more)
{
	struct nslens_ns *larger;

	larger = kvzalloc(struct_size(info, peers, peers + more),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (larger)
		memcpy(larger, info, struct_size(info, peers, peers));
	kvfree(info);
	return larger;
}

/* Those of a batch that the viewer may see: what he finds in the table. */
static void add_peers(struct nslens_ns *info, struct nslens_nstab *tab,
		      const struct nslens_peer *peers, unsigned int n)
{
	unsigned int at;

	for (; n--; peers++) {
		if (!xa_load(&tab->by_ino, nslens_nstab_index(peers->ino)))
			continue;
		at = info->of_net.peers++;
		if (at < NSLENS_MAX_PEERS)
			info->peers[at] = *peers;
	}
}

/**
 * nslens_net_describe() - read what is particular to a network namespace
 * @common: the namespace, in the table
 * @tab: what the viewer may see
 *
 * Context: process; may sleep. Bounded work within each RCU section.
 *
 * Return: the snapshot, for kvfree(); NULL without memory.
 */
struct nslens_ns *nslens_net_describe(struct ns_common *common,
				      struct nslens_nstab *tab)
{
	struct net *net = container_of(common, struct net, ns);
	struct nslens_peer peers[IDS_BATCH];
	unsigned long from = 0;
	struct nslens_ns *info;
	unsigned int n;

	info = kvzalloc(sizeof(*info), GFP_KERNEL_ACCOUNT);
	if (!info)
		return NULL;
	info->of_net.cookie = net->net_cookie;
	while (compat_count_netdevs(net, &from, &info->of_net.devices))
		cond_resched();
	from = 0;
	do {
		n = read_ids(net, &from, peers);
		if (n && info->of_net.peers < NSLENS_MAX_PEERS)
			info = make_room(info, info->of_net.peers, n);
		if (!info)
			return NULL;
		add_peers(info, tab, peers, n);
		cond_resched();
	} while (n == IDS_BATCH && !fatal_signal_pending(current));
	return info;
}
