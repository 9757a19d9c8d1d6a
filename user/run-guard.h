/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_GUARD_H
#define NSLENS_RUN_GUARD_H

#include <stdbool.h>

struct run;

bool guard_wanted(const struct run *run);
int guard_set(struct run *run);

#endif
