/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ID_H
#define NSLENS_RUN_ID_H

#include <stdbool.h>
#include <stdio.h>

#include <sys/types.h>

#include "run-caps.h"
#include "run-env.h"
#include "run-rlimit.h"

#define MAX_GROUPS	64

/**
 * struct run_id - as whom, and with what
 * @uid: user id inside that the command has, before any option about it
 * @gid: group id, likewise
 * @want_uid: the user id that was asked for
 * @want_gid: the group id
 * @has_uid: there is one
 * @has_gid: likewise
 * @groups: supplementary groups
 * @nr_groups: how many; -1 if they were not asked for
 * @caps: capabilities
 * @no_new_privs: no program gives it privileges
 * @env: its environment
 * @workdir: its working directory; NULL for the root, or ours
 * @rlimits: its resource limits
 */
struct run_id {
	uid_t uid;
	gid_t gid;

	uid_t want_uid;
	gid_t want_gid;
	bool has_uid;
	bool has_gid;
	gid_t groups[MAX_GROUPS];
	int nr_groups;
	struct run_caps caps;
	bool no_new_privs;
	struct run_env env;
	const char *workdir;
	struct run_rlimits rlimits;
};

struct run;

extern const struct opt_group id_group;

/* Steps, in the order of the table. */
bool user_wanted(const struct run *run);
void user_plan(const struct run *run, FILE *out);
int user_change(struct run *run);

bool id_wanted(const struct run *run);
void id_plan(const struct run *run, FILE *out);
int id_take(struct run *run);

bool workdir_wanted(const struct run *run);
void workdir_plan(const struct run *run, FILE *out);
int workdir_enter(struct run *run);

bool privs_wanted(const struct run *run);
int privs_seal(struct run *run);

uid_t id_uid(const struct run *run);

#endif
