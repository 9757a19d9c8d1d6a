// SPDX-License-Identifier: GPL-2.0
/* Who traces with ill intent costs himself what he does, and learns nothing. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"
#include "lib/patience.h"
#include "lib/tool.h"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXEC	NSLENS_EVENT_KIND_EXEC

#define TRACE		"/proc/nslens/trace"
#define ALICE		12345
#define SLEEP		"/bin/sleep"

/* As the module has them, of a user who may not see everything. */
#define MAX_FOLLOW	64
#define MAX_CGROUPS	64
#define MAX_TARGETS	1024

FIXTURE(hostile)
{
	struct session session;
	struct child child, alice, alice_too;
	char dir[64];
};

FIXTURE_SETUP(hostile)
{
	uid_t alice = ALICE;

	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_spawn(&self->alice, 0));
	ASSERT_EQ(0, child_spawn(&self->alice_too, 0));
	ASSERT_EQ(0, child_do(&self->alice, child_setuid, &alice, sizeof(alice)));
	ASSERT_EQ(0, child_do(&self->alice_too, child_setuid, &alice,
			      sizeof(alice)));
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
}

FIXTURE_TEARDOWN(hostile)
{
	char path[96];

	child_end(&self->alice_too);
	child_end(&self->alice);
	child_end(&self->child);
	session_close(&self->session);
	snprintf(path, sizeof(path), "%s/sleep", self->dir);
	if (self->dir[0]) {
		unlink(path);
		rmdir(self->dir);
	}
}

static void make(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

/* A page that is not there until somebody has it be there. */
struct absent {
	int fd;
	void *page;
	size_t size;
	int from;
	ssize_t got;
};

static int make_absent(struct absent *absent)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	absent->size = sysconf(_SC_PAGESIZE);
	absent->page = mmap(NULL, absent->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	absent->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (absent->fd < 0)
		return -errno;
	range.range.start = (unsigned long)absent->page;
	range.range.len = absent->size;
	return ioctl(absent->fd, UFFDIO_API, &api) ||
	       ioctl(absent->fd, UFFDIO_REGISTER, &range) ? -errno : 0;
}

static int appear(struct absent *absent)
{
	struct uffdio_zeropage zero = {
		.range = { (unsigned long)absent->page, absent->size },
	};

	return ioctl(absent->fd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
}

static void *read_there(void *data)
{
	struct absent *absent = data;

	absent->got = read(absent->from, absent->page, absent->size);
	return NULL;
}

TEST_F(hostile, reader_whose_buffer_is_not_there_holds_up_nobody)
{
	struct absent absent = {};
	struct pollfd fault;
	pthread_t thread;

	ASSERT_EQ(0, make_absent(&absent));
	absent.from = open(TRACE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, absent.from);
	ASSERT_EQ(4, write(absent.from, "all\n", 4));
	make(_metadata, &self->child);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_there, &absent));
	fault = (struct pollfd){ absent.fd, POLLIN };
	/* He waits, with what he has been given. */
	EXPECT_EQ(1, poll(&fault, 1, PATIENCE));
	make(_metadata, &self->child);
	EXPECT_EQ(0, session_sync(&self->session));
	EXPECT_EQ(0, appear(&absent));
	pthread_join(thread, NULL);
	EXPECT_LT(0, absent.got);
	EXPECT_EQ(2, session_forks_by(&self->session, self->child.pid));
	/* The thread. */
	EXPECT_EQ(1, session_forks_by(&self->session, getpid()));
	close(absent.from);
	close(absent.fd);
	munmap(absent.page, absent.size);
}

static void *set_filter(void *data)
{
	struct absent *absent = data;
	struct sock_fprog program = { 1, absent->page };

	absent->got = setsockopt(absent->from, SOL_SOCKET, SO_ATTACH_FILTER,
				 &program, sizeof(program)) ? -errno : 0;
	return NULL;
}

/*
 * The kernel has the socket locked while it waits for the filter, and who
 * begins a session has all of generic netlink wait meanwhile.
 */
