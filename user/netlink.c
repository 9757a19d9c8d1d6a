// SPDX-License-Identifier: GPL-2.0
/* Speak with the module: libnl sends, what comes back is parsed in place. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "netlink-wire.h"

/*
 * The kernel makes a dump's messages as large as the largest buffer that was
 * ever offered, up to 32 KiB; a reply of 4096 PIDs needs 16 KiB.
 */
#define BUF_SIZE	(64 * 1024)

/* Room for the header, ns-refs and such, besides an array of PIDs. */
#define REQUEST_SIZE	256

struct attr_desc {
	const char *name;
	const struct attr_desc *nested;
	int max;
};

static const struct attr_desc ns_ref_attrs[NSLENS_A_NS_REF_MAX + 1] = {
	[NSLENS_A_NS_REF_INO]	= { "ino" },
	[NSLENS_A_NS_REF_FD]	= { "fd" },
	[NSLENS_A_NS_REF_PID]	= { "pid" },
	[NSLENS_A_NS_REF_TYPE]	= { "type" },
};

/* What a request for tasks can hold. */
static const struct attr_desc task_attrs[NSLENS_A_TASK_MAX + 1] = {
	[NSLENS_A_TASK_PID]	  = { "pid" },
	[NSLENS_A_TASK_IN]	  = { "in", ns_ref_attrs, NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TASK_FIELDS]	  = { "fields" },
	[NSLENS_A_TASK_SUBTREE]	  = { "subtree" },
	[NSLENS_A_TASK_MEMBER_OF] = { "member-of", ns_ref_attrs,
				      NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TASK_DESCENDANTS] = { "descendants" },
	[NSLENS_A_TASK_CGROUP_SUBTREE] = { "cgroup-subtree" },
	[NSLENS_A_TASK_THREADS]	  = { "threads" },
};

static const struct attr_desc ns_attrs[NSLENS_A_NS_MAX + 1] = {
	[NSLENS_A_NS_TYPE]	= { "type" },
	[NSLENS_A_NS_REF]	= { "ref", ns_ref_attrs, NSLENS_A_NS_REF_MAX },
};

static const struct attr_desc translate_attrs[NSLENS_A_TRANSLATE_MAX + 1] = {
	[NSLENS_A_TRANSLATE_PIDS] = { "pids" },
	[NSLENS_A_TRANSLATE_FROM] = { "from", ns_ref_attrs,
				      NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TRANSLATE_TO]	  = { "to", ns_ref_attrs, NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TRANSLATE_TO_OWN] = { "to-own" },
};

static const struct attr_desc target_attrs[NSLENS_A_TARGET_MAX + 1] = {
	[NSLENS_A_TARGET_PID]	= { "pid" },
	[NSLENS_A_TARGET_IN]	= { "in", ns_ref_attrs, NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TARGET_FOLLOW] = { "follow" },
	[NSLENS_A_TARGET_NS]	= { "ns", ns_ref_attrs, NSLENS_A_NS_REF_MAX },
	[NSLENS_A_TARGET_CGROUP] = { "cgroup" },
	[NSLENS_A_TARGET_ALL]	= { "all" },
};

static const struct attr_desc trace_attrs[NSLENS_A_TRACE_MAX + 1] = {
	[NSLENS_A_TRACE_EVENTS]	= { "events" },
	[NSLENS_A_TRACE_ADD]	= { "add", target_attrs, NSLENS_A_TARGET_MAX },
	[NSLENS_A_TRACE_REMOVE]	= { "remove", target_attrs,
				    NSLENS_A_TARGET_MAX },
	[NSLENS_A_TRACE_EXISTS]	= { "exists" },
};

