// SPDX-License-Identifier: GPL-2.0
/* task-get: one task, or all that match. */
#include <linux/cgroup.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"
#include "nlput.h"
#include "walk.h"

/* The message of a task with all cheap fields, in the deepest PID namespace. */
#define TASK_MSG_CHEAP							\
	(nlmsg_total_size(GENL_HDRLEN) +				\
	 NSLENS_NR_IDS * nla_total_size(NSLENS_MAX_LEVELS * sizeof(u32)) + \
	 nla_total_size(NSLENS_NR_NS * sizeof(u32)) +			\
	 4 * nla_total_size(sizeof(u32)) +	/* uid, gid, inside */	\
	 nla_total_size(sizeof(u64)) +		/* start-time */	\
	 nla_total_size(TASK_COMM_LEN) +				\
	 2 * nla_total_size(sizeof(u32)) +	/* flags, tracer */	\
	 nla_total_size(sizeof(u64)))		/* cgroup-id */

/* What the slow ones add to it. */
#define TASK_MSG_SLOW							\
	(nla_total_size(PATH_MAX) +		/* cgroup */		\
	 nla_total_size(sizeof(u32)) +		/* outside */		\
	 nla_total_size(NSLENS_NR_NS * sizeof(u64)))	/* ns-ids */

static unsigned int task_msg_max(u32 fields)
{
	return TASK_MSG_CHEAP +
		(fields & NSLENS_TASK_FIELDS_SLOW ? TASK_MSG_SLOW : 0);
}

static void *put_slow_fields(void *pos, const struct nslens_task *t)
{
	if (t->fields & NSLENS_TASK_FIELD_CGROUP)
		pos = nslens_put_string(pos, NSLENS_A_TASK_CGROUP, t->cgroup,
					strlen(t->cgroup));
	if (t->fields & NSLENS_TASK_FIELD_OUTSIDE)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_OUTSIDE, t->outside);
	if (t->fields & NSLENS_TASK_FIELD_NS_IDS)
		pos = nslens_put(pos, NSLENS_A_TASK_NS_IDS, t->ns_ids,
				 sizeof(t->ns_ids));
	return pos;
}

static void *put_fields(void *pos, const struct nslens_task *t)
{
	unsigned int i;

	BUILD_BUG_ON(BIT(NSLENS_A_TASK_NS_IDS) - 1 != NSLENS_TASK_FIELD_MASK);
	BUILD_BUG_ON(BIT(NSLENS_A_TASK_PIDS + NSLENS_ID_SID - 1) !=
		     NSLENS_TASK_FIELD_SIDS);

	for (i = 0; i < NSLENS_NR_IDS; i++)
		if (t->fields & BIT(i))
			pos = nslens_put_u32s(pos, NSLENS_A_TASK_PIDS + i, t->ids[i],
					      t->levels);
	if (t->fields & NSLENS_TASK_FIELD_NS)
		pos = nslens_put(pos, NSLENS_A_TASK_NS, t->ns, sizeof(t->ns));
	if (t->fields & NSLENS_TASK_FIELD_UID)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_UID, t->uid);
	if (t->fields & NSLENS_TASK_FIELD_GID)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_GID, t->gid);
	if (t->fields & NSLENS_TASK_FIELD_UID_INSIDE)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_UID_INSIDE, t->uid_inside);
	if (t->fields & NSLENS_TASK_FIELD_GID_INSIDE)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_GID_INSIDE, t->gid_inside);
	if (t->fields & NSLENS_TASK_FIELD_START_TIME)
		pos = nslens_put(pos, NSLENS_A_TASK_START_TIME, &t->start_time,
				 sizeof(t->start_time));
	if (t->fields & NSLENS_TASK_FIELD_COMM)
		pos = nslens_put_comm(pos, NSLENS_A_TASK_COMM, t->comm);
	if (t->fields & NSLENS_TASK_FIELD_FLAGS)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_FLAGS, t->flags);
	if (t->fields & NSLENS_TASK_FIELD_TRACER)
		pos = nslens_put_u32(pos, NSLENS_A_TASK_TRACER, t->tracer);
	if (t->fields & NSLENS_TASK_FIELD_CGROUP_ID)
		pos = nslens_put(pos, NSLENS_A_TASK_CGROUP_ID, &t->cgroup_id,
				 sizeof(t->cgroup_id));
	if (t->fields & NSLENS_TASK_FIELDS_SLOW)
		pos = put_slow_fields(pos, t);
	return pos;
}

/*
 * One task's message into @skb, which has room for task_msg_max(). Shared by do
 * and dump. Return: its generic netlink header.
 */
