// SPDX-License-Identifier: GPL-2.0
/*
 * A session on a socket. A trace-set is answered when all that has happened
 * before is in the socket's queue, if it has room: so an empty one is a
 * barrier, and no test needs to wait for a time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "session.h"

#define NO_ANSWER	1

static __u32 u32_of(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static __u64 u64_of(const struct nlattr *attr)
{
	__u64 value = 0;

	nla_memcpy(&value, attr, sizeof(value));
	return value;
}

static void read_levels(struct numbers *to, const struct nlattr *attr)
{
	to->n = attr ? nla_len(attr) / sizeof(__u32) : 0;
	nla_memcpy(to->v, attr, sizeof(to->v));
}

static void read_name(char *to, size_t size, const struct nlattr *attr)
{
	if (attr)
		lens_text(attr, to, size);
}

static void read_words(struct event *e, struct nlattr **tb)
{
	e->kind = u32_of(tb[NSLENS_A_EVENT_KIND]);
	e->cpu = u32_of(tb[NSLENS_A_EVENT_CPU]);
	e->flags = u32_of(tb[NSLENS_A_EVENT_FLAGS]);
	e->created = u32_of(tb[NSLENS_A_EVENT_CREATED]);
	e->exit_code = u32_of(tb[NSLENS_A_EVENT_EXIT_CODE]);
	e->signal = u32_of(tb[NSLENS_A_EVENT_SIGNAL]);
	e->how = u32_of(tb[NSLENS_A_EVENT_HOW]);
	e->changed = u32_of(tb[NSLENS_A_EVENT_CHANGED]);
	e->ns_type = u32_of(tb[NSLENS_A_EVENT_NS_TYPE]);
	e->ns_ino = u32_of(tb[NSLENS_A_EVENT_NS_INO]);
	e->seq = u64_of(tb[NSLENS_A_EVENT_SEQ]);
	e->time = u64_of(tb[NSLENS_A_EVENT_TIME]);
	e->start_time = u64_of(tb[NSLENS_A_EVENT_START_TIME]);
	e->cgroup_id = u64_of(tb[NSLENS_A_EVENT_CGROUP_ID]);
	e->ns_id = u64_of(tb[NSLENS_A_EVENT_NS_ID]);
	e->lifetime = u64_of(tb[NSLENS_A_EVENT_LIFETIME]);
	e->lost_ring = u64_of(tb[NSLENS_A_EVENT_LOST_RING]);
	e->lost_queue = u64_of(tb[NSLENS_A_EVENT_LOST_QUEUE]);
	e->first = u64_of(tb[NSLENS_A_EVENT_FIRST]);
}

static void read_event(struct event *e, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[NSLENS_A_EVENT_MAX + 1];
	unsigned int i;

	memset(e, 0, sizeof(*e));
	genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, NSLENS_A_EVENT_MAX, NULL);
	for (i = 0; i <= NSLENS_A_EVENT_MAX; i++)
		e->present |= tb[i] ? 1ULL << i : 0;
	read_words(e, tb);
	read_levels(&e->pids, tb[NSLENS_A_EVENT_PIDS]);
	read_levels(&e->tgids, tb[NSLENS_A_EVENT_TGIDS]);
	read_levels(&e->parent_pids, tb[NSLENS_A_EVENT_PARENT_PIDS]);
	read_levels(&e->parent_tgids, tb[NSLENS_A_EVENT_PARENT_TGIDS]);
	read_levels(&e->old_pids, tb[NSLENS_A_EVENT_OLD_PIDS]);
	nla_memcpy(e->ns, tb[NSLENS_A_EVENT_NS], sizeof(e->ns));
	nla_memcpy(e->ns_ids, tb[NSLENS_A_EVENT_NS_IDS], sizeof(e->ns_ids));
	nla_memcpy(e->old_ns, tb[NSLENS_A_EVENT_OLD_NS], sizeof(e->old_ns));
	nla_memcpy(e->old_ns_ids, tb[NSLENS_A_EVENT_OLD_NS_IDS],
		   sizeof(e->old_ns_ids));
	read_name(e->comm, sizeof(e->comm), tb[NSLENS_A_EVENT_COMM]);
	read_name(e->old_comm, sizeof(e->old_comm),
		  tb[NSLENS_A_EVENT_OLD_COMM]);
	if (tb[NSLENS_A_EVENT_FILENAME])
		e->filename = nla_strdup(tb[NSLENS_A_EVENT_FILENAME]);
}

/**
 * session_open() - open a socket; its first trace-set begins the session
 * @s: to fill in
 *
 * Return: 0 or -errno.
 */
