// SPDX-License-Identifier: GPL-2.0
/* Cgroups as a user names them: by folder, or by the id of a container. */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include <linux/magic.h>
#include <sys/vfs.h>

#include "cgroup.h"
#include "options.h"

/* What docker prints is that long; a PID is shorter. */
#define SHORT_ID	12

#define HEX_DIGITS	"0123456789abcdef"

/**
 * cgroup_root() - tell where the v2 hierarchy is mounted
 *
 * Return: a path; NULL if it is not.
 */
const char *cgroup_root(void)
{
	static const char * const places[] = {
		"/sys/fs/cgroup/unified", "/sys/fs/cgroup",
	};
	struct statfs fs;

	for (int i = 0; i < 2; i++)
		if (!statfs(places[i], &fs) &&
		    fs.f_type == CGROUP2_SUPER_MAGIC)
			return places[i];
	return NULL;
}

/**
 * is_container_id() - tell whether text can be the id of a container
 * @text: the text
 *
 * Return: it is made of hexadecimal digits, 12 or more of them or with a letter
 * among them: else it is a number.
 */
bool is_container_id(const char *text)
{
	size_t len = strspn(text, HEX_DIGITS);

	return len && !text[len] &&
	       (len >= SHORT_ID || strpbrk(text, "abcdef"));
}

/**
 * cgroup_by_path() - the path of a cgroup in its hierarchy
 * @path: of its folder
 *
 * Return: the end of @path; NULL if it is not in a v2 hierarchy.
 */
const char *cgroup_by_path(const char *path)
{
	const char *top = cgroup_root();
	size_t len = top ? strlen(top) : 0;

	if (!top || strncmp(path, top, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len : "/";
}

/*
 * Runtimes name a container's cgroup ID, as docker does without systemd, or
 * RUNTIME-ID.scope; libpod-conmon-ID.scope holds but the monitor. An id has 12
 * digits at least, which tells it from a word.
 */
static bool is_of_container(const char *name, const char *id)
{
	const char *dash = strrchr(name, '-');
	const char *own = dash ? dash + 1 : name;
	size_t len = strspn(own, HEX_DIGITS);

	return !strncmp(own, id, strlen(id)) && len >= SHORT_ID &&
	       (!own[len] || own[len] == '.') && !strstr(name, "-conmon-");
}

static char *search(FTS *fts, const char *top, const char *id, int *err)
{
	char *found = NULL;
	FTSENT *entry;

	*err = -EINVAL;
	while ((entry = fts_read(fts))) {
		if (entry->fts_info != FTS_D ||
		    !is_of_container(entry->fts_name, id))
			continue;
		if (found) {
			complain("%s: more than one container: %s and %s: give more digits",
				 id, found, entry->fts_path + strlen(top));
			free(found);
			return NULL;
		}
		found = strdup(entry->fts_path + strlen(top));
		fts_set(fts, entry, FTS_SKIP);
	}
	if (!found)
		complain("%s: no container has such an id, going by the names of cgroups",
			 id);
	*err = -ENOENT;
	return found;
}

/**
 * cgroup_by_id() - find the cgroup of a container
 * @id: its id, or the start of it
 * @err: why there is none: -ENOENT if no container has that id, or -EINVAL
 *
 * Return: its path in the hierarchy, to be freed; NULL after a complaint.
 */
char *cgroup_by_id(const char *id, int *err)
{
	const char *top = cgroup_root();
	char * const tops[] = { (char *)top, NULL };
	char *found;
	FTS *fts;

	*err = -ENOENT;
	if (!top) {
		complain("%s: no cgroup v2 hierarchy in /sys/fs/cgroup to look for it",
			 id);
		return NULL;
	}
	fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts) {
		complain("%s: %s", top, strerror(errno));
		return NULL;
	}
	found = search(fts, top, id, err);
	fts_close(fts);
	return found;
}
