/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_PART_H
#define _STORM_PART_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct part - one thing that the module is to stand
 * @name: as it is called for
 * @run: 0, and what there is to tell by say(); or fail()
 * @n: how much, see @unit
 * @brief: likewise, for a run among the other selftests
 * @unit: of what
 * @about: what is tried
 */
struct part {
	const char *name;
	int (*run)(unsigned int n);
	unsigned int n;
	unsigned int brief;
	const char *unit;
	const char *about;
};

#define DECLARE_PART(name)	int part_##name(unsigned int n)

DECLARE_PART(reload);
DECLARE_PART(long);
DECLARE_PART(dying);
DECLARE_PART(deep);
DECLARE_PART(fds);
DECLARE_PART(netns);
DECLARE_PART(hotplug);
DECLARE_PART(reader);
DECLARE_PART(oom);

/* A part cannot be tried here. */
#define SKIPPED	4

void say(const char *text, ...) __attribute__((format(printf, 1, 2)));
int end_with(int status, const char *text, ...)
	__attribute__((format(printf, 2, 3)));

/* What a part returns that fails, or cannot be tried here; with printf()'s. */
#define fail(...)	end_with(-1, __VA_ARGS__)
#define skip(...)	end_with(SKIPPED, __VA_ARGS__)

/* The part fails unless this is so, for the reason that is told. */
#define NEED(so, ...) do {						\
	if (!(so))							\
		return fail(__VA_ARGS__);				\
} while (0)

/* Kernel threads come and go as they like: so often a dump is begun at most. */
#define CALM	20

double seconds(void);
double patience(double most);
unsigned int dice(unsigned int sides);

#endif
