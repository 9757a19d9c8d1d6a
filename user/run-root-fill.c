// SPDX-License-Identifier: GPL-2.0
/* /proc, /sys and /dev of a root file system, as those of an OCI runtime. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "run.h"
#include "run-root-mount.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct kernel_fs - a file system that shows one kind of namespace
 * @type: its type
 * @path: where it is mounted, outside as inside
 * @attrs: MOUNT_ATTR_*
 * @ns_type: if we share that namespace, we may not be allowed to mount it
 */
struct kernel_fs {
	const char *type;
	const char *path;
	unsigned int attrs;
	int ns_type;
};

static const struct kernel_fs kernel_fs[] = {
	[ROOT_PROC] = { "proc", "/proc", MOUNT_SAFE, NSLENS_NS_TYPE_PID },
	[ROOT_SYS] = { "sysfs", "/sys", MOUNT_SAFE | MOUNT_ATTR_RDONLY,
		       NSLENS_NS_TYPE_NET },
	[ROOT_CGROUP] = { "cgroup2", "/sys/fs/cgroup",
			  MOUNT_SAFE | MOUNT_ATTR_RDONLY,
			  NSLENS_NS_TYPE_CGROUP },
	[ROOT_MQUEUE] = { "mqueue", "/dev/mqueue", MOUNT_SAFE,
			  NSLENS_NS_TYPE_IPC },
};

/* Group 5 is tty, where a user namespace has it. */
static const char * const devpts_options[] = {
	"ptmxmode=0666,mode=0620,gid=5", "ptmxmode=0666,mode=0620",
};

/**
 * struct device - a device that programs expect
 * @name: in /dev
 * @major_nr: its numbers
 * @minor_nr: likewise
 */
struct device {
	const char *name;
	unsigned int major_nr;
	unsigned int minor_nr;
};

static const struct device devices[NR_ROOT_DEVICES] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const char * const links[][2] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },
	{ "ptmx", "pts/ptmx" },
};

/*
 * One of our own, or, of a namespace that is shared and belongs to a user
 * namespace above, the one outside. Returns -1 if there is none outside either.
 */
static int get_kernel_fs(const struct run *run, const struct kernel_fs *fs)
{
	int tree = fs_make(fs->type, NULL, fs->attrs);

	if (tree < 0 && errno == EPERM && !ns_is_new(run, fs->ns_type)) {
		tree = tree_clone(AT_FDCWD, fs->path);
		if (tree < 0 && errno == ENOENT)
			return -1;
		if (tree >= 0 && tree_set(tree, fs->attrs, true))
			child_fail(run, "protecting %s", fs->path);
	}
	if (tree >= 0)
		return tree;
	if (errno == EPERM)
		child_fail(run, "%s, which takes one outside of which nothing is hidden",
			   fs->path);
	child_fail(run, "%s", fs->path);
}

/* By a device node, or, where that is not for us, by the one outside. */
static void get_device(struct run *run, int i)
{
	const struct device *device = &devices[i];
	char outside[32];

	if (!mknodat(run->root.dev, device->name, S_IFCHR | 0666,
		     makedev(device->major_nr, device->minor_nr)))
		return;
	snprintf(outside, sizeof(outside), "/dev/%s", device->name);
	run->root.devices[i] = tree_clone(AT_FDCWD, outside);
	/* That is about the file, its mode and owner, and not the device. */
	if (run->root.devices[i] < 0 ||
	    tree_set(run->root.devices[i], MOUNT_ATTR_RDONLY, false) ||
	    mknodat(run->root.dev, device->name, S_IFREG | 0666, 0))
		child_fail(run, "%s", outside);
}

/**
 * kernel_plan() - tell what kernel_make() would do
 * @run: what is wanted
 * @out: where to
 */
void kernel_plan(const struct run *run, FILE *out)
{
	fputs("make proc", out);
	if (!run->root.path)
		return;
	for (size_t i = ROOT_PROC + 1; i < ARRAY_SIZE(kernel_fs); i++)
		fprintf(out, ", %s", kernel_fs[i].type);
	fputs("; a tmpfs with devices:", out);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		fprintf(out, " %s", devices[i].name);
}

/**
 * kernel_make() - make what shows the kernel, mounted nowhere yet
 * @run: the child's
 *
 * This is still with the old root. A user namespace may mount a /proc only where
 * another one can be seen; and what is shared comes from outside.
 *
 * Return: 0; fails by child_fail().
 */