static const struct attr_desc requests[NSLENS_CMD_MAX + 1] = {
	[NSLENS_CMD_TASK_GET] = { "task-get", task_attrs, NSLENS_A_TASK_MAX },
	[NSLENS_CMD_PID_TRANSLATE] = { "pid-translate", translate_attrs,
				       NSLENS_A_TRANSLATE_MAX },
	[NSLENS_CMD_NS_GET] = { "ns-get", ns_attrs, NSLENS_A_NS_MAX },
	[NSLENS_CMD_TRACE_SET] = { "trace-set", trace_attrs,
				   NSLENS_A_TRACE_MAX },
};

/*
 * Name the attribute at the offset that the kernel complains of, such as
 * "member-of.ino".
 */
static void name_attr(const struct attr_desc *desc, struct attrs attrs,
		      const char *offender, char *name, size_t size)
{
	const struct nlattr *attr;

	while ((attr = next_attr(&attrs))) {
		int type = attr->nla_type & NLA_TYPE_MASK;
		const struct attr_desc *found;
		size_t used;

		if (offender < (const char *)attr ||
		    offender >= (const char *)attr + attr->nla_len)
			continue;
		if (type > desc->max || !desc->nested[type].name)
			return;

		found = &desc->nested[type];
		used = strlen(name);
		snprintf(name + used, size - used, "%s%s", used ? "." : "",
			 found->name);
		if (found->nested && offender != (const char *)attr)
			name_attr(found, nested_attrs(attr), offender, name,
				  size);
		return;
	}
}

/* Tell in conn->error what the kernel says of a request that failed. */
static void explain(struct nslens_conn *conn, const struct nlmsghdr *request,
		    int err, struct attrs tlvs)
{
	const struct genlmsghdr *genl = NLMSG_DATA(request);
	const char *text = NULL;
	const struct nlattr *attr;
	char name[64] = "";

	while ((attr = next_attr(&tlvs))) {
		__u32 off = attr_u32(attr);

		if (attr->nla_type == NLMSGERR_ATTR_MSG) {
			text = attr_text(attr);
		} else if (attr->nla_type == NLMSGERR_ATTR_OFFS &&
			   request->nlmsg_type == conn->family &&
			   genl->cmd <= NSLENS_CMD_MAX &&
			   off < request->nlmsg_len) {
			name_attr(&requests[genl->cmd], family_attrs(request),
				  (const char *)request + off, name,
				  sizeof(name));
		}
	}

	snprintf(conn->error, sizeof(conn->error), "%s%s%s", name,
		 name[0] ? ": " : "", text ? text : strerror(-err));
}

/* NLMSG_ERROR holds an errno and the request's header, NLMSG_DONE an errno. */
static int verdict(struct nslens_conn *conn, const struct nlmsghdr *request,
		   const struct nlmsghdr *nlh)
{
	const char *data = NLMSG_DATA(nlh);
	int len = (int)nlh->nlmsg_len - NLMSG_HDRLEN;
	int skip = sizeof(int);
	int err;

	if (len < skip)
		return 0;
	memcpy(&err, data, sizeof(err));
	if (err >= 0)
		return 0;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *msg = NLMSG_DATA(nlh);

		skip = sizeof(*msg);
		if (len >= skip && !(nlh->nlmsg_flags & NLM_F_CAPPED))
			skip += (int)NLMSG_ALIGN(msg->msg.nlmsg_len) -
				NLMSG_HDRLEN;
	}
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		skip = len;
	explain(conn, request, err,
		(struct attrs){ data + skip, len - skip });
	return err;
}

/**
 * nslens_fail() - note that something other than the module's verdict failed
 * @conn: its error is set
 * @err: negative errno
 * @what: what was being done
 *
 * Return: @err.
 */
int nslens_fail(struct nslens_conn *conn, int err, const char *what)
{
	snprintf(conn->error, sizeof(conn->error), "%s: %s", what,
		 strerror(-err));
	return err;
}

/**
 * nslens_receive() - receive what the kernel sends
 * @conn: its buf is filled
 * @flags: as of recv(2)
 *
 * Return: how many bytes, or a negative errno; -EAGAIN, which sets no error, if
 * there is nothing and MSG_DONTWAIT is given.
 */
