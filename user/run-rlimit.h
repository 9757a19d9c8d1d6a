/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_RLIMIT_H
#define NSLENS_RUN_RLIMIT_H

#include <stdbool.h>
#include <stdio.h>

#include <sys/resource.h>

/**
 * struct run_rlimits - which limits of setrlimit(2) change
 * @given: whether that one does, by RLIMIT_*
 * @limit: to what
 */
struct run_rlimits {
	bool given[RLIM_NLIMITS];
	struct rlimit limit[RLIM_NLIMITS];
};

struct run;

int rlimit_parse(struct run_rlimits *limits, const char *text);

bool rlimits_wanted(const struct run *run);
void rlimits_plan(const struct run *run, FILE *out);
int rlimits_set(struct run *run);

#endif
