// SPDX-License-Identifier: GPL-2.0
/* The moment when nslens run makes the new process. */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "nslens.h"
#include "run.h"
#include "run-step.h"

/**
 * run_clone_flags() - tell the flags for clone3()
 * @run: settled
 *
 * A time namespace the child makes by itself, and a cgroup namespace if it has
 * a cgroup of its own; see there.
 *
 * Return: CLONE_*.
 */
__u64 run_clone_flags(const struct run *run)
{
	__u64 own = CLONE_NEWTIME | (cgroupns_wanted(run) ? CLONE_NEWCGROUP : 0);

	return CLONE_PIDFD | (run->ns.flags & ~own) |
	       (run->ns.join ? CLONE_PARENT : 0) |
	       (cgroup_wanted(run) || run->cgroup.fd >= 0 ?
		CLONE_INTO_CGROUP : 0);
}

/* Each that run_clone_flags() may give. */
static const struct {
	__u64 flag;
	const char *name;
} flags[] = {
	{ CLONE_PIDFD, "CLONE_PIDFD" },
	{ CLONE_PARENT, "CLONE_PARENT" },
	{ CLONE_INTO_CGROUP, "CLONE_INTO_CGROUP" },
	{ CLONE_NEWUSER, "CLONE_NEWUSER" },
	{ CLONE_NEWPID, "CLONE_NEWPID" },
	{ CLONE_NEWNS, "CLONE_NEWNS" },
	{ CLONE_NEWUTS, "CLONE_NEWUTS" },
	{ CLONE_NEWIPC, "CLONE_NEWIPC" },
	{ CLONE_NEWNET, "CLONE_NEWNET" },
	{ CLONE_NEWCGROUP, "CLONE_NEWCGROUP" },
};

/**
 * run_plan() - tell all that would be done, for --dry-run
 * @run: settled
 * @out: where to
 */
void run_plan(const struct run *run, FILE *out)
{
	const char *glue = "clone3: ";

	steps_plan(run, STEP_BEFORE, out);
	steps_plan(run, STEP_JOIN, out);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!(run_clone_flags(run) & flags[i].flag))
			continue;
		fprintf(out, "%s%s", glue, flags[i].name);
		glue = " | ";
	}
	putc('\n', out);
	steps_plan(run, STEP_MADE, out);
	steps_plan(run, STEP_CHILD, out);
	steps_plan(run, STEP_READY, out);
	steps_plan(run, STEP_LAST, out);
	steps_plan(run, STEP_DONE, out);
	fprintf(out, "execvp: %s\n", run->argv[0]);
	steps_plan(run, STEP_AFTER, out);
}

static const char *hint(const struct run *run, int err)
{
	if (run->exec.text && run->cgroup.fd >= 0 &&
	    (err == EACCES || err == EBUSY || err == ENODEV))
		return "its cgroup is not to be had: add --cgroup-here to stay in that of nslens";
	if (err == EPERM && !ns_is_new(run, NSLENS_NS_TYPE_USER))
		return "that takes root (CAP_SYS_ADMIN), or add --user";
	if (err == EPERM)
		return "this kernel lets only root make user namespaces";
	if (err == ENOSPC || err == EUSERS)
		return "see the limits in /proc/sys/user, or nested too deep";
	if (err == EINVAL)
		return "this kernel lacks one of the namespaces";
	return "";
}

static const struct step clone_step = {
	.when = STEP_BEFORE,
	.name = "clone3",
};

/* In the new process, this does not return. */
static int make(struct run *run)
{
	struct clone_args args = {
		.flags = run_clone_flags(run),
		.pidfd = (__u64)(uintptr_t)&run->pidfd,
		/* A sibling sends what its maker does. */
		.exit_signal = run->ns.join ? 0 : SIGCHLD,
		.cgroup = run->cgroup.fd < 0 ? 0 : (__u64)run->cgroup.fd,
	};
	long pid;

	run->step = &clone_step;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		if (!run->is_child)
			close(run->other_sock);
		child_main(run);
	}
	if (pid < 0)
		return run_fail_hint(run, hint(run, errno), "%s",
				     "making the new process");
	run->pid = (pid_t)pid;
	return 0;
}

/* The process in between. */
static noreturn void go_between(struct run *run)
{
	struct report report = { .kind = REPORT_MADE };

	run->is_child = true;
	close(run->other_sock);
	steps_do(run, STEP_JOIN);
	make(run);
	report.pid = run->pid;
	child_report(run, &report, run->pidfd);
	_exit(0);
}

/* Its child is ours, and not to be reaped by others: the number stays its own. */
static int await_go_between(struct run *run, pid_t pid)
{
	struct report report;
	ssize_t len = report_receive(run, &report, &run->pidfd);

	waitpid(pid, NULL, 0);
	if (len > 0 && report.kind == REPORT_MADE) {
		run->pid = report.pid;
		return 0;
	}
	if (len > 0) {
		report_complain(&report);
		return -1;
	}
	errno = ECHILD;
	return run_fail(run, "the process in between is gone");
}

/**
 * run_clone() - make the new process
 * @run: settled; gets the parent's end of the socket, the PID, the pidfd
 *
 * Return: 0, or -1 after a complaint.
 */
int run_clone(struct run *run)
{
	int sockets[2];
	pid_t pid = 0;
	int err = 0;

	run->step = &clone_step;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return run_fail(run, "making a socket");

	/* As the new process has it; then as we do. */
	run->sock = sockets[1];
	run->other_sock = sockets[0];
	if (run->ns.join)
		pid = fork();
	else
		err = make(run);
	if (pid < 0)
		err = run_fail(run, "fork");
	if (run->ns.join && pid == 0)
		go_between(run);

	run->sock = sockets[0];
	close(sockets[1]);
	return pid > 0 ? await_go_between(run, pid) : err;
}
