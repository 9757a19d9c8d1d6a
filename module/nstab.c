// SPDX-License-Identifier: GPL-2.0
/* Finding namespaces: there is no list of them all, so look where they are. */
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "access.h"
#include "compat.h"
#include "nstab.h"
#include "walk.h"

static bool user_ns_visible(const struct nslens_viewer *viewer,
			    const struct user_namespace *ns)
{
	while (ns && ns != viewer->user_ns)
		ns = ns->parent;
	return ns;
}

/**
 * nslens_ns_owner() - the user namespace that owns a namespace
 * @viewer: who asks
 * @ns: a namespace that the caller keeps alive, and so its owner
 *
 * As the ioctl NS_GET_USERNS: only the viewer's own or a descendant of it; of a
 * user namespace the owner is its parent.
 *
 * Return: the owner, no reference is taken; NULL if the viewer may not see it.
 */
struct ns_common *nslens_ns_owner(const struct nslens_viewer *viewer,
				  const struct ns_common *ns)
{
	/* The operation does not change it, though it does not say so. */
	struct user_namespace *owner = ns->ops->owner((struct ns_common *)ns);

	return owner && (viewer->all || user_ns_visible(viewer, owner)) ?
		&owner->ns : NULL;
}

/**
 * nslens_ns_parent() - the parent of a PID or user namespace
 * @viewer: who asks
 * @ns: a namespace that the caller keeps alive, and so its parent
 * @type: its type
 *
 * As the ioctl NS_GET_PARENT: nothing above the viewer's own.
 *
 * Return: the parent, no reference is taken; NULL if there is none that the
 * viewer may see.
 */
struct ns_common *nslens_ns_parent(const struct nslens_viewer *viewer,
				   struct ns_common *ns, int type)
{
	struct pid_namespace *pid_ns;

	if (type == NSLENS_NS_TYPE_USER)
		return nslens_ns_owner(viewer, ns);
	if (type != NSLENS_NS_TYPE_PID)
		return NULL;
	pid_ns = container_of(ns, struct pid_namespace, ns);
	if (!pid_ns->parent || !nslens_pid_ns_visible(viewer, pid_ns->parent))
		return NULL;
	return &pid_ns->parent->ns;
}

/*
 * Into the table with a namespace, whose reference goes to it or is put.
 * Return: the entry, which may have been there; or an error.
 */
static struct nslens_nstab_entry *add(struct nslens_nstab *tab,
				      struct ns_common *ns)
{
	struct nslens_nstab_entry *entry;
	int err;

	entry = xa_load(&tab->by_ino, nslens_nstab_index(ns->inum));
	if (entry) {
		compat_ns_put(ns);
		return entry;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry) {
		compat_ns_put(ns);
		return ERR_PTR(-ENOMEM);
	}
	entry->ns = ns;
	entry->type = nslens_ns_type_of(ns);
	err = xa_err(xa_store(&tab->by_ino, nslens_nstab_index(ns->inum), entry,
			      GFP_KERNEL_ACCOUNT));
	if (err) {
		compat_ns_put(ns);
		kfree(entry);
		return ERR_PTR(err);
	}
	return entry;
}

/*
 * Into the table with one of the namespaces of the task that has @nr here.
 * Return: the entry; NULL if that is another task by now, or in another
 * namespace, or hides it; or an error.
 */
static struct nslens_nstab_entry *
add_of_task(struct nslens_nstab *tab, const struct nslens_viewer *viewer,
	    const struct nslens_task *t, int nr, int type)
{
	struct ns_common *ns = ERR_PTR(-ESRCH);
	struct task_struct *task;
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nr, viewer->pid_ns);
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		ns = nslens_task_ns_get(pid, task, type, viewer);
	rcu_read_unlock();
	if (!IS_ERR(ns) && ns->inum == t->ns[type])
		return add(tab, ns);
	if (!IS_ERR(ns))
		compat_ns_put(ns);
	tab->changed = true;
	return NULL;
}

/* The entry, from the table if it is there. Tasks in a row tend to share it. */
static struct nslens_nstab_entry *entry_of(struct nslens_nstab *tab,
					   const struct nslens_viewer *viewer,
					   const struct nslens_task *t,
					   int nr, int type)
{
	struct nslens_nstab_entry *entry = tab->last[type];

	if (entry && entry->ns->inum == t->ns[type])
		return entry;
	entry = xa_load(&tab->by_ino, nslens_nstab_index(t->ns[type]));
	if (!entry)
		entry = add_of_task(tab, viewer, t, nr, type);
	if (!IS_ERR_OR_NULL(entry))
		tab->last[type] = entry;
	return entry;
}

static bool is_for_children(int type)
{
	return type >= NSLENS_NR_TYPES;
}

/* Does the task have as @type, for children, what it is in itself? */
static bool same_as_own(const struct nslens_task *t, int type)
{
	return t->ns[type] == t->ns[type == NSLENS_NS_TYPE_PID_FOR_CHILDREN ?
				    NSLENS_NS_TYPE_PID : NSLENS_NS_TYPE_TIME];
}

