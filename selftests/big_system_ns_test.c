// SPDX-License-Identifier: GPL-2.0
/*
 * The namespaces of a system of 200 containers, and those that hardly anything
 * keeps: what the module and the helper say of each, against /proc, nsfs and
 * lsns.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/lens-ns.h"
#include "lib/system.h"

#define MAX_ROWS	4096

/* A row of lsns, or of nslens ls. */
struct row {
	__u32 ino, nprocs, pid, ppid, uid, pns, ons;
	char type[16], path[128], command[64], user[32];
};

struct rows {
	unsigned int n;
	struct row v[MAX_ROWS];
};

FIXTURE(big_system)
{
	struct lens lens;
	struct census *census;
	struct ns_records *ns;
	struct rows *lsns, *ls;
};

FIXTURE_SETUP(big_system)
{
	self->census = calloc(1, sizeof(*self->census));
	self->ns = calloc(1, sizeof(*self->ns));
	self->lsns = calloc(1, sizeof(*self->lsns));
	self->ls = calloc(1, sizeof(*self->ls));
	ASSERT_NE(NULL, self->census);
	ASSERT_NE(NULL, self->ns);
	ASSERT_NE(NULL, self->lsns);
	ASSERT_NE(NULL, self->ls);
	setup_lens(_metadata, &self->ns->lens);
	self->ns->type = ALL_TYPES;
}

FIXTURE_TEARDOWN(big_system)
{
	census_free(self->census);
	lens_close(&self->ns->lens);
	free(self->ls);
	free(self->lsns);
	free(self->ns);
	free(self->census);
}

static bool dump_namespaces(void *data)
{
	struct ns_records *list = data;

	if (lens_ns_list(&list->lens, list))
		list->n = 0;
	return !list->lens.interrupted;
}

/* All but those that only a mount keeps; network namespaces even then. */
static bool module_finds(const struct zoo_item *item)
{
	return item->keeper != KEPT_BY_MOUNT ||
	       item->type == NSLENS_NS_TYPE_NET;
}

static const char *keeper_of(const struct zoo_item *item)
{
	return zoo_keeper_names[item->keeper];
}

/* What no link leads to: nsfs tells of it where the test can open it. */
static void add_hidden(struct __test_metadata *_metadata,
		       struct census *census)
{
	unsigned int i;
	int fd;

	for (i = 0; i < zoo.n; i++) {
		if (!zoo.item[i].path[0] || !module_finds(&zoo.item[i]))
			continue;
		fd = open(zoo.item[i].path, O_RDONLY);
		EXPECT_EQ(zoo.item[i].ino, ns_ino_of_fd(fd));
		EXPECT_NE(NULL, census_add_fd(census, fd, zoo.item[i].type));
		close(fd);
	}
}

static void expect_same_ns(struct __test_metadata *_metadata,
			   const struct census_ns *expected,
			   const struct ns_record *ns)
{
	const struct {
		const char *what;
		__u32 expected, seen;
	} values[] = {
		{ "type", expected->type, ns->type },
		{ "flag of the type", expected->flag,
		  ns_types[ns->type % NR_NS].flag },
		{ "owner", expected->owner, ns->owner },
		{ "parent", expected->parent, ns->parent },
		{ "uid of the owner", expected->owner_uid, ns->owner_uid },
		{ "processes", expected->processes, ns->processes },
		{ "threads", expected->threads, ns->threads },
		{ "only for children", expected->children_only,
		  ns->children_only },
		{ "lowest PID", expected->pid, ns->pid },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		EXPECT_EQ(values[i].expected, values[i].seen) {
			TH_LOG("%s of %s:[%u]", values[i].what,
			       ns_types[ns->type % NR_NS].link, ns->ino);
		}
	}
}

