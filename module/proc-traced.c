// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/traced: who is traced, by which sessions. */
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include "access.h"
#include "capture.h"
#include "proc.h"
#include "rec.h"
#include "session.h"
#include "trace.h"
#include "walk.h"

/**
 * struct traced_iter - an open /proc/nslens/traced
 * @reader: who has read last
 * @viewer: who reads, looked up anew in each read
 * @walk: the cursor
 * @t: the task at the cursor
 * @by: ids of the sessions that it is traced by
 * @n_by: how many
 * @rec: NSLENS_REC_PEEK bytes
 *
 * The position in the file is the number at which to go on; 0 is the header.
 */
struct traced_iter {
	struct nslens_proc_reader reader;
	struct nslens_viewer viewer;
	struct nslens_walk walk;
	struct nslens_task t;
	u32 by[NSLENS_MAX_SESSIONS];
	unsigned int n_by;
	u8 rec[NSLENS_REC_PEEK] __aligned(8);
};

static struct task_struct *task_of(const struct traced_iter *iter, int nr)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(nr, iter->viewer.pid_ns), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/* Which sessions that the viewer may know of trace the task with @nr here. */
static void find_sessions(struct traced_iter *iter, int nr)
{
	struct nslens_rec *r = (struct nslens_rec *)iter->rec;
	struct task_struct *task = task_of(iter, nr);
	struct nslens_session *session;

	iter->n_by = 0;
	if (!task)
		return;
	if (!nslens_capture_peek(task, r)) {
		nslens_trace_lock();
		list_for_each_entry(session, nslens_trace_sessions(), list)
			if (nslens_session_visible(session, &iter->viewer) &&
			    nslens_session_traces(session, r))
				iter->by[iter->n_by++] = session->id;
		nslens_trace_unlock();
		nslens_rec_put(r);
	}
	put_task_struct(task);
}

static bool any_session(void)
{
	bool any;

	nslens_trace_lock();
	any = !list_empty(nslens_trace_sessions());
	nslens_trace_unlock();
	return any;
}

static void *traced_at(struct traced_iter *iter, loff_t *pos)
{
	int nr;

	iter->walk.nr = *pos;
	do {
		nr = nslens_walk_next(&iter->walk, &iter->t, &iter->viewer);
		if (nr < 0)
			return ERR_PTR(nr);
		if (nr)
			find_sessions(iter, nr);
	} while (nr && !iter->n_by);
	if (!nr)
		return NULL;
	*pos = nr;
	return &iter->t;
}

static void *traced_start(struct seq_file *m, loff_t *pos)
{
	struct traced_iter *iter = m->private;

	if (!nslens_proc_viewer(&iter->viewer, m->file))
		return NULL;
	iter->walk.ns = iter->viewer.pid_ns;
	iter->walk.threads = true;
	/* Only who may see a task in full can trace it. */
	iter->walk.full_only = !iter->viewer.all;
	iter->walk.fields = NSLENS_TASK_FIELDS_DEFAULT;
	if (!*pos)
		return SEQ_START_TOKEN;
	return *pos > INT_MAX || !any_session() ? NULL : traced_at(iter, pos);
}

static void *traced_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return any_session() ? traced_at(m->private, pos) : NULL;
}

static void traced_stop(struct seq_file *m, void *v)
{
}

static int traced_show(struct seq_file *m, void *v)
{
	const struct traced_iter *iter = m->private;
	unsigned int i;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "SESSIONS PID NSPID");
		nslens_proc_ns_header(m);
		seq_puts(m, " COMMAND\n");
		return 0;
	}
	for (i = 0; i < iter->n_by; i++)
		seq_printf(m, "%s%u", i ? "," : "", iter->by[i]);
	seq_printf(m, " %u", iter->t.ids[NSLENS_ID_PID][0]);
	nslens_proc_levels(m, &iter->t);
	nslens_proc_ns(m, &iter->t);
	seq_putc(m, ' ');
	nslens_proc_text(m, iter->t.comm, "\\");
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations traced_ops = {
	.start	= traced_start,
	.next	= traced_next,
	.stop	= traced_stop,
	.show	= traced_show,
};

static const struct nslens_proc_seq traced_seq = {
	.ops	= &traced_ops,
	.size	= sizeof(struct traced_iter),
};

/**
 * nslens_proc_traced_create() - make /proc/nslens/traced
 * @dir: /proc/nslens
 *
 * Context: process. Return: the file, removed with @dir; NULL for want of memory.
 */
struct proc_dir_entry *nslens_proc_traced_create(struct proc_dir_entry *dir)
{
	return nslens_proc_seq_create("traced", dir, &traced_seq);
}
