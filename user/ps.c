// SPDX-License-Identifier: GPL-2.0
/* nslens ps: tasks, with their PIDs at every level. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "nslens.h"
#include "options.h"
#include "table.h"
#include "target.h"
#include "task-columns.h"
#include "watch.h"

#define DEFAULTS	"PID,NSPID,PPID,UID,PIDNS,COMMAND"
#define DEFAULTS_L	"PID,TGID,NSPID,PPID,UID,PIDNS,COMMAND"

static const struct opt opts[] = {
	{ "threads", 'L', NULL, "list every thread, not just processes" },
	{ "subtree", 's', NULL, "list a TARGET's descendants, too" },
	{ "tree", OPT_LONG, NULL,
	  "show what is whose child, and a TARGET's descendants" },
	WATCH_OPTION,
	{ "verbose", 'v', NULL,
	  "tell on standard error if tasks came or went meanwhile" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"A namespace stands for its members. Here is the PID namespace that nslens runs\n"
		"in. - is what does not exist, or what you may not see. Every task that lives\n"
		"all the while is listed once, whatever comes and goes.\n\n"
		"Columns, by default %s:\n\n", DEFAULTS);
	table_list_columns(out, task_columns);
}

static const struct usage usage = {
	.verb = "ps",
	.args = "[TARGET...]",
	.about = "List tasks that exist here, or just those that TARGETs name.",
	.opts = opts,
	.more_opts = table_opts,
	.more = more_help,
};

/**
 * struct listing - a table of tasks as it is made
 * @table: the table
 * @watch: it is made over and over
 * @targets: what shall be in it, up to NULL; all if there are none
 * @fields: what it needs
 * @threads: threads, too
 * @subtree: descendants, too
 * @verbose: tell of @interrupted
 * @tgid: only tasks of this process, if not 0
 * @unique: tasks could come twice, as TARGETs can overlap
 * @seen: a bit for each PID here, set if it is in the table
 * @seen_size: how many words that has
 * @count: of tasks so far
 * @interrupted: tasks came or went while a dump was made
 */
struct listing {
	struct table table;
	struct watch watch;
	char **targets;
	__u32 fields;
	bool threads;
	bool subtree;
	bool verbose;
	__u32 tgid;
	bool unique;
	__u64 *seen;
	size_t seen_size;
	size_t count;
	bool interrupted;
};

/* Note that a task is in the table. Says whether it was. */
static int test_and_set_seen(struct listing *list, __u32 pid)
{
	size_t word = pid / 64;
	__u64 bit = 1ULL << pid % 64;

	if (word >= list->seen_size) {
		size_t size = 2 * word + 64;
		__u64 *seen = realloc(list->seen, size * sizeof(*seen));

		if (!seen)
			return -ENOMEM;
		memset(seen + list->seen_size, 0,
		       (size - list->seen_size) * sizeof(*seen));
		list->seen = seen;
		list->seen_size = size;
	}
	if (list->seen[word] & bit)
		return 1;
	list->seen[word] |= bit;
	return 0;
}

/* Here; a thread hangs on the leader. */
static __u32 parent_of(const struct nslens_task *task)
{
	if (task->pids.at[0] != task->tgids.at[0])
		return task->tgids.at[0];
	return task->ppids.nr ? task->ppids.at[0] : 0;
}

static int add_task(const struct nslens_task *task, void *arg)
{
	struct listing *list = arg;

	if (list->tgid && (!task->tgids.nr || task->tgids.at[0] != list->tgid))
		return 0;
	if (list->unique && task->pids.nr) {
		int seen = test_and_set_seen(list, task->pids.at[0]);

		if (seen)
			return seen < 0 ? seen : 0;
	}
	list->count++;
	if (list->table.tree && task->pids.nr && task->tgids.nr)
		return table_add_node(&list->table, task, task->pids.at[0],
				      parent_of(task));
	return table_add(&list->table, task);
}

static int dump(struct nslens_conn *conn, struct listing *list,
		struct nslens_task_filter *filter)
{
	filter->fields = list->fields;
	filter->threads = list->threads;
	return nslens_task_dump(conn, filter, add_task, list,
				&list->interrupted);
}

