// SPDX-License-Identifier: GPL-2.0
/* nslens show: all about a task, as JSON. */
#include <stdio.h>

#include "json-out.h"
#include "netlink.h"
#include "show.h"
#include "task-columns.h"

static struct json_object *levels_to_json(const struct picture *pic)
{
	static const char * const keys[NR_IDS] = {
		"pid", "tgid", "ppid", "pgid", "sid",
	};
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < pic->nr_levels; i++) {
		const struct level_row *row = &pic->levels[i];
		struct json_object *level = json_object_new_object();

		json_object_object_add(level, "level",
				       json_object_new_int64(row->level));
		json_object_object_add(level, "pidns",
				       json_number(row->pidns));
		for (int id = 0; id < NR_IDS; id++)
			json_object_object_add(level, keys[id],
					       json_object_new_int64(row->nrs[id]));
		json_object_array_add(list, level);
	}
	return list;
}

static struct json_object *ns_to_json(const struct picture *pic)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < pic->nr_ns; i++) {
		const struct ns_row *row = &pic->ns[i];
		struct json_object *ns = json_object_new_object();

		json_object_object_add(ns, "type",
				       json_object_new_string(row->file));
		json_object_object_add(ns, "ns", json_number(row->ino));
		json_object_object_add(ns, "whose", json_text(row->whose));
		json_object_object_add(ns, "here", row->here < 0 ? NULL :
				       json_object_new_boolean(row->here));
		json_object_array_add(list, ns);
	}
	return list;
}

static struct json_object *id_to_json(const struct nslens_task *task,
				      __u32 here, __u32 inside, __u32 field)
{
	struct json_object *id = json_object_new_object();

	json_object_object_add(id, "here", json_object_new_int64(here));
	json_object_object_add(id, "inside", task->fields & field ?
			       json_object_new_int64(inside) : NULL);
	return id;
}

/**
 * picture_to_json() - print all about a task as JSON
 * @pic: the task
 */
void picture_to_json(const struct picture *pic)
{
	const struct nslens_task *task = &pic->task;
	struct json_object *all = json_object_new_object();
	struct json_object *flags = json_object_new_array();
	char comm[64];

	snprintf(comm, sizeof(comm), "%s",
		 task->fields & NSLENS_TASK_FIELD_COMM ? task->comm : "");
	text_to_utf8(comm);
	for (int i = 0; i < NR_TASK_FLAGS; i++)
		if (task->flags & 1U << i)
			json_object_array_add(flags,
					      json_text(task_flag_names[i]));

	json_object_object_add(all, "pid",
			       json_number(task->pids.nr ? task->pids.at[0] : 0));
	json_object_object_add(all, "comm", json_object_new_string(comm));
	json_object_object_add(all, "start-ns",
			       json_object_new_int64((int64_t)task->start_time));
	json_object_object_add(all, "uid",
			       id_to_json(task, task->uid, task->uid_inside,
					  NSLENS_TASK_FIELD_UID_INSIDE));
	json_object_object_add(all, "gid",
			       id_to_json(task, task->gid, task->gid_inside,
					  NSLENS_TASK_FIELD_GID_INSIDE));
	json_object_object_add(all, "flags", flags);
	json_object_object_add(all, "tracer", json_number(task->tracer));
	json_object_object_add(all, "cgroup",
			       task->fields & NSLENS_TASK_FIELD_CGROUP ?
			       json_text(task->cgroup) : NULL);
	json_object_object_add(all, "injected",
			       json_object_new_boolean(!!(task->fields &
							  NSLENS_TASK_FIELD_OUTSIDE)));
	if (task->fields & NSLENS_TASK_FIELD_OUTSIDE)
		json_object_object_add(all, "outside",
				       json_number(task->outside));
	if (pic->self) {
		json_object_object_add(all, "where", json_text(where(pic)));
		json_object_object_add(all, "host", where_to_json(pic));
	}
	json_object_object_add(all, "levels", levels_to_json(pic));
	json_object_object_add(all, "namespaces", pic->nr_ns ?
			       ns_to_json(pic) : NULL);
	json_object_object_add(all, "users",
			       users_to_json(pic->users, pic->nr_users));
	json_print(all);
}
