// SPDX-License-Identifier: GPL-2.0
/* The requests that concern tasks. Nothing is allocated for each of them. */
#include <errno.h>

#include "netlink-wire.h"

/* What follows the last attribute: no type is 0. */
static const struct nlattr no_attr;

/* The attribute at @at, of which @left bytes are there, or @no_attr. */
static inline const struct nlattr *attr_or_none(const char *at, int left)
{
	const struct nlattr *attr = (const struct nlattr *)at;

	if (left < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
	    attr->nla_len > left)
		return &no_attr;
	return attr;
}

/*
 * The module writes the fields in the order of their types, so that one pass
 * in that order takes them all, at a compare each; in another order, or with
 * fields that this helper does not know, it takes more passes.
 */
static void parse_task(const struct nlmsghdr *nlh, struct nslens_task *task)
{
	struct attrs attrs = family_attrs(nlh);
	const char *at = attrs.at;
	int left = attrs.left;
	const struct nlattr *attr = attr_or_none(at, left), *first;
	unsigned int fields = 0;

#define NEXT()								\
	do {								\
		at += NLA_ALIGN(attr->nla_len);				\
		left -= (int)NLA_ALIGN(attr->nla_len);			\
		attr = attr_or_none(at, left);				\
	} while (0)
#define FIELD(name, is_good, member, read)				\
	do {								\
		if (attr->nla_type == NSLENS_A_TASK_##name && (is_good)) { \
			(member) = read(attr);				\
			fields |= NSLENS_TASK_FIELD_##name;		\
			NEXT();						\
		}							\
	} while (0)
#define ARRAY(name, member)	FIELD(name, true, member, attr_array)
#define NUMBER(name, bits, member)					\
	FIELD(name, attr->nla_len == NLA_HDRLEN + (bits) / 8, member,	\
	      attr_u##bits)

	while (attr != &no_attr) {
		first = attr;
		ARRAY(PIDS, task->pids);
		ARRAY(TGIDS, task->tgids);
		ARRAY(PPIDS, task->ppids);
		ARRAY(PGIDS, task->pgids);
		ARRAY(SIDS, task->sids);
		ARRAY(NS, task->ns);
		NUMBER(UID, 32, task->uid);
		NUMBER(GID, 32, task->gid);
		NUMBER(UID_INSIDE, 32, task->uid_inside);
		NUMBER(GID_INSIDE, 32, task->gid_inside);
		NUMBER(START_TIME, 64, task->start_time);
		FIELD(COMM, true, task->comm, attr_text);
		NUMBER(FLAGS, 32, task->flags);
		NUMBER(TRACER, 32, task->tracer);
		if (attr == &no_attr)
			break;
		NUMBER(CGROUP_ID, 64, task->cgroup_id);
		FIELD(CGROUP, true, task->cgroup, attr_text);
		NUMBER(OUTSIDE, 32, task->outside);
		FIELD(NS_IDS, true, task->ns_ids, attr_ids);
		if (attr == first)
			NEXT();
	}
	task->fields = fields;
#undef NUMBER
#undef ARRAY
#undef FIELD
#undef NEXT
}

static int take_task(const struct nlmsghdr *nlh, void *arg)
{
	parse_task(nlh, arg);
	return 0;
}

/**
 * nslens_task_get() - ask for one task
 * @conn: the connection
 * @pid: its PID, or the thread id of any thread
 * @in: PID namespace that @pid counts in, NULL for here
 * @fields: enum nslens_task_field, 0 for all up to the tracer
 * @task: is filled; a member counts only if @task->fields has it, and arrays and
 *	text are good until the next call on @conn
 *
 * Return: 0, -ESRCH if there is no such task or it is hidden from the caller,
 * or another negative errno.
 */
int nslens_task_get(struct nslens_conn *conn, __u32 pid,
		    const struct nslens_ns_ref *in, __u32 fields,
		    struct nslens_task *task)
{
	struct nl_msg *msg = nslens_request(conn, NSLENS_CMD_TASK_GET, 0, 0);
	int err;

	if (!msg)
		return -ENOMEM;

	task->fields = 0;
	nla_put_u32(msg, NSLENS_A_TASK_PID, pid);
	nslens_put_ns_ref(msg, NSLENS_A_TASK_IN, in);
	if (fields)
		nla_put_u32(msg, NSLENS_A_TASK_FIELDS, fields);
	err = nslens_transact(conn, msg, take_task, task, NULL);
	nlmsg_free(msg);
	return err;
}

struct dump {
	nslens_task_fn each;
	void *arg;
	struct nslens_task task;
};

static int dump_task(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;

	parse_task(nlh, &dump->task);
	return dump->each(&dump->task, dump->arg);
}

static void put_filter(struct nl_msg *msg,
		       const struct nslens_task_filter *filter)
{
	if (filter->fields)
		nla_put_u32(msg, NSLENS_A_TASK_FIELDS, filter->fields);
	if (filter->subtree)
		nla_put_u32(msg, NSLENS_A_TASK_SUBTREE, filter->subtree);
	nslens_put_ns_ref(msg, NSLENS_A_TASK_IN, &filter->in);
	nslens_put_ns_ref(msg, NSLENS_A_TASK_MEMBER_OF, &filter->member_of);
	if (filter->descendants)
		nla_put_flag(msg, NSLENS_A_TASK_DESCENDANTS);
	if (filter->cgroup_subtree)
		nla_put_string(msg, NSLENS_A_TASK_CGROUP_SUBTREE,
			       filter->cgroup_subtree);
	if (filter->threads)
		nla_put_flag(msg, NSLENS_A_TASK_THREADS);
}

/**
 * nslens_task_dump() - ask for all tasks that match
 * @conn: the connection; @each must not use it
 * @filter: which, and what of them; NULL for everything
 * @each: is called for each task, in the order of PIDs, with a record that is
 *	gone when it returns; not 0 makes it the last call
 * @arg: is handed to @each
 * @interrupted: if not NULL, becomes true when tasks came or went meanwhile;
 *	those that lived throughout were reported even so, once
 *
 * Return: 0, what @each returned, or a negative errno.
 */
int nslens_task_dump(struct nslens_conn *conn,
		     const struct nslens_task_filter *filter,
		     nslens_task_fn each, void *arg, bool *interrupted)
{
	struct dump dump = { .each = each, .arg = arg };
	size_t path = filter && filter->cgroup_subtree ?
		      strlen(filter->cgroup_subtree) : 0;
	struct nl_msg *msg;
	int err;

	msg = nslens_request(conn, NSLENS_CMD_TASK_GET, NLM_F_DUMP, path);
	if (!msg)
		return -ENOMEM;

	if (filter)
		put_filter(msg, filter);
	err = nslens_transact(conn, msg, dump_task, &dump, interrupted);
	nlmsg_free(msg);
	return err;
}

struct batch {
	size_t nr;
	__s32 *result;
};

static int take_pids(const struct nlmsghdr *nlh, void *arg)
{
	const struct batch *batch = arg;
	struct attrs attrs = family_attrs(nlh);
	const struct nlattr *attr;

	while ((attr = next_attr(&attrs))) {
		if ((attr->nla_type & NLA_TYPE_MASK) != NSLENS_A_TRANSLATE_PIDS)
			continue;
		if (attr_len(attr) != batch->nr * sizeof(*batch->result))
			break;
		memcpy(batch->result, attr_data(attr), attr_len(attr));
		return 0;
	}
	return -EBADMSG;
}

static int translate_batch(struct nslens_conn *conn,
			   const struct nslens_translation *how,
			   const __s32 *pids, struct batch *batch)
{
	size_t size = batch->nr * sizeof(*pids);
	struct nl_msg *msg;
	int err;

	msg = nslens_request(conn, NSLENS_CMD_PID_TRANSLATE, 0, size);
	if (!msg)
		return -ENOMEM;

	nla_put(msg, NSLENS_A_TRANSLATE_PIDS, (int)size, pids);
	nslens_put_ns_ref(msg, NSLENS_A_TRANSLATE_FROM, &how->from);
	if (how->to_own)
		nla_put_flag(msg, NSLENS_A_TRANSLATE_TO_OWN);
	else
		nslens_put_ns_ref(msg, NSLENS_A_TRANSLATE_TO, &how->to);
	err = nslens_transact(conn, msg, take_pids, batch, NULL);
	nlmsg_free(msg);
	return err;
}

/**
 * nslens_pid_translate() - translate PIDs between PID namespaces
 * @conn: the connection
 * @how: from where to where
 * @pids: PIDs that count in @how->from
 * @nr: how many; more than NSLENS_MAX_PIDS take several messages
 * @result: room for @nr: what each is in the namespace translated to; 0 if the
 *	task has no PID there, -ESRCH if there is no such task, -EINVAL if none
 *	can have such a PID
 *
 * Return: 0, or a negative errno that concerns all of them.
 */
int nslens_pid_translate(struct nslens_conn *conn,
			 const struct nslens_translation *how,
			 const __s32 *pids, size_t nr, __s32 *result)
{
	for (size_t done = 0; done < nr; done += NSLENS_MAX_PIDS) {
		struct batch batch = {
			.nr = nr - done,
			.result = &result[done],
		};
		int err;

		if (batch.nr > NSLENS_MAX_PIDS)
			batch.nr = NSLENS_MAX_PIDS;
		err = translate_batch(conn, how, pids + done, &batch);
		if (err)
			return err;
	}
	return 0;
}
