// SPDX-License-Identifier: GPL-2.0
/*
 * Who is told what by sessions, when somebody tries for more: sockets that were
 * passed on, programs that change what they are, those who come from outside.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/haul.h"
#include "lib/maker.h"
#include "lib/rootcat.h"

#define FORK		NSLENS_EVENT_KIND_FORK
#define EXEC		NSLENS_EVENT_KIND_EXEC
#define EXIT		NSLENS_EVENT_KIND_EXIT
#define SWITCH		NSLENS_EVENT_KIND_SWITCH

#define CONTAINER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | \
			 CLONE_NEWIPC | CLONE_NEWUTS)
#define ALICE		12345
#define CGROUP		"/sys/fs/cgroup/nslens-moves"

/* Of a child: its session, and what that was told. */
static struct session own;

static long open_own(void *unused)
{
	return session_open(&own) ?: session_trace(&own, EVERYTHING);
}

static long own_fd(void *unused)
{
	return own.lens.fd;
}

/* All since the last time. */
static long collect_own(void *haul)
{
	haul_tap(&own.lens, haul);
	return session_sync(&own);
}

/* Root's session, which sees all, and users. */
FIXTURE(moves)
{
	struct session session;
	struct child alice, alice_too, root, hidden, box, guest;
	struct secrets *secrets;
};

static int mark(struct child *c, const char *text)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "mark-%s", text);
	return child_do(c, mark_name, name, sizeof(name));
}

FIXTURE_SETUP(moves)
{
	self->secrets = calloc(1, sizeof(*self->secrets));
	ASSERT_NE(NULL, self->secrets);
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	ASSERT_EQ(0, mark_pids());
	ASSERT_EQ(0, child_spawn(&self->alice, 0));
	ASSERT_EQ(0, child_spawn(&self->alice_too, 0));
	ASSERT_EQ(0, child_spawn(&self->root, 0));
	ASSERT_EQ(0, child_spawn(&self->hidden, CONTAINER));
	ASSERT_EQ(0, mark(&self->hidden, "hidden"));
	ASSERT_EQ(0, child_become(&self->alice, ALICE));
	ASSERT_EQ(0, child_become(&self->alice_too, ALICE));
}

FIXTURE_TEARDOWN(moves)
{
	child_end(&self->guest);
	child_end(&self->box);
	child_end(&self->hidden);
	child_end(&self->root);
	child_end(&self->alice_too);
	child_end(&self->alice);
	session_close(&self->session);
	free(self->secrets);
	rmdir(CGROUP);
	root_cat_remove();
}

static void make(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

static unsigned int count_events(const struct haul *h)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)h->bytes;
	unsigned int n = 0;
	int left = h->n;

	for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left))
		n += nlh->nlmsg_type >= NLMSG_MIN_TYPE && !nlh->nlmsg_seq;
	return n;
}

/*
 * What a child was told since the last time: nothing that is secret from it now, or
 * was when secrets were looked for before. Return: how many events.
 */
static unsigned int told(struct __test_metadata *_metadata, struct child *c,
			 struct secrets *secrets)
{
	const struct haul *h = c->scratch;
	const char *leak;

	ASSERT_EQ(0, secrets_of(c, secrets));
	ASSERT_LT(0, secrets->n);
	ASSERT_EQ(0, child_do(c, collect_own, NULL, 0));
	leak = haul_leak(h, secrets);
	EXPECT_EQ(NULL, leak) {
		TH_LOG("told %s", leak);
	}
	return count_events(h);
}

