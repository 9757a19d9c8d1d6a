// SPDX-License-Identifier: GPL-2.0
/* Options of nslens run about the root and the mounts. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "run-root-mount.h"

enum {
	OPT_ROOTFS = OPT_LONG,
	OPT_RO,
	OPT_BIND,
	OPT_TMPFS,
	OPT_UNMASK,
};

static const struct opt opts[] = {
	{ "rootfs", OPT_ROOTFS, "DIR|FILE",
	  "directory that becomes the root; or a tar archive,\n"
	  "which is unpacked to memory: .tar, .gz, .xz, .zst" },
	{ "ro", OPT_RO, NULL,
	  "the root is read-only, with all that was mounted in\n"
	  "it before; /dev, --bind and --tmpfs are not" },
	{ "bind", OPT_BIND, "SRC:DST[:ro]",
	  "mount the file or directory SRC, with all that is\n"
	  "mounted in it, on DST inside; :ro for read-only" },
	{ "tmpfs", OPT_TMPFS, "DST[:OPTION,...]",
	  "mount an empty file system in memory on DST; OPTION\n"
	  "is ro, noexec, or one of tmpfs(5), such as size=64m\n"
	  "or mode=1777; DST may be / for --rootfs FILE" },
	{ "unmask", OPT_UNMASK, "=PATH",
	  "do not hide, nor make read-only, PATH of --rootfs's\n"
	  "/proc or /sys; without PATH, any" },
	{ NULL }
};

static struct root_extra *new_extra(struct run *run, const char *option)
{
	struct run_root *root = &run->root;

	if (root->nr_extras == MAX_EXTRAS) {
		complain("%s: more than %d mounts", option, MAX_EXTRAS);
		return NULL;
	}
	root->extras[root->nr_extras].tree = -1;
	return &root->extras[root->nr_extras++];
}

/* Absolute, without slashes at its end, so that its last part is a name. */
static bool clean_target(char *target)
{
	size_t len = strlen(target);

	while (len > 1 && target[len - 1] == '/')
		target[--len] = '\0';
	return target[0] == '/' && len < PATH_MAX;
}

/* The working directory will be another. */
static char *absolute(char *path)
{
	char here[PATH_MAX];
	char *text;

	if (path[0] == '/')
		return path;
	if (!getcwd(here, sizeof(here)) ||
	    asprintf(&text, "%s/%s", here, path) < 0)
		return NULL;
	return text;
}

