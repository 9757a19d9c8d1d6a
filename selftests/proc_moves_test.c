// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see what, by one who has got hold of an open file below /proc/nslens,
 * or of a socket with half a dump: he learns no more than with one of his own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/haul.h"
#include "lib/ring.h"
#include "lib/rootcat.h"

#define CONTAINER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | \
			 CLONE_NEWIPC | CLONE_NEWCGROUP)
#define ALICE		12345
#define LEAST_INODE	4026531834

enum receiver { ALICE_GETS, ALICE_BECOMES, BOX_GETS, USER_BOX_GETS };

/* Someone of root's, and whoever gets what root has opened. */
FIXTURE(passed)
{
	struct session session;
	struct child giver, receiver, hidden;
	struct child *who;
	struct secrets *secrets;
};

FIXTURE_VARIANT(passed)
{
	enum receiver receiver;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(passed, to_a_user) { ALICE_GETS };
FIXTURE_VARIANT_ADD(passed, to_oneself_as_a_user) { ALICE_BECOMES };
FIXTURE_VARIANT_ADD(passed, to_a_container) { BOX_GETS };
FIXTURE_VARIANT_ADD(passed, to_a_container_with_a_user_namespace) {
	USER_BOX_GETS };
/* clang-format on */

static int make_receiver(struct child *c, enum receiver receiver)
{
	if (receiver == ALICE_GETS || receiver == ALICE_BECOMES)
		return child_spawn(c, 0) ?: child_become(c, ALICE);
	return child_spawn_box(c, receiver == BOX_GETS ? CONTAINER :
						 CONTAINER | CLONE_NEWUSER);
}

FIXTURE_SETUP(passed)
{
	char mark[NAME_SIZE] = "mark-hidden";

	self->secrets = calloc(1, sizeof(*self->secrets));
	ASSERT_NE(NULL, self->secrets);
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	ASSERT_EQ(0, mark_pids());
	ASSERT_EQ(0, child_spawn(&self->hidden, CONTAINER | CLONE_NEWUTS));
	ASSERT_EQ(0, child_do(&self->hidden, mark_name, mark, sizeof(mark)));
	ASSERT_EQ(0, child_spawn(&self->giver, 0));
	ASSERT_EQ(0, make_receiver(&self->receiver, variant->receiver));
	self->who = variant->receiver == ALICE_BECOMES ? &self->giver :
							 &self->receiver;
	/* Of the receiver, whom the giver may become later. */
	ASSERT_EQ(0, secrets_of(&self->receiver, self->secrets));
	ASSERT_LT(0, self->secrets->n);
}

FIXTURE_TEARDOWN(passed)
{
	child_end(&self->receiver);
	child_end(&self->giver);
	child_end(&self->hidden);
	session_close(&self->session);
	free(self->secrets);
	root_cat_remove();
}

struct opening {
	char path[64];
	__u32 ino;
	bool seek;
	int fd;
};

/* Where the line begins that tells of a namespace. */
static off_t find_line(const char *path, __u32 ino)
{
	static char text[1 << 20];
	char number[16], *at;

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	snprintf(number, sizeof(number), "%u", ino);
	at = strstr(text, number);
	while (at && at > text && at[-1] != '\n')
		at--;
	return at ? at - text : -1;
}

/*
 * A file in the middle of the line of one who is hidden: read up to there, or
 * just gone there.
 */
static long open_there(void *data)
{
	struct opening *o = data;
	off_t at = find_line(o->path, o->ino) + o->seek;
	char byte;

	o->fd = open(o->path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0)
		return -errno;
	if (at < 0 || lseek(o->fd, at, SEEK_SET) != at)
		return -ENOENT;
	return o->seek || read(o->fd, &byte, 1) == 1 ? 0 : -errno;
}

/* Return: its number with who gets it. */
static int pass(struct child *giver, struct child *who, int fd)
{
	int here, there;

	if (giver == who)
		return child_become(who, ALICE) ?: fd;
	here = child_take_fd(giver, fd);
	there = here < 0 ? here : child_give_fd(who, here);
	close(here);
	return there;
}

static long read_on(void *data)
{
	const int fd = *(int *)data;

	haul_fd(data, fd);
	return ((struct haul *)data)->err;
}

static long splice_on(void *data)
{
	const int fd = *(int *)data;
	struct haul *h = data;
	int ends[2], err = 0;
	ssize_t n;

	memset(h, 0, sizeof(*h));
	h->text = true;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	while ((n = splice(fd, NULL, ends[1], NULL, 4096, 0)) > 0)
		h->n += read(ends[0], h->bytes + h->n, n);
	if (n < 0)
		err = -errno;
	close(ends[0]);
	close(ends[1]);
	return err;
}

static long read_at(void *data)
{
	const int fd = *(int *)data;
	const off_t at = lseek(fd, 0, SEEK_CUR);
	struct haul *h = data;
	ssize_t n;

	memset(h, 0, sizeof(*h));
	h->text = true;
	while ((n = pread(fd, h->bytes + h->n, 512, at + h->n)) > 0)
		h->n += n;
	return n < 0 ? -errno : 0;
}

static void expect_nothing(struct __test_metadata *_metadata,
			   const struct haul *h, const struct secrets *secrets,
			   const char *what)
{
	const char *leak = haul_leak(h, secrets);

	EXPECT_EQ(NULL, leak) {
		TH_LOG("%s: %s", what, leak);
	}
}

static void expect_file(struct __test_metadata *_metadata,
			struct _test_data_passed *self, const char *path,
			bool seek, child_fn *on)
{
	struct opening o = {
		.seek = seek, .ino = ns_ino(self->hidden.pid, "uts"),
	};
	struct child giver;
	struct child *who = self->who == &self->giver ? &giver : self->who;
	int fd;

	snprintf(o.path, sizeof(o.path), "%s", path);
	ASSERT_EQ(0, child_spawn(&giver, 0));
	ASSERT_EQ(0, child_do(&giver, open_there, &o, sizeof(o)));
	fd = pass(&giver, who, o.fd);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, child_do(who, on, &fd, sizeof(fd)));
	expect_nothing(_metadata, who->scratch, self->secrets, path);
	child_end(&giver);
}

