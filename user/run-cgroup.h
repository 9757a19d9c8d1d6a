/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_CGROUP_H
#define NSLENS_RUN_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include <sys/types.h>

enum { LIMIT_MEMORY, LIMIT_PIDS, LIMIT_CPUS, NR_LIMITS };

/**
 * struct run_cgroup - in which cgroup, with which limits
 * @value: each limit as its file wants it; empty if it was not asked for
 * @text: the same as it was asked for
 * @above: the cgroup in which that of the command is made; NULL to choose one
 * @path: the folder of the command's own cgroup
 * @fd: that folder, into which the new process is born; -1 for the cgroup that
 *	nslens is in
 * @keeper: process that removes it; 0 without
 * @lifeline: it does so when this is closed
 */
struct run_cgroup {
	char value[NR_LIMITS][48];
	const char *text[NR_LIMITS];
	const char *above;

	char path[PATH_MAX];
	int fd;
	pid_t keeper;
	int lifeline;
};

struct run;

extern const struct opt_group cgroup_group;

/* Steps, in the order of the table. */
bool cgroup_wanted(const struct run *run);
void cgroup_plan(const struct run *run, FILE *out);
int cgroup_keep(struct run *run);

bool cgroupns_wanted(const struct run *run);
int cgroupns_make(struct run *run);

int cgroup_end(struct run *run);

/* run-cgroup-make.c */
int cgroup_make(struct run_cgroup *cgroup);
void cgroup_remove(const struct run_cgroup *cgroup, bool killing);
unsigned long cgroup_oom_kills(const struct run_cgroup *cgroup);

/**
 * struct cgroup_limit - a limit that a cgroup can have
 * @option: what sets it
 * @controller: whose it is
 * @file: where it is written
 */
struct cgroup_limit {
	const char *option;
	const char *controller;
	const char *file;
};

extern const struct cgroup_limit cgroup_limits[NR_LIMITS];

#endif
