// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the module, and its answers. It shares no code with the helper,
 * and sends whatever a test wants to see refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lens.h"
#include "patience.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_REQUEST	65536

static const void *payload(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static __u32 as_u32(const struct nlattr *attr)
{
	__u32 value;

	memcpy(&value, payload(attr), sizeof(value));
	return value;
}

static const struct nlattr *attributes(const struct nlmsghdr *nlh, size_t skip)
{
	return (const void *)((const char *)nlh + NLMSG_HDRLEN +
			      NLMSG_ALIGN(skip));
}

static int room(const struct nlmsghdr *nlh, const void *from)
{
	return (const char *)nlh + nlh->nlmsg_len - (const char *)from;
}

static void note_family(const struct nlmsghdr *reply, void *data)
{
	const struct nlattr *attr = attributes(reply, GENL_HDRLEN);
	struct lens *l = data;
	int left = room(reply, attr);

	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		if (nla_type(attr) == CTRL_ATTR_FAMILY_ID)
			memcpy(&l->family, payload(attr), sizeof(l->family));
	}
}

/**
 * lens_open() - open a socket and find the family
 * @l: to fill in
 *
 * Return: 0; -ENOENT without the module; -errno.
 */
int lens_open(struct lens *l)
{
	return lens_open_with(l, LARGE_BURST);
}

/**
 * lens_open_with() - open a socket that receives little at once
 * @l: to fill in
 * @burst: size of the buffer to receive with
 *
 * The kernel fills parts of a dump as large as the largest buffer it has seen.
 *
 * Return: as lens_open().
 */
int lens_open_with(struct lens *l, unsigned int burst)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	struct nl_msg *msg;
	int on = 1;

	memset(l, 0, sizeof(*l));
	l->burst = burst;
	l->family = GENL_ID_CTRL;
	l->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (l->fd < 0)
		return -errno;
	if (setsockopt(l->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(l->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) ||
	    connect(l->fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		return -errno;
	msg = lens_request(l, CTRL_CMD_GETFAMILY, 0);
	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, NSLENS_FAMILY_NAME);
	return lens_call(l, msg, note_family, l);
}

/**
 * lens_close() - close the socket
 * @l: one that lens_open() filled in, or all zero
 */
void lens_close(struct lens *l)
{
	if (l->fd > 0)
		close(l->fd);
	memset(l, 0, sizeof(*l));
}

/**
 * lens_filter() - let the kernel drop what comes for a socket
 * @fd: the socket
 * @left: bytes that are left of each message, 0 for none of it, ~0U for all
 *
 * Return: 0 or -errno.
 */
int lens_filter(int fd, __u32 left)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, left) };
	struct sock_fprog program = { 1, code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) ? -errno : 0;
}

/**
 * lens_request() - begin a message
 * @l: the socket
 * @command: enum that begins with NSLENS_CMD_TASK_GET
 * @flags: NLM_F_*, besides NLM_F_REQUEST
 *
 * Return: the message, which lens_send() or lens_call() frees.
 */
struct nl_msg *lens_request(struct lens *l, int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(MAX_REQUEST);
	struct genlmsghdr header = {
		.cmd = command,
		.version = NSLENS_FAMILY_VERSION,
	};

	if (!msg)
		abort();
	nlmsg_put(msg, 0, ++l->seq, l->family, 0, NLM_F_REQUEST | flags);
	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	return msg;
}

/**
 * lens_get_init() - a task-get for PID 1, which costs little
 * @l: the socket
 *
 * Return: as lens_request().
 */
struct nl_msg *lens_get_init(struct lens *l)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_TASK_GET, 0);

	nla_put_u32(msg, NSLENS_A_TASK_PID, 1);
	return msg;
}

/**
 * lens_translate_init() - a pid-translate of PID 1
 * @l: the socket
 *
 * Return: as lens_request().
 */
struct nl_msg *lens_translate_init(struct lens *l)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_PID_TRANSLATE, 0);

	nla_put_u32(msg, NSLENS_A_TRANSLATE_PIDS, 1);
	return msg;
}

/**
 * put_ref() - name a namespace in a request
 * @msg: the request
 * @attribute: what it is named for
 * @ref: how; nothing is put for one that is all zero
 */
