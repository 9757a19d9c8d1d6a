// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/trace: a session that is an open file. */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "access.h"
#include "event-text.h"
#include "proc-trace.h"
#include "proc.h"
#include "proc-words.h"
#include "session.h"
#include "target.h"
#include "trace.h"

/* Longest write, so a path of a cgroup fits into its line. */
#define MAX_WRITE	8192
/* What a reader may be behind. */
#define QUEUE_BYTES	(256 * 1024)

/**
 * struct proc_session - a session that is an open file
 * @session: the session
 * @lock: protects @got; taken by readers alone: a reader's page fault may wait
 *	for whatever he likes, and the drain must not
 * @wait: readers
 * @queue: lines that were not read yet, QUEUE_BYTES that go round
 * @put: bytes that were ever put in; the drain's, readers look
 * @got: bytes that were ever taken out; a reader's, the drain looks
 * @full: something did not fit; its reader is to say when there is room
 * @text: NSLENS_EVENT_TEXT bytes, the drain's
 */
struct proc_session {
	struct nslens_session session;
	/* Of @got. */
	struct mutex lock;
	wait_queue_head_t wait;
	char *queue;
	size_t put;
	size_t got;
	bool full;
	char *text;
};

static struct proc_session *to_proc(struct nslens_session *session)
{
	return container_of(session, struct proc_session, session);
}

static bool fits(const struct proc_session *ps, size_t len)
{
	/* Pairs with take(): what is overwritten has been read. */
	return QUEUE_BYTES - (ps->put - smp_load_acquire(&ps->got)) >= len;
}

static bool has_room(struct proc_session *ps, size_t len)
{
	if (fits(ps, len))
		return true;
	WRITE_ONCE(ps->full, true);
	/* Who has read in between has not seen it. */
	smp_mb();
	if (!fits(ps, len))
		return false;
	WRITE_ONCE(ps->full, false);
	return true;
}

static bool proc_emit(struct nslens_session *session,
		      const struct nslens_event *event)
{
	struct proc_session *ps = to_proc(session);
	size_t len = nslens_event_text(ps->text, NSLENS_EVENT_TEXT, session, event);
	size_t at = ps->put % QUEUE_BYTES;
	size_t first = min_t(size_t, len, QUEUE_BYTES - at);

	if (!has_room(ps, len))
		return false;
	memcpy(ps->queue + at, ps->text, first);
	memcpy(ps->queue, ps->text + first, len - first);
	/* Pairs with take(). */
	smp_store_release(&ps->put, ps->put + len);
	return true;
}

static bool proc_flush(struct nslens_session *session)
{
	struct proc_session *ps = to_proc(session);

	if (ps->put != READ_ONCE(ps->got))
		wake_up_interruptible_poll(&ps->wait, EPOLLIN | EPOLLRDNORM);
	return !READ_ONCE(ps->full);
}

static const struct nslens_front proc_front = {
	.id = NSLENS_TRACE_FRONT_PROC,
	.emit = proc_emit,
	.flush = proc_flush,
};

static void free_session(struct proc_session *ps)
{
	kvfree(ps->queue);
	kvfree(ps->text);
	kfree(ps);
}

static struct proc_session *alloc_session(void)
{
	struct proc_session *ps = kzalloc(sizeof(*ps), GFP_KERNEL_ACCOUNT);

	if (!ps)
		return NULL;
	mutex_init(&ps->lock);
	init_waitqueue_head(&ps->wait);
	ps->queue = kvmalloc(QUEUE_BYTES, GFP_KERNEL_ACCOUNT);
	ps->text = kvmalloc(NSLENS_EVENT_TEXT, GFP_KERNEL_ACCOUNT);
	if (ps->queue && ps->text)
		return ps;
	free_session(ps);
	return NULL;
}

/* Holds the module, so that it is not removed while there are sessions. */
static int trace_open(struct inode *inode, struct file *file)
{
	struct nslens_viewer viewer;
	struct proc_session *ps;
	int err = -ENOMEM;

	if (!nslens_proc_viewer(&viewer, file))
		return -EPERM;
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	ps = alloc_session();
	if (ps)
		err = nslens_trace_open(&ps->session, &proc_front, &viewer,
					NULL);
	if (err) {
		if (ps)
			free_session(ps);
		module_put(THIS_MODULE);
		return err;
	}
	file->private_data = ps;
	/* A reader that waits must not keep who shares the file from writing. */
	return stream_open(inode, file);
}

