// SPDX-License-Identifier: GPL-2.0
/* nslens show: all about one task, or who is in a namespace. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json-out.h"
#include "levels.h"
#include "netlink.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "show.h"
#include "table.h"
#include "target.h"
#include "task-columns.h"

static const struct opt opts[] = {
	{ "json", 'J', NULL, "print JSON" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"Of a namespace's file, its members are shown. Of a task, the namespaces are\n"
		"compared with those of others. WHOSE: host if it is an initial one, init if it is\n"
		"that of PID 1 in the container that nslens runs in, else own. HERE: whether it is\n"
		"that of nslens, too. - is what does not exist, or what you may not see.\n");
}

static const struct usage usage = {
	.verb = "show",
	.args = "TARGET",
	.about = "Show all about one task, or one namespace and who is in it.",
	.opts = opts,
	.more = more_help,
};

/**
 * struct ns_row - one namespace of the task
 * @file: name of its type, as in /proc/PID/ns
 * @ino: its inode number, 0 if the task has left it
 * @whose: "own", "host" or "init"; NULL if that is not to be known
 * @here: the caller is in it: 1, 0, or -1 if that is not to be known
 */
struct ns_row {
	const char *file;
	__u32 ino;
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

struct picture {
	struct nslens_task task;
	char comm[64];
	struct ns_row ns[NR_TASK_NS];
	int nr_ns;
	struct level_row levels[MAX_LEVELS];
	int nr_levels;
	struct user_row users[MAX_USER_LEVELS];
	int nr_users;
	bool self;
};

static void fill_file(struct cell *cell, const struct column *column,
		      const void *record)
{
	(void)column;
	cell_text(cell, ((const struct ns_row *)record)->file);
}

static void fill_ino(struct cell *cell, const struct column *column,
		     const void *record)
{
	const struct ns_row *row = record;

	(void)column;
	if (row->ino)
		cell_number(cell, row->ino);
}

static void fill_whose(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct ns_row *row = record;

	(void)column;
	if (row->whose)
		cell_text(cell, row->whose);
}

static void fill_here(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct ns_row *row = record;

	(void)column;
	if (row->here >= 0)
		cell_text(cell, row->here ? "yes" : "no");
}

static const struct column row_columns[] = {
	{ "TYPE", false, COLUMN_TEXT, NULL, fill_file, 0, 0 },
	{ "NS", true, COLUMN_NUMBER, NULL, fill_ino, 0, 0 },
	{ "WHOSE", false, COLUMN_TEXT, NULL, fill_whose, 0, 0 },
	{ "HERE", false, COLUMN_TEXT, NULL, fill_here, 0, 0 },
	{ NULL }
};

static void fill_number(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct level_row *row = record;

	cell_number(cell, row->nrs[column->index]);
}

static void fill_level(struct cell *cell, const struct column *column,
		       const void *record)
{
	(void)column;
	cell_number(cell, ((const struct level_row *)record)->level);
}

static void fill_pidns(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct level_row *row = record;

	(void)column;
	if (row->pidns)
		cell_number(cell, row->pidns);
}

/* The last five are the keys of JSON, too. */
static const struct column level_columns[] = {
	{ "LEVEL", true, COLUMN_NUMBER, NULL, fill_level, 0, 0 },
	{ "PIDNS", true, COLUMN_NUMBER, NULL, fill_pidns, 0, 0 },
	{ "PID", true, COLUMN_NUMBER, NULL, fill_number, 0, 0 },
	{ "TGID", true, COLUMN_NUMBER, NULL, fill_number, 0, 1 },
	{ "PPID", true, COLUMN_NUMBER, NULL, fill_number, 0, 2 },
	{ "PGID", true, COLUMN_NUMBER, NULL, fill_number, 0, 3 },
	{ "SID", true, COLUMN_NUMBER, NULL, fill_number, 0, 4 },
	{ NULL }
};

/* Keep the namespaces of a task apart from the receive buffer. */
static bool take_ns(struct nslens_conn *conn, __u32 pid, __u32 ns[NR_TASK_NS])
{
	struct nslens_task task;

	if (nslens_task_get(conn, pid, NULL, NSLENS_TASK_FIELD_NS, &task) ||
	    !(task.fields & NSLENS_TASK_FIELD_NS) || task.ns.nr < NR_TASK_NS)
		return false;
	memcpy(ns, task.ns.at, NR_TASK_NS * sizeof(*ns));
	return true;
}

/*
 * PID 1 here is the host's init only in the initial PID namespace. Most of the
 * initial namespaces can be told even if PID 1's are hidden, or from inside.
 */
static const char *whose(int type, __u32 ino, const __u32 *self,
			 const __u32 *init)
{
	__u32 initial = ns_types[type].initial;
	bool on_host = self && self[NSLENS_NS_TYPE_PID] ==
			       ns_types[NSLENS_NS_TYPE_PID].initial;

	if (!ino)
		return NULL;
	if (ino == initial)
		return "host";
	if (init && ino == init[type])
		return on_host ? "host" : "init";
	return init || (on_host && initial) ? "own" : NULL;
}

static void compare_ns(struct picture *pic, const __u32 *self,
		       const __u32 *init)
{
	if (!(pic->task.fields & NSLENS_TASK_FIELD_NS))
		return;

	for (int i = 0; i < NR_TASK_NS && i < (int)pic->task.ns.nr; i++) {
		__u32 ino = pic->task.ns.at[i];

		pic->ns[pic->nr_ns++] = (struct ns_row){
			.file = ns_types[i].file,
			.ino = ino,
			.whose = whose(i, ino, self, init),
			.here = ino && self ? ino == self[i] : -1,
		};
	}
}

static void number_levels(struct picture *pic, __u32 here)
{
	const struct nslens_task *task = &pic->task;
	const struct nslens_array *arrays[NR_IDS] = {
		&task->pids, &task->tgids, &task->ppids, &task->pgids,
		&task->sids,
	};
	__u32 inodes[MAX_LEVELS];

	pidns_by_level(task, here, inodes);
	for (unsigned int i = 0; i < task->pids.nr && i < MAX_LEVELS; i++) {
		struct level_row *row = &pic->levels[pic->nr_levels++];

		row->level = i;
		row->pidns = inodes[i];
		for (int id = 0; id < NR_IDS; id++)
			row->nrs[id] = arrays[id]->nr > i ?
				       arrays[id]->at[i] : 0;
	}
}

/* Ask for the task last, so that it stays in the receive buffer. */
static int take_picture(struct nslens_conn *conn, const struct target *target,
			struct picture *pic)
{
	__u32 self[NR_TASK_NS], init[NR_TASK_NS];
	bool know_self = take_ns(conn, (__u32)getpid(), self);
	bool know_init = take_ns(conn, 1, init);
	int err = nslens_task_get(conn, target->pid, &target->in,
				  NSLENS_TASK_FIELD_NS | NSLENS_TASK_FIELD_UID |
				  NSLENS_TASK_FIELD_GID, &pic->task);

