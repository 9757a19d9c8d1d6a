// SPDX-License-Identifier: GPL-2.0
/* What nslens trace is to trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nslens.h"
#include "options.h"
#include "table-parts.h"
#include "target.h"
#include "trace.h"

static int add(struct trace *trace, const struct nslens_target *target)
{
	struct nslens_target *grown = table_grow(trace->targets, &trace->room,
						 trace->nr + 1,
						 sizeof(*grown));

	if (!grown) {
		complain("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	trace->targets = grown;
	trace->targets[trace->nr++] = *target;
	if (target->kind != NSLENS_TARGET_PID)
		trace->family.limited = false;
	return 0;
}

/* Its PID here is what the end of the trace goes by. */
static int add_task(struct trace *trace, const struct target *named)
{
	struct nslens_target target = {
		.kind = NSLENS_TARGET_PID, .follow = trace->follow,
		.pid = named->pid, .in = named->in,
	};
	struct nslens_task task;
	int err = nslens_task_get(&trace->ask, named->pid, &named->in,
				  NSLENS_TASK_FIELD_TGIDS, &task);

	if (err) {
		complain("%s: %s", named->text, trace->ask.error);
		return err;
	}
	if (task.tgids.nr)
		family_add(&trace->family, task.tgids.at[0]);
	return add(trace, &target);
}

/**
 * trace_add() - trace a TARGET, too
 * @trace: with a connection to ask
 * @text: as the user wrote it, NULL for everything
 *
 * Return: 0, or a negative errno after a complaint.
 */
int trace_add(struct trace *trace, const char *text)
{
	struct nslens_target target = { .kind = NSLENS_TARGET_ALL };
	struct target named;
	int err;

	if (!text)
		return add(trace, &target);
	err = target_parse(text, &named);
	if (err)
		return err;

	switch (named.kind) {
	case TARGET_TASK:
		return add_task(trace, &named);
	case TARGET_NS:
		target.kind = NSLENS_TARGET_NS;
		target.ns = named.ns;
		break;
	case TARGET_CGROUP:
		target.kind = NSLENS_TARGET_CGROUP;
		target.cgroup = named.cgroup;
		break;
	}
	return add(trace, &target);
}

/**
 * trace_add_pid() - trace a process that is our own, and its descendants
 * @trace: the trace
 * @pid: its PID here
 *
 * Return: 0 or -ENOMEM after a complaint.
 */
int trace_add_pid(struct trace *trace, __u32 pid)
{
	const struct nslens_target target = {
		.kind = NSLENS_TARGET_PID, .follow = true, .pid = pid,
	};

	family_add(&trace->family, pid);
	return add(trace, &target);
}
