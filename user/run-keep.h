/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_KEEP_H
#define NSLENS_RUN_KEEP_H

#include <stdbool.h>
#include <stdio.h>

struct run;

int keep_check(const char *option, const char *name);
int keep_remove(const char *name);

bool keep_wanted(const struct run *run);
void keep_plan(const struct run *run, FILE *out);
int keep_make(struct run *run);
int keep_pin(struct run *run);
int keep_end(struct run *run);

#endif
