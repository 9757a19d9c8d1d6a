// SPDX-License-Identifier: GPL-2.0
/* Sockets and files are passed on to others, who have other rights. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

enum { SOCKET = 's', FILE_OF_PROC = 'f' };

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/**
 * mailbox_put() - give another a socket or a file, too
 * @w: the worker
 */
void mailbox_put(struct worker *w)
{
	bool file = percent(&w->rng, 40);
	int fd = file ? w->files[below(&w->rng, MAX_FILES)] :
		w->sockets[below(&w->rng, MAX_SOCKETS)];
	char kind = file ? FILE_OF_PROC : SOCKET;
	struct iovec data = { &kind, 1 };
	union control control = {
		.header = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS },
	};
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (fd >= 0)
		sendmsg(w->mailbox[0], &msg, MSG_DONTWAIT);
}

/* Return: what was in it, or -1; its kind in @kind. */
static int take(int mailbox, char *kind)
{
	struct iovec data = { kind, 1 };
	union control control = {};
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(mailbox, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		*kind = 0;
	else if (msg.msg_controllen)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/**
 * mailbox_get() - have what another has given away instead of an own one
 * @w: the worker
 */
void mailbox_get(struct worker *w)
{
	int *at;
	char kind;
	int fd = take(w->mailbox[1], &kind);

	if (fd < 0)
		return;
	at = kind == SOCKET ? &w->sockets[below(&w->rng, MAX_SOCKETS)] :
		&w->files[below(&w->rng, MAX_FILES)];
	if (*at >= 0)
		close(*at);
	*at = fd;
}

/**
 * mailbox_empty() - close all that nobody has taken
 * @mailbox: its end to receive from
 */
void mailbox_empty(int mailbox)
{
	char kind = 1;
	int fd;

	while (kind) {
		fd = take(mailbox, &kind);
		if (fd >= 0)
			close(fd);
	}
}
