/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_TASK_COLUMNS_H
#define NSLENS_TASK_COLUMNS_H

#include <linux/nslens.h>

#include "table.h"

struct nslens_task;

/* The columns a table of tasks can have; records are struct nslens_task. */
extern const struct column task_columns[];

/* Names of enum nslens_task_flag, by the number of the bit. */
#define NR_TASK_FLAGS	6
extern const char * const task_flag_names[NR_TASK_FLAGS];

#endif
