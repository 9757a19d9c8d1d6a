// SPDX-License-Identifier: GPL-2.0
/* To make and remove a cgroup, by the rules of the v2 hierarchy. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "cgroup.h"
#include "run.h"

/* After so many milliseconds it looks again, even if nobody told it to. */
#define LOOK_AGAIN	1000

/**
 * struct place - a cgroup in which that of the command might be made
 * @dir: its folder
 * @why: what the matter is with the first that was tried
 * @err: errno; 0 as long as there is none
 */
struct place {
	char dir[PATH_MAX];
	char why[PATH_MAX + 128];
	int err;
};

/* Returns how much was read, -1 with errno if it cannot be. */
static ssize_t read_in(const char *dir, const char *name, char *text,
		       size_t size)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return len;
}

static int write_in(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (fd >= 0)
		close(fd);
	return len < 0 ? -1 : 0;
}

/* The reason to give in the end is that of the first: it is the nearest. */
static int refuse(struct place *place, int err, const char *name,
		  const char *hint)
{
	if (!place->err) {
		snprintf(place->why, sizeof(place->why), "%s/%s: %s%s%s",
			 place->dir, name, strerror(err), hint[0] ? ": " : "",
			 hint);
		place->err = err;
	}
	return -1;
}

static const char *hint_for(int err)
{
	switch (err) {
	case EBUSY:
		return "limits go below one without processes: give --cgroup-parent";
	case EACCES:
	case EPERM:
	case EROFS:
		return "it is not yours: be root, or have a cgroup delegated to you";
	}
	return "";
}

static bool has_word(const char *list, const char *word)
{
	static const char space[] = { ' ', '\n', '\0' };
	size_t len = strlen(word);

	while (list[0]) {
		size_t next = strcspn(list, space);

		if (next == len && !strncmp(list, word, len))
			return true;
		list += next + strspn(list + next, space);
	}
	return false;
}

/*
 * A cgroup that holds processes hands no controllers on, but for the root. It
 * may seem to, with those that can count threads, and then nothing can be born
 * below it.
 */
static bool is_inner(const char *dir)
{
	char text[16];

	return read_in(dir, "cgroup.type", text, sizeof(text)) >= 0 &&
	       read_in(dir, "cgroup.procs", text, sizeof(text)) != 0;
}

/* See that those below it can have these limits. */
static int enable(const struct run_cgroup *cgroup, struct place *place)
{
	char there[256], on[256], want[64] = "";

	if (read_in(place->dir, "cgroup.controllers", there,
		    sizeof(there)) < 0 ||
	    read_in(place->dir, "cgroup.subtree_control", on, sizeof(on)) < 0)
		return refuse(place, errno, "cgroup.controllers", "");
	for (int i = 0; i < NR_LIMITS; i++) {
		const char *name = cgroup_limits[i].controller;

		if (!cgroup->text[i] || has_word(on, name))
			continue;
		if (!has_word(there, name)) {
			snprintf(want, sizeof(want),
				 "no %s: see cgroup.subtree_control above, or cgroup v1 has it",
				 name);
			return refuse(place, ENOENT, "cgroup.controllers",
				      want);
		}
		snprintf(want + strlen(want), sizeof(want) - strlen(want),
			 " +%s", name);
	}
	if (is_inner(place->dir))
		return refuse(place, EBUSY, "cgroup.procs", hint_for(EBUSY));
	if (want[0] &&
	    write_in(place->dir, "cgroup.subtree_control", want + 1))
		return refuse(place, errno, "cgroup.subtree_control",
			      hint_for(errno));
	return 0;
}

/* PIDs are not unique where PID namespaces share a hierarchy. */
static int make_in(struct run_cgroup *cgroup, struct place *place)
{
	int nr = 0;

	if (enable(cgroup, place))
		return -1;
	do {
		if (snprintf(cgroup->path, sizeof(cgroup->path),
			     nr ? "%s/nslens-%d.%d" : "%s/nslens-%d",
			     place->dir, getppid(), nr) >=
		    (int)sizeof(cgroup->path))
			return refuse(place, ENAMETOOLONG, "", "");
		if (!mkdir(cgroup->path, 0755))
			return 0;
		nr++;
	} while (errno == EEXIST);
	return refuse(place, errno, "", hint_for(errno));
}

