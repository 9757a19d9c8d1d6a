// SPDX-License-Identifier: GPL-2.0
/* nslens diff: which namespaces two tasks share. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "table.h"
#include "target.h"

#define DEFAULTS	"TYPE,A,B,SHARED"

static const struct opt no_opts[] = { { NULL } };

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"A and B are tasks; B is PID 1 here unless it is given. A namespace, a cgroup or a\n"
		"container stands for its first task: the outermost PID 1 in it, else the one with\n"
		"the lowest PID. - is what a task has left, or what you may not see; then nobody can\n"
		"tell whether it is shared.\n");
}

static const struct usage usage = {
	.verb = "diff",
	.args = "A [B]",
	.about = "Show, type by type, which namespaces two tasks share.",
	.opts = no_opts,
	.more_opts = table_opts,
	.more = more_help,
};

/**
 * struct pair - the namespaces of one type
 * @file: name of the type, as in /proc/PID/ns
 * @ino: inode numbers of A's and B's, 0 what is not known
 */
struct pair {
	const char *file;
	__u32 ino[2];
};

static void fill_type(struct cell *cell, const struct column *column,
		      const void *record)
{
	(void)column;
	cell_text(cell, ((const struct pair *)record)->file);
}

static void fill_ino(struct cell *cell, const struct column *column,
		     const void *record)
{
	const struct pair *pair = record;

	if (pair->ino[column->index])
		cell_number(cell, pair->ino[column->index]);
}

static void fill_shared(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct pair *pair = record;

	(void)column;
	if (pair->ino[0] && pair->ino[1])
		cell_text(cell, pair->ino[0] == pair->ino[1] ? "yes" : "no");
}

static const struct column columns[] = {
	{ "TYPE", false, COLUMN_TEXT, "type of namespace", fill_type, 0, 0 },
	{ "A", true, COLUMN_NUMBER, "inode of A's", fill_ino, 0, 0 },
	{ "B", true, COLUMN_NUMBER, "inode of B's", fill_ino, 0, 1 },
	{ "SHARED", false, COLUMN_TEXT, "yes or no", fill_shared, 0, 0 },
	{ NULL }
};

static int take(struct nslens_conn *conn, const char *text,
		struct pair pairs[NR_TASK_NS], int side)
{
	struct nslens_task task;
	struct target target;
	int err;

	err = target_parse(text, &target);
	if (!err)
		err = target_task(conn, &target);
	if (err)
		return lens_exit(err);
	err = nslens_task_get(conn, target.pid, &target.in,
			      NSLENS_TASK_FIELD_NS, &task);
	if (err) {
		complain("%s: %s", text, lens_reason(conn));
		return lens_exit(err);
	}
	if (!(task.fields & NSLENS_TASK_FIELD_NS)) {
		complain("%s: its namespaces are hidden from you: %s", text,
			 side ? "ask as root, or name a task of your own for B" :
				"ask as root, or as its user");
		return EXIT_PARTIAL;
	}
	for (unsigned int i = 0; i < NR_TASK_NS && i < task.ns.nr; i++)
		pairs[i].ino[side] = task.ns.at[i];
	return 0;
}

/* The namespaces for children are news only if they differ from the own ones. */
static bool is_news(const struct pair *pairs, int i)
{
	int own = i == NSLENS_NS_TYPE_PID_FOR_CHILDREN ? NSLENS_NS_TYPE_PID :
		  i == NSLENS_NS_TYPE_TIME_FOR_CHILDREN ? NSLENS_NS_TYPE_TIME :
		  -1;

	return own < 0 || memcmp(pairs[i].ino, pairs[own].ino,
				 sizeof(pairs[i].ino)) != 0;
}

/**
 * cmd_diff() - compare the namespaces of two tasks
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_diff(int argc, char **argv)
{
	struct table table = { .columns = columns, .mark = "no" };
	struct pair pairs[NR_TASK_NS] = { 0 };
	struct nslens_conn conn;
	int opt, status;

	while ((opt = opt_next(&usage, argc, argv)) >= 0)
		table_option(&table, opt, optarg);
	opt_count(&usage, argc, 1, 2);
	if (table_choose(&table, DEFAULTS) || lens_open(&conn))
		return EXIT_OWN;

	status = take(&conn, argv[optind], pairs, 0);
	if (!status)
		status = take(&conn, argc - optind > 1 ? argv[optind + 1] : "1",
			      pairs, 1);
	nslens_close(&conn);
	if (status)
		return status;

	table_begin(&table, "namespaces");
	for (int i = 0; i < NR_TASK_NS; i++) {
		pairs[i].file = ns_types[i].file;
		if (is_news(pairs, i) && table_add(&table, &pairs[i]))
			return EXIT_OWN;
	}
	return table_end(&table) ? EXIT_OWN : 0;
}
