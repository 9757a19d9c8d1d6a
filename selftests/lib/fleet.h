/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_FLEET_H
#define _SELFTESTS_FLEET_H

#include <sys/types.h>

#define NR_BOXES	200
#define BOX_TASKS	10

/* In the order in which they take turns. */
enum box_kind {
	BOX_PLAIN,	/* what a container engine gives by default */
	BOX_USER,	/* and a user namespace, with a range of ids */
	BOX_THREADS,	/* its last process has two threads more */
	BOX_TIME,	/* all but its PID 1 are in a time namespace of its own */
	BOX_NESTED,	/* as BOX_USER, with two levels of PID and user in it */
	NR_BOX_KINDS
};

/* Of the processes of a nested one, how many are at each level. */
#define BOX_LEVELS		3
#define BOX_TASKS_AT(level)	((level) ? 3 : 4)
#define BOX_FIRST_ID(box)	(100000 + 1000 * (box))
#define BOX_NR_IDS		1000

/**
 * struct fleet - many containers full of processes that do nothing
 * @n: how many
 * @inits: PID 1 of each, where the test is
 * @cgroup: directory of a cgroup that every eighth is in
 */
struct fleet {
	unsigned int n;
	pid_t inits[NR_BOXES];
	char cgroup[64];
};

static inline enum box_kind box_kind(unsigned int box)
{
	return box % NR_BOX_KINDS;
}

static inline int box_in_cgroup(unsigned int box)
{
	return box % 8 == 0;
}

int fleet_make(struct fleet *f);
void fleet_end(struct fleet *f);

#endif
