// SPDX-License-Identifier: GPL-2.0
/* pid-translate: many PIDs from one PID namespace to another. */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"
#include "nsref.h"

/* PIDs translated within one RCU section. */
#define TRANSLATE_BATCH	64

/*
 * @from is the viewer's PID namespace or a descendant, and so is @to; whoever
 * has a number in @from has one in the viewer's. @to NULL: the task's own.
 */
static s32 translate(s32 nr, struct pid_namespace *from,
		     struct pid_namespace *to)
{
	struct pid *pid;

	if (nr <= 0)
		return -EINVAL;
	pid = find_pid_ns(nr, from);
	/* A number may outlive its task as that of a group or a session. */
	if (!pid || !pid_has_task(pid, PIDTYPE_PID))
		return -ESRCH;
	return to ? pid_nr_ns(pid, to) : pid->numbers[pid->level].nr;
}

static void translate_all(s32 *out, const s32 *in, unsigned int n,
			  struct pid_namespace *from, struct pid_namespace *to)
{
	unsigned int i, end;

	for (i = 0; i < n; cond_resched()) {
		end = min(i + TRANSLATE_BATCH, n);
		rcu_read_lock();
		for (; i < end; i++)
			out[i] = translate(in[i], from, to);
		rcu_read_unlock();
	}
}

static int check_batch(struct genl_info *info)
{
	struct nlattr *pids = info->attrs[NSLENS_A_TRANSLATE_PIDS];

	if (GENL_REQ_ATTR_CHECK(info, NSLENS_A_TRANSLATE_PIDS))
		return -EINVAL;
	if (!nla_len(pids) || nla_len(pids) % sizeof(s32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, pids,
				    "not an array of one PID or more, four bytes each");
		return -EINVAL;
	}
	if (nla_len(pids) > NSLENS_MAX_PIDS * sizeof(s32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, pids,
				    "more than 4096 PIDs in one message");
		return -E2BIG;
	}
	if (info->attrs[NSLENS_A_TRANSLATE_TO] &&
	    info->attrs[NSLENS_A_TRANSLATE_TO_OWN]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[NSLENS_A_TRANSLATE_TO_OWN],
				    "to and to-own exclude each other");
		return -EINVAL;
	}
	return 0;
}

static int reply(struct genl_info *info, struct pid_namespace *from,
		 struct pid_namespace *to)
{
	struct nlattr *pids = info->attrs[NSLENS_A_TRANSLATE_PIDS];
	struct nlattr *out;
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(nla_total_size(nla_len(pids)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &nslens_nl_family, 0,
				NSLENS_CMD_PID_TRANSLATE);
	out = nla_reserve(msg, NSLENS_A_TRANSLATE_PIDS, nla_len(pids));
	if (WARN_ON_ONCE(!hdr || !out)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	translate_all(nla_data(out), nla_data(pids),
		      nla_len(pids) / sizeof(s32), from, to);
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int nslens_nl_pid_translate_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nslens_nsref from, to = {};
	struct nslens_viewer viewer;
	int err;

	err = check_batch(info);
	if (err)
		return err;
	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	err = nslens_nsref_get_pid_ns(&from,
				      info->attrs[NSLENS_A_TRANSLATE_FROM],
				      &viewer, info->extack);
	if (err)
		return err;
	if (!info->attrs[NSLENS_A_TRANSLATE_TO_OWN])
		err = nslens_nsref_get_pid_ns(&to,
					      info->attrs[NSLENS_A_TRANSLATE_TO],
					      &viewer, info->extack);
	if (!err)
		err = reply(info, from.pid_ns, to.pid_ns);
	nslens_nsref_put(&to);
	nslens_nsref_put(&from);
	return err;
}
