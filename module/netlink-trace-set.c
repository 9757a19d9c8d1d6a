// SPDX-License-Identifier: GPL-2.0
/* trace-set: what a request says of a session, and what it is told. */
#include <linux/err.h>
#include <linux/list.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink-trace.h"
#include "netlink.h"
#include "nsref.h"
#include "nstab.h"
#include "session.h"
#include "target-make.h"
#include "target.h"
#include "trace.h"

static struct nslens_target *target_of_pid(struct nlattr **tb,
					   const struct nslens_viewer *viewer,
					   struct netlink_ext_ack *extack)
{
	struct nslens_target *target;
	struct nslens_nsref in;
	int err;

	err = nslens_nsref_get_pid_ns(&in, tb[NSLENS_A_TARGET_IN], viewer, extack);
	if (err)
		return ERR_PTR(err);
	target = nslens_target_of_pid(nla_get_u32(tb[NSLENS_A_TARGET_PID]),
				      in.pid_ns,
				      nla_get_flag(tb[NSLENS_A_TARGET_FOLLOW]));
	nslens_nsref_put(&in);
	if (target == ERR_PTR(-ESRCH))
		NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_TARGET_PID],
				    "no such task in this PID namespace");
	return target;
}

static struct nslens_target *target_of_ns(struct nlattr *attr,
					  const struct nslens_viewer *viewer,
					  struct netlink_ext_ack *extack)
{
	struct nslens_target *target;
	struct nslens_nsref ref;
	int err;

	err = nslens_nsref_get(&ref, attr, viewer, extack);
	if (err)
		return ERR_PTR(err);
	target = nslens_target_of_ns(&ref);
	nslens_nsref_put(&ref);
	return target;
}

static struct nslens_target *target_of_cgroup(struct nlattr *attr,
					      struct netlink_ext_ack *extack)
{
	struct nslens_target *target = nslens_target_of_cgroup(nla_data(attr));

	if (IS_ERR(target))
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no such cgroup in the caller's cgroup namespace");
	return target;
}

static struct nslens_target *target_of(struct nlattr *attr,
				       const struct nslens_viewer *viewer,
				       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NSLENS_A_TARGET_MAX + 1];
	int err;

	/* Validated with the request; this only takes it apart. */
	err = nla_parse_nested(tb, NSLENS_A_TARGET_MAX, attr,
			       nslens_target_nl_policy, extack);
	if (err)
		return ERR_PTR(err);
	if (!!tb[NSLENS_A_TARGET_PID] + !!tb[NSLENS_A_TARGET_NS] +
	    !!tb[NSLENS_A_TARGET_CGROUP] + !!tb[NSLENS_A_TARGET_ALL] != 1) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a target is exactly one of pid, ns, cgroup, all");
		return ERR_PTR(-EINVAL);
	}
	if (!tb[NSLENS_A_TARGET_PID] &&
	    (tb[NSLENS_A_TARGET_IN] || tb[NSLENS_A_TARGET_FOLLOW])) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_TARGET_IN] ?:
				    tb[NSLENS_A_TARGET_FOLLOW],
				    "in and follow go with pid");
		return ERR_PTR(-EINVAL);
	}
	if (tb[NSLENS_A_TARGET_PID])
		return target_of_pid(tb, viewer, extack);
	if (tb[NSLENS_A_TARGET_NS])
		return target_of_ns(tb[NSLENS_A_TARGET_NS], viewer, extack);
	if (tb[NSLENS_A_TARGET_CGROUP])
		return target_of_cgroup(tb[NSLENS_A_TARGET_CGROUP], extack);
	return nslens_target_of_all();
}

/* What is in @change is the caller's also on error. */
static int parse_targets(struct nslens_trace_change *change, struct genl_info *info,
			 const struct nslens_viewer *viewer)
{
	struct nslens_target *target;
	struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != NSLENS_A_TRACE_ADD &&
		    nla_type(attr) != NSLENS_A_TRACE_REMOVE)
			continue;
		if (++n > 2 * NSLENS_MAX_TARGETS) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "more than any session may have");
			return -ENOSPC;
		}
		target = target_of(attr, viewer, info->extack);
		if (IS_ERR(target))
			return PTR_ERR(target);
		list_add_tail(&target->list,
			      nla_type(attr) == NSLENS_A_TRACE_ADD ?
			      &change->add : &change->remove);
	}
	return 0;
}

/* All of a request; what is in @change is the caller's also on error. */
static int parse(struct nslens_trace_change *change, struct genl_info *info,
		 struct nslens_viewer *viewer)
{
	struct nslens_finder finder = {};
	int err;

	viewer->finder = &finder;
	err = parse_targets(change, info, viewer);
	viewer->finder = NULL;
	nslens_finder_free(&finder);
	change->set_events = info->attrs[NSLENS_A_TRACE_EVENTS];
	if (change->set_events)
		change->events = nla_get_u32(info->attrs[NSLENS_A_TRACE_EVENTS]);
	change->set_fields = info->attrs[NSLENS_A_TRACE_FIELDS];
	if (change->set_fields)
		change->fields = nla_get_u32(info->attrs[NSLENS_A_TRACE_FIELDS]);
	change->exists = info->attrs[NSLENS_A_TRACE_EXISTS];
	return err;
}

static int change_error(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "what is to be removed is not traced");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "too many targets in one session");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack, "what exists is still being told");
		break;
	case -ETXTBSY:
		NL_SET_ERR_MSG(extack, "somebody waits to receive from this socket already");
		err = -EBUSY;
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "the session is another's");
		break;
	case -EACCES:
		NL_SET_ERR_MSG(extack, "the socket has a filter");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "an option of the socket is being set");
		break;
	case -EUSERS:
		NL_SET_ERR_MSG(extack,
			       "too many sessions: see the parameter max_sessions");
		break;
	}
	return err;
}

static int reply_id(struct genl_info *info, u32 id)
{
	struct sk_buff *msg = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &nslens_nl_family, 0,
				NSLENS_CMD_TRACE_SET);
	nla_put_u32(msg, NSLENS_A_TRACE_ID, id);
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int nslens_nl_trace_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sock *sk = NETLINK_CB(skb).sk;
	struct nslens_trace_change change = {
		.add = LIST_HEAD_INIT(change.add),
		.remove = LIST_HEAD_INIT(change.remove),
	};
	struct nslens_viewer viewer;
	int err;

	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	/* One that begins may be the first of all, which looks at all tasks. */
	if (!nslens_nl_session(sk))
		err = nslens_may_walk(&viewer, info->extack);
	if (err)
		return err;
	err = parse(&change, info, &viewer) ?:
	      change_error(nslens_nl_set(sk, &viewer, &change), info->extack);
	nslens_targets_free(&change.add);
	nslens_targets_free(&change.remove);
	return err ?: reply_id(info, nslens_nl_session(sk)->id);
}
