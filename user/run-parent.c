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
#include "run-detach.h"
#include "run.h"
#include "run-step.h"

/*
 * Signals that are about nslens itself: its child, its output, and its being a
 * job. All others are meant for the command.
 */
static const int own[] = {
	SIGCHLD, SIGPIPE, SIGTTIN, SIGTTOU, SIGTSTP, SIGCONT,
};

/* With a terminal to take care of, nslens has to know when it stops. */
static void fill_set(sigset_t *set, bool tty)
{
	sigfillset(set);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(set, own[i]);
	if (tty) {
		sigaddset(set, SIGTSTP);
		sigaddset(set, SIGCONT);
	}
}

static int explain_exec(const struct run *run, int err)
{
	const char *name = run->argv[0];
	const char *where = run->root.path ? run->root.path : "/";

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

static int explain_end(void)
{
	complain("the new process was killed before it could execute the command");
	return EXIT_RUN_OWN;
}

/* Do what is to be done while the child waits. */
static int go_on(struct run *run, enum step_when when)
{
	if (steps_do(run, when))
		return EXIT_RUN_OWN;
	return say_go(run) ? explain_end() : 0;
}

/* Attend the child until it has executed the command. */
static int attend(struct run *run)
{
	struct report report;
	bool ready = false;
	int status = go_on(run, STEP_MADE);

	while (!status &&
	       report_receive(run, &report, &run->life.master) > 0) {
		switch (report.kind) {
		case REPORT_FAILED:
			report_complain(&report);
			return EXIT_RUN_OWN;
		case REPORT_EXEC:
			return explain_exec(run, report.err);
		case REPORT_READY:
			/* The command is not yet executed. */
			status = go_on(run, STEP_READY);
			ready = true;
			break;
		case REPORT_DONE:
			status = go_on(run, STEP_DONE);
			break;
		case REPORT_TTY:
		case REPORT_MADE:
			break;
		}
	}
	return status || ready ? status : explain_end();
}

/* Make the child and see it through to the command. Returns 0, or a status. */
static int start(struct run *run)
{
	sigset_t set;
	int status;

	if (steps_do(run, STEP_BEFORE))
		return EXIT_RUN_OWN;
	/* If it was ignored, there would be no exit status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	fill_set(&set, run->life.tty);
	sigprocmask(SIG_BLOCK, &set, &run->mask);
	if (run_clone(run))
		return EXIT_RUN_OWN;
	/* From here on there is something to clean up; not so for the child. */
	signal(SIGPIPE, SIG_IGN);

	status = attend(run);
	close(run->sock);
	if (status) {
		pidfd_send_signal(run->pidfd, SIGKILL, NULL, 0);
		waitpid(run->pid, NULL, 0);
	}
	return status;
}

/* Stop as the shell expects it of a job, with a sane terminal. */
static void stop_self(const struct run *run)
{
	tty_restore();
	raise(SIGSTOP);
	tty_again(run);
}

/* With what came along, if it was sent by sigqueue(3). */
static void forward(const struct run *run, const struct signalfd_siginfo *from)
{
	siginfo_t info = {
		.si_signo = (int)from->ssi_signo,
		.si_code = SI_QUEUE,
	};
	uintptr_t value = (uintptr_t)from->ssi_ptr;

	memcpy(&info.si_value, &value, sizeof(value));
	pidfd_send_signal(run->pidfd, (int)from->ssi_signo,
			  from->ssi_code == SI_QUEUE ? &info : NULL, 0);
}

static void take_signal(const struct run *run, struct relay *relay, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH && run->life.tty) {
		tty_resize(run);
	} else if (info.ssi_signo == SIGTSTP) {
		stop_self(run);
	} else if (info.ssi_signo == SIGCONT) {
		tty_again(run);
	} else {
		forward(run, &info);
		if (info.ssi_signo == SIGHUP && run->life.tty)
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

/* Relay signals and the terminal. Returns the status of the command. */
static int wait_for_end(struct run *run)
{
	struct relay *relay = relay_new(run);
	enum { CHILD, SIGNALS, RELAY, NR_FDS = RELAY + 2 };
	struct pollfd fds[NR_FDS];
	sigset_t set;

	fill_set(&set, run->life.tty);
	fds[CHILD] = (struct pollfd){ run->pidfd, POLLIN, 0 };
	fds[SIGNALS] = (struct pollfd){ signalfd(-1, &set, SFD_CLOEXEC),
					POLLIN, 0 };
	if (run->life.detach && detach_done(run))
		pidfd_send_signal(run->pidfd, SIGKILL, NULL, 0);
	if (run->life.tty && run->life.interactive)
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

/**
 * parent_run() - run the command, from the first step to the last
 * @run: settled
 *
 * Return: the command's exit status, 128 and the signal if one killed it, or
 * what the header nslens.h has for failures, after a complaint.
 */
int parent_run(struct run *run)
{
	int status = start(run);

	run->started = !status;
	if (run->started)
		status = wait_for_end(run);
	if (steps_do(run, STEP_AFTER) && !status)
		status = EXIT_RUN_OWN;
	return status;
}
