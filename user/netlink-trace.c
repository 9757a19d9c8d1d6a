// SPDX-License-Identifier: GPL-2.0
/* The requests that concern tracing, and events as they come. */
#include <errno.h>

#include <sys/socket.h>

#include "netlink-trace.h"
#include "netlink-wire.h"

/* So much may wait for who reads: 60,000 events or more. */
#define QUEUE_SIZE	(32 * 1024 * 1024)

/* Whether a request was answered shows in so many seconds. */
#define PATIENCE	20

/* Room that a target takes in a request, besides the path of a cgroup. */
#define TARGET_SIZE	64

/**
 * nslens_event_search() - find an attribute that has not been found yet
 * @found: what has been; grows by what is before the attribute
 * @attr: which
 *
 * Return: the attribute, NULL if the event has none.
 */
const struct nlattr *nslens_event_search(struct nslens_found *found, int attr)
{
	struct attrs attrs = { found->at, found->left };
	const struct nlattr *next;

	while ((next = next_attr(&attrs))) {
		if (next->nla_type > NSLENS_A_EVENT_MAX)
			continue;
		found->attrs[next->nla_type] = next;
		found->has |= 1U << next->nla_type;
		if (next->nla_type == attr)
			break;
	}
	found->at = attrs.at;
	/* What is malformed is the end of it. */
	found->left = next ? attrs.left : 0;
	return next;
}

static void take_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct nslens_tracer *tracer = arg;
	const struct nslens_event event = { &tracer->found };
	struct attrs attrs = family_attrs(nlh);

	if (nlh->nlmsg_type != tracer->conn.family ||
	    genl->cmd != NSLENS_CMD_TRACE_NTF)
		return;
	tracer->found.at = attrs.at;
	tracer->found.left = attrs.left;
	tracer->found.has = 0;
	tracer->each(&event, tracer->arg);
}

