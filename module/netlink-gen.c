// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	include/netlink/specs/nslens.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/nslens.h>

/* Integer value ranges */
static const struct netlink_range_validation nslens_a_ns_ref_pid_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

static const struct netlink_range_validation nslens_a_task_pid_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

static const struct netlink_range_validation nslens_a_task_subtree_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

/* Common nested types */
const struct nla_policy nslens_ns_ref_nl_policy[NSLENS_A_NS_REF_TYPE + 1] = {
	[NSLENS_A_NS_REF_INO] = { .type = NLA_U32, },
	[NSLENS_A_NS_REF_FD] = { .type = NLA_U32, },
	[NSLENS_A_NS_REF_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &nslens_a_ns_ref_pid_range),
	[NSLENS_A_NS_REF_TYPE] = NLA_POLICY_MAX(NLA_U32, 9),
};

const struct nla_policy nslens_target_nl_policy[NSLENS_A_TARGET_ALL + 1] = {
	[NSLENS_A_TARGET_PID] = { .type = NLA_U32, },
	[NSLENS_A_TARGET_IN] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TARGET_FOLLOW] = { .type = NLA_FLAG, },
	[NSLENS_A_TARGET_NS] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TARGET_CGROUP] = { .type = NLA_NUL_STRING, .len = 4095, },
	[NSLENS_A_TARGET_ALL] = { .type = NLA_FLAG, },
};

/* NSLENS_CMD_TASK_GET - do */
static const struct nla_policy nslens_task_get_do_nl_policy[NSLENS_A_TASK_FIELDS + 1] = {
	[NSLENS_A_TASK_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &nslens_a_task_pid_range),
	[NSLENS_A_TASK_IN] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TASK_FIELDS] = NLA_POLICY_MASK(NLA_U32, 0x3ffff),
};

/* NSLENS_CMD_TASK_GET - dump */
static const struct nla_policy nslens_task_get_dump_nl_policy[NSLENS_A_TASK_THREADS + 1] = {
	[NSLENS_A_TASK_IN] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TASK_FIELDS] = NLA_POLICY_MASK(NLA_U32, 0x3ffff),
	[NSLENS_A_TASK_SUBTREE] = NLA_POLICY_FULL_RANGE(NLA_U32, &nslens_a_task_subtree_range),
	[NSLENS_A_TASK_MEMBER_OF] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TASK_DESCENDANTS] = { .type = NLA_FLAG, },
	[NSLENS_A_TASK_CGROUP_SUBTREE] = { .type = NLA_NUL_STRING, },
	[NSLENS_A_TASK_THREADS] = { .type = NLA_FLAG, },
};

/* NSLENS_CMD_PID_TRANSLATE - do */
static const struct nla_policy nslens_pid_translate_nl_policy[NSLENS_A_TRANSLATE_TO_OWN + 1] = {
	[NSLENS_A_TRANSLATE_PIDS] = { .type = NLA_BINARY, },
	[NSLENS_A_TRANSLATE_FROM] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TRANSLATE_TO] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
	[NSLENS_A_TRANSLATE_TO_OWN] = { .type = NLA_FLAG, },
};

/* NSLENS_CMD_NS_GET - do */
static const struct nla_policy nslens_ns_get_do_nl_policy[NSLENS_A_NS_REF + 1] = {
	[NSLENS_A_NS_REF] = NLA_POLICY_NESTED(nslens_ns_ref_nl_policy),
};

/* NSLENS_CMD_NS_GET - dump */
static const struct nla_policy nslens_ns_get_dump_nl_policy[NSLENS_A_NS_TYPE + 1] = {
	[NSLENS_A_NS_TYPE] = NLA_POLICY_MAX(NLA_U32, 7),
};

/* NSLENS_CMD_TRACE_SET - do */
static const struct nla_policy nslens_trace_set_nl_policy[NSLENS_A_TRACE_EXISTS + 1] = {
	[NSLENS_A_TRACE_EVENTS] = NLA_POLICY_MASK(NLA_U32, 0x7f),
	[NSLENS_A_TRACE_FIELDS] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[NSLENS_A_TRACE_ADD] = NLA_POLICY_NESTED(nslens_target_nl_policy),
	[NSLENS_A_TRACE_REMOVE] = NLA_POLICY_NESTED(nslens_target_nl_policy),
	[NSLENS_A_TRACE_EXISTS] = { .type = NLA_FLAG, },
};

/* Ops table for nslens */
const struct genl_split_ops nslens_nl_ops[8] = {
	{
		.cmd		= NSLENS_CMD_TASK_GET,
		.doit		= nslens_nl_task_get_doit,
		.policy		= nslens_task_get_do_nl_policy,
		.maxattr	= NSLENS_A_TASK_FIELDS,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= NSLENS_CMD_TASK_GET,
		.start		= nslens_nl_task_get_start,
		.dumpit		= nslens_nl_task_get_dumpit,
		.done		= nslens_nl_task_get_done,
		.policy		= nslens_task_get_dump_nl_policy,
		.maxattr	= NSLENS_A_TASK_THREADS,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= NSLENS_CMD_PID_TRANSLATE,
		.doit		= nslens_nl_pid_translate_doit,
		.policy		= nslens_pid_translate_nl_policy,
		.maxattr	= NSLENS_A_TRANSLATE_TO_OWN,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= NSLENS_CMD_NS_GET,
		.doit		= nslens_nl_ns_get_doit,
		.policy		= nslens_ns_get_do_nl_policy,
		.maxattr	= NSLENS_A_NS_REF,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= NSLENS_CMD_NS_GET,
		.start		= nslens_nl_ns_get_start,
		.dumpit		= nslens_nl_ns_get_dumpit,
		.done		= nslens_nl_ns_get_done,
		.policy		= nslens_ns_get_dump_nl_policy,
		.maxattr	= NSLENS_A_NS_TYPE,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= NSLENS_CMD_TRACE_SET,
		.doit		= nslens_nl_trace_set_doit,
		.policy		= nslens_trace_set_nl_policy,
		.maxattr	= NSLENS_A_TRACE_EXISTS,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= NSLENS_CMD_TRACE_GET,
		.doit	= nslens_nl_trace_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= NSLENS_CMD_TRACE_GET,
		.start	= nslens_nl_trace_get_start,
		.dumpit	= nslens_nl_trace_get_dumpit,
		.done	= nslens_nl_trace_get_done,
		.flags	= GENL_CMD_CAP_DUMP,
	},
};
