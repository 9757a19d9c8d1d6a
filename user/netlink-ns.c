// SPDX-License-Identifier: GPL-2.0
/* The requests that concern namespaces: one table says where what goes. */
#include <errno.h>

#include "netlink-wire.h"

enum field_kind { FIELD_NONE, FIELD_U32, FIELD_U64, FIELD_TEXT, FIELD_ARRAY,
		  FIELD_MAP, FIELD_NEST };

/**
 * struct field - where an attribute goes
 * @member: offset in struct nslens_ns
 * @nested: of FIELD_NEST: what is in it, by the number of the attribute
 * @kind: what it holds
 * @max: the last of them
 */
struct field {
	size_t member;
	const struct field *nested;
	enum field_kind kind;
	int max;
};

#define IN(member)	offsetof(struct nslens_ns, member)

static const struct field pid_fields[NSLENS_A_NS_PID_MAX + 1] = {
	[NSLENS_A_NS_PID_REAPER] = { IN(pid_ns.reaper), NULL, FIELD_ARRAY },
	[NSLENS_A_NS_PID_ALLOCATED] = { IN(pid_ns.allocated), NULL, FIELD_U32 },
	[NSLENS_A_NS_PID_PID_MAX] = { IN(pid_ns.pid_max), NULL, FIELD_U32 },
};

static const struct field user_fields[NSLENS_A_NS_USER_MAX + 1] = {
	[NSLENS_A_NS_USER_OWNER_UID] = { IN(user_ns.owner_uid), NULL, FIELD_U32 },
	[NSLENS_A_NS_USER_SETGROUPS] = { IN(user_ns.setgroups), NULL, FIELD_U32 },
	[NSLENS_A_NS_USER_UID_MAP] = { IN(user_ns.uid_map), NULL, FIELD_MAP },
	[NSLENS_A_NS_USER_GID_MAP] = { IN(user_ns.gid_map), NULL, FIELD_MAP },
};

static const struct field uts_fields[NSLENS_A_NS_UTS_MAX + 1] = {
	[NSLENS_A_NS_UTS_NODENAME] = { IN(uts_ns.nodename), NULL, FIELD_TEXT },
	[NSLENS_A_NS_UTS_DOMAINNAME] = { IN(uts_ns.domainname), NULL, FIELD_TEXT },
	[NSLENS_A_NS_UTS_RELEASE] = { IN(uts_ns.release), NULL, FIELD_TEXT },
};

static const struct field net_fields[NSLENS_A_NS_NET_MAX + 1] = {
	[NSLENS_A_NS_NET_COOKIE] = { IN(net_ns.cookie), NULL, FIELD_U64 },
	[NSLENS_A_NS_NET_DEVICES] = { IN(net_ns.devices), NULL, FIELD_U32 },
	[NSLENS_A_NS_NET_NETNSID] = { IN(net_ns.netnsid), NULL, FIELD_U32 },
	[NSLENS_A_NS_NET_PEERS] = { IN(net_ns.peers), NULL, FIELD_U32 },
	[NSLENS_A_NS_NET_PEER_IDS] = { IN(net_ns.peer_ids), NULL, FIELD_ARRAY },
	[NSLENS_A_NS_NET_PEER_INOS] = { IN(net_ns.peer_inos), NULL,
					FIELD_ARRAY },
};

static const struct field ipc_fields[NSLENS_A_NS_IPC_MAX + 1] = {
	[NSLENS_A_NS_IPC_QUEUES] = { IN(ipc_ns.queues), NULL, FIELD_U32 },
	[NSLENS_A_NS_IPC_SEGMENTS] = { IN(ipc_ns.segments), NULL, FIELD_U32 },
	[NSLENS_A_NS_IPC_SEMAPHORES] = { IN(ipc_ns.semaphores), NULL, FIELD_U32 },
	[NSLENS_A_NS_IPC_MAX_QUEUES] = { IN(ipc_ns.max_queues), NULL, FIELD_U32 },
	[NSLENS_A_NS_IPC_MAX_SEGMENTS] = { IN(ipc_ns.max_segments), NULL, FIELD_U32 },
	[NSLENS_A_NS_IPC_MAX_SEMAPHORES] = { IN(ipc_ns.max_semaphores),
					     NULL, FIELD_U32 },
};

static const struct field time_fields[NSLENS_A_NS_TIME_MAX + 1] = {
	[NSLENS_A_NS_TIME_MONOTONIC] = { IN(time_ns.monotonic), NULL, FIELD_U64 },
	[NSLENS_A_NS_TIME_BOOTTIME] = { IN(time_ns.boottime), NULL, FIELD_U64 },
};

static const struct field cgroup_fields[NSLENS_A_NS_CGROUP_MAX + 1] = {
	[NSLENS_A_NS_CGROUP_ROOT] = { IN(cgroup_ns.root), NULL, FIELD_TEXT },
};

static const struct field ns_fields[NSLENS_A_NS_MAX + 1] = {
	[NSLENS_A_NS_TYPE] = { IN(type), NULL, FIELD_U32 },
	[NSLENS_A_NS_INO] = { IN(ino), NULL, FIELD_U32 },
	[NSLENS_A_NS_ID] = { IN(id), NULL, FIELD_U64 },
	[NSLENS_A_NS_OWNER] = { IN(owner), NULL, FIELD_U32 },
	[NSLENS_A_NS_PARENT] = { IN(parent), NULL, FIELD_U32 },
	[NSLENS_A_NS_LEVEL] = { IN(level), NULL, FIELD_U32 },
	[NSLENS_A_NS_REFCOUNT] = { IN(refcount), NULL, FIELD_U32 },
	[NSLENS_A_NS_PROCESSES] = { IN(processes), NULL, FIELD_U32 },
	[NSLENS_A_NS_THREADS] = { IN(threads), NULL, FIELD_U32 },
	[NSLENS_A_NS_CHILDREN_ONLY] = { IN(children_only), NULL, FIELD_U32 },
	[NSLENS_A_NS_PID] = { IN(pid), NULL, FIELD_U32 },
	[NSLENS_A_NS_PID_NS] = { 0, pid_fields, FIELD_NEST,
				 NSLENS_A_NS_PID_MAX },
	[NSLENS_A_NS_USER_NS] = { 0, user_fields, FIELD_NEST,
				  NSLENS_A_NS_USER_MAX },
	[NSLENS_A_NS_UTS_NS] = { 0, uts_fields, FIELD_NEST,
				 NSLENS_A_NS_UTS_MAX },
	[NSLENS_A_NS_NET_NS] = { 0, net_fields, FIELD_NEST,
				 NSLENS_A_NS_NET_MAX },
	[NSLENS_A_NS_IPC_NS] = { 0, ipc_fields, FIELD_NEST,
				 NSLENS_A_NS_IPC_MAX },
	[NSLENS_A_NS_TIME_NS] = { 0, time_fields, FIELD_NEST,
				  NSLENS_A_NS_TIME_MAX },
	[NSLENS_A_NS_CGROUP_NS] = { 0, cgroup_fields, FIELD_NEST,
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
	ns->net_ns.netnsid = -1;
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