/* A dump has the namespaces of the census and those of the zoo, and no other. */
TEST_F(big_system, has_namespaces_that_netlink_tells_as_proc_and_nsfs_do)
{
	struct census *census = self->census;
	struct ns_records *list = self->ns;
	unsigned int i;

	ASSERT_EQ(0, system_at_rest(census, dump_namespaces, list));
	add_hidden(_metadata, census);
	for (i = 0; i < list->n; i++) {
		struct ns_record *ns = &list->v[i];
		struct census_ns *expected = census_ns(census, ns->ino);
		struct zoo_item *item = zoo_find(&zoo, ns->ino);

		EXPECT_EQ(ns, find_ns_record(list, ns->ino)) {
			TH_LOG("%u is there twice", ns->ino);
		}
		EXPECT_TRUE(expected || item) {
			TH_LOG("who knows of %s:[%u]?",
			       ns_types[ns->type % NR_NS].link, ns->ino);
		}
		if (expected)
			expect_same_ns(_metadata, expected, ns);
	}
	for (i = 0; i < census->nr_ns; i++) {
		struct zoo_item *item = zoo_find(&zoo, census->ns[i].ino);

		EXPECT_NE(NULL, find_ns_record(list, census->ns[i].ino)) {
			TH_LOG("%s:[%u] of PID %d is not listed, kept by %s",
			       ns_types[census->ns[i].type].link,
			       census->ns[i].ino, census->ns[i].pid,
			       item ? keeper_of(item) : "a process");
		}
	}
}

TEST_F(big_system, has_namespaces_that_hardly_anything_keeps)
{
	unsigned int i;

	dump_namespaces(self->ns);
	for (i = 0; i < zoo.n; i++) {
		const struct zoo_item *item = &zoo.item[i];
		struct ns_record *ns = find_ns_record(self->ns, item->ino);

		EXPECT_EQ(module_finds(item), !!ns) {
			TH_LOG("%s namespace that is kept by %s",
			       ns_types[item->type].name, keeper_of(item));
		}
		if (!ns)
			continue;
		EXPECT_EQ(item->type, ns->type);
		EXPECT_EQ(0, ns->processes);
		EXPECT_EQ(item->keeper == KEPT_BY_THREAD ||
			  item->keeper == KEPT_BY_DEAD_LEADER, ns->threads);
		EXPECT_EQ(item->keeper == KEPT_FOR_CHILDREN,
			  ns->children_only);
	}
}

/* As many as were made: 7 of each, and what only some have, to three levels. */
TEST_F(big_system, has_namespaces_as_they_were_made)
{
	unsigned int i, box, type, level;
	__u32 ino, pid_level, parent;

	dump_namespaces(self->ns);
	for (box = 0; box < fleet.n; box++) {
		const enum box_kind kind = box_kind(box);
		bool user = kind == BOX_USER || kind == BOX_NESTED;

		for (type = 0; type < NR_NS_TYPES; type++) {
			struct ns_record *ns;
			unsigned int n = BOX_TASKS;

			ino = ns_ino(fleet.inits[box], ns_types[type].link);
			ns = find_ns_record(self->ns, ino);
			ASSERT_NE(NULL, ns);
			if (type == NSLENS_NS_TYPE_TIME ||
			    (type == NSLENS_NS_TYPE_USER && !user)) {
				EXPECT_EQ(ns_ino(getpid(), ns_types[type].link),
					  ino);
				continue;
			}
			if (kind == BOX_NESTED &&
			    (type == NSLENS_NS_TYPE_PID ||
			     type == NSLENS_NS_TYPE_USER))
				n = BOX_TASKS_AT(0);
			EXPECT_EQ(n, ns->processes);
			EXPECT_EQ(fleet.inits[box], ns->pid);
		}
		if (kind != BOX_NESTED)
			continue;
		/* Down from the outermost PID namespace. */
		parent = ns_ino(fleet.inits[box], "pid");
		for (level = 1; level < BOX_LEVELS; level++) {
			for (i = 0; i < self->ns->n; i++)
				if (self->ns->v[i].type == NSLENS_NS_TYPE_PID &&
				    self->ns->v[i].parent == parent)
					break;
			ASSERT_LT(i, self->ns->n);
			pid_level = self->ns->v[i].level;
			EXPECT_EQ(1 + level, pid_level);
			EXPECT_EQ(BOX_TASKS_AT(level),
				  self->ns->v[i].processes);
			parent = self->ns->v[i].ino;
		}
	}
}

