// SPDX-License-Identifier: GPL-2.0
/* trace-ntf: a session on a netlink socket. */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "event-put.h"
#include "netlink-trace.h"
#include "netlink.h"
#include "session.h"
#include "skbpool.h"
#include "trace.h"

/**
 * struct nl_session - a session on a socket
 * @session: the session
 * @sk: the socket, which ends it when it is released
 * @events: a socket that nobody else has: events wait in it to be received
 * @order: protects @ahead
 * @ahead: of the messages in @events, how many are received before the answer that
 *	waits in @sk; -1 if none has been seen to wait
 * @pool: where @skb is from
 * @skb: events that are not sent yet, or NULL
 * @full: the socket has no room; its reader is to say when it has
 */
struct nl_session {
	struct nslens_session session;
	struct sock *sk;
	struct socket *events;
	spinlock_t order; /* for ahead */
	int ahead;
	struct nslens_skbpool pool;
	struct sk_buff *skb;
	bool full;
};

/*
 * The rule of access is asked when an event is captured, about who has opened
 * the session; so that nobody else gets it, the socket asks who receives. Nor is
 * it for who has been in recvmsg() from before the socket did so, or taps netlink:
 * events never are in the socket's own queue, but in that of a second one. What
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

static struct nl_session *session_of(const struct sock *sk)
{
	/* Who finds the operations finds the session: pairs with take_over(). */
	return smp_load_acquire(&sk->sk_socket->ops) == &session_ops ?
		sk->sk_user_data : NULL;
}

/* As netlink_attachskb() has it since 6.16, and stable kernels have, too. */
static bool fits(const struct nl_session *nl, unsigned int bytes)
{
	const unsigned int used = atomic_read(&nl->events->sk->sk_rmem_alloc);

	return !used || used + bytes <= READ_ONCE(nl->sk->sk_rcvbuf);
}

static bool has_room(struct nl_session *nl, unsigned int bytes)
{
	if (fits(nl, bytes))
		return true;
	WRITE_ONCE(nl->full, true);
	/* Who has read in between has not seen it. */
	smp_mb();
	return fits(nl, bytes);
}

/* A reader has more of those that are mostly empty, as with netlink_trim(). */
static void trim(struct sk_buff *skb)
{
	const int room = skb_tailroom(skb);

	if (2 * room >= skb->truesize)
		pskb_expand_head(skb, 0, -room, GFP_KERNEL | __GFP_NOWARN);
}

/* Return: has it gone out? */
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
	trim(skb);
	skb_set_owner_r(skb, nl->events->sk);
	skb_queue_tail(&nl->events->sk->sk_receive_queue, skb);
	nl->sk->sk_data_ready(nl->sk);
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
	}
	nslens_event_put(nl->skb, session, event);
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

static bool has_events(const struct nl_session *nl)
{
	return !skb_queue_empty_lockless(&nl->events->sk->sk_receive_queue);
}

static bool is_readable(const struct nl_session *nl)
{
	return has_events(nl) || READ_ONCE(nl->sk->sk_err) ||
	       !skb_queue_empty_lockless(&nl->sk->sk_receive_queue);
}

/*
 * What was told before an answer is received before it; so may be what was told
 * until an answer is first seen to wait, but nothing that comes later. @take: an
 * answer, or else an event, will be received. Return: is it the answer's turn?
 */
static bool is_answers_turn(struct nl_session *nl, bool take)
{
	bool turn;

	/* That answers were lost is told as if it were one. */
	if (READ_ONCE(nl->sk->sk_err))
		return true;
	spin_lock(&nl->order);
	if (skb_queue_empty_lockless(&nl->sk->sk_receive_queue))
		nl->ahead = -1;
	else if (nl->ahead < 0)
		nl->ahead = skb_queue_len_lockless(&nl->events->sk->sk_receive_queue);
	turn = !nl->ahead;
	/* After an answer, the next one has events ahead of it again. */
	if (take && nl->ahead >= 0)
		nl->ahead--;
	spin_unlock(&nl->order);
	return turn;
}

static int receive(struct socket *sock, struct nl_session *nl,
		   struct msghdr *msg, size_t len, int flags)
{
	const bool answer = is_answers_turn(nl, !(flags & MSG_PEEK));
	int ret;

	flags |= MSG_DONTWAIT;
	ret = netlink_ops->recvmsg(answer ? sock : nl->events, msg, len, flags);
	if (ret != -EAGAIN)
		return ret;
	/* None is there, or another reader has been faster. */
	return netlink_ops->recvmsg(answer ? nl->events : sock, msg, len, flags);
}

static int session_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
			   int flags)
{
	struct nl_session *nl = session_of(sock->sk);
	long wait = sock_rcvtimeo(sock->sk, flags & MSG_DONTWAIT);
	int ret;

	for (;;) {
		if (!nslens_asker_is_current(&nl->session.asker, NULL))
			return -EPERM;
		ret = receive(sock, nl, msg, len, flags);
		if (ret != -EAGAIN || !wait)
			break;
		wait = wait_event_interruptible_timeout(*sk_sleep(sock->sk),
							is_readable(nl), wait);
		if (wait < 0)
			return sock_intr_errno(sock_rcvtimeo(sock->sk, 0));
	}
	/* Pairs with has_room(). */
	smp_mb();
	if (READ_ONCE(nl->full)) {
		WRITE_ONCE(nl->full, false);
		nslens_trace_wake();
	}
	return ret;
}

