// SPDX-License-Identifier: GPL-2.0
/*
 * A storm, and eight sessions: one is never read until the end, one has hardly
 * any room, and pauses, one is killed and opened again each second, one is a file.
 * What each that lives is told of and what it is told to have lost make up what
 * happened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "module.h"
#include "part.h"
#include "proc.h"
#include "session.h"
#include "watch.h"
#include "weather.h"

#define WORKERS		3
#define CGROUP		"/sys/fs/cgroup/nslens-storm"
/* It is not flat if it has grown by more KiB, in all the time. */
#define FLAT		2048
/* Events, of which some must be lost by who cannot take them. */
#define MANY		5000
/* For how many seconds it is waited for so many. */
#define DEADLINE	300

#define TASKS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC |	\
		 NSLENS_EVENT_MASK_EXIT | NSLENS_EVENT_MASK_SWITCH)
#define SPACES	(NSLENS_EVENT_MASK_NS_CREATE | NSLENS_EVENT_MASK_NS_DESTROY)

enum { STOPPED, TINY, FILE_, READER, CGROUP_, MOVES, LIVES, REBORN, NR };

static struct plan plans[NR] = {
	[STOPPED] = { .name = "stopped", .events = TASKS, .room = 65536 },
	[TINY] = { .name = "tiny", .events = TASKS, .room = SMALL_ROOM },
	[FILE_] = { .name = "file", .events = TASKS, .proc = true },
	[READER] = { .name = "reader", .events = TASKS },
	[CGROUP_] = { .name = "cgroup", .events = TASKS },
	/* Of all tasks, as there is nobody else who does these. */
	[MOVES] = { .name = "moves", .events = NSLENS_EVENT_MASK_EXEC |
					       NSLENS_EVENT_MASK_SWITCH },
	[LIVES] = { .name = "lives", .events = SPACES },
	[REBORN] = { .name = "reborn", .events = TASKS },
};

static struct watch watches[NR];
static struct weather weather;

static int make_cgroup(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", weather.root.pid);
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return -errno;
	return write_file(CGROUP "/cgroup.procs", pid);
}

static int open_sessions(void)
{
	int i, err = 0;

	for (i = 0; i < NR && !err; i++) {
		if (i == CGROUP_)
			plans[i].cgroup = "/nslens-storm";
		else if (i != MOVES && i != LIVES)
			plans[i].pid = weather.root.pid;
		err = watch_start(&watches[i], &plans[i]);
	}
	if (!err)
		watch_signal(&watches[STOPPED], SIGSTOP);
	return err;
}

static void pass_second(void)
{
	struct timespec second = { .tv_sec = 1 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
}

/* For so long and until it was so much, with a session that is killed each second. */
static int storm(double length, __u64 events, unsigned int *reborn)
{
	const double start = seconds();
	int err = 0;

	weather_start(&weather, WORKERS);
	while (!err && !weather.tally->broken &&
	       (seconds() - start < length ||
		weather_total(&weather, TASKS) < events)) {
		NEED(seconds() - start < length + DEADLINE, "%llu events in %.0f s",
		     weather_total(&weather, TASKS), seconds() - start);
		watch_signal(&watches[TINY], *reborn % 2 ? SIGCONT : SIGSTOP);
		pass_second();
		watch_kill(&watches[REBORN]);
		err = watch_start(&watches[REBORN], &plans[REBORN]);
		++*reborn;
	}
	watch_signal(&watches[TINY], SIGCONT);
	if (err)
		return err;
	return weather_stop(&weather);
}

/* Return: how many are told of to all that live, or lost. */
static int settle_accounts(__u64 *told, __u64 *lost)
{
	int i, err;

	watch_signal(&watches[STOPPED], SIGCONT);
	for (i = 0; i < REBORN; i++) {
		err = watch_finish(&watches[i],
				   weather_total(&weather, plans[i].events));
		if (err)
			return err;
		*told += watch_told(&watches[i]);
		*lost += watches[i].seen->queue;
	}
	NEED(!watches[READER].seen->queue && !watches[LIVES].seen->queue &&
	     !watches[MOVES].seen->queue && !watches[CGROUP_].seen->queue,
	     "one that reads has lost %llu", watches[READER].seen->queue +
	     watches[LIVES].seen->queue + watches[MOVES].seen->queue +
	     watches[CGROUP_].seen->queue);
	NEED(watches[STOPPED].seen->queue, "the stopped one has lost nothing");
	NEED(watches[TINY].seen->queue, "one without room has lost nothing");
	return 0;
}

static void close_sessions(void)
{
	int i;

	for (i = 0; i < NR; i++)
		if (watches[i].seen)
			watch_kill(&watches[i]);
	weather_end(&weather);
	rmdir(CGROUP);
}

/* What waits to be read takes memory, too. The file's has a bound, below FLAT. */
static int catch_up(void)
{
	int i, err = 0;

	for (i = 0; i < REBORN && !err; i++)
		if (i != STOPPED && i != FILE_)
			err = watch_catch_up(&watches[i],
					     weather_total(&weather,
							   plans[i].events));
	return err;
}

/* Twice, and what memory is held after each. */
static int try(unsigned int n, struct memory *warm, struct memory *end)
{
	const double start = seconds();
	__u64 told = 0, lost = 0;
	unsigned int reborn = 0;
	int err = open_sessions() ?: storm(n * 0.1, MANY / 10, &reborn);

	if (err)
		return err;
	err = catch_up() ?: memory_look(warm) ?: storm(n * 0.9, MANY, &reborn) ?:
	      catch_up() ?: memory_look(end);
	if (err)
		return err;
	say("%llu events in %.0f s; ", weather_total(&weather, TASKS | SPACES),
	    seconds() - start);
	err = settle_accounts(&told, &lost);
	if (err)
		return err;
	say("7 sessions: %llu told + %llu lost, all balance; ", told, lost);
	say("one reborn %u times; memory %+ld KiB of %ld, ", reborn,
	    end->held - warm->held, warm->held);
	if (end->kmalloc == NOT_TOLD)
		say("kmalloc not told here (limit %d)", FLAT);
	else
		say("kmalloc %+ld (limit %d)", end->kmalloc - warm->kmalloc, FLAT);
	return 0;
}

int part_long(unsigned int n)
{
	const int references = module_references();
	struct memory warm, end;
	int err;

	NEED(!weather_make(&weather), "no storm");
	err = make_cgroup() ? fail("no cgroup " CGROUP) : try(n, &warm, &end);
	close_sessions();
	if (err)
		return err;
	NEED(module_references() == references, "references to the module: %d",
	     module_references());
	NEED(memory_is_kept() || (end.held - warm.held <= FLAT &&
				  end.kmalloc - warm.kmalloc <= FLAT),
	     "memory: %ld KiB more, kmalloc %ld", end.held - warm.held,
	     end.kmalloc - warm.kmalloc);
	return 0;
}