/* For child_do(): each way to receive from a socket. Return: 0 for -EPERM. */
static long try_receive(void *data)
{
	const int fd = *(int *)data;
	struct iovec iov = { (char *)data + 64, 65536 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr mmsg = { .msg_hdr = msg };
	int ends[2];

	if (recv(fd, iov.iov_base, iov.iov_len, MSG_DONTWAIT) >= 0 ||
	    errno != EPERM)
		return 1;
	if (recv(fd, iov.iov_base, iov.iov_len, MSG_DONTWAIT | MSG_PEEK) >= 0 ||
	    errno != EPERM)
		return 2;
	if (recvmsg(fd, &msg, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno != EPERM)
		return 3;
	if (recvmmsg(fd, &mmsg, 1, MSG_DONTWAIT, NULL) >= 0 || errno != EPERM)
		return 4;
	if (read(fd, iov.iov_base, iov.iov_len) >= 0 || errno != EPERM)
		return 5;
	if (pipe2(ends, O_CLOEXEC) < 0 ||
	    splice(fd, NULL, ends[1], NULL, 4096, SPLICE_F_NONBLOCK) >= 0)
		return 6;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/*
 * A filter that lets pass what has a certain number in it, and poll(), would
 * tell what is in the answers that one may not receive.
 */
static long try_filter(void *data)
{
	return lens_filter(*(int *)data, 0);
}

struct ask {
	struct lens lens;
	int command, flags;
};

static long ask_there(void *data)
{
	struct ask *ask = data;

	return lens_send(&ask->lens, lens_request(&ask->lens, ask->command,
						  ask->flags));
}

/* Who asks with it is asked who he is, and the answer is its owner's. */
static void expect_no_use(struct __test_metadata *_metadata,
			  struct _test_data_moves *self, struct child *who)
{
	static const struct {
		int command, flags;
	} asks[] = {
		{ NSLENS_CMD_TRACE_SET, 0 }, { NSLENS_CMD_TRACE_GET, 0 },
		{ NSLENS_CMD_TRACE_GET, NLM_F_DUMP },
		{ NSLENS_CMD_TASK_GET, NLM_F_DUMP },
		{ NSLENS_CMD_NS_GET, NLM_F_DUMP },
	};
	struct session *s = &self->session;
	int fd = child_give_fd(who, s->lens.fd);
	struct trace_state before, after;
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, session_state(s, &before));
	make(_metadata, &self->hidden);
	EXPECT_EQ(0, child_do(who, try_receive, &fd, sizeof(fd)));
	EXPECT_EQ(-EPERM, child_do(who, try_filter, &fd, sizeof(fd)));
	for (i = 0; i < ARRAY_SIZE(asks); i++) {
		struct ask ask = { .lens = s->lens, asks[i].command,
				   asks[i].flags };

		ask.lens.fd = fd;
		ask.lens.tap = NULL;
		EXPECT_EQ(0, child_do(who, ask_there, &ask, sizeof(ask)));
		EXPECT_EQ(0, child_do(who, try_receive, &fd, sizeof(fd)));
		s->lens.seq++;
	}
	/* All of that is in the queue, or was refused, and changed nothing. */
	EXPECT_EQ(0, session_sync(s));
	EXPECT_EQ(0, session_state(s, &after));
	EXPECT_EQ(before.targets, after.targets);
	EXPECT_EQ(before.events, after.events);
}

TEST_F(moves, with_a_socket_of_root_gain_a_user_nothing)
{
	expect_no_use(_metadata, self, &self->alice);
}

/* The same ids and capabilities, in another PID namespace. */
TEST_F(moves, with_a_socket_of_root_gain_a_container_nothing)
{
	ASSERT_EQ(0, child_spawn(&self->box, CONTAINER));
	expect_no_use(_metadata, self, &self->box);
}

TEST_F(moves, with_a_socket_of_root_gain_a_user_namespace_nothing)
{
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWUSER));
	ASSERT_EQ(0, child_map_ids(&self->box, 0, 0, 65534));
	ASSERT_EQ(0, child_become(&self->box, 0));
	expect_no_use(_metadata, self, &self->box);
}

/* His rights there are none here, though his id is that of before. */
TEST_F(moves, of_a_subscriber_to_a_user_namespace_end_it)
{
	int user = CLONE_NEWUSER, fd;

	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	fd = child_do(&self->alice, own_fd, NULL, 0);
	make(_metadata, &self->alice_too);
	ASSERT_EQ(0, child_do(&self->alice, child_unshare, &user, sizeof(user)));
	EXPECT_EQ(0, child_do(&self->alice, try_receive, &fd, sizeof(fd)));
}

/* Into another's, by setns(), in which he may do all. */
TEST_F(moves, of_a_subscriber_into_a_user_namespace_end_it)
{
	int fd;

	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWUSER));
	ASSERT_EQ(0, child_do(&self->root, open_own, NULL, 0));
	fd = child_do(&self->root, own_fd, NULL, 0);
	make(_metadata, &self->hidden);
	EXPECT_NE(0, child_do(&self->root, try_receive, &fd, sizeof(fd)));
	ASSERT_EQ(0, child_enter(&self->root, self->box.pid, "user"));
	make(_metadata, &self->hidden);
	EXPECT_EQ(0, child_do(&self->root, try_receive, &fd, sizeof(fd)));
}

/* Nor are they those of his child in a PID namespace. */
TEST_F(moves, of_a_subscriber_to_a_pid_namespace_end_it)
{
	int fd;

	ASSERT_EQ(0, child_do(&self->root, open_own, NULL, 0));
	fd = child_take_fd(&self->root, child_do(&self->root, own_fd, NULL, 0));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, child_spawn_in(&self->root, &self->box, CLONE_NEWPID));
	make(_metadata, &self->hidden);
	fd = child_give_fd(&self->box, fd);
	EXPECT_EQ(0, child_do(&self->box, try_receive, &fd, sizeof(fd)));
}

