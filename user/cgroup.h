/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_CGROUP_H
#define NSLENS_CGROUP_H

#include <stdbool.h>

const char *cgroup_root(void);
bool is_container_id(const char *text);
const char *cgroup_by_path(const char *path);
char *cgroup_by_id(const char *id, int *err);

#endif
