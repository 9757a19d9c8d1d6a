/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_TARGET_MAKE_H
#define _NSLENS_TARGET_MAKE_H

#include <linux/types.h>

struct nslens_nsref;
struct nslens_target;
struct pid_namespace;

struct nslens_target *nslens_target_of_pid(u32 nr, struct pid_namespace *ns,
					   bool follow);
struct nslens_target *nslens_target_of_ns(const struct nslens_nsref *ref);
struct nslens_target *nslens_target_of_cgroup(const char *path);
struct nslens_target *nslens_target_of_all(void);

#endif /* _NSLENS_TARGET_MAKE_H */
