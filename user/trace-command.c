// SPDX-License-Identifier: GPL-2.0
/* The command of nslens trace: it waits until it is traced, then it executes. */
#include <errno.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "nslens.h"
#include "options.h"
#include "trace.h"

/* Returns errno if it can be, and the parent then hears of it. */
static noreturn void be_command(const struct command *command, int sock,
				const sigset_t *mask)
{
	char go;
	int err;

	/* If nslens has died meanwhile, nobody wants the command. */
	if (recv(sock, &go, 1, 0) != 1)
		_exit(EXIT_RUN_OWN);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command->argv[0], command->argv);
	err = errno;
	send(sock, &err, sizeof(err), MSG_NOSIGNAL);
	_exit(EXIT_RUN_OWN);
}

/**
 * command_make() - make the process that becomes the command
 * @command: with its argv
 * @mask: the signal mask that it gets
 *
 * Return: 0, or a negative errno after a complaint.
 */
int command_make(struct command *command, const sigset_t *mask)
{
	int sockets[2];
	int err;

	/* If it was ignored, there would be no exit status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		err = -errno;
		complain("making a socket: %s", strerror(-err));
		return err;
	}
	command->pid = fork();
	if (command->pid == 0) {
		close(sockets[0]);
		be_command(command, sockets[1], mask);
	}
	err = command->pid < 0 ? -errno : 0;
	close(sockets[1]);
	command->sock = sockets[0];
	if (!err) {
		command->pidfd = pidfd_open(command->pid, 0);
		err = command->pidfd < 0 ? -errno : 0;
	}
	if (err) {
		complain("making a process: %s", strerror(-err));
		close(command->sock);
	}
	return err;
}

static int explain(const char *name, int err)
{
	if (err != ENOENT && err != ENOTDIR) {
		complain("%s: cannot be executed: %s", name, strerror(err));
		return EXIT_CANNOT_RUN;
	}
	if (!strchr(name, '/')) {
		complain("%s: no such command in PATH: give its path, or set PATH",
			 name);
	} else if (access(name, F_OK)) {
		complain("%s: no such command", name);
	} else {
		complain("%s: cannot be executed: its interpreter or dynamic loader is missing",
			 name);
		return EXIT_CANNOT_RUN;
	}
	return EXIT_NO_COMMAND;
}

/**
 * command_go() - let it execute
 * @command: after command_make()
 *
 * Return: 0, or the exit status after a complaint.
 */
int command_go(struct command *command)
{
	ssize_t len;
	int err;

	send(command->sock, "", 1, MSG_NOSIGNAL);
	/* Its end is closed when it executes. */
	do {
		len = recv(command->sock, &err, sizeof(err), 0);
	} while (len < 0 && errno == EINTR);
	close(command->sock);
	return len == sizeof(err) ? explain(command->argv[0], err) : 0;
}

/**
 * command_abandon() - there is nothing to trace it with, so do not execute
 * @command: after command_make()
 */
void command_abandon(struct command *command)
{
	close(command->sock);
	command_reap(command);
}

/**
 * command_signal() - give a signal on to the command
 * @command: the command
 * @signal: its number
 * @code: who sent it, siginfo_t.si_code
 *
 * Return: whether there was someone to take it; not for the second time.
 */
bool command_signal(struct command *command, int signal, int code)
{
	if (command->pidfd < 0 || command->signals++)
		return false;
	/* From the terminal it has got it, as we have. */
	if (code != SI_KERNEL)
		pidfd_send_signal(command->pidfd, signal, NULL, 0);
	return true;
}

/**
 * command_reap() - take its exit status, when it has ended or will soon
 * @command: the command
 */
void command_reap(struct command *command)
{
	siginfo_t info = { 0 };

	while (waitid(P_PIDFD, (id_t)command->pidfd, &info, WEXITED) &&
	       errno == EINTR)
		;
	command->status = info.si_code == CLD_EXITED ? info.si_status :
						       128 + info.si_status;
	close(command->pidfd);
	command->pidfd = -1;
}
