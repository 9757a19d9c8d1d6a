// SPDX-License-Identifier: GPL-2.0
/* A session is told what whoever opened it may see, and tells nobody else. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define SWITCH	NSLENS_EVENT_KIND_SWITCH

#define ALICE	12345
#define BOB	23456
#define BOX_ID	100000

#define MAX_COPY	512

/* What a child's session was told, copied to the test. */
struct copy {
	unsigned int n;
	struct event v[MAX_COPY];
};

/* Of a child: its session. */
static struct session own;

static long open_own(void *unused)
{
	return session_open(&own) ?: session_trace(&own, EVERYTHING);
}

static long own_fd(void *unused)
{
	return own.lens.fd;
}

static long collect_own(void *data)
{
	struct copy *copy = data;
	int err = session_sync(&own);

	if (err)
		return err;
	copy->n = own.n < MAX_COPY ? own.n : MAX_COPY;
	memcpy(copy->v, own.v, copy->n * sizeof(*copy->v));
	return 0;
}

/* Users that trace what they may, and a session that may see all. */
FIXTURE(access)
{
	struct session session, view;
	struct child alice, alice_too, bob, root, box;
	struct copy *copy;
};

FIXTURE_SETUP(access)
{
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	self->copy = calloc(1, sizeof(*self->copy));
	ASSERT_NE(NULL, self->copy);
	ASSERT_EQ(0, child_spawn(&self->alice, 0));
	ASSERT_EQ(0, child_spawn(&self->alice_too, 0));
	ASSERT_EQ(0, child_spawn(&self->bob, 0));
	ASSERT_EQ(0, child_spawn(&self->root, 0));
	ASSERT_EQ(0, child_become(&self->alice, ALICE));
	ASSERT_EQ(0, child_become(&self->alice_too, ALICE));
	ASSERT_EQ(0, child_become(&self->bob, BOB));
}

FIXTURE_TEARDOWN(access)
{
	child_end(&self->box);
	child_end(&self->root);
	child_end(&self->bob);
	child_end(&self->alice_too);
	child_end(&self->alice);
	session_close(&self->session);
	free(self->copy);
}

static void make(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

/* A session to look with at what a child was told. */
static void collect(struct __test_metadata *_metadata,
		    struct _test_data_access *self, struct child *c)
{
	ASSERT_EQ(0, child_do(c, collect_own, self->copy, sizeof(*self->copy)));
	ASSERT_GT(MAX_COPY, self->copy->n);
	self->view = (struct session){ .n = self->copy->n,
				       .v = self->copy->v };
}

TEST_F(access, is_to_all_from_the_host)
{
	make(_metadata, &self->alice);
	make(_metadata, &self->bob);
	make(_metadata, &self->root);
	ASSERT_EQ(0, session_sync(&self->session));
	EXPECT_EQ(1, session_forks_by(&self->session, self->alice.pid));
	EXPECT_EQ(1, session_forks_by(&self->session, self->bob.pid));
	EXPECT_EQ(1, session_forks_by(&self->session, self->root.pid));
}

TEST_F(access, of_a_user_is_to_what_links_he_may_follow)
{
	struct child *const actors[] = {
		&self->alice_too, &self->bob, &self->root, &self->alice,
	};
	unsigned int i;

	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	for (i = 0; i < ARRAY_SIZE(actors); i++)
		make(_metadata, actors[i]);
	collect(_metadata, self, &self->alice);
	for (i = 0; i < ARRAY_SIZE(actors); i++) {
		pid_t pid = actors[i]->pid;
		bool may = child_do(&self->alice, count_links, &pid,
				    sizeof(pid));

		EXPECT_EQ(may, session_forks_by(&self->view, actors[i]->pid));
		EXPECT_EQ(may, i == 0 || i == 3);
	}
	/* And nothing else. */
	EXPECT_EQ(4, self->view.n);
}

TEST_F(access, of_a_user_is_not_to_his_own_that_is_not_dumpable)
{
	int no = 0, yes = 1;

	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	ASSERT_EQ(0, child_do(&self->alice_too, child_set_dumpable, &no,
			      sizeof(no)));
	make(_metadata, &self->alice_too);
	collect(_metadata, self, &self->alice);
	EXPECT_EQ(0, self->view.n);
	ASSERT_EQ(0, child_do(&self->alice_too, child_set_dumpable, &yes,
			      sizeof(yes)));
	make(_metadata, &self->alice_too);
	collect(_metadata, self, &self->alice);
	EXPECT_EQ(1, session_forks_by(&self->view, self->alice_too.pid));
}

/* It is asked at each event, not only at first. */
TEST_F(access, ends_when_a_process_is_anothers)
{
	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	make(_metadata, &self->root);
	ASSERT_EQ(0, child_become(&self->root, ALICE));
	make(_metadata, &self->root);
	collect(_metadata, self, &self->alice);
	EXPECT_EQ(1, session_forks_by(&self->view, self->root.pid));
}

static void expect_from_level(struct __test_metadata *_metadata,
			      struct session *view, pid_t pid,
			      const struct event *e)
{
	struct numbers all;
	unsigned int i;

	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &all));
	ASSERT_EQ(all.n - 1, e->pids.n);
	for (i = 0; i < e->pids.n; i++)
		EXPECT_EQ(all.v[i + 1], e->pids.v[i]);
}

