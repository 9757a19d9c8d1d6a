// SPDX-License-Identifier: GPL-2.0
/* The requests that concern namespaces: one table says where what goes. */
#include <errno.h>

#include "netlink-wire.h"

enum field_kind { FIELD_NONE, FIELD_U32, FIELD_U64, FIELD_TEXT, FIELD_ARRAY,
		  FIELD_MAP, FIELD_NEST };

/**
 * struct field - where an attribute goes
 * @kind: what it holds
 * @member: offset in struct nslens_ns
 * @nested: of FIELD_NEST: what is in it, by the number of the attribute
 * @max: the last of them
 */
struct field {
	enum field_kind kind;
	size_t member;
	const struct field *nested;
	int max;
};

#define IN(member)	offsetof(struct nslens_ns, member)

static const struct field pid_fields[NSLENS_A_NS_PID_MAX + 1] = {
	[NSLENS_A_NS_PID_REAPER] = { FIELD_ARRAY, IN(pid_ns.reaper) },
	[NSLENS_A_NS_PID_ALLOCATED] = { FIELD_U32, IN(pid_ns.allocated) },
};

static const struct field user_fields[NSLENS_A_NS_USER_MAX + 1] = {
	[NSLENS_A_NS_USER_OWNER_UID] = { FIELD_U32, IN(user_ns.owner_uid) },
	[NSLENS_A_NS_USER_SETGROUPS] = { FIELD_U32, IN(user_ns.setgroups) },
	[NSLENS_A_NS_USER_UID_MAP] = { FIELD_MAP, IN(user_ns.uid_map) },
	[NSLENS_A_NS_USER_GID_MAP] = { FIELD_MAP, IN(user_ns.gid_map) },
};

static const struct field uts_fields[NSLENS_A_NS_UTS_MAX + 1] = {
	[NSLENS_A_NS_UTS_NODENAME] = { FIELD_TEXT, IN(uts_ns.nodename) },
	[NSLENS_A_NS_UTS_DOMAINNAME] = { FIELD_TEXT, IN(uts_ns.domainname) },
	[NSLENS_A_NS_UTS_RELEASE] = { FIELD_TEXT, IN(uts_ns.release) },
};

static const struct field net_fields[NSLENS_A_NS_NET_MAX + 1] = {
	[NSLENS_A_NS_NET_COOKIE] = { FIELD_U64, IN(net_ns.cookie) },
	[NSLENS_A_NS_NET_DEVICES] = { FIELD_U32, IN(net_ns.devices) },
};

static const struct field ipc_fields[NSLENS_A_NS_IPC_MAX + 1] = {
	[NSLENS_A_NS_IPC_QUEUES] = { FIELD_U32, IN(ipc_ns.queues) },
	[NSLENS_A_NS_IPC_SEGMENTS] = { FIELD_U32, IN(ipc_ns.segments) },
	[NSLENS_A_NS_IPC_SEMAPHORES] = { FIELD_U32, IN(ipc_ns.semaphores) },
	[NSLENS_A_NS_IPC_MAX_QUEUES] = { FIELD_U32, IN(ipc_ns.max_queues) },
	[NSLENS_A_NS_IPC_MAX_SEGMENTS] = { FIELD_U32, IN(ipc_ns.max_segments) },
	[NSLENS_A_NS_IPC_MAX_SEMAPHORES] = { FIELD_U32,
					     IN(ipc_ns.max_semaphores) },
};

static const struct field time_fields[NSLENS_A_NS_TIME_MAX + 1] = {
	[NSLENS_A_NS_TIME_MONOTONIC] = { FIELD_U64, IN(time_ns.monotonic) },
	[NSLENS_A_NS_TIME_BOOTTIME] = { FIELD_U64, IN(time_ns.boottime) },
};

static const struct field cgroup_fields[NSLENS_A_NS_CGROUP_MAX + 1] = {
	[NSLENS_A_NS_CGROUP_ROOT] = { FIELD_TEXT, IN(cgroup_ns.root) },
};

static const struct field ns_fields[NSLENS_A_NS_MAX + 1] = {
	[NSLENS_A_NS_TYPE] = { FIELD_U32, IN(type) },
	[NSLENS_A_NS_INO] = { FIELD_U32, IN(ino) },
	[NSLENS_A_NS_ID] = { FIELD_U64, IN(id) },
	[NSLENS_A_NS_OWNER] = { FIELD_U32, IN(owner) },
	[NSLENS_A_NS_PARENT] = { FIELD_U32, IN(parent) },
	[NSLENS_A_NS_LEVEL] = { FIELD_U32, IN(level) },
	[NSLENS_A_NS_REFCOUNT] = { FIELD_U32, IN(refcount) },
	[NSLENS_A_NS_PROCESSES] = { FIELD_U32, IN(processes) },
	[NSLENS_A_NS_THREADS] = { FIELD_U32, IN(threads) },
	[NSLENS_A_NS_CHILDREN_ONLY] = { FIELD_U32, IN(children_only) },
	[NSLENS_A_NS_PID] = { FIELD_U32, IN(pid) },
	[NSLENS_A_NS_PID_NS] = { FIELD_NEST, 0, pid_fields,
				 NSLENS_A_NS_PID_MAX },
	[NSLENS_A_NS_USER_NS] = { FIELD_NEST, 0, user_fields,
				  NSLENS_A_NS_USER_MAX },
	[NSLENS_A_NS_UTS_NS] = { FIELD_NEST, 0, uts_fields,
				 NSLENS_A_NS_UTS_MAX },
	[NSLENS_A_NS_NET_NS] = { FIELD_NEST, 0, net_fields,
				 NSLENS_A_NS_NET_MAX },
	[NSLENS_A_NS_IPC_NS] = { FIELD_NEST, 0, ipc_fields,
				 NSLENS_A_NS_IPC_MAX },
	[NSLENS_A_NS_TIME_NS] = { FIELD_NEST, 0, time_fields,
				  NSLENS_A_NS_TIME_MAX },
	[NSLENS_A_NS_CGROUP_NS] = { FIELD_NEST, 0, cgroup_fields,
				    NSLENS_A_NS_CGROUP_MAX },
};

