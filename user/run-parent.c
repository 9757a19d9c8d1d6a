// SPDX-License-Identifier: GPL-2.0
/* The parent of nslens run: start the child, and stay until it ends. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/sched.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "nslens.h"
#include "options.h"
#include "run.h"

/* Signals that are meant for the command, and two that concern the terminal. */
static const int forwarded[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
};

static void fill_set(sigset_t *set, bool tty)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(set, forwarded[i]);
	if (tty) {
		sigaddset(set, SIGWINCH);
		sigaddset(set, SIGTSTP);
	}
}

static void explain_clone(const struct run *run, int err)
{
	const char *hint = "";

	if (err == EPERM && !(run->flags & CLONE_NEWUSER))
		hint = ": that takes root (CAP_SYS_ADMIN), or add --user";
	else if (err == EPERM)
		hint = ": this kernel lets only root make user namespaces";
	else if (err == ENOSPC || err == EUSERS)
		hint = ": see the limits in /proc/sys/user, or nested too deep";
	else if (err == EINVAL)
		hint = ": this kernel lacks one of the namespaces";
	complain("making new namespaces: %s%s", strerror(err), hint);
}

/* A time namespace the child makes by itself, see there. */
static int clone_child(struct run *run)
{
	int sockets[2];
	struct clone_args args = {
		.flags = CLONE_PIDFD | (run->flags & ~CLONE_NEWTIME),
		.pidfd = (__u64)(uintptr_t)&run->pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		complain("making a socket: %s", strerror(errno));
		return -1;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	run->sock = sockets[pid == 0];
	close(sockets[pid != 0]);
	if (pid == 0)
		child_main(run);
	if (pid < 0)
		explain_clone(run, errno);
	run->pid = (pid_t)pid;
	return pid < 0 ? -1 : 0;
}

static int write_proc(const struct run *run, const char *name,
		      const char *text)
{
	size_t len = strlen(text);
	char path[64];
	ssize_t done;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", run->pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd < 0 ? -1 : write(fd, text, len);
	if (done != (ssize_t)len) {
		complain("writing %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

static int write_map(const struct run *run, const char *name)
{
	char text[MAX_MAPS * 40] = "";
	size_t len = 0;

	for (int i = 0; i < run->nr_maps; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%u %u %u\n", run->maps[i].inside,
					run->maps[i].outside,
					run->maps[i].count);
	return write_proc(run, name, text);
}

/* Who is not root outside gets its own uid and gid mapped, and nothing else. */
static int write_maps(struct run *run)
{
	bool own = !run->nr_maps;
	int err;

	if (own) {
		run->nr_maps = 1;
		run->maps[0] = (struct id_map){ 0, geteuid(), 1 };
	}
	err = write_map(run, "uid_map");
	if (!err && geteuid())
		err = write_proc(run, "setgroups", "deny");
	if (own)
		run->maps[0].outside = getegid();
	return err ? err : write_map(run, "gid_map");
}

static int say_go(const struct run *run)
{
	return send(run->sock, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int write_all(int fd, const char *text, size_t len, const char *what)
{
	if (write(fd, text, len) == (ssize_t)len)
		return 0;
	complain("%s: %s", what, strerror(errno));
	return -1;
}

/* In the words of bubblewrap. */
static int write_info(const struct run *run)
{
	char text[512], pid[16];
	int len;

	snprintf(pid, sizeof(pid), "%d", run->pid);
	len = snprintf(text, sizeof(text), "{ \"child-pid\": %s", pid);
	for (int i = 0; i < NR_NS_TYPES; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				", \"%s-namespace\": %u", ns_types[i].name,
				ns_inode(pid, i));
	len += snprintf(text + len, sizeof(text) - (size_t)len, " }\n");
	if (write_all(run->info_fd, text, (size_t)len, "--info-fd"))
		return -1;
	/* A reader may wait for the end. */
	return run->info_fd > STDERR_FILENO ? close(run->info_fd) : 0;
}

static int write_pidfile(struct run *run)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", run->pid);
	int err = write_all(run->pidfile_fd, text, (size_t)len, run->pidfile);

	close(run->pidfile_fd);
	return err;
}

/* All is set up, and the command not yet executed: the moment to tell. */
static int publish(struct run *run)
{
	if (run->info_fd >= 0 && write_info(run))
		return -1;
	if (run->pidfile && write_pidfile(run))
		return -1;
	return say_go(run);
}

static int explain_exec(const struct run *run, int err)
{
	const char *name = run->argv[0];
	const char *where = run->rootfs ? run->rootfs : "/";

	if (err == ELIBACC) {
		complain("%s: cannot be executed: %s %s", name,
			 "its interpreter or dynamic loader is missing under",
			 where);
		return EXIT_CANNOT_RUN;
	}
	if (err != ENOENT && err != ENOTDIR) {
		complain("%s: cannot be executed: %s", name, strerror(err));
		return EXIT_CANNOT_RUN;
	}
	if (strchr(name, '/'))
		complain("%s: no such command under %s", name, where);
	else
		complain("%s: no such command in PATH under %s: give its path, or set PATH",
			 name, where);
	return EXIT_NO_COMMAND;
}

/* Returns how much was received, 0 when the child's end is closed. */
static ssize_t receive(struct run *run, struct report *report)
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

	if (len > 0 && report->kind == REPORT_TTY && CMSG_FIRSTHDR(&msg))
		memcpy(&run->master, CMSG_DATA(&control.header), sizeof(int));
	return len;
}

/* Attend the child until it has executed the command. */
static int attend(struct run *run)
{
	struct report report;

	if (run->flags & CLONE_NEWUSER && write_maps(run))
		return EXIT_RUN_OWN;
	if (say_go(run))
		return EXIT_RUN_OWN;

	while (receive(run, &report) > 0) {
		switch (report.kind) {
		case REPORT_FAILED:
			complain("%s: %s", report.step, strerror(report.err));
			return EXIT_RUN_OWN;
		case REPORT_EXEC:
			return explain_exec(run, report.err);
		case REPORT_READY:
			if (publish(run))
				return EXIT_RUN_OWN;
			break;
		case REPORT_TTY:
			break;
		}
	}
	return 0;
}

/**
 * parent_start() - make the child and see it through to the command
 * @run: what to run; the parent's fields are filled
 *
 * Return: 0, or the exit status, after a complaint; then no child is left.
 */
int parent_start(struct run *run)
{
	sigset_t set;
	int status;

	/* If it was ignored, there would be no exit status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	fill_set(&set, run->tty);
	sigprocmask(SIG_BLOCK, &set, &run->mask);
	if (clone_child(run))
		return EXIT_RUN_OWN;

	status = attend(run);
	close(run->sock);
	if (status) {
		pidfd_send_signal(run->pidfd, SIGKILL, NULL, 0);
		waitpid(run->pid, NULL, 0);
	}
	return status;
}

/* Stop as the shell expects it of a job, with a sane terminal. */
static void stop_self(void)
{
	tty_restore();
	raise(SIGSTOP);
	tty_raw();
}

static void take_signal(const struct run *run, struct relay *relay, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		tty_resize(run);
	} else if (info.ssi_signo == SIGTSTP) {
		stop_self();
	} else {
		pidfd_send_signal(run->pidfd, (int)info.ssi_signo, NULL, 0);
		if (info.ssi_signo == SIGHUP && run->tty)
			relay_hang_up(relay);
	}
}

static int exit_status(const struct run *run)
{
	siginfo_t info = { 0 };

	while (waitid(P_PIDFD, (id_t)run->pidfd, &info, WEXITED) &&
	       errno == EINTR)
		;
	return info.si_code == CLD_EXITED ? info.si_status :
					    128 + info.si_status;
}

/**
 * parent_wait() - relay signals and the terminal until the command ends
 * @run: after parent_start()
 *
 * Return: the command's exit status, 128 and the signal if one killed it.
 */
int parent_wait(struct run *run)
{
	struct relay *relay = relay_new(run);
	enum { CHILD, SIGNALS, RELAY, NR_FDS = RELAY + 2 };
	struct pollfd fds[NR_FDS];
	sigset_t set;

	fill_set(&set, run->tty);
	fds[CHILD] = (struct pollfd){ run->pidfd, POLLIN, 0 };
	fds[SIGNALS] = (struct pollfd){ signalfd(-1, &set, SFD_CLOEXEC),
					POLLIN, 0 };
	signal(SIGPIPE, SIG_IGN);
	if (run->tty && run->interactive)
		tty_raw();

	do {
		int timeout = relay_poll(relay, &fds[RELAY]);
		int ready = poll(fds, NR_FDS, timeout);

		if (ready < 0)
			continue;
		if (fds[SIGNALS].revents)
			take_signal(run, relay, fds[SIGNALS].fd);
		relay_move(relay, &fds[RELAY], ready == 0);
	} while (!fds[CHILD].revents);

	relay_drain(relay);
	tty_restore();
	return exit_status(run);
}
