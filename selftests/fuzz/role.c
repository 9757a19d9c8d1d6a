// SPDX-License-Identifier: GPL-2.0
/* Who asks: root, a user, and one who is root in a world of his own. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/proc.h"

#define USER	12345

#define BOX	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | \
		 CLONE_NEWNET | CLONE_NEWCGROUP)

const struct role fuzz_roles[NR_ROLES] = {
	{ "root" },
	{ "user", true },
	{ "userns", true, BOX },
	{ "pidns", true, BOX | CLONE_NEWPID },
};

static int become_user(void)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	    setresuid(USER, USER, USER))
		return -errno;
	/* What is in /proc/self is its own. */
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

static int enter_box(int namespaces)
{
	char map[32];

	if (unshare(namespaces))
		return -errno;
	snprintf(map, sizeof(map), "0 %u 1", USER);
	return write_file("/proc/self/setgroups", "deny") ?:
	       write_file("/proc/self/uid_map", map) ?:
	       write_file("/proc/self/gid_map", map);
}

/* The first process of a PID namespace goes on; this one waits for it. */
static void leave_it_to_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		return;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		_exit(1);
	_exit(WEXITSTATUS(status));
}

/**
 * role_become() - be another
 * @role: who
 *
 * May return in another process; the one before ends as that does.
 *
 * Return: 0 or -errno.
 */
int role_become(const struct role *role)
{
	int err = role->user ? become_user() : 0;

	if (!err && role->namespaces)
		err = enter_box(role->namespaces);
	if (err)
		return err;
	/* Changes of who one is have taken it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!(role->namespaces & CLONE_NEWPID))
		return 0;
	leave_it_to_child();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return mount("proc", "/proc", "proc", 0, NULL) ? -errno : 0;
}
