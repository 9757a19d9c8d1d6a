// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run --keep: new namespaces as files that outlive the command, each
 * KEEP_DIR/NAME/TYPE a mount of what /proc/PID/ns/TYPE is.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "run-keep.h"
#include "run.h"

#define KEEP_DIR	"/run/nslens"

/**
 * keep_check() - see whether a name can be one
 * @option: for the complaint
 * @name: the name
 *
 * Return: 0, or a negative errno after a complaint.
 */
int keep_check(const char *option, const char *name)
{
	if (name[0] && name[0] != '.' && !strchr(name, '/') &&
	    strlen(name) <= NAME_MAX)
		return 0;
	complain("%s %s: want a name for a folder in " KEEP_DIR, option, name);
	return -EINVAL;
}

static void path_of(char path[PATH_MAX], const char *name, const char *file)
{
	snprintf(path, PATH_MAX, KEEP_DIR "/%s/%s", name, file);
}

/*
 * A mount of its own, out of which nothing spreads: a mount namespace cannot be
 * mounted where that would mount it within itself.
 */
static int make_private(void)
{
	struct statx st;

	if (statx(AT_FDCWD, KEEP_DIR, AT_SYMLINK_NOFOLLOW, 0, &st))
		return -1;
	if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT) &&
	    mount(KEEP_DIR, KEEP_DIR, NULL, MS_BIND, NULL))
		return -1;
	return mount(NULL, KEEP_DIR, NULL, MS_PRIVATE, NULL);
}

/* One at a time; nobody else can open the folder, to hold the lock for ever. */
static int prepare(void)
{
	int lock;
	int err;

	if (mkdir(KEEP_DIR, 0711) && errno != EEXIST)
		return -1;
	lock = open(KEEP_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (lock < 0)
		return -1;
	err = flock(lock, LOCK_EX) ? -1 : make_private();
	close(lock);
	return err;
}

/**
 * keep_wanted() - whether the namespaces are to be kept
 * @run: what is wanted
 */
bool keep_wanted(const struct run *run)
{
	return run->life.keep;
}

/**
 * keep_plan() - tell what keep_make() and keep_pin() would do
 * @run: what is wanted
 * @out: where to
 */
void keep_plan(const struct run *run, FILE *out)
{
	const char *glue = "/";

	fprintf(out, "keep the namespaces as " KEEP_DIR "/%s", run->life.keep);
	for (int i = 0; i < NR_NS_TYPES; i++) {
		if (!ns_is_new(run, i))
			continue;
		fprintf(out, "%s%s", glue, ns_types[i].file);
		glue = ",";
	}
}

/**
 * keep_make() - make the folder that namespaces are kept in
 * @run: names it
 *
 * Return: 0, or -1 after a complaint.
 */
int keep_make(struct run *run)
{
	char path[PATH_MAX];

	if (prepare())
		return run_fail(run, KEEP_DIR "%s",
				errno == EACCES || errno == EPERM ?
				": that takes root" : "");
	snprintf(path, sizeof(path), KEEP_DIR "/%s", run->life.keep);
	if (mkdir(path, 0755))
		return run_fail(run, "%s%s", path, errno == EEXIST ?
				": remove it with nslens run --unkeep" : "");
	run->life.keep_made = true;
	return 0;
}

static int pin(struct run *run, int type)
{
	char source[64], target[PATH_MAX];
	int fd;

	snprintf(source, sizeof(source), "/proc/%d/ns/%s", run->pid,
		 ns_types[type].file);
	path_of(target, run->life.keep, ns_types[type].file);
	fd = open(target, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0 || mount(source, target, NULL, MS_BIND, NULL)) {
		if (fd >= 0)
			close(fd);
		return run_fail(run, "%s", target);
	}
	return close(fd);
}

/**
 * keep_pin() - mount each new namespace on a file
 * @run: the parent's, with a child that is in them
 *
 * Return: 0, or -1 after a complaint.
 */
int keep_pin(struct run *run)
{
	for (int i = 0; i < NR_NS_TYPES; i++)
		if (ns_is_new(run, i) && pin(run, i))
			return -1;
	return 0;
}

/* Returns 0, or -1 with errno. */
static int unpin(const char *name)
{
	char path[PATH_MAX];

	for (int i = 0; i < NR_NS_TYPES; i++) {
		path_of(path, name, ns_types[i].file);
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) &&
		    errno != EINVAL && errno != ENOENT)
			return -1;
		if (unlink(path) && errno != ENOENT)
			return -1;
	}
	snprintf(path, sizeof(path), KEEP_DIR "/%s", name);
	return rmdir(path);
}

/**
 * keep_end() - keep nothing of a command that did not start
 * @run: the parent's
 *
 * Return: 0, or -1 with errno set.
 */
int keep_end(struct run *run)
{
	return run->life.keep_made && !run->started ? unpin(run->life.keep) : 0;
}

/**
 * keep_remove() - let namespaces go that were kept
 * @name: by which
 *
 * Those that nobody is in end with that.
 *
 * Return: 0, or a negative errno after a complaint.
 */
int keep_remove(const char *name)
{
	int err = keep_check("--unkeep", name);

	if (err)
		return err;
	err = unpin(name) ? -errno : 0;
	if (err)
		complain("--unkeep %s: %s", name, err == -ENOENT ?
			 "nothing is kept by that name, see " KEEP_DIR :
			 strerror(-err));
	return err;
}
