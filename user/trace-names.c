// SPDX-License-Identifier: GPL-2.0
/* Words for what is a number in an event. */
#include "trace.h"

const char * const event_kind_names[NR_EVENT_KINDS] = {
	[NSLENS_EVENT_KIND_FORK]	= "fork",
	[NSLENS_EVENT_KIND_EXEC]	= "exec",
	[NSLENS_EVENT_KIND_EXIT]	= "exit",
	[NSLENS_EVENT_KIND_SWITCH]	= "switch",
	[NSLENS_EVENT_KIND_NS_CREATE]	= "ns-create",
	[NSLENS_EVENT_KIND_NS_DESTROY]	= "ns-destroy",
	[NSLENS_EVENT_KIND_EXISTS]	= "exists",
	[NSLENS_EVENT_KIND_LOST]	= "lost",
};

const char * const switch_how_names[NR_SWITCH_HOWS] = {
	[NSLENS_SWITCH_HOW_SETNS]	= "setns",
	[NSLENS_SWITCH_HOW_UNSHARE]	= "unshare",
	[NSLENS_SWITCH_HOW_EXEC]	= "exec",
	[NSLENS_SWITCH_HOW_OTHER]	= "other",
};

const char * const event_flag_names[NR_EVENT_FLAGS] = {
	"thread", "last", "core-dumped", "truncated", "kthread",
};
