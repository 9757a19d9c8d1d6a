// SPDX-License-Identifier: GPL-2.0
/* nslens ls: namespaces. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "ino-set.h"
#include "listns.h"
#include "netlink.h"
#include "ns-columns.h"
#include "nsfs-mounts.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "table.h"
#include "target.h"
#include "watch.h"

#define DEFAULTS	"NS,TYPE,NPROCS,PID,USER,COMMAND"
/* lsns, too, shows more if network namespaces were asked for. */
#define DEFAULTS_NET	"NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND"

enum { OPT_TREE = OPT_LONG, OPT_ALL };

static const struct opt opts[] = {
	{ "type", 't', "TYPE[,TYPE...]",
	  "only namespaces of these types" },
	{ "tree", OPT_TREE, "=WHAT",
	  "as a tree of what they descend from, or\n"
	  "with --tree=owner of what they belong to" },
	{ "list", 'l', NULL, "as a list, as without --tree" },
	{ "task", 'p', "PID", "the same as PID for a TARGET, as with lsns" },
	{ "all", OPT_ALL, NULL,
	  "look for namespaces that only a mount keeps, too,\n"
	  "in all mount namespaces, and ask listns(2)" },
	WATCH_OPTION,
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n" TARGET_HELP "\n"
		"A task stands for the namespaces that it is in. What has no PID and no process is\n"
		"kept by something else: a thread, a child namespace, an open file, a mount.\n"
		"Columns have the names and the meaning they have in lsns; by default\n"
		"%s, with NETNSID,NSFS if -t names net:\n\n", DEFAULTS);
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
 * struct viewpoints - tasks, one in each mount namespace
 * @pids: their PIDs
 * @nr: how many
 * @room: how many there is room for
 */
struct viewpoints {
	__u32 *pids;
	size_t nr;
	size_t room;
};

/**
 * struct listing - a table of namespaces as it is made
 * @table: the table
 * @watch: it is made over and over
 * @targets: what is wanted, up to NULL; all if there are none
 * @types: a bit for each that is wanted, 0 for all
 * @tree: how they are arranged
 * @all: look at mounts, and ask the kernel, too
 * @shown: of the target that is looked at, one may see the namespaces
 * @only: if there are targets: inode numbers that are wanted
 * @seen: inode numbers of what was found
 * @mounts: where namespaces are mounted
 * @conn: to ask for what a mount keeps
 */
struct listing {
	struct table table;
	struct watch watch;
	char **targets;
	unsigned int types;
	enum tree tree;
	bool all;
	bool shown;
	struct ino_set only;
	struct ino_set seen;
	struct nsfs_mounts mounts;
	struct nslens_conn *conn;
};

static bool is_wanted_type(const struct listing *list, __u32 type)
{
	return !list->types || list->types & 1U << type;
}

/* Each once, whatever finds it. */
static int add_record(struct listing *list, const struct nslens_ns *ns,
		      const char *path)
{
	const struct ns_record record = {
		.ns = ns,
		.path = path,
		.mounts = list->mounts.nr ? &list->mounts : NULL,
	};
	int seen = list->all || list->targets[0] ?
		   ino_set_add(&list->seen, ns->ino) : 0;

	if (seen)
		return seen < 0 ? seen : 0;
	if (!is_wanted_type(list, ns->type) ||
	    (list->targets[0] && !ino_set_has(&list->only, ns->ino)))
		return 0;
	return table_add_node(&list->table, &record, ns->ino,
			      list->tree == TREE_OWNER ? ns->owner :
			      list->tree == TREE_PARENT ? ns->parent : 0);
}

static int add_ns(const struct nslens_ns *ns, void *arg)
{
	return add_record(arg, ns, NULL);
}

/*
 * What the module would have listed had it a task in it, so it has none. Its
 * file tells what it is and who owns it (ioctl_nsfs(2)).
 */
