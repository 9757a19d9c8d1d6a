// SPDX-License-Identifier: GPL-2.0
/*
 * A reader is killed for want of memory, in a cgroup with little of it: its
 * session ends, nothing of it is left, and others do not notice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "memory.h"
#include "module.h"
#include "part.h"
#include "proc.h"
#include "session.h"
#include "watch.h"
#include "weather.h"

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/nslens-oom"
#define LIMIT		"24M"
#define STEP		(2 << 20)
#define FLAT		1024	/* KiB, in all rounds but the first */
#define WORKERS		2
#define EVENTS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC |	\
		 NSLENS_EVENT_MASK_EXIT | NSLENS_EVENT_MASK_SWITCH)

static struct plan plan = { .name = "other", .events = EVENTS };
static struct watch other;
static struct weather weather;

static int make_cgroup(void)
{
	write_file(CGROUPS "/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return -errno;
	return write_file(CGROUP "/memory.max", LIMIT);
}

static long number_in(const char *file, const char *key)
{
	char text[1024];
	const char *at;

	if (read_file(file, text, sizeof(text)) < 0)
		return -1;
	at = strstr(text, key);
	return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* Both kinds of session, then events in the first, until there is no memory. */
static void read_until_killed(void)
{
	static struct session s;
	char *waste;
	int file;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write_file(CGROUP "/cgroup.procs", "0"))
		_exit(1);
	file = open("/proc/nslens/trace", O_RDWR | O_CLOEXEC);
	if (file < 0 || write(file, "all\n", 4) != 4 || session_open(&s) ||
	    session_trace(&s, EVERYTHING))
		_exit(2);
	for (;;) {
		if (session_read(&s))
			_exit(3);
		session_drop(&s);
		waste = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (waste == MAP_FAILED)
			_exit(4);
		memset(waste, 1, STEP);
	}
}

static int round_(void)
{
	const int references = module_references();
	const long before = number_in(CGROUP "/memory.events", "oom_kill ");
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid)
		read_until_killed();
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid, "no reader");
	NEED(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	     "the reader ended with status %#x", status);
	NEED(number_in(CGROUP "/memory.events", "oom_kill ") == before + 1,
	     "oom_kill is %ld, and was %ld",
	     number_in(CGROUP "/memory.events", "oom_kill "), before);
	/* Its files are closed before it can be waited for. */
	NEED(module_references() == references,
	     "references to the module: %d, and were %d", module_references(),
	     references);
	return 0;
}

/* In a storm, and what memory is held after it. */
static int rounds(unsigned int n, struct memory *memory)
{
	int err = 0;

	weather_start(&weather, WORKERS);
	while (n-- && !err)
		err = round_();
	if (err)
		return err;
	/* What waits to be read takes memory, too. */
	return weather_stop(&weather) ?:
	       watch_catch_up(&other, weather_total(&weather, EVENTS)) ?:
	       memory_look(memory);
}

static int try(unsigned int n)
{
	struct memory first, last;
	long grown;
	int err;

	err = watch_start(&other, &plan) ?: rounds(1, &first) ?:
	      rounds(n, &last) ?:
	      watch_finish(&other, weather_total(&weather, EVENTS));
	if (err)
		return err;
	grown = last.held - first.held;
	say("killed %u times; another session told %llu of %llu events, ",
	    n + 1, watch_told(&other), weather_total(&weather, EVENTS));
	say("%llu lost; memory %+ld KiB (limit %d)", other.seen->queue, grown,
	    FLAT);
	NEED(grown <= FLAT || memory_is_kept(), "memory: %ld KiB more", grown);
	return 0;
}

int part_oom(unsigned int n)
{
	int err;

	if (number_in(CGROUPS "/cgroup.controllers", "memory") < 0)
		return skip("no memory controller");
	NEED(!weather_make(&weather), "no storm");
	plan.pid = weather.root.pid;
	err = make_cgroup() ? fail("no cgroup " CGROUP) : try(n);
	if (rmdir(CGROUP) && !err)
		err = fail(CGROUP ": %s", strerror(errno));
	return err;
}
