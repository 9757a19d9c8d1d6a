// SPDX-License-Identifier: GPL-2.0
/* Mounts that even the root of a user namespace cannot undo. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "run.h"
#include "run-root-mount.h"

/**
 * lock_wanted() - whether there are mounts to lock, and a way to do it
 * @run: what is wanted
 *
 * Without CAP_SYS_ADMIN there is nothing to undo mounts with. Without a user
 * namespace, who has it is root on the host, and what keeps him from undoing
 * these mounts keeps him from nothing else.
 */
bool lock_wanted(const struct run *run)
{
	const struct run_root *root = &run->root;
	bool any = root->read_only || masks_wanted(run);

	for (int i = 0; i < root->nr_extras; i++)
		any = any || root->extras[i].attrs & MOUNT_ATTR_RDONLY;
	return any && !ns_is_host(run, NSLENS_NS_TYPE_USER) &&
	       caps_leave(&run->id.caps, CAP_SYS_ADMIN);
}

/**
 * struct lock - what the two sides of lock_set_up() share
 * @proc: a /proc
 * @ns: the new mount namespace
 * @err: errno, if that is -1
 */
struct lock {
	int proc;
	int ns;
	int err;
};

/* In a process that is in namespaces of its own, and shares all else. */
static int open_own(void *data)
{
	struct lock *lock = data;

	lock->ns = openat(lock->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	lock->err = errno;
	return 0;
}

/*
 * Where another whole /proc or /sys is in the mount namespace, such as one that
 * lies below the root, the kernel lets root of a user namespace mount a new one,
 * which has no masks (mnt_already_visible()). Who unmasks some of it may have
 * brought that about.
 */
static void check_masks(struct run *run)
{
	static const char * const types[] = { "proc", "sysfs" };

	if (!masks_wanted(run) || run->root.nr_unmasked)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (fs_make(types[i], NULL, MOUNT_SAFE) < 0)
			continue;
		errno = 0;
		run_fail_hint(run, "add --unmask if that may be",
			      "a %s could be mounted inside of which nothing is masked, since one lies below the root here",
			      types[i]);
	}
}

/**
 * lock_set_up() - enter a copy of the mount namespace in which all is locked
 * @run: the child's, when all else that is mounted has been
 *
 * When a mount namespace is copied for another user namespace, the kernel locks
 * every mount of the copy: it cannot be unmounted to see what is below it, nor
 * lose read-only, nosuid, nodev and noexec. That goes for those with all
 * capabilities, too (fs/namespace.c, lock_mnt_tree()). The command's own user
 * namespace must not be another, or it would be root of nothing else. So the
 * copy belongs to one below it, which has no task and no ids, and over which
 * root above has the say as over its own: it can still mount what it likes.
 *
 * Return: 0; fails by child_fail().
 */
int lock_set_up(struct run *run)
{
	static char stack[16384] __attribute__((aligned(16)));
	struct lock lock = { .proc = run->root.kernel[ROOT_PROC], .ns = -1 };
	pid_t pid;

	if (lock.proc < 0)
		lock.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (lock.proc < 0)
		child_fail(run, "opening /proc");
	/* It is back when that has ended. */
	pid = clone(open_own, stack + sizeof(stack), CLONE_VM | CLONE_VFORK |
		    CLONE_FILES | CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD,
		    &lock);
	if (pid < 0)
		child_fail(run, "making a user namespace for the mounts");
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = lock.err;
	if (lock.ns < 0)
		child_fail(run, "opening the locked mount namespace");
	if (setns(lock.ns, CLONE_NEWNS))
		child_fail(run, "entering the locked mount namespace");
	close(lock.ns);
	check_masks(run);
	return 0;
}
