/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_WATCH_H
#define _STORM_WATCH_H

#include <linux/nslens.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct plan - what a reader is to do
 * @name: what to call it
 * @proc: it reads /proc/nslens/trace, not a socket
 * @pid: it traces this one's descendants
 * @cgroup: or who is in this cgroup; without either, all
 * @events: enum nslens_event_mask
 * @room: of its socket, 0 for plenty
 * @ring: a ring may lose some: of those, only the number is known
 * @patience: seconds that it waits for the last ones, 0 for as long as a lens
 */
struct plan {
	const char *name;
	bool proc;
	pid_t pid;
	const char *cgroup;
	__u32 events;
	int room;
	bool ring;
	unsigned int patience;
};

/**
 * struct seen - what a reader has been told, in memory that it shares
 * @told: by kind; of one that reads /proc all are in the first
 * @queue: lost on the way to it
 * @ring: lost in a ring
 * @expected: read until that many are told or lost; set before it is to finish
 * @wrong: what did not fit together, "" for nothing
 * @done: it has come to its end
 */
struct seen {
	__u64 told[NSLENS_EVENT_KIND_LOST];
	__u64 queue, ring, expected;
	char wrong[256];
	bool done;
};

/**
 * struct watch - a process that reads a session
 * @plan: what it does
 * @pid: of it
 * @finish: it goes on until something is written to this
 * @seen: what it has been told
 */
struct watch {
	const struct plan *plan;
	pid_t pid;
	int finish;
	struct seen *seen;
};

int watch_start(struct watch *w, const struct plan *plan);
void watch_kill(struct watch *w);
void watch_signal(struct watch *w, int signal);
int watch_catch_up(const struct watch *w, __u64 expected);
int watch_finish(struct watch *w, __u64 expected);
__u64 watch_told(const struct watch *w);

#endif
