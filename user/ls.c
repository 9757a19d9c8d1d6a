// SPDX-License-Identifier: GPL-2.0
/* nslens ls: namespaces. */
#include <errno.h>
#include <getopt.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "netlink.h"
#include "ns-columns.h"
#include "nsfs-mounts.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "table.h"
#include "target.h"

#define DEFAULTS	"NS,TYPE,NPROCS,PID,USER,COMMAND"

enum { OPT_TREE = OPT_LONG, OPT_ALL };

static const struct opt opts[] = {
	{ "type", 't', "TYPE",
	  "only namespaces of this type; can be given several times" },
	{ "tree", OPT_TREE, "=WHAT",
	  "as a tree of what they descend from, or\n"
	  "with --tree=owner of what they belong to" },
	{ "all", OPT_ALL, NULL,
	  "look for namespaces that only a mount keeps, too,\n"
	  "in all mount namespaces" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"A task stands for the namespaces that it is in. What has no PID and no process is\n"
		"kept by something else: a thread, a child namespace, an open file, a mount.\n"
		"Columns have the names and the meaning they have in lsns; by default\n"
		"%s:\n\n", DEFAULTS);
	table_list_columns(out, ns_columns);
}

static const struct usage usage = {
	.verb = "ls",
	.args = "[TARGET...]",
	.about = "List namespaces, all or those of TARGETs.",
	.opts = opts,
	.more_opts = table_opts,
	.more = more_help,
};

enum tree { TREE_NONE, TREE_PARENT, TREE_OWNER };

/**
 * struct inodes - a growing list of numbers
 * @at: the first
 * @nr: how many
 * @room: how many there is room for
 */
struct inodes {
	__u32 *at;
	size_t nr;
	size_t room;
};

/**
 * struct listing - a table of namespaces as it is made
 * @table: the table
 * @types: a bit for each that is wanted, 0 for all
 * @tree: how they are arranged
 * @mounts: look at mounts, too
 * @only: if there were TARGETs: inode numbers that are wanted
 * @filter: there were
 * @seen: inode numbers that are in the table
 * @viewpoints: PIDs of tasks, one in each mount namespace
 * @conn: to ask for what a mount keeps
 */
struct listing {
	struct table table;
	unsigned int types;
	enum tree tree;
	bool mounts;
	struct inodes only;
	bool filter;
	struct inodes seen;
	struct inodes viewpoints;
	struct nslens_conn *conn;
};

static int push(struct inodes *list, __u32 number)
{
	if (list->nr == list->room) {
		size_t room = 2 * list->room + 64;
		__u32 *at = realloc(list->at, room * sizeof(*at));

		if (!at)
			return -ENOMEM;
		list->at = at;
		list->room = room;
	}
	list->at[list->nr++] = number;
	return 0;
}

static bool is_in(const struct inodes *list, __u32 number)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->at[i] == number)
			return true;
	return false;
}

static int add_record(struct listing *list, const struct ns_record *record)
{
	const struct nslens_ns *ns = record->ns;

	if ((list->types && !(list->types & 1U << ns->type)) ||
	    (list->filter && !is_in(&list->only, ns->ino)))
		return 0;
	return table_add_node(&list->table, record, ns->ino,
			      list->tree == TREE_OWNER ? ns->owner :
			      list->tree == TREE_PARENT ? ns->parent : 0);
}

static int add_ns(const struct nslens_ns *ns, void *arg)
{
	const struct ns_record record = { .ns = ns };
	struct listing *list = arg;

	if (list->mounts && (push(&list->seen, ns->ino) ||
			     (ns->type == NSLENS_NS_TYPE_MNT && ns->pid &&
			      push(&list->viewpoints, ns->pid))))
		return -ENOMEM;
	return add_record(list, &record);
}

/*
 * What the module would have listed had it a task in it, so it has none. Its
 * file tells who owns it (ioctl_nsfs(2)).
 */
static struct nslens_ns without_tasks(const struct nsfs_mount *mount, int fd)
{
	struct nslens_ns ns = {
		.has = 1U << NSLENS_A_NS_INO | 1U << NSLENS_A_NS_TYPE |
		       1U << NSLENS_A_NS_PROCESSES | 1U << NSLENS_A_NS_THREADS,
		.ino = mount->ino,
		.type = (__u32)mount->type,
	};
	int owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
	struct stat st;

	if (owner < 0)
		return ns;
	if (!fstat(owner, &st)) {
		ns.owner = (__u32)st.st_ino;
		ns.has |= 1U << NSLENS_A_NS_OWNER;
	}
	close(owner);
	return ns;
}

