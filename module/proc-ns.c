// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/namespaces: a line each. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "access.h"
#include "ns.h"
#include "nsinfo.h"
#include "nssnap.h"
#include "proc.h"

/*
 * An open /proc/nslens/namespaces: what was there when reading began, until all
 * of it is read. The position in the file is the inode number at which to go on;
 * 0 is the header.
 */
struct ns_iter {
	struct nslens_proc_reader reader;
	struct nslens_nssnap snap;
	bool ended;
};

/*
 * For who reads from the start, and for another than who did, who then goes on
 * with what he may see himself.
 */
static int look(struct ns_iter *iter, const struct seq_file *m, loff_t pos)
{
	struct nslens_viewer viewer;
	int err;

	if (pos && iter->ended)
		return -ENOENT;
	iter->ended = false;
	if (pos && iter->snap.asker.cred &&
	    nslens_asker_is_current(&iter->snap.asker, NULL))
		return 0;
	nslens_nssnap_free(&iter->snap);
	if (!nslens_proc_viewer(&viewer, m->file))
		return -ENOENT;
	err = nslens_nssnap_make(&iter->snap, &viewer, -1);
	if (err)
		nslens_nssnap_free(&iter->snap);
	return err;
}

/* At the end nothing is kept for a file that is just left open. */
static void *ns_at(struct ns_iter *iter, loff_t *pos)
{
	unsigned long ino = *pos;
	void *ns = NULL;

	if (*pos <= U32_MAX)
		ns = xa_find(&iter->snap.by_ino, &ino, U32_MAX, XA_PRESENT);
	if (ns) {
		*pos = ino;
	} else {
		nslens_nssnap_free(&iter->snap);
		iter->ended = true;
	}
	return ns;
}

static void *ns_start(struct seq_file *m, loff_t *pos)
{
	int err = look(m->private, m, *pos);

	if (err)
		return err == -ENOENT ? NULL : ERR_PTR(err);
	if (!*pos)
		return SEQ_START_TOKEN;
	return ns_at(m->private, pos);
}

static void *ns_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return ns_at(m->private, pos);
}

static void ns_stop(struct seq_file *m, void *v)
{
}

static void show_pid(struct seq_file *m, const struct nslens_ns *ns)
{
	unsigned int i;

	for (i = 0; i < ns->of_pid.levels; i++)
		seq_printf(m, "%s%u", i ? ";" : "reaper=", ns->reaper[i]);
	seq_printf(m, "%sallocated=%u", i ? "," : "", ns->of_pid.allocated);
	if (ns->of_pid.max)
		seq_printf(m, ",pid-max=%u", ns->of_pid.max);
}

static void show_map(struct seq_file *m, const char *name,
		     const struct nslens_extent *e, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++, e++)
		seq_printf(m, "%s%u:%u:%u", i ? ";" : name, e->first, e->lower,
			   e->count);
}

static void show_user(struct seq_file *m, const struct nslens_ns *ns)
{
	seq_printf(m, "owner-uid=%u,setgroups=%u", ns->of_user.owner_uid,
		   ns->of_user.setgroups);
	show_map(m, ",uid-map=", ns->map, ns->of_user.uids);
	show_map(m, ",gid-map=", ns->map + ns->of_user.uids, ns->of_user.gids);
}

static void show_text(struct seq_file *m, const char *name, const char *text)
{
	seq_puts(m, name);
	nslens_proc_text(m, text, " ,\\");
}

static void show_uts(struct seq_file *m, const struct nslens_ns *ns)
{
	show_text(m, "nodename=", ns->uts->nodename);
	show_text(m, ",domainname=", ns->uts->domainname);
	show_text(m, ",release=", ns->uts->release);
}