void put_ref(struct nl_msg *msg, int attribute, const struct ref *ref)
{
	struct nlattr *nest;

	if (!ref->by)
		return;
	nest = nla_nest_start(msg, attribute);
	nla_put_u32(msg, ref->by, ref->value);
	if (ref->typed)
		nla_put_u32(msg, NSLENS_A_NS_REF_TYPE, ref->type);
	nla_nest_end(msg, nest);
}

/**
 * lens_send_raw() - send anything
 * @l: the socket
 * @data: the bytes
 * @size: how many
 *
 * Return: 0 or -errno.
 */
int lens_send_raw(struct lens *l, const void *data, unsigned int size)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const void *to = l->bare ? NULL : &kernel;

	return sendto(l->fd, data, size, 0, to, to ? sizeof(kernel) : 0) < 0 ?
		-errno : 0;
}

/**
 * lens_send() - send a request
 * @l: the socket
 * @msg: the request, which is freed
 *
 * Return: 0 or -errno.
 */
int lens_send(struct lens *l, struct nl_msg *msg)
{
	int err = lens_send_raw(l, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);

	nlmsg_free(msg);
	return err;
}

static void note_ack(struct lens *l, const struct nlmsghdr *nlh, size_t skip)
{
	const struct nlattr *attr = attributes(nlh, skip);
	int left = room(nlh, attr);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		switch (nla_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(l->text, sizeof(l->text), "%.*s",
				 nla_len(attr), (char *)payload(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			l->offset = as_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			l->missing = as_u32(attr);
			break;
		}
	}
}

/* Returns 1 to go on, else what the request's answer is. */
static int take(struct lens *l, const struct nlmsghdr *nlh, lens_fn *fn,
		void *data)
{
	int err;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		l->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		memcpy(&err, attributes(nlh, 0), sizeof(err));
		note_ack(l, nlh, sizeof(struct nlmsgerr));
		return err;
	case NLMSG_DONE:
		memcpy(&err, attributes(nlh, 0), sizeof(err));
		note_ack(l, nlh, sizeof(err));
		return err;
	}
	if (fn)
		fn(nlh, data);
	return nlh->nlmsg_flags & NLM_F_MULTI ? 1 : 0;
}

/**
 * lens_receive() - receive the answer to the last request
 * @l: the socket
 * @fn: called with each record, or NULL
 * @data: for @fn
 *
 * Return: 0; the -errno that the module answered; -EAGAIN if there is none.
 */
int lens_receive(struct lens *l, lens_fn *fn, void *data)
{
	static union {
		char bytes[LARGE_BURST];
		struct nlmsghdr first;
	} buffer;
	int status = 1;

	l->parts = 0;
	l->interrupted = false;
	l->text[0] = '\0';
	l->offset = 0;
	l->missing = 0;
	while (status == 1) {
		ssize_t n = recv(l->fd, buffer.bytes, l->burst, MSG_TRUNC);
		const struct nlmsghdr *nlh = &buffer.first;
		int left = n;

		if (n < 0)
			return -errno;
		if (n > l->burst)
			return -EMSGSIZE;
		if (l->tap)
			l->tap(buffer.bytes, n, l->tap_data);
		for (; status == 1 && NLMSG_OK(nlh, left);
		     nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_seq == l->seq)
				status = take(l, nlh, fn, data);
		}
		if (l->parts++ == 0 && l->between)
			l->between(l->data);
	}
	return status;
}

/**
 * lens_call() - send a request and receive its answer
 * @l: the socket
 * @msg: the request, which is freed
 * @fn: called with each record, or NULL
 * @data: for @fn
 *
 * Return: 0 or -errno.
 */
int lens_call(struct lens *l, struct nl_msg *msg, lens_fn *fn, void *data)
{
	int err = lens_send(l, msg);

	return err ?: lens_receive(l, fn, data);
}

/**
 * attribute_at() - type of the attribute that an extended ack points to
 * @msg: the request
 * @offset: in it
 *
 * Return: the type, without flags; 0 if there can be none.
 */