TEST_F(passed, is_no_part_of_a_file_that_root_began_to_read)
{
	static const char * const paths[] = {
		"/proc/nslens/tasks", "/proc/nslens/namespaces",
		"/proc/nslens/traced",
	};
	child_fn *const on[] = { read_on, splice_on, read_at };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		for (k = 0; k < 2 * ARRAY_SIZE(on); k++)
			expect_file(_metadata, self, paths[i], k & 1,
				    on[k / 2]);
}

/* Dumps of which there are several parts. */
static long begin_dump(void *data)
{
	struct lens *l = data;
	const int command = l->family;
	unsigned int i;

	for (i = 0; i < 100; i++)
		if (unshare(CLONE_NEWUTS) || ns_open(getpid(), "uts") < 0)
			return -errno;
	return lens_open_with(l, SMALL_BURST) ?:
	       lens_send(l, lens_request(l, command, NLM_F_DUMP));
}

struct rest {
	struct haul haul;
	struct lens lens;
};

static long get_rest(void *data)
{
	struct rest *rest = data;
	struct lens l = rest->lens;
	int err;

	haul_tap(&l, &rest->haul);
	err = lens_receive(&l, NULL, NULL);
	rest->lens.parts = l.parts;
	return err;
}

static unsigned int count_messages(const struct haul *h)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)h->bytes;
	unsigned int n = 0;
	int left = h->n;

	for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left))
		n += nlh->nlmsg_type >= NLMSG_MIN_TYPE;
	return n;
}

/* What root was told already is in the queue, and nothing comes after it. */
TEST_F(passed, is_no_rest_of_a_dump_that_root_began)
{
	static const int commands[] = {
		NSLENS_CMD_TASK_GET, NSLENS_CMD_NS_GET,
	};
	struct herd herd;
	unsigned int i;

	ASSERT_EQ(0, herd_spawn(&herd, 200));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		struct lens lens = { .family = commands[i] };
		struct child giver;
		struct child *who = self->who == &self->giver ? &giver :
								self->who;
		struct rest *rest = who->scratch;

		ASSERT_EQ(0, child_spawn(&giver, 0));
		ASSERT_EQ(0, child_do(&giver, begin_dump, &lens, sizeof(lens)));
		lens.fd = pass(&giver, who, lens.fd);
		ASSERT_LE(0, lens.fd);
		rest = who->scratch;
		rest->lens = lens;
		EXPECT_EQ(-EPERM, child_do(who, get_rest, NULL, 0));
		EXPECT_GT(100, count_messages(&rest->haul));
		child_end(&giver);
	}
	herd_end(&herd);
}

