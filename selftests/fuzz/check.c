// SPDX-License-Identifier: GPL-2.0
/* After all that: is the module as it was, and does it answer rightly? */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/child.h"
#include "lib/lens.h"
#include "lib/module.h"
#include "lib/patience.h"
#include "lib/proc.h"
#include "lib/session.h"

static int wrong(const char *what)
{
	fprintf(stderr, "fuzz: in the end: %s\n", what);
	return -EILSEQ;
}

static void count_one(const struct nlmsghdr *reply, void *n)
{
	++*(unsigned int *)n;
}

static int count_dump(struct lens *l, int command, unsigned int *n)
{
	return lens_call(l, lens_request(l, command, NLM_F_DUMP), count_one, n);
}

/**
 * check_state() - what is kept
 * @state: filled
 *
 * Return: 0 or -errno.
 */
int check_state(struct state *state)
{
	struct lens lens;
	int err;

	memset(state, 0, sizeof(*state));
	state->references = module_references();
	if (state->references < 0)
		return -ENOENT;
	err = lens_open(&lens);
	if (err)
		return err;
	err = count_dump(&lens, NSLENS_CMD_TRACE_GET, &state->sessions) ?:
	      count_dump(&lens, NSLENS_CMD_NS_GET, &state->namespaces);
	lens_close(&lens);
	return err;
}

/**
 * check_back() - are all sessions and namespaces gone, and all references put?
 * @before: as it was before there were any
 *
 * Return: 0 or -errno.
 */
int check_back(const struct state *before)
{
	int waited, err = 0;
	struct state now;

	/* Sockets are taken apart a moment after they are closed. */
	for (waited = 0; waited < PATIENCE; waited += 10) {
		err = check_state(&now);
		if (err || !memcmp(&now, before, sizeof(now)))
			return err;
		poll(NULL, 0, 10);
	}
	fprintf(stderr, "fuzz: %u sessions, %u namespaces, %ld references;",
		now.sessions, now.namespaces, now.references);
	fprintf(stderr, " before %u, %u, %ld\n", before->sessions,
		before->namespaces, before->references);
	return -EBUSY;
}

/* As the kernel itself has it, at each level. */
static int check_task(struct lens *l, pid_t pid)
{
	struct numbers expected;
	struct task task;
	int err = lens_get(l, &(struct query){ .pid = pid }, &task);

	if (err)
		return err;
	err = proc_numbers(pid, "NSpid", &expected);
	if (err)
		return err;
	if (expected.n != task.pids.n ||
	    memcmp(expected.v, task.pids.v, expected.n * sizeof(*expected.v)))
		return wrong("task-get says another NSpid than /proc");
	if (task.ns.v[NSLENS_NS_TYPE_UTS] != ns_ino(pid, "uts"))
		return wrong("task-get says another UTS namespace than /proc");
	return 0;
}

static int check_tasks(void)
{
	struct child child;
	struct lens lens;
	int err = lens_open(&lens);

	if (err)
		return err;
	err = child_spawn(&child, CLONE_NEWPID | CLONE_NEWUTS);
	if (err)
		return err;
	err = check_task(&lens, getpid()) ?: check_task(&lens, child.pid);
	child_end(&child);
	lens_close(&lens);
	return err;
}

static int check_fork(struct session *s)
{
	const struct event *end;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return -errno;
	if (!session_await(s, NSLENS_EVENT_KIND_FORK, pid))
		return wrong("no event of a fork");
	end = session_await(s, NSLENS_EVENT_KIND_EXIT, pid);
	return end && end->exit_code == 7 ? 0 :
		wrong("no right event of an exit");
}

static int check_trace(void)
{
	const struct target own = { .pid = getpid(), .follow = true };
	struct session session;
	int err = session_open(&session);

	if (err)
		return err;
	err = session_trace(&session, own) ?: check_fork(&session);
	session_close(&session);
	return err;
}

static int check_file(void)
{
	FILE *file = fopen("/proc/nslens/tasks", "re");
	bool found = false;
	char line[8192];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		found |= atol(line) == getpid();
	fclose(file);
	return found ? 0 : wrong("/proc/nslens/tasks does not list who reads it");
}

/**
 * check_answers() - does the module say what is so?
 *
 * Return: 0 or -errno.
 */
int check_answers(void)
{
	return check_tasks() ?: check_trace() ?: check_file();
}
