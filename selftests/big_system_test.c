// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks of a system of 200 containers and 2,000 processes: what the module
 * and the helper say of each, against /proc and nsfs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/system.h"

#ifndef NS_GET_PID_IN_PIDNS
#define NS_GET_PID_IN_PIDNS	_IOR(NSIO, 0x8, int)
#endif

struct list {
	struct lens lens;
	__u32 fields;
	unsigned int n;
	struct task v[MAX_PIDS];
};

FIXTURE(big_system)
{
	struct census *census;
	struct list *list;
};

FIXTURE_SETUP(big_system)
{
	self->census = calloc(1, sizeof(*self->census));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->census);
	ASSERT_NE(NULL, self->list);
	setup_lens(_metadata, &self->list->lens);
}

FIXTURE_TEARDOWN(big_system)
{
	census_free(self->census);
	lens_close(&self->list->lens);
	free(self->list);
	free(self->census);
}

static void add_record(const struct nlmsghdr *reply, void *data)
{
	struct list *list = data;

	if (list->n < MAX_PIDS)
		read_task(reply, &list->v[list->n++]);
}

static bool dump_tasks(void *data)
{
	struct list *list = data;
	struct nl_msg *msg = lens_request(&list->lens, NSLENS_CMD_TASK_GET,
					  NLM_F_DUMP);

	list->n = 0;
	put_query(msg, &(struct query){
			.threads = true, .fields = list->fields });
	if (lens_call(&list->lens, msg, add_record, list))
		list->n = 0;
	return !list->lens.interrupted;
}

/* The same tasks, and all that both say of them; @fields are said of each. */
static void expect_same_tasks(struct __test_metadata *_metadata,
			      struct census *census, const struct list *list)
{
	unsigned int i;

	EXPECT_EQ(census->n, list->n);
	for (i = 0; i < list->n; i++) {
		const struct task *t = &list->v[i];
		struct task *proc = census_task(census, t->pids.v[0]);

		EXPECT_NE(NULL, proc) {
			TH_LOG("PID %u is not in /proc", t->pids.v[0]);
			continue;
		}
		EXPECT_EQ(NULL, task_difference(proc, t)) {
			TH_LOG("PID %u differs in %s", t->pids.v[0],
			       task_difference(proc, t));
		}
		EXPECT_EQ(list->fields & proc->present, t->present) {
			TH_LOG("PID %u", t->pids.v[0]);
		}
	}
}

TEST_F(big_system, has_tasks_that_netlink_tells_as_proc_does)
{
	struct list *list = self->list;
	unsigned int i, levels = 0, processes = 0, injected = 0;

	list->fields = CENSUS_FIELDS | NSLENS_TASK_FIELD_OUTSIDE;
	ASSERT_EQ(0, system_at_rest(self->census, dump_tasks, list));
	expect_same_tasks(_metadata, self->census, list);
	for (i = 0; i < list->n; i++) {
		processes += list->v[i].pids.v[0] == list->v[i].tgids.v[0];
		levels = levels > list->v[i].pids.n ? levels :
			list->v[i].pids.n;
		injected += HAS(&list->v[i], OUTSIDE);
	}
	EXPECT_LT(NR_BOXES * BOX_TASKS, processes);
	EXPECT_EQ(1 + BOX_LEVELS, levels);
	/* Had /proc and the module overlooked it both, there were none. */
	EXPECT_EQ(1, injected);
	EXPECT_EQ(zoo.door.pid,
		  census_task(self->census, zoo.injected.pid)->outside);
}

/* What was ordered is there: the test need not trust /proc alone. */
TEST_F(big_system, has_tasks_as_they_were_made)
{
	struct list *list = self->list;
	unsigned int i, box, level;

	list->fields = DEFAULT_FIELDS;
	dump_tasks(list);
	for (box = 0; box < fleet.n; box++) {
		unsigned int at[BOX_LEVELS + 1] = {}, threads = 0;
		__u32 uts = ns_ino(fleet.inits[box], "uts");

		for (i = 0; i < list->n; i++) {
			if (list->v[i].ns.v[NSLENS_NS_TYPE_UTS] != uts ||
			    list->v[i].pids.n - 2 >= BOX_LEVELS)
				continue;
			if (list->v[i].flags & NSLENS_TASK_FLAG_THREAD)
				threads++;
			else
				at[list->v[i].pids.n - 2]++;
		}
		EXPECT_EQ(box_kind(box) == BOX_THREADS ? 2 : 0, threads);
		for (level = 0; level < BOX_LEVELS; level++)
			EXPECT_EQ(box_kind(box) == BOX_NESTED ?
				  BOX_TASKS_AT(level) :
				  level ? 0 : BOX_TASKS, at[level]);
	}
}

