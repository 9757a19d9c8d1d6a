/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the verb show share. */
#ifndef NSLENS_SHOW_H
#define NSLENS_SHOW_H

#include <stdbool.h>

#include <linux/types.h>

#include "levels.h"
#include "netlink.h"
#include "nstype.h"
#include "table.h"

struct json_object;
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
 * @uid_map: FIRST-INSIDE:FIRST-HERE:COUNT,...; allocated
 * @gid_map: likewise
 */
struct user_row {
	__u32 ino;
	__u32 level;
	__u32 uid;
	__u32 gid;
	bool has_uid;
	bool has_gid;
	char *uid_map;
	char *gid_map;
};

/* How the namespace of a task relates to the initial one of its type. */
enum initial { INITIAL_NO, INITIAL_YES, INITIAL_UNKNOWN };

/**
 * struct ns_row - one namespace of the task
 * @file: name of its type, as in /proc/PID/ns
 * @ino: its inode number, 0 if the task has left it
 * @initial: it is the host's
 * @whose: "own", "host" or "container"; NULL if that is not to be known
 * @here: the caller is in it: 1, 0, or -1 if that is not to be known
 */
struct ns_row {
	const char *file;
	__u32 ino;
	enum initial initial;
	const char *whose;
	int here;
};

#define NR_IDS	5

/**
 * struct level_row - the numbers of the task at one level
 * @level: from here inwards
 * @pidns: inode number of the PID namespace, 0 if not known
 * @nrs: PID, TGID, PPID, PGID, SID
 */
struct level_row {
	__u32 level;
	__u32 pidns;
	__u32 nrs[NR_IDS];
};

/**
 * struct picture - all about a task
 * @task: what the module says of it
 * @ns: its namespaces
 * @nr_ns: how many; 0 if they are hidden
 * @levels: its PIDs, from here inwards
 * @nr_levels: how many
 * @users: its ids, from its own user namespace outwards
 * @nr_users: how many
 * @self: the caller asks about itself
 * @command: what it is about to execute; NULL if it is what it is
 */
struct picture {
	struct nslens_task task;
	struct ns_row ns[NR_TASK_NS];
	int nr_ns;
	struct level_row levels[MAX_LEVELS];
	int nr_levels;
	struct user_row users[MAX_USER_LEVELS];
	int nr_users;
	bool self;
	const char *command;
};

extern const struct column user_columns[];

int user_chain(struct nslens_conn *conn, const struct nslens_task *task,
	       struct user_row rows[MAX_USER_LEVELS]);
struct json_object *users_to_json(const struct user_row *rows, int nr);

void users_free(struct user_row *rows, int nr);

const char *where(const struct picture *pic);
void where_print(const struct picture *pic);
struct json_object *where_to_json(const struct picture *pic);
void picture_to_json(const struct picture *pic);

int show_starting(struct nslens_conn *conn, __u32 pid, const char *command);
int show_ns(struct nslens_conn *conn, const struct target *target, bool json);

#endif
