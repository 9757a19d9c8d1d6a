// SPDX-License-Identifier: GPL-2.0
/*
 * The module is loaded and unloaded, on one CPU and on the other, in a storm
 * and while it is used in every way by processes that are killed at any moment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lens-ns.h"
#include "memory.h"
#include "module.h"
#include "part.h"
#include "proc.h"
#include "session.h"
#include "weather.h"

#define WORKERS		2
#define USERS		4
/* Of who is killed: it has lived for less than so many microseconds. */
#define LONGEST		30000
#define BEGIN		0.5	/* seconds, until somebody uses it */
#define UNUSED		60.0	/* seconds, until nobody may use it any more */
#define ENOUGH		100	/* times, for each use to have been begun */
#define WARM_UP		10	/* times before memory is looked at */
#define PER_TIME	8	/* KiB that each time may take for good */
#define EVENTS		"/sys/kernel/tracing/events/nslens/enable"

static struct weather weather;

/* --- how it is used, without an end; it may not be there --- */

/* How often each use was begun, while it was; in memory that all share. */
static unsigned int *used;
/* Of this process. */
static unsigned int how;

static bool begun(bool so)
{
	used[how] += so;
	return so;
}

static void dump_tasks(void)
{
	static struct tasks tasks;
	struct lens l;

	if (begun(!lens_open_with(&l, SMALL_BURST)))
		lens_list(&l, &(struct query){ .threads = true }, &tasks);
	lens_close(&l);
}

static void dump_namespaces(void)
{
	static struct ns_records list = { .type = ALL_TYPES };
	struct lens l;

	if (begun(!lens_open_with(&l, SMALL_BURST)))
		lens_ns_list(&l, &list);
	lens_close(&l);
}

static void trace_all(void)
{
	static struct session s;
	struct trace_change change = { .add = { EVERYTHING }, .exists = true };
	unsigned int n = 20;

	if (begun(!session_open(&s)) && !session_set(&s, &change))
		while (n-- && !session_read(&s))
			session_drop(&s);
	session_close(&s);
}

static void read_all(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (begun(fd >= 0))
		while (read(fd, text, sizeof(text)) > 0)
			;
	close(fd);
}

static void read_files(void)
{
	read_all("/proc/nslens/tasks");
	read_all("/proc/nslens/namespaces");
	read_all("/proc/nslens/traced");
	read_all("/proc/nslens/status");
}

static void trace_by_file(void)
{
	char text[4096];
	int fd = open("/proc/nslens/trace", O_RDWR | O_CLOEXEC);
	unsigned int n = 50;

	if (begun(fd >= 0) && write(fd, "all exists\n", 11) == 11)
		while (n-- && read(fd, text, sizeof(text)) > 0)
			;
	close(fd);
}

static void enable_events(void)
{
	begun(!write_file(EVENTS, "1"));
	write_file(EVENTS, "0");
}

static void (*const uses[])(void) = {
	dump_tasks, dump_namespaces, trace_all, read_files, trace_by_file,
	enable_events,
};

#define NR_USES	(sizeof(uses) / sizeof(uses[0]))

static pid_t begin_use(unsigned int which)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child_pin(&(int){ dice(2) });
	how = which;
	for (;;)
		uses[how]();
}