static int trace_release(struct inode *inode, struct file *file)
{
	struct proc_session *ps = file->private_data;

	nslens_trace_close(&ps->session);
	free_session(ps);
	/* procfs waits for this function before the module is gone. */
	module_put(THIS_MODULE);
	return 0;
}

/* Return: bytes; 0 if there are none, or -EFAULT. */
static ssize_t take(struct proc_session *ps, char __user *buf, size_t size)
{
	size_t at = ps->got % QUEUE_BYTES;
	/* Pairs with proc_emit(). */
	size_t n = min3(size, smp_load_acquire(&ps->put) - ps->got,
			QUEUE_BYTES - at);

	lockdep_assert_held(&ps->lock);
	if (copy_to_user(buf, ps->queue + at, n))
		return -EFAULT;
	/* Pairs with fits(). */
	smp_store_release(&ps->got, ps->got + n);
	return n;
}

/* Half empty is worth it. */
static void say_room(struct proc_session *ps)
{
	/* Pairs with has_room(). */
	smp_mb();
	if (!READ_ONCE(ps->full) ||
	    READ_ONCE(ps->put) - READ_ONCE(ps->got) > QUEUE_BYTES / 2)
		return;
	WRITE_ONCE(ps->full, false);
	nslens_trace_wake();
}

static ssize_t trace_read(struct file *file, char __user *buf, size_t size,
			  loff_t *pos)
{
	struct proc_session *ps = file->private_data;
	ssize_t n;
	int err;

	/* Whoever it was given to has his own rights, not those of who opened it. */
	if (!nslens_asker_is_current(&ps->session.asker, NULL))
		return -EPERM;
	if (!size)
		return 0;
	for (;;) {
		err = mutex_lock_interruptible(&ps->lock);
		if (err)
			return err;
		n = take(ps, buf, size);
		mutex_unlock(&ps->lock);
		if (n > 0)
			say_room(ps);
		if (n)
			return n;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(ps->wait,
					       READ_ONCE(ps->put) != READ_ONCE(ps->got));
		if (err)
			return err;
	}
}

static int write_line(struct proc_session *ps, char *line,
		      const struct nslens_viewer *viewer)
{
	struct nslens_trace_change change = {
		.add = LIST_HEAD_INIT(change.add),
		.remove = LIST_HEAD_INIT(change.remove),
	};
	int err = nslens_proc_words(&change, line, viewer);

	if (!err)
		err = nslens_trace_change(&ps->session, &change);
	nslens_targets_free(&change.add);
	nslens_targets_free(&change.remove);
	return err;
}

/* Lines, each a change; those before the first that is wrong count. */
static ssize_t write_lines(struct proc_session *ps, char *text,
			   const struct nslens_viewer *viewer)
{
	char *line, *next = text;
	int err;

	while ((line = strsep(&next, "\n"))) {
		err = write_line(ps, line, viewer);
		if (err)
			return line > text ? line - text : err;
	}
	return 0;
}

static ssize_t trace_write(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	struct proc_session *ps = file->private_data;
	struct nslens_viewer viewer;
	ssize_t done;
	char *text;

	if (!nslens_asker_is_current(&ps->session.asker, NULL) ||
	    !nslens_proc_viewer(&viewer, file))
		return -EPERM;
	if (size > MAX_WRITE)
		return -EINVAL;
	text = memdup_user_nul(buf, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	done = strlen(text) == size ? write_lines(ps, text, &viewer) : -EINVAL;
	kfree(text);
	return done ?: size;
}

static __poll_t trace_poll(struct file *file, poll_table *wait)
{
	struct proc_session *ps = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &ps->wait, wait);
	if (READ_ONCE(ps->put) != READ_ONCE(ps->got))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

const struct proc_ops nslens_proc_trace_ops = {
	.proc_open	= trace_open,
	.proc_read	= trace_read,
	.proc_write	= trace_write,
	.proc_poll	= trace_poll,
	.proc_lseek	= noop_llseek,
	.proc_release	= trace_release,
};
