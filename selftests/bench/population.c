// SPDX-License-Identifier: GPL-2.0
/* A system to measure on: so many tasks in so many containers. */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "population.h"

/* What a container engine gives by default. */
#define CONTAINER_FLAGS (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
			 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

static unsigned int count_tasks(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	if (!proc)
		err(1, "/proc");
	while ((entry = readdir(proc)))
		n += atoi(entry->d_name) > 0;
	closedir(proc);
	return n;
}

static void idle(void)
{
	for (;;)
		pause();
}

/* A child reaper with @tasks - 1 children; says so when all are there. */
static void container(unsigned int tasks, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (--tasks) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid)
			idle();
	}
	if (write(ready, "", 1) != 1)
		err(1, "pipe");
	idle();
}

static pid_t start(unsigned int tasks, int ready)
{
	struct clone_args args = {
		.flags = CONTAINER_FLAGS, .exit_signal = SIGCHLD,
	};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		err(1, "clone3");
	if (!pid)
		container(tasks, ready);
	return pid;
}

/**
 * population_make() - fill the system up to a number of processes
 * @p: filled in; end it with population_end()
 * @tasks: processes that the system shall have, those that run already included
 * @containers: among how many containers the new ones are divided
 *
 * Exits with a message if it cannot.
 */
void population_make(struct population *p, unsigned int tasks,
		     unsigned int containers)
{
	unsigned int i, there = count_tasks();
	unsigned int missing = tasks > there ? tasks - there : 0;
	int ready[2];
	char c;

	if (missing < containers)
		errx(1, "%u tasks run already, no room for %u containers in %u",
		     there, containers, tasks);
	if (pipe(ready))
		err(1, "pipe");
	p->nr = containers;
	p->inits = calloc(containers, sizeof(*p->inits));
	if (!p->inits)
		err(1, NULL);
	for (i = 0; i < containers; i++) {
		p->inits[i] = start(missing / containers +
				    (i < missing % containers), ready[1]);
		if (read(ready[0], &c, 1) != 1)
			err(1, "start %u", i);
	}
	close(ready[0]);
	close(ready[1]);
}

/**
 * population_end() - kill all that population_make() made
 * @p: the population
 */
void population_end(struct population *p)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		kill(p->inits[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	free(p->inits);
}