TEST_F(hostile, filter_that_is_not_there_holds_up_nobody)
{
	struct absent absent = {};
	struct pollfd fault;
	struct session s;
	pthread_t thread;

	ASSERT_EQ(0, make_absent(&absent));
	ASSERT_EQ(0, session_open(&s));
	absent.from = s.lens.fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, set_filter, &absent));
	fault = (struct pollfd){ absent.fd, POLLIN };
	EXPECT_EQ(1, poll(&fault, 1, PATIENCE));
	EXPECT_EQ(-EAGAIN, session_trace(&s, EVERYTHING));
	make(_metadata, &self->child);
	EXPECT_EQ(0, session_sync(&self->session));
	EXPECT_EQ(0, appear(&absent));
	pthread_join(thread, NULL);
	/* Zeros are no program. */
	EXPECT_EQ(-EINVAL, absent.got);
	EXPECT_EQ(0, session_trace(&s, EVERYTHING));
	set_filter(&absent);
	EXPECT_EQ(-EPERM, absent.got);
	session_close(&s);
	close(absent.fd);
	munmap(absent.page, absent.size);
}

TEST_F(hostile, filter_and_session_are_not_on_one_socket)
{
	char max_sessions[32];
	struct session s;
	int none = 0;

	ASSERT_EQ(0, session_open(&s));
	ASSERT_LT(0, read_file(MAX_SESSIONS, max_sessions, sizeof(max_sessions)));
	/* The other one is there; so this socket stays as it was. */
	ASSERT_EQ(0, write_file(MAX_SESSIONS, "1"));
	EXPECT_EQ(-EUSERS, session_trace(&s, EVERYTHING));
	EXPECT_EQ(0, write_file(MAX_SESSIONS, max_sessions));
	EXPECT_EQ(0, lens_filter(s.lens.fd, ~0U));
	EXPECT_EQ(-EACCES, session_trace(&s, EVERYTHING));
	EXPECT_NE(NULL, strstr(s.lens.text, "filter"));
	EXPECT_EQ(0, setsockopt(s.lens.fd, SOL_SOCKET, SO_DETACH_FILTER, &none,
				sizeof(none)));
	EXPECT_EQ(0, session_trace(&s, EVERYTHING));
	EXPECT_EQ(-EPERM, lens_filter(s.lens.fd, ~0U));
	make(_metadata, &self->child);
	EXPECT_EQ(0, session_sync(&s));
	EXPECT_EQ(1, session_forks_by(&s, self->child.pid));
	session_close(&s);
}

static int put(int fd, const char *format, int value)
{
	char line[64];
	int len = snprintf(line, sizeof(line), format, value);

	return write(fd, line, len) == len ? 0 : -errno;
}

/* How often a line is taken before it is refused for what there is. */
static long fill(int fd, const char *format, int value, long max)
{
	long n;
	int err;

	for (n = 0; n < max; n++) {
		err = put(fd, format, value);
		if (err)
			return err == -ENOSPC ? n : err;
	}
	return n;
}

/* For child_do(): as many as go into a session, but one more than a user's. */
static long fill_one(void *unused)
{
	int fd = open(TRACE, O_RDWR | O_CLOEXEC);
	long n = fill(fd, "pid %d follow\n", getpid(), MAX_FOLLOW + 1);

	close(fd);
	return n;
}

/* For child_do(): as many as go into each of two sessions, of each kind. */
static long fill_all(void *data)
{
	long *n = data;
	int one = open(TRACE, O_RDWR | O_CLOEXEC);
	int other = open(TRACE, O_RDWR | O_CLOEXEC);

	n[0] = fill(one, "pid %d follow\n", getpid(), MAX_TARGETS);
	n[1] = fill(other, "pid %d follow\n", getpid(), MAX_TARGETS);
	n[2] = fill(one, "cgroup /\n", 0, MAX_TARGETS);
	n[3] = fill(other, "pid %d\n", getpid(), MAX_TARGETS);
	/* What is given back can be had again, by the other as well. */
	n[4] = put(one, "remove pid %d\n", getpid());
	n[5] = fill(other, "pid %d follow\n", getpid(), MAX_TARGETS);
	close(one);
	close(other);
	return 0;
}

