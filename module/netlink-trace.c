// SPDX-License-Identifier: GPL-2.0
/* trace-set, trace-ntf: a session on a netlink socket. */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "event-put.h"
#include "netlink-gen.h"
#include "netlink-trace.h"
#include "netlink.h"
#include "nsref.h"
#include "nstab.h"
#include "session.h"
#include "skbpool.h"
#include "target-make.h"
#include "target.h"
#include "trace.h"

/**
 * struct nl_session - a session on a socket
 * @session: the session
 * @sk: the socket, which ends it when it is released
 * @portid: of the socket
 * @pool: where @skb is from
 * @skb: events that are not sent yet, or NULL
 * @n: how many
 * @first: time of the first
 * @last: time of the last
 * @told_ring: what a message in @skb has told as lost, in case it is, too
 * @told_queue: likewise
 * @full: the socket has no room; its reader is to say when it has
 * @alone: nobody waits who began to before the session did
 */
struct nl_session {
	struct nslens_session session;
	struct sock *sk;
	u32 portid;
	struct nslens_skbpool pool;
	struct sk_buff *skb;
	unsigned int n;
	u64 first;
	u64 last;
	u64 told_ring;
	u64 told_queue;
	bool full;
	bool alone;
};

/*
 * The rule of access is asked when an event is captured, about who has opened
 * the session; so that nobody else gets it, the socket asks who receives. What
 * netlink does with a socket is the same for all of them.
 */
static const struct proto_ops *netlink_ops;
static struct proto_ops session_ops;
/* Protects these two, and the beginning of sessions on sockets. */
static DEFINE_MUTEX(begin_lock);

static struct nl_session *to_nl(struct nslens_session *session)
{
	return container_of(session, struct nl_session, session);
}

/* What events leave for answers, which netlink drops where they do not fit. */
#define ANSWER_BYTES	4096

/* As netlink_attachskb() has it since 6.16, and stable kernels have, too. */
static bool fits(const struct sock *sk, unsigned int bytes)
{
	const unsigned int used = atomic_read(&sk->sk_rmem_alloc);

	return !used ||
	       used + bytes + ANSWER_BYTES <= READ_ONCE(sk->sk_rcvbuf);
}

static bool has_room(struct nl_session *nl, unsigned int bytes)
{
	if (fits(nl->sk, bytes))
		return true;
	WRITE_ONCE(nl->full, true);
	/* Who has read in between has not seen it. */
	smp_mb();
	return fits(nl->sk, bytes);
}

/* Return: has it gone out, one way or the other? */
static bool send(struct nl_session *nl)
{
	struct sk_buff *skb;

	if (!nl->skb)
		return true;
	if (!has_room(nl, nl->skb->truesize))
		return false;
	skb = nslens_skbpool_seal(&nl->pool, nl->skb);
	if (!skb)
		return false;
	WRITE_ONCE(nl->full, false);
	nl->skb = NULL;
	if (genlmsg_unicast(sock_net(nl->sk), skb, nl->portid)) {
		WRITE_ONCE(nl->full, true);
		nl->session.untold.ring += nl->told_ring;
		nl->session.untold.queue += nl->told_queue;
		nslens_session_undeliver(&nl->session, nl->n, nl->first, nl->last);
	}
	nl->n = 0;
	nl->told_ring = 0;
	nl->told_queue = 0;
	return true;
}

static bool nl_emit(struct nslens_session *session,
		    const struct nslens_event *event)
{
	const unsigned int size = nslens_event_size(event);
	struct nl_session *nl = to_nl(session);

	if (nl->skb && skb_tailroom(nl->skb) < size && !send(nl))
		return false;
	if (!nl->skb) {
		if (!has_room(nl, 0))
			return false;
		nl->skb = nslens_skbpool_get(&nl->pool, size);
		if (!nl->skb)
			return false;
		nl->first = event->kind == NSLENS_EVENT_KIND_LOST ?
			event->first : event->time;
	}
	nslens_event_put(nl->skb, session, event);
	nl->last = event->time;
	if (event->kind == NSLENS_EVENT_KIND_LOST) {
		nl->told_ring += event->ring;
		nl->told_queue += event->queue;
	} else {
		nl->n++;
	}
	return true;
}

