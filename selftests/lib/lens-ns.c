// SPDX-License-Identifier: GPL-2.0
/* Requests for namespaces, and their answers. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

#include "lens-ns.h"

static_assert(sizeof(struct ns_records) <= SCRATCH_SIZE,
	      "a list fits in a child's scratch memory");

static __u32 u32_of(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void read_extent(struct ns_record *ns, struct nlattr *attr)
{
	struct nlattr *tb[NSLENS_A_EXTENT_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_EXTENT_MAX, attr, NULL);
	if (ns->uids < MAX_EXTENTS)
		ns->uid_map[ns->uids] = (struct extent) {
			u32_of(tb[NSLENS_A_EXTENT_FIRST]),
			u32_of(tb[NSLENS_A_EXTENT_LOWER]),
			u32_of(tb[NSLENS_A_EXTENT_COUNT]),
		};
	ns->uids++;
}

static void read_user(struct ns_record *ns, struct nlattr *nest)
{
	struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) == NSLENS_A_NS_USER_OWNER_UID)
			ns->owner_uid = nla_get_u32(attr);
		if (nla_type(attr) == NSLENS_A_NS_USER_UID_MAP)
			read_extent(ns, attr);
	}
}

static void read_pid(struct ns_record *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_PID_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_PID_MAX, nest, NULL);
	ns->reaper.n = nla_memcpy(ns->reaper.v, tb[NSLENS_A_NS_PID_REAPER],
				  sizeof(ns->reaper.v)) / sizeof(__u32);
}

static void read_uts(struct ns_record *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_UTS_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_UTS_MAX, nest, NULL);
	nla_strlcpy(ns->nodename, tb[NSLENS_A_NS_UTS_NODENAME],
		    sizeof(ns->nodename));
}

static void read_ns(const struct nlmsghdr *reply, void *data)
{
	struct nlattr *tb[NSLENS_A_NS_MAX + 1];
	struct ns_record *ns = data;
	unsigned int i;

	memset(ns, 0, sizeof(*ns));
	genlmsg_parse((struct nlmsghdr *)reply, 0, tb, NSLENS_A_NS_MAX, NULL);
	for (i = 0; i < 32; i++)
		ns->present |= tb[i] ? 1U << i : 0;
	ns->type = u32_of(tb[NSLENS_A_NS_TYPE]);
	ns->ino = u32_of(tb[NSLENS_A_NS_INO]);
	ns->owner = u32_of(tb[NSLENS_A_NS_OWNER]);
	ns->parent = u32_of(tb[NSLENS_A_NS_PARENT]);
	ns->level = u32_of(tb[NSLENS_A_NS_LEVEL]);
	ns->refcount = u32_of(tb[NSLENS_A_NS_REFCOUNT]);
	ns->processes = u32_of(tb[NSLENS_A_NS_PROCESSES]);
	ns->threads = u32_of(tb[NSLENS_A_NS_THREADS]);
	ns->children_only = u32_of(tb[NSLENS_A_NS_CHILDREN_ONLY]);
	ns->pid = u32_of(tb[NSLENS_A_NS_PID]);
	nla_memcpy(&ns->id, tb[NSLENS_A_NS_ID], sizeof(ns->id));
	if (tb[NSLENS_A_NS_USER_NS])
		read_user(ns, tb[NSLENS_A_NS_USER_NS]);
	if (tb[NSLENS_A_NS_PID_NS])
		read_pid(ns, tb[NSLENS_A_NS_PID_NS]);
	if (tb[NSLENS_A_NS_UTS_NS])
		read_uts(ns, tb[NSLENS_A_NS_UTS_NS]);
}

static void add_ns(const struct nlmsghdr *reply, void *data)
{
	struct ns_records *list = data;

	if (list->n < MAX_NS_RECORDS)
		read_ns(reply, &list->v[list->n]);
	list->n++;
}

/**
 * lens_ns() - ask for one namespace
 * @l: the socket
 * @ref: which
 * @ns: the answer
 *
 * Return: 0 or -errno.
 */
int lens_ns(struct lens *l, const struct ref *ref, struct ns_record *ns)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_NS_GET, 0);

	memset(ns, 0, sizeof(*ns));
	put_ref(msg, NSLENS_A_NS_REF, ref);
	return lens_call(l, msg, read_ns, ns);
}

/**
 * lens_ns_list() - ask for all namespaces
 * @l: the socket
 * @list: the answer; @list->type says of which type, or ALL_TYPES
 *
 * Return: 0 or -errno; -E2BIG if there are more than fit.
 */
int lens_ns_list(struct lens *l, struct ns_records *list)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_NS_GET, NLM_F_DUMP);
	int err;

	list->n = 0;
	if (list->type != ALL_TYPES)
		nla_put_u32(msg, NSLENS_A_NS_TYPE, list->type);
	err = lens_call(l, msg, add_ns, list);
	if (!err && list->n > MAX_NS_RECORDS)
		err = -E2BIG;
	list->n = list->n < MAX_NS_RECORDS ? list->n : MAX_NS_RECORDS;
	return err;
}

/**
 * find_ns_record() - look up a namespace in a list
 * @list: the list
 * @ino: its inode
 *
 * Return: the namespace, NULL if it is not there.
 */
struct ns_record *find_ns_record(struct ns_records *list, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].ino == ino)
			return &list->v[i];
	return NULL;
}

struct ns_call {
	struct ref ref;
	struct ns_record ns;
	char text[128];
};

static long ns_there(void *data)
{
	struct ns_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?: lens_ns(&l, &call->ref, &call->ns);
	snprintf(call->text, sizeof(call->text), "%s", l.text);
	lens_close(&l);
	return err;
}

int child_ns(struct child *c, const struct ref *ref, struct ns_record *ns,
	     char *text, size_t size)
{
	struct ns_call call = { .ref = *ref };
	int err;

	err = child_do(c, ns_there, &call, sizeof(call));
	*ns = call.ns;
	if (text)
		snprintf(text, size, "%s", call.text);
	return err;
}

/* The list is as large as what is in it. */
static long list_there(void *data)
{
	struct ns_records *list = data;
	int err;

	err = lens_open(&list->lens) ?: lens_ns_list(&list->lens, list);
	lens_close(&list->lens);
	return err;
}

int child_ns_list(struct child *c, struct ns_records *list)
{
	return child_do(c, list_there, list, sizeof(*list));
}
