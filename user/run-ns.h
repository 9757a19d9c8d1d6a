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
 * struct run_ns - in which namespaces
 * @flags: CLONE_NEW* of those that are new
 * @fresh: of those that were asked to be new
 * @host: of those that were asked to be the ones here
 * @hostname: NULL keeps the one there is
 * @maps: ids of a new user namespace
 * @nr_maps: how many
 * @offsets: for /proc/PID/timens_offsets, seconds for each clock
 * @has_offset: which clocks have one
 */
struct run_ns {
	unsigned int flags;
	unsigned int fresh;
	unsigned int host;
	const char *hostname;
	struct id_map maps[MAX_MAPS];
	int nr_maps;
	long long offsets[NR_OFFSETS];
	bool has_offset[NR_OFFSETS];
};

struct run;

extern const struct opt_group ns_group;

int ns_need(struct run *run, const char *option, int type);
bool ns_is_new(const struct run *run, int type);

/* Steps, in the order of the table. */
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