TEST_F(hostile, user_has_so_many_targets_in_all)
{
	long n[6] = {};

	ASSERT_EQ(0, child_do(&self->alice, fill_all, n, sizeof(n)));
	EXPECT_EQ(MAX_FOLLOW, n[0]);
	EXPECT_EQ(0, n[1]);
	EXPECT_EQ(MAX_CGROUPS, n[2]);
	EXPECT_EQ(MAX_TARGETS - MAX_FOLLOW - MAX_CGROUPS, n[3]);
	EXPECT_EQ(0, n[4]);
	EXPECT_EQ(1, n[5]);
	/* Her sessions are gone; who may see everything has more. */
	EXPECT_EQ(MAX_FOLLOW, child_do(&self->alice_too, fill_one, NULL, 0));
	EXPECT_EQ(MAX_FOLLOW + 1, child_do(&self->child, fill_one, NULL, 0));
}

TEST_F(hostile, request_cannot_remove_what_it_removes_already)
{
	const struct target target = { .pid = self->child.pid };
	struct session *s = &self->session;
	struct trace_state state;

	ASSERT_EQ(0, session_trace(s, target));
	EXPECT_EQ(-ENOENT, session_set(s, &(struct trace_change){
		.remove = { target, target } }));
	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_EQ(2, state.targets);
	ASSERT_EQ(0, session_trace(s, target));
	EXPECT_EQ(0, session_set(s, &(struct trace_change){
		.remove = { target, target } }));
	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_EQ(1, state.targets);
}

/* Of a child: its session, and what is in it. */
struct text {
	int fd;
	char text[16384];
};

static long open_own(void *data)
{
	struct text *text = data;

	text->fd = open(TRACE, O_RDWR | O_NONBLOCK);
	return text->fd < 0 ? -errno : put(text->fd, "pid %d\n", getpid());
}

/* All that there is by now, as a write waits until it is. */
static long read_own(void *data)
{
	struct text *text = data;
	size_t length = 0;
	ssize_t n;
	int err = put(text->fd, "\n", 0);

	if (err)
		return err;
	while ((n = read(text->fd, text->text + length,
			 sizeof(text->text) - 1 - length)) > 0)
		length += n;
	text->text[length] = '\0';
	return length;
}

static void set_user_id(struct __test_metadata *_metadata,
			struct _test_data_hostile *self, char *path, size_t size)
{
	char command[4200];

	/* Where /tmp is a file system of its own, it knows no such programs. */
	snprintf(self->dir, sizeof(self->dir), "%s",
		 "/var/tmp/nslens-hostile-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chmod(self->dir, 0755));
	snprintf(path, size, "%s/sleep", self->dir);
	snprintf(command, sizeof(command), "cp " SLEEP " %s", path);
	ASSERT_EQ(0, system(command));
	ASSERT_EQ(0, chmod(path, 04755));
}

/* The process stays; its rights do not, and another has its session. */
TEST_F(hostile, owner_is_not_shown_with_rights_that_it_got_since)
{
	struct text *text = calloc(1, sizeof(*text));
	struct run run = { .release = 1 };
	struct event *e;

	ASSERT_NE(NULL, text);
	set_user_id(_metadata, self, run.path, sizeof(run.path));
	ASSERT_EQ(0, child_do(&self->alice, open_own, text, sizeof(*text)));
	text->fd = child_take_fd(&self->alice, text->fd);
	text->fd = child_give_fd(&self->alice_too, text->fd);
	make(_metadata, &self->alice);
	EXPECT_LT(0, child_do(&self->alice_too, read_own, text, sizeof(*text)));
	EXPECT_NE(NULL, strstr(text->text, " fork "));
	child_start(&self->alice, maker_run, &run, sizeof(run));
	e = session_await(&self->session, EXEC, self->alice.pid);
	ASSERT_NE(NULL, e);
	EXPECT_STREQ(run.path, e->filename);
	/* It is hers no more, as the link says. */
	ASSERT_EQ(0, proc_number(self->alice.pid, "Uid", 1)) {
		TH_LOG("is /var/tmp mounted nosuid?");
	}
	EXPECT_EQ(0, child_do(&self->alice_too, read_own, text, sizeof(*text))) {
		TH_LOG("%s", text->text);
	}
	free(text);
}

TEST_HARNESS_MAIN
