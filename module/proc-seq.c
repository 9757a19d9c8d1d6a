// SPDX-License-Identifier: GPL-2.0
/* Files whose text is made for who reads it, and is his alone. */
#include <linux/cgroup.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/uio.h>

#include "access.h"
#include "nsid.h"
#include "proc.h"

static void forget(struct nslens_proc_reader *reader)
{
	if (reader->asker.cred)
		nslens_asker_put(&reader->asker);
	reader->asker.cred = NULL;
}

/*
 * A seq_file keeps what it has made of a line and nobody has read yet, for
 * whoever reads next. If that is not who it was made for, or just like him,
 * there is no position that it is for: all up to there is made anew, as if he
 * had gone there himself.
 */
static void note_reader(struct seq_file *m)
{
	struct nslens_proc_reader *reader = m->private;
	const u64 cgroup_ns = nslens_nsid_get(&current->nsproxy->cgroup_ns->ns);
	const bool hides = nslens_proc_hides(m->file);

	lockdep_assert_held(&reader->lock);
	if (reader->asker.cred && reader->hides == hides &&
	    reader->cgroup_ns == cgroup_ns &&
	    nslens_asker_is_current(&reader->asker, NULL))
		return;
	forget(reader);
	nslens_asker_get(&reader->asker);
	reader->cgroup_ns = cgroup_ns;
	reader->hides = hides;
	m->read_pos = -1;
}

static int seq_file_open(struct inode *inode, struct file *file)
{
	const struct nslens_proc_seq *seq = pde_data(inode);
	struct nslens_proc_reader *reader;

	reader = __seq_open_private(file, seq->ops, seq->size);
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	return 0;
}

static ssize_t seq_file_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	struct nslens_proc_reader *reader = m->private;
	const size_t room = iov_iter_count(to);
	ssize_t n;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	note_reader(m);
	n = seq_read_iter(iocb, to);
	/* At the end nothing is kept for a file that is just left open. */
	if (!n && room)
		forget(reader);
	mutex_unlock(&reader->lock);
	return n;
}

/* Makes text, too. */
static loff_t seq_file_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private_data;
	struct nslens_proc_reader *reader = m->private;
	loff_t at;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	note_reader(m);
	at = seq_lseek(file, offset, whence);
	mutex_unlock(&reader->lock);
	return at;
}

static int seq_file_release(struct inode *inode, struct file *file)
{
	const struct nslens_proc_seq *seq = pde_data(inode);
	struct seq_file *m = file->private_data;

	if (seq->free)
		seq->free(m->private);
	forget(m->private);
	return seq_release_private(inode, file);
}

static const struct proc_ops seq_file_ops = {
	.proc_open	= seq_file_open,
	.proc_read_iter	= seq_file_read,
	.proc_lseek	= seq_file_lseek,
	.proc_release	= seq_file_release,
};

/**
 * nslens_proc_seq_create() - make a file that anyone may read
 * @name: its name
 * @dir: in this folder, with which it goes
 * @seq: what it is; stays as long as the file
 *
 * Context: process. Return: NULL without memory.
 */
struct proc_dir_entry *nslens_proc_seq_create(const char *name,
					      struct proc_dir_entry *dir,
					      const struct nslens_proc_seq *seq)
{
	return proc_create_data(name, 0444, dir, &seq_file_ops, (void *)seq);
}
