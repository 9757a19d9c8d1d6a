/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_STEP_H
#define NSLENS_RUN_STEP_H

#include <stdbool.h>
#include <stdio.h>

struct run;

/**
 * enum step_when - when a step is done, and by whom
 * @STEP_BEFORE: by nslens, before there is a new process
 * @STEP_JOIN: by a process in between, which then makes the new one: so that
 *	nslens itself stays where it is
 * @STEP_MADE: by nslens, while the new process waits, having done nothing yet
 * @STEP_CHILD: by the new process
 * @STEP_READY: by nslens, while the new process waits to execute the command
 * @STEP_LAST: by the new process, which then executes the command
 * @STEP_DONE: by nslens, while the new process waits, being all that the command
 *	will be
 * @STEP_AFTER: by nslens, when the command has ended, or failed to start; these
 *	are all done, whatever happened
 */
enum step_when {
	STEP_BEFORE, STEP_JOIN, STEP_MADE, STEP_CHILD, STEP_READY, STEP_LAST,
	STEP_DONE, STEP_AFTER, NR_STEP_WHEN
};

/**
 * struct step - one thing on the way to the command
 * @when: when it is done, and by whom
 * @name: a word or two, by which it is named when it fails
 * @wanted: whether it is to be done; NULL always
 * @about: what it does, for --dry-run, as an order to do it
 * @plan: instead of @about, prints that, with details, without a newline
 * @act: do it; returns 0, or -1: after run_fail(), which has more to say, or
 *	with errno set
 *
 * One table of them is what is done and what is told.
 */
struct step {
	enum step_when when;
	const char *name;
	bool (*wanted)(const struct run *run);
	const char *about;
	void (*plan)(const struct run *run, FILE *out);
	int (*act)(struct run *run);
};

int steps_do(struct run *run, enum step_when when);
void steps_plan(const struct run *run, enum step_when when, FILE *out);

#endif
