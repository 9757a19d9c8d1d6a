// SPDX-License-Identifier: GPL-2.0
/* Columns of a table of tasks. */
#include <stddef.h>
#include <stdio.h>

#include "netlink.h"
#include "task-columns.h"

const char * const task_flag_names[NR_TASK_FLAGS] = {
	"kthread", "thread", "child-reaper", "exiting", "zombie", "user-worker",
};

static const struct nslens_array *array_of(const struct column *column,
					   const struct nslens_task *task)
{
	return (const void *)((const char *)task + column->index);
}

/* The number here comes first. */
static void fill_here(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_array *array = array_of(column, record);

	if (array->nr)
		cell_number(cell, array->at[0]);
}

static void fill_levels(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_array *array = array_of(column, record);

	cell_numbers(cell, array->at, array->nr);
}

static void fill_level(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct nslens_array *array = array_of(column, record);

	if (array->nr)
		cell_number(cell, array->nr - 1);
}

static void fill_ns(struct cell *cell, const struct column *column,
		    const void *record)
{
	const struct nslens_task *task = record;
	unsigned int type = (unsigned int)column->index;

	if (task->fields & NSLENS_TASK_FIELD_NS && task->ns.nr > type &&
	    task->ns.at[type])
		cell_number(cell, task->ns.at[type]);
}

static void fill_id(struct cell *cell, const struct column *column,
		    const void *record)
{
	const struct nslens_task *task = record;

	if (task->fields & column->needs)
		cell_number(cell, *(const __u32 *)((const char *)task +
						   column->index));
}

static void fill_tracer(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_task *task = record;

	if (task->tracer)
		fill_id(cell, column, record);
}

static void fill_start(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct nslens_task *task = record;
	char text[32];

	if (!(task->fields & column->needs))
		return;
	snprintf(text, sizeof(text), "%llu.%09llu",
		 task->start_time / 1000000000, task->start_time % 1000000000);
	cell_text(cell, text);
}

static void fill_flags(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct nslens_task *task = record;

	(void)column;
	if (!(task->fields & NSLENS_TASK_FIELD_FLAGS))
		return;
	for (int i = 0; i < NR_TASK_FLAGS; i++)
		if (task->flags & 1U << i)
			cell_add_text(cell, task_flag_names[i]);
	if (task->fields & NSLENS_TASK_FIELD_OUTSIDE)
		cell_add_text(cell, "injected");
}

static void fill_cgroup_id(struct cell *cell, const struct column *column,
			   const void *record)
{
	const struct nslens_task *task = record;

	if (task->fields & column->needs)
		cell_number(cell, task->cgroup_id);
}

static void fill_cgroup(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_task *task = record;

	if (task->fields & column->needs)
		cell_text(cell, task->cgroup);
}

static void fill_comm(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_task *task = record;

	if (task->fields & column->needs)
		cell_text(cell, task->comm);
}

