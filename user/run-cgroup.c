// SPDX-License-Identifier: GPL-2.0
/* The cgroup of nslens run. */
#include <stddef.h>

#include "run.h"

static const struct opt opts[] = {
	{ NULL }
};

const struct opt_group cgroup_group = {
	.title = "Limits",
	.opts = opts,
};
