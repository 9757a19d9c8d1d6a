// SPDX-License-Identifier: GPL-2.0
/*
 * A task in the deepest PID namespace that there can be: its PID at every level,
 * in records, translations, events and text, seen from here and from each level.
 * NSpid in /proc/PID/status is what they are compared with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lens.h"
#include "maker.h"
#include "part.h"
#include "proc.h"
#include "session.h"
#include "table.h"

#define MAX_DEPTH	(MAX_LEVELS - 1)

/* One in each namespace; the last has a child, which is looked at. */
static struct child chain[MAX_DEPTH], leaf;
static unsigned int depth;
static struct numbers nspid;

static struct child *deepest(void)
{
	return &chain[depth - 1];
}

static int make(void)
{
	struct child *parent = NULL;
	unsigned int i;
	int err;

	for (i = 0; i < depth; i++) {
		err = child_spawn_in(parent, &chain[i], CLONE_NEWPID);
		NEED(!err, "level %u: %s", i + 1, strerror(-err));
		parent = &chain[i];
	}
	/* More than one child each, so that PIDs differ. */
	for (i = 0; i < 2; i++) {
		child_end(&leaf);
		err = child_spawn_in(parent, &leaf, 0);
		NEED(!err, "the last: %s", strerror(-err));
	}
	NEED(!proc_numbers(leaf.pid, "NSpid", &nspid) && nspid.n == depth + 1,
	     "NSpid has %u levels", nspid.n);
	return 0;
}

/* From a level on. */
static bool equals(const struct numbers *seen, const struct numbers *all,
		   unsigned int level)
{
	return seen->n == all->n - level &&
	       !memcmp(seen->v, all->v + level, seen->n * sizeof(*seen->v));
}

/* As the one who is in the namespace at that level has it. */
static int get_at(struct lens *l, unsigned int level, struct task *task)
{
	struct query q = { .pid = nspid.v[level] };

	return level ? child_get(&chain[level - 1], &q, task) :
		       lens_get(l, &q, task);
}

static int translate_at(struct lens *l, unsigned int level, bool own,
			unsigned int to, __s32 *pid)
{
	struct ref ref = {};

	if (!own && to > level)
		ref = BY_PID(level ? chain[to - 1].pid_there :
			     chain[to - 1].pid);
	return level ? child_translate(&chain[level - 1], &(struct ref){},
				       &ref, own, pid, 1) :
		       lens_translate(l, NULL, &ref, own, pid, 1);
}

static int check_records(struct lens *l)
{
	struct task task;
	unsigned int i;
	__s32 pid;
	int err;

	for (i = 0; i <= depth; i++) {
		err = get_at(l, i, &task);
		NEED(!err, "task-get at level %u: %s", i, strerror(-err));
		NEED(equals(&task.pids, &nspid, i) &&
		     equals(&task.tgids, &nspid, i),
		     "task-get at level %u: other PIDs", i);
		pid = nspid.v[i];
		err = translate_at(l, i, true, 0, &pid);
		NEED(!err && pid == (__s32)nspid.v[depth],
		     "pid-translate at level %u to its own: %d, %s", i, pid,
		     strerror(-err));
	}
	return 0;
}

/* From here to every level, and back. */
static int check_translations(struct lens *l)
{
	unsigned int i;
	__s32 pid;
	int err;

	for (i = 1; i <= depth; i++) {
		const struct ref ref = BY_PID(chain[i - 1].pid);

		pid = nspid.v[0];
		err = lens_translate(l, NULL, &ref, false, &pid, 1);
		NEED(!err && pid == (__s32)nspid.v[i],
		     "pid-translate to level %u: %d, %s", i, pid,
		     strerror(-err));
		err = lens_translate(l, &ref, NULL, false, &pid, 1);
		NEED(!err && pid == (__s32)nspid.v[0],
		     "pid-translate from level %u: %d, %s", i, pid,
		     strerror(-err));
	}
	return 0;
}

struct line {
	__u32 pid;
	struct numbers pids;
};

static long read_line(void *data)
{
	static struct table table;
	struct line *line = data;
	char key[16], value[1024];
	int err;

	snprintf(key, sizeof(key), "%u", line->pid);
	err = table_read(&table, "/proc/nslens/tasks") ?:
	      table_cell(&table, "PID", key, "NSPID", value, sizeof(value));
	if (!err)
		text_numbers(value, &line->pids);
	return err;
}

static int check_text(void)
{
	struct line line;
	unsigned int i;
	int err;

	for (i = 0; i <= depth; i++) {
		line.pid = nspid.v[i];
		err = i ? child_do(&chain[i - 1], read_line, &line,
				   sizeof(line)) : read_line(&line);
		NEED(!err && equals(&line.pids, &nspid, i),
		     "/proc/nslens/tasks at level %u: %s", i,
		     err ? strerror(-err) : "other PIDs");
	}
	return 0;
}

