/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_INIT_H
#define NSLENS_RUN_INIT_H

#include <stdbool.h>
#include <stdnoreturn.h>

/* What nslens is called where it is PID 1. */
#define INIT_NAME	"nslens-init"

struct run;

bool init_wanted(const struct run *run);
int init_prepare(struct run *run);
noreturn void init_execute(struct run *run);
int init_main(int argc, char **argv);

#endif
