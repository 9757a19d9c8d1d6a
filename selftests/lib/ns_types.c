// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <sched.h>

#include "ns_types.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x00000080
#endif

const struct ns_type ns_types[NR_NS] = {
	{ "cgroup",	CLONE_NEWCGROUP,	"cgroup" },
	{ "ipc",	CLONE_NEWIPC,		"ipc" },
	{ "mnt",	CLONE_NEWNS,		"mnt" },
	{ "net",	CLONE_NEWNET,		"net" },
	{ "pid",	CLONE_NEWPID,		"pid" },
	{ "time",	CLONE_NEWTIME,		"time" },
	{ "user",	CLONE_NEWUSER,		"user" },
	{ "uts",	CLONE_NEWUTS,		"uts" },
	{ "pid-for-children",	0,		"pid_for_children" },
	{ "time-for-children",	0,		"time_for_children" },
};
