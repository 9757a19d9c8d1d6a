// SPDX-License-Identifier: GPL-2.0
/* A terminal with a program on it, and a busybox root file system for it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PATIENCE	60000	/* ms */

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

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ssize_t n;

	do {
		n = sendfile(out, in, NULL, 1 << 20);
	} while (n > 0);
	close(in);
	close(out);
	return n < 0 ? -errno : 0;
}

/**
 * rootfs_make() - make a root file system of nothing but busybox
 * @dir: its name is written here
 * @size: of @dir
 *
 * Return: 0 or -errno.
 */
int rootfs_make(char *dir, size_t size)
{
	static const char * const folders[] = {
		"bin", "dev", "etc", "proc", "sys", "tmp"
	};
	static const char * const applets[] = {
		"sh", "cat", "echo", "hostname", "id", "ls", "ps", "readlink",
		"sleep", "stty", "true", "tty"
	};
	char path[256];
	unsigned int i;
	int err;

	snprintf(dir, size, "/tmp/nslens-rootfs.XXXXXX");
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		if (mkdir(path, 0755) < 0)
			return -errno;
	}
	snprintf(path, sizeof(path), "%s/bin/busybox", dir);
	err = copy_file("/bin/busybox", path);
	for (i = 0; i < ARRAY_SIZE(applets) && !err; i++) {
		snprintf(path, sizeof(path), "%s/bin/%s", dir, applets[i]);
		err = symlink("busybox", path) < 0 ? -errno : 0;
	}
	return err;
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *ftw)
{
	return remove(path);
}

/**
 * rootfs_remove() - remove what rootfs_make() made
 * @dir: its name, "" for none
 */
void rootfs_remove(const char *dir)
{
	if (dir[0])
		nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
