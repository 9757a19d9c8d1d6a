/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_ENV_H
#define NSLENS_RUN_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * struct run_env - with which environment
 * @clear: start from a minimal one, not from ours
 * @set: each NAME=VALUE to be set in it, allocated
 * @nr: how many
 */
struct run_env {
	bool clear;
	char **set;
	size_t nr;
};

struct run;

int env_add(struct run_env *env, const char *text);

bool env_wanted(const struct run *run);
void env_plan(const struct run *run, FILE *out);
int env_make(struct run *run);

#endif
