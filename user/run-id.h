/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ID_H
#define NSLENS_RUN_ID_H

#include <stdbool.h>
#include <stdio.h>

#include <sys/types.h>

/**
 * struct run_id - as whom
 * @uid: user id inside that the command has, before any option about it
 * @gid: group id, likewise
 */
struct run_id {
	uid_t uid;
	gid_t gid;
};

struct run;

extern const struct opt_group id_group;

/* Steps, in the order of the table. */
bool user_wanted(const struct run *run);
void user_plan(const struct run *run, FILE *out);
int user_change(struct run *run);

#endif
