/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_NS_TYPES_H
#define _SELFTESTS_NS_TYPES_H

#include <linux/nslens.h>

#define NR_NS_TYPES	NSLENS_NS_TYPE_PID_FOR_CHILDREN
#define NR_NS		(NSLENS_NS_TYPE_MAX + 1)

/**
 * struct ns_type - what user space knows of a kind of namespace
 * @name: as in the netlink interface
 * @flag: for clone3() and setns(), 0 for the two that are only for children
 * @link: file name in /proc/PID/ns
 */
struct ns_type {
	const char *name;
	int flag;
	const char *link;
};

/* The one table of namespaces of the tests, in the order of enum nslens_ns_type */
extern const struct ns_type ns_types[NR_NS];

#endif