/* A map is the extents that follow the first one without a gap. */
static void note_map(struct nslens_map *map, const struct nlattr *attr,
		     const struct attrs *rest)
{
	if (map->at)
		return;
	map->at = (const char *)attr;
	map->left = (int)(rest->at - map->at) + rest->left;
}

static void parse_fields(struct attrs attrs, const struct field *fields,
			 int max, struct nslens_ns *ns)
{
	const struct nlattr *attr;

	while ((attr = next_attr(&attrs))) {
		int type = attr->nla_type & NLA_TYPE_MASK;
		const struct field *field = &fields[type];
		char *member;

		if (type > max)
			continue;
		if (fields == ns_fields)
			ns->has |= 1U << type;
		member = (char *)ns + field->member;
		switch (field->kind) {
		case FIELD_NONE:
			break;
		case FIELD_U32:
			*(__u32 *)member = attr_u32(attr);
			break;
		case FIELD_U64:
			*(__u64 *)member = attr_u64(attr);
			break;
		case FIELD_TEXT:
			*(const char **)member = attr_text(attr);
			break;
		case FIELD_ARRAY:
			*(struct nslens_array *)member = attr_array(attr);
			break;
		case FIELD_MAP:
			note_map((struct nslens_map *)member, attr, &attrs);
			break;
		case FIELD_NEST:
			parse_fields(nested_attrs(attr), field->nested,
				     field->max, ns);
			break;
		}
	}
}

static void parse_ns(const struct nlmsghdr *nlh, struct nslens_ns *ns)
{
	memset(ns, 0, sizeof(*ns));
	parse_fields(family_attrs(nlh), ns_fields, NSLENS_A_NS_MAX, ns);
}

/**
 * nslens_map_next() - take the next range of a map
 * @map: a copy of the one in a record, which is consumed
 * @extent: is filled
 *
 * Return: false if there are no more.
 */
bool nslens_map_next(struct nslens_map *map, struct nslens_extent *extent)
{
	struct attrs attrs = { map->at, map->left };
	const struct nlattr *attr = map->at ? next_attr(&attrs) : NULL;
	const struct nlattr *field;
	struct attrs fields;

	if (!attr)
		return false;
	fields = nested_attrs(attr);
	memset(extent, 0, sizeof(*extent));
	while ((field = next_attr(&fields))) {
		if (field->nla_type == NSLENS_A_EXTENT_FIRST)
			extent->first = attr_u32(field);
		else if (field->nla_type == NSLENS_A_EXTENT_LOWER)
			extent->lower = attr_u32(field);
		else if (field->nla_type == NSLENS_A_EXTENT_COUNT)
			extent->count = attr_u32(field);
	}

	map->at = attrs.at;
	map->left = attrs.left;
	if (map->left < NLA_HDRLEN ||
	    ((const struct nlattr *)map->at)->nla_type != attr->nla_type)
		map->at = NULL;
	return true;
}

static int take_ns(const struct nlmsghdr *nlh, void *arg)
{
	parse_ns(nlh, arg);
	return 0;
}

/**
 * nslens_ns_get() - ask for one namespace
 * @conn: the connection
 * @ref: its name
 * @ns: is filled; arrays, maps and text are good until the next call on @conn
 *
 * Return: 0, -ENOENT if there is no such namespace or it is hidden from the
 * caller, or another negative errno.
 */
int nslens_ns_get(struct nslens_conn *conn, const struct nslens_ns_ref *ref,
		  struct nslens_ns *ns)
{
	struct nl_msg *msg = nslens_request(conn, NSLENS_CMD_NS_GET, 0, 0);
	int err;

	if (!msg)
		return -ENOMEM;
	memset(ns, 0, sizeof(*ns));
	nslens_put_ns_ref(msg, NSLENS_A_NS_REF, ref);
	err = nslens_transact(conn, msg, take_ns, ns, NULL);
	nlmsg_free(msg);
	return err;
}

struct dump {
	nslens_ns_fn each;
	void *arg;
	struct nslens_ns ns;
};

static int dump_ns(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;

	parse_ns(nlh, &dump->ns);
	return dump->each(&dump->ns, dump->arg);
}

/**
 * nslens_ns_dump() - ask for all namespaces
 * @conn: the connection; @each must not use it
 * @type: only this one of enum nslens_ns_type, or -1 for all
 * @each: is called for each namespace, in the order of inode numbers, with a
 *	record that is gone when it returns; not 0 makes it the last call
 * @arg: is handed to @each
 * @interrupted: if not NULL, becomes true when tasks came or went meanwhile
 *
 * Return: 0, what @each returned, or a negative errno.
 */
int nslens_ns_dump(struct nslens_conn *conn, int type, nslens_ns_fn each,
		   void *arg, bool *interrupted)
{
	struct dump dump = { .each = each, .arg = arg };
	struct nl_msg *msg;
	int err;

	msg = nslens_request(conn, NSLENS_CMD_NS_GET, NLM_F_DUMP, 0);
	if (!msg)
		return -ENOMEM;
	if (type >= 0)
		nla_put_u32(msg, NSLENS_A_NS_TYPE, (__u32)type);
	err = nslens_transact(conn, msg, dump_ns, &dump, interrupted);
	nlmsg_free(msg);
	return err;
}
