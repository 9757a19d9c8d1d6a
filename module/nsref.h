/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSREF_H
#define _NSLENS_NSREF_H

#include <linux/types.h>

struct netlink_ext_ack;
struct nlattr;
struct ns_common;
struct nslens_viewer;
struct pid_namespace;

/**
 * struct nslens_nsref - a namespace that a request named
 * @ns: the namespace, with a reference: so its inode number stays its own
 * @pid_ns: the same if it is a PID namespace, else NULL
 * @type: index into nslens_ns_types
 *
 * Put with nslens_nsref_put(). All zero is none.
 */
struct nslens_nsref {
	struct ns_common *ns;
	struct pid_namespace *pid_ns;
	int type;
};

int nslens_nsref_get(struct nslens_nsref *ref, struct nlattr *attr,
		     const struct nslens_viewer *viewer,
		     struct netlink_ext_ack *extack);
int nslens_nsref_get_pid_ns(struct nslens_nsref *ref, struct nlattr *attr,
			    const struct nslens_viewer *viewer,
			    struct netlink_ext_ack *extack);
void nslens_nsref_put(struct nslens_nsref *ref);

#endif /* _NSLENS_NSREF_H */
