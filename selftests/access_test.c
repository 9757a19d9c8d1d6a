// SPDX-License-Identifier: GPL-2.0
/* Who may see what: other users, containers, passed sockets. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

#define ALICE	12345
#define BOB	23456

static uid_t alice = ALICE, bob = BOB;

/* Two ordinary users, and root, in the same namespaces. */
FIXTURE(users)
{
	struct lens lens;
	struct child alice, alice_too, bob, root;
	struct task task;
	struct tasks *tasks;
};

FIXTURE_SETUP(users)
{
	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->alice, 0));
	ASSERT_EQ(0, child_spawn(&self->alice_too, 0));
	ASSERT_EQ(0, child_spawn(&self->bob, 0));
	ASSERT_EQ(0, child_spawn(&self->root, 0));
	ASSERT_EQ(0, child_become(&self->alice, alice));
	ASSERT_EQ(0, child_become(&self->alice_too, alice));
	ASSERT_EQ(0, child_become(&self->bob, bob));
}

FIXTURE_TEARDOWN(users)
{
	child_end(&self->root);
	child_end(&self->bob);
	child_end(&self->alice_too);
	child_end(&self->alice);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(users, see_themselves_in_full)
{
	expect_sees(_metadata, &self->alice, self->alice.pid,
		    DEFAULT_FIELDS);
	ASSERT_EQ(0, child_get(&self->alice,
			       &(struct query){ .pid = self->alice.pid },
			       &self->task));
	expect_as_proc(_metadata, self->alice.pid, &self->task);
}

TEST_F(users, see_their_other_processes_in_full)
{
	expect_sees(_metadata, &self->alice, self->alice_too.pid,
		    DEFAULT_FIELDS);
}

TEST_F(users, see_only_the_pids_of_others)
{
	expect_sees(_metadata, &self->alice, self->bob.pid, FOR_ALL);
	expect_sees(_metadata, &self->alice, self->root.pid, FOR_ALL);
	expect_sees(_metadata, &self->alice, 1, FOR_ALL);
	expect_sees(_metadata, &self->alice, 2, FOR_ALL);
	expect_sees(_metadata, &self->root, self->bob.pid,
		    DEFAULT_FIELDS);
}

TEST_F(users, see_only_the_pids_of_what_is_not_dumpable)
{
	int off = 0;

	ASSERT_EQ(0, child_do(&self->alice_too, child_set_dumpable, &off,
			      sizeof(off)));
	expect_sees(_metadata, &self->alice, self->alice_too.pid, FOR_ALL);
	expect_sees(_metadata, &self->root, self->alice_too.pid,
		    DEFAULT_FIELDS);
	/* Itself it sees all the same. */
	expect_sees(_metadata, &self->alice_too, self->alice_too.pid,
		    DEFAULT_FIELDS);
}

TEST_F(users, see_only_the_pids_of_who_has_more_capabilities)
{
	__u64 few = 1 << CAP_KILL;
	struct child stronger;

	/* Both are root by their ids; one can do less. */
	ASSERT_EQ(0, child_spawn(&stronger, 0));
	ASSERT_EQ(0, child_do(&self->root, child_set_caps, &few, sizeof(few)));
	ASSERT_EQ(0, child_do(&self->root, child_set_dumpable, &(int){ 1 },
			      sizeof(int)));
	expect_sees(_metadata, &self->root, stronger.pid, FOR_ALL);
	expect_sees(_metadata, &stronger, self->root.pid,
		    DEFAULT_FIELDS);
	/* CAP_SYS_PTRACE in the task's user namespace makes up for it. */
	few = 1 << CAP_SYS_PTRACE;
	ASSERT_EQ(0, child_do(&stronger, child_set_caps, &few, sizeof(few)));
	ASSERT_EQ(0, child_do(&stronger, child_set_dumpable, &(int){ 1 },
			      sizeof(int)));
	expect_sees(_metadata, &stronger, self->bob.pid,
		    DEFAULT_FIELDS);
	child_end(&stronger);
}

/* Real, effective and saved ids: of the user, then of the group */
struct ids {
	uid_t uid[3];
	gid_t gid[3];
};

static long set_ids(void *data)
{
	struct ids *ids = data;

	if (setresgid(ids->gid[0], ids->gid[1], ids->gid[2]) < 0 ||
	    setresuid(ids->uid[0], ids->uid[1], ids->uid[2]) < 0)
		return -errno;
	return 0;
}

/* All six must be the caller's; capabilities have no part in it here. */
TEST_F(users, see_only_the_pids_of_who_has_any_other_id)
{
	const struct ids others[] = {
		{ { BOB, 0, 0 }, { 0, 0, 0 } }, { { 0, BOB, 0 }, { 0, 0, 0 } },
		{ { 0, 0, BOB }, { 0, 0, 0 } }, { { 0, 0, 0 }, { BOB, 0, 0 } },
		{ { 0, 0, 0 }, { 0, BOB, 0 } }, { { 0, 0, 0 }, { 0, 0, BOB } },
		{ { 0, 0, 0 }, { 0, 0, 0 } },
	};
	struct child mixed;
	__u64 none = 0;
	unsigned int i;

	ASSERT_EQ(0, child_do(&self->root, child_set_caps, &none,
			      sizeof(none)));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		struct ids ids = others[i];
		bool same = i == ARRAY_SIZE(others) - 1;

		ASSERT_EQ(0, child_spawn(&mixed, 0));
		ASSERT_EQ(0, child_do(&mixed, set_ids, &ids, sizeof(ids)));
		ASSERT_EQ(0, child_do(&mixed, child_set_caps, &none,
				      sizeof(none)));
		expect_sees(_metadata, &self->root, mixed.pid,
			    same ? DEFAULT_FIELDS : FOR_ALL);
		child_end(&mixed);
	}
}

