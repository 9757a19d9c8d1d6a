// SPDX-License-Identifier: GPL-2.0
/* task-get: one task, or all that match. */
#include <linux/pid.h>
#include <linux/slab.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"
#include "walk.h"

/* The message of a task with all fields, in the deepest PID namespace. */
#define TASK_MSG_MAX							\
	(nlmsg_total_size(GENL_HDRLEN) +				\
	 NSLENS_NR_IDS * nla_total_size(NSLENS_MAX_LEVELS * sizeof(u32)) + \
	 nla_total_size(NSLENS_NR_NS * sizeof(u32)) +			\
	 4 * nla_total_size(sizeof(u32)) +	/* uid, gid, inside */	\
	 nla_total_size(sizeof(u64)) +		/* start-time */	\
	 nla_total_size(TASK_COMM_LEN) +				\
	 2 * nla_total_size(sizeof(u32)))	/* flags, tracer */

/*
 * Attributes are written straight into the tail of the skb, after one look at
 * its room: by nla_put() they would cost more than all else a task costs.
 */
static inline void *put_attr(void *pos, int type, const void *data, int len)
{
	struct nlattr *nla = pos;

	nla->nla_type = type;
	nla->nla_len = nla_attr_size(len);
	memcpy(nla_data(nla), data, len);
	return pos + NLA_ALIGN(nla->nla_len);
}

/* By hand: a call of memcpy() costs more than the few numbers. */
static inline void *put_u32s(void *pos, int type, const u32 *values,
			     unsigned int n)
{
	struct nlattr *nla = pos;
	u32 *data = nla_data(nla);
	unsigned int i;

	nla->nla_type = type;
	nla->nla_len = nla_attr_size(n * sizeof(u32));
	for (i = 0; i < n; i++)
		data[i] = values[i];
	return data + n;
}

static inline void *put_u32(void *pos, int type, u32 value)
{
	return put_attr(pos, type, &value, sizeof(value));
}

/* comm is padded with NUL, and so is the attribute. */
static inline void *put_comm(void *pos, const char *comm)
{
	struct nlattr *nla = pos;

	pos = put_attr(pos, NSLENS_A_TASK_COMM, comm, TASK_COMM_LEN);
	nla->nla_len = nla_attr_size(strnlen(comm, TASK_COMM_LEN - 1) + 1);
	return (void *)nla + NLA_ALIGN(nla->nla_len);
}

static void *put_fields(void *pos, const struct nslens_task *t)
{
	unsigned int i;

	BUILD_BUG_ON(BIT(NSLENS_A_TASK_TRACER) - 1 != NSLENS_TASK_FIELD_MASK);
	BUILD_BUG_ON(BIT(NSLENS_A_TASK_PIDS + NSLENS_ID_SID - 1) !=
		     NSLENS_TASK_FIELD_SIDS);

	for (i = 0; i < NSLENS_NR_IDS; i++)
		if (t->fields & BIT(i))
			pos = put_u32s(pos, NSLENS_A_TASK_PIDS + i, t->ids[i],
				       t->levels);
	if (t->fields & NSLENS_TASK_FIELD_NS)
		pos = put_attr(pos, NSLENS_A_TASK_NS, t->ns, sizeof(t->ns));
	if (t->fields & NSLENS_TASK_FIELD_UID)
		pos = put_u32(pos, NSLENS_A_TASK_UID, t->uid);
	if (t->fields & NSLENS_TASK_FIELD_GID)
		pos = put_u32(pos, NSLENS_A_TASK_GID, t->gid);
	if (t->fields & NSLENS_TASK_FIELD_UID_INSIDE)
		pos = put_u32(pos, NSLENS_A_TASK_UID_INSIDE, t->uid_inside);
	if (t->fields & NSLENS_TASK_FIELD_GID_INSIDE)
		pos = put_u32(pos, NSLENS_A_TASK_GID_INSIDE, t->gid_inside);
	if (t->fields & NSLENS_TASK_FIELD_START_TIME)
		pos = put_attr(pos, NSLENS_A_TASK_START_TIME, &t->start_time,
			       sizeof(t->start_time));
	if (t->fields & NSLENS_TASK_FIELD_COMM)
		pos = put_comm(pos, t->comm);
	if (t->fields & NSLENS_TASK_FIELD_FLAGS)
		pos = put_u32(pos, NSLENS_A_TASK_FLAGS, t->flags);
	if (t->fields & NSLENS_TASK_FIELD_TRACER)
		pos = put_u32(pos, NSLENS_A_TASK_TRACER, t->tracer);
	return pos;
}