/* For child_do(): all that a ring of one's own reads from a file of another. */
static long read_by_ring(void *data)
{
	char bytes[4096];

	return ring_read(*(int *)data, bytes, sizeof(bytes));
}

static long open_trace(void *unused)
{
	int fd = open("/proc/nslens/trace", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || write(fd, "all\n", 4) != 4)
		return -errno;
	return fd;
}

static long try_trace(void *data)
{
	const int fd = *(int *)data;
	char bytes[4096];
	int ends[2];

	if (read(fd, bytes, sizeof(bytes)) >= 0 || errno != EPERM)
		return 1;
	if (readv(fd, &(struct iovec){ bytes, sizeof(bytes) }, 1) >= 0 ||
	    errno != EPERM)
		return 2;
	/* A stream has no positions. */
	if (pread(fd, bytes, sizeof(bytes), 0) >= 0)
		return 3;
	if (pipe2(ends, O_CLOEXEC) < 0 ||
	    splice(fd, NULL, ends[1], NULL, 4096, 0) >= 0)
		return 4;
	if (write(fd, "all\n", 4) >= 0 || errno != EPERM)
		return 5;
	if (write(fd, "\n", 1) >= 0 || errno != EPERM)
		return 6;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

TEST_F(passed, is_no_event_of_a_file_that_root_traces_with)
{
	int fd = child_do(&self->giver, open_trace, NULL, 0), ringed;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, child_do(&self->hidden, child_unshare,
			      &(int){ CLONE_NEWUTS }, sizeof(int)));
	fd = pass(&self->giver, self->who, fd);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, child_do(self->who, try_trace, &fd, sizeof(fd)));
	ringed = child_do(self->who, read_by_ring, &fd, sizeof(fd));
	if (ringed == -ENOSYS)
		TH_LOG("no io_uring");
	else
		EXPECT_EQ(-EPERM, ringed);
}

/* Whose numbers count: those of the reader, whatever /proc he has. */
static long read_through(void *data)
{
	static const char * const names[] = {
		"nslens/tasks", "nslens/namespaces", "nslens/traced",
	};
	const int proc = *(int *)data;
	struct haul *h = data;
	unsigned int i, n = 0;
	static struct haul all;
	int fd;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		fd = openat(proc, names[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		haul_fd(h, fd);
		close(fd);
		memcpy(all.bytes + n, h->bytes, h->n);
		n += h->n;
	}
	all.n = n;
	all.text = true;
	*h = all;
	return 0;
}

TEST_F(passed, is_no_view_through_the_hosts_procfs)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int there = child_give_fd(&self->receiver, proc);

	ASSERT_LE(0, there);
	ASSERT_EQ(0, child_do(&self->receiver, read_through, &there,
			      sizeof(there)));
	expect_nothing(_metadata, self->receiver.scratch, self->secrets,
		       "the host's /proc");
	close(proc);
}

/* Root may see the namespaces, by whatever number. */
static void only_pids(struct secrets *secrets)
{
	unsigned int i, n = 0;

	for (i = 0; i < secrets->n; i++)
		if (secrets->number[i] < LEAST_INODE)
			secrets->number[n++] = secrets->number[i];
	secrets->n = n;
}

/* And what is read from outside through that of a container is in it. */
TEST_F(passed, is_no_more_of_the_host_through_a_containers_procfs)
{
	char path[64];
	int proc, there;

	if (variant->receiver < BOX_GETS)
		SKIP(return, "it has the host's");
	only_pids(self->secrets);
	snprintf(path, sizeof(path), "/proc/%d/root/proc", self->receiver.pid);
	proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, proc);
	there = child_give_fd(&self->giver, proc);
	ASSERT_EQ(0, child_do(&self->giver, read_through, &there,
			      sizeof(there)));
	expect_nothing(_metadata, self->giver.scratch, self->secrets,
		       "a container's /proc");
	close(proc);
}

struct feed {
	int fd;
	unsigned int n;
	char bytes[256];
};

