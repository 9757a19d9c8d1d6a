/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NS_COLUMNS_H
#define NSLENS_NS_COLUMNS_H

#include "table.h"

struct nslens_ns;
struct nslens_extent;

/**
 * struct ns_record - a line of a table of namespaces
 * @ns: what the module says
 * @path: a file of the namespace, if no task in it has one
 */
struct ns_record {
	const struct nslens_ns *ns;
	const char *path;
};

/* The columns a table of namespaces can have; records are struct ns_record. */
extern const struct column ns_columns[];

#endif
