// SPDX-License-Identifier: GPL-2.0
/* Targets, from what a user calls them. */
#include <linux/cgroup.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "nsid.h"
#include "nsref.h"
#include "target-make.h"
#include "target.h"
#include "task.h"

static struct nslens_target *make(const struct nslens_target *like)
{
	struct nslens_target *target = kmemdup(like, sizeof(*like),
					       GFP_KERNEL_ACCOUNT);
	int err;

	if (!target)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&target->list);
	err = nslens_target_begin(target);
	if (err) {
		kfree(target);
		return ERR_PTR(err);
	}
	return target;
}

/**
 * nslens_target_of_pid() - a process
 * @nr: PID of any of its threads
 * @ns: PID namespace in which that counts, the viewer's or a descendant
 * @follow: its descendants, too
 *
 * Context: process.
 * Return: the target, for nslens_target_free(); -ESRCH, -ENOMEM.
 */
struct nslens_target *nslens_target_of_pid(u32 nr, struct pid_namespace *ns,
					   bool follow)
{
	struct nslens_target target = {
		.kind = NSLENS_TARGET_TASK, .follow = follow,
	};
	struct nslens_target *made;
	struct task_struct *task;
	struct pid *tgid = NULL;

	rcu_read_lock();
	task = pid_task(find_pid_ns(nr, ns), PIDTYPE_PID);
	if (task) {
		tgid = nslens_process_pid(task, PIDTYPE_TGID);
		target.start = task->group_leader->start_boottime;
	}
	if (tgid) {
		target.tgid = tgid->numbers[0].nr;
		target.pid = get_pid(tgid);
	}
	rcu_read_unlock();
	if (!tgid)
		return ERR_PTR(-ESRCH);
	made = make(&target);
	if (IS_ERR(made))
		put_pid(tgid);
	return made;
}

/**
 * nslens_target_of_ns() - who is in a namespace
 * @ref: the namespace; it is not kept alive by the target
 *
 * Context: process. Return: the target, for nslens_target_free(); -ENOMEM.
 */
struct nslens_target *nslens_target_of_ns(const struct nslens_nsref *ref)
{
	const struct nslens_target target = {
		.kind = NSLENS_TARGET_NS, .type = nslens_ns_type_of(ref->ns),
		.ino = ref->ns->inum, .id = nslens_nsid_get(ref->ns),
	};

	return make(&target);
}

/**
 * nslens_target_of_cgroup() - what is in a cgroup or below
 * @path: its path from the root of the cgroup namespace of current
 *
 * Context: process.
 * Return: the target, for nslens_target_free(); -ENOENT, -ENOMEM and what else
 * cgroup_get_from_path() returns.
 */
struct nslens_target *nslens_target_of_cgroup(const char *path)
{
	struct nslens_target target = { .kind = NSLENS_TARGET_CGROUP };
	struct nslens_target *made;

	target.cgroup = cgroup_get_from_path(path);
	if (IS_ERR(target.cgroup))
		return ERR_CAST(target.cgroup);
	made = make(&target);
	if (IS_ERR(made))
		cgroup_put(target.cgroup);
	return made;
}

/**
 * nslens_target_of_all() - everything
 *
 * Context: process. Return: the target, for nslens_target_free(); -ENOMEM.
 */
struct nslens_target *nslens_target_of_all(void)
{
	const struct nslens_target target = { .kind = NSLENS_TARGET_ALL };

	return make(&target);
}
