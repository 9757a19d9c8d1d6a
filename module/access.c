// SPDX-License-Identifier: GPL-2.0
/* Who may see what. */
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"

static bool capable_of(const struct file *opener, struct user_namespace *ns,
		       int cap)
{
	return opener ? file_ns_capable(opener, ns, cap) :
			ns_capable_noaudit(ns, cap);
}

/**
 * nslens_viewer_init() - current as a viewer
 * @viewer: filled
 * @opener: file that current reads or writes, if its opener counts too
 *
 * Context: process, in a system call of current.
 */
void nslens_viewer_init(struct nslens_viewer *viewer, const struct file *opener)
{
	viewer->pid_ns = task_active_pid_ns(current);
	viewer->user_ns = current_user_ns();
	viewer->opener = opener;
	viewer->behind = false;
	viewer->finder = NULL;
	viewer->all = viewer->pid_ns == &init_pid_ns &&
		capable_of(NULL, &init_user_ns, CAP_SYS_ADMIN) &&
		(!opener || capable_of(opener, &init_user_ns, CAP_SYS_ADMIN));
}

/* As far as any rule here can tell them apart. */
static bool same_rights(const struct cred *a, const struct cred *b)
{
	return a == b ||
	       (uid_eq(a->fsuid, b->fsuid) && gid_eq(a->fsgid, b->fsgid) &&
		uid_eq(a->euid, b->euid) && a->user_ns == b->user_ns &&
		cap_issubset(a->cap_effective, b->cap_effective) &&
		cap_issubset(b->cap_effective, a->cap_effective));
}

/**
 * nslens_viewer_of_request() - the sender of a netlink request as a viewer
 * @viewer: filled
 * @request: the request
 * @extack: told why not
 *
 * A program that writes to what it was given as its output does not know that
 * it asks, nor who reads the answer: as __netlink_ns_capable() has it, only
 * one that gives an address does. So without it, who opened the socket must
 * have the same rights.
 *
 * Context: process, in the system call that sent the request.
 *
 * Return: 0 or -EPERM.
 */
int nslens_viewer_of_request(struct nslens_viewer *viewer,
			     const struct sk_buff *request,
			     struct netlink_ext_ack *extack)
{
	const struct netlink_skb_parms *parms = &NETLINK_CB(request);

	nslens_viewer_init(viewer, NULL);
	/* What has been handled is cut off in front. */
	viewer->behind = skb_headroom(request);
	if (parms->flags & NETLINK_SKB_DST ||
	    same_rights(parms->sk->sk_socket->file->f_cred, current_cred()))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "send it to an address: the socket is another's");
	return -EPERM;
}

/**
 * nslens_may_walk() - may a request take as long as looking at all tasks takes
 * @viewer: who asks
 * @extack: told why not
 *
 * All messages that were sent at once are handled in one hold of a lock which
 * all of generic netlink shares: so only the first of them may.
 *
 * Context: any. Return: 0 or -EBUSY.
 */
int nslens_may_walk(const struct nslens_viewer *viewer,
		    struct netlink_ext_ack *extack)
{
	if (!viewer->behind)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "send it on its own: it has to look at all tasks");
	return -EBUSY;
}

static bool same_ids(const struct cred *subject, const struct cred *object)
{
	return uid_eq(subject->fsuid, object->euid) &&
	       uid_eq(subject->fsuid, object->suid) &&
	       uid_eq(subject->fsuid, object->uid) &&
	       gid_eq(subject->fsgid, object->egid) &&
	       gid_eq(subject->fsgid, object->sgid) &&
	       gid_eq(subject->fsgid, object->gid) &&
	       subject->user_ns == object->user_ns &&
	       cap_issubset(object->cap_permitted, subject->cap_effective);
}

/*
 * The rule of ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS), by which
 * /proc/PID/ns is shown, as far as it can be said with what is exported
 * (kernel/ptrace.c, security/commoncap.c). Other security modules cannot be
 * asked. /proc holds exec_update_lock from the rule to the use of what it
 * shows; here it is one hold of task_lock(), with the same credentials.
 */
static bool subject_passes(const struct cred *subject,
			   const struct file *opener, struct task_struct *task,
			   const struct cred *object)
{
	struct user_namespace *ns;

	if (!same_ids(subject, object) &&
	    !capable_of(opener, object->user_ns, CAP_SYS_PTRACE))
		return false;

	/* Pairs with commit_creds(): not dumpable first, then the new ids. */
	smp_rmb();
	return compat_task_dumpable(task, &ns) ||
	       capable_of(opener, ns, CAP_SYS_PTRACE);
}

/**
 * nslens_may_see_ns() - may the viewer see the namespaces of a task
 * @viewer: who asks
 * @task: whom about; it has a PID in the viewer's PID namespace
 * @cred: its credentials, those that are shown; read before
 *
 * Context: rcu_read_lock() and task_lock(@task) are held.
 *
 * Return: true if the viewer may.
 */
bool nslens_may_see_ns(const struct nslens_viewer *viewer,
		       struct task_struct *task, const struct cred *cred)
{
	const struct file *opener = viewer->opener;

