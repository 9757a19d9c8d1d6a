// SPDX-License-Identifier: GPL-2.0
/* What happens meanwhile, for sessions to be told of. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

static int any_namespaces(struct rng *r)
{
	static const int flags[] = {
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWUSER,
		CLONE_NEWPID, CLONE_NEWCGROUP, CLONE_NEWTIME, 0, 0, 0,
	};

	return flags[below(r, ARRAY_SIZE(flags))] |
	       flags[below(r, ARRAY_SIZE(flags))];
}

static void live(struct worker *w)
{
	struct rng *r = &w->rng;

	if (percent(r, 40))
		unshare(any_namespaces(r));
	if (percent(r, 30))
		setns(world_fd(&w->world, r), 0);
	if (percent(r, 20) && fork() == 0)
		_exit(0);
	if (percent(r, 10))
		execl("/bin/true", "true", NULL);
	if (percent(r, 10))
		raise(SIGKILL);
	_exit(below(r, 256));
}

static pid_t make(long flags)
{
	return syscall(SYS_clone, SIGCHLD | flags, NULL, NULL, NULL, NULL);
}

/**
 * life_in_namespaces() - fork into new namespaces, if one may
 *
 * Return: as fork().
 */
pid_t life_in_namespaces(void)
{
	pid_t pid = make(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC);

	return pid < 0 ? make(0) : pid;
}

/**
 * life_step() - have a child that lives for a moment
 * @w: the worker
 */
void life_step(struct worker *w)
{
	/* CLONE_NEWTIME is a signal number here. */
	long flags = any_namespaces(&w->rng) & ~0xff;
	pid_t pid;

	if (percent(&w->rng, 70))
		flags = 0;
	pid = make(flags);
	if (pid == 0)
		live(w);
	/* Not just this one: a worker may be PID 1, and inherit. */
	while (waitpid(-1, NULL, pid > 0 ? 0 : WNOHANG) > 0)
		pid = 0;
}

/* What comes to an end with whoever asks, whatever he is at. */
static void ask(struct worker *w)
{
	static void (*const steps[])(struct worker *w) = {
		socket_send, socket_reopen, socket_send, file_reopen, file_read,
		file_write,
	};
	unsigned int n = 1 + below(&w->rng, 5);

	/* That is the worker's. */
	w->fail_nth = -1;
	while (n--)
		steps[below(&w->rng, ARRAY_SIZE(steps))](w);
	_exit(0);
}

/**
 * death_step() - have a child that is killed while it asks
 * @w: the worker
 *
 * What it sends is sent by itself and so, with what happens to its worker's
 * sockets meanwhile, is not the same each time.
 */
void death_step(struct worker *w)
{
	useconds_t patience = rng_sized(&w->rng, 12);
	pid_t pid = make(0);

	if (pid == 0)
		ask(w);
	usleep(patience);
	if (pid > 0)
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, NULL, 0) != pid)
		;
}