/* How many ancestors it has, by nsfs. */
static unsigned int depth(struct census *census, __u32 ino)
{
	struct census_ns *ns = census_ns(census, ino);
	unsigned int n = 0;

	while (ns && ns->parent) {
		ns = census_ns(census, ns->parent);
		n++;
	}
	return n;
}

TEST_F(big_system, has_maps_levels_and_reapers_as_proc_and_nsfs_say)
{
	struct census *census = self->census;
	struct ns_records *list = self->ns;
	unsigned int i, deepest[NR_NS_TYPES] = {};

	ASSERT_EQ(0, system_at_rest(census, dump_namespaces, list));
	for (i = 0; i < list->n; i++) {
		struct ns_record *ns = &list->v[i];
		struct task *reaper;

		if (ns->type != NSLENS_NS_TYPE_USER &&
		    ns->type != NSLENS_NS_TYPE_PID)
			continue;
		if (census_ns(census, ns->ino))
			EXPECT_EQ(depth(census, ns->ino), ns->level);
		if (ns->pid && ns->level > deepest[ns->type])
			deepest[ns->type] = ns->level;
		if (ns->type == NSLENS_NS_TYPE_USER && ns->pid)
			EXPECT_TRUE(census_same_map(census_ns(census, ns->ino),
						    ns));
		if (ns->type == NSLENS_NS_TYPE_USER || !ns->processes)
			continue;
		EXPECT_EQ(ns->level + 1, ns->reaper.n);
		reaper = census_task(census, ns->reaper.v[0]);
		ASSERT_NE(NULL, reaper);
		EXPECT_EQ(ns->ino, reaper->ns.v[NSLENS_NS_TYPE_PID]);
		EXPECT_EQ(1, innermost(&reaper->pids));
		expect_numbers(_metadata, "NSpid of PID 1", &reaper->pids,
			       &ns->reaper);
	}
	EXPECT_EQ(BOX_LEVELS, deepest[NSLENS_NS_TYPE_PID]);
	EXPECT_EQ(BOX_LEVELS, deepest[NSLENS_NS_TYPE_USER]);
}

static void copy(char *to, size_t size, const struct json_row *row,
		 const char *key)
{
	snprintf(to, size, "%s", json_get(row, key) ?: "");
}

static void add_row(const struct json_row *json, void *data)
{
	struct rows *rows = data;
	struct row *row = &rows->v[rows->n];

	if (rows->n == MAX_ROWS)
		return;
	rows->n++;
	row->ino = json_number(json, "ns");
	row->nprocs = json_number(json, "nprocs");
	row->pid = json_number(json, "pid");
	row->ppid = json_number(json, "ppid");
	row->uid = json_number(json, "uid");
	row->pns = json_number(json, "pns");
	row->ons = json_number(json, "ons");
	copy(row->type, sizeof(row->type), json, "type");
	copy(row->path, sizeof(row->path), json, "path");
	copy(row->command, sizeof(row->command), json, "command");
	copy(row->user, sizeof(row->user), json, "user");
}

static struct row *find_row(struct rows *rows, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < rows->n; i++)
		if (rows->v[i].ino == ino)
			return &rows->v[i];
	return NULL;
}

#define LS_COLUMNS "NS,TYPE,PATH,NPROCS,PID,PPID,COMMAND,UID,USER,PNS,ONS"

static const char * const lsns_all[] = {
	"lsns", "-l", "-J", "-o", LS_COLUMNS, NULL
};

static const char * const ls_all[] = {
	"nslens", "ls", "--all", "-J", "-o", LS_COLUMNS, NULL
};

/* Both have a process more than the test sees: themselves. */
static int run_both(struct rows *lsns, struct rows *ls)
{
	static struct pid_list before, after;
	unsigned int tries = 20;
	bool same;

	do {
		proc_list(0, &before);
		lsns->n = 0;
		ls->n = 0;
		if (system_print(lsns_all, add_row, lsns) < 0 ||
		    system_print(ls_all, add_row, ls) < 0)
			return -EIO;
		proc_list(0, &after);
		same = same_pids(&before, &after);
	} while (!same && --tries);
	return same ? 0 : -EBUSY;
}