unsigned int attribute_at(struct nl_msg *msg, unsigned int offset)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(msg);
	const char *at = (const char *)nlh + offset;

	if (offset < NLMSG_HDRLEN + GENL_HDRLEN ||
	    offset + NLA_HDRLEN > nlh->nlmsg_len)
		return 0;
	return nla_type((const struct nlattr *)at);
}

static void read_numbers(const struct nlattr *attr, struct numbers *out)
{
	unsigned int n = nla_len(attr) / sizeof(__u32);

	out->n = n;
	memcpy(out->v, payload(attr),
	       (n < MAX_LEVELS ? n : MAX_LEVELS) * sizeof(__u32));
}

/**
 * lens_text() - what an attribute says that is a string
 * @attr: the attribute
 * @out: set to the string, or to what nobody takes for one if anything is
 *	behind its NUL
 * @size: bytes of @out
 */
void lens_text(const struct nlattr *attr, char *out, size_t size)
{
	size_t n = nla_len(attr);

	if (strnlen(payload(attr), n) + 1 != n)
		snprintf(out, size, "(not a string)");
	else
		snprintf(out, size, "%s", (const char *)payload(attr));
}

static void read_bytes(const struct nlattr *attr, void *out, size_t size)
{
	if (nla_len(attr) == (int)size)
		memcpy(out, payload(attr), size);
}

/**
 * read_task() - take a record of a task apart
 * @reply: the message
 * @t: filled in; what is absent is 0
 */
void read_task(const struct nlmsghdr *reply, struct task *t)
{
	const struct nlattr *attr = attributes(reply, GENL_HDRLEN);
	int left = room(reply, attr);

	memset(t, 0, sizeof(*t));
	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		struct numbers *const arrays[] = {
			[NSLENS_A_TASK_PIDS] = &t->pids,
			[NSLENS_A_TASK_TGIDS] = &t->tgids,
			[NSLENS_A_TASK_PPIDS] = &t->ppids,
			[NSLENS_A_TASK_PGIDS] = &t->pgids,
			[NSLENS_A_TASK_SIDS] = &t->sids,
			[NSLENS_A_TASK_NS] = &t->ns,
		};
		__u32 *const words[] = {
			[NSLENS_A_TASK_UID] = &t->uid,
			[NSLENS_A_TASK_GID] = &t->gid,
			[NSLENS_A_TASK_UID_INSIDE] = &t->uid_inside,
			[NSLENS_A_TASK_GID_INSIDE] = &t->gid_inside,
			[NSLENS_A_TASK_FLAGS] = &t->flags,
			[NSLENS_A_TASK_TRACER] = &t->tracer,
			[NSLENS_A_TASK_OUTSIDE] = &t->outside,
		};
		unsigned int type = nla_type(attr);

		t->present |= 1U << (type - 1);
		if (type == NSLENS_A_TASK_COMM)
			lens_text(attr, t->comm, sizeof(t->comm));
		else if (type == NSLENS_A_TASK_START_TIME)
			read_bytes(attr, &t->start_time, sizeof(__u64));
		else if (type == NSLENS_A_TASK_CGROUP_ID)
			read_bytes(attr, &t->cgroup_id, sizeof(__u64));
		else if (type == NSLENS_A_TASK_CGROUP)
			lens_text(attr, t->cgroup, sizeof(t->cgroup));
		else if (type == NSLENS_A_TASK_NS_IDS)
			read_bytes(attr, t->ns_ids, sizeof(t->ns_ids));
		else if (type < ARRAY_SIZE(arrays) && arrays[type])
			read_numbers(attr, arrays[type]);
		else if (type < ARRAY_SIZE(words) && words[type])
			*words[type] = as_u32(attr);
	}
}

/**
 * put_query() - say in a request which tasks are wanted
 * @msg: the request
 * @q: which; what is 0 is left out
 */
