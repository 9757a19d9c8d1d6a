// SPDX-License-Identifier: GPL-2.0
/* nslens show: the ids of a task in each user namespace up to the one here. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json-out.h"
#include "netlink.h"
#include "ns-columns.h"
#include "nstype.h"
#include "show.h"
#include "table.h"

/* Maps count in the user namespace here, so that they are read backwards. */
static bool id_inside(struct nslens_map map, __u32 here, __u32 *inside)
{
	struct nslens_extent extent;

	while (nslens_map_next(&map, &extent)) {
		if (here < extent.lower || here - extent.lower >= extent.count)
			continue;
		*inside = extent.first + (here - extent.lower);
		return true;
	}
	return false;
}

static void copy_maps(struct nslens_ns *ns, struct user_row *row)
{
	const struct ns_record record = { .ns = ns };

	for (const struct column *col = ns_columns; col->name; col++) {
		bool uid = col->index == (int)offsetof(struct nslens_ns,
						       user_ns.uid_map);
		bool gid = col->index == (int)offsetof(struct nslens_ns,
						       user_ns.gid_map);

		if (uid || gid)
			*(uid ? &row->uid_map : &row->gid_map) =
				strdup(table_text(col, &record));
	}
}

/**
 * users_free() - forget the maps
 * @rows: what user_chain() filled
 * @nr: how many
 */
void users_free(struct user_row *rows, int nr)
{
	for (int i = 0; i < nr; i++) {
		free(rows[i].uid_map);
		free(rows[i].gid_map);
	}
}

/**
 * user_chain() - follow a task's user namespaces outwards
 * @conn: the connection
 * @task: with its ns, uid and gid; is gone afterwards
 * @rows: is filled, from the task's own outwards
 *
 * Return: how many there are, 0 if they are hidden.
 */
int user_chain(struct nslens_conn *conn, const struct nslens_task *task,
	       struct user_row rows[MAX_USER_LEVELS])
{
	__u32 uid = task->uid, gid = task->gid;
	__u32 ino = task->fields & NSLENS_TASK_FIELD_NS &&
		    task->ns.nr > NSLENS_NS_TYPE_USER ?
		    task->ns.at[NSLENS_NS_TYPE_USER] : 0;
	int nr;

	for (nr = 0; ino && nr < MAX_USER_LEVELS; nr++) {
		const struct nslens_ns_ref ref = {
			.kind = NSLENS_REF_INO,
			.has_type = true,
			.type = NSLENS_NS_TYPE_USER,
			.value = ino,
		};
		struct user_row *row = &rows[nr];
		struct nslens_ns ns;

		if (nslens_ns_get(conn, &ref, &ns))
			break;
		*row = (struct user_row){ .ino = ns.ino, .level = ns.level };
		/* The map of the one here leads to its parent. */
		row->has_uid = !ns.level ||
			       id_inside(ns.user_ns.uid_map, uid, &row->uid);
		row->has_gid = !ns.level ||
			       id_inside(ns.user_ns.gid_map, gid, &row->gid);
		if (!ns.level) {
			row->uid = uid;
			row->gid = gid;
		}
		copy_maps(&ns, row);
		ino = ns.parent;
	}
	return nr;
}

static void fill_ino(struct cell *cell, const struct column *column,
		     const void *record)
{
	const struct user_row *row = record;

	cell_number(cell, column->index ? row->level : row->ino);
}

static void fill_id(struct cell *cell, const struct column *column,
		    const void *record)
{
	const struct user_row *row = record;

	if (column->index ? row->has_gid : row->has_uid)
		cell_number(cell, column->index ? row->gid : row->uid);
}

static void fill_map(struct cell *cell, const struct column *column,
		     const void *record)
{
	const struct user_row *row = record;

	const char *map = column->index ? row->gid_map : row->uid_map;

	if (map)
		cell_text(cell, map);
}

const struct column user_columns[] = {
	{ "LEVEL", true, COLUMN_NUMBER, NULL, fill_ino, 0, 1 },
	{ "USERNS", true, COLUMN_NUMBER, NULL, fill_ino, 0, 0 },
	{ "UID", true, COLUMN_NUMBER, NULL, fill_id, 0, 0 },
	{ "GID", true, COLUMN_NUMBER, NULL, fill_id, 0, 1 },
	{ "UIDMAP", false, COLUMN_TEXT, NULL, fill_map, 0, 0 },
	{ "GIDMAP", false, COLUMN_TEXT, NULL, fill_map, 0, 1 },
	{ NULL }
};

/**
 * users_to_json() - the same for JSON
 * @rows: what user_chain() filled
 * @nr: how many
 *
 * Return: an array.
 */
struct json_object *users_to_json(const struct user_row *rows, int nr)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < nr; i++) {
		struct json_object *user = json_object_new_object();

		json_object_object_add(user, "level",
				       json_object_new_int64(rows[i].level));
		json_object_object_add(user, "userns",
				       json_number(rows[i].ino));
		json_object_object_add(user, "uid", rows[i].has_uid ?
				       json_object_new_int64(rows[i].uid) :
				       NULL);
		json_object_object_add(user, "gid", rows[i].has_gid ?
				       json_object_new_int64(rows[i].gid) :
				       NULL);
		json_object_object_add(user, "uid-map",
				       json_text(rows[i].uid_map));
		json_object_object_add(user, "gid-map",
				       json_text(rows[i].gid_map));
		json_object_array_add(list, user);
	}
	return list;
}