static bool nl_flush(struct nslens_session *session)
{
	return send(to_nl(session));
}

static const struct nslens_front nl_front = {
	.id = NSLENS_TRACE_FRONT_NETLINK,
	.emit = nl_emit,
	.flush = nl_flush,
};

static int session_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
			   int flags)
{
	struct nl_session *nl = sock->sk->sk_user_data;
	int ret;

	if (!nslens_asker_is_current(&nl->session.asker, NULL))
		return -EPERM;
	ret = netlink_ops->recvmsg(sock, msg, len, flags);
	/* Pairs with has_room(). */
	smp_mb();
	if (READ_ONCE(nl->full)) {
		WRITE_ONCE(nl->full, false);
		nslens_trace_wake();
	}
	return ret;
}

/* The core puts the module of the operations after this. */
static int session_release(struct socket *sock)
{
	struct nl_session *nl = sock->sk->sk_user_data;

	nslens_trace_close(&nl->session);
	nslens_skbpool_drop(&nl->pool, nl->skb);
	nslens_skbpool_free(&nl->pool);
	sock->sk->sk_user_data = NULL;
	kfree(nl);
	return netlink_ops->release(sock);
}

/* From now on the socket asks who receives, and puts the module at its end. */
static void take_over(struct sock *sk, struct nl_session *nl)
{
	struct socket *sock = sk->sk_socket;

	lockdep_assert_held(&begin_lock);
	if (!netlink_ops) {
		netlink_ops = sock->ops;
		session_ops = *netlink_ops;
		session_ops.owner = THIS_MODULE;
		session_ops.recvmsg = session_recvmsg;
		session_ops.release = session_release;
	}
	sk->sk_user_data = nl;
	/* Who finds the operations finds the session. */
	smp_store_release(&sock->ops, &session_ops);
}

static struct nl_session *session_of(const struct sock *sk)
{
	/* Pairs with take_over(). */
	return smp_load_acquire(&sk->sk_socket->ops) == &session_ops ?
		sk->sk_user_data : NULL;
}

/**
 * nslens_nl_session() - the session of a socket
 * @sk: a socket that current uses
 *
 * Context: process.
 * Return: the session, there as long as the socket; NULL if it has none.
 */
struct nslens_session *nslens_nl_session(const struct sock *sk)
{
	struct nl_session *nl = session_of(sk);

	return nl ? &nl->session : NULL;
}

static struct nslens_target *target_of_pid(struct nlattr **tb,
					   const struct nslens_viewer *viewer,
					   struct netlink_ext_ack *extack)
{
	struct nslens_target *target;
	struct nslens_nsref in;
	int err;

	err = nslens_nsref_get_pid_ns(&in, tb[NSLENS_A_TARGET_IN], viewer, extack);
	if (err)
		return ERR_PTR(err);
	target = nslens_target_of_pid(nla_get_u32(tb[NSLENS_A_TARGET_PID]),
				      in.pid_ns,
				      nla_get_flag(tb[NSLENS_A_TARGET_FOLLOW]));
	nslens_nsref_put(&in);
	if (target == ERR_PTR(-ESRCH))
		NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_TARGET_PID],
				    "no such task in this PID namespace");
	return target;
}

static struct nslens_target *target_of_ns(struct nlattr *attr,
					  const struct nslens_viewer *viewer,
					  struct netlink_ext_ack *extack)
{
	struct nslens_target *target;
	struct nslens_nsref ref;
	int err;

	err = nslens_nsref_get(&ref, attr, viewer, extack);
	if (err)
		return ERR_PTR(err);
	target = nslens_target_of_ns(&ref);
	nslens_nsref_put(&ref);
	return target;
}

static struct nslens_target *target_of_cgroup(struct nlattr *attr,
					      struct netlink_ext_ack *extack)
{
	struct nslens_target *target = nslens_target_of_cgroup(nla_data(attr));

	if (IS_ERR(target))
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no such cgroup in the caller's cgroup namespace");
	return target;
}

