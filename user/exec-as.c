// SPDX-License-Identifier: GPL-2.0
/*
 * As whom nslens exec runs a command: as if the process next to it had executed
 * it. Options of "Identity" change that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "run.h"

/* What the kernel shows for an id that has none in the user namespace. */
#define OVERFLOW_ID	65534

/**
 * exec_wanted() - whether this is nslens exec
 * @run: what is wanted
 */
bool exec_wanted(const struct run *run)
{
	return run->exec.text;
}

/**
 * exec_plan_as() - tell what exec_be_like() would do
 * @run: what is wanted
 * @out: where to
 */
void exec_plan_as(const struct run *run, FILE *out)
{
	fprintf(out, "be %s, limited to the capabilities of process %u",
		run->exec.as_root ? "root" : "the user and group",
		run->exec.pid);
}

/* Groups that have no number here cannot be had. */
static void take_groups(struct run *run, const char *status)
{
	const struct run_exec *exec = &run->exec;
	const char *at = exec_field(status, "Groups:");
	char *may = exec_read(exec, "setgroups", NULL);
	bool user = ns_is_joined(run, NSLENS_NS_TYPE_USER);
	char *end;

	run->id.nr_groups = 0;
	while (!may || strncmp(may, "deny", 4) != 0) {
		unsigned long gid = strtoul(at, &end, 10);

		if (end == at || strchr("\n", *at))
			break;
		at = end + strspn(end, " \t");
		if ((gid == OVERFLOW_ID && user) ||
		    run->id.nr_groups == MAX_GROUPS)
			continue;
		run->id.groups[run->id.nr_groups++] = (gid_t)gid;
		if (*at == '\n')
			break;
	}
	free(may);
}

/* Of real, effective, saved and file system id, the second counts. */
static __u32 effective(const char *status, const char *name)
{
	char *end;

	strtoul(exec_field(status, name), &end, 10);
	return (__u32)strtoul(end, NULL, 10);
}

static __u64 caps_of(const char *status, const char *name)
{
	return strtoull(exec_field(status, name), NULL, 16);
}

static void take_ids(struct run *run, const char *status)
{
	struct run_id *id = &run->id;

	if (id->has_uid || id->has_gid)
		return;
	id->has_uid = true;
	id->has_gid = true;
	if (run->exec.as_root) {
		id->want_uid = 0;
		id->want_gid = 0;
		return;
	}
	id->want_uid = effective(status, "Uid:");
	id->want_gid = effective(status, "Gid:");
	if (id->nr_groups < 0)
		take_groups(run, status);
}

/**
 * exec_be_like() - find out whom id_take() is to make of us
 * @run: the child's, in its user namespace: there the ids of the process have
 *	the numbers that count
 *
 * What the process can never get its command cannot: the bounding set is the
 * same. Ambient capabilities pass on to it, too.
 *
 * Return: 0; fails by child_fail().
 */
int exec_be_like(struct run *run)
{
	struct run_id *id = &run->id;
	char *status = exec_read(&run->exec, "status", NULL);

	if (!status)
		child_fail(run, "/proc/%u/status", run->exec.pid);
	take_ids(run, status);
	id->caps.has_base = true;
	id->caps.base = caps_of(status, "CapBnd:");
	if (!run->exec.as_root && id->want_uid)
		id->caps.add.bits |= caps_of(status, "CapAmb:") &
				     ~id->caps.drop.bits;
	if (strtoul(exec_field(status, "NoNewPrivs:"), NULL, 10))
		id->no_new_privs = true;
	free(status);
	return 0;
}

/**
 * exec_id_inside() - as whom to be in a user namespace meanwhile
 * @exec: the process, whose user namespace it is
 * @map: uid_map or gid_map
 *
 * Return: 0 if there is a root there; else the first id that there is.
 */
__u32 exec_id_inside(const struct run_exec *exec, const char *map)
{
	char *text = exec_read(exec, map, NULL);
	unsigned long first = 0;
	bool any = false;

	for (char *at = text; at && *at; at += strcspn(at, "\n"),
	     at += !!*at) {
		unsigned long next = strtoul(at, NULL, 10);

		if (!any || next < first)
			first = next;
		any = true;
	}
	free(text);
	return (__u32)first;
}

/**
 * exec_has_env() - whether the command gets the environment of a process
 * @run: what is wanted
 *
 * Only together with its files: what it says about libraries, for one, is not
 * for programs of ours.
 */
bool exec_has_env(const struct run *run)
{
	return run->exec.text && run->exec.environ;
}

/**
 * exec_take_env() - have the environment that the process was started with
 * @run: the child's
 *
 * Only the terminal, if there is one, is ours.
 *
 * Return: 0, or -1 with errno set.
 */
int exec_take_env(struct run *run)
{
	const struct run_exec *exec = &run->exec;
	const char *term = getenv("TERM");
	char *at = exec->environ;
	char kept[64];

	snprintf(kept, sizeof(kept), "%s", term ? term : "xterm");
	if (clearenv())
		return -1;
	for (; at < exec->environ + exec->size; at += strlen(at) + 1)
		if (strchr(at, '=') && at[0] != '=' && putenv(at))
			return -1;
	return run->life.tty ? setenv("TERM", kept, 1) : 0;
}
