// SPDX-License-Identifier: GPL-2.0
/* Netlink sockets: what is sent, and what comes of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_MESSAGES	16
/* Of a socket that is told of all, so that sending goes on. */
#define MAX_RECEIVED	64

static struct batch batch;
static char answer[65536];

static int *any_socket(struct worker *w)
{
	int *fd = &w->sockets[below(&w->rng, MAX_SOCKETS)];

	if (*fd < 0)
		*fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	return fd;
}

static void set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

static bool is_wrong(const struct nlmsghdr *nlh)
{
	int error = 0;

	if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(error))
		error = *(int *)NLMSG_DATA(nlh);
	return error < 0;
}

static void count_done(struct worker *w, const struct nlmsghdr *nlh)
{
	w->counts->accepted++;
	message_count(w->counts, nlh->nlmsg_seq);
}

static void count(struct worker *w, ssize_t len)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)answer;

	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE)
			w->counts->reads++;
		else if (is_wrong(nlh))
			w->counts->refused++;
		else
			count_done(w, nlh);
	}
}

/* Return: is there more? */
static bool receive(struct worker *w, int fd, size_t size, int flags)
{
	ssize_t len = recv(fd, answer, size, flags | MSG_DONTWAIT);

	if (len < 0)
		return errno == ENOBUFS || errno == EINTR || errno == ENOMEM;
	if (!(flags & MSG_PEEK))
		count(w, len < (ssize_t)size ? len : (ssize_t)size);
	return true;
}

/* All of it, a part, or nothing: who asks may have no wish to know. */
static void receive_some(struct worker *w, int fd)
{
	unsigned int n = MAX_RECEIVED;

	if (percent(&w->rng, 10))
		n = below(&w->rng, 3);
	while (n-- && receive(w, fd, sizeof(answer), 0))
		;
}

/**
 * socket_send() - send a datagram of some messages, and receive
 * @w: the worker
 *
 * When that returns, netlink has handled all of it, or lost it.
 */
void socket_send(struct worker *w)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	unsigned int wanted = 1 + below(&w->rng, MAX_MESSAGES);
	unsigned int n;
	int *fd = any_socket(w);

	batch.len = 0;
	batch.closed = false;
	for (n = 0; n < wanted && !batch.closed && batch.len < BATCH_BYTES / 2; n++)
		message_put(&batch, w, &w->rng);
	if (percent(&w->rng, 1))
		to.nl_pid = rng_sized(&w->rng, 32);
	fault_arm(w);
	if (percent(&w->rng, 2) ?
	    send(*fd, batch.bytes, batch.len, MSG_DONTWAIT) >= 0 :
	    sendto(*fd, batch.bytes, batch.len, MSG_DONTWAIT,
		   (struct sockaddr *)&to, sizeof(to)) >= 0)
		w->counts->messages += n;
	receive_some(w, *fd);
	fault_disarm(w);
}

/**
 * socket_receive() - receive, whatever there is, in odd ways
 * @w: the worker
 */
void socket_receive(struct worker *w)
{
	int fd = *any_socket(w);

	fault_arm(w);
	if (percent(&w->rng, 50))
		receive(w, fd, rng_sized(&w->rng, 14), percent(&w->rng, 50) ? MSG_PEEK : MSG_TRUNC);
	else
		receive_some(w, fd);
	fault_disarm(w);
}

/**
 * socket_reopen() - close a socket, whatever is under way on it
 * @w: the worker
 */
void socket_reopen(struct worker *w)
{
	int *fd = any_socket(w);

	fault_arm(w);
	close(*fd);
	*fd = -1;
	fd = any_socket(w);
	set(*fd, SOL_NETLINK, NETLINK_EXT_ACK, below(&w->rng, 2));
	set(*fd, SOL_NETLINK, NETLINK_CAP_ACK, below(&w->rng, 2));
	fault_disarm(w);
}

/**
 * socket_disturb() - set an option of a socket, or bind it
 * @w: the worker
 */
void socket_disturb(struct worker *w)
{
	struct sockaddr_nl name = {
		.nl_family = AF_NETLINK,
		.nl_pid = rng_sized(&w->rng, 32),
		.nl_groups = percent(&w->rng, 90) ? 0 : rng_next(&w->rng),
	};
	int fd = *any_socket(w);

	fault_arm(w);
	switch (below(&w->rng, 4)) {
	case 0:
		set(fd, SOL_SOCKET, SO_RCVBUF, rng_sized(&w->rng, 22));
		break;
	case 1:
		set(fd, SOL_SOCKET, SO_SNDBUF, 1 << 17 | rng_sized(&w->rng, 22));
		break;
	case 2:
		bind(fd, (struct sockaddr *)&name, sizeof(name));
		break;
	default:
		set(fd, SOL_NETLINK, 1 + below(&w->rng, NETLINK_GET_STRICT_CHK),
		    percent(&w->rng, 80) ? below(&w->rng, 2) : below(&w->rng, 64));
	}
	fault_disarm(w);
}
