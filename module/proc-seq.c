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

/**
 * nslens_proc_seq_open() - open a file that is read through a seq_file
 * @file: the file
 * @ops: what makes its text
 * @size: bytes of what is private to it, which a struct nslens_proc_reader
 *	begins
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int nslens_proc_seq_open(struct file *file, const struct seq_operations *ops,
			 int size)
{
	struct nslens_proc_reader *reader = __seq_open_private(file, ops, size);

	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	return 0;
}

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

/**
 * nslens_proc_seq_read() - read_iter of a file that nslens_proc_seq_open() opened
 * @iocb: as for seq_read_iter()
 * @to: likewise
 *
 * Context: process.
 */
ssize_t nslens_proc_seq_read(struct kiocb *iocb, struct iov_iter *to)
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

/**
 * nslens_proc_seq_lseek() - likewise lseek, which makes text, too
 * @file: as for seq_lseek()
 * @offset: likewise
 * @whence: likewise
 *
 * Context: process.
 */
loff_t nslens_proc_seq_lseek(struct file *file, loff_t offset, int whence)
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

/**
 * nslens_proc_seq_release() - likewise release
 * @inode: as for seq_release_private()
 * @file: likewise
 *
 * Context: process.
 */
int nslens_proc_seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	forget(m->private);
	return seq_release_private(inode, file);
}
