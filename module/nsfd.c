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
#include <linux/xarray.h>

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

/* No two tables begin within so few bytes. */
static unsigned long seen_index(const struct files_struct *files)
{
	BUILD_BUG_ON(sizeof(*files) < L1_CACHE_BYTES);
	return (unsigned long)files / L1_CACHE_BYTES;
}

/*
 * Has the table been looked at as that of another task? The address may be that
 * of a table that is no more; but if that task has it now, as does the one whose
 * lock is held, it is its table, whose end has been reached. If that PID is
 * another's by now, PIDs have come and gone, and the answer is flagged.
 */
static bool was_seen(const struct nslens_nsfd *cursor,
		     const struct nslens_viewer *viewer,
		     const struct files_struct *files)
{
	void *nr = xa_load(cursor->seen, seen_index(files));
	struct task_struct *task;

	if (!nr)
		return false;
	task = pid_task(find_pid_ns(xa_to_value(nr), viewer->pid_ns),
			PIDTYPE_PID);
	return task && READ_ONCE(task->files) == files;
}

/* Only costs time if there is no memory. */
static void note_seen(const struct nslens_nsfd *cursor)
{
	if (cursor->shared)
		xa_store(cursor->seen, seen_index(cursor->table),
			 xa_mk_value(cursor->nr),
			 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/* As next_in(), which knows of tables; @files is that of a task. */
static struct file *next_noted(struct files_struct *files,
			       struct nslens_nsfd *cursor)
{
	const bool same = !cursor->fd || cursor->table == files;
	struct file *file = next_in(files, cursor);

	cursor->table = same ? files : NULL;
	cursor->shared = cursor->done && same && atomic_read(&files->count) > 1;
	return file;
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
	if (task->files && nslens_may_see_ns(viewer, task, cred) &&
	    !was_seen(cursor, viewer, task->files))
		file = next_noted(task->files, cursor);
	task_unlock(task);
	return file;
}

/**
 * nslens_nsfd_next() - the next namespace that a task has open as a file
 * @cursor: where in its files; all zero but for the PID and @cursor->seen at first
 * @viewer: who must pass the rule for it, which is that of /proc/PID/fd
 *
 * A table that many have is looked at once: who shares it has none.
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
		if (cursor->done) {
			note_seen(cursor);
			break;
		}
		if (fatal_signal_pending(current)) {
			if (ns)
				compat_ns_put(ns);
			return ERR_PTR(-EINTR);
		}
		cond_resched();
	}
	return ns;
}