static void *task_fill(struct sk_buff *skb, const struct nslens_task *t,
		       u32 portid, u32 seq, int flags)
{
	void *hdr, *pos, *end;

	hdr = genlmsg_put(skb, portid, seq, &nslens_nl_family, flags,
			  NSLENS_CMD_TASK_GET);
	pos = skb_tail_pointer(skb);
	end = put_fields(pos, t);
	__skb_put(skb, end - pos);
	genlmsg_end(skb, hdr);
	return hdr;
}

static u32 fields_wanted(struct nlattr **attrs)
{
	return attrs[NSLENS_A_TASK_FIELDS] ?
		nla_get_u32(attrs[NSLENS_A_TASK_FIELDS]) :
		NSLENS_TASK_FIELDS_DEFAULT;
}

static int collect_one(struct nslens_task *t, struct genl_info *info,
		       const struct nslens_viewer *viewer, char *path)
{
	struct nlattr *nr = info->attrs[NSLENS_A_TASK_PID];
	struct task_struct *task;
	struct nslens_nsref in;
	struct pid *pid;
	int err;

	err = nslens_nsref_get_pid_ns(&in, info->attrs[NSLENS_A_TASK_IN],
				      viewer, info->extack);
	if (err)
		return err;
	rcu_read_lock();
	pid = find_pid_ns(nla_get_u32(nr), in.pid_ns);
	task = nslens_task_find(t, viewer, pid, PIDTYPE_PID,
				fields_wanted(info->attrs));
	if (task)
		get_task_struct(task);
	else
		err = -ESRCH;
	rcu_read_unlock();
	nslens_nsref_put(&in);
	if (!err) {
		nslens_task_add(t, viewer, task, path);
		put_task_struct(task);
	}
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, nr,
				    "no such task in this PID namespace");
	return err;
}

/* A buffer for the path of a cgroup, if that is wanted; kfree() takes NULL. */
static int path_buffer(char **path, u32 fields)
{
	*path = NULL;
	if (!(fields & NSLENS_TASK_FIELD_CGROUP))
		return 0;
	*path = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	return *path ? 0 : -ENOMEM;
}

static int task_reply(struct genl_info *info, const struct nslens_task *t)
{
	struct sk_buff *msg = nlmsg_new(task_msg_max(t->fields), GFP_KERNEL);

	if (!msg)
		return -ENOMEM;
	task_fill(msg, t, info->snd_portid, info->snd_seq, 0);
	return genlmsg_reply(msg, info);
}

int nslens_nl_task_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nslens_viewer viewer;
	struct nslens_task t;
	char *path;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, NSLENS_A_TASK_PID))
		return -EINVAL;
	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	err = path_buffer(&path, fields_wanted(info->attrs));
	if (err)
		return err;
	err = collect_one(&t, info, &viewer, path);
	if (!err)
		err = task_reply(info, &t);
	kfree(path);
	return err;
}

/**
 * struct task_dump - what a dump keeps between two buffers
 * @walk: the cursor; its references belong to the dump
 * @in: PID namespace of the request's numbers, with a reference
 * @asker: who asked
 * @err: why it cannot start, told in the first dumpit
 * @text: what to tell with @err
 */
struct task_dump {
	struct nslens_walk walk;
	struct nslens_nsref in;
	struct nslens_asker asker;
	int err;
	const char *text;
};

static struct task_dump **dump_of(struct netlink_callback *cb)
{
	return (struct task_dump **)cb->ctx;
}

static void dump_free(struct task_dump *dump)
{
	nslens_walk_free(&dump->walk);
	nslens_nsref_put(&dump->walk.member);
	nslens_nsref_put(&dump->in);
	put_pid(dump->walk.subtree);
	if (dump->walk.cgroup)
		cgroup_put(dump->walk.cgroup);
	kfree(dump->walk.path);
	nslens_asker_put(&dump->asker);
	kfree(dump);
}

/* Any thread names its process. */
static int set_subtree(struct task_dump *dump, struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct pid *tgid = NULL;

	rcu_read_lock();
	task = pid_task(find_pid_ns(nla_get_u32(attr), dump->in.pid_ns),
			PIDTYPE_PID);
	if (task)
		tgid = nslens_process_pid(task, PIDTYPE_TGID);
	/* Found under RCU, and freed a grace period after it is unhashed. */
	dump->walk.subtree = get_pid(tgid);
	rcu_read_unlock();
	if (dump->walk.subtree)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "no such task in this PID namespace");
	return -ESRCH;
}

