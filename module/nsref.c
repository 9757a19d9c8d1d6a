// SPDX-License-Identifier: GPL-2.0
/* From what a request says of a namespace to the namespace. */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "nsref.h"
#include "walk.h"

/**
 * nslens_nsref_put() - let go of a namespace
 * @ref: may be all zero
 *
 * Context: process.
 */
void nslens_nsref_put(struct nslens_nsref *ref)
{
	if (ref->pid_ns)
		put_pid_ns(ref->pid_ns);
	if (ref->file)
		fput(ref->file);
	memset(ref, 0, sizeof(*ref));
}

static struct pid_namespace *to_pid_ns(struct ns_common *ns)
{
	return container_of(ns, struct pid_namespace, ns);
}

static bool is_pid_type(int type)
{
	return type >= 0 && nslens_ns_types[type].flag == CLONE_NEWPID;
}

static int from_fd(struct nslens_nsref *ref, struct nlattr *attr,
		   const struct nslens_viewer *viewer,
		   struct netlink_ext_ack *extack)
{
	struct pid_namespace *pid_ns;
	struct ns_common *ns;

	ref->file = fget(nla_get_u32(attr));
	if (!ref->file) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not an open file descriptor");
		return -EBADF;
	}
	if (file_inode(ref->file)->i_sb->s_magic != NSFS_MAGIC) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not a namespace file");
		return -EINVAL;
	}
	ns = get_proc_ns(file_inode(ref->file));
	if (ref->type < 0)
		ref->type = nslens_ns_type_of(ns);
	if (ref->type < 0 ||
	    nslens_ns_types[ref->type].flag != compat_ns_flag(ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a namespace of another type");
		return -EINVAL;
	}
	ref->ino = ns->inum;
	if (!is_pid_type(ref->type))
		return 0;
	pid_ns = to_pid_ns(ns);
	if (!nslens_pid_ns_visible(viewer, pid_ns)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not the caller's PID namespace nor a descendant of it");
		return -EPERM;
	}
	ref->pid_ns = get_pid_ns(pid_ns);
	return 0;
}

static int from_task(struct nslens_nsref *ref, struct nlattr *attr,
		     const struct nslens_viewer *viewer,
		     struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct nslens_task t;
	struct pid *pid;
	int err = -ESRCH;

	if (ref->type < 0) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the type says which of the task's namespaces");
		return -EINVAL;
	}
	rcu_read_lock();
	pid = find_pid_ns(nla_get_u32(attr), viewer->pid_ns);
	task = pid_task(pid, PIDTYPE_PID);
	if (!task)
		goto out;
	/* Where a task has its numbers is no secret, so no rule is asked. */
	if (ref->type == NSLENS_NS_TYPE_PID) {
		ref->pid_ns = get_pid_ns(pid->numbers[pid->level].ns);
		ref->ino = ref->pid_ns->ns.inum;
		err = 0;
		goto out;
	}
	if (!nslens_task_collect(&t, viewer, pid, task, NSLENS_TASK_FIELD_NS))
		goto out;
	if (!(t.fields & NSLENS_TASK_FIELD_NS)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not allowed to see the namespaces of this task");
		err = -EPERM;
		goto out;
	}
	ref->ino = t.ns[ref->type];
	err = ref->ino ? 0 : -ESRCH;
out:
	rcu_read_unlock();
	if (err == -ESRCH)
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such task");
	return err;
}

/*
 * Look for a PID namespace among those of the task that the walk is at, the
 * levels between it and the viewer included: an outer one may have no task
 * left that is directly in it.
 */
static struct pid_namespace *pid_ns_at(const struct nslens_walk *walk,
				       unsigned int level, int nr, u32 ino)
{
	struct pid_namespace *found = NULL;
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nr, walk->ns);
	for (; pid && level <= pid->level; level++) {
		if (pid->numbers[level].ns->ns.inum != ino)
			continue;
		found = get_pid_ns(pid->numbers[level].ns);
		break;
	}
	rcu_read_unlock();
	return found;
}

/* Which type of namespace of this task has the inode number, or -1. */
static int type_of_ino(const struct nslens_task *t, u32 ino)
{
	int i;

	for (i = 0; i < NSLENS_NR_NS; i++)
		if (t->ns[i] == ino)
			return i < NSLENS_NR_TYPES ? i :
			       i == NSLENS_NS_TYPE_PID_FOR_CHILDREN ?
			       NSLENS_NS_TYPE_PID : NSLENS_NS_TYPE_TIME;
	return -1;
}

/*
 * There is no index of namespaces, so look at tasks. Only what a task shows to
 * the viewer is found.
 */
static int search_ino(struct nslens_nsref *ref, u32 ino,
		      const struct nslens_viewer *viewer)
{
	struct nslens_walk walk = {
		.ns = viewer->pid_ns, .nr = 1, .threads = true,
		.fields = NSLENS_TASK_FIELD_NS,
	};
	struct nslens_task t;
	int nr, type;

	while ((nr = nslens_walk_next(&walk, &t, viewer)) > 0) {
		if (!(t.fields & NSLENS_TASK_FIELD_NS))
			continue;
		type = type_of_ino(&t, ino);
		if (type >= 0 && type != NSLENS_NS_TYPE_PID)
			return type;
		ref->pid_ns = pid_ns_at(&walk, viewer->pid_ns->level, nr, ino);
		if (ref->pid_ns)
			return NSLENS_NS_TYPE_PID;
	}
	return nr ?: -ENOENT;
}

static int from_ino(struct nslens_nsref *ref, struct nlattr *attr,
		    const struct nslens_viewer *viewer,
		    struct netlink_ext_ack *extack)
{
	int type;

	ref->ino = nla_get_u32(attr);
	type = ref->ino ? search_ino(ref, ref->ino, viewer) : -ENOENT;
	if (type == -ENOENT)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no task that the caller may see is in such a namespace");
	if (type < 0)
		return type;
	if (ref->type < 0)
		ref->type = type;
	if (nslens_ns_types[ref->type].flag != nslens_ns_types[type].flag) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a namespace of another type");
		return -EINVAL;
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
	ref->type = type;
	if (tb[NSLENS_A_NS_REF_TYPE]) {
		ref->type = nla_get_u32(tb[NSLENS_A_NS_REF_TYPE]);
		if (type >= 0 && ref->type != type) {
			NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_NS_REF_TYPE],
					    "a PID namespace is needed here");
			return -EINVAL;
		}
	}
	if (tb[NSLENS_A_NS_REF_FD])
		return from_fd(ref, tb[NSLENS_A_NS_REF_FD], viewer, extack);
	if (tb[NSLENS_A_NS_REF_PID])
		return from_task(ref, tb[NSLENS_A_NS_REF_PID], viewer, extack);
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
 * -EPERM for what the viewer may not see. @ref is all zero after an error.
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
	ref->pid_ns = get_pid_ns(viewer->pid_ns);
	ref->ino = viewer->pid_ns->ns.inum;
	return 0;
}
