// SPDX-License-Identifier: GPL-2.0
/* Programs that tests run, foremost the helper: what they print and return. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "patience.h"
#include "tool.h"

static int exit_status(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

/**
 * tool_start() - start a program
 * @t: to fill in
 * @argv: program, which is looked for in PATH, and arguments
 *
 * Return: 0 or -errno.
 */
int tool_start(struct tool *t, const char * const argv[])
{
	int in[2], out[2], err[2];
	pid_t pid;

	memset(t, 0, sizeof(*t));
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    pipe2(err, O_CLOEXEC) < 0)
		return -errno;
	/* *t may be memory that parent and child share. */
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		execvp(argv[0], (char **)argv);
		_exit(99);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	t->in = in[1];
	t->fds[0] = out[0];
	t->fds[1] = err[0];
	t->pid = pid;
	t->pidfd = syscall(SYS_pidfd_open, pid, 0);
	return pid < 0 || t->pidfd < 0 ? -errno : 0;
}

static void append(char *text, size_t size, int *fd)
{
	size_t length = strlen(text);
	ssize_t n = read(*fd, text + length, size - 1 - length);

	if (n > 0) {
		text[length + n] = '\0';
	} else {
		close(*fd);
		*fd = -1;
	}
}

/* Read what there is; false if nothing came in time, or all is at its end. */
static bool tool_read(struct tool *t)
{
	struct pollfd fds[] = {
		{ .fd = t->fds[0], .events = POLLIN },
		{ .fd = t->fds[1], .events = POLLIN },
	};

	if ((fds[0].fd < 0 && fds[1].fd < 0) || poll(fds, 2, PATIENCE) <= 0)
		return false;
	if (fds[0].revents)
		append(t->out, sizeof(t->out), &t->fds[0]);
	if (fds[1].revents)
		append(t->err, sizeof(t->err), &t->fds[1]);
	return true;
}

/**
 * tool_await() - wait until a program has printed something
 * @t: the program
 * @text: part of its standard output
 *
 * Return: 0, -ENODATA if it did not.
 */
int tool_await(struct tool *t, const char *text)
{
	while (!strstr(t->out, text)) {
		if (!tool_read(t))
			return -ENODATA;
	}
	return 0;
}

/**
 * tool_type() - write to a program's standard input
 * @t: the program
 * @text: what, NULL for the end of the input
 */
void tool_type(struct tool *t, const char *text)
{
	if (text && write(t->in, text, strlen(text)) < 0)
		text = NULL;
	if (!text) {
		close(t->in);
		t->in = -1;
	}
}

/**
 * tool_wait() - wait until a program has ended, and get all that it printed
 * @t: the program
 *
 * Return: its exit status, likewise in @t.
 */
int tool_wait(struct tool *t)
{
	if (t->in >= 0)
		tool_type(t, NULL);
	while (tool_read(t))
		;
	t->status = exit_status(t->pid);
	close(t->pidfd);
	t->pid = 0;
	return t->status;
}

/**
 * tool_kill() - end a program at once, if it still runs
 * @t: the program, or all zero
 */
void tool_kill(struct tool *t)
{
	if (t->pid <= 0)
		return;
	kill(t->pid, SIGKILL);
	tool_wait(t);
}

/**
 * tool_run() - run a program, without any input, to its end
 * @t: to fill in
 * @argv: as of tool_start()
 *
 * Return: its exit status, or -errno.
 */
int tool_run(struct tool *t, const char * const argv[])
{
	int err = tool_start(t, argv);

	if (err)
		return err;
	tool_type(t, NULL);
	return tool_wait(t);
}

/**
 * tool_output() - run a program, and get all that it prints, however much
 * @argv: as of tool_start()
 * @status: set to its exit status
 *
 * Return: its standard output, to be freed; NULL if it cannot be started.
 */
char *tool_output(const char * const argv[], int *status)
{
	static struct tool t;
	size_t size = 0, room = 1 << 16;
	char *text;
	ssize_t n;

	text = malloc(room);
	if (!text || tool_start(&t, argv))
		return NULL;
	tool_type(&t, NULL);
	while ((n = read(t.fds[0], text + size, room - size - 1)) > 0) {
		size += n;
		if (room - size < room / 2)
			text = realloc(text, room *= 2);
		if (!text)
			abort();
	}
	text[size] = '\0';
	*status = tool_wait(&t);
	return text;
}

/**
 * format() - make a string as printf() does
 * @text: the format
 *
 * Return: the string, which is never freed: tests are short.
 */
char *format(const char *text, ...)
{
	va_list args;
	char *string;
	int n;

	va_start(args, text);
	n = vasprintf(&string, text, args);
	va_end(args);
	if (n < 0)
		abort();
	return string;
}

/**
 * count_lines() - number of lines in a text
 * @text: the text
 */
unsigned int count_lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/**
 * has_line() - is there a line with two texts in this order
 * @text: lines
 * @a: one text
 * @b: the other, within the rest of the line or at its end with the newline
 */
bool has_line(const char *text, const char *a, const char *b)
{
	const char *line, *end, *found;

	for (line = text; *line; line = end + !!*end) {
		end = strchrnul(line, '\n');
		found = memmem(line, end - line, a, strlen(a));
		if (found && memmem(found, end + !!*end - found, b, strlen(b)))
			return true;
	}
	return false;
}
