// SPDX-License-Identifier: GPL-2.0
/* Mounts that nslens run is asked for: --bind and --tmpfs, in their order. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "run.h"
#include "run-root-mount.h"

/**
 * sources_wanted() - whether anything from outside is to be mounted inside
 * @run: what is wanted
 */
bool sources_wanted(const struct run *run)
{
	for (int i = 0; i < run->root.nr_extras; i++)
		if (run->root.extras[i].source)
			return true;
	return false;
}

/**
 * sources_plan() - tell what sources_open() would do
 * @run: what is wanted
 * @out: where to
 */
void sources_plan(const struct run *run, FILE *out)
{
	const char *between = "clone the mounts of ";

	for (int i = 0; i < run->root.nr_extras; i++) {
		if (!run->root.extras[i].source)
			continue;
		fprintf(out, "%s%s", between, run->root.extras[i].source);
		between = ", ";
	}
}

static void open_source(struct run *run, struct root_extra *extra)
{
	extra->tree = tree_clone(AT_FDCWD, extra->source);
	if (extra->tree < 0)
		child_fail(run, "--bind %s", extra->source);
	if (extra->attrs && tree_set(extra->tree, extra->attrs, true))
		child_fail(run, "making %s read-only", extra->source);
}

/**
 * sources_open() - take hold of what is to be mounted from outside
 * @run: the child's, in its mount namespace, with the old root, before it
 *	becomes another user
 *
 * Return: 0; fails by child_fail().
 */
int sources_open(struct run *run)
{
	for (int i = 0; i < run->root.nr_extras; i++)
		if (run->root.extras[i].source)
			open_source(run, &run->root.extras[i]);
	return 0;
}

/**
 * extras_wanted() - whether mounts were asked for
 * @run: what is wanted
 */
bool extras_wanted(const struct run *run)
{
	return run->root.nr_extras > 0;
}

/**
 * extras_plan() - tell what extras_set_up() would do
 * @run: what is wanted
 * @out: where to
 */
void extras_plan(const struct run *run, FILE *out)
{
	for (int i = 0; i < run->root.nr_extras; i++) {
		const struct root_extra *extra = &run->root.extras[i];

		fprintf(out, "%s%s%s%s on %s%s", i ? ", " : "mount ",
			extra->source ? extra->source : "a tmpfs",
			extra->options ? " with " : "",
			extra->options ? extra->options : "", extra->target,
			extra->attrs & MOUNT_ATTR_RDONLY ? " read-only" : "");
	}
}

/*
 * What an image makes of the path that was asked for: not the root, which would
 * be covered for nobody, nor a place in /proc, where programs would read what
 * is not the kernel's.
 */
static void check_point(const struct run *run, const struct root_extra *extra,
			int point, bool is_dir)
{
	struct stat st, root;
	struct statfs fs;

	if (fstat(point, &st) || fstat(run->root.fd, &root) ||
	    fstatfs(point, &fs))
		child_fail(run, "looking at %s", extra->target);
	errno = ELOOP;
	if (st.st_dev == root.st_dev && st.st_ino == root.st_ino)
		child_fail(run, "%s is the root", extra->target);
	if (fs.f_type == PROC_SUPER_MAGIC &&
	    strncmp(extra->target, "/proc/", 6))
		child_fail(run, "%s leads into /proc", extra->target);
	errno = is_dir ? ENOTDIR : EISDIR;
	if (S_ISDIR(st.st_mode) != is_dir)
		child_fail(run, "%s", extra->target);
}

static bool is_directory(const struct run *run, const struct root_extra *extra)
{
	struct stat st;

	if (!extra->source)
		return true;
	if (fstat(extra->tree, &st))
		child_fail(run, "looking at %s", extra->source);
	return S_ISDIR(st.st_mode);
}

static noreturn void fail_point(const struct run *run,
				const struct root_extra *extra)
{
	if (errno == EEXIST) {
		errno = ENOENT;
		child_fail(run, "%s, where a symbolic link leads to what is not there",
			   extra->target);
	}
	if (errno == ENOENT && !run->root.path)
		child_fail(run, "%s, which is not made for you without --rootfs",
			   extra->target);
	child_fail(run, "finding or making %s", extra->target);
}

static void set_up(struct run *run, struct root_extra *extra)
{
	bool is_dir;
	int point;

	if (!extra->source)
		extra->tree = fs_make("tmpfs", extra->options, extra->attrs);
	if (extra->tree < 0)
		child_fail(run, "a tmpfs for %s%s%s", extra->target,
			   fs_reason()[0] ? ": " : "", fs_reason());
	is_dir = is_directory(run, extra);
	point = point_make(run, extra->target, is_dir);
	if (point < 0)
		fail_point(run, extra);
	check_point(run, extra, point, is_dir);
	if (tree_attach(extra->tree, point))
		child_fail(run, "covering %s", extra->target);
	close(point);
}

/**
 * extras_set_up() - mount what was asked for
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int extras_set_up(struct run *run)
{
	mode_t mask = umask(0);

	for (int i = 0; i < run->root.nr_extras; i++)
		set_up(run, &run->root.extras[i]);
	/* Only now: point_make() looks at those before it. */
	for (int i = 0; i < run->root.nr_extras; i++)
		close(run->root.extras[i].tree);
	umask(mask);
	return 0;
}