void put_query(struct nl_msg *msg, const struct query *q)
{
	if (q->pid)
		nla_put_u32(msg, NSLENS_A_TASK_PID, q->pid);
	put_ref(msg, NSLENS_A_TASK_IN, &q->in);
	if (q->fields)
		nla_put_u32(msg, NSLENS_A_TASK_FIELDS, q->fields);
	if (q->subtree)
		nla_put_u32(msg, NSLENS_A_TASK_SUBTREE, q->subtree);
	put_ref(msg, NSLENS_A_TASK_MEMBER_OF, &q->member_of);
	if (q->descendants)
		nla_put_flag(msg, NSLENS_A_TASK_DESCENDANTS);
	if (q->cgroup_subtree[0])
		nla_put_string(msg, NSLENS_A_TASK_CGROUP_SUBTREE,
			       q->cgroup_subtree);
	if (q->threads)
		nla_put_flag(msg, NSLENS_A_TASK_THREADS);
}

static void note_task(const struct nlmsghdr *reply, void *data)
{
	read_task(reply, data);
}

/**
 * lens_get() - ask for one task
 * @l: the socket
 * @q: which
 * @task: the answer
 *
 * Return: 0 or -errno.
 */
int lens_get(struct lens *l, const struct query *q, struct task *task)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_TASK_GET, 0);

	memset(task, 0, sizeof(*task));
	put_query(msg, q);
	return lens_call(l, msg, note_task, task);
}

static void add_task(const struct nlmsghdr *reply, void *data)
{
	struct tasks *tasks = data;

	if (tasks->n == MAX_TASKS)
		abort();
	read_task(reply, &tasks->v[tasks->n++]);
}

/**
 * lens_list() - ask for tasks
 * @l: the socket
 * @q: which
 * @tasks: the answer
 *
 * Return: 0 or -errno.
 */
int lens_list(struct lens *l, const struct query *q, struct tasks *tasks)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_TASK_GET, NLM_F_DUMP);

	tasks->n = 0;
	put_query(msg, q);
	return lens_call(l, msg, add_task, tasks);
}

struct pid_reply {
	__s32 *pids;
	unsigned int n;
	bool whole;
};

static void note_pids(const struct nlmsghdr *reply, void *data)
{
	const struct nlattr *attr = attributes(reply, GENL_HDRLEN);
	struct pid_reply *r = data;
	int left = room(reply, attr);

	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		if (nla_type(attr) != NSLENS_A_TRANSLATE_PIDS ||
		    nla_len(attr) != (int)(r->n * sizeof(__s32)))
			continue;
		memcpy(r->pids, payload(attr), r->n * sizeof(__s32));
		r->whole = true;
	}
}

/**
 * lens_translate() - ask for PIDs in another namespace
 * @l: the socket
 * @from: namespace of the request's PIDs, NULL for here
 * @to: namespace of the answer's, NULL for here
 * @own: to each task's own
 * @pids: asked for, then answered
 * @n: how many
 *
 * Return: 0; -errno; -EPROTO if there are not as many answers as questions.
 */
int lens_translate(struct lens *l, const struct ref *from,
		   const struct ref *to, bool own, __s32 *pids, unsigned int n)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_PID_TRANSLATE, 0);
	struct pid_reply reply = { .pids = pids, .n = n };
	int err;

	nla_put(msg, NSLENS_A_TRANSLATE_PIDS, n * sizeof(*pids), pids);
	if (from)
		put_ref(msg, NSLENS_A_TRANSLATE_FROM, from);
	if (to)
		put_ref(msg, NSLENS_A_TRANSLATE_TO, to);
	if (own)
		nla_put_flag(msg, NSLENS_A_TRANSLATE_TO_OWN);
	err = lens_call(l, msg, note_pids, &reply);
	if (!err && !reply.whole)
		err = -EPROTO;
	return err;
}

/**
 * find_task() - look up a task in a list
 * @tasks: the list
 * @pid: its PID at the list's first level
 *
 * Return: the task, NULL if it is not there.
 */
struct task *find_task(struct tasks *tasks, __u32 pid)
{
	unsigned int i;

	for (i = 0; i < tasks->n; i++) {
		if (tasks->v[i].pids.v[0] == pid)
			return &tasks->v[i];
	}
	return NULL;
}

/**
 * innermost() - the number at a task's own level
 * @numbers: by level
 *
 * Return: the last, 0 if there is none.
 */
__u32 innermost(const struct numbers *numbers)
{
	return numbers->n ? numbers->v[numbers->n - 1] : 0;
}
