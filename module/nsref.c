// SPDX-License-Identifier: GPL-2.0
/* From what a request says of a namespace to the namespace. */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "nsfd.h"
#include "nsref.h"
#include "nstab.h"
#include "walk.h"

/**
 * nslens_nsref_put() - let go of a namespace
 * @ref: may be all zero
 *
 * Context: process.
 */
void nslens_nsref_put(struct nslens_nsref *ref)
{
	if (ref->ns)
		compat_ns_put(ref->ns);
	memset(ref, 0, sizeof(*ref));
}

/* @ns comes with a reference, which goes to @ref. */
static void set_ns(struct nslens_nsref *ref, struct ns_common *ns)
{
	ref->ns = ns;
	if (compat_ns_flag(ns) == CLONE_NEWPID)
		ref->pid_ns = container_of(ns, struct pid_namespace, ns);
}

static int from_fd(struct nslens_nsref *ref, struct nlattr *attr,
		   const struct nslens_viewer *viewer,
		   struct netlink_ext_ack *extack)
{
	struct file *file = fget(nla_get_u32(attr));
	struct ns_common *ns;

	if (!file) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not an open file descriptor");
		return -EBADF;
	}
	ns = nslens_ns_of_file(file);
	fput(file);
	if (!ns) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not a namespace file");
		return -EINVAL;
	}
	set_ns(ref, ns);
	if (ref->type < 0)
		ref->type = nslens_ns_type_of(ns);
	if (ref->type < 0 ||
	    nslens_ns_types[ref->type].flag != compat_ns_flag(ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a namespace of another type");
		return -EINVAL;
	}
	if (ref->pid_ns && !nslens_pid_ns_visible(viewer, ref->pid_ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not the caller's PID namespace nor a descendant of it");
		return -EPERM;
	}
	return 0;
}

/*
 * A namespace of the task with the number @nr here, if @viewer passes the rule
 * for it; @rule NULL: whoever he is.
 *
 * Return: the namespace, with a reference; -ESRCH if there is no such task, or
 * what nslens_task_ns_get() returns.
 */
static struct ns_common *ns_of_task(int nr, int type,
				    const struct nslens_viewer *viewer,
				    const struct nslens_viewer *rule)
{
	struct ns_common *ns = ERR_PTR(-ESRCH);
	struct task_struct *task;
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nr, viewer->pid_ns);
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		ns = nslens_task_ns_get(pid, task, type, rule);
	rcu_read_unlock();
	return ns;
}

static int from_task(struct nslens_nsref *ref, struct nlattr *attr,
		     const struct nslens_viewer *viewer, bool to_count_in,
		     struct netlink_ext_ack *extack)
{
	struct ns_common *ns;

	if (ref->type < 0) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the type says which of the task's namespaces");
		return -EINVAL;
	}
	/* What numbers a task has is no secret, so there no rule is asked. */
	ns = ns_of_task(nla_get_u32(attr), ref->type, viewer,
			to_count_in ? NULL : viewer);
	if (!IS_ERR(ns)) {
		set_ns(ref, ns);
		return 0;
	}
	if (PTR_ERR(ns) == -EPERM)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not allowed to see the namespaces of this task");
	else if (PTR_ERR(ns) == -ENOENT)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this task is exiting and has left its namespaces");
	else
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such task");
	return PTR_ERR(ns);
}

/*
 * Look for a PID namespace among those between the task that has @nr here and
 * the viewer: the viewer may see this task, but none that is directly in it.
 */
static struct ns_common *outer_pid_ns(int nr, u32 ino,
				      const struct nslens_viewer *viewer)
{
	struct ns_common *found = NULL, *ns;
	struct nslens_task t;
	unsigned int level;
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nr, viewer->pid_ns);
	if (!nslens_task_find(&t, viewer, pid, PIDTYPE_PID,
			      NSLENS_TASK_FIELD_NS) ||
	    !(t.fields & NSLENS_TASK_FIELD_NS))
		goto out;
	for (level = viewer->pid_ns->level; level <= pid->level; level++) {
		ns = &pid->numbers[level].ns->ns;
		if (ns->inum != ino)
			continue;
		found = compat_ns_get(ns) ? ns : NULL;
		break;
	}
out:
	rcu_read_unlock();
	return found;
}

/*
 * The namespace with inode @ino among those of a task, or NULL; it may be gone
 * since the task was read.
 */
static struct ns_common *ns_with_ino(const struct nslens_task *t, int nr,
				     u32 ino,
				     const struct nslens_viewer *viewer)
{
	struct ns_common *ns;
	int type;

	for (type = 0; type < NSLENS_NR_NS && t->ns[type] != ino; type++)
		;
	if (type == NSLENS_NR_NS)
		return NULL;
	ns = ns_of_task(nr, type, viewer, viewer);
	if (IS_ERR(ns))
		return NULL;
	if (ns->inum == ino)
		return ns;
	compat_ns_put(ns);
	return NULL;
}

/*
 * There is no index of namespaces, so look at tasks, of which mostly one is in
 * it; if not, at all that a dump would list.
 *
 * Return: the namespace, with a reference, or an error.
 */
static struct ns_common *search_tasks(u32 ino, const struct nslens_viewer *viewer)
{
	struct nslens_walk walk = {
		.ns = viewer->pid_ns, .nr = 1, .threads = true,
		.fields = NSLENS_TASK_FIELD_NS,
	};
	struct ns_common *ns;
	struct nslens_task t;
	int nr;