int kernel_make(struct run *run)
{
	struct run_root *root = &run->root;
	mode_t mask;

	root->kernel[ROOT_PROC] = get_kernel_fs(run, &kernel_fs[ROOT_PROC]);
	if (!root->path)
		return 0;
	for (size_t i = ROOT_PROC + 1; i < ARRAY_SIZE(kernel_fs); i++)
		root->kernel[i] = get_kernel_fs(run, &kernel_fs[i]);
	root->dev = fs_make("tmpfs", "mode=755,size=65536k",
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (root->dev < 0)
		child_fail(run, "/dev");
	mask = umask(0);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		get_device(run, (int)i);
	umask(mask);
	return 0;
}

static void attach(const struct run *run, int tree, int point,
		   const char *path)
{
	if (point < 0 || tree_attach(tree, point))
		child_fail(run, "mounting %s", path);
	close(point);
}

/**
 * proc_wanted() - whether there is a /proc to be mounted
 * @run: what is wanted
 */
bool proc_wanted(const struct run *run)
{
	return run->root.path || (ns_is_new(run, NSLENS_NS_TYPE_MNT) &&
				  !ns_is_host(run, NSLENS_NS_TYPE_PID));
}

/**
 * proc_plan() - tell what proc_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void proc_plan(const struct run *run, FILE *out)
{
	(void)run;
	fputs("mount proc on /proc", out);
}

/**
 * proc_set_up() - mount /proc, that of the PID namespace
 * @run: the child's
 *
 * In a root file system of its own, it must be a directory there: what is
 * mounted elsewhere would leave a false one in its place.
 *
 * Return: 0; fails by child_fail().
 */
int proc_set_up(struct run *run)
{
	int tree = run->root.kernel[ROOT_PROC];

	if (tree >= 0)
		attach(run, tree, point_own(run, run->root.fd, "proc"),
		       "/proc");
	return 0;
}

/**
 * sys_plan() - tell what sys_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void sys_plan(const struct run *run, FILE *out)
{
	(void)run;
	fputs("mount sysfs on /sys, cgroup2 on /sys/fs/cgroup, read-only", out);
}

/**
 * sys_set_up() - mount /sys, that of the network namespace, and cgroups in it
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int sys_set_up(struct run *run)
{
	int sys = run->root.kernel[ROOT_SYS];
	int cgroup = run->root.kernel[ROOT_CGROUP];
	int point;

	if (sys < 0)
		return 0;
	attach(run, sys, point_own(run, run->root.fd, "sys"), "/sys");
	if (cgroup < 0)
		return 0;
	point = path_open(sys, "fs/cgroup", O_PATH | O_DIRECTORY, 0);
	if (point >= 0)
		attach(run, cgroup, point, "/sys/fs/cgroup");
	close(cgroup);
	return 0;
}

static int make_devpts(void)
{
	int tree = -1;

	for (size_t i = 0; i < ARRAY_SIZE(devpts_options) && tree < 0; i++)
		tree = fs_make("devpts", devpts_options[i],
			       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return tree;
}

static void add_below_dev(const struct run *run, const char *name, int tree)
{
	int dev = run->root.dev;

	if (tree < 0 || mkdirat(dev, name, 0755) ||
	    move_mount(tree, "", dev, name, MOVE_MOUNT_F_EMPTY_PATH))
		child_fail(run, "mounting /dev/%s", name);
	close(tree);
}

/* The directory is new and ours, so its names can be trusted. */
static void fill_dev(const struct run *run)
{
	const struct run_root *root = &run->root;

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (root->devices[i] < 0)
			continue;
		if (move_mount(root->devices[i], "", root->dev, devices[i].name,
			       MOVE_MOUNT_F_EMPTY_PATH))
			child_fail(run, "mounting /dev/%s", devices[i].name);
		close(root->devices[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i][1], root->dev, links[i][0]))
			child_fail(run, "making /dev/%s", links[i][0]);
	add_below_dev(run, "pts", make_devpts());
	add_below_dev(run, "shm",
		      fs_make("tmpfs", "mode=1777,size=65536k", MOUNT_SAFE));
	if (root->kernel[ROOT_MQUEUE] >= 0)
		add_below_dev(run, "mqueue", root->kernel[ROOT_MQUEUE]);
}

/**
 * dev_plan() - tell what dev_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void dev_plan(const struct run *run, FILE *out)
{
	(void)run;
	fputs("mount tmpfs on /dev, and devpts, shm, mqueue below it", out);
}

/**
 * dev_set_up() - provide a minimal /dev
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int dev_set_up(struct run *run)
{
	mode_t mask = umask(0);

	attach(run, run->root.dev, point_own(run, run->root.fd, "dev"), "/dev");
	fill_dev(run);
	umask(mask);
	return 0;
}
