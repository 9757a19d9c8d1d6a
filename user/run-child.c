// SPDX-License-Identifier: GPL-2.0
/* The child of nslens run, from clone3() to the command. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "nslens.h"
#include "run.h"

const char * const offset_clocks[NR_OFFSETS] = {
	[OFFSET_MONOTONIC] = "monotonic",
	[OFFSET_BOOTTIME]  = "boottime",
};

/**
 * child_report() - tell the parent something
 * @run: with the child's end of the socket
 * @report: what
 * @fd: file descriptor that comes along, or -1
 */
void child_report(const struct run *run, const struct report *report, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { (void *)report, sizeof(*report) };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	/* Nobody listens: nobody wants the command. */
	if (sendmsg(run->sock, &msg, MSG_NOSIGNAL) < 0)
		_exit(EXIT_RUN_OWN);
}

/**
 * child_fail() - give up, with errno as the reason
 * @run: with the child's end of the socket
 * @fmt: what was being done, as printf(3)
 */
noreturn void child_fail(const struct run *run, const char *fmt, ...)
{
	struct report report = { .kind = REPORT_FAILED, .err = errno };
	va_list args;

	va_start(args, fmt);
	vsnprintf(report.step, sizeof(report.step), fmt, args);
	va_end(args);
	child_report(run, &report, -1);
	_exit(EXIT_RUN_OWN);
}

/* Wait until the parent says go; it ends if the parent does. */
static void await_go(const struct run *run)
{
	char go;

	while (recv(run->sock, &go, 1, 0) != 1)
		if (errno != EINTR)
			_exit(EXIT_RUN_OWN);
}

/* Nothing of ours survives the execution of the command, unless asked for. */
static void close_inherited(const struct run *run)
{
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		child_fail(run, "closing inherited files");
	for (int i = 0; i < run->nr_keep; i++)
		if (fcntl(run->keep[i], F_SETFD, 0))
			child_fail(run, "keeping file descriptor %d",
				   run->keep[i]);
}

/*
 * The clocks of a time namespace can be set until its first process is in it,
 * which clone3() would already make us. So make it for children, and join it.
 */
static void join_time_ns(const struct run *run)
{
	FILE *file;
	int fd;

	if (unshare(CLONE_NEWTIME))
		child_fail(run, "making a time namespace");

	file = fopen("/proc/self/timens_offsets", "we");
	for (int i = 0; i < NR_OFFSETS && file; i++)
		if (run->has_offset[i])
			fprintf(file, "%s %lld 0\n", offset_clocks[i],
				run->offsets[i]);
	if (!file || fclose(file))
		child_fail(run, "setting the clock offsets");

	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWTIME))
		child_fail(run, "joining the time namespace");
	close(fd);
}

/* Who the command is in the new user namespace: the first that is mapped. */
static void change_user(const struct run *run)
{
	__u32 id = run->maps[0].inside;

	/* Not allowed where the caller was not privileged; then they stay. */
	if (setgroups(0, NULL) && errno != EPERM)
		child_fail(run, "dropping groups");
	if (setresgid(id, id, id) || setresuid(id, id, id))
		child_fail(run, "becoming user %u", id);
}

/* Nothing is orphaned: we die with nslens, and our PID namespace with us. */
static void die_with_parent(const struct run *run)
{
	struct pollfd sock = { .fd = run->sock };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		child_fail(run, "asking to die with nslens");
	/* That does not help if nslens died before. */
	if (poll(&sock, 1, 0) > 0 && sock.revents & POLLHUP)
		_exit(EXIT_RUN_OWN);
}

static void set_loopback_up(const struct run *run)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo))
		child_fail(run, "finding the loopback device");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		child_fail(run, "setting the loopback device up");
	close(fd);
}

static void set_stdin(const struct run *run)
{
	int fd;

	if (run->interactive)
		return;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		child_fail(run, "opening /dev/null for standard input");
	close(fd);
}

static noreturn void execute(struct run *run)
{
	struct report report = { .kind = REPORT_EXEC };

	if (sigprocmask(SIG_SETMASK, &run->mask, NULL))
		child_fail(run, "unblocking signals");
	execvp(run->argv[0], run->argv);

	report.err = errno;
	/* It is there: what it names as its interpreter is not. */
	if (errno == ENOENT && strchr(run->argv[0], '/') &&
	    !access(run->argv[0], F_OK))
		report.err = ELIBACC;
	child_report(run, &report, -1);
	_exit(EXIT_RUN_OWN);
}

/**
 * child_main() - set everything up and execute the command
 * @run: the child's copy, with its end of the socket
 */
noreturn void child_main(struct run *run)
{
	close_inherited(run);
	await_go(run);

	if (run->flags & CLONE_NEWTIME)
		join_time_ns(run);
	if (run->flags & CLONE_NEWUSER)
		change_user(run);
	die_with_parent(run);
	if (run->flags & CLONE_NEWNS)
		mounts_set_up(run);
	if (run->hostname && sethostname(run->hostname, strlen(run->hostname)))
		child_fail(run, "setting the host name");
	if (run->flags & CLONE_NEWNET)
		set_loopback_up(run);

	/* A session of its own: no way back to our terminal. */
	if (setsid() < 0)
		child_fail(run, "starting a session");
	if (run->tty)
		tty_open(run);
	else
		set_stdin(run);

	child_report(run, &(struct report){ .kind = REPORT_READY }, -1);
	await_go(run);
	execute(run);
}
