/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NS_COLUMNS_H
#define NSLENS_NS_COLUMNS_H

#include "table.h"

struct nslens_ns;
struct nslens_extent;
struct nsfs_mounts;

/**
 * struct ns_record - a line of a table of namespaces
 * @ns: what the module says
 * @path: a file of the namespace, if no task in it has one
 * @mounts: where it may be mounted, too; NULL if nobody looked
 */
struct ns_record {
	const struct nslens_ns *ns;
	const char *path;
	const struct nsfs_mounts *mounts;
};

/* In column.needs: mounts must have been looked at. */
#define NS_NEEDS_MOUNTS	0x80000000U

/* The columns a table of namespaces can have; records are struct ns_record. */
extern const struct column ns_columns[];

#endif
