/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_PROCFS_H
#define BENCH_PROCFS_H

#include <stdbool.h>

struct nslens_task;

bool procfs_agrees(const struct nslens_task *task);
unsigned int procfs_scan(void *unused);

#endif
