// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup of nslens run. A process of its own makes it, and removes it when
 * nslens ends, in whatever way that is: it can be killed, and then there is
 * nobody else to do so.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "run.h"

/* What a quota of the CPUs is for, in microseconds. */
#define PERIOD	100000U

const struct cgroup_limit cgroup_limits[NR_LIMITS] = {
	[LIMIT_MEMORY] = { "--memory", "memory", "memory.max" },
	[LIMIT_PIDS]   = { "--pids", "pids", "pids.max" },
	[LIMIT_CPUS]   = { "--cpus", "cpu", "cpu.max" },
};

/**
 * cgroup_wanted() - whether the command gets a cgroup of its own
 * @run: what is wanted
 */
bool cgroup_wanted(const struct run *run)
{
	bool any = run->cgroup.above;

	for (int i = 0; i < NR_LIMITS; i++)
		any |= !!run->cgroup.text[i];
	return any;
}

/**
 * cgroup_plan() - tell what cgroup_keep() would do
 * @run: what is wanted
 * @out: where to
 */
void cgroup_plan(const struct run *run, FILE *out)
{
	const struct run_cgroup *cgroup = &run->cgroup;

	fprintf(out, "make a cgroup in %s", cgroup->above ? cgroup->above :
		"ours, or the next above that holds no processes");
	for (int i = 0; i < NR_LIMITS; i++)
		if (cgroup->text[i])
			fprintf(out, ", %s %s", cgroup_limits[i].file,
				cgroup->value[i]);
}

/* Nothing that others wait for is to be open in it. */
static void let_go(int lifeline)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (lifeline > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)lifeline - 1, 0);
	close_range((unsigned int)lifeline + 1, ~0U, 0);
	if (chdir("/"))
		return;
}

/* Signals, and the end of the terminal, are not for the keeper. */
static noreturn void be_keeper(struct run *run, int lifeline)
{
	sigset_t all;
	char end;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (cgroup_make(&run->cgroup))
		_exit(EXIT_FAILURE);
	if (send(lifeline, run->cgroup.path, strlen(run->cgroup.path) + 1,
		 MSG_NOSIGNAL) > 0) {
		let_go(lifeline);
		while (recv(lifeline, &end, 1, 0) < 0 && errno == EINTR)
			;
	}
	cgroup_remove(&run->cgroup, run->life.kill_child);
	_exit(EXIT_SUCCESS);
}

static int hear_keeper(struct run *run)
{
	struct run_cgroup *cgroup = &run->cgroup;

	if (recv(cgroup->lifeline, cgroup->path, sizeof(cgroup->path), 0) <= 0) {
		/* It has said why. */
		run->failed = true;
		return -1;
	}
	cgroup->fd = open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return cgroup->fd < 0 ? run_fail(run, "%s", cgroup->path) : 0;
}

/**
 * cgroup_keep() - make a cgroup that is removed when we end
 * @run: what is wanted
 *
 * Return: 0, or -1 after a complaint.
 */
int cgroup_keep(struct run *run)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return run_fail(run, "making a socket");
	fflush(stdout);
	run->cgroup.keeper = fork();
	if (run->cgroup.keeper == 0) {
		close(sockets[0]);
		be_keeper(run, sockets[1]);
	}
	close(sockets[1]);
	run->cgroup.lifeline = sockets[0];
	if (run->cgroup.keeper < 0) {
		close(sockets[0]);
		run->cgroup.keeper = 0;
		return run_fail(run, "making a process");
	}
	return hear_keeper(run);
}

/**
 * cgroupns_wanted() - whether the child makes its own cgroup namespace
 * @run: what is wanted
 *
 * One that clone3() makes has the parent's cgroup for a root.
 */
bool cgroupns_wanted(const struct run *run)
{
	return cgroup_wanted(run) && run->ns.flags & CLONE_NEWCGROUP;
}

/**
 * cgroupns_make() - make a cgroup namespace with the new cgroup for a root
 * @run: the child's
 *
 * Return: 0, or -1 with errno set.
 */
int cgroupns_make(struct run *run)
{
	(void)run;
	return unshare(CLONE_NEWCGROUP);
}