static void show_net(struct seq_file *m, const struct nslens_ns *ns)
{
	const unsigned int n = min(ns->of_net.peers, NSLENS_MAX_PEERS);
	unsigned int i;

	seq_printf(m, "cookie=%llu,devices=%u", ns->of_net.cookie,
		   ns->of_net.devices);
	if (ns->of_net.id >= 0)
		seq_printf(m, ",netnsid=%d", ns->of_net.id);
	seq_printf(m, ",peers=%u", ns->of_net.peers);
	for (i = 0; i < n; i++)
		seq_printf(m, "%s%d:%u", i ? ";" : ",peer-ids=",
			   ns->peers[i].id, ns->peers[i].ino);
}

static void show_ipc(struct seq_file *m, const struct nslens_ns *ns)
{
	seq_printf(m, "queues=%u,segments=%u,semaphores=%u",
		   ns->of_ipc.queues, ns->of_ipc.segments,
		   ns->of_ipc.semaphores);
	seq_printf(m, ",max-queues=%u,max-segments=%u,max-semaphores=%u",
		   ns->of_ipc.max_queues, ns->of_ipc.max_segments,
		   ns->of_ipc.max_semaphores);
}

static void show_time(struct seq_file *m, const struct nslens_ns *ns)
{
	seq_printf(m, "monotonic=%lld,boottime=%lld", ns->of_time.monotonic,
		   ns->of_time.boottime);
}

static void show_cgroup(struct seq_file *m, const struct nslens_ns *ns)
{
	if (ns->of_cgroup.root)
		show_text(m, "root=", ns->of_cgroup.root);
	else
		seq_putc(m, '-');
}

static void show_nothing(struct seq_file *m, const struct nslens_ns *ns)
{
	seq_putc(m, '-');
}

/* What is particular to a type, by the names of its attributes in the spec. */
static void (*const particular[NSLENS_NR_NS])(struct seq_file *m,
					      const struct nslens_ns *ns) = {
	[NSLENS_NS_TYPE_CGROUP] = show_cgroup,
	[NSLENS_NS_TYPE_IPC] = show_ipc,
	[NSLENS_NS_TYPE_MNT] = show_nothing,
	[NSLENS_NS_TYPE_NET] = show_net,
	[NSLENS_NS_TYPE_PID] = show_pid,
	[NSLENS_NS_TYPE_TIME] = show_time,
	[NSLENS_NS_TYPE_USER] = show_user,
	[NSLENS_NS_TYPE_UTS] = show_uts,
};

static void show_if(struct seq_file *m, bool there, u64 value)
{
	if (there)
		seq_printf(m, "%llu ", value);
	else
		seq_puts(m, "- ");
}

static int ns_show(struct seq_file *m, void *v)
{
	const struct nslens_ns *ns = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "TYPE NS ID LEVEL PNS ONS NPROCS NTHREADS NCHILDREN PID REFS DETAILS\n");
		return 0;
	}
	seq_printf(m, "%s %u ", nslens_ns_types[ns->type].name, ns->ino);
	show_if(m, ns->id, ns->id);
	show_if(m, ns->has_level, ns->level);
	show_if(m, ns->parent, ns->parent);
	show_if(m, ns->owner, ns->owner);
	seq_printf(m, "%u %u %u ", ns->processes, ns->threads,
		   ns->children_only);
	show_if(m, ns->pid, ns->pid);
	show_if(m, ns->has_refcount, ns->refcount);
	if (ns->has_particular)
		particular[ns->type](m, ns);
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations ns_seq_ops = {
	.start	= ns_start,
	.next	= ns_next,
	.stop	= ns_stop,
	.show	= ns_show,
};

static void ns_free(void *private)
{
	struct ns_iter *iter = private;

	nslens_nssnap_free(&iter->snap);
}

static const struct nslens_proc_seq ns_seq = {
	.ops	= &ns_seq_ops,
	.size	= sizeof(struct ns_iter),
	.free	= ns_free,
};

/**
 * nslens_proc_ns_create() - make /proc/nslens/namespaces
 * @dir: in this folder, with which it goes
 *
 * Context: process. Return: NULL without memory.
 */
struct proc_dir_entry *nslens_proc_ns_create(struct proc_dir_entry *dir)
{
	return nslens_proc_seq_create("namespaces", dir, &ns_seq);
}
