// SPDX-License-Identifier: GPL-2.0
/* The ids of network namespaces, against rtnetlink. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/namespaces.h"

/* More than are read at once. */
#define NR_PEERS	70

/* Ids are neither dense nor in the order of inodes. */
#define ID(i)		(10 + 3 * (NR_PEERS - 1 - (i)))

FIXTURE(ns_net)
{
	struct lens lens;
	struct nl_sock *route;
	struct ns_list *list;
	__u32 here;
	int peers[NR_PEERS];
	__u32 inos[NR_PEERS];
};

static struct nl_msg *nsid_msg(int type, int flags, int fd)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	struct rtgenmsg header = { .rtgen_family = AF_UNSPEC };

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	nla_put_u32(msg, NETNSA_FD, fd);
	return msg;
}

static int set_id(struct nl_sock *route, int fd, int id)
{
	struct nl_msg *msg = nsid_msg(RTM_NEWNSID, NLM_F_REQUEST | NLM_F_ACK,
				      fd);

	nla_put_s32(msg, NETNSA_NSID, id);
	return nl_send_sync(route, msg);
}

static int take_id(struct nl_msg *msg, void *id)
{
	struct nlattr *attr = nlmsg_find_attr(nlmsg_hdr(msg),
					      sizeof(struct rtgenmsg),
					      NETNSA_NSID);

	if (attr)
		*(int *)id = nla_get_s32(attr);
	return NL_OK;
}

/* What lsns asks. */
static int id_of(struct nl_sock *route, int fd)
{
	struct nl_msg *msg = nsid_msg(RTM_GETNSID, NLM_F_REQUEST, fd);
	int id = -2;

	nl_socket_modify_cb(route, NL_CB_VALID, NL_CB_CUSTOM, take_id, &id);
	nl_send_auto(route, msg);
	nlmsg_free(msg);
	nl_recvmsgs_default(route);
	nl_wait_for_ack(route);
	return id;
}

/* In a network namespace of its own, which knows others. */
FIXTURE_SETUP(ns_net)
{
	unsigned int i;
	int here;

	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->list);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	here = ns_open(getpid(), "net");
	self->here = ns_ino_of_fd(here);
	self->route = nl_socket_alloc();
	ASSERT_EQ(0, nl_connect(self->route, NETLINK_ROUTE));
	ASSERT_EQ(0, lens_open(&self->lens));
	for (i = 0; i < NR_PEERS; i++) {
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		self->peers[i] = ns_open(getpid(), "net");
		self->inos[i] = ns_ino_of_fd(self->peers[i]);
	}
	ASSERT_EQ(0, setns(here, CLONE_NEWNET));
	close(here);
	for (i = 0; i < NR_PEERS; i++)
		ASSERT_EQ(0, set_id(self->route, self->peers[i], ID(i)));
}

FIXTURE_TEARDOWN(ns_net)
{
	unsigned int i;

	for (i = 0; i < NR_PEERS; i++)
		close(self->peers[i]);
	nl_socket_free(self->route);
	lens_close(&self->lens);
	free(self->list);
}

TEST_F(ns_net, has_the_id_that_the_caller_knows_it_by)
{
	unsigned int i;
	struct ns *ns;

	ASSERT_EQ(0, list_namespaces(self->list));
	for (i = 0; i < NR_PEERS; i++) {
		ns = find_ns(self->list, self->inos[i]);
		ASSERT_NE(NULL, ns);
		EXPECT_EQ(id_of(self->route, self->peers[i]), ns->netnsid);
		EXPECT_EQ(0, ns->peers);
	}
	ns = find_ns(self->list, self->here);
	ASSERT_NE(NULL, ns);
	EXPECT_EQ(-1, ns->netnsid);
}

TEST_F(ns_net, tells_whom_it_knows)
{
	unsigned int i;
	struct ns ns;

	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(self->here), &ns));
	EXPECT_EQ(NR_PEERS, ns.peers);
	ASSERT_EQ(NR_PEERS, ns.n_peers);
	for (i = 0; i < NR_PEERS; i++) {
		EXPECT_EQ(ID(NR_PEERS - 1 - i), ns.peer_ids[i]);
		EXPECT_EQ(self->inos[NR_PEERS - 1 - i], ns.peer_inos[i]);
	}
}

TEST_F(ns_net, forgets_whom_it_knew)
{
	struct ns ns;

	/* The rest of a namespace is taken apart some time later. */
	close(self->peers[0]);
	self->peers[0] = -1;
	do {
		ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(self->here), &ns));
	} while (ns.peers == NR_PEERS);
	EXPECT_EQ(NR_PEERS - 1, ns.peers);
	EXPECT_EQ(ID(1), ns.peer_ids[ns.n_peers - 1]);
}

TEST_F(ns_net, tells_no_peer_that_the_caller_may_not_see)
{
	struct ns *ns;

	ASSERT_EQ(0, list_as_nobody(self->list, -1));
	ns = find_ns(self->list, self->here);
	ASSERT_NE(NULL, ns);
	EXPECT_EQ(0, ns->peers);
	EXPECT_EQ(0, ns->n_peers);
}

static int add_device(struct nl_sock *route)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST |
						NLM_F_ACK | NLM_F_CREATE);
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct nlattr *nest;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	nest = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "dummy");
	nla_nest_end(msg, nest);
	return nl_send_sync(route, msg);
}

static unsigned int devices_here(void)
{
	struct if_nameindex *all = if_nameindex(), *one = all;
	unsigned int n = 0;

	for (; one && one->if_index; one++)
		n++;
	if_freenameindex(all);
	return n;
}

/* More than are counted at once. */
#define NR_DEVICES	70

TEST_F(ns_net, counts_its_devices)
{
	unsigned int i;
	struct ns ns;

	for (i = 0; i < NR_DEVICES; i++)
		ASSERT_EQ(0, add_device(self->route));
	ASSERT_EQ(0, ns_get(&self->lens, &BY_INO(self->here), &ns));
	EXPECT_LT(NR_DEVICES, devices_here());
	EXPECT_EQ(devices_here(), ns.devices);
}

TEST_HARNESS_MAIN