#define MEMBER(name)	((int)offsetof(struct nslens_task, name))
#define FIELD(name)	NSLENS_TASK_FIELD_##name
#define NS(name, type, help)						\
	{ name, true, COLUMN_NUMBER, help, fill_ns, FIELD(NS),	\
	  NSLENS_NS_TYPE_##type }

const struct column task_columns[] = {
	{ "PID", true, COLUMN_NUMBER, "PID (thread id) here",
	  fill_here, FIELD(PIDS), MEMBER(pids) },
	{ "TGID", true, COLUMN_NUMBER, "thread group id (process id) here",
	  fill_here, FIELD(TGIDS), MEMBER(tgids) },
	{ "PPID", true, COLUMN_NUMBER, "PID here of the parent",
	  fill_here, FIELD(PPIDS), MEMBER(ppids) },
	{ "PGID", true, COLUMN_NUMBER, "process group id here",
	  fill_here, FIELD(PGIDS), MEMBER(pgids) },
	{ "SID", true, COLUMN_NUMBER, "session id here",
	  fill_here, FIELD(SIDS), MEMBER(sids) },
	{ "NSPID", false, COLUMN_NUMBERS,
	  "PID at every level, from here inwards, as NSpid in /proc/PID/status",
	  fill_levels, FIELD(PIDS), MEMBER(pids) },
	{ "NSTGID", false, COLUMN_NUMBERS, "thread group id, likewise",
	  fill_levels, FIELD(TGIDS), MEMBER(tgids) },
	{ "NSPPID", false, COLUMN_NUMBERS,
	  "PID of the parent, likewise; 0 where that is not a member",
	  fill_levels, FIELD(PPIDS), MEMBER(ppids) },
	{ "NSPGID", false, COLUMN_NUMBERS, "process group id, likewise",
	  fill_levels, FIELD(PGIDS), MEMBER(pgids) },
	{ "NSSID", false, COLUMN_NUMBERS, "session id, likewise",
	  fill_levels, FIELD(SIDS), MEMBER(sids) },
	{ "LEVEL", true, COLUMN_NUMBER,
	  "how many levels its PID namespace is below the one here",
	  fill_level, FIELD(PIDS), MEMBER(pids) },
	NS("CGROUPNS", CGROUP, "cgroup namespace inode"),
	NS("IPCNS", IPC, "ipc namespace inode"),
	NS("MNTNS", MNT, "mnt namespace inode"),
	NS("NETNS", NET, "net namespace inode"),
	NS("PIDNS", PID, "pid namespace inode"),
	NS("TIMENS", TIME, "time namespace inode"),
	NS("USERNS", USER, "user namespace inode"),
	NS("UTSNS", UTS, "uts namespace inode"),
	NS("PIDCHILDNS", PID_FOR_CHILDREN,
	   "pid namespace inode of its future children"),
	NS("TIMECHILDNS", TIME_FOR_CHILDREN,
	   "time namespace inode of its future children"),
	{ "UID", true, COLUMN_NUMBER, "effective user id here",
	  fill_id, FIELD(UID), MEMBER(uid) },
	{ "GID", true, COLUMN_NUMBER, "effective group id here",
	  fill_id, FIELD(GID), MEMBER(gid) },
	{ "NSUID", true, COLUMN_NUMBER,
	  "effective user id in its own user namespace",
	  fill_id, FIELD(UID_INSIDE), MEMBER(uid_inside) },
	{ "NSGID", true, COLUMN_NUMBER,
	  "effective group id in its own user namespace",
	  fill_id, FIELD(GID_INSIDE), MEMBER(gid_inside) },
	{ "START", true, COLUMN_NUMBER,
	  "seconds since boot at which it started, exact",
	  fill_start, FIELD(START_TIME), 0 },
	{ "FLAGS", false, COLUMN_TEXTS,
	  "kthread, thread, child-reaper, exiting, zombie, user-worker, injected",
	  fill_flags, FIELD(FLAGS) | FIELD(OUTSIDE), 0 },
	{ "TRACER", true, COLUMN_NUMBER,
	  "PID here of the task that traces it with ptrace",
	  fill_tracer, FIELD(TRACER), MEMBER(tracer) },
	{ "OUTSIDE", true, COLUMN_NUMBER,
	  "of an injected task, PID here of the ancestor outside its PID namespace",
	  fill_id, FIELD(OUTSIDE), MEMBER(outside) },
	{ "CGROUPID", true, COLUMN_NUMBER, "id of its cgroup",
	  fill_cgroup_id, FIELD(CGROUP_ID), 0 },
	{ "CGROUP", false, COLUMN_TEXT, "path of its cgroup, as seen here",
	  fill_cgroup, FIELD(CGROUP), 0 },
	{ "COMMAND", false, COLUMN_TEXT, "command name",
	  fill_comm, FIELD(COMM), 0 },
	{ NULL }
};
