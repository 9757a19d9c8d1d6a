// SPDX-License-Identifier: GPL-2.0
/* An event as a netlink message. */
#include <linux/pid_namespace.h>
#include <net/genetlink.h>

#include "event-put.h"
#include "netlink.h"
#include "nlput.h"
#include "rec.h"
#include "session.h"

/* All that is there once, whatever the event. */
#define EVENT_FIXED							\
	(nlmsg_total_size(GENL_HDRLEN) +				\
	 6 * nla_total_size(sizeof(u32)) +	/* kind, cpu, flags, mask, two more */ \
	 8 * nla_total_size(sizeof(u64)) +	/* seq, time, start-time, cgroup-id, */ \
						/* ns-id, lifetime, two more */ \
	 2 * nla_total_size(TASK_COMM_LEN) +				\
	 2 * nla_total_size(NSLENS_NR_NS * sizeof(u32)) +		\
	 2 * nla_total_size(NSLENS_NR_NS * sizeof(u64)))

/**
 * nslens_event_size() - room for an event
 * @event: the event
 *
 * Return: bytes that nslens_event_put() needs at most.
 */
unsigned int nslens_event_size(const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	if (!r)
		return EVENT_FIXED;
	return EVENT_FIXED + 2 * nla_total_size(r->levels * sizeof(u32)) +
		2 * nla_total_size(r->parents * sizeof(u32)) +
		nla_total_size(r->name);
}

static void *put_parent(void *pos, const struct nslens_session *session,
			const struct nslens_rec *r)
{
	const unsigned int here = session->level;

	/* Above the reader there is nobody. */
	if (r->parents <= here)
		return pos;
	pos = nslens_put_u32s(pos, NSLENS_A_EVENT_PARENT_PIDS,
			      nslens_rec_parent_pids(r) + here, r->parents - here);
	return nslens_put_u32s(pos, NSLENS_A_EVENT_PARENT_TGIDS,
			       nslens_rec_parent_tgids(r) + here,
			       r->parents - here);
}

static void *put_ns(void *pos, const struct nslens_rec_ns *ns, int inos, int ids)
{
	pos = nslens_put(pos, inos, ns->ino, sizeof(ns->ino));
	return nslens_put(pos, ids, ns->id, sizeof(ns->id));
}

static void *put_pids(void *pos, const struct nslens_rec_upid *upid,
		      unsigned int n)
{
	struct nlattr *nla = pos;
	u32 *data = nla_data(nla);
	unsigned int i;

	nla->nla_type = NSLENS_A_EVENT_PIDS;
	nla->nla_len = nla_attr_size(n * sizeof(u32));
	for (i = 0; i < n; i++)
		data[i] = upid[i].nr;
	return data + n;
}

static void *put_task(void *pos, const struct nslens_session *session,
		      const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;
	const unsigned int here = session->level;

	pos = put_pids(pos, nslens_rec_upids(r) + here, r->levels - here);
	pos = nslens_put_u32s(pos, NSLENS_A_EVENT_TGIDS,
			      nslens_rec_tgids(r) + here, r->levels - here);
	pos = nslens_put_u64(pos, NSLENS_A_EVENT_START_TIME,
			     r->start + session->boottime);
	pos = nslens_put_u32(pos, NSLENS_A_EVENT_FLAGS, r->flags);
	if (event->show_cgroup)
		pos = nslens_put_u64(pos, NSLENS_A_EVENT_CGROUP_ID,
				     r->cgroup_id);
	/* Also of a namespace that it has made. */
	return r->kind == NSLENS_EVENT_KIND_FORK ?
		put_parent(pos, session, r) : pos;
}

static void *put_namespaces(void *pos, const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	pos = put_ns(pos, &r->ns, NSLENS_A_EVENT_NS, NSLENS_A_EVENT_NS_IDS);
	if (event->kind != NSLENS_EVENT_KIND_SWITCH || !event->show_old)
		return pos;
	return put_ns(pos, nslens_rec_old_ns(r), NSLENS_A_EVENT_OLD_NS,
		      NSLENS_A_EVENT_OLD_NS_IDS);
}

static void *put_exec(void *pos, const struct nslens_session *session,
		      const struct nslens_rec *r)
{
	const unsigned int here = session->level;

	pos = nslens_put_string(pos, NSLENS_A_EVENT_FILENAME,
				nslens_rec_name(r), r->name - 1);
	if (r->has_old_comm)
		pos = nslens_put_comm(pos, NSLENS_A_EVENT_OLD_COMM,
				      nslens_rec_old_comm(r));
	if (r->parents > here)
		pos = nslens_put_u32s(pos, NSLENS_A_EVENT_OLD_PIDS,
				      nslens_rec_old_pids(r) + here,
				      r->parents - here);
	return pos;
}

