// SPDX-License-Identifier: GPL-2.0
/* A terminal with a program on it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"
#include "tool.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * terminal_start() - start a program on a new terminal
 * @t: to fill in
 * @rows: of the terminal
 * @columns: of the terminal
 * @argv: program, which is looked for in PATH, and arguments
 *
 * Return: 0 or -errno.
 */
int terminal_start(struct terminal *t, unsigned int rows, unsigned int columns,
		   const char * const argv[])
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	memset(t, 0, sizeof(*t));
	if (openpty(&t->master, &t->slave, NULL, NULL, &size) < 0)
		return -errno;
	tcgetattr(t->slave, &t->modes);
	fcntl(t->master, F_SETFD, FD_CLOEXEC);
	fcntl(t->slave, F_SETFD, FD_CLOEXEC);
	t->pid = fork();
	if (t->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		ioctl(t->slave, TIOCSCTTY, 0);
		dup2(t->slave, 0);
		dup2(t->slave, 1);
		dup2(t->slave, 2);
		execvp(argv[0], (char **)argv);
		_exit(99);
	}
	return t->pid < 0 ? -errno : 0;
}

/**
 * terminal_type() - type something
 * @t: the terminal
 * @text: what
 */
void terminal_type(struct terminal *t, const char *text)
{
	if (write(t->master, text, strlen(text)) < 0)
		perror("typing");
}

static bool terminal_read(struct terminal *t, int timeout)
{
	struct pollfd wait = { .fd = t->master, .events = POLLIN };
	ssize_t n;

	if (poll(&wait, 1, timeout) <= 0)
		return false;
	n = read(t->master, t->seen + t->length,
		 sizeof(t->seen) - 1 - t->length);
	if (n <= 0)
		return false;
	t->length += n;
	t->seen[t->length] = '\0';
	return true;
}

/**
 * terminal_await() - wait until something is on the screen
 * @t: the terminal
 * @text: what
 *
 * Return: 0, -ENODATA if it does not come.
 */
int terminal_await(struct terminal *t, const char *text)
{
	while (!strstr(t->seen, text)) {
		if (!terminal_read(t, PATIENCE))
			return -ENODATA;
	}
	return 0;
}

/**
 * terminal_wait() - wait until the program has ended
 * @t: the terminal
 *
 * Return: exit status, as of tool_wait().
 */
int terminal_wait(struct terminal *t)
{
	int status;

	if (waitpid(t->pid, &status, 0) != t->pid)
		return -errno;
	while (terminal_read(t, 0))
		;
	t->pid = 0;
	t->status = WIFEXITED(status) ? WEXITSTATUS(status) :
					128 + WTERMSIG(status);
	return t->status;
}

/**
 * terminal_end() - end the program, if it still runs, and close the terminal
 * @t: the terminal, or all zero
 */
void terminal_end(struct terminal *t)
{
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		terminal_wait(t);
	}
	if (t->master > 0) {
		close(t->master);
		close(t->slave);
	}
	memset(t, 0, sizeof(*t));
}
