// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command among many tasks, in containers, that do nothing; its exit
 * status is the command's.
 *
 * usage: herd TASKS CONTAINERS COMMAND [ARG...]
 */
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../population.h"

int main(int argc, char **argv)
{
	struct population herd;
	int status;
	pid_t pid;

	if (argc < 4)
		errx(2, "usage: herd TASKS CONTAINERS COMMAND [ARG...]");
	population_make(&herd, atoi(argv[1]), atoi(argv[2]));
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(argv[3], argv + 3);
		err(127, "%s", argv[3]);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	population_end(&herd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