	while ((nr = nslens_walk_next(&walk, &t, viewer)) > 0) {
		if (!(t.fields & NSLENS_TASK_FIELD_NS))
			continue;
		ns = ns_with_ino(&t, nr, ino, viewer);
		if (!ns && t.levels > 1)
			ns = outer_pid_ns(nr, ino, viewer);
		if (ns)
			return ns;
	}
	return nr ? ERR_PTR(nr) : nslens_nstab_find(viewer, ino);
}

static struct ns_common *search_ino(u32 ino, const struct nslens_viewer *viewer)
{
	/* For more than one it is worth while to list them all. */
	if (viewer->finder && viewer->finder->lookups++)
		return nslens_nstab_find(viewer, ino);
	return search_tasks(ino, viewer);
}

static int from_ino(struct nslens_nsref *ref, struct nlattr *attr,
		    const struct nslens_viewer *viewer,
		    struct netlink_ext_ack *extack)
{
	u32 ino = nla_get_u32(attr);
	struct ns_common *ns;
	int err = nslens_may_walk(viewer, extack);

	if (err)
		return err;
	ns = ino ? search_ino(ino, viewer) : ERR_PTR(-ENOENT);
	if (ns == ERR_PTR(-ENOENT))
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no such namespace that the caller may see");
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	set_ns(ref, ns);
	if (ref->type < 0)
		ref->type = nslens_ns_type_of(ns);
	if (nslens_ns_types[ref->type].flag != compat_ns_flag(ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a namespace of another type");
		return -EINVAL;
	}
	if (ref->pid_ns && !nslens_pid_ns_visible(viewer, ref->pid_ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no such namespace that the caller may see");
		return -ENOENT;
	}
	return 0;
}

static int resolve(struct nslens_nsref *ref, struct nlattr *attr, int type,
		   const struct nslens_viewer *viewer,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NSLENS_A_NS_REF_MAX + 1];
	int err;

	/* Validated with the request; this only takes it apart. */
	err = nla_parse_nested(tb, NSLENS_A_NS_REF_MAX, attr,
			       nslens_ns_ref_nl_policy, extack);
	if (err)
		return err;
	if (!!tb[NSLENS_A_NS_REF_INO] + !!tb[NSLENS_A_NS_REF_FD] +
	    !!tb[NSLENS_A_NS_REF_PID] != 1) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "name a namespace by exactly one of ino, fd, pid");
		return -EINVAL;
	}
	BUILD_BUG_ON(NSLENS_NS_TYPE_MAX != 9);	/* as the policy has it */
	ref->type = type;
	if (tb[NSLENS_A_NS_REF_TYPE]) {
		ref->type = array_index_nospec(nla_get_u32(tb[NSLENS_A_NS_REF_TYPE]),
					       NSLENS_NR_NS);
		if (type >= 0 && ref->type != type) {
			NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_NS_REF_TYPE],
					    "a PID namespace is needed here");
			return -EINVAL;
		}
	}
	if (tb[NSLENS_A_NS_REF_FD])
		return from_fd(ref, tb[NSLENS_A_NS_REF_FD], viewer, extack);
	if (tb[NSLENS_A_NS_REF_PID])
		return from_task(ref, tb[NSLENS_A_NS_REF_PID], viewer,
				 type >= 0, extack);
	return from_ino(ref, tb[NSLENS_A_NS_REF_INO], viewer, extack);
}

static int get_typed(struct nslens_nsref *ref, struct nlattr *attr, int type,
		     const struct nslens_viewer *viewer,
		     struct netlink_ext_ack *extack)
{
	int err;

	memset(ref, 0, sizeof(*ref));
	err = resolve(ref, attr, type, viewer, extack);
	if (err)
		nslens_nsref_put(ref);
	return err;
}

/**
 * nslens_nsref_get() - the namespace that an attribute names
 * @ref: filled in; the caller puts it with nslens_nsref_put()
 * @attr: nest of the attribute set ns-ref
 * @viewer: who asks
 * @extack: told what is wrong
 *
 * Context: process, in the system call of who sent the request, whose file
 * descriptors count. By fd and by pid the cost is constant.
 * Return: 0; -EINVAL for another type or not one way to name it; -EBADF; -ESRCH
 * for a task that does not exist; -ENOENT for an inode that is not found;
 * -EPERM for what the viewer may not see; -EBUSY for an inode, if the request is
 * not the first of what was sent at once. @ref is all zero after an error.
 */
int nslens_nsref_get(struct nslens_nsref *ref, struct nlattr *attr,
		     const struct nslens_viewer *viewer,
		     struct netlink_ext_ack *extack)
{
	return get_typed(ref, attr, -1, viewer, extack);
}

/**
 * nslens_nsref_get_pid_ns() - the PID namespace that an attribute names
 * @ref: filled in; the caller puts it with nslens_nsref_put()
 * @attr: nest of the attribute set ns-ref, or NULL for the viewer's own
 * @viewer: who asks
 * @extack: told what is wrong
 *
 * As nslens_nsref_get(); ref->pid_ns is the viewer's or a descendant of it.
 */
int nslens_nsref_get_pid_ns(struct nslens_nsref *ref, struct nlattr *attr,
			    const struct nslens_viewer *viewer,
			    struct netlink_ext_ack *extack)
{
	if (attr)
		return get_typed(ref, attr, NSLENS_NS_TYPE_PID, viewer, extack);

	memset(ref, 0, sizeof(*ref));
	ref->type = NSLENS_NS_TYPE_PID;
	set_ns(ref, &get_pid_ns(viewer->pid_ns)->ns);
	return 0;
}
