/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_HEARD_H
#define _SELFTESTS_HEARD_H

#include <stdbool.h>

/**
 * struct heard - what a reader of /proc/nslens/trace was told
 * @told: events
 * @lost: events of which it was told that they were lost on the way to it
 * @ring: likewise in a ring
 * @last: number of the last event
 * @time: of the last event
 * @wrong: a line that does not fit to those before, "" if all do
 * @length: bytes of @text, the beginning of a line
 * @text: what was read and is no whole line yet
 */
struct heard {
	unsigned long long told, lost, ring, last;
	double time;
	char wrong[256];
	unsigned int length;
	char text[2 * 65536 + 1];
};

int hear(struct heard *heard, int fd);
bool hear_until(struct heard *heard, int fd, unsigned long long n);

#endif
