/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_PERF_H
#define _SELFTESTS_PERF_H

#include <linux/types.h>

int perf_open(const char *event, int cpu, const char *filter);
int perf_count(int fd, __u64 *count);

#endif