static void expect_same_row(struct __test_metadata *_metadata,
			    const struct row *a, const struct row *b)
{
	EXPECT_STREQ(a->type, b->type);
	EXPECT_STREQ(a->path, b->path);
	EXPECT_EQ(a->nprocs, b->nprocs) {
		TH_LOG("%s:[%u]", a->type, a->ino);
	}
	EXPECT_EQ(a->pid, b->pid);
	EXPECT_EQ(a->ppid, b->ppid);
	EXPECT_EQ(a->uid, b->uid);
	EXPECT_EQ(a->pns, b->pns);
	EXPECT_EQ(a->ons, b->ons);
	EXPECT_STREQ(a->user, b->user);
	EXPECT_STREQ(a->command, b->command);
}

/*
 * All that lsns lists is listed, the same; and what it does not are just those
 * of the zoo, each for a reason that has a name.
 */
TEST_F(big_system, is_listed_as_lsns_does_but_for_what_that_cannot_find)
{
	unsigned int i, missed[NR_KEEPERS] = {};
	struct row *row;

	ASSERT_EQ(0, run_both(self->lsns, self->ls));
	for (i = 0; i < self->lsns->n; i++) {
		row = find_row(self->ls, self->lsns->v[i].ino);
		EXPECT_NE(NULL, row) {
			TH_LOG("only lsns lists %s:[%u]",
			       self->lsns->v[i].type, self->lsns->v[i].ino);
			continue;
		}
		expect_same_row(_metadata, &self->lsns->v[i], row);
	}
	for (i = 0; i < self->ls->n; i++) {
		struct zoo_item *item = zoo_find(&zoo, self->ls->v[i].ino);

		row = find_row(self->lsns, self->ls->v[i].ino);
		EXPECT_EQ(!item, !!row) {
			TH_LOG("%s:[%u], kept by %s, is%s listed by lsns",
			       self->ls->v[i].type, self->ls->v[i].ino,
			       item ? keeper_of(item) : "a process",
			       row ? "" : " not");
		}
		if (item)
			missed[item->keeper]++;
	}
	for (i = 0; i < zoo.n; i++) {
		EXPECT_NE(NULL, find_row(self->ls, zoo.item[i].ino)) {
			TH_LOG("%s namespace that is kept by %s",
			       ns_types[zoo.item[i].type].name,
			       keeper_of(&zoo.item[i]));
		}
	}
	for (i = 0; i < NR_KEEPERS; i++) {
		EXPECT_LT(0, missed[i]) {
			TH_LOG("lsns misses none that is kept by %s",
			       zoo_keeper_names[i]);
		}
	}
}

/* What mountinfo has there is just what the zoo mounted, of every type. */
TEST_F(big_system, has_mounted_namespaces_that_ls_finds_where_mountinfo_says)
{
	char path[64], text[8192], root[64];
	unsigned int i, n = 0;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", zoo.mounter.pid);
	ASSERT_LT(0, read_file(path, text, sizeof(text)));
	for (at = text; (at = strstr(at, " - nsfs ")); at++)
		n++;
	EXPECT_EQ(NR_NS_TYPES, n);
	ASSERT_LT(0, system_print(ls_all, add_row, self->ls));
	for (i = 0; i < zoo.n; i++) {
		const struct zoo_item *item = &zoo.item[i];
		struct row *row = find_row(self->ls, item->ino);

		if (item->keeper != KEPT_BY_MOUNT)
			continue;
		snprintf(root, sizeof(root), " %s:[%u] " ZOO_MOUNTS "/%s ",
			 ns_types[item->type].link, item->ino,
			 ns_types[item->type].link);
		EXPECT_NE(NULL, strstr(text, root));
		ASSERT_NE(NULL, row);
		EXPECT_STREQ(ns_types[item->type].link, row->type);
		EXPECT_EQ(0, row->nprocs);
		EXPECT_EQ(0, row->pid);
		if (module_finds(item))
			continue;
		EXPECT_STREQ(item->path, row->path);
	}
}

int main(int argc, char **argv)
{
	return system_run(argc, argv, test_harness_run);
}
