// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/traced: who is traced, by which sessions, and who is told so. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"
#include "lib/table.h"
#include "lib/tool.h"

#define TRACED	"/proc/nslens/traced"
#define ALICE	12345
#define BOB	23456

/* In the order of enum nslens_ns_type. */
static const char * const ns_columns[NR_NS] = {
	"CGROUPNS", "IPCNS", "MNTNS", "NETNS", "PIDNS", "TIMENS", "USERNS",
	"UTSNS", "PIDCHILDNS", "TIMECHILDNS",
};

/* One in a box of its own, one below it, and one that is in none. */
FIXTURE(traced)
{
	struct session session, other;
	struct child boxed, below, outside;
	struct table *table;
};

FIXTURE_SETUP(traced)
{
	self->table = calloc(1, sizeof(*self->table));
	ASSERT_NE(NULL, self->table);
	setup_session(_metadata, &self->session);
	setup_session(_metadata, &self->other);
	ASSERT_EQ(0, child_spawn(&self->boxed, CLONE_NEWPID | CLONE_NEWUTS |
				 CLONE_NEWNET));
	ASSERT_EQ(0, child_spawn_in(&self->boxed, &self->below, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn(&self->outside, 0));
}

FIXTURE_TEARDOWN(traced)
{
	child_end(&self->below);
	child_end(&self->boxed);
	child_end(&self->outside);
	session_close(&self->session);
	session_close(&self->other);
	free(self->table);
}

/* Which sessions the file says that trace a task; "" for none. */
static const char *sessions_of(const struct table *table, pid_t pid)
{
	static char cell[256];

	if (table_cell(table, "PID", format("%d", pid), "SESSIONS", cell,
		       sizeof(cell)))
		return "";
	return cell;
}

static void expect_cell(struct __test_metadata *_metadata,
			const struct table *table, pid_t pid,
			const char *column, const char *expected)
{
	char cell[256] = "";

	EXPECT_EQ(0, table_cell(table, "PID", format("%d", pid), column, cell,
				sizeof(cell)));
	EXPECT_STREQ(expected, cell) {
		TH_LOG("%s of %d", column, pid);
	}
}

/* A row says of a task what its links and its status do. */
static void expect_as_proc_has_it(struct __test_metadata *_metadata,
				  const struct table *table, pid_t pid)
{
	struct numbers levels, links;
	char comm[64], *nspid;
	unsigned int i;

	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &levels));
	nspid = format("%u", levels.v[0]);
	for (i = 1; i < levels.n; i++)
		nspid = format("%s,%u", nspid, levels.v[i]);
	expect_cell(_metadata, table, pid, "NSPID", nspid);
	ns_by_links(pid, &links);
	for (i = 0; i < NR_NS; i++)
		expect_cell(_metadata, table, pid, ns_columns[i],
			    links.v[i] ? format("%u", links.v[i]) : "-");
	EXPECT_EQ(0, proc_comm(pid, comm, sizeof(comm)));
	expect_cell(_metadata, table, pid, "COMMAND", comm);
}

TEST_F(traced, is_nobody_at_first)
{
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(0, self->table->n_rows);
	EXPECT_EQ(4 + NR_NS, self->table->n_columns);
	session_close(&self->session);
	session_close(&self->other);
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(0, self->table->n_rows);
}

TEST_F(traced, is_a_process_as_proc_has_it)
{
	const pid_t pid = self->below.pid;

	ASSERT_EQ(0, session_trace(&self->session,
				   (struct target){ .pid = pid }));
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(1, self->table->n_rows);
	EXPECT_STREQ(format("%u", self->session.id),
		     sessions_of(self->table, pid));
	expect_as_proc_has_it(_metadata, self->table, pid);
	ASSERT_EQ(0, session_set(&self->session, &(struct trace_change){
		.remove = { { .pid = pid } } }));
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(0, self->table->n_rows);
}