TEST_F(big_system, has_threads_that_differ_from_their_leader)
{
	struct list *list = self->list;
	struct task leader, thread;
	unsigned int type, other;

	for (type = 0; type < NR_NS_TYPES; type++) {
		if (!zoo.tid[type])
			continue;
		ASSERT_EQ(0, lens_get(&list->lens, &(struct query){
				.pid = zoo.threads.pid }, &leader));
		ASSERT_EQ(0, lens_get(&list->lens, &(struct query){
				.pid = zoo.tid[type] }, &thread));
		EXPECT_EQ(zoo.threads.pid, thread.tgids.v[0]);
		for (other = 0; other < NR_NS; other++) {
			EXPECT_EQ(other == type, leader.ns.v[other] !=
				  thread.ns.v[other]) {
				TH_LOG("%s in the thread of %s",
				       ns_types[other].name,
				       ns_types[type].name);
			}
		}
	}
	ASSERT_EQ(0, lens_get(&list->lens, &(struct query){
			.pid = zoo.other_user }, &thread));
	EXPECT_EQ(0, leader.uid);
	EXPECT_EQ(OTHER_UID, thread.uid);
	EXPECT_EQ(0, memcmp(&leader.ns, &thread.ns, sizeof(leader.ns)));
}

static void numbers_of(const struct json_row *row, const char *key,
		       struct numbers *out)
{
	text_numbers(json_get(row, key) ?: "", out);
}

/* "12.345678901" */
static __u64 nanoseconds(const char *text)
{
	char *rest;
	__u64 seconds = strtoull(text ?: "0.", &rest, 10);

	return seconds * 1000000000 + strtoull(rest + 1, NULL, 10);
}

#define PS_COLUMNS "PID,TGID,PPID,PGID,SID,NSPID,NSTGID,NSPPID,NSPGID,NSSID," \
	"CGROUPNS,IPCNS,MNTNS,NETNS,PIDNS,TIMENS,USERNS,UTSNS,PIDCHILDNS,"    \
	"TIMECHILDNS,UID,GID,NSUID,NSGID,START,FLAGS,TRACER,CGROUP,CGROUPID," \
	"OUTSIDE,COMMAND"

static void ps_flags(const struct json_row *row, struct task *t)
{
	static const char * const names[] = {
		"kthread", "thread", "child-reaper", "exiting", "zombie",
	};
	char *text = strdup(json_get(row, "flags") ?: ""), *name, *rest = text;
	unsigned int i;

	while ((name = strsep(&rest, ","))) {
		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (!strcmp(name, names[i]))
				t->flags |= 1 << i;
		if (!strcmp(name, "injected"))
			t->present |= NSLENS_TASK_FIELD_OUTSIDE;
	}
	free(text);
}

static void ps_row(const struct json_row *row, void *data)
{
	static const char * const columns[NR_NS] = {
		"cgroupns", "ipcns", "mntns", "netns", "pidns", "timens",
		"userns", "utsns", "pidchildns", "timechildns",
	};
	struct list *list = data;
	struct task *t = &list->v[list->n];

	/* The helper itself is none that /proc had. */
	if (list->n == MAX_PIDS || json_number(row, "ppid") == (__u32)getpid())
		return;
	memset(t, 0, sizeof(*t));
	t->present = CENSUS_FIELDS;
	numbers_of(row, "nspid", &t->pids);
	numbers_of(row, "nstgid", &t->tgids);
	numbers_of(row, "nsppid", &t->ppids);
	numbers_of(row, "nspgid", &t->pgids);
	numbers_of(row, "nssid", &t->sids);
	for (t->ns.n = 0; t->ns.n < NR_NS; t->ns.n++)
		t->ns.v[t->ns.n] = json_number(row, columns[t->ns.n]);
	t->uid = json_number(row, "uid");
	t->gid = json_number(row, "gid");
	t->uid_inside = json_number(row, "nsuid");
	t->gid_inside = json_number(row, "nsgid");
	t->tracer = json_number(row, "tracer");
	t->outside = json_number(row, "outside");
	t->start_time = nanoseconds(json_get(row, "start"));
	t->cgroup_id = json_number(row, "cgroupid");
	snprintf(t->cgroup, sizeof(t->cgroup), "%s",
		 json_get(row, "cgroup") ?: "");
	snprintf(t->comm, sizeof(t->comm), "%s",
		 json_get(row, "command") ?: "");
	ps_flags(row, t);
	list->n++;
}

static bool run_ps(void *data)
{
	struct list *list = data;

	list->n = 0;
	return system_print((const char * const []){
			"nslens", "ps", "-L", "-J", "-o", PS_COLUMNS, NULL },
			    ps_row, list) > 0;
}