/* Of SRC:DST, SRC may have colons in it: the last one before a '/' counts. */
static char *split_bind(char *text)
{
	char *colon = NULL;

	for (char *at = text; (at = strstr(at, ":/")); at++)
		colon = at;
	if (!colon || colon == text)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int add_bind(struct run *run, const char *arg)
{
	struct root_extra *extra = new_extra(run, "--bind");
	char *text = extra ? strdup(arg) : NULL;
	char *target = text ? split_bind(text) : NULL;
	char *last = target ? strrchr(target, ':') : NULL;

	if (!extra)
		return -E2BIG;
	extra->text = text;
	if (last && !strcmp(last, ":ro"))
		extra->attrs = MOUNT_ATTR_RDONLY;
	if (last && (!strcmp(last, ":ro") || !strcmp(last, ":rw")))
		*last = '\0';
	if (!target || !clean_target(target) || !target[1]) {
		complain("--bind %s: want SRC:DST or SRC:DST:ro, DST an absolute path%s",
			 arg, target && target[0] == '/' ? " below /" : "");
		return -EINVAL;
	}
	extra->source = absolute(text);
	extra->target = target;
	if (extra->source)
		return 0;
	complain("--bind %s: %s", arg, strerror(errno));
	return -errno;
}

static unsigned int mount_option(const char *option)
{
	return !strcmp(option, "ro") ? MOUNT_ATTR_RDONLY :
	       !strcmp(option, "noexec") ? MOUNT_ATTR_NOEXEC : 0;
}

/* Those of the mount become its attributes, the others are the kernel's. */
static void take_options(struct root_extra *extra, char *options)
{
	char *kept = options, *end = options;
	char *option;

	/* In place: what is kept is never longer than what has been read. */
	while ((option = strsep(&options, ","))) {
		unsigned int attr = mount_option(option);
		size_t len = strlen(option);

		extra->attrs |= attr;
		if (attr || !len)
			continue;
		if (end > kept)
			*end++ = ',';
		memmove(end, option, len);
		end += len;
	}
	*end = '\0';
	extra->options = kept[0] ? kept : NULL;
}

/* Not one more mount, but the one that the archive goes to. */
static int set_root_tmpfs(struct run *run, const struct root_extra *extra)
{
	struct run_root *root = &run->root;
	char *options = NULL;

	root->nr_extras--;
	root->root_tmpfs = true;
	root->root_attrs = extra->attrs & MOUNT_ATTR_NOEXEC;
	if (extra->attrs & MOUNT_ATTR_RDONLY)
		root->read_only = true;
	if (extra->options &&
	    asprintf(&options, "mode=755,%s", extra->options) < 0)
		return -ENOMEM;
	root->root_options = options;
	return 0;
}

static int add_tmpfs(struct run *run, const char *arg)
{
	struct root_extra *extra = new_extra(run, "--tmpfs");
	char *target = extra ? strdup(arg) : NULL;
	char *options = target ? strchr(target, ':') : NULL;

	if (!extra)
		return -E2BIG;
	extra->text = target;
	if (options)
		*options++ = '\0';
	if (!target || !clean_target(target)) {
		complain("--tmpfs %s: want DST or DST:OPTION,..., DST an absolute path",
			 arg);
		return -EINVAL;
	}
	extra->attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	extra->target = target;
	if (options)
		take_options(extra, options);
	return target[1] ? 0 : set_root_tmpfs(run, extra);
}

static int add_unmasked(struct run *run, const char *path)
{
	struct run_root *root = &run->root;

	if (!path) {
		root->unmask = true;
		return 0;
	}
	if (!mask_exists(path) || root->nr_unmasked == MAX_UNMASKED) {
		complain("--unmask=%s: not among what is masked: see --dry-run",
			 path);
		return -EINVAL;
	}
	root->unmasked[root->nr_unmasked++] = path;
	return 0;
}

static int take(void *what, int opt, const char *arg)
{
	struct run *run = what;

	switch (opt) {
	case OPT_ROOTFS:
		run->root.path = arg;
		return 0;
	case OPT_RO:
		run->root.read_only = true;
		return 0;
	case OPT_BIND:
		return add_bind(run, arg);
	case OPT_TMPFS:
		return add_tmpfs(run, arg);
	case OPT_UNMASK:
		return add_unmasked(run, arg);
	}
	return -EINVAL;
}

static int settle(void *what)
{
	struct run *run = what;
	struct run_root *root = &run->root;
	bool unmasks = root->unmask || root->nr_unmasked;

	if (unmasks && !root->path) {
		complain("--unmask: nothing is masked without --rootfs");
		return -EINVAL;
	}
	if (root->root_tmpfs && !root->path) {
		complain("--tmpfs /: that is for --rootfs FILE");
		return -EINVAL;
	}
	return (root->path &&
		ns_need(run, "--rootfs", NSLENS_NS_TYPE_MNT)) ||
	       (root->read_only &&
		ns_need(run, "--ro", NSLENS_NS_TYPE_MNT)) ||
	       (root->nr_extras &&
		ns_need(run, root->extras[0].source ? "--bind" : "--tmpfs",
			NSLENS_NS_TYPE_MNT)) ? -EINVAL : 0;
}

const struct opt_group root_group = {
	.title = "Root file system and mounts",
	.opts = opts,
	.take = take,
	.settle = settle,
};