ssize_t nslens_receive(struct nslens_conn *conn, int flags)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size;
	ssize_t len;

	/* Who has privilege over the network namespace can send to us as well. */
	do {
		size = sizeof(from);
		len = recvfrom(nl_socket_get_fd(conn->sock), conn->buf, BUF_SIZE,
			       MSG_TRUNC | flags, (struct sockaddr *)&from,
			       &size);
	} while (len < 0 ? errno == EINTR : from.nl_pid != 0);

	if (len < 0 && errno == EAGAIN && flags & MSG_DONTWAIT)
		return -EAGAIN;
	if (len < 0)
		return nslens_fail(conn, -errno, "receiving from the kernel");
	if (len > BUF_SIZE)
		return nslens_fail(conn, -EMSGSIZE, "receiving from the kernel");
	return len;
}

static int transmit(struct nslens_conn *conn, struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	ssize_t len;

	nl_complete_msg(conn->sock, msg);
	conn->seq = nlh->nlmsg_seq;
	do {
		len = send(nl_socket_get_fd(conn->sock), nlh, nlh->nlmsg_len,
			   0);
	} while (len < 0 && errno == EINTR);

	return len < 0 ? nslens_fail(conn, -errno, "sending to the kernel") : 0;
}

/**
 * nslens_transact() - send a request and receive all of its answer
 * @conn: the connection
 * @msg: the request, which stays the caller's
 * @each: is called for each message of the answer, until it returns not 0;
 *	what is left of a dump is then received and ignored
 * @arg: is handed to @each
 * @interrupted: if not NULL, becomes true if the kernel says that a dump is not
 *	from one moment
 *
 * Return: 0, what @each returned, or a negative errno.
 */
int nslens_transact(struct nslens_conn *conn, struct nl_msg *msg,
		    message_fn each, void *arg, bool *interrupted)
{
	const struct nlmsghdr *request = nlmsg_hdr(msg);
	bool dump = request->nlmsg_flags & NLM_F_DUMP;
	int said = 0;
	int err;

	conn->error[0] = '\0';
	err = transmit(conn, msg);
	if (err)
		return err;

	for (;;) {
		const struct nlmsghdr *nlh = (void *)conn->buf;
		ssize_t len = nslens_receive(conn, 0);

		if (len < 0)
			return (int)len;

		for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_seq != conn->seq) {
				if (conn->stray)
					conn->stray(nlh, conn->stray_arg);
				continue;
			}
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && interrupted)
				*interrupted = true;
			if (nlh->nlmsg_type == NLMSG_ERROR ||
			    nlh->nlmsg_type == NLMSG_DONE) {
				err = verdict(conn, request, nlh);
				return err ? err : said;
			}
			if (!said)
				said = each(nlh, arg);
			if (said < 0)
				nslens_fail(conn, said, "reading the answer");
			if (!dump)
				return said;
		}
	}
}

/**
 * nslens_request() - start a request
 * @conn: the connection
 * @cmd: of the family
 * @flags: NLM_F_DUMP or 0
 * @payload: bytes of attributes beyond a few small ones
 *
 * Return: a message that the caller frees, or NULL without memory.
 */
struct nl_msg *nslens_request(struct nslens_conn *conn, int cmd, int flags,
			      size_t payload)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_SIZE + payload);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, conn->family,
				 0, NLM_F_REQUEST | flags, (uint8_t)cmd,
				 NSLENS_SPEAKS_VERSION)) {
		nlmsg_free(msg);
		nslens_fail(conn, -ENOMEM, "making a request");
		return NULL;
	}
	return msg;
}

/**
 * nslens_put_ns_ref() - add the name of a namespace to a request
 * @msg: the request
 * @attr: attribute that holds it
 * @ref: the name; nothing is added for NULL and NSLENS_REF_NONE
 */
