// SPDX-License-Identifier: GPL-2.0
/*
 * Processes in namespaces of their own, told by the test what to do: a function
 * of the test's own program, since they are forks of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "proc.h"

#define CHAN_FD		3	/* in a child */
#define NR_SCRATCH	64

struct order {
	child_fn *fn;
};

struct spawn_order {
	__u64 flags;
	void *scratch;
};

/* Of a child: the file descriptor that came with the order, and its memory. */
static int given_fd = -1;

static pid_t sys_clone3(__u64 flags, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static int send_with_fd(int chan, const void *data, size_t size, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { (void *)data, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	if (sendmsg(chan, &msg, MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/*
 * Receive @size bytes, with them possibly a file descriptor, and, where they
 * are asked for, the sender's credentials. Returns 0, -EPIPE at the end.
 */
static int receive(int chan, void *data, size_t size, int *fd, pid_t *sender)
{
	union {
		char buf[CMSG_SPACE(sizeof(int)) +
			 CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { data, size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	ssize_t n;

	do {
		n = recvmsg(chan, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)size)
		return n < 0 ? -errno : -EPIPE;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_type == SCM_RIGHTS && fd)
			memcpy(fd, CMSG_DATA(cmsg), sizeof(int));
		if (cmsg->cmsg_type == SCM_CREDENTIALS && sender)
			*sender = ((struct ucred *)CMSG_DATA(cmsg))->pid;
	}
	return 0;
}

static void serve(int chan, void *scratch)
{
	struct order order;
	long answer = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(chan, CHAN_FD) < 0)
		_exit(1);
	close_range(CHAN_FD + 1, ~0U, 0);
	/* The first answer, to nothing, is a greeting that tells who we are. */
	while (!send_with_fd(CHAN_FD, &answer, sizeof(answer), -1)) {
		if (receive(CHAN_FD, &order, sizeof(order), &given_fd, NULL))
			break;
		answer = order.fn(scratch);
	}
	_exit(0);
}

/* In a child: spawn another, with the channel that came with the order. */
static long spawn_there(void *data)
{
	struct spawn_order order = *(struct spawn_order *)data;
	int pidfd;
	pid_t pid;

	pid = sys_clone3(order.flags, &pidfd);
	if (pid == 0)
		serve(given_fd, order.scratch);
	if (pid < 0)
		pid = -errno;
	else
		close(pidfd);
	close(given_fd);
	return pid;
}

static long reap_there(void *pid)
{
	return waitpid(*(pid_t *)pid, NULL, 0);
}

static void *new_scratch(void)
{
	static unsigned int used;
	static char *arena;

	if (!arena) {
		arena = mmap(NULL, (size_t)NR_SCRATCH * SCRATCH_SIZE,
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (arena == MAP_FAILED)
			arena = NULL;
	}
	if (!arena || used == NR_SCRATCH)
		return NULL;
	return arena + (size_t)SCRATCH_SIZE * used++;
}

/* The pair's first end is the test's, and tells who wrote. */
static int open_channel(struct child *c, int pair[2])
{
	int on = 1;

	memset(c, 0, sizeof(*c));
	c->pidfd = -1;
	c->chan = -1;
	c->scratch = new_scratch();
	if (!c->scratch)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	c->chan = pair[0];
	return 0;
}

/**
 * child_spawn() - start a child of the test
 * @c: to fill in
 * @clone_flags: CLONE_NEW*
 *
 * Return: 0 or -errno.
 */
int child_spawn(struct child *c, __u64 clone_flags)
{
	long greeting;
	int pair[2];
	int err;

	err = open_channel(c, pair);
	if (err)
		return err;
	c->pid = sys_clone3(clone_flags, &c->pidfd);
	if (c->pid == 0)
		serve(pair[1], c->scratch);
	err = c->pid < 0 ? -errno : 0;
	close(pair[1]);
	c->pid_there = c->pid;
	return err ?: receive(c->chan, &greeting, sizeof(greeting), NULL, NULL);
}

/**
 * child_spawn_in() - have a child start a child of its own
 * @parent: who does it, NULL for the test
 * @c: to fill in
 * @clone_flags: CLONE_NEW*
 *
 * Return: 0 or -errno.
 */
int child_spawn_in(struct child *parent, struct child *c, __u64 clone_flags)
{
	struct order order = { spawn_there };
	long greeting, pid;
	int pair[2];
	int err;

	if (!parent)
		return child_spawn(c, clone_flags);
	err = open_channel(c, pair);
	if (err)
		return err;
	*(struct spawn_order *)parent->scratch = (struct spawn_order) {
		.flags = clone_flags,
		.scratch = c->scratch,
	};
	err = send_with_fd(parent->chan, &order, sizeof(order), pair[1]);
	close(pair[1]);
	if (err)
		return err;
	pid = child_finish(parent, NULL, 0);
	if (pid < 0)
		return pid;
	c->parent = parent;
	c->pid_there = pid;
	err = receive(c->chan, &greeting, sizeof(greeting), NULL, &c->pid);
	if (err)
		return err;
	c->pidfd = syscall(SYS_pidfd_open, c->pid, 0);
	return c->pidfd < 0 ? -errno : 0;
}

/**
 * wait_exit() - wait until a process is a zombie or gone
 * @pidfd: refers to it
 */
void wait_exit(int pidfd)
{
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		;
}

/**
 * child_kill() - kill a child, and leave it a zombie
 * @c: the child
 */
void child_kill(struct child *c)
{
	syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
	wait_exit(c->pidfd);
}

/**
 * child_end() - kill a child and reap it
 * @c: the child; one that was never spawned or has ended is left alone
 *
 * A child's own children end before it.
 */
void child_end(struct child *c)
{
	if (c->pid > 0 && c->pidfd >= 0) {
		child_kill(c);
		if (c->parent)
			child_do(c->parent, reap_there, &c->pid_there,
				 sizeof(c->pid_there));
		else
			waitpid(c->pid, NULL, 0);
		close(c->pidfd);
	}
	if (c->chan > 0)
		close(c->chan);
	memset(c, 0, sizeof(*c));
	c->pidfd = -1;
	c->chan = -1;
}

/**
 * child_start() - have a child call a function, and don't wait for it
 * @c: the child
 * @fn: the function
 * @data: copied to the child, whose @fn gets it
 * @size: of @data
 */
void child_start(struct child *c, child_fn *fn, const void *data, size_t size)
{
	struct order order = { fn };

	if (size)
		memcpy(c->scratch, data, size);
	send_with_fd(c->chan, &order, sizeof(order), -1);
}

/**
 * child_finish() - wait until the function that was started has returned
 * @c: the child
 * @data: copied from the child
 * @size: of @data
 *
 * Return: what the function did; -EPIPE if the child ended instead.
 */
long child_finish(struct child *c, void *data, size_t size)
{
	long answer;
	int err;

	err = receive(c->chan, &answer, sizeof(answer), NULL, NULL);
	if (err)
		return err;
	if (size)
		memcpy(data, c->scratch, size);
	return answer;
}

/**
 * child_do() - have a child call a function
 * @c: the child
 * @fn: the function
 * @data: copied to the child and, when the function has returned, back
 * @size: of @data
 *
 * Return: what the function returns; -EPIPE if the child ended instead.
 */
long child_do(struct child *c, child_fn *fn, void *data, size_t size)
{
	child_start(c, fn, data, size);
	return child_finish(c, data, size);
}

static long keep_fd(void *unused)
{
	int fd = given_fd;

	given_fd = -1;
	return fd;
}

/**
 * child_give_fd() - pass an open file to a child
 * @c: the child
 * @fd: open file of the test
 *
 * Return: its number in the child, or -errno.
 */
int child_give_fd(struct child *c, int fd)
{
	struct order order = { keep_fd };
	int err;

	err = send_with_fd(c->chan, &order, sizeof(order), fd);
	return err ?: child_finish(c, NULL, 0);
}

/**
 * child_take_fd() - get at an open file of a child
 * @c: the child
 * @fd: its number there
 *
 * Return: its number here, or -errno.
 */
int child_take_fd(struct child *c, int fd)
{
	int here = syscall(SYS_pidfd_getfd, c->pidfd, fd, 0);

	return here < 0 ? -errno : here;
}

/**
 * child_map_ids() - set the ids of a child's new user namespace
 * @c: the child
 * @inside: first uid and gid there
 * @outside: the same here
 * @count: how many
 *
 * Return: 0 or -errno.
 */
int child_map_ids(struct child *c, unsigned int inside, unsigned int outside,
		  unsigned int count)
{
	char path[64], map[64];
	int err;

	snprintf(map, sizeof(map), "%u %u %u\n", inside, outside, count);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", c->pid);
	err = write_file(path, map);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", c->pid);
	return write_file(path, map);
}

long child_getpid(void *unused)
{
	return syscall(SYS_getpid);
}

long child_getppid(void *unused)
{
	return syscall(SYS_getppid);
}

long child_setsid(void *unused)
{
	return setsid() < 0 ? -errno : 0;
}

/**
 * child_unshare() - for child_do(): leave namespaces
 * @flags: an int with CLONE_NEW*
 *
 * Return: 0 or -errno.
 */
long child_unshare(void *flags)
{
	return syscall(SYS_unshare, *(int *)flags) < 0 ? -errno : 0;
}

/**
 * child_setuid() - for child_do(): become an ordinary user
 * @id: a uid_t, the new uid and gid
 *
 * The child still dies with the test, and is dumpable again.
 *
 * Return: 0 or -errno.
 */
long child_setuid(void *id)
{
	uid_t uid = *(uid_t *)id;

	if (syscall(SYS_setgroups, 0, NULL) < 0 ||
	    syscall(SYS_setresgid, uid, uid, uid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

/**
 * child_set_caps() - for child_do(): keep only some capabilities
 * @caps: a __u64 with a bit for each
 *
 * The child is dumpable again.
 *
 * Return: 0 or -errno.
 */
long child_set_caps(void *caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	__u64 set = *(__u64 *)caps;
	struct __user_cap_data_struct data[2] = {
		{ .effective = set, .permitted = set },
		{ .effective = set >> 32, .permitted = set >> 32 },
	};

	if (syscall(SYS_capset, &header, data) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1) < 0 ? -errno : 0;
}

/**
 * child_set_dumpable() - for child_do(): may others of the same user look
 * @value: an int, 0 or 1
 *
 * Return: 0 or -errno.
 */
long child_set_dumpable(void *value)
{
	return prctl(PR_SET_DUMPABLE, *(int *)value) < 0 ? -errno : 0;
}

/* Run on this CPU only. */
long child_pin(void *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(*(int *)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/**
 * child_mount_proc() - for child_do(): mount a /proc of the child's PID namespace
 * @unused: nothing
 *
 * The child is in a mount namespace of its own.
 *
 * Return: 0 or -errno.
 */
long child_mount_proc(void *unused)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  NULL) < 0)
		return -errno;
	return 0;
}

/**
 * herd_spawn() - start many processes that do nothing
 * @h: to fill in
 * @n: how many
 *
 * Return: 0 or -errno, with those that were started in @h.
 */
int herd_spawn(struct herd *h, unsigned int n)
{
	int ends[2];
	char byte;

	h->n = 0;
	h->pids = calloc(n, sizeof(*h->pids));
	if (!h->pids || pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	h->hold = ends[1];
	while (h->n < n) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ends[1]);
			_exit(read(ends[0], &byte, 1));
		}
		if (pid < 0)
			return -errno;
		h->pids[h->n++] = pid;
	}
	close(ends[0]);
	return 0;
}

/**
 * herd_end() - let them all go, and reap them
 * @h: the herd
 */
void herd_end(struct herd *h)
{
	unsigned int i;

	if (!h->pids)
		return;
	close(h->hold);
	for (i = 0; i < h->n; i++)
		waitpid(h->pids[i], NULL, 0);
	free(h->pids);
	memset(h, 0, sizeof(*h));
}