static void *put_exit(void *pos, const struct nslens_rec *r)
{
	/* As wait(2) has it: the signal that ended it, or what it said. */
	if (r->value & 0x7f)
		return nslens_put_u32(pos, NSLENS_A_EVENT_SIGNAL, r->value & 0x7f);
	return nslens_put_u32(pos, NSLENS_A_EVENT_EXIT_CODE, r->value >> 8 & 0xff);
}

static void *put_switch(void *pos, const struct nslens_rec *r)
{
	pos = nslens_put_u32(pos, NSLENS_A_EVENT_HOW, r->how);
	return nslens_put_u32(pos, NSLENS_A_EVENT_CHANGED, r->mask);
}

static void *put_namespace(void *pos, const struct nslens_event *event)
{
	pos = nslens_put_u32(pos, NSLENS_A_EVENT_NS_TYPE, event->type);
	pos = nslens_put_u32(pos, NSLENS_A_EVENT_NS_INO, event->ino);
	if (event->id)
		pos = nslens_put_u64(pos, NSLENS_A_EVENT_NS_ID, event->id);
	if (event->lifetime)
		pos = nslens_put_u64(pos, NSLENS_A_EVENT_LIFETIME, event->lifetime);
	return pos;
}

static void *put_time(void *pos, const struct nslens_session *session, u64 time)
{
	return nslens_put_u64(pos, NSLENS_A_EVENT_TIME, time + session->boottime);
}

static void *put_lost(void *pos, const struct nslens_session *session,
		      const struct nslens_event *event)
{
	pos = put_time(pos, session, event->time);
	pos = nslens_put_u64(pos, NSLENS_A_EVENT_LOST_RING, event->ring);
	pos = nslens_put_u64(pos, NSLENS_A_EVENT_LOST_QUEUE, event->queue);
	return nslens_put_u64(pos, NSLENS_A_EVENT_FIRST,
			      event->first + session->boottime);
}

static void *put_details(void *pos, const struct nslens_session *session,
			 const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	switch (event->kind) {
	case NSLENS_EVENT_KIND_FORK:
		return nslens_put_u32(pos, NSLENS_A_EVENT_CREATED, r->mask);
	case NSLENS_EVENT_KIND_EXEC:
		return put_exec(pos, session, r);
	case NSLENS_EVENT_KIND_EXIT:
		return put_exit(pos, r);
	case NSLENS_EVENT_KIND_SWITCH:
		return put_switch(pos, r);
	case NSLENS_EVENT_KIND_NS_CREATE:
	case NSLENS_EVENT_KIND_NS_DESTROY:
		return put_namespace(pos, event);
	}
	return pos;
}

/* What was captured, as far as the session wants to be told. */
static void *put_rec(void *pos, const struct nslens_session *session,
		     const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;
	/* Nobody in particular destroys a namespace. */
	const bool task = event->kind != NSLENS_EVENT_KIND_NS_DESTROY;
	const u32 fields = session->fields;

	/* Early, for who looks at no more than this. */
	if (task && fields & NSLENS_EVENT_FIELD_COMM)
		pos = nslens_put_comm(pos, NSLENS_A_EVENT_COMM, r->comm);
	if (fields & NSLENS_EVENT_FIELD_ORDER)
		pos = nslens_put_u64(pos, NSLENS_A_EVENT_SEQ, event->seq);
	pos = put_time(pos, session, event->time);
	if (fields & NSLENS_EVENT_FIELD_ORDER)
		pos = nslens_put_u32(pos, NSLENS_A_EVENT_CPU, event->cpu);
	if (task && fields & NSLENS_EVENT_FIELD_TASK)
		pos = put_task(pos, session, event);
	if (task && fields & NSLENS_EVENT_FIELD_NS)
		pos = put_namespaces(pos, event);
	if (fields & NSLENS_EVENT_FIELD_DETAILS)
		pos = put_details(pos, session, event);
	return pos;
}

/* As genlmsg_put(), whose room is looked after here. Return: behind them. */
static void *put_headers(struct nlmsghdr *nlh)
{
	struct genlmsghdr *genl = nlmsg_data(nlh);

	*nlh = (struct nlmsghdr){ .nlmsg_type = nslens_nl_family.id };
	*genl = (struct genlmsghdr){
		.cmd = NSLENS_CMD_TRACE_NTF,
		.version = nslens_nl_family.version,
	};
	return (void *)genl + GENL_HDRLEN;
}

/**
 * nslens_event_put() - write an event into a message of its own
 * @skb: with room for nslens_event_size()
 * @session: who is told
 * @event: the event
 */
void nslens_event_put(struct sk_buff *skb, const struct nslens_session *session,
		      const struct nslens_event *event)
{
	struct nlmsghdr *nlh = (void *)skb_tail_pointer(skb);
	void *pos = put_headers(nlh);

	pos = nslens_put_u32(pos, NSLENS_A_EVENT_KIND, event->kind);
	if (event->rec)
		pos = put_rec(pos, session, event);
	else
		pos = put_lost(pos, session, event);
	nlh->nlmsg_len = pos - (void *)nlh;
	__skb_put(skb, nlh->nlmsg_len);
}