/* More than is usual takes CAP_NET_ADMIN; without it there is what there is. */
static void enlarge_queue(int fd)
{
	int size = QUEUE_SIZE / 2;	/* the kernel doubles it */

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * nslens_trace_open() - connect to the module to trace
 * @tracer: is initialised; there is no session before nslens_trace_set()
 * @each: is called for each event
 * @arg: is handed to @each
 *
 * Return: as nslens_open().
 */
int nslens_trace_open(struct nslens_tracer *tracer, nslens_event_fn each,
		      void *arg)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	int err = nslens_open(&tracer->conn);
	int on = 1;
	int fd;

	if (err)
		return err;
	tracer->each = each;
	tracer->arg = arg;
	tracer->id = 0;
	tracer->conn.stray = take_event;
	tracer->conn.stray_arg = tracer;

	fd = nslens_trace_fd(tracer);
	enlarge_queue(fd);
	/* The module says what was lost, and does so exactly. */
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	/* An answer can find the queue full, and then never comes. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

static void put_target(struct nl_msg *msg, int attr,
		       const struct nslens_target *target)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	switch (target->kind) {
	case NSLENS_TARGET_PID:
		nla_put_u32(msg, NSLENS_A_TARGET_PID, target->pid);
		nslens_put_ns_ref(msg, NSLENS_A_TARGET_IN, &target->in);
		if (target->follow)
			nla_put_flag(msg, NSLENS_A_TARGET_FOLLOW);
		break;
	case NSLENS_TARGET_NS:
		nslens_put_ns_ref(msg, NSLENS_A_TARGET_NS, &target->ns);
		break;
	case NSLENS_TARGET_CGROUP:
		nla_put_string(msg, NSLENS_A_TARGET_CGROUP, target->cgroup);
		break;
	case NSLENS_TARGET_ALL:
		nla_put_flag(msg, NSLENS_A_TARGET_ALL);
		break;
	}
	nla_nest_end(msg, nest);
}

static size_t targets_size(const struct nslens_target *targets, size_t nr)
{
	size_t size = 0;

	for (size_t i = 0; i < nr; i++)
		size += TARGET_SIZE + (targets[i].kind == NSLENS_TARGET_CGROUP ?
				       strlen(targets[i].cgroup) : 0);
	return size;
}

static int take_id(const struct nlmsghdr *nlh, void *arg)
{
	struct attrs attrs = family_attrs(nlh);
	const struct nlattr *attr = next_attr(&attrs);

	if (attr && attr->nla_type == NSLENS_A_TRACE_ID)
		*(__u32 *)arg = attr_u32(attr);
	return 0;
}

/**
 * nslens_trace_set() - begin or change a session
 * @tracer: after nslens_trace_open()
 * @change: how; without anything in it nothing changes
 *
 * What happened before is told as it was wanted before, and has been told when
 * this returns, if there was room for it.
 *
 * Return: 0, or a negative errno: -ESRCH or -ENOENT if a target is not there,
 * -EUSERS if there are too many sessions, -EAGAIN if the kernel did not answer.
 * Nothing has changed then, but for -EAGAIN.
 */
int nslens_trace_set(struct nslens_tracer *tracer,
		     const struct nslens_trace_change *change)
{
	struct nl_msg *msg;
	int err;

	msg = nslens_request(&tracer->conn, NSLENS_CMD_TRACE_SET, 0,
			     targets_size(change->add, change->nr_add) +
			     targets_size(change->remove, change->nr_remove));
	if (!msg)
		return -ENOMEM;
	if (change->set_events)
		nla_put_u32(msg, NSLENS_A_TRACE_EVENTS, change->events);
	if (change->set_fields)
		nla_put_u32(msg, NSLENS_A_TRACE_FIELDS, change->fields);
	for (size_t i = 0; i < change->nr_add; i++)
		put_target(msg, NSLENS_A_TRACE_ADD, &change->add[i]);
	for (size_t i = 0; i < change->nr_remove; i++)
		put_target(msg, NSLENS_A_TRACE_REMOVE, &change->remove[i]);
	if (change->exists)
		nla_put_flag(msg, NSLENS_A_TRACE_EXISTS);
	err = nslens_transact(&tracer->conn, msg, take_id, &tracer->id, NULL);
	nlmsg_free(msg);
	return err;
}

/**
 * nslens_trace_fd() - the socket
 * @tracer: after nslens_trace_open()
 *
 * Return: a file descriptor to poll; do not read from it.
 */
int nslens_trace_fd(const struct nslens_tracer *tracer)
{
	return nl_socket_get_fd(tracer->conn.sock);
}

/**
 * nslens_trace_receive() - take events that have come, without waiting
 * @tracer: calls its each() for them
 *
 * Return: 1 if there can be more, 0 if there are none, or a negative errno.
 */
int nslens_trace_receive(struct nslens_tracer *tracer)
{
	const struct nlmsghdr *nlh = (void *)tracer->conn.buf;
	ssize_t len = nslens_receive(&tracer->conn, MSG_DONTWAIT);

	if (len < 0)
		return len == -EAGAIN ? 0 : (int)len;
	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
		take_event(nlh, tracer);
	return 1;
}

/**
 * nslens_trace_close() - end a session
 * @tracer: what nslens_trace_open() made
 */
void nslens_trace_close(struct nslens_tracer *tracer)
{
	nslens_close(&tracer->conn);
}

static struct nslens_ns_ref parse_ns_ref(const struct nlattr *nest)
{
	struct attrs attrs = nested_attrs(nest);
	struct nslens_ns_ref ref = { NSLENS_REF_NONE };
	const struct nlattr *attr;

	while ((attr = next_attr(&attrs))) {
		if (attr->nla_type == NSLENS_A_NS_REF_INO) {
			ref.kind = NSLENS_REF_INO;
			ref.value = attr_u32(attr);
		} else if (attr->nla_type == NSLENS_A_NS_REF_TYPE) {
			ref.has_type = true;
			ref.type = attr_u32(attr);
		}
	}
	return ref;
}

static void parse_target(struct attrs attrs, struct nslens_target *target)
{
	const struct nlattr *attr;

	*target = (struct nslens_target){ .kind = NSLENS_TARGET_ALL };
	while ((attr = next_attr(&attrs))) {
		switch (attr->nla_type & NLA_TYPE_MASK) {
		case NSLENS_A_TARGET_PID:
			target->kind = NSLENS_TARGET_PID;
			target->pid = attr_u32(attr);
			break;
		case NSLENS_A_TARGET_FOLLOW:
			target->follow = true;
			break;
		case NSLENS_A_TARGET_NS:
			target->kind = NSLENS_TARGET_NS;
			target->ns = parse_ns_ref(attr);
			break;
		case NSLENS_A_TARGET_CGROUP:
			target->kind = NSLENS_TARGET_CGROUP;
			target->cgroup = attr_text(attr);
			break;
		}
	}
}

/**
 * nslens_target_next() - take the next target of a session
 * @targets: a copy of the one in a record, which is consumed
 * @target: is filled; its text is good as long as the record
 *
 * Return: false if there are no more.
 */
bool nslens_target_next(struct nslens_targets *targets,
			struct nslens_target *target)
{
	struct attrs attrs = { targets->at, targets->left };
	const struct nlattr *attr;

	do {
		attr = next_attr(&attrs);
	} while (attr &&
		 (attr->nla_type & NLA_TYPE_MASK) != NSLENS_A_TRACE_TARGET);
	targets->at = attrs.at;
	targets->left = attrs.left;
	if (attr)
		parse_target(nested_attrs(attr), target);
	return attr;
}

static void parse_session(const struct nlmsghdr *nlh,
			  struct nslens_session *session)
{
	struct attrs attrs = family_attrs(nlh);
	const struct nlattr *attr;

	memset(session, 0, sizeof(*session));
	session->targets.at = attrs.at;
	session->targets.left = attrs.left;
	while ((attr = next_attr(&attrs))) {
		switch (attr->nla_type) {
		case NSLENS_A_TRACE_ID:
			session->id = attr_u32(attr);
			break;
		case NSLENS_A_TRACE_FRONT:
			session->front = attr_u32(attr);
			break;
		case NSLENS_A_TRACE_OWNER:
			session->owner = attr_u32(attr);
			break;
		case NSLENS_A_TRACE_EVENTS:
			session->events = attr_u32(attr);
			break;
		case NSLENS_A_TRACE_SINCE:
			session->since = attr_u64(attr);
			break;
		case NSLENS_A_TRACE_DELIVERED:
			session->delivered = attr_u64(attr);
			break;
		case NSLENS_A_TRACE_LOST_RING:
			session->lost_ring = attr_u64(attr);
			break;
		case NSLENS_A_TRACE_LOST_QUEUE:
			session->lost_queue = attr_u64(attr);
			break;
		}
	}
}

struct dump {
	nslens_session_fn each;
	void *arg;
};

static int dump_session(const struct nlmsghdr *nlh, void *arg)
{
	const struct dump *dump = arg;
	struct nslens_session session;

	parse_session(nlh, &session);
	return dump->each(&session, dump->arg);
}

/**
 * nslens_trace_dump() - ask for the sessions that there are
 * @conn: the connection; @each must not use it
 * @each: is called for each that the caller may see, in the order of their ids,
 *	with a record that is gone when it returns; not 0 makes it the last call
 * @arg: is handed to @each
 *
 * Return: 0, what @each returned, or a negative errno.
 */
int nslens_trace_dump(struct nslens_conn *conn, nslens_session_fn each,
		      void *arg)
{
	struct dump dump = { each, arg };
	struct nl_msg *msg;
	int err;

	msg = nslens_request(conn, NSLENS_CMD_TRACE_GET, NLM_F_DUMP, 0);
	if (!msg)
		return -ENOMEM;
	err = nslens_transact(conn, msg, dump_session, &dump, NULL);
	nlmsg_free(msg);
	return err;
}
