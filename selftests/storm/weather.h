/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_WEATHER_H
#define _STORM_WEATHER_H

#include <linux/types.h>

#include "child.h"

/**
 * struct tally - what has happened, as those count who have done it
 * @forks: tasks made, threads included
 * @execs: programs begun
 * @exits: tasks ended
 * @switches: moves to other namespaces
 * @creates: namespaces made
 * @broken: a line of weather.c where something did not work, or 0
 * @stop: come to an end
 */
struct tally {
	__u64 forks, execs, exits, switches, creates;
	int broken;
	int stop;
};

/**
 * struct weather - a storm: everything that happens is done by descendants of
 *	@root, which itself does nothing but make and reap some of them
 * @root: lives from weather_make() to weather_end()
 * @tally: of all that has happened by now
 */
struct weather {
	struct child root;
	struct tally *tally;
};

int weather_make(struct weather *w);
void weather_start(struct weather *w, unsigned int workers);
int weather_stop(struct weather *w);
void weather_end(struct weather *w);
__u64 weather_total(const struct weather *w, __u32 events);

#endif
