/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_DETACH_H
#define NSLENS_RUN_DETACH_H

#include <stdbool.h>

struct run;

bool detach_wanted(const struct run *run);
int detach_start(struct run *run);
int detach_output(struct run *run);
int detach_done(struct run *run);

#endif
