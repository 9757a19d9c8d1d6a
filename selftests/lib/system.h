/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_SYSTEM_H
#define _SELFTESTS_SYSTEM_H

#include "census.h"
#include "fleet.h"
#include "json.h"
#include "zoo.h"

/* Made once, by system_run(): each test is a fork of that. */
extern struct fleet fleet;
extern struct zoo zoo;

int system_run(int argc, char **argv, int (*run)(int argc, char **argv));
int system_at_rest(struct census *census, bool (*look)(void *data), void *data);
int system_print(const char * const argv[], json_fn *row, void *data);

#endif
