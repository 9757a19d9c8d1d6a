// SPDX-License-Identifier: GPL-2.0
/*
 * The id by which a network namespace is known in the one here: rtnetlink
 * tells, to any user, RTM_GETNSID.
 */
#include <stdbool.h>
#include <stdlib.h>

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "netnsid.h"

static struct nl_sock *connection(void)
{
	static struct nl_sock *sock;
	static bool tried;

	if (tried)
		return sock;
	tried = true;
	sock = nl_socket_alloc();
	if (sock && nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_free(sock);
		sock = NULL;
	}
	return sock;
}

static int parse(struct nlmsghdr *nlh)
{
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWNSID)
		return NETNSID_UNKNOWN;
	attr = nlmsg_find_attr(nlh, sizeof(struct rtgenmsg), NETNSA_NSID);
	return attr && nla_len(attr) == sizeof(__s32) ? nla_get_s32(attr) :
	       NETNSID_UNKNOWN;
}

/**
 * netnsid_by_fd() - the id of a network namespace
 * @fd: a file of it
 *
 * Return: the id, NETNSID_UNASSIGNED if it has none here, NETNSID_UNKNOWN if
 * that is no such file.
 */
int netnsid_by_fd(int fd)
{
	const struct rtgenmsg family = { .rtgen_family = AF_UNSPEC };
	struct nl_sock *sock = connection();
	struct nlmsghdr *reply = NULL;
	struct sockaddr_nl from;
	struct nl_msg *msg;
	int id = NETNSID_UNKNOWN;
	int len = -1;

	msg = sock ? nlmsg_alloc_simple(RTM_GETNSID, NLM_F_REQUEST) : NULL;
	if (!msg)
		return id;
	nl_socket_disable_auto_ack(sock);
	nlmsg_append(msg, (void *)&family, sizeof(family), NLMSG_ALIGNTO);
	nla_put_u32(msg, NETNSA_FD, (__u32)fd);
	if (nl_send_auto(sock, msg) >= 0)
		len = nl_recv(sock, &from, (unsigned char **)&reply, NULL);
	if (len > 0 && nlmsg_ok(reply, len))
		id = parse(reply);
	if (len > 0)
		free(reply);
	nlmsg_free(msg);
	return id;
}
