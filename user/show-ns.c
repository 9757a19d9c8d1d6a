// SPDX-License-Identifier: GPL-2.0
/* nslens show TYPE:[INODE]: all about a namespace, and who is in it. */
#include <errno.h>
#include <stdio.h>

#include "netlink.h"
#include "ns-columns.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "show.h"
#include "table.h"
#include "target.h"
#include "task-columns.h"

struct members {
	struct table table;
	size_t nr;
};

static int add_member(const struct nslens_task *task, void *arg)
{
	struct members *members = arg;

	members->nr++;
	return table_add(&members->table, task);
}

/* All that a table of namespaces could say of it. */
static int show_facts(struct nslens_conn *conn, const struct target *target,
		      struct table *table)
{
	struct nslens_ns ns;
	const struct ns_record record = { .ns = &ns };
	int err = nslens_ns_get(conn, &target->ns, &ns);

	if (err)
		return err;
	if (table->mode != TABLE_JSON)
		printf("%s:[%u]\n\n", ns_types[ns.type % NR_NS_TYPES].name,
		       ns.ino);
	for (const struct column *col = ns_columns; col->name; col++)
		table_fact(table, col, &record);
	if (table->mode != TABLE_JSON)
		putchar('\n');
	return 0;
}

/**
 * show_ns() - show a namespace
 * @conn: the connection
 * @target: the namespace
 * @json: as JSON
 *
 * Return: the exit status.
 */
int show_ns(struct nslens_conn *conn, const struct target *target, bool json)
{
	struct members members = {
		.table = {
			.columns = task_columns,
			.mode = json ? TABLE_JSON : TABLE_PLAIN,
		},
	};
	struct nslens_task_filter filter = { .member_of = target->ns };
	int err;

	if (table_choose(&members.table, "PID,NSPID,PPID,UID,COMMAND"))
		return EXIT_OWN;
	table_begin(&members.table, "tasks");

	filter.fields = table_needs(&members.table);
	err = show_facts(conn, target, &members.table);
	if (!err)
		err = nslens_task_dump(conn, &filter, add_member, &members,
				       NULL);
	if (err) {
		complain("%s: %s", target->text, conn->error);
		return err == -ENOENT ? EXIT_PARTIAL : EXIT_OWN;
	}
	if (!members.nr && !json)
		puts("no process in it that you may see");
	if ((members.nr || json) && table_end(&members.table))
		return EXIT_OWN;
	return 0;
}
