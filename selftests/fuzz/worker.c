// SPDX-License-Identifier: GPL-2.0
/* A worker goes on step by step, until it has sent what it was to send. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

/* How often, in a thousand steps. */
static const struct {
	const char *name;
	unsigned int often;
	void (*step)(struct worker *w);
} steps[] = {
	{ "send", 545, socket_send },
	{ "receive", 60, socket_receive },
	{ "reopen a socket", 40, socket_reopen },
	{ "disturb", 20, socket_disturb },
	{ "write", 120, file_write },
	{ "read", 100, file_read },
	{ "reopen a file", 30, file_reopen },
	{ "put", 20, mailbox_put },
	{ "get", 20, mailbox_get },
	{ "life", 30, life_step },
	{ "death", 15, death_step },
};

static unsigned int choose(struct rng *r)
{
	unsigned int n = below(r, 1000);
	unsigned int i;

	for (i = 0; n >= steps[i].often; i++)
		n -= steps[i].often;
	return i;
}

static void seed_step(struct worker *w, __u64 step)
{
	struct rng r = { .state = w->seed };

	r.state = rng_next(&r) + (w->role - fuzz_roles);
	r.state = rng_next(&r) + step;
	w->rng.state = rng_next(&r);
}

static void one_step(struct worker *w)
{
	unsigned int i;

	seed_step(w, w->counts->step);
	i = choose(&w->rng);
	w->counts->what = steps[i].name;
	steps[i].step(w);
	__atomic_add_fetch(&w->counts->step, 1, __ATOMIC_RELAXED);
}

/* One that stays, in namespaces of its own if it may. */
static pid_t have_company(void)
{
	pid_t pid = life_in_namespaces();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(0, ~0U, 0);
	for (;;)
		pause();
}

static int begin(struct worker *w)
{
	int err = role_become(w->role);

	if (err)
		return err;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	memset(w->sockets, -1, sizeof(w->sockets));
	memset(w->files, -1, sizeof(w->files));
	w->files_dir = open("/proc/nslens", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->fail_nth = w->fail ? open("/proc/thread-self/fail-nth",
				     O_RDWR | O_CLOEXEC) : -1;
	return w->files_dir < 0 || (w->fail && w->fail_nth < 0) ? -errno : 0;
}

/**
 * worker_run() - send what is to be sent
 * @w: the worker
 *
 * Return: exit status for this process, which may be another by now.
 */
int worker_run(struct worker *w)
{
	int err = begin(w);
	pid_t company;

	if (err) {
		fprintf(stderr, "fuzz: cannot be %s: %s\n", w->role->name,
			strerror(-err));
		return 1;
	}
	company = have_company();
	world_look(&w->world, company);
	while (w->counts->messages < w->goal)
		one_step(w);
	kill(company, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}