static void *idle(void *tid)
{
	__atomic_store_n((pid_t *)tid, gettid(), __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

static long start_thread(void *unused)
{
	static pid_t tid;
	pthread_t thread;

	if (pthread_create(&thread, NULL, idle, &tid))
		return -EAGAIN;
	while (!__atomic_load_n(&tid, __ATOMIC_ACQUIRE))
		sched_yield();
	return tid;
}

TEST_F(traced, are_all_threads_of_a_process)
{
	const pid_t pid = self->outside.pid;
	long tid = child_do(&self->outside, start_thread, NULL, 0);

	ASSERT_LT(0, tid);
	ASSERT_EQ(0, session_trace(&self->session,
				   (struct target){ .pid = pid }));
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(2, self->table->n_rows);
	expect_as_proc_has_it(_metadata, self->table, pid);
	expect_as_proc_has_it(_metadata, self->table, tid);
}

/* From now on, as its events are. */
TEST_F(traced, are_descendants_that_were_born_since)
{
	struct child *c = &self->outside, before, since, third;
	const char *id = format("%u", self->session.id);

	ASSERT_EQ(0, child_spawn_in(c, &before, 0));
	ASSERT_EQ(0, session_trace(&self->session, (struct target){
		.pid = c->pid, .follow = true }));
	ASSERT_EQ(0, child_spawn_in(c, &since, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&since, &third, 0));
	/* Their births have been told, so are known. */
	ASSERT_EQ(0, session_sync(&self->session));
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(3, self->table->n_rows);
	EXPECT_STREQ(id, sessions_of(self->table, c->pid));
	EXPECT_STREQ(id, sessions_of(self->table, since.pid));
	EXPECT_STREQ(id, sessions_of(self->table, third.pid));
	EXPECT_STREQ("", sessions_of(self->table, before.pid));
	expect_as_proc_has_it(_metadata, self->table, third.pid);
	child_end(&third);
	child_end(&since);
	child_end(&before);
}

TEST_F(traced, is_told_with_each_session_that_does)
{
	const unsigned int ids[] = { self->session.id, self->other.id };
	const pid_t pid = self->boxed.pid;

	ASSERT_EQ(0, session_trace(&self->session, (struct target){
		.ns = BY_INO(ns_ino(pid, "net")) }));
	ASSERT_EQ(0, session_set(&self->other, &(struct trace_change){
		.add = { { .pid = pid }, { .pid = self->outside.pid } } }));
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(3, self->table->n_rows);
	EXPECT_STREQ(format("%u,%u", ids[0], ids[1]),
		     sessions_of(self->table, pid));
	EXPECT_STREQ(format("%u", ids[0]),
		     sessions_of(self->table, self->below.pid));
	EXPECT_STREQ(format("%u", ids[1]),
		     sessions_of(self->table, self->outside.pid));
	session_close(&self->session);
	ASSERT_EQ(0, table_read(self->table, TRACED));
	EXPECT_EQ(2, self->table->n_rows);
	EXPECT_STREQ(format("%u", ids[1]), sessions_of(self->table, pid));
}

/* All threads in /proc, as they are while none is born and none ends. */
TEST_F(traced, are_all_if_all_are)
{
	static struct pid_list before, after;
	unsigned int i, tries = 20;

	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	do {
		ASSERT_EQ(0, proc_list(1, &before));
		ASSERT_EQ(0, table_read(self->table, TRACED));
		ASSERT_EQ(0, proc_list(1, &after));
	} while (tries-- && !same_pids(&before, &after));
	EXPECT_EQ(before.n, self->table->n_rows);
	for (i = 0; i < before.n; i++) {
		EXPECT_STREQ(format("%u", self->session.id),
			     sessions_of(self->table, before.v[i])) {
			TH_LOG("PID %d", before.v[i]);
		}
	}
}

/* For child_do(): the file as it is for a child, to be taken apart by the test. */
static long read_there(void *data)
{
	struct table *table = data;
	int n = read_file(TRACED, table->text, sizeof(table->text));

	return n < 0 ? n : 0;
}

static void read_as(struct __test_metadata *_metadata, struct child *c,
		    struct table *table)
{
	ASSERT_EQ(0, child_do(c, read_there, table, sizeof(*table)));
	ASSERT_EQ(0, table_take_apart(table));
}

static long trace_own(void *unused)
{
	static struct session session;
	int err = session_open(&session) ?: session_trace(&session, EVERYTHING);

	return err ?: (long)session.id;
}

static void become(struct __test_metadata *_metadata, struct child *c,
		   uid_t uid)
{
	ASSERT_EQ(0, child_do(c, child_setuid, &uid, sizeof(uid)));
}

/* That root traces her is none of her business, nor is who is not hers. */
TEST_F(traced, is_told_a_user_of_his_own_sessions_and_tasks)
{
	struct child *alice = &self->outside, too, bob;
	struct table *table = self->table;
	char *id;

	ASSERT_EQ(0, child_spawn(&too, 0));
	ASSERT_EQ(0, child_spawn(&bob, 0));
	become(_metadata, alice, ALICE);
	become(_metadata, &too, ALICE);
	become(_metadata, &bob, BOB);
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	read_as(_metadata, alice, table);
	EXPECT_EQ(0, table->n_rows);
	id = format("%ld", child_do(alice, trace_own, NULL, 0));
	read_as(_metadata, alice, table);
	EXPECT_EQ(2, table->n_rows);
	EXPECT_STREQ(id, sessions_of(table, alice->pid));
	EXPECT_STREQ(id, sessions_of(table, too.pid));
	expect_as_proc_has_it(_metadata, table, too.pid);
	read_as(_metadata, &bob, table);
	EXPECT_EQ(0, table->n_rows);
	/* Root is told of both. */
	ASSERT_EQ(0, table_read(table, TRACED));
	EXPECT_STREQ(format("%u,%s", self->session.id, id),
		     sessions_of(table, too.pid));
	EXPECT_STREQ(format("%u", self->session.id),
		     sessions_of(table, bob.pid));
	child_end(&bob);
	child_end(&too);
}

/* With their PIDs there, and without the sessions outside. */
TEST_F(traced, is_told_a_container_of_its_own)
{
	struct child box, inner;
	char cell[64];
	char *id;

	ASSERT_EQ(0, child_spawn(&box, CLONE_NEWPID | CLONE_NEWNS |
				 CLONE_NEWUSER));
	ASSERT_EQ(0, child_map_ids(&box, 0, 100000, 1000));
	ASSERT_EQ(0, child_do(&box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_spawn_in(&box, &inner, CLONE_NEWPID));
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	read_as(_metadata, &box, self->table);
	EXPECT_EQ(0, self->table->n_rows);
	id = format("%ld", child_do(&box, trace_own, NULL, 0));
	read_as(_metadata, &box, self->table);
	EXPECT_EQ(2, self->table->n_rows);
	EXPECT_STREQ(id, sessions_of(self->table, 1));
	EXPECT_STREQ(id, sessions_of(self->table, inner.pid_there));
	EXPECT_EQ(0, table_cell(self->table, "PID",
				format("%d", inner.pid_there), "NSPID", cell,
				sizeof(cell)));
	EXPECT_STREQ(format("%d,1", inner.pid_there), cell);
	child_end(&inner);
	child_end(&box);
}

TEST_HARNESS_MAIN
