// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens: the records as text, for people and for a bare busybox. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>

#include "access.h"
#include "proc-trace.h"
#include "proc.h"
#include "walk.h"

/**
 * struct tasks_iter - an open /proc/nslens/tasks
 * @reader: who has read last
 * @viewer: who reads, looked up anew in each read
 * @walk: the cursor; walk.ns is the viewer's, which reader or procfs keep alive
 * @t: the task at the cursor
 * @path: for the path of its cgroup
 *
 * The position in the file is the number at which to go on; 0 is the header.
 */
struct tasks_iter {
	struct nslens_proc_reader reader;
	struct nslens_viewer viewer;
	struct nslens_walk walk;
	struct nslens_task t;
	char path[PATH_MAX];
};

static void *tasks_at(struct tasks_iter *iter, loff_t *pos)
{
	int nr;

	iter->walk.nr = *pos;
	nr = nslens_walk_next(&iter->walk, &iter->t, &iter->viewer);
	if (nr < 0)
		return ERR_PTR(nr);
	if (!nr)
		return NULL;
	*pos = nr;
	return &iter->t;
}

/*
 * A procfs shows the PID namespace that it was mounted for, so a reader sees no
 * more through that of a container, and through an outer one no more than his
 * own. Return: false if neither is within the other.
 */
static bool view_through(struct nslens_viewer *viewer,
			 struct pid_namespace *ns)
{
	struct nslens_viewer through = { .pid_ns = ns };

	if (nslens_pid_ns_visible(viewer, ns)) {
		viewer->all = viewer->all && ns == viewer->pid_ns;
		viewer->pid_ns = ns;
		return true;
	}
	return nslens_pid_ns_visible(&through, viewer->pid_ns);
}

/**
 * nslens_proc_viewer() - who reads a file below /proc/nslens
 * @viewer: filled
 * @file: the file
 *
 * Context: process, in a system call of current.
 * Return: false if he sees nothing through this procfs.
 */
bool nslens_proc_viewer(struct nslens_viewer *viewer, const struct file *file)
{
	nslens_viewer_init(viewer, file);
	return view_through(viewer, proc_sb_info(file_inode(file)->i_sb)->pid_ns);
}

/**
 * nslens_proc_hides() - does a procfs show current only tasks that he sees in full
 * @file: file in that procfs
 *
 * As has_pid_permissions() in fs/proc/base.c.
 *
 * Context: process, in a system call of current.
 */
bool nslens_proc_hides(const struct file *file)
{
	const struct proc_fs_info *info = proc_sb_info(file_inode(file)->i_sb);

	return info->hide_pid == HIDEPID_NOT_PTRACEABLE ||
	       (info->hide_pid != HIDEPID_OFF && !in_group_p(info->pid_gid));
}

/**
 * nslens_proc_text() - print what others have named, without a line break
 * @m: where to
 * @text: the text
 * @also: characters to escape besides those that do not print
 *
 * A backslash must be among them, for what is escaped to be told from what is
 * not.
 */
void nslens_proc_text(struct seq_file *m, const char *text, const char *also)
{
	seq_escape_str(m, text, ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NP |
		       ESCAPE_OCTAL | ESCAPE_APPEND, also);
}

static void *tasks_start(struct seq_file *m, loff_t *pos)
{
	struct tasks_iter *iter = m->private;

	if (!nslens_proc_viewer(&iter->viewer, m->file))
		return NULL;
	iter->walk.ns = iter->viewer.pid_ns;
	iter->walk.full_only = iter->reader.hides;
	iter->walk.fields = NSLENS_TASK_FIELDS_DEFAULT |
			    NSLENS_TASK_FIELD_CGROUP | NSLENS_TASK_FIELD_OUTSIDE;
	iter->walk.path = iter->path;
	if (!*pos)
		return SEQ_START_TOKEN;
	return *pos > INT_MAX ? NULL : tasks_at(iter, pos);
}

static void *tasks_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return tasks_at(m->private, pos);
}

static void tasks_stop(struct seq_file *m, void *v)
{
}

/**
 * nslens_proc_levels() - print a task's PID at every level
 * @m: where to
 * @t: the task
 */
