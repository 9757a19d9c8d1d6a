// SPDX-License-Identifier: GPL-2.0
/* Namespaces behind open files: those that no task need be in. */
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/proc_ns.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "access.h"
#include "compat.h"
#include "nsfd.h"

/* Descriptors passed within one hold of a task's lock. */
#define FD_BATCH	256

/**
 * nslens_ns_of_file() - the namespace that a file stands for
 * @file: a file, with a reference
 *
 * Context: any.
 *
 * Return: the namespace, for compat_ns_put(); NULL of another kind of file.
 */
struct ns_common *nslens_ns_of_file(struct file *file)
{
	struct ns_common *ns;

	if (file_inode(file)->i_sb->s_magic != NSFS_MAGIC)
		return NULL;
	ns = get_proc_ns(file_inode(file));
	return compat_ns_get(ns) ? ns : NULL;
}

/*
 * The next namespace file of a table within a batch, with a reference. Context:
 * rcu_read_lock() is held, and the lock of a task whose table it is, in that
 * order, as in update_classid_task() (net/core/netclassid_cgroup.c).
 *
 * fd_install() adds files without the lock, complete ones; with it none goes,
 * and the table is not replaced (dup_fd() in fs/file.c).
 */
static struct file *next_in(struct files_struct *files,
			    struct nslens_nsfd *cursor)
{
	unsigned int fd = cursor->fd, max, end;
	struct file *file = NULL;
	struct fdtable *fdt;

	spin_lock(&files->file_lock);
	fdt = files_fdtable(files);
	max = fdt->max_fds;
	/* Another table than the last time may be smaller. */
	end = min(max, cursor->fd + FD_BATCH);
	while (!file && (fd = find_next_bit(fdt->open_fds, end, fd)) < end) {
		/* Reserved and not yet there if NULL. */
		file = rcu_dereference(fdt->fd[fd]);
		if (file && file_inode(file)->i_sb->s_magic != NSFS_MAGIC)
			file = NULL;
		fd++;
	}
	if (file)
		get_file(file);
	spin_unlock(&files->file_lock);
	cursor->fd = fd;
	cursor->done = fd >= max;
	return file;
}

/*
 * Is the table one that was or will be looked at as that of the task's leader?
 * As it is @task's, whose lock is held, it can be no other than the leader's if
 * the address is the same. Who may see one of two tasks with the same
 * credentials and memory may see the other.
 */
static bool same_as_leader(const struct nslens_viewer *viewer,
			   const struct task_struct *task,
			   const struct cred *cred)
{
	struct task_struct *leader = task->group_leader;

	return task != leader && task->files == READ_ONCE(leader->files) &&
	       (viewer->all || cred == __task_cred(leader));
}

/* Context: rcu_read_lock() is held. Return: a file with a reference, or NULL. */
static struct file *next_of(struct task_struct *task,
			    const struct nslens_viewer *viewer,
			    struct nslens_nsfd *cursor)
{
	const struct cred *cred = __task_cred(task);
	struct file *file = NULL;

	cursor->done = true;
	/* Keeps task->files, which exit_files() gives up. */
	task_lock(task);
	if (task->files && !same_as_leader(viewer, task, cred) &&
	    nslens_may_see_ns(viewer, task, cred))
		file = next_in(task->files, cursor);
	task_unlock(task);
	return file;
}

/**
 * nslens_nsfd_next() - the next namespace that a task has open as a file
 * @cursor: where in its files; all zero but for the PID at first
 * @viewer: who must pass the rule for it, which is that of /proc/PID/fd
 *
 * A thread that shares the files of its leader has none.
 *
 * Context: process; may sleep. Bounded work within each hold of a lock.
 *
 * Return: the namespace, for compat_ns_put(); NULL at the end; -EINTR on a
 * signal that kills the caller.
 */
struct ns_common *nslens_nsfd_next(struct nslens_nsfd *cursor,
				   const struct nslens_viewer *viewer)
{
	struct ns_common *ns = NULL;
	struct task_struct *task;
	struct file *file;

	while (!ns && !cursor->done) {
		rcu_read_lock();
		task = pid_task(find_pid_ns(cursor->nr, viewer->pid_ns),
				PIDTYPE_PID);
		file = task ? next_of(task, viewer, cursor) : NULL;
		rcu_read_unlock();
		if (!task)
			return NULL;
		if (file) {
			ns = nslens_ns_of_file(file);
			fput(file);
		}
		if (cursor->done)
			break;
		if (fatal_signal_pending(current)) {
			if (ns)
				compat_ns_put(ns);
			return ERR_PTR(-EINTR);
		}
		cond_resched();
	}
	return ns;
}
