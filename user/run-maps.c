// SPDX-License-Identifier: GPL-2.0
/*
 * Which ids of a new user namespace are which outside. The kernel lets anyone map
 * its own ids; those that an administrator has set aside for a user in
 * /etc/subuid and /etc/subgid are mapped by newuidmap and newgidmap.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "proc-info.h"
#include "run.h"
#include "target.h"

static int add_row(struct id_maps *maps, const struct id_map *row)
{
	if (maps->nr == MAX_MAPS)
		return -E2BIG;
	maps->at[maps->nr++] = *row;
	return 0;
}

/**
 * maps_add() - take a row of the maps
 * @ns: where to
 * @option: for complaints
 * @text: IN:OUT or IN:OUT:N
 * @uids: it is about user ids
 * @gids: it is about group ids
 *
 * Return: 0, or a negative errno after a complaint.
 */
int maps_add(struct run_ns *ns, const char *option, const char *text,
	     bool uids, bool gids)
{
	struct id_map row = { .count = 1 };
	size_t in = strcspn(text, ":");
	const char *second = text + in + !!text[in];
	size_t out = strcspn(second, ":");
	const char *third = second + out + !!second[out];

	if (parse_u32(text, in, &row.inside) ||
	    parse_u32(second, out, &row.outside) ||
	    (second[out] && parse_u32(third, strlen(third), &row.count)) ||
	    !row.count) {
		complain("%s %s: want IN:OUT or IN:OUT:N, such as 0:100000:65536",
			 option, text);
		return -EINVAL;
	}
	if ((uids && add_row(&ns->uids, &row)) ||
	    (gids && add_row(&ns->gids, &row))) {
		complain("more than %d of %s", MAX_MAPS, option);
		return -E2BIG;
	}
	return 0;
}

/* A line is NAME:FIRST:COUNT; the name may be a number. */
static bool is_own_line(const char *line, struct id_map *row)
{
	const char *first = line + strcspn(line, ":");
	const char *count = first + 1 + strcspn(first + !!*first, ":\n");
	size_t len = (size_t)(first - line);
	const char *name = user_name(geteuid());
	char number[16];

	snprintf(number, sizeof(number), "%u", geteuid());
	if ((strlen(name) != len || memcmp(name, line, len)) &&
	    (strlen(number) != len || memcmp(number, line, len)))
		return false;
	return !parse_u32(first + 1, strcspn(first + 1, ":\n"),
			  &row->outside) && *count == ':' &&
	       !parse_u32(count + 1, strcspn(count + 1, "\n"), &row->count) &&
	       row->count;
}

/* Root inside is who we are; from 1 on come the ids set aside for us. */
static int add_auto(struct id_maps *maps, const char *path, __u32 own)
{
	struct id_map row = { .inside = 1 };
	FILE *file = fopen(path, "re");
	char line[256];

	add_row(maps, &(struct id_map){ 0, own, 1 });
	while (file && fgets(line, sizeof(line), file))
		if (strchr(line, ':') && is_own_line(line, &row) &&
		    !add_row(maps, &row))
			row.inside += row.count;
	if (file)
		fclose(file);
	return maps->nr > 1 ? 0 : -ENOENT;
}

static int settle_auto(struct run_ns *ns, bool asked)
{
	if (!add_auto(&ns->uids, "/etc/subuid", geteuid()) &&
	    !add_auto(&ns->gids, "/etc/subgid", getegid()))
		return 0;
	if (asked) {
		complain("--map-auto: /etc/subuid and /etc/subgid set no ids aside for %s: %s",
			 user_name(geteuid()),
			 "an administrator does so with usermod --add-subuids and --add-subgids");
		return -ENOENT;
	}
	ns->uids.nr = 0;
	ns->gids.nr = 0;
	ns->how = MAP_ROOT;
	return 0;
}

/**
 * maps_settle() - find out what the maps of a new user namespace are
 * @run: being settled
 * @preferred: where they come from if nothing was said
 *
 * Return: 0, or a negative errno after a complaint.
 */
int maps_settle(struct run *run, enum map_how preferred)
{
	struct run_ns *ns = &run->ns;
	bool asked = ns->how != MAP_NONE;
	int err = 0;

	if (!ns_is_new(run, NSLENS_NS_TYPE_USER))
		return 0;
	if (!asked)
		ns->how = preferred;
	if (ns->how == MAP_AUTO)
		err = settle_auto(ns, asked);
	if (ns->how == MAP_ROOT) {
		add_row(&ns->uids, &(struct id_map){ 0, geteuid(), 1 });
		add_row(&ns->gids, &(struct id_map){ 0, getegid(), 1 });
	}
	if (!err && (!ns->uids.nr || !ns->gids.nr)) {
		complain("--map-uids and --map-gids: neither goes without the other");
		err = -EINVAL;
	}
	run->id.uid = ns->uids.at[0].inside;
	run->id.gid = ns->gids.at[0].inside;
	return err;
}