	lockdep_assert_held(&task->alloc_lock);
	if (viewer->all)
		return true;
	if (!same_thread_group(task, current) &&
	    !subject_passes(current_cred(), NULL, task, cred))
		return false;
	return !opener || opener->f_cred == current_cred() ||
	       subject_passes(opener->f_cred, opener, task, cred);
}

/**
 * nslens_may_enter() - may the viewer look into a namespace that no task shows
 * @viewer: who asks
 * @ns: a namespace that the caller keeps alive, and so its owner
 *
 * Anyone may open the file of a namespace that he finds; what is in it is for
 * who could go there by setns(): CAP_SYS_ADMIN in the user namespace that owns
 * it, or in itself if it is one.
 *
 * Context: process, in a system call of current.
 */
bool nslens_may_enter(const struct nslens_viewer *viewer, struct ns_common *ns)
{
	struct user_namespace *owner;

	if (viewer->all)
		return true;
	owner = compat_ns_flag(ns) == CLONE_NEWUSER ?
		container_of(ns, struct user_namespace, ns) :
		ns->ops->owner(ns);
	return capable_of(NULL, owner, CAP_SYS_ADMIN) &&
	       (!viewer->opener ||
		capable_of(viewer->opener, owner, CAP_SYS_ADMIN));
}

/**
 * nslens_pid_ns_visible() - is a PID namespace the viewer's or a descendant
 * @viewer: who asks
 * @ns: a PID namespace that the caller keeps alive, and so its ancestors
 *
 * Context: any.
 */
bool nslens_pid_ns_visible(const struct nslens_viewer *viewer,
			   const struct pid_namespace *ns)
{
	while (ns->level > viewer->pid_ns->level)
		ns = ns->parent;
	return ns == viewer->pid_ns;
}

/**
 * nslens_user_ns_visible() - is a user namespace the viewer's or a descendant
 * @viewer: who asks
 * @ns: a user namespace that the caller keeps alive, and so its ancestors
 *
 * Context: any.
 */
bool nslens_user_ns_visible(const struct nslens_viewer *viewer,
			    const struct user_namespace *ns)
{
	while (ns && ns != viewer->user_ns)
		ns = ns->parent;
	return ns;
}

/**
 * nslens_cgroup_visible() - may somebody know of a cgroup
 * @viewer: who asks; current
 * @cgroup: cgroup of the v2 hierarchy, which the caller keeps alive
 *
 * As cgroup_get_from_id(): outside of his cgroup namespace, neither its path nor
 * its id is told, but to who may see everything.
 *
 * Context: process, in a system call of current.
 */
bool nslens_cgroup_visible(const struct nslens_viewer *viewer,
			   struct cgroup *cgroup)
{
	return viewer->all ||
	       cgroup_is_descendant(cgroup,
				    current->nsproxy->cgroup_ns->root_cset->dfl_cgrp);
}

/**
 * nslens_asker_get() - keep in mind that current asked
 * @asker: filled; the caller puts it with nslens_asker_put()
 *
 * Context: process, in a system call of current.
 */
void nslens_asker_get(struct nslens_asker *asker)
{
	asker->pid_ns = get_pid_ns(task_active_pid_ns(current));
	asker->cred = get_current_cred();
}

/**
 * nslens_asker_put() - forget who asked
 * @asker: who asked
 *
 * Context: process.
 */
void nslens_asker_put(struct nslens_asker *asker)
{
	put_pid_ns(asker->pid_ns);
	put_cred(asker->cred);
}

/**
 * nslens_asker_is_current() - is current the one who asked, or just like him
 * @asker: who asked
 * @extack: told if not
 *
 * A dump goes on in whichever process reads the socket. If that one is not as
 * privileged as who asked, or elsewhere, it must not get the other's answer;
 * nor may who asked get the answer that a more privileged reader would.
 *
 * Context: process, in a system call of current.
 */
bool nslens_asker_is_current(const struct nslens_asker *asker,
			     struct netlink_ext_ack *extack)
{
	if (asker->pid_ns == task_active_pid_ns(current) &&
	    same_rights(current_cred(), asker->cred))
		return true;
	NL_SET_ERR_MSG(extack,
		       "the dump is read by another than who asked for it");
	return false;
}

/**
 * nslens_asker_had() - are credentials those that who asked had
 * @asker: who asked
 * @cred: credentials that a task had
 *
 * Context: any.
 */
bool nslens_asker_had(const struct nslens_asker *asker, const struct cred *cred)
{
	return same_rights(asker->cred, cred);
}

/**
 * nslens_asker_passes() - may who asked see the namespaces that a task was in
 * @asker: who asked
 * @object: credentials that the task had
 * @mm_ns: user namespace in which CAP_SYS_PTRACE helps, since it was not
 *	dumpable; NULL if it was
 *
 * As nslens_may_see_ns(), for a task that may be no more.
 *
 * Context: process.
 */
bool nslens_asker_passes(const struct nslens_asker *asker,
			 const struct cred *object, struct user_namespace *mm_ns)
{
	const struct cred *own = override_creds(asker->cred);
	bool passes;

	passes = (same_ids(asker->cred, object) ||
		  ns_capable_noaudit(object->user_ns, CAP_SYS_PTRACE)) &&
		 (!mm_ns || ns_capable_noaudit(mm_ns, CAP_SYS_PTRACE));
	revert_creds(own);
	return passes;
}