int session_open(struct session *s)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->v = mmap(NULL, MAX_EVENTS * sizeof(*s->v), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->v == MAP_FAILED) {
		s->v = NULL;
		return -errno;
	}
	err = lens_open(&s->lens);
	/* Who may not, has what he has. */
	if (!err)
		session_room(s, LARGE_ROOM);
	return err;
}

/**
 * session_close() - end the session with its socket
 * @s: one that session_open() filled in, or all zero
 */
void session_close(struct session *s)
{
	if (!s->v)
		return;
	lens_close(&s->lens);
	session_drop(s);
	munmap(s->v, MAX_EVENTS * sizeof(*s->v));
	memset(s, 0, sizeof(*s));
}

/**
 * session_room() - set the size of the socket's queue
 * @s: the session
 * @bytes: how much; the kernel doubles it
 *
 * Return: 0 or -errno.
 */
int session_room(struct session *s, int bytes)
{
	return setsockopt(s->lens.fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
			  sizeof(bytes)) ? -errno : 0;
}

static bool is_target(const struct target *t)
{
	return t->pid || t->in.by || t->follow || t->ns.by || t->cgroup ||
	       t->all;
}

static void put_target(struct nl_msg *msg, int attribute,
		       const struct target *t)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	if (t->pid)
		nla_put_u32(msg, NSLENS_A_TARGET_PID, t->pid);
	put_ref(msg, NSLENS_A_TARGET_IN, &t->in);
	if (t->follow)
		nla_put_flag(msg, NSLENS_A_TARGET_FOLLOW);
	put_ref(msg, NSLENS_A_TARGET_NS, &t->ns);
	if (t->cgroup)
		nla_put_string(msg, NSLENS_A_TARGET_CGROUP, t->cgroup);
	if (t->all)
		nla_put_flag(msg, NSLENS_A_TARGET_ALL);
	nla_nest_end(msg, nest);
}

/**
 * session_send() - send a trace-set, and do not wait for the answer
 * @s: the session
 * @change: what is to be
 *
 * Return: 0 or -errno.
 */
int session_send(struct session *s, const struct trace_change *change)
{
	struct nl_msg *msg = lens_request(&s->lens, NSLENS_CMD_TRACE_SET, 0);
	unsigned int i;

	for (i = 0; i < MAX_CHANGES && is_target(&change->add[i]); i++)
		put_target(msg, NSLENS_A_TRACE_ADD, &change->add[i]);
	for (i = 0; i < MAX_CHANGES && is_target(&change->remove[i]); i++)
		put_target(msg, NSLENS_A_TRACE_REMOVE, &change->remove[i]);
	if (change->set_events)
		nla_put_u32(msg, NSLENS_A_TRACE_EVENTS, change->events);
	if (change->set_fields)
		nla_put_u32(msg, NSLENS_A_TRACE_FIELDS, change->fields);
	if (change->exists)
		nla_put_flag(msg, NSLENS_A_TRACE_EXISTS);
	return lens_send(&s->lens, msg);
}

static void read_state(struct trace_state *state, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[NSLENS_A_TRACE_MAX + 1], *attr;
	unsigned int i;
	int left;

	memset(state, 0, sizeof(*state));
	genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, NSLENS_A_TRACE_MAX, NULL);
	for (i = 0; i <= NSLENS_A_TRACE_FIELDS; i++)
		state->present |= tb[i] ? 1U << i : 0;
	state->id = u32_of(tb[NSLENS_A_TRACE_ID]);
	state->front = u32_of(tb[NSLENS_A_TRACE_FRONT]);
	state->owner = u32_of(tb[NSLENS_A_TRACE_OWNER]);
	state->events = u32_of(tb[NSLENS_A_TRACE_EVENTS]);
	state->fields = u32_of(tb[NSLENS_A_TRACE_FIELDS]);
	state->since = u64_of(tb[NSLENS_A_TRACE_SINCE]);
	state->delivered = u64_of(tb[NSLENS_A_TRACE_DELIVERED]);
	state->lost_ring = u64_of(tb[NSLENS_A_TRACE_LOST_RING]);
	state->lost_queue = u64_of(tb[NSLENS_A_TRACE_LOST_QUEUE]);
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)nlh, GENL_HDRLEN, left)
		state->targets += nla_type(attr) == NSLENS_A_TRACE_TARGET;
}