/**
 * maps_wanted() - whether there is a user namespace to map ids in
 * @run: what is wanted
 */
bool maps_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_USER);
}

/* Who may write the map: root any, others a single own id. */
static bool is_ours(const struct id_maps *maps, __u32 own)
{
	return !geteuid() || (maps->nr == 1 && maps->at[0].count == 1 &&
			      maps->at[0].outside == own);
}

static bool deny_setgroups(const struct run *run)
{
	return geteuid() && is_ours(&run->ns.gids, getegid());
}

static void plan_map(const struct id_maps *maps, const char *how, FILE *out)
{
	fprintf(out, "%s:", how);
	for (int i = 0; i < maps->nr; i++)
		fprintf(out, "%s %u %u %u", i ? "," : "", maps->at[i].inside,
			maps->at[i].outside, maps->at[i].count);
}

/**
 * maps_plan() - tell what maps_write() would do
 * @run: what is wanted
 * @out: where to
 */
void maps_plan(const struct run *run, FILE *out)
{
	const struct run_ns *ns = &run->ns;

	plan_map(&ns->uids, is_ours(&ns->uids, geteuid()) ?
		 "write uid_map" : "newuidmap", out);
	if (deny_setgroups(run))
		fputs("; write setgroups: deny", out);
	fputs("; ", out);
	plan_map(&ns->gids, is_ours(&ns->gids, getegid()) ?
		 "write gid_map" : "newgidmap", out);
}

static int write_proc(struct run *run, const char *name, const char *text)
{
	size_t len = strlen(text);
	char path[64];
	ssize_t done;
	int err = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", run->pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd < 0 ? -1 : write(fd, text, len);
	if (done < 0 && errno == EINVAL)
		err = run_fail_hint(run, "no id may be in two ranges",
				    "writing %s", path);
	else if (done != (ssize_t)len)
		err = run_fail(run, "writing %s", path);
	if (fd >= 0)
		close(fd);
	return err;
}

static int write_map(struct run *run, const char *name,
		     const struct id_maps *maps)
{
	char text[MAX_MAPS * 40] = "";
	size_t len = 0;

	for (int i = 0; i < maps->nr; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%u %u %u\n", maps->at[i].inside,
					maps->at[i].outside,
					maps->at[i].count);
	return write_proc(run, name, text);
}

#define MAX_ARGS	(2 + 3 * MAX_MAPS)

/* newuidmap PID INSIDE OUTSIDE COUNT ...; it explains what it refuses. */
static int call_mapper(struct run *run, const char *program,
		       const struct id_maps *maps)
{
	char text[MAX_ARGS][16];
	char *argv[MAX_ARGS + 1] = { (char *)program, text[1] };
	int nr = 2, status = 0;
	pid_t pid;

	snprintf(text[1], sizeof(text[1]), "%d", run->pid);
	for (int i = 0; i < maps->nr; i++) {
		const __u32 numbers[] = { maps->at[i].inside,
					  maps->at[i].outside,
					  maps->at[i].count };

		for (int j = 0; j < 3; j++, nr++) {
			snprintf(text[nr], sizeof(text[nr]), "%u", numbers[j]);
			argv[nr] = text[nr];
		}
	}
	errno = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
	if (errno)
		return run_fail_hint(run, "install package uidmap", "%s",
				     program);
	if (waitpid(pid, &status, 0) != pid || status) {
		errno = EPERM;
		return run_fail(run, "%s", program);
	}
	return 0;
}

/**
 * maps_write() - map the ids of the new user namespace
 * @run: with the new process
 *
 * Return: 0, or -1 after a complaint.
 */
int maps_write(struct run *run)
{
	const struct run_ns *ns = &run->ns;
	int err;

	err = is_ours(&ns->uids, geteuid()) ?
	      write_map(run, "uid_map", &ns->uids) :
	      call_mapper(run, "newuidmap", &ns->uids);
	if (!err && deny_setgroups(run))
		err = write_proc(run, "setgroups", "deny");
	if (err)
		return err;
	return is_ours(&ns->gids, getegid()) ?
	       write_map(run, "gid_map", &ns->gids) :
	       call_mapper(run, "newgidmap", &ns->gids);
}
