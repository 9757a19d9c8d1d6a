// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run --detach: a second process goes on as nslens run, and stays with
 * the command; the first waits until that runs, and tells its PID.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "nslens.h"
#include "run-detach.h"
#include "run.h"

/**
 * detach_wanted() - whether nslens is not to wait for the command's end
 * @run: what is wanted
 */
bool detach_wanted(const struct run *run)
{
	return run->life.detach;
}

/* The second process complains for itself, then its status is what to say. */
static noreturn void be_front(int fd, pid_t second)
{
	ssize_t len;
	int status;
	pid_t pid;

	do {
		len = read(fd, &pid, sizeof(pid));
	} while (len < 0 && errno == EINTR);
	if (len == sizeof(pid)) {
		printf("%d\n", pid);
		exit(opt_finish(EXIT_SUCCESS));
	}
	while (waitpid(second, &status, 0) < 0 && errno == EINTR)
		;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RUN_OWN);
}

/**
 * detach_start() - go on as another process, in a session of its own
 * @run: gets where to tell the PID
 *
 * Return: 0 in that process, or -1 after a complaint; the first one ends here.
 */
int detach_start(struct run *run)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return run_fail(run, "making a pipe");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return run_fail(run, "making a process");
	if (pid > 0) {
		close(fds[1]);
		be_front(fds[0], pid);
	}
	close(fds[0]);
	run->life.front = fds[1];
	setsid();
	return 0;
}

/* Whoever reads a pipe, such as a shell for $(), waits for its end. */
static int shut(const struct run *run, int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return 0;
	return dup2(run->life.null, fd) < 0 ? -1 : 0;
}

/**
 * detach_output() - write to /dev/null, or to files
 * @run: either side's
 *
 * Return: 0, or -1 with errno set.
 */
int detach_output(struct run *run)
{
	return shut(run, STDOUT_FILENO) || shut(run, STDERR_FILENO) ? -1 : 0;
}

/**
 * detach_done() - let the first process tell that the command runs
 * @run: the parent's
 *
 * Nothing is left of where nslens was started.
 *
 * Return: 0, or -1 if it was ended meanwhile: nobody wants the command.
 */
int detach_done(struct run *run)
{
	int fd = run->life.front;
	ssize_t done;

	if (shut(run, STDIN_FILENO) || detach_output(run) || chdir("/"))
		return -1;
	done = write(fd, &run->pid, sizeof(run->pid));
	close(fd);
	return done == sizeof(run->pid) ? 0 : -1;
}
