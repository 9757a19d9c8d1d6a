/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_NS_H
#define NSLENS_RUN_NS_H

#include <stdbool.h>
#include <stdio.h>

#include "nstype.h"

#define MAX_MAPS	8

enum { OFFSET_MONOTONIC, OFFSET_BOOTTIME, NR_OFFSETS };

/**
 * struct id_map - ids of the new user namespace
 * @inside: first id inside
 * @outside: what that is outside
 * @count: how many follow each other
 */
struct id_map {
	__u32 inside;
	__u32 outside;
	__u32 count;
};

/**
 * struct id_maps - of users, or of groups
 * @at: the first is that of the command
 * @nr: how many
 */
struct id_maps {
	struct id_map at[MAX_MAPS];
	int nr;
};

enum map_how {
	MAP_NONE,	/* not said */
	MAP_ROOT,	/* root inside is who we are */
	MAP_AUTO,	/* likewise, and the ids set aside for us are the others */
	MAP_GIVEN,	/* row by row */
};

/**
 * struct run_ns - in which namespaces
 * @like: name of the profile; NULL for the default
 * @flags: CLONE_NEW* of those that are new
 * @join: of those that others are in
 * @fresh: of those that were asked to be new
 * @host: of those that were asked to be the ones here
 * @from: what was asked for otherwise, by enum nslens_ns_type
 * @fds: files of those to join, -1 for the others
 * @pidfd: instead of @fds, the process whose namespaces are to be joined; or -1
 * @hostname: NULL keeps the one there is
 * @how: where the maps come from
 * @uids: user ids of a new user namespace
 * @gids: group ids, likewise
 * @offsets: for /proc/PID/timens_offsets, seconds for each clock
 * @has_offset: which clocks have one
 */
struct run_ns {
	const char *like;
	unsigned int flags;
	unsigned int join;
	unsigned int fresh;
	unsigned int host;
	const char *from[NR_NS_TYPES];
	int fds[NR_NS_TYPES];
	int pidfd;
	const char *hostname;
	enum map_how how;
	struct id_maps uids;
	struct id_maps gids;
	long long offsets[NR_OFFSETS];
	bool has_offset[NR_OFFSETS];
};

struct run;

extern const struct opt_group ns_group;
extern const char * const offset_clocks[NR_OFFSETS];

int ns_need(struct run *run, const char *option, int type);
bool ns_is_new(const struct run *run, int type);
bool ns_is_joined(const struct run *run, int type);
bool ns_is_host(const struct run *run, int type);

/* run-maps.c */
int maps_add(struct run_ns *ns, const char *option, const char *text,
	     bool uids, bool gids);
int maps_settle(struct run *run, enum map_how preferred);

/* Steps, in the order of the table; those of run-join.c, run-maps.c first. */
bool join_hides(const struct run *run);
void hide_plan(const struct run *run, FILE *out);
int join_hide(struct run *run);

bool join_wanted(const struct run *run);
void join_plan(const struct run *run, FILE *out);
int join_all(struct run *run);

bool maps_wanted(const struct run *run);
void maps_plan(const struct run *run, FILE *out);
int maps_write(struct run *run);

bool time_wanted(const struct run *run);
void time_plan(const struct run *run, FILE *out);
int time_join(struct run *run);

bool hostname_wanted(const struct run *run);
void hostname_plan(const struct run *run, FILE *out);
int hostname_set(struct run *run);

bool loopback_wanted(const struct run *run);
int loopback_set_up(struct run *run);

#endif
