// SPDX-License-Identifier: GPL-2.0
/* nslens show: all about one task, or who is in a namespace. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	COLOR_OPTION,
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"A cgroup or a container stands for its first task: the outermost PID 1 in it, else\n"
		"the one with the lowest PID. Of a namespace, its members are shown. Of a task, the\n"
		"namespaces are compared with those of others. WHOSE: host if it is the host's (an\n"
		"initial one), container if it is that of PID 1 in the container that nslens runs\n"
		"in, else own. HERE: whether nslens is in it. - is what does not exist, or what you\n"
		"may not see.\n\n"
		"self tells where you are, too: on the host if the PID namespace is the host's, else\n"
		"in a container; and which namespaces are not the host's, which are, and of which\n"
		"only root on the host can tell.\n");
}

static const struct usage usage = {
	.verb = "show",
	.args = "TARGET",
	.about = "Show all about one task, or one namespace and who is in it.",
	.opts = opts,
	.more = more_help,
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

static bool on_host(const __u32 *self)
{
	return self && self[NSLENS_NS_TYPE_PID] ==
		       ns_types[NSLENS_NS_TYPE_PID].initial;
}

/*
 * Some of the initial namespaces have the same number in all kernels; others can
 * be told by PID 1, where that is the host's.
 */
static enum initial is_initial(int type, __u32 ino, const __u32 *self,
			       const __u32 *init)
{
	__u32 initial = ns_types[type].initial;

	if (!initial && init && on_host(self))
		initial = init[type];
	return !ino || !initial ? INITIAL_UNKNOWN :
	       ino == initial ? INITIAL_YES : INITIAL_NO;
}

/* The host's; that of PID 1 in the container that we are in; its own. */
static const char *whose(int type, const struct ns_row *row, const __u32 *self,
			 const __u32 *init)
{
	if (!row->ino || row->initial == INITIAL_YES)
		return row->ino ? "host" : NULL;
	if (on_host(self))
		return row->initial == INITIAL_NO ? "own" : NULL;
	if (!init)
		return NULL;
	return row->ino == init[type] ? "container" : "own";
}

static void compare_ns(struct picture *pic, const __u32 *self,
		       const __u32 *init)
{
	if (!(pic->task.fields & NSLENS_TASK_FIELD_NS))
		return;

	for (int i = 0; i < NR_TASK_NS && i < (int)pic->task.ns.nr; i++) {
		__u32 ino = pic->task.ns.at[i];
		struct ns_row *row = &pic->ns[pic->nr_ns++];

		*row = (struct ns_row){
			.file = ns_types[i].file,
			.ino = ino,
			.initial = is_initial(i, ino, self, init),
			.here = ino && self ? ino == self[i] : -1,
		};
		row->whose = whose(i, row, self, init);
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
		complain("%s: %s", target->text, lens_reason(conn));
		return lens_exit(err);
	}
	compare_ns(pic, know_self ? self : NULL, know_init ? init : NULL);
	number_levels(pic, know_self ? self[NSLENS_NS_TYPE_PID] : 0);
	return 0;
}

static int print_table(const struct column *columns, const char *defaults,
		       const void *rows, int nr, size_t size)
{
	struct table table = { .columns = columns, .mark = "own" };
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
		where_print(pic);
	if (pic->command)
		printf("%10s  %s\n", "command", pic->command);
	else
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

static int show_task(struct nslens_conn *conn, const struct target *target,
		     bool json)
{
	struct picture pic = { .self = !strcmp(target->text, "self") };
	int status = take_picture(conn, target, &pic);

	if (status)
		return status;
	if (json)
		picture_to_json(&pic);
	else
		status = print_plain(&pic);
	users_free(pic.users, pic.nr_users);
	return status;
}

/**
 * show_starting() - show all about a process that is about to execute a command
 * @conn: to ask the module
 * @pid: its PID here
 * @command: the command
 *
 * Return: 0, or an exit status after a complaint.
 */
int show_starting(struct nslens_conn *conn, __u32 pid, const char *command)
{
	const struct target target = {
		.kind = TARGET_TASK, .pid = pid, .text = command,
	};
	struct picture pic = { .command = command };
	int status = take_picture(conn, &target, &pic);

	if (!status)
		status = print_plain(&pic);
	users_free(pic.users, pic.nr_users);
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
	int status, opt, err;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		json |= opt == 'J';
		if (opt == OPT_COLOR)
			screen_color_option(optarg);
	}
	opt_count(&usage, argc, 1, 1);
	err = target_parse(argv[optind], &target);
	if (err)
		return lens_exit(err);
	if (lens_open(&conn))
		return EXIT_OWN;

	err = target.kind == TARGET_CGROUP ? target_task(&conn, &target) : 0;
	status = err ? lens_exit(err) : target.kind == TARGET_TASK ?
		 show_task(&conn, &target, json) :
		 show_ns(&conn, &target, json);
	nslens_close(&conn);
	return status;
}