TEST_F(big_system, has_tasks_that_ps_prints_as_proc_does)
{
	self->list->fields = CENSUS_FIELDS | NSLENS_TASK_FIELD_OUTSIDE;
	ASSERT_EQ(0, system_at_rest(self->census, run_ps, self->list));
	expect_same_tasks(_metadata, self->census, self->list);
}

#define FILE_FIELDS (DEFAULT_FIELDS & ~(NSLENS_TASK_FIELD_TGIDS |	\
		     NSLENS_TASK_FIELD_PPIDS | NSLENS_TASK_FIELD_PGIDS |\
		     NSLENS_TASK_FIELD_SIDS))

/* A line of /proc/nslens/tasks; other ids than NSPID are those here. */
static bool file_row(char *line, struct task *t)
{
	const char *field[32];
	unsigned int i, n = 0;

	while (n < ARRAY_SIZE(field) && (field[n] = strsep(&line, " ")))
		n++;
	if (n != 6 + NR_NS + 10)
		return false;
	memset(t, 0, sizeof(*t));
	t->present = FILE_FIELDS;
	text_numbers(field[5], &t->pids);
	for (i = 0; i < NR_NS; i++)
		t->ns.v[i] = strtoul(field[6 + i], NULL, 10);
	t->ns.n = NR_NS;
	t->uid = atol(field[16]);
	t->gid = atol(field[17]);
	t->uid_inside = atol(field[18]);
	t->gid_inside = atol(field[19]);
	t->start_time = atoll(field[20]);
	t->flags = strtoul(field[21], NULL, 0);
	t->tracer = atol(field[22]);
	snprintf(t->comm, sizeof(t->comm), "%s", field[25]);
	return true;
}

static bool read_tasks(void *data)
{
	const size_t size = MAX_PIDS * 512;
	char *text = malloc(size), *line, *rest = text;
	struct list *list = data;

	list->n = 0;
	if (!text || read_file("/proc/nslens/tasks", text, size) < 0)
		return false;
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *line && list->n < MAX_PIDS)
		list->n += file_row(line, &list->v[list->n]);
	free(text);
	return true;
}

TEST_F(big_system, has_tasks_that_a_file_tells_as_proc_does)
{
	unsigned int i, leaders = 0;

	self->list->fields = FILE_FIELDS;
	ASSERT_EQ(0, system_at_rest(self->census, read_tasks, self->list));
	for (i = 0; i < self->census->n; i++) {
		struct task *t = &self->census->tasks[i];

		t->present &= FILE_FIELDS;
		if (!(t->flags & NSLENS_TASK_FLAG_THREAD))
			self->census->tasks[leaders++] = *t;
	}
	self->census->n = leaders;
	expect_same_tasks(_metadata, self->census, self->list);
}

/* Both ways, all at once; and by the ioctl of nsfs, where there is one (6.11). */
TEST_F(big_system, has_pids_that_translate_as_nspid_and_nsfs_say)
{
	static __s32 pids[NSLENS_MAX_PIDS];
	struct census *census = self->census;
	unsigned int i, box;

	ASSERT_EQ(0, census_take(census));
	ASSERT_GE(NSLENS_MAX_PIDS, census->n);
	for (i = 0; i < census->n; i++)
		pids[i] = census->tasks[i].pids.v[0];
	ASSERT_EQ(0, lens_translate(&self->list->lens, NULL, NULL, true, pids,
				    census->n));
	for (i = 0; i < census->n; i++) {
		if (census->tasks[i].flags & NSLENS_TASK_FLAG_KTHREAD)
			continue;
		EXPECT_EQ(innermost(&census->tasks[i].pids), pids[i]);
	}
	for (box = 0; box < fleet.n; box++) {
		__u32 ino = ns_ino(fleet.inits[box], "pid");
		int fd = ns_open(fleet.inits[box], "pid");

		for (i = 0; i < census->n; i++) {
			const struct task *t = &census->tasks[i];

			if (t->ns.v[NSLENS_NS_TYPE_PID] != ino)
				continue;
			EXPECT_EQ(kernel_before(6, 11) ? -1 : pids[i],
				  ioctl(fd, NS_GET_PID_IN_PIDNS,
					t->pids.v[0]));
			ASSERT_EQ(0, lens_translate(&self->list->lens,
						    &BY_FD(fd), NULL, false,
						    &pids[i], 1));
			EXPECT_EQ(t->pids.v[0], pids[i]);
		}
		close(fd);
	}
}

int main(int argc, char **argv)
{
	return system_run(argc, argv, test_harness_run);
}