/* The module says most; without that, a mount itself tells what it is. */
static int add_mount(const struct nsfs_mount *mount, void *arg)
{
	struct listing *list = arg;
	struct nslens_ns ns = { 0 };
	const struct ns_record record = { .ns = &ns, .path = mount->path };
	struct nslens_ns_ref ref = {
		.kind = NSLENS_REF_FD,
		.has_type = true,
		.type = (__u32)mount->type,
	};
	int fd;

	if (is_in(&list->seen, mount->ino))
		return 0;
	if (push(&list->seen, mount->ino))
		return -ENOMEM;

	fd = open(mount->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ref.value = (__u32)fd;
	if (fd < 0 || nslens_ns_get(list->conn, &ref, &ns) ||
	    ns.ino != mount->ino)
		ns = without_tasks(mount, fd);
	if (fd >= 0)
		close(fd);
	return add_record(list, &record);
}

/* A mount namespace that one may not look into hides what is mounted there. */
static int add_mounts(struct listing *list)
{
	char pid[16];
	int err = nsfs_mounts("self", add_mount, list);

	for (size_t i = 0; i < list->viewpoints.nr && err != -ENOMEM; i++) {
		snprintf(pid, sizeof(pid), "%u", list->viewpoints.at[i]);
		err = nsfs_mounts(pid, add_mount, list);
	}
	return err == -ENOMEM ? err : 0;
}

static int want_task(const struct nslens_task *task, void *arg)
{
	struct listing *list = arg;

	for (unsigned int i = 0; i < NR_NS_TYPES && i < task->ns.nr; i++)
		if (task->ns.at[i] && !is_in(&list->only, task->ns.at[i]) &&
		    push(&list->only, task->ns.at[i]))
			return -ENOMEM;
	return 0;
}

static int want_target(struct listing *list, const struct target *target)
{
	struct nslens_task_filter filter = { .fields = NSLENS_TASK_FIELD_NS };
	struct nslens_task task;
	__u32 ino;
	int err;

	switch (target->kind) {
	case TARGET_TASK:
		err = nslens_task_get(list->conn, target->pid, &target->in,
				      NSLENS_TASK_FIELD_NS, &task);
		return err ? err : want_task(&task, list);
	case TARGET_CGROUP:
		filter.cgroup_subtree = target->cgroup;
		return nslens_task_dump(list->conn, &filter, want_task, list,
					NULL);
	case TARGET_NS:
		break;
	}
	ino = target_ns_inode(list->conn, &target->ns, (int)target->ns.type);
	return ino ? push(&list->only, ino) : -ENOENT;
}

static int want_targets(struct listing *list, char **args)
{
	int status = 0;

	for (; *args; args++) {
		struct target target;
		int err;

		list->filter = true;
		if (target_parse(*args, &target))
			return EXIT_OWN;
		err = want_target(list, &target);
		if (!err)
			continue;
		complain("%s: %s", *args, list->conn->error);
		if (err != -ESRCH && err != -ENOENT)
			return EXIT_OWN;
		status = EXIT_PARTIAL;
	}
	return status;
}

/* The module can leave out all but one type; a mount's are not known before. */
static int list_namespaces(struct listing *list)
{
	bool one = list->types && !(list->types & (list->types - 1)) &&
		   !list->mounts;
	int err = nslens_ns_dump(list->conn,
				 one ? __builtin_ctz(list->types) : -1, add_ns,
				 list, NULL);

	if (err)
		complain("%s", list->conn->error);
	else if (list->mounts)
		err = add_mounts(list);
	return err ? EXIT_OWN : 0;
}

static int missing(const struct listing *list)
{
	if (!list->filter || list->types || list->table.nr_lines)
		return 0;
	complain("no such namespace that you may see");
	return EXIT_PARTIAL;
}

static void parse_type(struct listing *list, const char *name)
{
	int type = ns_type_by_name(name, strlen(name));

	if (type < 0) {
		complain("%s: no type of namespace", name);
		exit(EXIT_OWN);
	}
	list->types |= 1U << type;
}

static void parse_tree(struct listing *list, const char *what)
{
	if (!what || !strcmp(what, "parent")) {
		list->tree = TREE_PARENT;
	} else if (!strcmp(what, "owner")) {
		list->tree = TREE_OWNER;
	} else {
		complain("--tree=%s: neither parent nor owner", what);
		exit(EXIT_OWN);
	}
	list->table.tree = "NS";
}

static void parse_options(struct listing *list, int argc, char **argv)
{
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		if (opt == 't')
			parse_type(list, optarg);
		else if (opt == OPT_TREE)
			parse_tree(list, optarg);
		else if (opt == OPT_ALL)
			list->mounts = true;
		else
			table_option(&list->table, opt, optarg);
	}
}

/**
 * cmd_ls() - list namespaces
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_ls(int argc, char **argv)
{
	struct nslens_conn conn;
	struct listing list = { .table.columns = ns_columns, .conn = &conn };
	int status, now;

	parse_options(&list, argc, argv);
	if (table_choose(&list.table, DEFAULTS) || lens_open(&conn))
		return EXIT_OWN;

	status = want_targets(&list, argv + optind);
	if (status != EXIT_OWN) {
		table_begin(&list.table, "namespaces");
		now = list_namespaces(&list);
		status = now ? now : status;
		if (!status)
			status = missing(&list);
		if ((list.table.nr_lines || list.table.mode == TABLE_JSON) &&
		    table_end(&list.table))
			status = EXIT_OWN;
	}
	free(list.only.at);
	free(list.seen.at);
	free(list.viewpoints.at);
	nslens_close(&conn);
	return status;
}
