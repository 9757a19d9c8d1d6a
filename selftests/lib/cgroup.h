/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_CGROUP_H
#define _SELFTESTS_CGROUP_H

int cgroup_remove(const char *dir);

#endif