	if (!err) {
		pic->nr_users = user_chain(conn, &pic->task, pic->users);
		err = nslens_task_get(conn, target->pid, &target->in,
				      NSLENS_TASK_FIELD_MASK, &pic->task);
	}

	if (err) {
		complain("%s: %s", target->text, conn->error);
		return err == -ESRCH || err == -ENOENT ? EXIT_PARTIAL :
							 EXIT_OWN;
	}
	compare_ns(pic, know_self ? self : NULL, know_init ? init : NULL);
	number_levels(pic, know_self ? self[NSLENS_NS_TYPE_PID] : 0);
	return 0;
}

/* What differs from the host's, as far as that is to be known. */
static int count_other(const struct picture *pic)
{
	int nr = 0;

	for (int i = 0; i < pic->nr_ns && i < NR_NS_TYPES; i++)
		nr += pic->ns[i].ino && (!pic->ns[i].whose ||
					 strcmp(pic->ns[i].whose, "host") != 0);
	return nr;
}

/* A PID namespace of one's own is what makes a container of a sandbox. */
static const char *where(const struct picture *pic)
{
	const char *pidns = pic->nr_ns > NSLENS_NS_TYPE_PID ?
			    pic->ns[NSLENS_NS_TYPE_PID].whose : NULL;

	if (!pidns)
		return "unknown";
	if (strcmp(pidns, "host") != 0)
		return "container";
	return count_other(pic) ? "partly-isolated" : "host";
}

static void print_where(const struct picture *pic)
{
	static const char * const answers[][2] = {
		{ "unknown", "hard to tell: your namespaces are hidden from you" },
		{ "container", "in a container: its PID namespace is not the initial one" },
		{ "partly-isolated",
		  "on the host, in part isolated: its PID namespace is the initial one" },
		{ "host", "on the host: all namespaces are the initial ones" },
	};
	const char *answer = where(pic);

	for (int i = 0; i < 4; i++)
		if (!strcmp(answers[i][0], answer))
			printf("%10s  %s", "where", answers[i][1]);
	if (count_other(pic))
		printf("; not the host's, or not known:");
	for (int i = 0; i < pic->nr_ns && i < NR_NS_TYPES; i++)
		if (pic->ns[i].ino && (!pic->ns[i].whose ||
				       strcmp(pic->ns[i].whose, "host") != 0))
			printf(" %s", pic->ns[i].file);
	putchar('\n');
}

static int print_table(const struct column *columns, const char *defaults,
		       const void *rows, int nr, size_t size)
{
	struct table table = { .columns = columns };
	int err = table_choose(&table, defaults);

	if (err)
		return err;
	table_begin(&table, "rows");
	for (int i = 0; i < nr && !err; i++)
		err = table_add(&table, (const char *)rows + (size_t)i * size);
	return table_end(&table);
}

/* A word of the table of tasks, for the list of facts above the tables. */
static void print_fact(const struct picture *pic, const char *name,
		       const char *first, const char *second)
{
	printf("%10s  ", name);
	for (const struct column *col = task_columns; col->name; col++) {
		const char *text;

		if (strcmp(col->name, first) &&
		    (!second || strcmp(col->name, second)))
			continue;
		text = table_text(col, &pic->task);
		printf("%s%s", text[0] ? text : "-",
		       !second ? "\n" :
		       strcmp(col->name, first) ? " inside\n" : " here, ");
	}
}

static int print_plain(const struct picture *pic)
{
	/* The for-children entries are news only if they differ. */
	int nr = pic->nr_ns < NR_TASK_NS ? pic->nr_ns : NR_NS_TYPES;

	if (pic->self)
		print_where(pic);
	print_fact(pic, "command", "COMMAND", NULL);
	print_fact(pic, "PIDs", "NSPID", NULL);
	print_fact(pic, "uid", "UID", "NSUID");
	print_fact(pic, "gid", "GID", "NSGID");
	print_fact(pic, "start", "START", NULL);
	print_fact(pic, "flags", "FLAGS", NULL);
	print_fact(pic, "tracer", "TRACER", NULL);
	print_fact(pic, "cgroup", "CGROUP", NULL);
	if (pic->task.fields & NSLENS_TASK_FIELD_OUTSIDE)
		print_fact(pic, "put in by", "OUTSIDE", NULL);
	putchar('\n');
	if (print_table(level_columns, "LEVEL,PIDNS,PID,TGID,PPID,PGID,SID",
			pic->levels, pic->nr_levels, sizeof(pic->levels[0])))
		return EXIT_OWN;

	if (pic->nr_users > 1) {
		putchar('\n');
		if (print_table(user_columns,
				"LEVEL,USERNS,UID,GID,UIDMAP,GIDMAP",
				pic->users, pic->nr_users,
				sizeof(pic->users[0])))
			return EXIT_OWN;
	}

	putchar('\n');
	if (!pic->nr_ns) {
		puts("namespaces  - (hidden from you: that takes the same ids, or CAP_SYS_PTRACE)");
		return 0;
	}
	if (nr < pic->nr_ns &&
	    (pic->ns[NSLENS_NS_TYPE_PID].ino != pic->ns[nr].ino ||
	     pic->ns[NSLENS_NS_TYPE_TIME].ino != pic->ns[nr + 1].ino))
		nr = pic->nr_ns;
	return print_table(row_columns, "TYPE,NS,WHOSE,HERE", pic->ns, nr,
			   sizeof(pic->ns[0])) ? EXIT_OWN : 0;
}

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

static void print_json(const struct picture *pic)
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
	if (pic->self)
		json_object_object_add(all, "where", json_text(where(pic)));
	json_object_object_add(all, "levels", levels_to_json(pic));
	json_object_object_add(all, "namespaces", pic->nr_ns ?
			       ns_to_json(pic) : NULL);
	json_object_object_add(all, "users",
			       users_to_json(pic->users, pic->nr_users));
	json_print(all);
}

static int show_task(struct nslens_conn *conn, const struct target *target,
		     bool json)
{
	struct picture pic = { .self = !strcmp(target->text, "self") };
	int status = take_picture(conn, target, &pic);

	if (status)
		return status;
	if (json)
		print_json(&pic);
	else
		status = print_plain(&pic);
	return status;
}

/**
 * cmd_show() - show all about one task or namespace
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_show(int argc, char **argv)
{
	struct nslens_conn conn;
	struct target target;
	bool json = false;
	int status;
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0)
		json |= opt == 'J';
	opt_count(&usage, argc, 1, 1);
	if (target_parse(argv[optind], &target))
		return EXIT_OWN;
	if (target.kind == TARGET_CGROUP) {
		complain("%s: a cgroup: see nslens ps and nslens ls", target.text);
		return EXIT_OWN;
	}
	if (lens_open(&conn))
		return EXIT_OWN;

	status = target.kind == TARGET_TASK ?
		 show_task(&conn, &target, json) :
		 show_ns(&conn, &target, json);
	nslens_close(&conn);
	return status;
}
