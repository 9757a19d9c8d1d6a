/* SPDX-License-Identifier: GPL-2.0 */
/* Do not edit directly, auto-generated from: */
/*	include/netlink/specs/nslens.yaml */
/* scripts/gen-names */

#ifndef NSLENS_NAMES_GEN_H
#define NSLENS_NAMES_GEN_H

#define NSLENS_EVENT_KIND_NR	8
#define NSLENS_EVENT_KIND_NAMES { \
	[NSLENS_EVENT_KIND_FORK] = "fork", \
	[NSLENS_EVENT_KIND_EXEC] = "exec", \
	[NSLENS_EVENT_KIND_EXIT] = "exit", \
	[NSLENS_EVENT_KIND_SWITCH] = "switch", \
	[NSLENS_EVENT_KIND_NS_CREATE] = "ns-create", \
	[NSLENS_EVENT_KIND_NS_DESTROY] = "ns-destroy", \
	[NSLENS_EVENT_KIND_EXISTS] = "exists", \
	[NSLENS_EVENT_KIND_LOST] = "lost", \
}

#define NSLENS_EVENT_FLAG_NR	5
#define NSLENS_EVENT_FLAG_NAMES { \
	[__builtin_ctz(NSLENS_EVENT_FLAG_THREAD)] = "thread", \
	[__builtin_ctz(NSLENS_EVENT_FLAG_LAST)] = "last", \
	[__builtin_ctz(NSLENS_EVENT_FLAG_CORE_DUMPED)] = "core-dumped", \
	[__builtin_ctz(NSLENS_EVENT_FLAG_TRUNCATED)] = "truncated", \
	[__builtin_ctz(NSLENS_EVENT_FLAG_KTHREAD)] = "kthread", \
}

#define NSLENS_SWITCH_HOW_NR	4
#define NSLENS_SWITCH_HOW_NAMES { \
	[NSLENS_SWITCH_HOW_SETNS] = "setns", \
	[NSLENS_SWITCH_HOW_UNSHARE] = "unshare", \
	[NSLENS_SWITCH_HOW_EXEC] = "exec", \
	[NSLENS_SWITCH_HOW_OTHER] = "other", \
}

#define NSLENS_TRACE_FRONT_NR	2
#define NSLENS_TRACE_FRONT_NAMES { \
	[NSLENS_TRACE_FRONT_NETLINK] = "netlink", \
	[NSLENS_TRACE_FRONT_PROC] = "proc", \
}

#endif /* NSLENS_NAMES_GEN_H */
