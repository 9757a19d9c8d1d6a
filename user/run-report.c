// SPDX-License-Identifier: GPL-2.0
/*
 * What the two sides of nslens run tell each other, over a socket that closes
 * when the command is executed; and how a step says why it failed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include "nslens.h"
#include "run.h"
#include "run-step.h"

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

static void fill_report(const struct run *run, struct report *report,
			const char *hint, const char *fmt, va_list args)
{
	*report = (struct report){ .kind = REPORT_FAILED, .err = errno };
	snprintf(report->step, sizeof(report->step), "%s", run->step->name);
	snprintf(report->hint, sizeof(report->hint), "%s", hint);
	vsnprintf(report->what, sizeof(report->what), fmt, args);
}

/**
 * child_fail() - give up, with errno as the reason
 * @run: with the child's end of the socket
 * @fmt: what was being done in the step, as printf(3)
 */
noreturn void child_fail(const struct run *run, const char *fmt, ...)
{
	struct report report;
	va_list args;

	va_start(args, fmt);
	fill_report(run, &report, "", fmt, args);
	va_end(args);
	child_report(run, &report, -1);
	_exit(EXIT_RUN_OWN);
}

static int fail(struct run *run, const struct report *report)
{
	if (run->is_child) {
		child_report(run, report, -1);
		_exit(EXIT_RUN_OWN);
	}
	report_complain(report);
	run->failed = true;
	return -1;
}

/**
 * run_fail() - let a step fail on either side, with errno as the reason
 * @run: whose step it is
 * @fmt: what was being done in the step, as printf(3)
 *
 * Return: -1, for the step to return; in the child, it does not return.
 */
int run_fail(struct run *run, const char *fmt, ...)
{
	struct report report;
	va_list args;

	va_start(args, fmt);
	fill_report(run, &report, "", fmt, args);
	va_end(args);
	return fail(run, &report);
}

/**
 * run_fail_hint() - likewise, and tell what to do about it
 * @run: whose step it is
 * @hint: what the user can do
 * @fmt: what was being done in the step, as printf(3)
 *
 * Return: -1, for the step to return; in the child, it does not return.
 */
int run_fail_hint(struct run *run, const char *hint, const char *fmt, ...)
{
	struct report report;
	va_list args;

	va_start(args, fmt);
	fill_report(run, &report, hint, fmt, args);
	va_end(args);
	return fail(run, &report);
}

/**
 * report_complain() - say which step failed, and why
 * @report: a REPORT_FAILED
 */
void report_complain(const struct report *report)
{
	complain("%s: %s%s%s%s%s", report->step, report->what,
		 report->what[0] && report->err ? ": " : "",
		 report->err ? strerror(report->err) : "",
		 report->hint[0] ? ": " : "", report->hint);
}

/**
 * report_receive() - hear from the child
 * @run: with the parent's end of the socket
 * @report: what it tells
 * @fd: set to the file descriptor that came along, if there is one
 *
 * Return: how much was received, 0 when the child's end is closed.
 */
ssize_t report_receive(const struct run *run, struct report *report, int *fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = { report, sizeof(*report) };
	struct msghdr msg = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;

	do {
		len = recvmsg(run->sock, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);

	if (len > 0 && CMSG_FIRSTHDR(&msg))
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	return len;
}

/**
 * await_go() - wait until the parent says go; end if the parent does
 * @run: with the child's end of the socket
 */
void await_go(const struct run *run)
{
	char go;

	while (recv(run->sock, &go, 1, 0) != 1)
		if (errno != EINTR)
			_exit(EXIT_RUN_OWN);
}

/**
 * say_go() - let the child go on
 * @run: with the parent's end of the socket
 *
 * Return: 0, or -1 if it is not there any more.
 */
int say_go(const struct run *run)
{
	return send(run->sock, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}