/* A child's, for the test to ask about. */
static struct session there;

static long open_there(void *unused)
{
	return session_open(&there) ?: session_trace(&there, EVERYTHING);
}

/**
 * struct question - what a child's session was told of
 * @kind: of event
 * @pid: of the task, where the child is
 * @pids: filled in, with what the event says
 */
struct question {
	__u32 kind, pid;
	struct numbers pids;
};

static long look_there(void *data)
{
	struct question *q = data;
	struct event *e;
	int err = session_sync(&there);

	if (err)
		return err;
	e = session_find(&there, q->kind, q->pid);
	if (e)
		q->pids = e->pids;
	return e ? 0 : -ENOENT;
}

static int check_event(__u32 kind, const char *name, const struct numbers *pids)
{
	struct question q;
	unsigned int i;
	int err;

	for (i = 0; i <= depth; i++) {
		q = (struct question){ .kind = kind, .pid = pids->v[i] };
		err = i ? child_do(&chain[i - 1], look_there, &q, sizeof(q)) :
			  look_there(&q);
		NEED(!err && equals(&q.pids, pids, i), "%s at level %u: %s",
		     name, i, err ? strerror(-err) : "other PIDs");
	}
	return 0;
}

/* A child of the leaf's is made, becomes another program, and ends. */
static int check_events(void)
{
	struct make make = { .how = MAKE_FORK };
	struct run run = { .path = "/bin/sleep" };
	const struct event *e;
	struct numbers pids;
	unsigned int i;
	int err;

	err = open_there(NULL);
	for (i = 0; i < depth && !err; i++)
		err = child_do(&chain[i], open_there, NULL, 0);
	NEED(!err, "a session: %s", strerror(-err));
	child_start(&leaf, maker_make, &make, sizeof(make));
	e = session_child_of(&there, leaf.pid);
	NEED(e && !proc_numbers(e->pids.v[0], "NSpid", &pids) &&
	     pids.n == depth + 1, "no fork");
	NEED(equals(&e->parent_pids, &nspid, 0), "fork: of another");
	maker_release(&leaf);
	NEED(child_finish(&leaf, NULL, 0) == (long)pids.v[depth],
	     "fork: another PID than its parent's");
	err = check_event(NSLENS_EVENT_KIND_FORK, "fork", &pids) ?:
	      check_event(NSLENS_EVENT_KIND_EXIT, "exit", &pids);
	if (err)
		return err;
	child_start(&leaf, maker_run, &run, sizeof(run));
	NEED(session_await(&there, NSLENS_EVENT_KIND_EXEC, leaf.pid),
	     "no exec");
	return check_event(NSLENS_EVENT_KIND_EXEC, "exec", &nspid);
}

/* What the kernel says to one more, and the helper. */
static long go_deeper(void *unused)
{
	if (!unshare(CLONE_NEWPID))
		return 0;
	return -errno;
}

static long run_deeper(void *text)
{
	FILE *f = popen("nslens run --net=host -- true 2>&1", "re");
	int status;

	if (!f)
		return -errno;
	if (fgets(text, 200, f))
		((char *)text)[strcspn(text, "\n")] = '\0';
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static int check_deeper(void)
{
	struct child none = {};
	char text[200] = "";
	long status;
	int err = child_spawn_in(deepest(), &none, CLONE_NEWPID);

	NEED(err == -ENOSPC, "clone3 at level %u: %s", depth, strerror(-err));
	err = child_do(deepest(), go_deeper, NULL, 0);
	NEED(err == -ENOSPC, "unshare at level %u: %s", depth, strerror(-err));
	err = session_sync(&there);
	NEED(!err && !session_find(&there, NSLENS_EVENT_KIND_NS_CREATE, ANY_PID),
	     "ns-create of what was refused");
	status = child_do(deepest(), run_deeper, text, sizeof(text));
	NEED(status == 125, "nslens run: %ld, %s", status, text);
	say("; one more: ENOSPC, \"%s\"", text);
	return 0;
}

int part_deep(unsigned int n)
{
	struct lens l;
	int err;

	NEED(n && n <= MAX_DEPTH, "1 to %u levels", MAX_DEPTH);
	NEED(!lens_open(&l), "no nslens.ko");
	depth = n;
	err = make() ?: check_records(&l) ?: check_translations(&l) ?:
	      check_text() ?: check_events();
	if (err)
		return err;
	say("PIDs at %u levels, from each: task-get, pid-translate, /proc, fork, exec, exit",
	    depth + 1);
	return n == MAX_DEPTH ? check_deeper() : 0;
}