/* The text of an extended ack, which comes after the request's header. */
static int take_error(struct session *s, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = nlmsg_data(nlh);
	struct nlattr *attr = (struct nlattr *)(error + 1);
	int left = nlmsg_datalen(nlh) - sizeof(*error);

	s->lens.text[0] = '\0';
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		for (; nla_ok(attr, left); attr = nla_next(attr, &left))
			if (nla_type(attr) == NLMSGERR_ATTR_MSG)
				nla_strlcpy(s->lens.text, attr,
					    sizeof(s->lens.text));
	return error->error;
}

/* Return: NO_ANSWER for an event, else what the request's answer is. */
static int take(struct session *s, const struct nlmsghdr *nlh,
		struct trace_state *state)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);

	if (nlh->nlmsg_type == NLMSG_ERROR)
		return nlh->nlmsg_seq == s->lens.seq ? take_error(s, nlh) :
						       NO_ANSWER;
	if (genl->cmd == NSLENS_CMD_TRACE_NTF) {
		if (s->n == MAX_EVENTS)
			abort();
		read_event(&s->v[s->n++], nlh);
		return NO_ANSWER;
	}
	if (nlh->nlmsg_seq != s->lens.seq)
		return NO_ANSWER;
	read_state(state, nlh);
	return 0;
}

/* Return: as take(), of one datagram; or -errno of receiving. */
static int receive(struct session *s, struct trace_state *state)
{
	static union {
		char bytes[LARGE_BURST];
		struct nlmsghdr first;
	} buffer;
	const struct nlmsghdr *nlh = &buffer.first;
	int n = recv(s->lens.fd, &buffer, sizeof(buffer), MSG_TRUNC), left;
	int answer = NO_ANSWER, this;

	if (n < 0 && errno == ENOBUFS) {
		s->overrun++;
		return NO_ANSWER;
	}
	if (n < 0)
		return -errno;
	if (n > (int)sizeof(buffer))
		return -EMSGSIZE;
	if (s->lens.tap)
		s->lens.tap(&buffer, n, s->lens.tap_data);
	for (left = n; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		this = take(s, nlh, state);
		if (this != NO_ANSWER)
			answer = this;
	}
	return answer;
}

/**
 * session_read() - receive once, events that come
 * @s: the session
 *
 * Return: 0; -EAGAIN if none came in the time of a lens; -errno.
 */
int session_read(struct session *s)
{
	struct trace_state ignored;
	int err = receive(s, &ignored);

	return err == NO_ANSWER ? 0 : err;
}

/* Return: 0 or -errno; -ENOBUFS if the answer may not have fit. */
static int answer(struct session *s, struct trace_state *state)
{
	const unsigned int overrun = s->overrun;
	int err;

	do {
		err = receive(s, state);
	} while (err == NO_ANSWER && s->overrun == overrun);
	return err == NO_ANSWER ? -ENOBUFS : err;
}

/**
 * session_set() - send a trace-set and collect events until it is answered
 * @s: the session
 * @change: what is to be
 *
 * Return: 0 or the -errno that the module answered.
 */
int session_set(struct session *s, const struct trace_change *change)
{
	struct trace_state state;
	int err;

	err = session_send(s, change) ?: answer(s, &state);
	if (!err)
		s->id = state.id;
	return err;
}

/**
 * session_trace() - trace one target more
 * @s: the session
 * @target: what
 *
 * Return: 0 or -errno.
 */
int session_trace(struct session *s, struct target target)
{
	return session_set(s, &(struct trace_change){ .add = { target } });
}

/**
 * session_sync() - collect all that has happened by now
 * @s: the session, with room in its queue
 *
 * Return: 0 or -errno.
 */
int session_sync(struct session *s)
{
	return session_set(s, &(struct trace_change){});
}

/**
 * session_state() - what the module says of it
 * @s: the session
 * @state: the answer
 *
 * Return: 0 or -errno.
 */
int session_state(struct session *s, struct trace_state *state)
{
	struct nl_msg *msg = lens_request(&s->lens, NSLENS_CMD_TRACE_GET, 0);

	return lens_send(&s->lens, msg) ?: answer(s, state);
}