/**
 * cgroup_end() - say whether memory ran out, and have the cgroup removed
 * @run: the parent's, when the command has ended or failed to start
 *
 * Return: 0, or -1 after a complaint.
 */
int cgroup_end(struct run *run)
{
	struct run_cgroup *cgroup = &run->cgroup;
	unsigned long kills;
	int status = 0;

	if (!cgroup->keeper)
		return 0;
	kills = cgroup->text[LIMIT_MEMORY] ? cgroup_oom_kills(cgroup) : 0;
	if (kills)
		complain("killed: out of memory of --memory %s: %lu process%s",
			 cgroup->text[LIMIT_MEMORY], kills,
			 kills == 1 ? "" : "es");
	close(cgroup->lifeline);
	while (waitpid(cgroup->keeper, &status, 0) < 0 && errno == EINTR)
		;
	cgroup->keeper = 0;
	return 0;
}

enum {
	OPT_MEMORY = OPT_LONG,
	OPT_PIDS,
	OPT_CPUS,
	OPT_CGROUP_PARENT,
};

static const struct opt opts[] = {
	{ "memory", OPT_MEMORY, "SIZE",
	  "so much memory at most, such as 64M; no swap" },
	{ "pids", OPT_PIDS, "N", "so many processes and threads at most" },
	{ "cpus", OPT_CPUS, "N.N", "the time of so many CPUs at most" },
	{ "cgroup-parent", OPT_CGROUP_PARENT, "DIR",
	  "make the cgroup for this in DIR, one below\n"
	  "/sys/fs/cgroup [ours, or the next above it that holds\n"
	  "no processes]" },
	{ NULL }
};

static bool parse_size(const char *text, unsigned long long *size)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	errno = 0;
	*size = strtoull(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || !*size)
		return false;
	if (!*end)
		return true;
	unit = strchr(units, *end & ~0x20);
	if (!unit || end[1])
		return false;
	for (; unit >= units; unit--)
		if (__builtin_mul_overflow(*size, 1024, size))
			return false;
	return true;
}

static int set_memory(struct run_cgroup *cgroup, const char *text)
{
	unsigned long long size;

	if (!parse_size(text, &size)) {
		complain("--memory %s: want a size in bytes, or with K, M, G or T",
			 text);
		return -EINVAL;
	}
	snprintf(cgroup->value[LIMIT_MEMORY], sizeof(cgroup->value[0]),
		 "%llu", size);
	cgroup->text[LIMIT_MEMORY] = text;
	return 0;
}

static int set_pids(struct run_cgroup *cgroup, const char *text)
{
	char *end;
	unsigned long nr = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || !nr || nr > INT_MAX) {
		complain("--pids %s: want a number of processes", text);
		return -EINVAL;
	}
	snprintf(cgroup->value[LIMIT_PIDS], sizeof(cgroup->value[0]), "%lu",
		 nr);
	cgroup->text[LIMIT_PIDS] = text;
	return 0;
}

/* The kernel takes no quota below a millisecond. */
static int set_cpus(struct run_cgroup *cgroup, const char *text)
{
	char *end;
	double nr = strtod(text, &end);

	if (text[strspn(text, "0123456789.")] || *end || nr < 0.01 ||
	    nr > 1e6) {
		complain("--cpus %s: want a number of CPUs from 0.01 on, such as 1.5",
			 text);
		return -EINVAL;
	}
	snprintf(cgroup->value[LIMIT_CPUS], sizeof(cgroup->value[0]),
		 "%.0f %u", nr * PERIOD, PERIOD);
	cgroup->text[LIMIT_CPUS] = text;
	return 0;
}

static int take(void *what, int opt, const char *arg)
{
	struct run_cgroup *cgroup = &((struct run *)what)->cgroup;

	switch (opt) {
	case OPT_MEMORY:
		return set_memory(cgroup, arg);
	case OPT_PIDS:
		return set_pids(cgroup, arg);
	case OPT_CPUS:
		return set_cpus(cgroup, arg);
	case OPT_CGROUP_PARENT:
		cgroup->above = arg;
		return 0;
	}
	return -EINVAL;
}

const struct opt_group cgroup_group = {
	.title = "Limits",
	.opts = opts,
	.take = take,
};
