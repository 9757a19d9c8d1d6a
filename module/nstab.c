// SPDX-License-Identifier: GPL-2.0
/* Finding namespaces: there is no list of them all, so look where they are. */
#include <linux/jhash.h>
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
#include "nsfd.h"
#include "nstab.h"
#include "walk.h"
#include "xa.h"

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

	return owner && (viewer->all || nslens_user_ns_visible(viewer, owner)) ?
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
	entry->netnsid = -1;
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
 * The entry of one of the namespaces of the task that has @nr here; NULL if
 * that is another by now, or in another, or hides it.
 */
static struct nslens_nstab_entry *entry_of(struct nslens_nstab *tab,
					   const struct nslens_task *t,
					   int nr, int type)
{
	const struct nslens_viewer *viewer = tab->viewer;
	struct ns_common *ns = ERR_PTR(-ESRCH);
	struct nslens_nstab_entry *entry;
	struct task_struct *task;
	struct pid *pid;

	/* Mostly that of the task before. */
	entry = tab->last[type];
	if (entry && entry->ns->inum == t->ns[type])
		return entry;
	entry = xa_load(&tab->by_ino, nslens_nstab_index(t->ns[type]));
	if (entry)
		return tab->last[type] = entry;
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

/* Does the task have as @type, for children, what it is in itself? */
static bool same_as_own(const struct nslens_task *t, int type)
{
	return t->ns[type] == t->ns[nslens_own_type(type)];
}

static int add_task(struct nslens_nstab *tab, const struct nslens_task *t,
		    int nr)
{
	struct nslens_nstab_entry *entry;
	int type;

	for (type = 0; type < NSLENS_NR_NS; type++) {
		if (!t->ns[type] ||
		    (nslens_is_for_children(type) && same_as_own(t, type)))
			continue;
		entry = entry_of(tab, t, nr, type);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
		if (!entry)
			continue;
		if (nslens_is_for_children(type)) {
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

/* May the viewer have it in his list, though he only sees a file of it? */
static bool may_list(const struct nslens_viewer *viewer, struct ns_common *ns)
{
	const int type = nslens_ns_type_of(ns);

	if (type == NSLENS_NS_TYPE_PID)
		return nslens_pid_ns_visible(viewer,
					     container_of(ns,
							  struct pid_namespace,
							  ns));
	return type >= 0;
}

/* What the task that has @nr here has open as a file. */
static int add_files(struct nslens_nstab *tab, const struct nslens_task *t,
		     int nr)
{
	struct nslens_nsfd cursor = { .nr = nr, .seen = &tab->tables };
	struct nslens_nstab_entry *entry;
	struct ns_common *ns;

	if (t->flags & (NSLENS_TASK_FLAG_KTHREAD | NSLENS_TASK_FLAG_ZOMBIE))
		return 0;
	while ((ns = nslens_nsfd_next(&cursor, tab->viewer))) {
		if (IS_ERR(ns))
			return PTR_ERR(ns);
		if (!may_list(tab->viewer, ns)) {
			compat_ns_put(ns);
			continue;
		}
		entry = add(tab, ns);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
	}
	return 0;
}

/* Looks at each task that shows its namespaces; see walk_tasks(). */
typedef int look_fn(struct nslens_nstab *tab, const struct nslens_task *t,
		    int nr);

static int look_closely(struct nslens_nstab *tab, const struct nslens_task *t,
			int nr)
{
	return add_task(tab, t, nr) ?: add_files(tab, t, nr);
}

static int look_again(struct nslens_nstab *tab, const struct nslens_task *t,
		      int nr)
{
	return 0;
}

/* Return: 0 or an error. @digest: of all that was looked at. */
static int walk_tasks(struct nslens_nstab *tab, look_fn *look, u32 *digest)
{
	struct nslens_walk walk = {
		.ns = tab->viewer->pid_ns, .nr = 1, .threads = true,
		.fields = NSLENS_TASK_FIELD_NS | NSLENS_TASK_FIELD_FLAGS,
	};
	struct nslens_task t;
	int nr, err;

	*digest = 0;
	while ((nr = nslens_walk_next(&walk, &t, tab->viewer)) > 0) {
		if (!(t.fields & NSLENS_TASK_FIELD_NS))
			continue;
		*digest = jhash2(t.ns, ARRAY_SIZE(t.ns), *digest ^ nr);
		err = look(tab, &t, nr);
		if (err)
			return err;
	}
	return nr;
}

static u32 task_seq(const struct nslens_nstab *tab)
{
	const struct nslens_walk walk = { .ns = tab->viewer->pid_ns };

	return nslens_walk_seq(&walk, tab->viewer);
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
static int add_relatives(struct nslens_nstab *tab)
{
	const struct nslens_viewer *viewer = tab->viewer;
	struct nslens_nstab_entry *entry;
	struct ns_common *ns, *up;
	unsigned long ino;
	int type, err;

	xa_for_each(&tab->by_ino, ino, entry) {
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
 * @viewer: for whom; current
 * @files: also those that only open files lead to
 *
 * Those of all tasks that show theirs to the viewer, those for their children,
 * and those that such a task has open as a file, if @files; owners and ancestors
 * of these; and all network namespaces, if the viewer may see everything.
 *
 * Context: process; may sleep. No lock is held from one task to the next.
 * Return: 0, -ENOMEM, or -EINTR on a signal that kills the caller.
 */
int nslens_nstab_make(struct nslens_nstab *tab,
		      const struct nslens_viewer *viewer, bool files)
{
	int err;

	memset(tab, 0, sizeof(*tab));
	xa_init(&tab->by_ino);
	xa_init(&tab->tables);
	tab->viewer = viewer;
	tab->seq = task_seq(tab);
	err = walk_tasks(tab, files ? look_closely : add_task, &tab->digest);
	if (!err && viewer->all)
		err = add_nets(tab);
	if (!err)
		err = add_relatives(tab);
	return err;
}

/**
 * nslens_nstab_check() - set @tab->changed if tasks changed meanwhile
 * @tab: a table that was made
 *
 * Nothing counts how often tasks change their namespaces, so this compares what
 * each is in now with what it was in. PIDs that come or go are counted.
 *
 * Context: process; may sleep.
 * Return: 0, or -EINTR on a signal that kills the caller.
 */
int nslens_nstab_check(struct nslens_nstab *tab)
{
	u32 digest;
	int err = 0;

	if (!tab->changed && task_seq(tab) == tab->seq) {
		err = walk_tasks(tab, look_again, &digest);
		tab->changed = digest != tab->digest;
	}
	if (task_seq(tab) != tab->seq)
		tab->changed = true;
	return err;
}

static struct nslens_nstab_entry *find_in(struct nslens_finder *finder,
					  const struct nslens_viewer *viewer,
					  u32 ino)
{
	struct nslens_nstab *tab = &finder->tab;
	struct nslens_nstab_entry *entry;
	u32 digest;
	int err = 0;

	if (!finder->made)
		err = nslens_nstab_make(tab, viewer, false);
	finder->made = true;
	if (err)
		return ERR_PTR(err);
	entry = xa_load(&tab->by_ino, nslens_nstab_index(ino));
	if (entry || finder->files)
		return entry;
	finder->files = true;
	err = walk_tasks(tab, add_files, &digest) ?: add_relatives(tab);
	if (err)
		return ERR_PTR(err);
	return xa_load(&tab->by_ino, nslens_nstab_index(ino));
}

/**
 * nslens_nstab_find() - a namespace by its inode number
 * @viewer: for whom; current
 * @ino: the number
 *
 * Context: process; may sleep. As costly as nslens_nstab_make(), with files if
 * nothing else leads to it; if there is a @viewer->finder, the first time only.
 * Return: the namespace, for compat_ns_put(); -ENOENT if the table would not
 * have it, or what nslens_nstab_make() returns: then the finder is of no use.
 */
struct ns_common *nslens_nstab_find(const struct nslens_viewer *viewer,
				    u32 ino)
{
	struct nslens_finder here = {};
	const struct nslens_nstab_entry *entry =
		find_in(viewer->finder ?: &here, viewer, ino);
	struct ns_common *ns = ERR_PTR(-ENOENT);

	if (IS_ERR(entry))
		ns = ERR_CAST(entry);
	else if (entry && compat_ns_get(entry->ns))
		ns = entry->ns;
	nslens_finder_free(&here);
	return ns;
}

/**
 * nslens_finder_free() - let go of all that look-ups have found
 * @finder: the finder
 *
 * Context: process; may sleep.
 */
void nslens_finder_free(struct nslens_finder *finder)
{
	if (finder->made)
		nslens_nstab_free(&finder->tab);
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
	unsigned long ino;

	xa_for_each(&tab->by_ino, ino, entry) {
		compat_ns_put(entry->ns);
		kfree(entry);
		cond_resched();
	}
	nslens_xa_destroy(&tab->by_ino);
	nslens_xa_destroy(&tab->tables);
}