/* Our own cgroup. */
static int find_own(char *dir, size_t size)
{
	char text[PATH_MAX];
	const char *root = cgroup_root();
	const char *own;
	size_t len;

	if (!root) {
		complain("cgroup: no v2 hierarchy is mounted in /sys/fs/cgroup");
		return -1;
	}
	read_in("/proc/self", "cgroup", text, sizeof(text));
	own = strncmp(text, "0::", 3) ? strstr(text, "\n0::") : text - 1;
	if (!own || !strncmp(own + 4, "/..", 3)) {
		complain("cgroup: ours is not in %s: give --cgroup-parent",
			 root);
		return -1;
	}
	own += 4;
	/* That of the root is no more than a slash. */
	len = strcspn(own, "\n");
	snprintf(dir, size, "%s%.*s", root, len > 1 ? (int)len : 0, own);
	return 0;
}

/* Make @dir that of the cgroup above it, if there is one. */
static bool climb(char *dir)
{
	size_t top = strlen(cgroup_root());
	char *last = strrchr(dir, '/');

	if (!last || (size_t)(last - dir) < top || !dir[top])
		return false;
	*last = '\0';
	return true;
}

static int find_and_make(struct run_cgroup *cgroup)
{
	struct place place = { .err = 0 };

	if (cgroup->above) {
		if (!realpath(cgroup->above, place.dir)) {
			complain("--cgroup-parent %s: %s", cgroup->above,
				 strerror(errno));
			return -1;
		}
		if (!make_in(cgroup, &place))
			return 0;
	} else {
		if (find_own(place.dir, sizeof(place.dir)))
			return -1;
		do {
			if (!make_in(cgroup, &place))
				return 0;
		} while (climb(place.dir));
	}
	complain("cgroup: %s", place.why);
	return -1;
}

/* Swap would be more memory; where there is none, there is no such file. */
static int limit(const struct run_cgroup *cgroup)
{
	for (int i = 0; i < NR_LIMITS; i++) {
		if (!cgroup->text[i] ||
		    !write_in(cgroup->path, cgroup_limits[i].file,
			      cgroup->value[i]))
			continue;
		complain("%s %s: %s/%s: %s", cgroup_limits[i].option,
			 cgroup->text[i], cgroup->path, cgroup_limits[i].file,
			 strerror(errno));
		return -1;
	}
	if (cgroup->text[LIMIT_MEMORY] &&
	    write_in(cgroup->path, "memory.swap.max", "0") && errno != ENOENT) {
		complain("%s/memory.swap.max: %s", cgroup->path,
			 strerror(errno));
		return -1;
	}
	return 0;
}

/**
 * cgroup_make() - make a cgroup with limits
 * @cgroup: which limits, and where; its path is filled in
 *
 * Return: 0, or -1 after a complaint.
 */
int cgroup_make(struct run_cgroup *cgroup)
{
	if (find_and_make(cgroup))
		return -1;
	if (!limit(cgroup))
		return 0;
	rmdir(cgroup->path);
	return -1;
}

/* With those that were made in it. Returns 0, or -1 with errno. */
static int remove_tree(const char *path)
{
	char * const tops[] = { (char *)path, NULL };
	FTS *fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR,
			    NULL);
	FTSENT *entry;

	while (fts && (entry = fts_read(fts)))
		if (entry->fts_info == FTS_DP && entry->fts_level)
			rmdir(entry->fts_path);
	if (fts)
		fts_close(fts);
	return rmdir(path);
}

/**
 * cgroup_remove() - remove a cgroup, when its last process has ended
 * @cgroup: made by cgroup_make()
 * @killing: end them
 */
void cgroup_remove(const struct run_cgroup *cgroup, bool killing)
{
	char path[PATH_MAX + 16], text[64];
	struct pollfd events = { .events = POLLPRI };

	snprintf(path, sizeof(path), "%s/cgroup.events", cgroup->path);
	events.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (killing)
		write_in(cgroup->path, "cgroup.kill", "1");
	/* What changes after it was read is an event. */
	while (pread(events.fd, text, sizeof(text), 0) > 0 &&
	       remove_tree(cgroup->path) && errno == EBUSY)
		poll(&events, 1, LOOK_AGAIN);
	close(events.fd);
}

/**
 * cgroup_oom_kills() - tell how many processes died for want of memory
 * @cgroup: made by cgroup_make()
 *
 * Return: so many.
 */
unsigned long cgroup_oom_kills(const struct run_cgroup *cgroup)
{
	static const char name[] = "\noom_kill ";
	char text[512];
	const char *at;

	read_in(cgroup->path, "memory.events", text, sizeof(text));
	at = strstr(text, name);
	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}
