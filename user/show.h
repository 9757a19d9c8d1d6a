/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the verb show share. */
#ifndef NSLENS_SHOW_H
#define NSLENS_SHOW_H

#include <stdbool.h>

#include <linux/types.h>

#include "table.h"

struct json_object;
struct nslens_conn;
struct nslens_task;
struct target;

/* User namespaces nest 32 deep, below the initial one. */
#define MAX_USER_LEVELS	34

/**
 * struct user_row - the task's ids in one user namespace
 * @ino: inode number of the namespace
 * @level: levels below the one here
 * @uid: user id there, if @has_uid
 * @gid: group id there, if @has_gid
 * @has_uid: there is one
 * @has_gid: likewise
 * @uid_map: FIRST-INSIDE:FIRST-HERE:COUNT,...
 * @gid_map: likewise
 */
struct user_row {
	__u32 ino;
	__u32 level;
	__u32 uid;
	__u32 gid;
	bool has_uid;
	bool has_gid;
	char uid_map[256];
	char gid_map[256];
};

extern const struct column user_columns[];

int user_chain(struct nslens_conn *conn, const struct nslens_task *task,
	       struct user_row rows[MAX_USER_LEVELS]);
struct json_object *users_to_json(const struct user_row *rows, int nr);

int show_ns(struct nslens_conn *conn, const struct target *target, bool json);

#endif
