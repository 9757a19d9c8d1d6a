/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSREF_H
#define _NSLENS_NSREF_H

#include <linux/types.h>

struct file;
struct netlink_ext_ack;
struct nlattr;
struct nslens_viewer;
struct pid_namespace;

/**
 * struct nslens_nsref - a namespace that a request named
 * @type: index into nslens_ns_types
 * @ino: its inode number
 * @pid_ns: the PID namespace, with a reference; NULL for other types
 * @file: keeps a namespace named by fd alive, and so its inode its own
 *
 * Put with nslens_nsref_put(). All zero is none.
 */
struct nslens_nsref {
	int type;
	u32 ino;
	struct pid_namespace *pid_ns;
	struct file *file;
};

int nslens_nsref_get(struct nslens_nsref *ref, struct nlattr *attr,
		     const struct nslens_viewer *viewer,
		     struct netlink_ext_ack *extack);
int nslens_nsref_get_pid_ns(struct nslens_nsref *ref, struct nlattr *attr,
			    const struct nslens_viewer *viewer,
			    struct netlink_ext_ack *extack);
void nslens_nsref_put(struct nslens_nsref *ref);

#endif /* _NSLENS_NSREF_H */