/* It is root from then on, and ends as root. */
TEST_F(moves, of_a_target_to_a_set_user_id_program_are_not_told)
{
	struct run run = { .path = ROOT_CAT };
	struct event *e;

	ASSERT_EQ(0, root_cat_make(ALICE));
	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	make(_metadata, &self->alice_too);
	EXPECT_EQ(2, told(_metadata, &self->alice, self->secrets));
	child_start(&self->alice_too, maker_run, &run, sizeof(run));
	EXPECT_EQ(-EPIPE, child_finish(&self->alice_too, NULL, 0));
	wait_exit(self->alice_too.pidfd);
	EXPECT_EQ(0, told(_metadata, &self->alice, self->secrets));
	ASSERT_EQ(0, session_sync(&self->session));
	e = session_find(&self->session, EXEC, self->alice_too.pid);
	ASSERT_NE(NULL, e);
	EXPECT_STREQ(ROOT_CAT, e->filename);
	EXPECT_NE(NULL, session_find(&self->session, EXIT,
				     self->alice_too.pid));
}

/* Though it is his own process that traces: the socket is the other's, too. */
TEST_F(moves, of_a_subscriber_that_hides_are_not_told_to_who_has_his_socket)
{
	pid_t pid = self->alice.pid;
	struct make thread = { .release = 1, .how = MAKE_THREAD };
	struct child *reader = &self->alice_too;
	int no = 0;

	ASSERT_EQ(0, child_do(&self->alice, open_own, NULL, 0));
	ASSERT_EQ(0, child_do(&self->alice, child_set_dumpable, &no,
			      sizeof(no)));
	EXPECT_EQ(0, child_do(reader, count_links, &pid, sizeof(pid)));
	ASSERT_LT(0, child_do(&self->alice, maker_make, &thread,
			      sizeof(thread)));
	ASSERT_EQ(0, session_sync(&self->session));
	ASSERT_NE(NULL, session_child_of(&self->session, pid));
	EXPECT_EQ(0, told(_metadata, &self->alice, self->secrets));
}

