// SPDX-License-Identifier: GPL-2.0
/* The table of namespace types, and the proof that it is right here. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/namei.h>
#include <linux/ns_common.h>
#include <linux/percpu.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "ns.h"
#include "nsid.h"
#include "rec.h"

#define IN_NSPROXY(_name, _column, _flag, _ptr, _common) {		\
	.name = _name, .column = _column, .flag = _flag,		\
	.base = NSLENS_BASE_NSPROXY,					\
	.ptr = offsetof(struct nsproxy, _ptr), .common = _common,	\
}

const struct nslens_ns_row nslens_ns_types[NSLENS_NR_NS] = {
	[NSLENS_NS_TYPE_CGROUP] =
		IN_NSPROXY("cgroup", "CGROUPNS", CLONE_NEWCGROUP, cgroup_ns,
			   offsetof(struct cgroup_namespace, ns)),
	[NSLENS_NS_TYPE_IPC] =
		IN_NSPROXY("ipc", "IPCNS", CLONE_NEWIPC, ipc_ns,
			   offsetof(struct ipc_namespace, ns)),
	/*
	 * struct mnt_namespace is private to fs/; that it begins with its
	 * ns_common is checked by nslens_ns_check().
	 */
	[NSLENS_NS_TYPE_MNT] =
		IN_NSPROXY("mnt", "MNTNS", CLONE_NEWNS, mnt_ns, 0),
	[NSLENS_NS_TYPE_NET] =
		IN_NSPROXY("net", "NETNS", CLONE_NEWNET, net_ns,
			   offsetof(struct net, ns)),
	[NSLENS_NS_TYPE_PID] = {
		.name = "pid", .column = "PIDNS", .flag = CLONE_NEWPID, .base = NSLENS_BASE_UPID,
		.ptr = offsetof(struct upid, ns),
		.common = offsetof(struct pid_namespace, ns),
	},
	[NSLENS_NS_TYPE_TIME] =
		IN_NSPROXY("time", "TIMENS", CLONE_NEWTIME, time_ns,
			   offsetof(struct time_namespace, ns)),
	[NSLENS_NS_TYPE_USER] = {
		.name = "user", .column = "USERNS", .flag = CLONE_NEWUSER, .base = NSLENS_BASE_CRED,
		.ptr = offsetof(struct cred, user_ns),
		.common = offsetof(struct user_namespace, ns),
	},
	[NSLENS_NS_TYPE_UTS] =
		IN_NSPROXY("uts", "UTSNS", CLONE_NEWUTS, uts_ns,
			   offsetof(struct uts_namespace, ns)),
	[NSLENS_NS_TYPE_PID_FOR_CHILDREN] =
		IN_NSPROXY("pid_for_children", "PIDCHILDNS", CLONE_NEWPID,
			   pid_ns_for_children,
			   offsetof(struct pid_namespace, ns)),
	[NSLENS_NS_TYPE_TIME_FOR_CHILDREN] =
		IN_NSPROXY("time_for_children", "TIMECHILDNS", CLONE_NEWTIME,
			   time_ns_for_children,
			   offsetof(struct time_namespace, ns)),
};

/**
 * nslens_ns_inodes() - the inode numbers of a task's namespaces
 * @inodes: filled in, 0 for a namespace that the task has left
 * @bases: what the task's pointers are members of; NULL for one that it has
 *	no more, as nsproxy when it exits
 *
 * Unrolled, the table folds into plain loads.
 *
 * Context: the locks that protect each base are held.
 */
void nslens_ns_inodes(u32 inodes[NSLENS_NR_NS],
		      const void *const bases[NSLENS_NR_BASES])
{
	const struct ns_common *common;
	const void *ns;
	unsigned int i;

#pragma GCC unroll 16
	for (i = 0; i < NSLENS_NR_NS; i++) {
		ns = nslens_ns_pointer(bases, &nslens_ns_types[i]);
		common = ns + nslens_ns_types[i].common;
		inodes[i] = ns ? common->inum : 0;
	}
}

/**
 * nslens_ns_record() - inode numbers and ids of a task's namespaces
 * @to: filled in, 0 for a namespace that the task has left
 * @bases: as nslens_ns_inodes() takes them
 *
 * Unrolled as there. What is for the children is mostly what the task is in.
 *
 * Context: any, after nslens_nsid_start(); the locks that protect each base are
 * held.
 */
void nslens_ns_record(struct nslens_rec_ns *to,
		      const void *const bases[NSLENS_NR_BASES])
{
	/* In registers: for all the compiler knows, @to overwrites @bases. */
	const void *const held[NSLENS_NR_BASES] = {
		bases[NSLENS_BASE_NSPROXY], bases[NSLENS_BASE_CRED],
		bases[NSLENS_BASE_UPID],
	};
	const struct ns_common *common;
	unsigned int i, own;
	const void *ns;

#pragma GCC unroll 16
	for (i = 0; i < NSLENS_NR_NS; i++) {
		own = nslens_own_type(i);
		ns = nslens_ns_pointer(held, &nslens_ns_types[i]);
		common = ns + nslens_ns_types[i].common;
		if (own != i &&
		    ns == nslens_ns_pointer(held, &nslens_ns_types[own])) {
			to->ino[i] = to->ino[own];
			to->id[i] = to->id[own];
		} else {
			to->ino[i] = ns ? common->inum : 0;
			to->id[i] = ns ? nslens_nsid_peek(common, own) : 0;
		}
	}
}