static long run_cat(int in, int out)
{
	char *const argv[] = { ROOT_CAT, NULL };
	int status, quiet;
	pid_t pid = fork();

	if (pid == 0) {
		quiet = open("/dev/null", O_WRONLY);
		if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(quiet, 2) < 0)
			_exit(126);
		execv(ROOT_CAT, argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* A user's file, read by a program of root's that he runs. */
static long read_by_cat(void *data)
{
	struct opening o = *(struct opening *)data;
	FILE *out = tmpfile();
	int fd = open(o.path, O_RDWR | O_NONBLOCK | O_CLOEXEC), code;

	if (fd < 0 && errno == EACCES)
		fd = open(o.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !out)
		return -errno;
	code = run_cat(fd, fileno(out));
	rewind(out);
	haul_fd(data, fileno(out));
	fclose(out);
	close(fd);
	return code;
}

/* And written by it. */
static long write_by_cat(void *data)
{
	struct feed *feed = data;
	int ends[2], code;

	if (pipe2(ends, O_CLOEXEC) < 0 ||
	    write(ends[1], feed->bytes, feed->n) != feed->n)
		return -errno;
	close(ends[1]);
	code = run_cat(ends[0], feed->fd);
	close(ends[0]);
	return code;
}

static long effective_uid_of_cat(void *unused)
{
	int ends[2], uid;
	char *const argv[] = { ROOT_CAT, NULL };
	char byte = 0;
	int out[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		dup2(ends[0], 0);
		dup2(out[1], 1);
		execv(ROOT_CAT, argv);
		_exit(127);
	}
	/* It says something, so it is another program by then. */
	if (write(ends[1], &byte, 1) != 1 || read(out[0], &byte, 1) != 1)
		return -errno;
	uid = proc_number(pid, "Uid", 1);
	close(ends[1]);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(out[0]);
	close(out[1]);
	return uid;
}

TEST_F(passed, is_nothing_that_a_set_user_id_program_reads)
{
	struct opening o = { .path = "/proc/nslens/tasks" };

	if (variant->receiver != ALICE_GETS)
		SKIP(return, "the user runs it");
	ASSERT_EQ(0, root_cat_make(ALICE));
	ASSERT_EQ(0, child_do(&self->receiver, effective_uid_of_cat, NULL, 0));
	EXPECT_EQ(0, child_do(&self->receiver, read_by_cat, &o, sizeof(o)));
	EXPECT_LT(0, ((struct haul *)self->receiver.scratch)->n);
	expect_nothing(_metadata, self->receiver.scratch, self->secrets,
		       o.path);
	snprintf(o.path, sizeof(o.path), "/proc/nslens/namespaces");
	EXPECT_EQ(0, child_do(&self->receiver, read_by_cat, &o, sizeof(o)));
	expect_nothing(_metadata, self->receiver.scratch, self->secrets,
		       o.path);
	snprintf(o.path, sizeof(o.path), "/proc/nslens/trace");
	EXPECT_EQ(1, child_do(&self->receiver, read_by_cat, &o, sizeof(o)));
	EXPECT_EQ(0, ((struct haul *)self->receiver.scratch)->n);
}

static long open_lens_there(void *lens)
{
	return lens_open(lens);
}

/* As sudo with its output sent there. */
TEST_F(passed, is_nothing_that_a_set_user_id_program_writes)
{
	struct feed feed = {};
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	struct lens lens;
	struct nl_msg *msg;

	if (variant->receiver != ALICE_GETS)
		SKIP(return, "the user runs it");
	ASSERT_EQ(0, root_cat_make(ALICE));
	feed.fd = child_do(&self->receiver, open_trace, NULL, 0);
	ASSERT_LE(0, feed.fd);
	feed.n = snprintf(feed.bytes, sizeof(feed.bytes), "all\n");
	EXPECT_EQ(1, child_do(&self->receiver, write_by_cat, &feed,
			      sizeof(feed)));
	ASSERT_EQ(0, child_do(&self->receiver, open_lens_there, &lens,
			      sizeof(lens)));
	msg = lens_request(&lens, NSLENS_CMD_TRACE_SET, 0);
	nest = nla_nest_start(msg, NSLENS_A_TRACE_ADD);
	nla_put_flag(msg, NSLENS_A_TARGET_ALL);
	nla_nest_end(msg, nest);
	nlh = nlmsg_hdr(msg);
	feed.fd = lens.fd;
	feed.n = nlh->nlmsg_len;
	memcpy(feed.bytes, nlh, feed.n);
	nlmsg_free(msg);
	EXPECT_EQ(0, child_do(&self->receiver, write_by_cat, &feed,
			      sizeof(feed)));
	((struct rest *)self->receiver.scratch)->lens = lens;
	EXPECT_EQ(-EPERM, child_do(&self->receiver, get_rest, NULL, 0));
}

TEST_HARNESS_MAIN
