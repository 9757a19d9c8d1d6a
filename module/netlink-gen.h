/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	include/netlink/specs/nslens.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_NSLENS_GEN_H
#define _LINUX_NSLENS_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/nslens.h>

/* Common nested types */
extern const struct nla_policy nslens_ns_ref_nl_policy[NSLENS_A_NS_REF_TYPE + 1];
extern const struct nla_policy nslens_target_nl_policy[NSLENS_A_TARGET_ALL + 1];

/* Ops table for nslens */
extern const struct genl_split_ops nslens_nl_ops[8];

int nslens_nl_task_get_start(struct netlink_callback *cb);
int nslens_nl_ns_get_start(struct netlink_callback *cb);
int nslens_nl_trace_get_start(struct netlink_callback *cb);
int nslens_nl_task_get_done(struct netlink_callback *cb);
int nslens_nl_ns_get_done(struct netlink_callback *cb);
int nslens_nl_trace_get_done(struct netlink_callback *cb);

int nslens_nl_task_get_doit(struct sk_buff *skb, struct genl_info *info);
int nslens_nl_task_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int nslens_nl_pid_translate_doit(struct sk_buff *skb, struct genl_info *info);
int nslens_nl_ns_get_doit(struct sk_buff *skb, struct genl_info *info);
int nslens_nl_ns_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int nslens_nl_trace_set_doit(struct sk_buff *skb, struct genl_info *info);
int nslens_nl_trace_get_doit(struct sk_buff *skb, struct genl_info *info);
int nslens_nl_trace_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);

#endif /* _LINUX_NSLENS_GEN_H */