static void some_time(unsigned int most)
{
	struct timespec t = { .tv_nsec = dice(most) * 1000L };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

/* --- one time --- */

/**
 * struct count - of what was done
 * @loaded: times
 * @unloaded: likewise
 * @refused: times that it was in use, by errno of which there are two
 * @killed: users, while it was loaded
 */
struct count {
	unsigned int loaded, unloaded, refused, killed;
};

static int load(struct count *c)
{
	int err = module_load(module_file());

	NEED(!err, "loading: %s", strerror(-err));
	c->loaded++;
	return 0;
}

/* Return: 0, -EAGAIN if it is in use, or a failure. */
static int unload(struct count *c)
{
	int err = -module_unload();

	NEED(!err || err == EAGAIN || err == EBUSY, "unloading: %s",
	     strerror(err));
	c->unloaded += !err;
	c->refused += !!err;
	return err ? -EAGAIN : 0;
}

/* Under emulation, and in a storm, it takes a user some time to begin. */
static void await_use(void)
{
	const double deadline = seconds() + BEGIN;

	while (module_references() < 1 && seconds() < deadline)
		some_time(LONGEST / 30);
}

/*
 * Some use it, and are killed one by one; it goes as soon as it can, maybe while
 * others are there still, who find that it is gone in the middle of what they do.
 */
static int use_it(struct count *c)
{
	const double deadline = seconds() + patience(UNUSED);
	const unsigned int n = 1 + dice(USERS);
	pid_t users[USERS];
	unsigned int i;
	int err;

	for (i = 0; i < n; i++)
		users[i] = begin_use((i + c->loaded) % NR_USES);
	/* Or not: some find it gone at once. */
	if (dice(4))
		await_use();
	for (i = 0; i < n; i++) {
		some_time(LONGEST);
		err = unload(c);
		if (err != -EAGAIN)
			break;
		kill(users[i], SIGKILL);
		c->killed++;
	}
	while (err == -EAGAIN && seconds() < deadline) {
		some_time(LONGEST / 10);
		err = unload(c);
	}
	NEED(err != -EAGAIN, "nobody uses it, and it has %d references",
	     module_references());
	for (i = 0; i < n; i++) {
		kill(users[i], SIGKILL);
		waitpid(users[i], NULL, 0);
	}
	return err;
}

static int times(unsigned int n, struct count *c)
{
	int cpu, err = 0;

	while (n-- && !err) {
		cpu = n % 2;
		child_pin(&cpu);
		err = load(c);
		cpu = !cpu;
		child_pin(&cpu);
		err = err ?: use_it(c);
	}
	return err;
}

/* It answers rightly, and can go. */
static int check(struct count *c)
{
	struct task task;
	struct lens l;
	int err = load(c);

	if (err)
		return err;
	err = lens_open(&l) ?: lens_get(&l, &(struct query){ .pid = getpid() },
					&task);
	lens_close(&l);
	NEED(!err && task.pids.v[0] == (__u32)getpid() &&
	     task.ns.v[NSLENS_NS_TYPE_NET] == ns_ino(getpid(), "net"),
	     "in the end it answers: %s", strerror(-err));
	write_file(EVENTS, "0");
	NEED(!module_references(), "in the end it has %d references",
	     module_references());
	NEED(!unload(c), "in the end it does not unload");
	return 0;
}

static int storm(unsigned int n, struct count *c, struct memory *memory)
{
	int err;

	weather_start(&weather, WORKERS);
	err = times(n, c);
	if (err)
		return err;
	return weather_stop(&weather) ?: memory_look(memory);
}

static unsigned int all_uses(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < NR_USES; i++)
		n += used[i];
	return n;
}

int part_reload(unsigned int n)
{
	const unsigned int warm_up = n / 2 < WARM_UP ? n / 2 : WARM_UP;
	const bool was_loaded = module_references() >= 0;
	struct memory warm, end;
	struct count c = {};
	double start = seconds();
	unsigned int i;
	long grown, limit = PER_TIME * (n - warm_up) + 1024;
	int err;

	used = mmap(NULL, NR_USES * sizeof(*used), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(used != MAP_FAILED, "no memory");
	if (!module_file())
		return skip("no nslens.ko: set NSLENS_KO");
	NEED(!weather_make(&weather), "no storm");
	if (was_loaded)
		NEED(!module_unload(), "it is in use");
	err = storm(warm_up, &c, &warm) ?: storm(n - warm_up, &c, &end) ?:
	      check(&c);
	if (was_loaded)
		module_load(module_file());
	if (err)
		return err;
	grown = end.held - warm.held;
	say("loaded %u times and unloaded %u in %.0f s, ", c.loaded,
	    c.unloaded, seconds() - start);
	say("refused %u times in use; used %u times, %u users killed, ", c.refused,
	    all_uses(), c.killed);
	say("%llu events; memory %+ld KiB (limit %ld)",
	    weather_total(&weather, NSLENS_EVENT_MASK_FORK |
			  NSLENS_EVENT_MASK_EXEC | NSLENS_EVENT_MASK_EXIT |
			  NSLENS_EVENT_MASK_SWITCH), grown, limit);
	NEED(grown <= limit || memory_is_kept(), "memory: %ld KiB more", grown);
	NEED(c.killed && c.refused, "nobody was killed while it was used");
	for (i = 0; i < NR_USES && n >= ENOUGH; i++)
		NEED(used[i], "use %u of %zu was never begun", i, NR_USES);
	return 0;
}