TEST_F(users, find_namespaces_only_through_tasks_that_they_see)
{
	int flag = CLONE_NEWUTS;
	struct child apart;
	struct query q = {};

	ASSERT_EQ(0, child_spawn(&apart, 0));
	ASSERT_EQ(0, child_do(&apart, child_unshare, &flag, sizeof(flag)));
	ASSERT_EQ(0, child_become(&apart, bob));
	q.member_of = BY_INO(ns_ino(apart.pid, "uts"));
	EXPECT_EQ(-ENOENT, child_list(&self->alice, &q, self->tasks));
	ASSERT_EQ(0, child_list(&self->bob, &q, self->tasks));
	EXPECT_EQ(1, self->tasks->n);
	ASSERT_EQ(0, child_list(&self->root, &q, self->tasks));
	EXPECT_EQ(1, self->tasks->n);
	child_end(&apart);
}

TEST_F(users, find_only_the_members_that_they_see)
{
	struct query q = {
		.member_of = BY_INO(ns_ino(self->alice.pid, "uts")),
	};
	unsigned int i;

	ASSERT_EQ(0, child_list(&self->alice, &q, self->tasks));
	EXPECT_EQ(2, self->tasks->n);
	EXPECT_NE(NULL, find_task(self->tasks, self->alice.pid));
	EXPECT_NE(NULL, find_task(self->tasks, self->alice_too.pid));
	for (i = 0; i < self->tasks->n; i++)
		EXPECT_EQ(DEFAULT_FIELDS, self->tasks->v[i].present);
}

TEST_F(users, list_all_but_the_namespaces_of_others)
{
	static struct pid_list all;
	unsigned int i, in_full = 0;

	ASSERT_EQ(0, child_list(&self->alice, &(struct query){}, self->tasks));
	ASSERT_EQ(0, proc_list(0, &all));
	EXPECT_LE(all.n - 5, self->tasks->n);
	for (i = 0; i < self->tasks->n; i++) {
		struct task *t = &self->tasks->v[i];

		if (!HAS(t, NS)) {
			EXPECT_EQ(FOR_ALL, t->present);
			continue;
		}
		EXPECT_EQ(ALICE, t->uid);
		in_full++;
	}
	EXPECT_EQ(2, in_full);
}

TEST_F(users, can_get_a_member_of_what_they_hold_a_file_of)
{
	int fd = ns_open(self->bob.pid, "uts");
	int there = child_give_fd(&self->alice, fd);
	struct query q = { .member_of = BY_FD(there) };

	ASSERT_LE(0, there);
	ASSERT_EQ(0, child_list(&self->alice, &q, self->tasks));
	EXPECT_EQ(2, self->tasks->n);
	EXPECT_EQ(NULL, find_task(self->tasks, self->bob.pid));
	close(fd);
}

/* Sockets outlive the privileges that opened them, and can be passed on. */
struct passed_call {
	struct lens lens;
	pid_t pid;
	struct task task;
};

