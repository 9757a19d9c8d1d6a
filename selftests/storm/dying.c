// SPDX-License-Identifier: GPL-2.0
/*
 * Many tasks, of which half end while the others are dumped, read as text, and
 * told of as existing: who lives throughout is there each time, and once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lens.h"
#include "part.h"
#include "proc.h"
#include "roll.h"
#include "session.h"

#define PID_MAX		"/proc/sys/kernel/pid_max"
#define LIMIT		120.0	/* seconds for each look */

enum { DUMP, TEXT, EXISTS, NR };

static const char *const names[NR] = { "dump", "/proc", "exists" };

/**
 * struct group - of those that are to end
 * @killer: their parent
 * @n: how many there are
 */
struct group {
	struct child killer;
	unsigned int n;
};

static struct herd living;
static struct group groups[NR];

static struct herd mine;

static long gather(void *n)
{
	return herd_spawn(&mine, *(unsigned int *)n);
}

/* In any order, and reaped a while after. */
static long kill_all(void *unused)
{
	unsigned int i, j;
	pid_t pid;

	for (i = mine.n - 1; i > 0; i--) {
		j = dice(i + 1);
		pid = mine.pids[i];
		mine.pids[i] = mine.pids[j];
		mine.pids[j] = pid;
	}
	for (i = 0; i < mine.n; i++) {
		kill(mine.pids[i], SIGKILL);
		if (i >= 64)
			waitpid(mine.pids[i - 64], NULL, 0);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

static int make(unsigned int n)
{
	int i, err;

	err = herd_spawn(&living, n / 2);
	NEED(!err, "fork: %s", strerror(-err));
	for (i = 0; i < NR; i++) {
		groups[i].n = n / 2 / NR;
		NEED(!child_spawn(&groups[i].killer, 0), "no child");
		err = child_do(&groups[i].killer, gather, &groups[i].n,
			       sizeof(groups[i].n));
		NEED(!err, "fork: %s", strerror(-err));
	}
	return 0;
}

/* Do they end still, or have all of them? */
static bool is_over(struct child *killer)
{
	struct pollfd wait = { .fd = killer->chan, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

static int check_living(struct roll *r, const char *name)
{
	unsigned int i;

	roll_sort(r);
	for (i = 0; i < living.n; i++)
		NEED(roll_times(r, living.pids[i]) == 1,
		     "%s: PID %d, which lives, is there %u times", name,
		     living.pids[i], roll_times(r, living.pids[i]));
	NEED(!roll_twice(r), "%s: PID %llu is there twice", name,
	     roll_twice(r));
	return 0;
}

static void note(const struct nlmsghdr *reply, void *data)
{
	struct task t;

	read_task(reply, &t);
	roll_add(data, t.pids.v[0]);
}

static int dump(struct roll *r)
{
	struct lens l;
	int err = lens_open(&l);

	if (!err)
		err = lens_call(&l, lens_request(&l, NSLENS_CMD_TASK_GET,
						 NLM_F_DUMP), note, r);
	lens_close(&l);
	NEED(!err, "task-get: %s", strerror(-err));
	return 0;
}

static int read_text(struct roll *r)
{
	FILE *f = fopen("/proc/nslens/tasks", "re");
	char line[8192];
	unsigned int pid;

	NEED(f, "/proc/nslens/tasks: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%u ", &pid) == 1)
			roll_add(r, pid);
	fclose(f);
	return 0;
}

/* That the second is not refused says that all has been told. */
static int ask(struct session *s)
{
	struct trace_change change = {
		.add = { EVERYTHING }, .exists = true, .set_events = true,
		.events = NSLENS_EVENT_MASK_EXISTS | NSLENS_EVENT_MASK_EXIT |
			  NSLENS_EVENT_MASK_FORK,
	};
	int err = session_open(s) ?: session_set(s, &change);

	while (!err || err == -EBUSY) {
		err = session_set(s, &(struct trace_change){ .exists = true });
		if (!err)
			break;
	}
	return err;
}

/* A thread of the kernel's may be told of as forked, and none of ours. */
static int take_exists(struct session *s, struct roll *r)
{
	struct roll ended = {};
	unsigned int i;
	__u64 twice;

	for (i = 0; i < s->n; i++) {
		const struct event *e = &s->v[i];

		NEED(e->kind != NSLENS_EVENT_KIND_LOST,
		     "exists: %llu and %llu lost", e->lost_ring, e->lost_queue);
		if (e->kind == NSLENS_EVENT_KIND_EXIT)
			roll_add(&ended, e->pids.v[0]);
		if (e->kind == NSLENS_EVENT_KIND_EXISTS)
			roll_add(r, e->pids.v[0]);
	}
	roll_sort(&ended);
	twice = roll_twice(&ended);
	NEED(!twice, "exists: PID %llu ends twice", twice);
	for (i = 0; i < living.n; i++)
		NEED(!roll_times(&ended, living.pids[i]),
		     "exists: PID %d, which lives, ends", living.pids[i]);
	roll_free(&ended);
	return 0;
}

static int exist(struct roll *r)
{
	struct session s;
	int err = ask(&s);

	NEED(!err, "exists: %s %s", s.lens.text, strerror(-err));
	err = take_exists(&s, r);
	session_close(&s);
	return err;
}

static int (*const looks[NR])(struct roll *r) = {
	[DUMP] = dump, [TEXT] = read_text, [EXISTS] = exist,
};

/* Look again and again while a group ends, and once more. */
static int look(int how)
{
	struct child *killer = &groups[how].killer;
	unsigned int n = 0, most = 0, least = ~0U;
	double longest = 0;
	struct roll r = {};
	bool over;
	int err;

	child_start(killer, kill_all, NULL, 0);
	do {
		const double start = seconds();
		double took;

		over = is_over(killer);
		err = looks[how](&r) ?: check_living(&r, names[how]);
		if (err)
			return err;
		took = seconds() - start;
		longest = took > longest ? took : longest;
		most = r.n > most ? r.n : most;
		least = r.n < least ? r.n : least;
		n++;
		roll_free(&r);
	} while (!over);
	NEED(longest < patience(LIMIT), "%s: took %.1f s", names[how], longest);
	say(" %s %u times, %u down to %u tasks, at most %.1f s;", names[how],
	    n, most, least, longest);
	return child_finish(killer, NULL, 0);
}

int part_dying(unsigned int n)
{
	char before[32];
	int i, err;

	NEED(read_file(PID_MAX, before, sizeof(before)) > 0, "no " PID_MAX);
	if (strtoul(before, NULL, 10) < 2 * n)
		write_file(PID_MAX, "131072");
	err = make(n);
	if (!err)
		say("%u tasks, half of which end:", n);
	for (i = 0; i < NR && !err; i++)
		err = look(i);
	for (i = 0; i < NR; i++)
		child_end(&groups[i].killer);
	herd_end(&living);
	write_file(PID_MAX, before);
	if (!err)
		say(" who lives is there each time, once");
	return err;
}