/*
 * One task's message into @skb, which has room for TASK_MSG_MAX. Shared by do
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
		NSLENS_TASK_FIELD_MASK;
}

static int collect_one(struct nslens_task *t, struct genl_info *info,
		       const struct nslens_viewer *viewer)
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
	task = pid_task(pid, PIDTYPE_PID);
	if (!task || !nslens_task_collect(t, viewer, pid, task,
					  fields_wanted(info->attrs)))
		err = -ESRCH;
	rcu_read_unlock();
	nslens_nsref_put(&in);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, nr,
				    "no such task in this PID namespace");
	return err;
}

int nslens_nl_task_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nslens_viewer viewer;
	struct nslens_task t;
	struct sk_buff *msg;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, NSLENS_A_TASK_PID))
		return -EINVAL;
	nslens_viewer_of_request(&viewer, skb);
	err = collect_one(&t, info, &viewer);
	if (err)
		return err;
	msg = nlmsg_new(TASK_MSG_MAX, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	task_fill(msg, &t, info->snd_portid, info->snd_seq, 0);
	return genlmsg_reply(msg, info);
}

/**
 * struct task_dump - what a dump keeps between two buffers
 * @walk: the cursor; its references belong to the dump
 * @in: PID namespace of the request's numbers, with a reference
 * @asker: who asked
 */
struct task_dump {
	struct nslens_walk walk;
	struct nslens_nsref in;
	struct nslens_asker asker;
};

static struct task_dump **dump_of(struct netlink_callback *cb)
{
	return (struct task_dump **)cb->ctx;
}

static void dump_free(struct task_dump *dump)
{
	nslens_nsref_put(&dump->walk.member);
	nslens_nsref_put(&dump->in);
	put_pid(dump->walk.subtree);
	nslens_asker_put(&dump->asker);
	kfree(dump);
}

static int set_subtree(struct task_dump *dump, struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nla_get_u32(attr), dump->in.pid_ns);
	if (pid && pid_task(pid, PIDTYPE_TGID))
		dump->walk.subtree = get_pid(pid);
	rcu_read_unlock();
	if (dump->walk.subtree)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "no such process in this PID namespace");
	return -ESRCH;
}

static int dump_setup(struct task_dump *dump, struct nlattr **attrs,
		      const struct nslens_viewer *viewer,
		      struct netlink_ext_ack *extack)
{
	struct nslens_walk *walk = &dump->walk;
	int err;

	walk->nr = 1;
	walk->threads = nla_get_flag(attrs[NSLENS_A_TASK_THREADS]);
	walk->fields = fields_wanted(attrs);
	err = nslens_nsref_get_pid_ns(&dump->in, attrs[NSLENS_A_TASK_IN],
				      viewer, extack);
	if (!err && attrs[NSLENS_A_TASK_SUBTREE])
		err = set_subtree(dump, attrs[NSLENS_A_TASK_SUBTREE], extack);
	if (!err && attrs[NSLENS_A_TASK_MEMBER_OF])
		err = nslens_nsref_get(&walk->member,
				       attrs[NSLENS_A_TASK_MEMBER_OF],
				       viewer, extack);
	/* Who is in a PID namespace has a number in it: look nowhere else. */
	walk->ns = walk->member.pid_ns &&
		   walk->member.type == NSLENS_NS_TYPE_PID ?
		   walk->member.pid_ns : viewer->pid_ns;
	return err;
}

static int dump_start(struct netlink_callback *cb)
{
	struct nslens_viewer viewer;
	struct task_dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return -ENOMEM;
	nslens_viewer_of_request(&viewer, cb->skb);
	nslens_asker_get(&dump->asker);
	err = dump_setup(dump, compat_dump_attrs(cb), &viewer, cb->extack);
	if (err) {
		dump_free(dump);
		return err;
	}
	*dump_of(cb) = dump;
	return 0;
}

/*
 * Older kernels cannot tell here what is wrong; there the first dumpit, which
 * runs in the same system call, starts the dump.
 */
int nslens_nl_task_get_start(struct netlink_callback *cb)
{
	return cb->extack ? dump_start(cb) : 0;
}

int nslens_nl_task_get_done(struct netlink_callback *cb)
{
	if (*dump_of(cb))
		dump_free(*dump_of(cb));
	return 0;
}

int nslens_nl_task_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nslens_viewer viewer;
	struct task_dump *dump;
	struct nslens_task t;
	void *hdr;
	int nr;

	if (!*dump_of(cb)) {
		nr = dump_start(cb);
		if (nr)
			return nr;
	}
	dump = *dump_of(cb);
	nslens_viewer_of_request(&viewer, cb->skb);
	if (!nslens_asker_is_current(&dump->asker, cb->extack))
		return -EPERM;
	while (skb_tailroom(skb) >= TASK_MSG_MAX) {
		nr = nslens_walk_next(&dump->walk, &t, &viewer);
		cb->seq = nslens_walk_seq(&dump->walk);
		if (nr <= 0)
			return nr ?: skb->len;
		hdr = task_fill(skb, &t, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, NLM_F_MULTI);
		genl_dump_check_consistent(cb, hdr);
	}
	return skb->len;
}