static long get_with_passed(void *data)
{
	struct passed_call *call = data;

	return lens_get(&call->lens, &(struct query){ .pid = call->pid },
			&call->task);
}

TEST_F(users, do_not_see_more_with_a_socket_of_root)
{
	struct passed_call call = { self->lens, self->bob.pid };

	call.lens.fd = child_give_fd(&self->alice, self->lens.fd);
	ASSERT_LE(0, call.lens.fd);
	ASSERT_EQ(0, child_do(&self->alice, get_with_passed, &call,
			      sizeof(call)));
	EXPECT_EQ(FOR_ALL, call.task.present);
}

static long open_lens(void *lens)
{
	return lens_open(lens);
}

TEST_F(users, do_not_see_more_after_root_left_them_a_socket)
{
	struct passed_call call = { .pid = self->bob.pid };

	ASSERT_EQ(0, child_do(&self->root, open_lens, &call.lens,
			      sizeof(call.lens)));
	ASSERT_EQ(0, child_become(&self->root, alice));
	ASSERT_EQ(0, child_do(&self->root, get_with_passed, &call,
			      sizeof(call)));
	EXPECT_EQ(FOR_ALL, call.task.present);
}

/* As a program of root with its output redirected would: write() alone. */
TEST_F(users, cannot_make_root_ask_by_writing_to_their_socket)
{
	struct lens lens;
	int there;

	ASSERT_EQ(0, child_do(&self->alice, open_lens, &lens, sizeof(lens)));
	there = lens.fd;
	lens.fd = child_take_fd(&self->alice, there);
	ASSERT_LE(0, lens.fd);
	lens.bare = true;
	EXPECT_EQ(-EPERM, lens_get(&lens, &(struct query){ .pid = self->bob.pid },
				   &self->task));
	EXPECT_NE(0, strlen(lens.text));
	EXPECT_EQ(-EPERM, lens_list(&lens, &(struct query){}, self->tasks));
	lens.bare = false;
	EXPECT_EQ(0, lens_get(&lens, &(struct query){ .pid = self->bob.pid },
			      &self->task));
	EXPECT_EQ(DEFAULT_FIELDS, self->task.present);
	close(lens.fd);
}

static long get_bare(void *data)
{
	struct passed_call *call = data;

	call->lens.bare = true;
	return get_with_passed(data);
}

TEST_F(users, cannot_ask_bare_on_a_socket_of_root)
{
	struct passed_call call = { self->lens, self->alice.pid };

	call.lens.fd = child_give_fd(&self->alice, self->lens.fd);
	ASSERT_LE(0, call.lens.fd);
	EXPECT_EQ(-EPERM, child_do(&self->alice, get_bare, &call,
				   sizeof(call)));
}

static long begin_dump(void *data)
{
	struct lens *l = data;

	return lens_open_with(l, SMALL_BURST) ?:
	       lens_send(l, lens_request(l, NSLENS_CMD_TASK_GET, NLM_F_DUMP));
}

static long receive_rest(void *lens)
{
	return lens_receive(lens, NULL, NULL);
}

/* Parts that were made while it was root are there, and no others. */
TEST_F(users, do_not_see_the_rest_of_a_dump_that_root_began)
{
	struct lens lens;
	struct herd herd;

	ASSERT_EQ(0, herd_spawn(&herd, 200));
	ASSERT_EQ(0, child_do(&self->root, begin_dump, &lens, sizeof(lens)));
	ASSERT_EQ(0, child_become(&self->root, alice));
	EXPECT_EQ(-EPERM, child_do(&self->root, receive_rest, &lens,
				   sizeof(lens)));
	EXPECT_LT(0, lens.parts);
	herd_end(&herd);
}

/* Nor does a dump show an ordinary user's reader what only that may see. */
TEST_F(users, do_not_see_a_dump_that_root_reads_for_them)
{
	struct lens lens;
	struct herd herd;
	int there;

	ASSERT_EQ(0, herd_spawn(&herd, 200));
	ASSERT_EQ(0, child_do(&self->alice, begin_dump, &lens, sizeof(lens)));
	there = lens.fd;
	lens.fd = child_take_fd(&self->alice, there);
	ASSERT_LE(0, lens.fd);
	EXPECT_EQ(-EPERM, lens_receive(&lens, NULL, NULL));
	close(lens.fd);
	herd_end(&herd);
}

TEST_HARNESS_MAIN