static int add_task(struct nslens_nstab *tab,
		    const struct nslens_viewer *viewer,
		    const struct nslens_task *t, int nr)
{
	struct nslens_nstab_entry *entry;
	int type;

	for (type = 0; type < NSLENS_NR_NS; type++) {
		if (!t->ns[type] ||
		    (is_for_children(type) && same_as_own(t, type)))
			continue;
		entry = entry_of(tab, viewer, t, nr, type);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
		if (!entry)
			continue;
		if (is_for_children(type)) {
			entry->children_only++;
			continue;
		}
		entry->threads++;
		entry->processes += !(t->flags & NSLENS_TASK_FLAG_THREAD);
		if (!entry->pid)
			entry->pid = nr;
	}
	return 0;
}

static int add_tasks(struct nslens_nstab *tab,
		     const struct nslens_viewer *viewer)
{
	struct nslens_walk walk = {
		.ns = viewer->pid_ns, .nr = 1, .threads = true,
		.fields = NSLENS_TASK_FIELD_NS | NSLENS_TASK_FIELD_FLAGS,
	};
	const u32 seq = nslens_walk_seq(&walk, viewer);
	struct nslens_task t;
	int nr, err;

	while ((nr = nslens_walk_next(&walk, &t, viewer)) > 0) {
		if (!(t.fields & NSLENS_TASK_FIELD_NS))
			continue;
		err = add_task(tab, viewer, &t, nr);
		if (err)
			return err;
	}
	if (nslens_walk_seq(&walk, viewer) != seq)
		tab->changed = true;
	return nr;
}

/* A namespace that another one keeps alive. */
static int add_relative(struct nslens_nstab *tab, struct ns_common *ns)
{
	if (!ns || xa_load(&tab->by_ino, nslens_nstab_index(ns->inum)) ||
	    !compat_ns_get(ns))
		return 0;
	return PTR_ERR_OR_ZERO(add(tab, ns));
}

/* Owners and ancestors of all that is there, and theirs. */
static int add_relatives(struct nslens_nstab *tab,
			 const struct nslens_viewer *viewer)
{
	struct nslens_nstab_entry *entry;
	struct ns_common *ns, *up;
	unsigned long index;
	int type, err;

	xa_for_each(&tab->by_ino, index, entry) {
		ns = entry->ns;
		type = entry->type;
		/* Upwards at once: what is added may lie behind the cursor. */
		for (up = nslens_ns_parent(viewer, ns, type); up;
		     up = nslens_ns_parent(viewer, up, type)) {
			err = add_relative(tab, up);
			if (err)
				return err;
		}
		for (up = nslens_ns_owner(viewer, ns); up;
		     up = nslens_ns_owner(viewer, up)) {
			err = add_relative(tab, up);
			if (err)
				return err;
		}
		cond_resched();
	}
	return 0;
}

/* The next network namespace after @last, which is pinned; with a reference. */
static struct net *next_net(struct net *last)
{
	struct net *net, *found = NULL;

	down_read(&net_rwsem);
	net = last ?: list_entry(&net_namespace_list, struct net, list);
	list_for_each_entry_continue(net, &net_namespace_list, list) {
		found = maybe_get_net(net);
		if (found)
			break;
	}
	up_read(&net_rwsem);
	return found;
}

/* Those without a task, too; who is in the list stays there while it is pinned. */
static int add_nets(struct nslens_nstab *tab)
{
	struct nslens_nstab_entry *entry;
	struct net *net = NULL;

	while ((net = next_net(net))) {
		entry = add(tab, &net->ns);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * nslens_nstab_make() - find namespaces
 * @tab: filled; the caller frees it with nslens_nstab_free(), also on errors
 * @viewer: for whom
 *
 * Those of all tasks that show theirs to the viewer, and those for their
 * children; owners and ancestors of these; and all network namespaces, if the
 * viewer may see everything.
 *
 * Context: process; may sleep. No lock is held from one task to the next.
 * Return: 0, -ENOMEM, or -EINTR on a signal that kills the caller.
 */
int nslens_nstab_make(struct nslens_nstab *tab,
		      const struct nslens_viewer *viewer)
{
	int err;

	xa_init(&tab->by_ino);
	memset(tab->last, 0, sizeof(tab->last));
	tab->changed = false;
	err = add_tasks(tab, viewer);
	if (!err && viewer->all)
		err = add_nets(tab);
	if (!err)
		err = add_relatives(tab, viewer);
	return err;
}

/**
 * nslens_nstab_free() - let go of all namespaces in a table
 * @tab: the table
 *
 * Context: process; may sleep.
 */
void nslens_nstab_free(struct nslens_nstab *tab)
{
	struct nslens_nstab_entry *entry;
	unsigned long index;

	xa_for_each(&tab->by_ino, index, entry) {
		compat_ns_put(entry->ns);
		kfree(entry);
		cond_resched();
	}
	xa_destroy(&tab->by_ino);
}
