// SPDX-License-Identifier: GPL-2.0
/* The root file system and the mounts of nslens run. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "run.h"

/**
 * struct mount_row - a file system that a root file system gets
 * @target: where
 * @type: of which type
 * @flags: MS_*
 * @data: its options
 * @fallback: options to try if these are refused with EINVAL, or NULL
 * @unless_new: CLONE_NEW*: if we share that namespace, we may not be allowed to
 *	mount this, and it comes from outside, if it is there
 */
struct mount_row {
	const char *target;
	const char *type;
	unsigned long flags;
	const char *data;
	const char *fallback;
	unsigned int unless_new;
};

#define SAFE	(MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct mount_row mounts[] = {
	{ "/proc", "proc", SAFE, NULL, NULL, CLONE_NEWPID },
	{ "/sys", "sysfs", SAFE | MS_RDONLY, NULL, NULL, CLONE_NEWNET },
	{ "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=65536k",
	  NULL, 0 },
	/* Group 5 is tty, where a user namespace has it. */
	{ "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	  "newinstance,ptmxmode=0666,mode=0620,gid=5",
	  "newinstance,ptmxmode=0666,mode=0620", 0 },
	{ "/dev/shm", "tmpfs", SAFE, "mode=1777,size=65536k", NULL, 0 },
	{ "/dev/mqueue", "mqueue", SAFE, NULL, NULL, CLONE_NEWIPC },
};

static const char * const devices[] = {
	"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom",
	"dev/tty",
};

static const char * const links[][2] = {
	{ "/dev/fd", "/proc/self/fd" },
	{ "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" },
	{ "/dev/stderr", "/proc/self/fd/2" },
	{ "/dev/ptmx", "pts/ptmx" },
};

static int mount_row(const struct mount_row *row)
{
	int err = mount(row->type, row->target, row->type, row->flags,
			row->data);

	if (err && errno == EINVAL && row->fallback)
		err = mount(row->type, row->target, row->type, row->flags,
			    row->fallback);
	return err;
}

/* The working directory is the old root, hence the relative source. */
static void add_mount(const struct run *run, const struct mount_row *row)
{
	if (mkdir(row->target, 0755) && errno != EEXIST)
		child_fail(run, "making %s in the root file system",
			   row->target);
	if (!mount_row(row))
		return;
	if (errno == EPERM && row->unless_new & ~run->ns.flags &&
	    (!mount(row->target + 1, row->target, NULL, MS_BIND | MS_REC,
		    NULL) ||
	     errno == ENOENT))
		return;
	child_fail(run, "mounting %s", row->target);
}

/* From outside, as mknod() is not for user namespaces. */
static void add_device(const struct run *run, const char *source)
{
	char target[32];

	snprintf(target, sizeof(target), "/%s", source);
	if (mknod(target, S_IFREG | 0666, 0) ||
	    mount(source, target, NULL, MS_BIND, NULL))
		child_fail(run, "providing %s", target);
}

static void fill_root(const struct run *run)
{
	mode_t mask = umask(0);

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		add_mount(run, &mounts[i]);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		add_device(run, devices[i]);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][1], links[i][0]))
			child_fail(run, "making %s", links[i][0]);
	umask(mask);
}

/*
 * The parent's working directory is the root file system, so here it is that
 * within our own mount namespace. It becomes a mount, and then the root.
 * All that is mounted in it comes after that, when no symbolic link in it can
 * lead to the outside any more; the old root is still there, which mounting
 * proc in a user namespace takes, and is the working directory.
 */
static void change_root(const struct run *run)
{
	int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tree = open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE |
			     OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (old < 0 || tree < 0 ||
	    move_mount(tree, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH) ||
	    fchdir(tree))
		child_fail(run, "making %s a mount", run->root.dir);
	close(tree);
	if (syscall(SYS_pivot_root, ".", ".") || fchdir(old))
		child_fail(run, "making %s the root", run->root.dir);
	close(old);

	fill_root(run);

	if (umount2(".", MNT_DETACH) || chdir("/"))
		child_fail(run, "leaving the old root");
}

/**
 * root_wanted() - whether there is a root file system of its own
 * @run: what is wanted
 */
bool root_wanted(const struct run *run)
{
	return run->root.dir;
}

/**
 * root_plan() - tell what root_enter() would do
 * @run: what is wanted
 * @out: where to
 */
void root_plan(const struct run *run, FILE *out)
{
	fprintf(out, "enter %s", run->root.dir);
}

/**
 * root_enter() - make the root file system the working directory
 * @run: what is wanted
 *
 * The child finds it there: whatever user it will be, its way there was ours.
 *
 * Return: 0, or -1 after a complaint.
 */
int root_enter(struct run *run)
{
	struct stat st;
	int err = stat(run->root.dir, &st) ? errno : 0;

	if (!err && !S_ISDIR(st.st_mode))
		err = ENOTDIR;
	if (!err && chdir(run->root.dir))
		err = errno;
	if (!err)
		return 0;
	complain("--rootfs %s: %s: %s", run->root.dir, strerror(err),
		 "give the directory that holds what is to be /, such as an unpacked image");
	run->failed = true;
	return -1;
}

/**
 * mounts_wanted() - whether there is a mount namespace to set up
 * @run: what is wanted
 */
bool mounts_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_MNT);
}

/**
 * mounts_plan() - tell what mounts_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void mounts_plan(const struct run *run, FILE *out)
{
	fputs("make mounts private", out);
	if (run->root.dir)
		fprintf(out, ", make %s the root, fill /proc, /sys and /dev",
			run->root.dir);
	else if (ns_is_new(run, NSLENS_NS_TYPE_PID))
		fputs(", mount /proc", out);
}

/**
 * mounts_set_up() - give the new mount namespace what it needs
 * @run: how
 *
 * Context: the child, in its new namespaces.
 *
 * Return: 0; fails by child_fail().
 */
int mounts_set_up(struct run *run)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		child_fail(run, "making mounts private");
	if (run->root.dir)
		change_root(run);
	else if (ns_is_new(run, NSLENS_NS_TYPE_PID) &&
		 mount("proc", "/proc", "proc", SAFE, NULL))
		child_fail(run, "mounting /proc");
	return 0;
}

enum {
	OPT_ROOTFS = OPT_LONG,
};

static const struct opt opts[] = {
	{ "rootfs", OPT_ROOTFS, "DIR", "directory that becomes the root" },
	{ NULL }
};

static int take(void *what, int opt, const char *arg)
{
	struct run *run = what;

	switch (opt) {
	case OPT_ROOTFS:
		run->root.dir = arg;
		return 0;
	}
	return -EINVAL;
}

static int settle(void *what)
{
	struct run *run = what;

	return run->root.dir ? ns_need(run, "--rootfs", NSLENS_NS_TYPE_MNT) :
			       0;
}

const struct opt_group root_group = {
	.title = "Root file system",
	.opts = opts,
	.take = take,
	.settle = settle,
};
