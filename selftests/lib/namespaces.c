// SPDX-License-Identifier: GPL-2.0
/* Ask ns-get. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "namespaces.h"

#define NOBODY		65534

static __u32 u32_of(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void take_user(struct ns *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_USER_MAX + 1];
	struct nlattr *e[NSLENS_A_EXTENT_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_USER_MAX, nest, NULL);
	ns->owner_uid = u32_of(tb[NSLENS_A_NS_USER_OWNER_UID]);
	if (!tb[NSLENS_A_NS_USER_UID_MAP])
		return;
	nla_parse_nested(e, NSLENS_A_EXTENT_MAX, tb[NSLENS_A_NS_USER_UID_MAP],
			 NULL);
	ns->first = u32_of(e[NSLENS_A_EXTENT_FIRST]);
	ns->lower = u32_of(e[NSLENS_A_EXTENT_LOWER]);
	ns->count = u32_of(e[NSLENS_A_EXTENT_COUNT]);
}

static void take_pid(struct ns *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_PID_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_PID_MAX, nest, NULL);
	ns->reapers = nla_memcpy(ns->reaper, tb[NSLENS_A_NS_PID_REAPER],
				 sizeof(ns->reaper)) / sizeof(__u32);
}

static void take_uts(struct ns *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_UTS_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_UTS_MAX, nest, NULL);
	nla_strlcpy(ns->nodename, tb[NSLENS_A_NS_UTS_NODENAME],
		    sizeof(ns->nodename));
}

static void take_net(struct ns *ns, struct nlattr *nest)
{
	struct nlattr *tb[NSLENS_A_NS_NET_MAX + 1];

	nla_parse_nested(tb, NSLENS_A_NS_NET_MAX, nest, NULL);
	ns->devices = u32_of(tb[NSLENS_A_NS_NET_DEVICES]);
	if (tb[NSLENS_A_NS_NET_NETNSID])
		ns->netnsid = nla_get_s32(tb[NSLENS_A_NS_NET_NETNSID]);
	ns->peers = u32_of(tb[NSLENS_A_NS_NET_PEERS]);
	ns->n_peers = nla_memcpy(ns->peer_ids, tb[NSLENS_A_NS_NET_PEER_IDS],
				 sizeof(ns->peer_ids)) / sizeof(__u32);
	nla_memcpy(ns->peer_inos, tb[NSLENS_A_NS_NET_PEER_INOS],
		   sizeof(ns->peer_inos));
}

static const int nests[] = {
	NSLENS_A_NS_CGROUP_NS, NSLENS_A_NS_IPC_NS, NSLENS_A_NS_NET_NS,
	NSLENS_A_NS_PID_NS, NSLENS_A_NS_TIME_NS, NSLENS_A_NS_USER_NS,
	NSLENS_A_NS_UTS_NS,
};

static void take_ns(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *tb[NSLENS_A_NS_MAX + 1];
	struct ns *ns = data;
	unsigned int i;

	memset(ns, 0, sizeof(*ns));
	ns->netnsid = -1;
	genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, NSLENS_A_NS_MAX, NULL);
	ns->type = u32_of(tb[NSLENS_A_NS_TYPE]);
	ns->ino = u32_of(tb[NSLENS_A_NS_INO]);
	ns->owner = u32_of(tb[NSLENS_A_NS_OWNER]);
	ns->parent = u32_of(tb[NSLENS_A_NS_PARENT]);
	ns->has_level = tb[NSLENS_A_NS_LEVEL];
	ns->level = u32_of(tb[NSLENS_A_NS_LEVEL]);
	ns->refcount = u32_of(tb[NSLENS_A_NS_REFCOUNT]);
	ns->processes = u32_of(tb[NSLENS_A_NS_PROCESSES]);
	ns->threads = u32_of(tb[NSLENS_A_NS_THREADS]);
	ns->children_only = u32_of(tb[NSLENS_A_NS_CHILDREN_ONLY]);
	ns->pid = u32_of(tb[NSLENS_A_NS_PID]);
	nla_memcpy(&ns->id, tb[NSLENS_A_NS_ID], sizeof(ns->id));
	for (i = 0; i < sizeof(nests) / sizeof(*nests); i++)
		if (tb[nests[i]])
			ns->has_particular = true;
	if (tb[NSLENS_A_NS_USER_NS])
		take_user(ns, tb[NSLENS_A_NS_USER_NS]);
	if (tb[NSLENS_A_NS_PID_NS])
		take_pid(ns, tb[NSLENS_A_NS_PID_NS]);
	if (tb[NSLENS_A_NS_NET_NS])
		take_net(ns, tb[NSLENS_A_NS_NET_NS]);
	if (tb[NSLENS_A_NS_UTS_NS])
		take_uts(ns, tb[NSLENS_A_NS_UTS_NS]);
}

static void take_more(const struct nlmsghdr *nlh, void *data)
{
	struct ns_list *list = data;

	if (list->n < MAX_NS)
		take_ns(nlh, &list->v[list->n]);
	list->n++;
}

int ns_get(struct lens *l, const struct ref *ref, struct ns *ns)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_NS_GET, 0);

	put_ref(msg, NSLENS_A_NS_REF, ref);
	return lens_call(l, msg, take_ns, ns);
}

/* Into a struct ns_list, with a socket of its own, for child_do(). */
long list_namespaces(void *data)
{
	struct ns_list *list = data;
	int err = lens_open(&list->lens);

	list->n = 0;
	if (!err)
		err = lens_call(&list->lens,
				lens_request(&list->lens, NSLENS_CMD_NS_GET,
					     NLM_F_DUMP), take_more, list);
	if (!err && list->n > MAX_NS)
		err = -E2BIG;
	list->n = list->n < MAX_NS ? list->n : MAX_NS;
	list->interrupted = list->lens.interrupted;
	lens_close(&list->lens);
	return err;
}

/* A child without privilege; child_end() ends it, also after an error. */
int nobody_spawn(struct child *nobody)
{
	int err = child_spawn(nobody, 0);

	if (!err)
		err = child_do(nobody, child_setuid, &(int){ NOBODY },
			       sizeof(int));
	/* That it was root does not hide it. */
	if (!err)
		err = child_do(nobody, child_set_dumpable, &(int){ 1 },
			       sizeof(int));
	return err;
}

/**
 * list_as_nobody() - what a user without privilege is told
 * @list: filled
 * @fd: a file that he has open, or -1
 *
 * Return: 0 or -errno.
 */
int list_as_nobody(struct ns_list *list, int fd)
{
	struct child nobody;
	long err;

	err = nobody_spawn(&nobody);
	if (!err && fd >= 0)
		err = child_give_fd(&nobody, fd) < 0 ? -EBADF : 0;
	if (!err)
		err = child_do(&nobody, list_namespaces, list, sizeof(*list));
	child_end(&nobody);
	return err;
}

struct ns *find_ns(struct ns_list *list, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].ino == ino)
			return &list->v[i];
	return NULL;
}
