/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_WATCH_H
#define NSLENS_WATCH_H

#include <stdbool.h>

#include "options.h"

#define OPT_WATCH	601

/* The row of a verb's options that watch_option() takes care of. */
#define WATCH_OPTION							\
	{ "watch", OPT_WATCH, "=SECONDS",				\
	  "print anew every SECONDS [2], in place on a terminal,\n"	\
	  "until interrupted; not with --json" }

/* What is watched exits with that if there is nothing of what was asked for. */
#define EXIT_NOTHING	3

/**
 * struct watch - whether and how often something is printed anew
 * @on: it is
 * @interval: milliseconds from the end of one to the start of the next
 */
struct watch {
	bool on;
	int interval;
};

void watch_option(struct watch *watch, const char *seconds);
int watch_run(const struct watch *watch, int (*once)(void *arg), void *arg);

#endif