static int set_member(struct task_dump *dump, struct nlattr **attrs,
		      const struct nslens_viewer *viewer,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *descendants = attrs[NSLENS_A_TASK_DESCENDANTS];
	struct nslens_walk *walk = &dump->walk;
	int err;

	err = nslens_nsref_get(&walk->member, attrs[NSLENS_A_TASK_MEMBER_OF],
			       viewer, extack);
	if (err)
		return err;
	walk->descendants = descendants;
	if (descendants && walk->member.type != NSLENS_NS_TYPE_PID &&
	    walk->member.type != NSLENS_NS_TYPE_USER) {
		NL_SET_ERR_MSG_ATTR(extack, descendants,
				    "only PID and user namespaces have descendants");
		return -EINVAL;
	}
	/* Who is in a PID namespace has a number in it: look nowhere else. */
	if (walk->member.type == NSLENS_NS_TYPE_PID)
		walk->ns = walk->member.pid_ns;
	return 0;
}

static int set_cgroup(struct task_dump *dump, struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	struct cgroup *cgrp = cgroup_get_from_path(nla_data(attr));

	if (!IS_ERR(cgrp)) {
		dump->walk.cgroup = cgrp;
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "no such cgroup in the caller's cgroup namespace");
	return PTR_ERR(cgrp);
}

static int dump_setup(struct task_dump *dump, struct nlattr **attrs,
		      const struct nslens_viewer *viewer,
		      struct netlink_ext_ack *extack)
{
	struct nslens_walk *walk = &dump->walk;
	int err;

	walk->nr = 1;
	walk->ns = viewer->pid_ns;
	walk->threads = nla_get_flag(attrs[NSLENS_A_TASK_THREADS]);
	walk->fields = fields_wanted(attrs);
	err = path_buffer(&walk->path, walk->fields);
	if (!err)
		err = nslens_nsref_get_pid_ns(&dump->in,
					      attrs[NSLENS_A_TASK_IN],
					      viewer, extack);
	if (!err && attrs[NSLENS_A_TASK_SUBTREE])
		err = set_subtree(dump, attrs[NSLENS_A_TASK_SUBTREE], extack);
	if (!err && attrs[NSLENS_A_TASK_MEMBER_OF])
		err = set_member(dump, attrs, viewer, extack);
	if (!err && attrs[NSLENS_A_TASK_CGROUP_SUBTREE])
		err = set_cgroup(dump, attrs[NSLENS_A_TASK_CGROUP_SUBTREE],
				 extack);
	return err;
}

/*
 * Older kernels give no extended ack here. What is wrong must be found out in
 * this system call all the same, which is that of who asks; the first dumpit,
 * which may be in another's, then tells it.
 */
int nslens_nl_task_get_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = compat_dump_attrs(cb);
	struct netlink_ext_ack extack = {};
	struct nslens_viewer viewer;
	struct task_dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return -ENOMEM;
	xa_init(&dump->walk.memo);
	nslens_asker_get(&dump->asker);
	err = nslens_viewer_of_request(&viewer, cb->skb, cb->extack ?: &extack) ?:
		nslens_may_walk(&viewer, cb->extack ?: &extack) ?:
		dump_setup(dump, attrs, &viewer, cb->extack ?: &extack);
	if (err && cb->extack) {
		dump_free(dump);
		return err;
	}
	dump->err = err;
	dump->text = extack._msg;
	/* Flag also what changes before the first match. */
	if (!err) {
		cb->seq = nslens_walk_seq(&dump->walk, &viewer);
		cb->prev_seq = cb->seq;
	}
	cb->min_dump_alloc = task_msg_max(dump->walk.fields);
	*dump_of(cb) = dump;
	return 0;
}

int nslens_nl_task_get_done(struct netlink_callback *cb)
{
	dump_free(*dump_of(cb));
	return 0;
}

int nslens_nl_task_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct task_dump *dump = *dump_of(cb);
	struct nslens_viewer viewer;
	struct nslens_task t;
	unsigned int max;
	int err = 0;
	void *hdr;

	if (dump->err) {
		if (cb->extack)
			cb->extack->_msg = dump->text;
		return dump->err;
	}
	if (!nslens_asker_is_current(&dump->asker, cb->extack))
		return -EPERM;
	nslens_viewer_init(&viewer, NULL);
	max = task_msg_max(dump->walk.fields);
	while (skb_tailroom(skb) >= max) {
		err = nslens_walk_next(&dump->walk, &t, &viewer);
		if (err <= 0)
			break;
		hdr = task_fill(skb, &t, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, NLM_F_MULTI);
		genl_dump_check_consistent(cb, hdr);
	}
	/* What changed by now flags the next message, which may be the last. */
	cb->seq = nslens_walk_seq(&dump->walk, &viewer);
	return err < 0 ? err : skb->len;
}