/**
 * struct memo - what was last recorded on a CPU
 * @ns: the namespaces, not pinned
 * @set: what they were recorded as
 * @changes: nslens_nsid_changes before that
 *
 * As long as no number of a namespace has been freed, no other namespace can be
 * at the address of one of them, and they have the same ids.
 */
struct memo {
	const void *ns[NSLENS_NR_NS];
	struct nslens_rec_ns set;
	int changes;
};

static DEFINE_PER_CPU(struct memo, memo);

static bool remembers(const struct memo *m,
		      const void *const bases[NSLENS_NR_BASES])
{
	unsigned int i;

#pragma GCC unroll 16
	for (i = 0; i < NSLENS_NR_NS; i++)
		if (m->ns[i] != nslens_ns_pointer(bases, &nslens_ns_types[i]))
			return false;
	/*
	 * Pairs with on_free_inum(): whoever has got a namespace sees that the
	 * one before it was freed.
	 */
	smp_rmb();
	return m->changes == atomic_read(&nslens_nsid_changes);
}

/**
 * nslens_ns_record_again() - nslens_ns_record(), where one is much like the last
 * @to: as there
 * @bases: as there
 *
 * Most events are of tasks in the namespaces of the one before: to find that
 * takes a quarter of the time.
 *
 * Context: as there, and interrupts are off.
 */
void nslens_ns_record_again(struct nslens_rec_ns *to,
			    const void *const bases[NSLENS_NR_BASES])
{
	struct memo *m = this_cpu_ptr(&memo);
	unsigned int i;

	lockdep_assert_irqs_disabled();
	if (!remembers(m, bases)) {
		m->changes = atomic_read(&nslens_nsid_changes);
		/* Ids that are read after this are of then or later. */
		smp_rmb();
		for (i = 0; i < NSLENS_NR_NS; i++)
			m->ns[i] = nslens_ns_pointer(bases, &nslens_ns_types[i]);
		nslens_ns_record(&m->set, bases);
	}
	*to = m->set;
}

/*
 * What /proc/self/ns/NAME says.
 * Return: 0, or what kern_path() returns: -ENOENT also for a type that this
 * kernel was built without.
 */
static int inode_in_proc(const char *name, unsigned long *ino)
{
	char file[sizeof("/proc/self/ns/") + 20];
	struct path path;
	int err;

	snprintf(file, sizeof(file), "/proc/self/ns/%s", name);
	err = kern_path(file, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	*ino = d_inode(path.dentry)->i_ino;
	path_put(&path);
	return 0;
}

static void inodes_of_current(u32 inodes[NSLENS_NR_NS])
{
	const struct pid *pid = task_pid(current);
	const void *const bases[] = {
		[NSLENS_BASE_NSPROXY] = current->nsproxy,
		[NSLENS_BASE_CRED] = current_cred(),
		[NSLENS_BASE_UPID] = &pid->numbers[pid->level],
	};

	nslens_ns_inodes(inodes, bases);
}

/**
 * nslens_ns_check() - compare the table with what the kernel says of current
 *
 * The layout of struct mnt_namespace is assumed, the others are compiled in;
 * all are compared, since it costs nothing.
 *
 * Context: process, at load, with /proc mounted. current's nsproxy and
 * credentials can only be changed by current itself, so no lock is needed.
 *
 * Return: 0; -ENODEV if there is no /proc; -ENOEXEC if this kernel is not what
 * the module was made for. (insmod has misleading words for -ENOENT, -EINVAL.)
 */
int nslens_ns_check(void)
{
	const struct nslens_ns_row *type;
	u32 inodes[NSLENS_NR_NS];
	unsigned long ino;
	unsigned int i;
	int err;

	inodes_of_current(inodes);
	for (i = 0; i < NSLENS_NR_NS; i++) {
		type = &nslens_ns_types[i];
		err = inode_in_proc(type->name, &ino);
		if (err == -ENOENT && type->flag != CLONE_NEWNS)
			continue;
		if (err) {
			pr_err("cannot look at /proc/self/ns/%s: is /proc mounted? (error %d)\n",
			       type->name, err);
			return -ENODEV;
		}
		if (inodes[i] != ino) {
			pr_err("this kernel keeps %s namespaces in another way than this module knows (inode %u, not %lu); not loading\n",
			       type->name, inodes[i], ino);
			return -ENOEXEC;
		}
	}
	return 0;
}

/**
 * nslens_ns_type_of() - the type of a namespace
 * @ns: a namespace
 *
 * Return: an index into nslens_ns_types, of none for the children; or -1 for a type
 * that this module does not know.
 */
int nslens_ns_type_of(const struct ns_common *ns)
{
	int i;

	for (i = 0; i < NSLENS_NR_NS; i++)
		if (nslens_ns_types[i].flag == compat_ns_flag(ns) &&
		    !nslens_is_for_children(i))
			return i;
	return -1;
}
