// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run --init: a PID 1 that does what one has to, and the command as its
 * child. It is this program, executed anew: nothing of the memory, arguments
 * and environment of nslens run is to be seen from inside, and nothing of its
 * file can be written through /proc/1/exe (CVE-2019-5736).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "nslens.h"
#include "run-init.h"
#include "run.h"
#include "run-step.h"
#include "target.h"

/**
 * init_wanted() - whether the command is not to be PID 1
 * @run: what is wanted
 */
bool init_wanted(const struct run *run)
{
	return run->life.init;
}

/*
 * Of the mount namespace that we are in, as /proc/self/exe may not be. Returns
 * -1 if there is no path to it, or none may be made a mount.
 */
static int open_read_only(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct stat here, found;
	int fd;

	path[len < 0 ? 0 : len] = '\0';
	fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return -1;
	if (!stat("/proc/self/exe", &here) && !fstat(fd, &found) &&
	    here.st_dev == found.st_dev && here.st_ino == found.st_ino &&
	    !mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)))
		return fd;
	close(fd);
	return -1;
}

/**
 * init_prepare() - have this program at hand, as long as it can be found
 * @run: the child's, with the root here
 *
 * Without the privilege to mount, there is none to write to it either.
 *
 * Return: 0, or -1 with errno set.
 */
int init_prepare(struct run *run)
{
	run->life.exe = open_read_only();
	if (run->life.exe < 0)
		run->life.exe = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	return run->life.exe < 0 ? -1 : 0;
}

/**
 * init_execute() - be PID 1
 * @run: the child's, ready to execute the command
 */
noreturn void init_execute(struct run *run)
{
	char sock[16];
	size_t nr = 0;
	char **argv;

	while (run->argv[nr])
		nr++;
	argv = calloc(nr + 3, sizeof(*argv));
	if (!argv)
		child_fail(run, "executing nslens");
	snprintf(sock, sizeof(sock), "%d", run->sock);
	argv[0] = (char *)INIT_NAME;
	argv[1] = sock;
	memcpy(argv + 2, run->argv, nr * sizeof(*argv));
	/* It hands on the signal mask, too. */
	if (!sigprocmask(SIG_SETMASK, &run->mask, NULL) &&
	    !fcntl(run->sock, F_SETFD, 0))
		execveat(run->life.exe, "", argv, environ, AT_EMPTY_PATH);
	child_fail(run, "executing nslens");
}

/* A job of its own: what is typed to end it is not for PID 1. */
static noreturn void be_command(struct run *run)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!setpgid(0, 0) && isatty(STDIN_FILENO))
		tcsetpgrp(STDIN_FILENO, getpid());
	child_execute(run);
}

/* Returns whether that was the command; then, how it ended. */
static bool reap(pid_t command, int *status)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		*status = WIFEXITED(how) ? WEXITSTATUS(how) :
					   128 + WTERMSIG(how);
		return true;
	}
	return false;
}

/* With PID 1, all others end. */
static int attend(pid_t command, const sigset_t *all)
{
	siginfo_t info;
	int status;

	for (;;) {
		int nr = sigwaitinfo(all, &info);

		if (nr == SIGCHLD && reap(command, &status))
			return status;
		if (nr > 0 && nr != SIGCHLD)
			kill(command, nr);
	}
}

/**
 * init_main() - what nslens does as PID 1
 * @argc: of the program
 * @argv: its name, the number of the socket to nslens run, the command
 *
 * Return: the exit status of the command.
 */
int init_main(int argc, char **argv)
{
	static const struct step step = { .name = "init" };
	struct run run = { .is_child = true, .step = &step };
	sigset_t all;
	__u32 sock;
	pid_t pid;

	if (argc < 3 || parse_u32(argv[1], strlen(argv[1]), &sock) ||
	    fcntl((int)sock, F_SETFD, FD_CLOEXEC)) {
		complain("this is for nslens run --init alone");
		return EXIT_RUN_OWN;
	}
	run.sock = (int)sock;
	run.argv = argv + 2;
	/* Reading from and writing to the terminal are not for us. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &run.mask);
	/* Where it is not PID 1, it is one for what the command leaves. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	pid = fork();
	if (pid == 0)
		be_command(&run);
	if (pid < 0)
		child_fail(&run, "making a process");
	/* Who writes to the command is to know when that reads no more. */
	close(STDIN_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	return attend(pid, &all);
}
