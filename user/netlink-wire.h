/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the netlink library share; nobody else includes this. */
#ifndef NSLENS_NETLINK_WIRE_H
#define NSLENS_NETLINK_WIRE_H

#include <string.h>

#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "netlink.h"

/**
 * struct attrs - attributes that follow each other
 * @at: the next of them
 * @left: how many bytes from there on
 */
struct attrs {
	const char *at;
	int left;
};

/* The next one; NULL after the last, and if it is malformed. */
static inline const struct nlattr *next_attr(struct attrs *attrs)
{
	const struct nlattr *attr = (const struct nlattr *)attrs->at;

	if (attrs->left < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
	    attr->nla_len > attrs->left)
		return NULL;
	attrs->at += NLA_ALIGN(attr->nla_len);
	attrs->left -= (int)NLA_ALIGN(attr->nla_len);
	return attr;
}

static inline const void *attr_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline unsigned int attr_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

/* 0 of an attribute that is too short, as no kernel sends it. */
static inline __u32 attr_u32(const struct nlattr *attr)
{
	__u32 value = 0;

	if (attr_len(attr) >= sizeof(value))
		memcpy(&value, attr_data(attr), sizeof(value));
	return value;
}

static inline __u64 attr_u64(const struct nlattr *attr)
{
	__u64 value = 0;

	if (attr_len(attr) >= sizeof(value))
		memcpy(&value, attr_data(attr), sizeof(value));
	return value;
}

static inline struct nslens_array attr_array(const struct nlattr *attr)
{
	return (struct nslens_array){
		.at = attr_data(attr),
		.nr = attr_len(attr) / sizeof(__u32),
	};
}

static inline struct nslens_ids attr_ids(const struct nlattr *attr)
{
	return (struct nslens_ids){
		.at = attr_data(attr),
		.nr = attr_len(attr) / sizeof(__u64),
	};
}

/* Text as the kernel writes it, its NUL the last byte; else none. */
static inline const char *attr_text(const struct nlattr *attr)
{
	const char *text = attr_data(attr);
	unsigned int len = attr_len(attr);

	return len && !text[len - 1] ? text : "";
}

static inline struct attrs nested_attrs(const struct nlattr *attr)
{
	return (struct attrs){ attr_data(attr), (int)attr_len(attr) };
}

/* The attributes of a message of a generic netlink family. */
static inline struct attrs family_attrs(const struct nlmsghdr *nlh)
{
	return (struct attrs){
		.at = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN,
		.left = (int)nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN,
	};
}

typedef int (*message_fn)(const struct nlmsghdr *nlh, void *arg);

struct nl_msg *nslens_request(struct nslens_conn *conn, int cmd, int flags,
			      size_t payload);
void nslens_put_ns_ref(struct nl_msg *msg, int attr,
		       const struct nslens_ns_ref *ref);
int nslens_transact(struct nslens_conn *conn, struct nl_msg *msg,
		    message_fn each, void *arg, bool *interrupted);
ssize_t nslens_receive(struct nslens_conn *conn, int flags);
int nslens_fail(struct nslens_conn *conn, int err, const char *what);

#endif