static struct nslens_ns without_tasks(__u32 ino, int type, int fd)
{
	struct nslens_ns ns = {
		.has = 1U << NSLENS_A_NS_INO | 1U << NSLENS_A_NS_TYPE |
		       1U << NSLENS_A_NS_PROCESSES | 1U << NSLENS_A_NS_THREADS,
		.ino = ino,
		.type = (__u32)type,
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

/* The module says most; without that, a file itself tells what it is. */
static int add_file(struct listing *list, __u32 ino, int type, int fd,
		    const char *path)
{
	const struct nslens_ns_ref ref = {
		.kind = NSLENS_REF_FD,
		.value = (__u32)fd,
	};
	struct nslens_ns ns;

	if (fd < 0 || nslens_ns_get(list->conn, &ref, &ns) || ns.ino != ino)
		ns = without_tasks(ino, type, fd);
	return add_record(list, &ns, path);
}

/* What is hidden in one place may be in view in another: those are in a row. */
static int add_mounts(struct listing *list)
{
	int err = 0;

	for (size_t i = 0; i < list->mounts.nr && !err; i++) {
		const struct nsfs_mount *mount = &list->mounts.at[i];
		int fd;

		if (ino_set_has(&list->seen, mount->ino))
			continue;
		fd = nsfs_mount_open(mount);
		if (fd < 0 && nsfs_mounts_next(&list->mounts, mount))
			continue;
		err = add_file(list, mount->ino, mount->type, fd, mount->path);
		if (fd >= 0)
			close(fd);
	}
	return err;
}

static int add_listed(int fd, void *arg)
{
	int type = ns_type_by_flag(ioctl(fd, NS_GET_NSTYPE));
	struct listing *list = arg;
	struct stat st;

	if (type < 0 || fstat(fd, &st) ||
	    ino_set_has(&list->seen, (__u32)st.st_ino))
		return 0;
	return add_file(list, (__u32)st.st_ino, type, fd, NULL);
}

static int add_viewpoint(const struct nslens_ns *ns, void *arg)
{
	struct viewpoints *points = arg;

	if (!ns->pid)
		return 0;
	if (points->nr == points->room) {
		size_t room = 2 * points->room + 64;
		__u32 *pids = realloc(points->pids, room * sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		points->pids = pids;
		points->room = room;
	}
	points->pids[points->nr++] = ns->pid;
	return 0;
}

/* A mount namespace that one may not look into hides what is mounted there. */
static int read_mounts(struct listing *list)
{
	struct viewpoints points = { 0 };
	int err = nsfs_mounts_read(&list->mounts, "self");

	if (list->all && err != -ENOMEM)
		err = nslens_ns_dump(list->conn, NSLENS_NS_TYPE_MNT,
				     add_viewpoint, &points, NULL);
	for (size_t i = 0; i < points.nr && err != -ENOMEM; i++) {
		char pid[16];

		snprintf(pid, sizeof(pid), "%u", points.pids[i]);
		err = nsfs_mounts_read(&list->mounts, pid);
	}
	free(points.pids);
	nsfs_mounts_sort(&list->mounts);
	return err == -ENOMEM ? err : 0;
}

static int want_task(const struct nslens_task *task, void *arg)
{
	struct listing *list = arg;

	if (!(task->fields & NSLENS_TASK_FIELD_NS))
		return 0;
	list->shown = true;
	for (unsigned int i = 0; i < NR_NS_TYPES && i < task->ns.nr; i++)
		if (task->ns.at[i] &&
		    ino_set_add(&list->only, task->ns.at[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int want_target(struct listing *list, const struct target *target)
{
	struct nslens_task_filter filter = { .fields = NSLENS_TASK_FIELD_NS };
	struct nslens_task task;
	__u32 ino;
	int err;

	list->shown = target->kind == TARGET_NS;
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
	err = ino ? ino_set_add(&list->only, ino) : -ENOENT;
	return err < 0 ? err : 0;
}

static int look_at(struct listing *list, const struct target *target)
{
	int err = want_target(list, target);

	if (err) {
		complain("%s: %s", target->text, lens_reason(list->conn));
	} else if (!list->shown) {
		complain("%s: %s: ask as root, or as its user", target->text,
			 target->kind == TARGET_TASK ?
			 "its namespaces are hidden from you" :
			 "no task in it whose namespaces you may see");
		err = -EACCES;
	}
	return err;
}

static int want_targets(struct listing *list, struct target *targets)
{
	int status = 0;

	for (int i = 0; list->targets[i]; i++) {
		int err = target_parse(list->targets[i], &targets[i]);

		if (!err)
			err = look_at(list, &targets[i]);
		if (!err)
			continue;
		/* There is nothing to find of it any more. */
		targets[i].kind = TARGET_TASK;
		status = lens_exit(err);
		if (status == EXIT_OWN)
			return status;
	}
	return status;
}

/* A namespace that was not found: its file will do, if that was the target. */
static int find_target(struct listing *list, const struct target *target)
{
	__u32 ino = target_ns_inode(list->conn, &target->ns,
				    (int)target->ns.type);

	if (ino_set_has(&list->seen, ino))
		return 0;
	if (target->ns.kind == NSLENS_REF_FD)
		return add_file(list, ino, (int)target->ns.type,
				(int)target->ns.value, target->text);
	complain("%s: no such namespace that you may see%s", target->text,
		 list->all ? "" :
		 "; with --all, one is found that only a mount keeps");
	return -ENOENT;
}

static int find_targets(struct listing *list, const struct target *targets)
{
	int status = 0;

	for (int i = 0; list->targets[i]; i++) {
		int err = targets[i].kind == TARGET_NS ?
			  find_target(list, &targets[i]) : 0;

		if (err)
			status = lens_exit(err);
	}
	return status;
}

/* The module can leave out all but one type; a mount's are not known before. */
static int list_namespaces(struct listing *list)
{
	bool one = list->types && !(list->types & (list->types - 1)) &&
		   !list->all && !list->targets[0];
	int err;

	if (list->all || table_needs(&list->table) & NS_NEEDS_MOUNTS) {
		err = read_mounts(list);
		if (err)
			goto fail;
	}
	err = nslens_ns_dump(list->conn,
			     one ? __builtin_ctz(list->types) : -1, add_ns,
			     list, NULL);
	if (!err && list->all)
		err = add_mounts(list);
	/* A kernel that has no listns(2) has said all it knows. */
	if (!err && list->all && listns_each(add_listed, list) == -ENOMEM)
		err = -ENOMEM;
	if (!err)
		return 0;
fail:
	complain("%s", err == -ENOMEM ? strerror(ENOMEM) :
		 lens_reason(list->conn));
	return EXIT_OWN;
}

static int list_targets(struct listing *list, struct target *targets)
{
	int status = want_targets(list, targets), now;

	if (status == EXIT_OWN)
		return status;
	table_begin(&list->table, "namespaces");
	now = list_namespaces(list);
	if (!now)
		now = find_targets(list, targets);
	status = now ? now : status;
	if ((list->table.nr_lines || list->table.mode == TABLE_JSON) &&
	    table_end(&list->table))
		status = EXIT_OWN;
	return status == EXIT_PARTIAL && list->watch.on &&
	       !list->table.nr_lines ? EXIT_NOTHING : status;
}

static int list_once(void *arg)
{
	struct listing *list = arg;
	struct target *targets;
	struct nslens_conn conn;
	size_t nr = 0;
	int status;

	while (list->targets[nr])
		nr++;
	targets = calloc(nr + 1, sizeof(*targets));
	if (!targets || lens_open(&conn)) {
		free(targets);
		return EXIT_OWN;
	}
	list->conn = &conn;
	status = list_targets(list, targets);
	ino_set_free(&list->only);
	ino_set_free(&list->seen);
	nsfs_mounts_free(&list->mounts);
	free(targets);
	nslens_close(&conn);
	return status;
}

static void parse_types(struct listing *list, const char *names)
{
	for (;;) {
		size_t len = strcspn(names, ",");
		int type = ns_type_by_name(names, len);

		if (type < 0) {
			complain("--type %.*s: no type of namespace: %s",
				 (int)len, names,
				 "those are cgroup, ipc, mnt, net, pid, time, user, uts");
			exit(EXIT_OWN);
		}
		list->types |= 1U << type;
		if (!names[len])
			return;
		names += len + 1;
	}
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
	char *task = NULL;
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		if (opt == 't')
			parse_types(list, optarg);
		else if (opt == OPT_TREE)
			parse_tree(list, optarg);
		else if (opt == 'l')
			list->table.tree = NULL;
		else if (opt == 'p')
			task = optarg;
		else if (opt == OPT_ALL)
			list->all = true;
		else if (opt == OPT_WATCH)
			watch_option(&list->watch, optarg);
		else
			table_option(&list->table, opt, optarg);
	}
	/* The place of the option is free. */
	if (task)
		argv[--optind] = task;
	list->targets = argv + optind;
	/* What is found elsewhere comes after what the module lists. */
	list->table.sorted = list->all || list->targets[0];
	if (list->watch.on && list->table.mode == TABLE_JSON) {
		complain("--watch and --json exclude each other");
		exit(EXIT_OWN);
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
	struct listing list = { .table.columns = ns_columns };

	parse_options(&list, argc, argv);
	if (table_choose(&list.table,
			 list.types & 1U << NSLENS_NS_TYPE_NET ?
			 DEFAULTS_NET : DEFAULTS))
		return EXIT_OWN;
	return list.watch.on ? watch_run(&list.watch, list_once, &list) :
			       list_once(&list);
}