static void make_box(struct __test_metadata *_metadata,
		     struct _test_data_moves *self, struct child *by,
		     __u64 flags)
{
	ASSERT_EQ(0, child_spawn_in(by, &self->box, CONTAINER | flags));
	if (flags & CLONE_NEWUSER) {
		ASSERT_EQ(0, child_map_ids(&self->box, 0, 100000, 65534));
		ASSERT_EQ(0, child_become(&self->box, 0));
	}
	ASSERT_EQ(0, mark(&self->box, "box"));
	ASSERT_EQ(0, child_do(&self->box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_do(&self->box, open_own, NULL, 0));
}

/* Root of the host comes in, as far as a PID namespace brings him. */
static pid_t come_in(struct __test_metadata *_metadata,
		     struct _test_data_moves *self)
{
	ASSERT_EQ(0, child_enter(&self->root, self->box.pid, "pid"));
	ASSERT_EQ(0, child_spawn_in(&self->root, &self->guest, 0));
	return proc_number(self->guest.pid, "NSpid", 1);
}

/*
 * The kernel makes whoever comes into the user namespace of another not
 * dumpable, for its root not to see where he is otherwise.
 */
TEST_F(moves, into_the_user_namespace_of_a_user_are_not_told_there)
{
	pid_t inside;

	make_box(_metadata, self, &self->alice, CLONE_NEWUSER);
	inside = come_in(_metadata, self);
	ASSERT_EQ(0, secrets_of(&self->box, self->secrets));
	ASSERT_EQ(0, child_enter(&self->guest, self->box.pid, "user"));
	EXPECT_EQ(0, child_do(&self->box, count_links, &inside,
			      sizeof(inside)));
	make(_metadata, &self->guest);
	EXPECT_EQ(0, told(_metadata, &self->box, self->secrets));
	/* There is something to be told. */
	ASSERT_EQ(0, session_sync(&self->session));
	EXPECT_NE(NULL, session_find(&self->session, SWITCH, self->guest.pid));
}

static long leave_cgroup_behind(void *unused)
{
	return write_file(CGROUP "/cgroup.procs", "0") ?:
	       child_unshare(&(int){ CLONE_NEWCGROUP });
}

struct where {
	pid_t pid;
	struct task task;
	char path[256];
};

static long look_where(void *data)
{
	struct where *w = data;
	struct lens l;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", w->pid);
	err = read_file(path, w->path, sizeof(w->path));
	if (err < 0)
		return err;
	err = lens_open(&l) ?: lens_get(&l, &(struct query){
		.pid = w->pid, .fields = NSLENS_TASK_FIELD_CGROUP_ID |
					 NSLENS_TASK_FIELD_CGROUP }, &w->task);
	lens_close(&l);
	return err;
}

struct forker {
	pid_t pid;
	bool has_id;
	__u64 id;
};

/* What one was told of the cgroup of a child of a task. */
static long cgroup_told(void *data)
{
	struct forker *forker = data;
	struct event *e;
	int err = session_sync(&own);

	if (err)
		return err;
	e = session_child_of(&own, forker->pid);
	if (!e)
		return -ENOENT;
	forker->has_id = EVENT_HAS(e, CGROUP_ID);
	forker->id = e->cgroup_id;
	return 0;
}

static void expect_cgroup(struct __test_metadata *_metadata, struct child *who,
			  pid_t pid, __u64 id)
{
	struct forker forker = { .pid = pid };

	ASSERT_EQ(0, child_do(who, cgroup_told, &forker, sizeof(forker)));
	EXPECT_EQ(!!id, forker.has_id);
	EXPECT_EQ(id, forker.id);
}

/* The id is an inode number of a directory that the container does not have. */
TEST_F(moves, from_an_outer_cgroup_do_not_tell_its_id)
{
	const __u32 both = NSLENS_TASK_FIELD_CGROUP_ID |
			   NSLENS_TASK_FIELD_CGROUP;
	struct where w = {};
	struct stat status;
	pid_t inside;

	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, stat(CGROUP, &status));
	ASSERT_EQ(0, child_spawn(&self->box, CONTAINER));
	ASSERT_EQ(0, child_do(&self->box, leave_cgroup_behind, NULL, 0));
	ASSERT_EQ(0, child_do(&self->box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_do(&self->box, open_own, NULL, 0));
	inside = come_in(_metadata, self);
	w.pid = inside;
	ASSERT_EQ(0, child_do(&self->box, look_where, &w, sizeof(w)));
	EXPECT_NE(NULL, strstr(w.path, "0::/..")) {
		TH_LOG("%s", w.path);
	}
	EXPECT_EQ(0, w.task.present & both);
	w = (struct where){ .pid = 1 };
	ASSERT_EQ(0, child_do(&self->box, look_where, &w, sizeof(w)));
	EXPECT_EQ(both, w.task.present & both);
	EXPECT_EQ(status.st_ino, w.task.cgroup_id);
	EXPECT_STREQ("/", w.task.cgroup);
	make(_metadata, &self->guest);
	make(_metadata, &self->box);
	expect_cgroup(_metadata, &self->box, inside, 0);
	expect_cgroup(_metadata, &self->box, 1, status.st_ino);
}

static long listen_to_all(void *unused)
{
	int fd;

	if (system("ip link add nlmon0 type nlmon && ip link set nlmon0 up"))
		return -ENODEV;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    htons(ETH_P_ALL));
	return fd < 0 ? -errno : fd;
}

static long heard(void *data)
{
	const int fd = *(int *)data;
	struct haul *h = data;
	ssize_t n;

	memset(h, 0, sizeof(*h));
	while ((n = recv(fd, h->bytes + h->n, 65536, 0)) > 0)
		h->n += n;
	return errno == EAGAIN ? 0 : -errno;
}

/* What is answered in its network namespace, but no events of anybody. */
TEST_F(moves, of_who_taps_netlink_are_not_heard)
{
	const struct haul *h;
	int fd;

	make_box(_metadata, self, NULL, 0);
	fd = child_do(&self->box, listen_to_all, NULL, 0);
	if (fd == -ENODEV)
		SKIP(return, "no nlmon");
	ASSERT_LE(0, fd);
	told(_metadata, &self->box, self->secrets);
	make(_metadata, &self->box);
	EXPECT_EQ(2, told(_metadata, &self->box, self->secrets));
	make(_metadata, &self->hidden);
	ASSERT_EQ(0, session_sync(&self->session));
	EXPECT_NE(NULL, session_child_of(&self->session, self->hidden.pid));
	EXPECT_EQ(0, child_do(&self->box, heard, &fd, sizeof(fd)));
	h = self->box.scratch;
	EXPECT_LT(0, h->n);
	EXPECT_EQ(NULL, memmem(h->bytes, h->n, "mark-box", 8));
	EXPECT_EQ(NULL, memmem(h->bytes, h->n, "mark-hidden", 11));
}

TEST_HARNESS_MAIN