static struct nslens_target *target_of(struct nlattr *attr,
				       const struct nslens_viewer *viewer,
				       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NSLENS_A_TARGET_MAX + 1];
	int err;

	/* Validated with the request; this only takes it apart. */
	err = nla_parse_nested(tb, NSLENS_A_TARGET_MAX, attr,
			       nslens_target_nl_policy, extack);
	if (err)
		return ERR_PTR(err);
	if (!!tb[NSLENS_A_TARGET_PID] + !!tb[NSLENS_A_TARGET_NS] +
	    !!tb[NSLENS_A_TARGET_CGROUP] + !!tb[NSLENS_A_TARGET_ALL] != 1) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a target is exactly one of pid, ns, cgroup, all");
		return ERR_PTR(-EINVAL);
	}
	if (!tb[NSLENS_A_TARGET_PID] &&
	    (tb[NSLENS_A_TARGET_IN] || tb[NSLENS_A_TARGET_FOLLOW])) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NSLENS_A_TARGET_IN] ?:
				    tb[NSLENS_A_TARGET_FOLLOW],
				    "in and follow go with pid");
		return ERR_PTR(-EINVAL);
	}
	if (tb[NSLENS_A_TARGET_PID])
		return target_of_pid(tb, viewer, extack);
	if (tb[NSLENS_A_TARGET_NS])
		return target_of_ns(tb[NSLENS_A_TARGET_NS], viewer, extack);
	if (tb[NSLENS_A_TARGET_CGROUP])
		return target_of_cgroup(tb[NSLENS_A_TARGET_CGROUP], extack);
	return nslens_target_of_all();
}

/* What is in @change is the caller's also on error. */
static int parse_targets(struct nslens_trace_change *change, struct genl_info *info,
			 const struct nslens_viewer *viewer)
{
	struct nslens_target *target;
	struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != NSLENS_A_TRACE_ADD &&
		    nla_type(attr) != NSLENS_A_TRACE_REMOVE)
			continue;
		if (++n > 2 * NSLENS_MAX_TARGETS) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "more than any session may have");
			return -ENOSPC;
		}
		target = target_of(attr, viewer, info->extack);
		if (IS_ERR(target))
			return PTR_ERR(target);
		list_add_tail(&target->list,
			      nla_type(attr) == NSLENS_A_TRACE_ADD ?
			      &change->add : &change->remove);
	}
	return 0;
}

/* All of a request; what is in @change is the caller's also on error. */
static int parse(struct nslens_trace_change *change, struct genl_info *info,
		 struct nslens_viewer *viewer)
{
	struct nslens_finder finder = {};
	int err;

	viewer->finder = &finder;
	err = parse_targets(change, info, viewer);
	viewer->finder = NULL;
	nslens_finder_free(&finder);
	change->set_events = info->attrs[NSLENS_A_TRACE_EVENTS];
	if (change->set_events)
		change->events = nla_get_u32(info->attrs[NSLENS_A_TRACE_EVENTS]);
	change->set_fields = info->attrs[NSLENS_A_TRACE_FIELDS];
	if (change->set_fields)
		change->fields = nla_get_u32(info->attrs[NSLENS_A_TRACE_FIELDS]);
	change->exists = info->attrs[NSLENS_A_TRACE_EXISTS];
	return err;
}

static int change_error(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "what is to be removed is not traced");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "too many targets in one session");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack, "what exists is still being told");
		break;
	case -ETXTBSY:
		NL_SET_ERR_MSG(extack, "somebody waits to receive from this socket already");
		err = -EBUSY;
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "the session is another's");
		break;
	case -EACCES:
		NL_SET_ERR_MSG(extack, "the socket has a filter");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "an option of the socket is being set");
		break;
	case -EUSERS:
		NL_SET_ERR_MSG(extack,
			       "too many sessions: see the parameter max_sessions");
		break;
	}
	return err;
}

/*
 * Who waits in recvmsg() since before take_over() will not be asked who he is:
 * nothing is sent until he has gone. Who polls is asked when he receives.
 */