static __poll_t session_poll(struct file *file, struct socket *sock,
			     struct poll_table_struct *wait)
{
	struct nl_session *nl = session_of(sock->sk);
	__poll_t mask = netlink_ops->poll(file, sock, wait);

	return has_events(nl) ? mask | EPOLLIN | EPOLLRDNORM : mask;
}

static void end(struct nl_session *nl)
{
	nslens_trace_close(&nl->session);
	nslens_skbpool_drop(&nl->pool, nl->skb);
	nslens_skbpool_free(&nl->pool);
	sock_release(nl->events);
	kfree(nl);
}

/* The core puts the module of the operations after this. */
static int session_release(struct socket *sock)
{
	end(session_of(sock->sk));
	sock->sk->sk_user_data = NULL;
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
		session_ops.poll = session_poll;
		session_ops.release = session_release;
	}
	sk->sk_user_data = nl;
	/* Pairs with session_of(). */
	smp_store_release(&sock->ops, &session_ops);
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

/* Who is in recvmsg() from before the session will wait there for answers alone. */
static bool somebody_waits(struct sock *sk)
{
	wait_queue_head_t *head = sk_sleep(sk);
	bool found;

	spin_lock_irq(&head->lock);
	/* They are the last ones; those of epoll, of which there may be many, are not. */
	found = !list_empty(&head->head) &&
		list_last_entry(&head->head, struct wait_queue_entry,
				entry)->flags & WQ_FLAG_EXCLUSIVE;
	spin_unlock_irq(&head->lock);
	return found;
}

/*
 * A filter and poll() would tell what is in answers to who may not receive them:
 * so there is none, now and later.
 */
static int may_begin(struct sock *sk)
{
	if (somebody_waits(sk))
		return -ETXTBSY;
	return rcu_access_pointer(sk->sk_filter) ? -EACCES : 0;
}

/*
 * Who sets a filter may have user memory to wait for with the socket locked,
 * which is not waited for here.
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

/* Return: a session that traces nothing yet, or an error. */
static struct nl_session *begin(struct sock *sk, const struct nslens_viewer *viewer,
				struct nslens_trace_change *change)
{
	struct nl_session *nl;
	int err = may_begin(sk);

	if (err)
		return ERR_PTR(err);
	nl = kzalloc(sizeof(*nl), GFP_KERNEL_ACCOUNT);
	if (!nl)
		return ERR_PTR(-ENOMEM);
	nl->sk = sk;
	spin_lock_init(&nl->order);
	nl->ahead = -1;
	/* Whoever removes it may wait just for the end of this request. */
	err = try_module_get(THIS_MODULE) ? 0 : -ENODEV;
	if (err)
		goto err_module;
	/* Generic netlink's would take at its end what a request holds. */
	err = sock_create_kern(sock_net(sk), AF_NETLINK, SOCK_RAW,
			       NETLINK_USERSOCK, &nl->events);
	if (err)
		goto err_socket;
	err = nslens_trace_open(&nl->session, &nl_front, viewer, change);
	if (err)
		goto err_open;
	/* The last that can fail, for the socket stays so. */
	err = may_begin(sk) ?: lock_filter(sk);
	if (!err) {
		take_over(sk, nl);
		return nl;
	}
	end(nl);
	module_put(THIS_MODULE);
	return ERR_PTR(err);

err_open:
	sock_release(nl->events);
err_socket:
	module_put(THIS_MODULE);
err_module:
	kfree(nl);
	return ERR_PTR(err);
}

/* The session of a socket, which begins if there is none. */
static struct nl_session *session_for(struct sock *sk,
				      const struct nslens_viewer *viewer,
				      struct nslens_trace_change *change)
{
	struct nl_session *nl = session_of(sk);

	if (!nl)
		return begin(sk, viewer, change);
	return nslens_asker_is_current(&nl->session.asker, NULL) ?
		nl : ERR_PTR(-EPERM);
}

/**
 * nslens_nl_set() - change the session of a socket, which begins if there is none
 * @sk: the socket
 * @viewer: who asks
 * @change: how, as nslens_trace_change() has it
 *
 * Context: process; sleeps.
 * Return: 0; as nslens_trace_open() and nslens_trace_change(); -EPERM if the
 * session is another's; if none can begin there, -ETXTBSY for who waits on the
 * socket, -EACCES for its filter, -EAGAIN for somebody who sets an option.
 */
int nslens_nl_set(struct sock *sk, const struct nslens_viewer *viewer,
		  struct nslens_trace_change *change)
{
	struct nl_session *nl;
	int err;

	mutex_lock(&begin_lock);
	nl = session_for(sk, viewer, change);
	err = PTR_ERR_OR_ZERO(nl);
	if (!err)
		err = nslens_trace_change(&nl->session, change);
	mutex_unlock(&begin_lock);
	return err;
}