void nslens_proc_levels(struct seq_file *m, const struct nslens_task *t)
{
	unsigned int i;

	for (i = 0; i < t->levels; i++)
		seq_printf(m, "%c%u", i ? ',' : ' ', t->ids[NSLENS_ID_PID][i]);
}

/**
 * nslens_proc_ns_header() - print the headings of nslens_proc_ns()
 * @m: where to
 */
void nslens_proc_ns_header(struct seq_file *m)
{
	unsigned int i;

	for (i = 0; i < NSLENS_NR_NS; i++)
		seq_printf(m, " %s", nslens_ns_types[i].column);
}

/**
 * nslens_proc_ns() - print the inode numbers of a task's namespaces
 * @m: where to
 * @t: the task; what it has left, or hides, is -
 */
void nslens_proc_ns(struct seq_file *m, const struct nslens_task *t)
{
	unsigned int i;

	for (i = 0; i < NSLENS_NR_NS; i++) {
		if (t->fields & NSLENS_TASK_FIELD_NS && t->ns[i])
			seq_printf(m, " %u", t->ns[i]);
		else
			seq_puts(m, " -");
	}
}

static void show_if(struct seq_file *m, bool visible, u32 value)
{
	if (visible)
		seq_printf(m, " %u", value);
	else
		seq_puts(m, " -");
}

static void show_cgroup(struct seq_file *m, const struct nslens_task *t)
{
	seq_putc(m, ' ');
	if (t->fields & NSLENS_TASK_FIELD_CGROUP)
		nslens_proc_text(m, t->cgroup, " \\");
	else
		seq_putc(m, '-');
}

static void show_header(struct seq_file *m)
{
	seq_puts(m, "PID TGID PPID PGID SID NSPID");
	nslens_proc_ns_header(m);
	seq_puts(m, " UID GID NSUID NSGID START FLAGS TRACER OUTSIDE CGROUP COMMAND\n");
}

static int tasks_show(struct seq_file *m, void *v)
{
	const struct nslens_task *t = v;

	if (v == SEQ_START_TOKEN) {
		show_header(m);
		return 0;
	}
	seq_printf(m, "%u %u %u %u %u", t->ids[NSLENS_ID_PID][0],
		   t->ids[NSLENS_ID_TGID][0], t->ids[NSLENS_ID_PPID][0],
		   t->ids[NSLENS_ID_PGID][0], t->ids[NSLENS_ID_SID][0]);
	nslens_proc_levels(m, t);
	nslens_proc_ns(m, t);
	seq_printf(m, " %u %u", t->uid, t->gid);
	show_if(m, t->fields & NSLENS_TASK_FIELD_UID_INSIDE, t->uid_inside);
	show_if(m, t->fields & NSLENS_TASK_FIELD_GID_INSIDE, t->gid_inside);
	seq_printf(m, " %llu 0x%x %u", t->start_time, t->flags, t->tracer);
	show_if(m, t->fields & NSLENS_TASK_FIELD_OUTSIDE, t->outside);
	show_cgroup(m, t);
	seq_putc(m, ' ');
	/* One line a task, whatever it calls itself; spaces only at the end. */
	nslens_proc_text(m, t->comm, "\\");
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations tasks_ops = {
	.start	= tasks_start,
	.next	= tasks_next,
	.stop	= tasks_stop,
	.show	= tasks_show,
};

static const struct nslens_proc_seq tasks_seq = {
	.ops	= &tasks_ops,
	.size	= sizeof(struct tasks_iter),
};

static struct proc_dir_entry *dir;

/**
 * nslens_proc_init() - make /proc/nslens
 *
 * Anyone may read: each reader gets what he may see.
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int __init nslens_proc_init(void)
{
	dir = proc_mkdir("nslens", NULL);
	if (!dir)
		return -ENOMEM;
	if (!nslens_proc_seq_create("tasks", dir, &tasks_seq) ||
	    !nslens_proc_ns_create(dir) ||
	    !nslens_proc_traced_create(dir) ||
	    !proc_create("trace", 0666, dir, &nslens_proc_trace_ops)) {
		proc_remove(dir);
		return -ENOMEM;
	}
	return 0;
}

/**
 * nslens_proc_exit() - remove /proc/nslens; no read is under way after it
 *
 * Context: process.
 */
void nslens_proc_exit(void)
{
	proc_remove(dir);
}