static void open_box(struct __test_metadata *_metadata,
		     struct _test_data_access *self, __u64 flags)
{
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWPID | CLONE_NEWNS | flags));
	if (flags & CLONE_NEWUSER)
		ASSERT_EQ(0, child_map_ids(&self->box, 0, BOX_ID, 1000));
	ASSERT_EQ(0, child_do(&self->box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_do(&self->box, open_own, NULL, 0));
}

/* From its level inwards, and nothing of what is beside it. */
static void expect_box(struct __test_metadata *_metadata,
		       struct _test_data_access *self, __u64 flags)
{
	const struct event *e;
	struct child below;
	unsigned int i;

	open_box(_metadata, self, flags);
	ASSERT_EQ(0, child_spawn_in(&self->box, &below, CLONE_NEWPID));
	make(_metadata, &below);
	make(_metadata, &self->root);
	make(_metadata, &self->bob);
	collect(_metadata, self, &self->box);
	e = session_find(&self->view, FORK, below.pid_there);
	ASSERT_NE(NULL, e);
	expect_from_level(_metadata, &self->view, below.pid, e);
	EXPECT_EQ(1, e->parent_pids.n);
	EXPECT_EQ(1, e->parent_pids.v[0]);
	EXPECT_EQ(1, session_forks_by(&self->view, below.pid_there));
	/* All of it is of the box, where the first few PIDs were given out. */
	for (i = 0; i < self->view.n; i++)
		EXPECT_GT(10, self->view.v[i].pids.v[0]);
	child_end(&below);
}

TEST_F(access, of_a_container_is_to_its_own)
{
	expect_box(_metadata, self, 0);
}

TEST_F(access, of_a_container_with_a_user_namespace_is_to_its_own)
{
	expect_box(_metadata, self, CLONE_NEWUSER);
}

/* Whoever comes in from the host is seen when in, and where from is not told. */
TEST_F(access, of_a_container_is_not_to_where_somebody_came_from)
{
	struct child *door = &self->root, guest;
	const struct event *e;
	pid_t inside;

	open_box(_metadata, self, CLONE_NEWUSER | CLONE_NEWUTS);
	ASSERT_EQ(0, child_enter(door, self->box.pid, "pid"));
	ASSERT_EQ(0, child_spawn_in(door, &guest, 0));
	inside = proc_number(guest.pid, "NSpid", 1);
	ASSERT_LT(0, inside);
	/* It has a PID there, and is the host's. */
	EXPECT_EQ(0, child_do(&self->box, count_links, &inside,
			      sizeof(inside)));
	collect(_metadata, self, &self->box);
	EXPECT_EQ(0, self->view.n);
	inside = proc_number(guest.pid, "NSpid", 1);
	ASSERT_EQ(0, child_enter(&guest, self->box.pid, "user"));
	EXPECT_NE(0, child_do(&self->box, count_links, &inside,
			      sizeof(inside)));
	inside = proc_number(guest.pid, "NSpid", 1);
	collect(_metadata, self, &self->box);
	ASSERT_EQ(1, self->view.n);
	e = &self->view.v[0];
	EXPECT_EQ(SWITCH, e->kind);
	EXPECT_EQ(1, e->pids.n);
	EXPECT_EQ(inside, (pid_t)e->pids.v[0]);
	EXPECT_FALSE(EVENT_HAS(e, OLD_NS));
	EXPECT_FALSE(EVENT_HAS(e, OLD_NS_IDS));
	EXPECT_EQ(NSLENS_NS_TYPES_USER, e->changed);
	/* The host is told both. */
	ASSERT_EQ(0, session_sync(&self->session));
	e = session_find(&self->session, SWITCH, guest.pid);
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(EVENT_HAS(e, OLD_NS));
	child_end(&guest);
}