static bool somebody_waits(struct sock *sk)
{
	wait_queue_head_t *head = sk_sleep(sk);
	struct wait_queue_entry *entry;
	bool found = false;

	/* Pairs with prepare_to_wait_exclusive(), after take_over(). */
	smp_mb();
	spin_lock_irq(&head->lock);
	list_for_each_entry(entry, &head->head, entry)
		found |= entry->flags & WQ_FLAG_EXCLUSIVE;
	spin_unlock_irq(&head->lock);
	return found;
}

/* Return: a session that traces nothing yet, or an error. */
static struct nl_session *begin(struct sock *sk, u32 portid,
				const struct nslens_viewer *viewer,
				struct nslens_trace_change *change)
{
	struct nl_session *nl = kzalloc(sizeof(*nl), GFP_KERNEL_ACCOUNT);
	int err;

	if (!nl)
		return ERR_PTR(-ENOMEM);
	nl->sk = sk;
	nl->portid = portid;
	/* Whoever removes it may wait just for the end of this request. */
	err = try_module_get(THIS_MODULE) ? 0 : -ENODEV;
	if (err)
		goto err_module;
	err = nslens_trace_open(&nl->session, &nl_front, viewer, change);
	if (err)
		goto err_open;
	/* Nothing is sent before the socket asks who receives. */
	take_over(sk, nl);
	return nl;

err_open:
	module_put(THIS_MODULE);
err_module:
	kfree(nl);
	return ERR_PTR(err);
}

/*
 * A filter and poll() would tell what is in events to who may not receive them:
 * so there is none, now and later. Who sets one may have user memory to wait for
 * with the socket locked, which is not waited for here.
 */
static int lock_filter(struct sock *sk)
{
	int err = 0;

	local_bh_disable();
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		err = -EAGAIN;
	else if (rcu_access_pointer(sk->sk_filter))
		err = -EACCES;
	else
		sock_set_flag(sk, SOCK_FILTER_LOCKED);
	bh_unlock_sock(sk);
	local_bh_enable();
	return err;
}

/* The session of a socket, which begins if there is none. */
static struct nl_session *session_for(struct sock *sk, u32 portid,
				      const struct nslens_viewer *viewer,
				      struct nslens_trace_change *change)
{
	struct nl_session *nl = session_of(sk);
	int err;

	if (nl)
		return nslens_asker_is_current(&nl->session.asker, NULL) ?
			nl : ERR_PTR(-EPERM);
	err = lock_filter(sk);
	return err ? ERR_PTR(err) : begin(sk, portid, viewer, change);
}

static int set(struct sock *sk, u32 portid, const struct nslens_viewer *viewer,
	       struct nslens_trace_change *change, struct netlink_ext_ack *extack)
{
	struct nl_session *nl;
	int err;

	mutex_lock(&begin_lock);
	nl = session_for(sk, portid, viewer, change);
	err = PTR_ERR_OR_ZERO(nl);
	if (!err && !nl->alone) {
		nl->alone = !somebody_waits(sk);
		err = nl->alone ? 0 : -ETXTBSY;
	}
	if (!err)
		err = nslens_trace_change(&nl->session, change);
	mutex_unlock(&begin_lock);
	return change_error(err, extack);
}

static int reply_id(struct genl_info *info, u32 id)
{
	struct sk_buff *msg = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &nslens_nl_family, 0,
				NSLENS_CMD_TRACE_SET);
	nla_put_u32(msg, NSLENS_A_TRACE_ID, id);
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int nslens_nl_trace_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sock *sk = NETLINK_CB(skb).sk;
	struct nslens_trace_change change = {
		.add = LIST_HEAD_INIT(change.add),
		.remove = LIST_HEAD_INIT(change.remove),
	};
	struct nslens_viewer viewer;
	int err;

	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	err = parse(&change, info, &viewer);
	if (!err)
		err = set(sk, info->snd_portid, &viewer, &change, info->extack);
	nslens_targets_free(&change.add);
	nslens_targets_free(&change.remove);
	return err ?: reply_id(info, session_of(sk)->session.id);
}
