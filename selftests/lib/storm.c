// SPDX-License-Identifier: GPL-2.0
/* What happens often, in a child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"

/**
 * storm_forks() - fork so many that do nothing, and reap each; two events each
 * @n: unsigned int, how many
 *
 * Return: 0 or -errno.
 */
long storm_forks(void *n)
{
	unsigned int left = *(unsigned int *)n;

	while (left--) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return -errno;
	}
	return 0;
}

/**
 * storm_moves() - be here and there, in two UTS namespaces; an event each time
 * @n: unsigned int, how often
 *
 * Return: 0 or -errno.
 */
long storm_moves(void *n)
{
	const unsigned int times = *(unsigned int *)n;
	unsigned int i;
	int fd[2];

	fd[0] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWUTS))
		return -errno;
	fd[1] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	for (i = 1; i < times; i++)
		if (setns(fd[(i - 1) % 2], CLONE_NEWUTS))
			return -errno;
	close(fd[0]);
	close(fd[1]);
	return 0;
}

/**
 * storm_execs() - have processes that execute a program, without an end
 * @unused: nothing
 */
long storm_execs(void *unused)
{
	for (;;) {
		pid_t pid = vfork();

		if (pid == 0) {
			execl("/bin/true", "true", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}
