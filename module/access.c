// SPDX-License-Identifier: GPL-2.0
/* Who may see what. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
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
	viewer->all = viewer->pid_ns == &init_pid_ns &&
		capable_of(NULL, &init_user_ns, CAP_SYS_ADMIN) &&
		(!opener || capable_of(opener, &init_user_ns, CAP_SYS_ADMIN));
}

/**
 * nslens_viewer_of_request() - the sender of a netlink request as a viewer
 * @viewer: filled
 * @request: the request
 *
 * As __netlink_ns_capable() has it: who opened the socket counts too, unless
 * current gave an address, which no program does by mistake.
 *
 * Context: process, in the system call that sent the request or that reads on
 * in its dump.
 */
void nslens_viewer_of_request(struct nslens_viewer *viewer,
			      const struct sk_buff *request)
{
	const struct netlink_skb_parms *parms = &NETLINK_CB(request);

	nslens_viewer_init(viewer, parms->flags & NETLINK_SKB_DST ? NULL :
			   parms->sk->sk_socket->file);
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
 * asked.
 */
static bool subject_passes(const struct cred *subject,
			   const struct file *opener, struct task_struct *task)
{
	const struct cred *object = __task_cred(task);
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
 *
 * Context: rcu_read_lock() and task_lock(@task) are held.
 */
bool nslens_may_see_ns(const struct nslens_viewer *viewer,
		       struct task_struct *task)
{
	const struct file *opener = viewer->opener;

	lockdep_assert_held(&task->alloc_lock);
	if (viewer->all)
		return true;
	if (!same_thread_group(task, current) &&
	    !subject_passes(current_cred(), NULL, task))
		return false;
	return !opener || opener->f_cred == current_cred() ||
	       subject_passes(opener->f_cred, opener, task);
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
	const struct cred *cred = current_cred();
	const struct cred *asked = asker->cred;

	if (asker->pid_ns == task_active_pid_ns(current) &&
	    (cred == asked ||
	     (uid_eq(cred->fsuid, asked->fsuid) &&
	      gid_eq(cred->fsgid, asked->fsgid) &&
	      uid_eq(cred->euid, asked->euid) &&
	      cred->user_ns == asked->user_ns &&
	      cap_issubset(cred->cap_effective, asked->cap_effective) &&
	      cap_issubset(asked->cap_effective, cred->cap_effective))))
		return true;
	NL_SET_ERR_MSG(extack,
		       "the dump is read by another than who asked for it");
	return false;
}