void nslens_put_ns_ref(struct nl_msg *msg, int attr,
		       const struct nslens_ns_ref *ref)
{
	static const int kinds[] = {
		[NSLENS_REF_INO] = NSLENS_A_NS_REF_INO,
		[NSLENS_REF_FD]	 = NSLENS_A_NS_REF_FD,
		[NSLENS_REF_PID] = NSLENS_A_NS_REF_PID,
	};
	struct nlattr *nest;

	if (!ref || ref->kind == NSLENS_REF_NONE)
		return;

	nest = nla_nest_start(msg, attr);
	nla_put_u32(msg, kinds[ref->kind], ref->value);
	if (ref->has_type)
		nla_put_u32(msg, NSLENS_A_NS_REF_TYPE, ref->type);
	nla_nest_end(msg, nest);
}

static int take_family(const struct nlmsghdr *nlh, void *arg)
{
	struct attrs attrs = family_attrs(nlh);
	struct nslens_conn *conn = arg;
	const struct nlattr *attr;

	while ((attr = next_attr(&attrs))) {
		switch (attr->nla_type) {
		case CTRL_ATTR_FAMILY_ID:
			if (attr_len(attr) >= sizeof(__u16))
				conn->family = *(const __u16 *)attr_data(attr);
			break;
		case CTRL_ATTR_VERSION:
			conn->version = attr_u32(attr);
			break;
		}
	}
	return 0;
}

/* One message; libnl's own way would not tell the version. */
static int find_family(struct nslens_conn *conn)
{
	struct nl_msg *msg;
	int err;

	conn->family = GENL_ID_CTRL;
	msg = nslens_request(conn, CTRL_CMD_GETFAMILY, 0, 0);
	if (!msg)
		return -ENOMEM;
	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, NSLENS_FAMILY_NAME);
	err = nslens_transact(conn, msg, take_family, conn, NULL);
	nlmsg_free(msg);

	if (err == -ENOENT)
		snprintf(conn->error, sizeof(conn->error),
			 "the module nslens is not loaded");
	return err;
}

/**
 * nslens_open() - connect to the module
 * @conn: is initialised
 *
 * On failure @conn needs no nslens_close(), and its error can be read.
 *
 * Return: 0, -ENOENT if the module is not loaded, -EPROTONOSUPPORT if it speaks
 * another version of the interface, which is then in @conn, or another negative
 * errno.
 */
int nslens_open(struct nslens_conn *conn)
{
	int on = 1;
	int err = -ENOMEM;

	memset(conn, 0, sizeof(*conn));
	conn->buf = malloc(BUF_SIZE);
	conn->sock = nl_socket_alloc();
	if (!conn->buf || !conn->sock) {
		nslens_fail(conn, err, "connecting");
		goto close;
	}

	nl_socket_disable_auto_ack(conn->sock);
	errno = EPROTONOSUPPORT;
	if (nl_connect(conn->sock, NETLINK_GENERIC)) {
		err = nslens_fail(conn, -errno, "generic netlink");
		goto close;
	}
	/* Without it errors come without words; nothing else depends on it. */
	setsockopt(nl_socket_get_fd(conn->sock), SOL_NETLINK, NETLINK_EXT_ACK,
		   &on, sizeof(on));

	err = find_family(conn);
	if (err)
		goto close;

	if (conn->version != NSLENS_SPEAKS_VERSION) {
		snprintf(conn->error, sizeof(conn->error),
			 "the loaded module speaks version %u of the interface, this helper version %d",
			 conn->version, NSLENS_SPEAKS_VERSION);
		err = -EPROTONOSUPPORT;
		goto close;
	}
	return 0;

close:
	nslens_close(conn);
	return err;
}

/**
 * nslens_close() - end a connection
 * @conn: what nslens_open() made; records that point into it are gone
 */
void nslens_close(struct nslens_conn *conn)
{
	nl_socket_free(conn->sock);
	free(conn->buf);
	conn->sock = NULL;
	conn->buf = NULL;
}
