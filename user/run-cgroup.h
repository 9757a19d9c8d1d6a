/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_CGROUP_H
#define NSLENS_RUN_CGROUP_H

/**
 * struct run_cgroup - in which cgroup, with which limits
 * @fd: its directory in the v2 hierarchy, into which the new process is born;
 *	-1 for the one that nslens is in
 */
struct run_cgroup {
	int fd;
};

extern const struct opt_group cgroup_group;

#endif
