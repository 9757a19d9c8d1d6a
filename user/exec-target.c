// SPDX-License-Identifier: GPL-2.0
/*
 * Find the process that nslens exec puts a command next to, and get hold of it:
 * a PID can be another's a moment later, a pidfd and a folder of /proc that are
 * open cannot. All of it is opened from here, before anything inside is entered
 * that could make up a /proc of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/pidfd.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "exec.h"
#include "run.h"
#include "target.h"

/* PF_KTHREAD of include/linux/sched.h, as /proc/PID/stat shows it. */
#define KERNEL_THREAD	0x00200000UL

static int refuse(const struct run_exec *exec, const char *why, int err)
{
	complain("%s: %s", exec->text, why);
	return -err;
}

static int explain(const struct run_exec *exec, int err)
{
	return refuse(exec, err == ENOENT || err == ESRCH ?
		      "no such process here, or it has ended" :
		      err == EACCES || err == EPERM ?
		      "hidden from you: that takes the same ids, or CAP_SYS_PTRACE" :
		      strerror(err), err);
}

/* Both before it is looked at: then what is seen is of one process. */
static int hold(struct run *run)
{
	struct run_exec *exec = &run->exec;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", exec->pid);
	exec->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (exec->dir < 0)
		return explain(exec, errno);
	run->ns.pidfd = pidfd_open((pid_t)exec->pid, 0);
	if (run->ns.pidfd < 0)
		return explain(exec, errno == EINVAL ? ESRCH : errno);
	return 0;
}

/* The flags come seven fields behind the name, which can hold any character. */
static unsigned long read_flags(const char *stat, char *state)
{
	const char *at = strrchr(stat, ')');
	int blanks = 0;

	if (!at || strlen(at) < 3)
		return 0;
	*state = at[2];
	while (*at && blanks < 7)
		blanks += *at++ == ' ';
	return strtoul(at, NULL, 10);
}

/* Of what has ended, the folder is empty, or a zombie's. */
static int check_alive(const struct run_exec *exec)
{
	char *stat = exec_read(exec, "stat", NULL);
	char state = 'X';
	unsigned long flags = stat ? read_flags(stat, &state) : 0;
	int err = 0;

	if (state == 'X' || state == 'Z')
		err = explain(exec, ESRCH);
	else if (flags & KERNEL_THREAD)
		err = refuse(exec, "a thread of the kernel: there is nothing to enter",
			     EINVAL);
	free(stat);
	return err;
}

/*
 * If a namespace or cgroup was named, or a PID in a namespace, the process must
 * still be that which stands for it, now that it is held.
 */
static int check_still(const struct run *run, const struct target *target)
{
	__u32 again;
	int err = target_here(target, &again);

	if (!err && (again != run->exec.pid ||
		     pidfd_send_signal(run->ns.pidfd, 0, NULL, 0)))
		err = explain(&run->exec, ESRCH);
	return err;
}

static unsigned int ns_of(const struct run_exec *exec, int type)
{
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "ns/%s", ns_types[type].file);
	return fstatat(exec->dir, name, &st, 0) ? 0 : (unsigned int)st.st_ino;
}

/* Where both are the same there is nothing to join, and maybe no right to. */
static int choose_namespaces(struct run *run)
{
	const struct run_exec *exec = &run->exec;

	for (int type = 0; type < NR_NS_TYPES; type++) {
		unsigned int flag = (unsigned int)ns_types[type].flag;
		unsigned int own = ns_inode("self", type);
		unsigned int ino;

		if (!own || (exec->types && !(exec->types & flag)))
			continue;
		ino = ns_of(exec, type);
		if (!ino)
			return explain(exec, errno);
		if (ino != own)
			run->ns.join |= flag;
	}
	return 0;
}

/* Of the v2 hierarchy, as seen from our own cgroup namespace. */
static int open_cgroup(struct run *run)
{
	struct run_exec *exec = &run->exec;
	char *text = exec_read(exec, "cgroup", NULL);
	const char *top = cgroup_root();
	char path[PATH_MAX] = "";
	const char *at = text ? exec_field(text, "0::") : "";

	if (top && *at)
		snprintf(path, sizeof(path), "%s%.*s", top,
			 (int)strcspn(at, "\n"), at);
	free(text);
	if (!path[0])
		return 0;
	run->cgroup.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->cgroup.fd >= 0)
		return 0;
	complain("%s: its cgroup %s: %s: add --cgroup-here to stay in the cgroup of nslens",
		 exec->text, path, strerror(errno));
	return -errno;
}

/* As if it did not exist where it is the same. */
static bool is_own_cgroup(const struct run_exec *exec)
{
	const struct run_exec self = {
		.dir = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	char *own = exec_read(&self, "cgroup", NULL);
	char *its = exec_read(exec, "cgroup", NULL);
	bool same = own && its && !strcmp(own, its);

	close(self.dir);
	free(own);
	free(its);
	return same;
}

/* Through a link of /proc, a directory is opened as it is, not looked up. */
static int open_places(struct run_exec *exec)
{
	exec->root = openat(exec->dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	exec->cwd = openat(exec->dir, "cwd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (exec->root < 0 || exec->cwd < 0)
		return explain(exec, errno);
	exec->environ = exec_read(exec, "environ", &exec->size);
	return exec->environ ? 0 : explain(exec, errno);
}

/**
 * exec_find() - find the process, and open all of it that is needed
 * @run: with the TARGET as text
 *
 * Return: 0, or a negative errno after a complaint.
 */
int exec_find(struct run *run)
{
	struct run_exec *exec = &run->exec;
	struct target target;
	bool files = !exec->types || exec->types & CLONE_NEWNS;
	int err = target_parse(exec->text, &target);

	if (!err)
		err = target_here(&target, &exec->pid);
	if (!err)
		err = hold(run);
	if (!err && (target.kind != TARGET_TASK ||
		     target.in.kind != NSLENS_REF_NONE))
		err = check_still(run, &target);
	if (!err)
		err = check_alive(exec);
	if (!err)
		err = choose_namespaces(run);
	if (!err && files)
		err = open_places(exec);
	if (!err && !exec->here && !is_own_cgroup(exec))
		err = open_cgroup(run);
	return err;
}
