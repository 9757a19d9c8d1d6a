// SPDX-License-Identifier: GPL-2.0
/* Where the command of nslens exec is: the root and the directory of a process. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/syscall.h>

#include "exec.h"
#include "run.h"

/**
 * exec_roots() - whether the command gets the root of a process
 * @run: what is wanted
 */
bool exec_roots(const struct run *run)
{
	return run->exec.text && run->exec.root >= 0;
}

static bool is_root(int fd)
{
	struct statx here, there;

	return !statx(AT_FDCWD, "/", 0, STATX_MNT_ID | STATX_INO, &here) &&
	       !statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_INO,
		      &there) &&
	       here.stx_mnt_id == there.stx_mnt_id &&
	       here.stx_ino == there.stx_ino;
}

/**
 * exec_enter_root() - have the root of the process
 * @run: the child's, in its mount namespace
 *
 * That is nearly always the root of the mount namespace, where we are.
 *
 * Return: 0; fails by child_fail().
 */
int exec_enter_root(struct run *run)
{
	if (!is_root(run->exec.root) &&
	    (fchdir(run->exec.root) || chroot(".")))
		child_fail(run, "entering /proc/%u/root", run->exec.pid);
	return 0;
}

/**
 * exec_enter_cwd() - have the working directory of the process
 * @run: the child's, in its root
 *
 * If that is not below its root, or is removed, it has no path: the way up from
 * there would lead elsewhere (CVE-2024-21626), and we start at the root.
 *
 * Return: 0; fails by child_fail().
 */
int exec_enter_cwd(struct run *run)
{
	char path[PATH_MAX];

	/* Not getcwd(3), which finds a path all the same. */
	if (!fchdir(run->exec.cwd) &&
	    syscall(SYS_getcwd, path, sizeof(path)) > 0 && path[0] == '/')
		return 0;
	if (chdir("/"))
		child_fail(run, "entering the root");
	return 0;
}
