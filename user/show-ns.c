// SPDX-License-Identifier: GPL-2.0
/* nslens show TYPE:[INODE]: all about a namespace, and who is in it. */
#include <errno.h>
#include <stdio.h>

#include "netlink.h"
#include "ns-columns.h"
#include "nsfs-mounts.h"
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

/**
 * struct facts - a search for a namespace, to say all about it
 * @table: where it is said
 * @mounts: where namespaces are mounted
 * @ino: of a namespace that is looked for, 0 if it is this one
 * @found: it was said
 */
struct facts {
	struct table *table;
	struct nsfs_mounts mounts;
	__u32 ino;
	bool found;
};

/* All that a table of namespaces could say of it. */
static int say(const struct nslens_ns *ns, void *arg)
{
	struct facts *facts = arg;
	struct table *table = facts->table;
	const struct ns_record record = { .ns = ns, .mounts = &facts->mounts };

	if (facts->ino && facts->ino != ns->ino)
		return 0;
	facts->found = true;
	if (table->mode != TABLE_JSON)
		printf("%s:[%u]\n\n", ns_types[ns->type % NR_NS_TYPES].name,
		       ns->ino);
	for (const struct column *col = ns_columns; col->name; col++)
		table_fact(table, col, &record);
	if (table->mode != TABLE_JSON)
		putchar('\n');
	return 1;
}

/*
 * By its number, the module finds a namespace that tasks are in; what else it
 * knows of, it lists.
 */
static int search(struct nslens_conn *conn, const struct target *target,
		  struct facts *facts)
{
	int type = target->ns.has_type ? (int)target->ns.type : -1;
	int err;

	facts->ino = target->ns.value;
	err = nslens_ns_dump(conn, type, say, facts, NULL);
	if (err > 0 || facts->found)
		return 0;
	if (!err)
		complain("%s: no such namespace that you may see; %s",
			 target->text,
			 "if a mount keeps it, name its file, as of `nslens ls --all -o +PATH`");
	else
		complain("%s: %s", target->text, lens_reason(conn));
	return err ? err : -ENOENT;
}

static int show_facts(struct nslens_conn *conn, const struct target *target,
		      struct table *table)
{
	struct facts facts = { .table = table };
	struct nslens_ns ns;
	int err;

	nsfs_mounts_read(&facts.mounts, "self");
	nsfs_mounts_sort(&facts.mounts);
	err = nslens_ns_get(conn, &target->ns, &ns);
	if (!err)
		say(&ns, &facts);
	else if (err == -ENOENT && target->ns.kind == NSLENS_REF_INO)
		err = search(conn, target, &facts);
	else
		complain("%s: %s", target->text, lens_reason(conn));
	nsfs_mounts_free(&facts.mounts);
	return err;
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
	if (err)
		return lens_exit(err);
	err = nslens_task_dump(conn, &filter, add_member, &members, NULL);
	/* To the module, a namespace without tasks has nobody to name it by. */
	if (err && err != -ENOENT) {
		complain("%s: %s", target->text, lens_reason(conn));
		return lens_exit(err);
	}
	if (!members.nr && !json)
		puts("no process in it that you may see");
	if ((members.nr || json) && table_end(&members.table))
		return EXIT_OWN;
	return 0;
}
