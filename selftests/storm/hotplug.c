// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU goes and comes while there is tracing: nothing is lost that is not told
 * of, and the order is kept. Of two sessions, one begins while it is away.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "part.h"
#include "proc.h"
#include "session.h"
#include "watch.h"
#include "weather.h"

#define ONLINE		"/sys/devices/system/cpu/cpu1/online"
#define WORKERS		3
#define EVENTS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC |	\
		 NSLENS_EVENT_MASK_EXIT | NSLENS_EVENT_MASK_SWITCH)

enum { AWAY, THERE, FILE_, NR };

static struct plan plans[NR] = {
	[AWAY] = { .name = "begun while it was away", .events = EVENTS },
	[THERE] = { .name = "begun while it was there", .events = EVENTS },
	[FILE_] = { .name = "file", .events = EVENTS, .proc = true },
};

static struct watch watches[NR];
static struct weather weather;

static int turn(const char *on)
{
	int err = write_file(ONLINE, on);

	NEED(!err, "%s: %s", ONLINE, strerror(-err));
	return 0;
}

static int begin(int i)
{
	plans[i].pid = weather.root.pid;
	return watch_start(&watches[i], &plans[i]);
}

static int go_and_come(unsigned int n)
{
	int err = 0;

	while (n-- && !err)
		err = turn("0") ?: turn("1");
	return err;
}

static int settle_accounts(void)
{
	int i, err;

	err = weather_stop(&weather);
	if (err)
		return err;
	for (i = 0; i < NR; i++) {
		err = watch_finish(&watches[i],
				   weather_total(&weather, EVENTS));
		if (err)
			return err;
		say(" %llu told, %llu lost;", watch_told(&watches[i]),
		    watches[i].seen->queue);
	}
	return 0;
}

static int try(unsigned int n)
{
	const double start = seconds();
	int err;

	/* The rings are made while one CPU is away. */
	err = turn("0") ?: begin(AWAY) ?: turn("1") ?: begin(THERE) ?:
	      begin(FILE_);
	if (err)
		return err;
	weather_start(&weather, WORKERS);
	err = go_and_come(n);
	if (err)
		return err;
	say("CPU 1 off and on %u times in %.0f s, %llu events:", n,
	    seconds() - start, weather_total(&weather, EVENTS));
	err = settle_accounts();
	if (!err)
		say(" in order");
	return err;
}

int part_hotplug(unsigned int n)
{
	int err;

	if (access(ONLINE, W_OK))
		return skip("no CPU that can be turned off");
	NEED(!weather_make(&weather), "no storm");
	err = try(n);
	write_file(ONLINE, "1");
	return err;
}
