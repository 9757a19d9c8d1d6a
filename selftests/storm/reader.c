// SPDX-License-Identifier: GPL-2.0
/* Readers that are stopped in a storm, and go on, again and again. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "part.h"
#include "session.h"
#include "watch.h"
#include "weather.h"

#define WORKERS		2
#define EVENTS	(NSLENS_EVENT_MASK_FORK | NSLENS_EVENT_MASK_EXEC |	\
		 NSLENS_EVENT_MASK_EXIT | NSLENS_EVENT_MASK_SWITCH)
/* As many happen while it is stopped, and then until the next time. */
#define PAUSE		600

enum { SMALL, LARGE, FILE_, NR };

static struct plan plans[NR] = {
	[SMALL] = { .name = "small", .events = EVENTS, .room = 65536 },
	[LARGE] = { .name = "large", .events = EVENTS },
	[FILE_] = { .name = "file", .events = EVENTS, .proc = true },
};

static struct watch watches[NR];
static struct weather weather;

static int pass(unsigned int events)
{
	const __u64 until = weather_total(&weather, EVENTS) + events;
	const double deadline = seconds() + 300;

	while (weather_total(&weather, EVENTS) < until) {
		NEED(!weather.tally->broken && seconds() < deadline,
		     "the storm itself: weather.c:%d", weather.tally->broken);
		/* They would have to tell, which takes their time. */
		usleep(1000);
	}
	return 0;
}

static int all_pause(void)
{
	int i, status = 0, err;

	for (i = 0; i < NR; i++)
		watch_signal(&watches[i], SIGSTOP);
	for (i = 0; i < NR; i++)
		NEED(waitpid(watches[i].pid, &status, WUNTRACED) > 0 &&
		     WIFSTOPPED(status), "%s: status %#x", plans[i].name,
		     status);
	err = pass(PAUSE);
	for (i = 0; i < NR; i++)
		watch_signal(&watches[i], SIGCONT);
	return err ?: pass(PAUSE / 4);
}

int part_reader(unsigned int n)
{
	unsigned int i;
	int err = 0;

	NEED(!weather_make(&weather), "no storm");
	for (i = 0; i < NR && !err; i++) {
		plans[i].pid = weather.root.pid;
		err = watch_start(&watches[i], &plans[i]);
	}
	if (err)
		return err;
	weather_start(&weather, WORKERS);
	for (i = 0; i < n && !err; i++)
		err = all_pause();
	if (err)
		return err;
	err = weather_stop(&weather);
	if (err)
		return err;
	say("stopped %u times, %llu events:", n,
	    weather_total(&weather, EVENTS));
	for (i = 0; i < NR; i++) {
		err = watch_finish(&watches[i],
				   weather_total(&weather, EVENTS));
		if (err)
			return err;
		say(" %s told %llu lost %llu,", plans[i].name,
		    watch_told(&watches[i]), watches[i].seen->queue);
	}
	say(" all balance");
	NEED(watches[SMALL].seen->queue, "one with little room lost nothing");
	NEED(!watches[LARGE].seen->queue, "one with room lost %llu",
	     watches[LARGE].seen->queue);
	return 0;
}
