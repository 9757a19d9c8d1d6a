/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ROOT_H
#define NSLENS_RUN_ROOT_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct run_root - with which root and mounts
 * @dir: directory that becomes the root; NULL keeps the one there is
 */
struct run_root {
	const char *dir;
};

struct run;

extern const struct opt_group root_group;

/* Steps, in the order of the table. */
bool root_wanted(const struct run *run);
void root_plan(const struct run *run, FILE *out);
int root_enter(struct run *run);

bool mounts_wanted(const struct run *run);
void mounts_plan(const struct run *run, FILE *out);
int mounts_set_up(struct run *run);

#endif