/**
 * session_drop() - free the events that have come
 * @s: the session
 */
void session_drop(struct session *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].filename);
	s->n = 0;
	s->from = 0;
}

/**
 * session_forget() - look only at what happens from now on
 * @s: the session, with room in its queue
 *
 * Return: 0 or -errno.
 */
int session_forget(struct session *s)
{
	int err = session_sync(s);

	s->from = s->n;
	return err;
}

static bool is_of(const struct event *e, __u32 kind, __u32 pid)
{
	return e->kind == kind &&
	       (pid == ANY_PID || (e->pids.n && e->pids.v[0] == pid));
}

/**
 * session_find() - the first event of a task
 * @s: the session
 * @kind: enum nslens_event_kind
 * @pid: PID of the task where the session is, or ANY_PID
 *
 * Return: the event, NULL if none has come.
 */
struct event *session_find(struct session *s, __u32 kind, __u32 pid)
{
	unsigned int i;

	for (i = s->from; i < s->n; i++)
		if (is_of(&s->v[i], kind, pid))
			return &s->v[i];
	return NULL;
}

/**
 * session_find_last() - the last event of a task
 * @s: the session
 * @kind: enum nslens_event_kind
 * @pid: as for session_find()
 */
struct event *session_find_last(struct session *s, __u32 kind, __u32 pid)
{
	unsigned int i;

	for (i = s->n; i > s->from; i--)
		if (is_of(&s->v[i - 1], kind, pid))
			return &s->v[i - 1];
	return NULL;
}

/**
 * session_count() - how many events there are of a task
 * @s: the session
 * @kind: enum nslens_event_kind
 * @pid: as for session_find()
 */
unsigned int session_count(struct session *s, __u32 kind, __u32 pid)
{
	unsigned int i, n = 0;

	for (i = s->from; i < s->n; i++)
		n += is_of(&s->v[i], kind, pid);
	return n;
}

/**
 * session_await() - wait for an event of a task
 * @s: the session
 * @kind: enum nslens_event_kind
 * @pid: as for session_find()
 *
 * Return: the event, NULL if it does not come.
 */
struct event *session_await(struct session *s, __u32 kind, __u32 pid)
{
	struct event *e;

	while (!(e = session_find(s, kind, pid)))
		if (session_read(s))
			return NULL;
	return e;
}

/**
 * session_child_of() - wait for the fork of a task
 * @s: the session
 * @pid: PID of who forks, where the session is
 *
 * Return: the event, NULL if it does not come.
 */
struct event *session_child_of(struct session *s, __u32 pid)
{
	unsigned int i = s->from;

	for (;;) {
		for (; i < s->n; i++)
			if (s->v[i].kind == NSLENS_EVENT_KIND_FORK &&
			    s->v[i].parent_pids.n &&
			    s->v[i].parent_pids.v[0] == pid)
				return &s->v[i];
		if (session_read(s))
			return NULL;
	}
}

/**
 * session_forks_by() - how many forks of a task it has been told
 * @s: the session
 * @pid: PID of who forks, where the session is
 */
unsigned int session_forks_by(const struct session *s, __u32 pid)
{
	unsigned int i, n = 0;

	for (i = s->from; i < s->n; i++)
		n += s->v[i].kind == NSLENS_EVENT_KIND_FORK &&
		     s->v[i].parent_pids.n && s->v[i].parent_pids.v[0] == pid;
	return n;
}

/**
 * session_ns() - the beginning or end of a namespace
 * @s: the session
 * @kind: of ns-create and ns-destroy
 * @ino: inode number of the namespace
 *
 * Return: the event, NULL if none has come.
 */
struct event *session_ns(struct session *s, __u32 kind, __u32 ino)
{
	unsigned int i;

	for (i = s->from; i < s->n; i++)
		if (s->v[i].kind == kind && s->v[i].ns_ino == ino)
			return &s->v[i];
	return NULL;
}

/**
 * session_await_ns() - wait for the beginning or end of a namespace
 * @s: the session
 * @kind: of ns-create and ns-destroy
 * @ino: inode number of the namespace
 *
 * Return: the event, NULL if it does not come.
 */
struct event *session_await_ns(struct session *s, __u32 kind, __u32 ino)
{
	struct event *e;

	while (!(e = session_ns(s, kind, ino)))
		if (session_read(s))
			return NULL;
	return e;
}