/* For child_do(): receive from this socket, as it is. */
static long receive_from(void *fd)
{
	char bytes[65536];

	return recv(*(int *)fd, bytes, sizeof(bytes), MSG_DONTWAIT) < 0 ?
		-errno : 0;
}

struct passed {
	struct session session;
	int fd;
};

static long set_with(void *data)
{
	struct passed *passed = data;

	passed->session.lens.fd = passed->fd;
	return session_send(&passed->session, &(struct trace_change){});
}

/* What the answer to the last request says; until it comes, there are events. */
static int answered(struct session *s)
{
	int err;

	do {
		err = session_read(s);
	} while (!err);
	return err;
}

static long ask_with(void *data)
{
	struct passed *passed = data;
	struct nl_msg *msg = lens_request(&passed->session.lens,
					  NSLENS_CMD_TRACE_GET, 0);

	passed->session.lens.fd = passed->fd;
	return lens_send(&passed->session.lens, msg);
}

/* For child_start(): wait for something to come, and say what has. */
static long wait_for_any(void *fd)
{
	char bytes[65536];
	long n = recv(*(int *)fd, bytes, sizeof(bytes), 0);

	return n < 0 ? -errno : n;
}

/* What does a task wait in, as the kernel calls it? */
static bool sleeps_in(pid_t pid, const char *function)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	return read_file(path, text, sizeof(text)) > 0 && !strcmp(text, function);
}

TEST_F(access, is_not_to_who_waited_for_it_before)
{
	const struct trace_change change = { .add = { EVERYTHING } };
	struct session s;
	int fd;

	ASSERT_EQ(0, session_open(&s));
	fd = child_give_fd(&self->alice, s.lens.fd);
	ASSERT_LE(0, fd);
	child_start(&self->alice, wait_for_any, &fd, sizeof(fd));
	while (!sleeps_in(self->alice.pid, "__skb_wait_for_more_packets"))
		sched_yield();
	/* The refusal is what she gets, and who asked does not. */
	EXPECT_EQ(0, session_send(&s, &change));
	EXPECT_LT(0, child_finish(&self->alice, NULL, 0));
	/* Now there is nobody. */
	EXPECT_EQ(0, session_set(&s, &change));
	EXPECT_EQ(-EPERM, child_do(&self->alice, receive_from, &fd,
				   sizeof(fd)));
	session_close(&s);
}

TEST_F(access, is_not_passed_on_with_the_socket)
{
	struct session *s = &self->session;
	struct passed passed = { .session = *s };
	struct child like;
	int fd;

	fd = child_give_fd(&self->alice, s->lens.fd);
	ASSERT_LE(0, fd);
	passed.fd = fd;
	make(_metadata, &self->bob);
	EXPECT_EQ(-EPERM, child_do(&self->alice, receive_from, &fd,
				   sizeof(fd)));
	/* Nor may she say what it traces. The answer is root's to read. */
	EXPECT_EQ(0, child_do(&self->alice, set_with, &passed, sizeof(passed)));
	s->lens.seq++;
	EXPECT_EQ(-EPERM, answered(s));
	passed.session = *s;
	EXPECT_EQ(0, child_do(&self->alice, ask_with, &passed, sizeof(passed)));
	s->lens.seq++;
	EXPECT_EQ(-EPERM, answered(s));
	/* There is something to be received. */
	EXPECT_EQ(0, session_send(s, &(struct trace_change){}));
	/* Who has the same rights may. */
	ASSERT_EQ(0, child_spawn(&like, 0));
	fd = child_give_fd(&like, s->lens.fd);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, child_do(&like, receive_from, &fd, sizeof(fd)));
	child_end(&like);
}

TEST_F(access, is_not_kept_by_who_gives_up_its_rights)
{
	int fd;

	ASSERT_EQ(0, child_do(&self->root, open_own, NULL, 0));
	fd = child_do(&self->root, own_fd, NULL, 0);
	make(_metadata, &self->bob);
	ASSERT_EQ(0, child_become(&self->root, ALICE));
	EXPECT_EQ(-EPERM, child_do(&self->root, receive_from, &fd, sizeof(fd)));
}

/* What a user's socket is told is not changed by who reads it. */
TEST_F(access, of_a_user_is_not_widened_by_root)
{
	int there, fd;

	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	there = child_do(&self->alice, own_fd, NULL, 0);
	fd = child_take_fd(&self->alice, there);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, receive_from(&fd));
	close(fd);
}

TEST_HARNESS_MAIN