/* The task alone, its threads, its descendants, or both. */
static int list_task(struct nslens_conn *conn, struct listing *list,
		     const struct target *target)
{
	struct nslens_task_filter filter = {
		.subtree = target->pid,
		.in = target->in,
	};
	struct nslens_task task;
	int err;

	if (!list->threads && !list->subtree) {
		err = nslens_task_get(conn, target->pid, &target->in,
				      list->fields, &task);
		return err ? err : add_task(&task, list);
	}
	if (list->subtree)
		return dump(conn, list, &filter);

	err = nslens_task_get(conn, target->pid, &target->in,
			      NSLENS_TASK_FIELD_TGIDS, &task);
	if (err)
		return err;
	list->tgid = task.tgids.nr ? task.tgids.at[0] : 0;
	err = dump(conn, list, &filter);
	list->tgid = 0;
	return err;
}

static int list_target(struct nslens_conn *conn, struct listing *list,
		       const char *text)
{
	struct target target;
	size_t before = list->count;
	struct nslens_task_filter filter = { 0 };
	int err;

	err = target_parse(text, &target);
	if (err)
		return lens_exit(err);

	if (target.kind == TARGET_TASK) {
		err = list_task(conn, list, &target);
	} else {
		filter.member_of = target.ns;
		filter.cgroup_subtree = target.cgroup;
		err = dump(conn, list, &filter);
	}
	if (err) {
		complain("%s: %s", text, lens_reason(conn));
		return lens_exit(err);
	}
	if (list->count == before && !list->unique) {
		complain("%s: no task in it that you may see", text);
		return EXIT_PARTIAL;
	}
	return 0;
}

static int list_all(struct nslens_conn *conn, struct listing *list)
{
	struct nslens_task_filter filter = { 0 };
	int err = dump(conn, list, &filter);

	if (err)
		complain("%s", lens_reason(conn));
	return err ? EXIT_OWN : 0;
}

static void parse_options(struct listing *list, int argc, char **argv)
{
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		if (opt == 'L')
			list->threads = true;
		else if (opt == 's')
			list->subtree = true;
		else if (opt == 'v')
			list->verbose = true;
		else if (opt == OPT_LONG)
			list->table.tree = "COMMAND";
		else if (opt == OPT_WATCH)
			watch_option(&list->watch, optarg);
		else
			table_option(&list->table, opt, optarg);
	}
	list->subtree |= !!list->table.tree;
	list->targets = argv + optind;
	if (list->watch.on && list->table.mode == TABLE_JSON) {
		complain("--watch and --json exclude each other");
		exit(EXIT_OWN);
	}
}

static int list_targets(struct nslens_conn *conn, struct listing *list)
{
	int status = 0;

	if (!list->targets[0])
		return list_all(conn, list);

	list->unique = list->targets[1];
	for (char **text = list->targets; *text && status != EXIT_OWN; text++) {
		int now = list_target(conn, list, *text);

		status = now ? now : status;
	}
	return status;
}

static int list_once(void *arg)
{
	struct listing *list = arg;
	struct nslens_conn conn;
	int status;

	if (lens_open(&conn))
		return EXIT_OWN;

	table_begin(&list->table, "tasks");
	status = list_targets(&conn, list);
	if (list->interrupted && list->verbose)
		complain("tasks came or went meanwhile; all others are listed");
	if ((list->count || list->table.mode == TABLE_JSON) &&
	    table_end(&list->table))
		status = EXIT_OWN;
	free(list->seen);
	nslens_close(&conn);
	return status == EXIT_PARTIAL && list->watch.on && !list->count ?
	       EXIT_NOTHING : status;
}

/**
 * cmd_ps() - list tasks
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_ps(int argc, char **argv)
{
	struct listing list = { .table.columns = task_columns };

	parse_options(&list, argc, argv);
	if (table_choose(&list.table, list.threads ? DEFAULTS_L : DEFAULTS))
		return EXIT_OWN;

	/* Besides the columns: what tells tasks apart. */
	list.fields = table_needs(&list.table) | NSLENS_TASK_FIELD_PIDS |
		      (list.threads ? NSLENS_TASK_FIELD_TGIDS : 0) |
		      (list.table.tree ? NSLENS_TASK_FIELD_TGIDS |
					 NSLENS_TASK_FIELD_PPIDS : 0);
	return list.watch.on ? watch_run(&list.watch, list_once, &list) :
			       list_once(&list);
}
