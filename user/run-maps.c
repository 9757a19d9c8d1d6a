// SPDX-License-Identifier: GPL-2.0
/* Which ids of a new user namespace are which outside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

/**
 * maps_wanted() - whether there is a user namespace to map ids in
 * @run: what is wanted
 */
bool maps_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_USER);
}

/**
 * maps_plan() - tell what maps_write() would do
 * @run: what is wanted
 * @out: where to
 */
void maps_plan(const struct run *run, FILE *out)
{
	fputs("write uid_map and gid_map:", out);
	for (int i = 0; i < run->ns.nr_maps; i++)
		fprintf(out, "%s %u:%u:%u", i ? "," : "",
			run->ns.maps[i].inside, run->ns.maps[i].outside,
			run->ns.maps[i].count);
	if (!run->ns.nr_maps)
		fprintf(out, " 0:%u:1, 0:%u:1", geteuid(), getegid());
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
	if (done != (ssize_t)len)
		err = run_fail(run, "writing %s", path);
	if (fd >= 0)
		close(fd);
	return err;
}

static int write_map(struct run *run, const char *name)
{
	char text[MAX_MAPS * 40] = "";
	size_t len = 0;

	for (int i = 0; i < run->ns.nr_maps; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%u %u %u\n", run->ns.maps[i].inside,
					run->ns.maps[i].outside,
					run->ns.maps[i].count);
	return write_proc(run, name, text);
}

/**
 * maps_write() - map the ids of the new user namespace
 * @run: with the new process
 *
 * Who is not root outside gets its own uid and gid mapped, and nothing else.
 *
 * Return: 0, or -1 after a complaint.
 */
int maps_write(struct run *run)
{
	bool own = !run->ns.nr_maps;
	int err;

	if (own) {
		run->ns.nr_maps = 1;
		run->ns.maps[0] = (struct id_map){ 0, geteuid(), 1 };
	}
	err = write_map(run, "uid_map");
	if (!err && geteuid())
		err = write_proc(run, "setgroups", "deny");
	if (own)
		run->ns.maps[0].outside = getegid();
	return err ? err : write_map(run, "gid_map");
}
