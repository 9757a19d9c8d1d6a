// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/trace: what can be written to it, and what is read. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/heard.h"
#include "lib/maker.h"
#include "lib/module.h"
#include "lib/patience.h"
#include "lib/storm.h"
#include "lib/tool.h"

#define TRACE		"/proc/nslens/trace"
#define LONGEST		8192
#define FORKS		800	/* more than the queue holds */

FIXTURE(file)
{
	struct session session;
	struct child child, other;
	struct tool *tool;
	char *text;
	int fd;
};

FIXTURE_SETUP(file)
{
	self->tool = calloc(1, sizeof(*self->tool));
	self->text = calloc(1, 1 << 20);
	ASSERT_TRUE(self->tool && self->text);
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn(&self->other, 0));
	self->fd = open(TRACE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(file)
{
	child_end(&self->child);
	child_end(&self->other);
	session_close(&self->session);
	close(self->fd);
	free(self->text);
	free(self->tool);
}

/* Return: 0 if all of it was taken, -errno, or bytes. */
static int put(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	return n == (ssize_t)strlen(text) ? 0 : n < 0 ? -errno : n;
}

static void make(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

/*
 * All that is there by now, as a write waits until it is; how many lines of it are
 * not of the kernel's own threads, which come and go by themselves.
 */
static unsigned int lines(int fd, char *text)
{
	size_t length = 0;
	unsigned int own = 0;
	const char *at;
	ssize_t n;

	if (put(fd, "\n"))
		return ~0U;
	while ((n = read(fd, text + length, 65536)) > 0)
		length += n;
	text[length] = '\0';
	for (at = text; (at = strstr(at, " kthread")); at++)
		own++;
	return count_lines(text) - own;
}

static void expect_events(struct __test_metadata *_metadata,
			  struct _test_data_file *self, unsigned int of_child,
			  unsigned int of_other)
{
	lines(self->fd, self->text);
	make(_metadata, &self->child);
	EXPECT_EQ(of_child, lines(self->fd, self->text));
	make(_metadata, &self->other);
	EXPECT_EQ(of_other, lines(self->fd, self->text));
}

TEST_F(file, traces_nothing_at_first)
{
	expect_events(_metadata, self, 0, 0);
}

TEST_F(file, takes_each_kind_of_line)
{
	const pid_t pid = self->child.pid;
	const unsigned int uts = ns_ino(pid, "uts");
	const unsigned int pid_ns = ns_ino(pid, "pid");

	EXPECT_EQ(0, put(self->fd, "events fork,exit\n"));
	EXPECT_EQ(0, put(self->fd, format("pid %d\n", pid)));
	expect_events(_metadata, self, 1, 0);
	EXPECT_EQ(0, put(self->fd, format("remove pid %d", pid)));
	EXPECT_EQ(0, put(self->fd, format("  pid\t%d   follow \t\n", pid)));
	expect_events(_metadata, self, 2, 0);
	EXPECT_EQ(0, put(self->fd, "events exit\n"));
	expect_events(_metadata, self, 1, 0);
	EXPECT_EQ(0, put(self->fd, format("remove pid %d\nevents fork", pid)));
	EXPECT_EQ(0, put(self->fd, format("ns pid:[%u]\n", pid_ns)));
	expect_events(_metadata, self, 1, 0);
	EXPECT_EQ(0, put(self->fd, format("remove ns pid:[%u]\n", pid_ns)));
	EXPECT_EQ(0, put(self->fd, format("ns uts:[%u]\n", uts)));
	expect_events(_metadata, self, 1, 1);
	EXPECT_EQ(0, put(self->fd, format("remove ns uts:[%u]\n", uts)));
	expect_events(_metadata, self, 0, 0);
	EXPECT_EQ(0, put(self->fd, "cgroup /\n"));
	expect_events(_metadata, self, 1, 1);
	EXPECT_EQ(0, put(self->fd, "remove cgroup /\nall\n"));
	expect_events(_metadata, self, 1, 1);
	EXPECT_EQ(0, put(self->fd, "remove all"));
	expect_events(_metadata, self, 0, 0);
}

TEST_F(file, refuses_a_bad_line_and_goes_on)
{
	static const struct {
		const char *line;
		int err;
	} bad[] = {
		{ "trace", -EINVAL }, { "pid", -EINVAL }, { "pid x", -EINVAL },
		{ "pid -1", -EINVAL }, { "pid 1 2", -EINVAL },
		{ "pid 1 follow all", -EINVAL }, { "pid 1 followed", -EINVAL },
		{ "pid 99999999999", -EINVAL }, { "pid 4000000", -ESRCH },
		{ "pid 1 exists x", -EINVAL }, { "ns", -EINVAL },
		{ "ns uts", -EINVAL }, { "ns uts:1", -EINVAL },
		{ "ns mars:[1]", -EINVAL }, { "ns uts:[]", -EINVAL },
		{ "ns uts:[4000000000]", -ENOENT }, { "cgroup", -EINVAL },
		{ "cgroup /no/such", -ENOENT }, { "all 1", -EINVAL },
		{ "events", -EINVAL }, { "events fork,", -EINVAL },
		{ "events fork exit", -EINVAL }, { "events lost", -EINVAL },
		{ "remove", -EINVAL }, { "remove events fork", -EINVAL },
		{ "remove all", -ENOENT }, { "remove pid 1", -ENOENT },
		{ "ALL", -EINVAL }, { "remove all exists", -EINVAL },
	};
	unsigned int i;

	ASSERT_EQ(0, put(self->fd, format("pid %d\n", self->child.pid)));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].err, put(self->fd, bad[i].line)) {
			TH_LOG("%s", bad[i].line);
		}
		expect_events(_metadata, self, 1, 0);
	}
}

TEST_F(file, takes_the_lines_before_a_bad_one)
{
	const char *good = format("pid %d\n", self->child.pid);
	char *both = format("%sbad\npid %d\n", good, self->other.pid);

	EXPECT_EQ((int)strlen(good), put(self->fd, both));
	expect_events(_metadata, self, 1, 0);
	/* As a program does that writes the rest. */
	EXPECT_EQ(-EINVAL, put(self->fd, both + strlen(good)));
	expect_events(_metadata, self, 1, 0);
}

TEST_F(file, refuses_what_is_no_text_or_too_long)
{
	memset(self->text, '\n', LONGEST + 1);
	EXPECT_EQ(LONGEST, write(self->fd, self->text, LONGEST));
	EXPECT_EQ(-1, write(self->fd, self->text, LONGEST + 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->fd, "all\0\n", 5));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(SYS_write, self->fd, 1, 5));
	EXPECT_EQ(EFAULT, errno);
	expect_events(_metadata, self, 0, 0);
}

TEST_F(file, polls_and_does_not_block_if_asked)
{
	struct pollfd wait = { .fd = self->fd, .events = POLLIN | POLLOUT };
	char byte;

	ASSERT_EQ(0, put(self->fd, format("pid %d", self->child.pid)));
	EXPECT_EQ(-1, read(self->fd, &byte, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, poll(&wait, 1, 0));
	EXPECT_EQ(POLLOUT, wait.revents);
	make(_metadata, &self->child);
	wait.events = POLLIN;
	EXPECT_EQ(1, poll(&wait, 1, PATIENCE));
	EXPECT_EQ(POLLIN, wait.revents);
	/* A byte at a time is fine, too. */
	EXPECT_EQ(1, read(self->fd, &byte, 1));
	EXPECT_EQ('1', byte);
	EXPECT_EQ(1, lines(self->fd, self->text));
	EXPECT_EQ(0, poll(&wait, 1, 0));
}

struct reading {
	pid_t pid;
	long n;
	char text[4096];
};

static long read_one(void *data)
{
	struct reading *reading = data;
	int fd = open(TRACE, O_RDWR | O_CLOEXEC);

	if (fd < 0 || put(fd, format("pid %d", reading->pid)))
		return -errno;
	reading->n = -2;
	reading->n = read(fd, reading->text, sizeof(reading->text) - 1);
	close(fd);
	return 0;
}

TEST_F(file, blocks_until_something_happens)
{
	static struct reading reading;
	struct reading *there = self->other.scratch;

	reading.pid = self->child.pid;
	reading.n = -1;
	child_start(&self->other, read_one, &reading, sizeof(reading));
	while (__atomic_load_n(&there->n, __ATOMIC_ACQUIRE) != -2 ||
	       proc_state(self->other.pid) != 'S')
		sched_yield();
	make(_metadata, &self->child);
	ASSERT_EQ(0, child_finish(&self->other, &reading, sizeof(reading)));
	EXPECT_LT(0, reading.n);
	EXPECT_EQ(1, count_lines(reading.text));
}

TEST_F(file, is_a_session_each_time_it_is_opened)
{
	int second = open(TRACE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	ASSERT_LE(0, second);
	ASSERT_EQ(0, put(self->fd, format("pid %d", self->child.pid)));
	ASSERT_EQ(0, put(second, format("pid %d\npid %d", self->other.pid,
					self->child.pid)));
	make(_metadata, &self->child);
	make(_metadata, &self->other);
	EXPECT_EQ(1, lines(self->fd, self->text));
	EXPECT_EQ(2, lines(second, self->text));
	close(second);
}

TEST_F(file, ends_its_session_when_it_is_closed)
{
	const int open_once = module_references();

	EXPECT_LT(0, open_once);
	close(self->fd);
	EXPECT_EQ(open_once - 1, module_references());
	self->fd = open(TRACE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	EXPECT_EQ(open_once, module_references());
}

/* For child_do(): open it and wait to be killed. */
static long hold_one(void *unused)
{
	return open(TRACE, O_RDWR | O_CLOEXEC) < 0 ? -errno : 0;
}

TEST_F(file, ends_its_session_when_who_has_it_is_killed)
{
	const int before = module_references();

	ASSERT_EQ(0, child_do(&self->other, hold_one, NULL, 0));
	EXPECT_EQ(before + 1, module_references());
	child_kill(&self->other);
	EXPECT_EQ(before, module_references());
}

TEST_F(file, is_a_session_of_its_user_as_any)
{
	char old[32];
	int second;

	ASSERT_LT(0, read_file(MAX_SESSIONS, old, sizeof(old)));
	ASSERT_EQ(0, write_file(MAX_SESSIONS, "1"));
	second = open(TRACE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(-1, second);
	EXPECT_EQ(EUSERS, errno);
	EXPECT_EQ(0, write_file(MAX_SESSIONS, "2"));
	second = open(TRACE, O_RDWR | O_CLOEXEC);
	EXPECT_LE(0, second);
	close(second);
	EXPECT_EQ(0, write_file(MAX_SESSIONS, old));
}

/* For child_do(): what a file that came from elsewhere lets it do. */
static long read_from(void *fd)
{
	char text[4096];

	return read(*(int *)fd, text, sizeof(text)) < 0 ? -errno : 0;
}

static long write_to(void *fd)
{
	return put(*(int *)fd, "remove all");
}

/* What root has opened is no way for others to see what root does. */
TEST_F(file, is_not_passed_on_with_its_rights)
{
	struct child alice, like;
	uid_t uid = 12345;
	int there;

	ASSERT_EQ(0, put(self->fd, "all\nevents fork"));
	make(_metadata, &self->child);
	ASSERT_EQ(0, put(self->fd, "\n"));
	ASSERT_EQ(0, child_spawn(&alice, 0));
	ASSERT_EQ(0, child_do(&alice, child_setuid, &uid, sizeof(uid)));
	there = child_give_fd(&alice, self->fd);
	ASSERT_LE(0, there);
	EXPECT_EQ(-EPERM, child_do(&alice, read_from, &there, sizeof(there)));
	EXPECT_EQ(-EPERM, child_do(&alice, write_to, &there, sizeof(there)));
	ASSERT_EQ(0, child_spawn(&like, 0));
	there = child_give_fd(&like, self->fd);
	ASSERT_LE(0, there);
	EXPECT_EQ(0, child_do(&like, read_from, &there, sizeof(there)));
	EXPECT_EQ(0, child_do(&like, write_to, &there, sizeof(there)));
	child_end(&like);
	child_end(&alice);
}

TEST_F(file, tells_a_reader_that_pauses_what_it_has_lost_to_the_last)
{
	unsigned int forks = FORKS, one = 1;
	static struct heard heard;

	ASSERT_EQ(0, put(self->fd, format("events fork,exit\npid %d follow",
					  self->child.pid)));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks, sizeof(forks)));
	EXPECT_TRUE(hear_until(&heard, self->fd, 2 * FORKS));
	EXPECT_EQ(2 * FORKS, heard.told + heard.lost);
	EXPECT_LT(0, heard.told);
	EXPECT_LT(0, heard.lost);
	/* With room again it is told what comes then, and no more was lost. */
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &one, sizeof(one)));
	EXPECT_TRUE(hear_until(&heard, self->fd, 2 * FORKS + 2));
	EXPECT_EQ(2 * FORKS + 2, heard.told + heard.lost);
	EXPECT_EQ(2 * FORKS + 2, heard.last);
	EXPECT_EQ(0, heard.ring);
	EXPECT_STREQ("", heard.wrong);
}

/* PIDs by level, or the like, as text has them. */
static char *levels(const char *key, const struct numbers *n)
{
	char *text = format("%s", "");
	unsigned int i;

	for (i = 0; i < n->n; i++)
		text = format("%s%s%u", text, i ? "," : key, n->v[i]);
	return text;
}

static char *types(const char *key, __u32 mask, const __u32 *ino)
{
	char *text = format("%s", "");
	unsigned int i;

	for (i = 0; i < NR_NS; i++)
		if (mask & 1U << i)
			text = format("%s%s%s:[%u]", text, *text ? "," : key,
				      ns_types[i].link, ino[i]);
	return text;
}

static char *seconds(__u64 ns)
{
	return format("%llu.%09llu", ns / 1000000000, ns % 1000000000);
}

static char *particular(const struct event *e)
{
	char *parents = format("%s%s", levels(" parent=", &e->parent_pids),
			       levels(" parent-tgid=", &e->parent_tgids));
	char *ns = format(" %s:[%u] id=%llu", ns_types[e->ns_type].name,
			  e->ns_ino, e->ns_id);

	switch (e->kind) {
	case NSLENS_EVENT_KIND_FORK:
		return format("%s%s", parents,
			      types(" created=", e->created, e->ns));
	case NSLENS_EVENT_KIND_EXEC:
		return format(" file=%s old-comm=%s", e->filename, e->old_comm);
	case NSLENS_EVENT_KIND_EXIT:
		return format(" %s=%u%s", e->signal ? "signal" : "code",
			      e->signal ?: e->exit_code,
			      e->flags & NSLENS_EVENT_FLAG_LAST ? " last" : "");
	case NSLENS_EVENT_KIND_SWITCH:
		return format(" how=%s%s%s",
			      e->how == NSLENS_SWITCH_HOW_SETNS ? "setns" :
								  "unshare",
			      types(" to=", e->changed, e->ns),
			      types(" from=", e->changed, e->old_ns));
	case NSLENS_EVENT_KIND_NS_CREATE:
		return format("%s%s", ns, parents);
	default:
		return format("%s", "");
	}
}

static char *line_of(const struct event *e)
{
	static const char * const kinds[] = {
		"fork", "exec", "exit", "switch", "ns-create", "ns-destroy",
		"exists", "lost",
	};

	return format("%llu %s %u %s %s %s%s %s start=%s cgroup=%llu%s\n",
		      e->seq, seconds(e->time), e->cpu, kinds[e->kind],
		      levels("", &e->pids), e->comm, particular(e),
		      levels("tgid=", &e->tgids), seconds(e->start_time),
		      e->cgroup_id, types(" ns=", ~0U, e->ns));
}

TEST_F(file, says_what_netlink_says)
{
	const int flags[] = { CLONE_NEWUTS | CLONE_NEWPID, CLONE_NEWUSER };
	struct make fork = { .release = 1, .flags = CLONE_NEWIPC, .code = 3 };
	struct run run = { .path = "/bin/true" };
	struct child *c = &self->child;
	struct session *s = &self->session;
	unsigned int i, flag;
	char *expected = format("%s", "");

	/* Without the ends of namespaces, which come when they like. */
	setup_session(_metadata, s);
	ASSERT_EQ(0, put(self->fd, "events fork,exec,exit,switch,ns-create"));
	ASSERT_EQ(0, put(self->fd, format("pid %d follow", c->pid)));
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { { .pid = c->pid, .follow = true } },
		.set_events = true, .events = 31 }));
	ASSERT_LT(0, child_do(c, maker_make, &fork, sizeof(fork)));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		flag = flags[i];
		ASSERT_EQ(0, child_do(c, child_unshare, &flag, sizeof(flag)));
	}
	child_start(c, maker_run, &run, sizeof(run));
	wait_exit(c->pidfd);
	ASSERT_EQ(0, session_sync(s));
	EXPECT_LE(10, s->n);
	for (i = 0; i < s->n; i++)
		expected = format("%s%s", expected, line_of(&s->v[i]));
	EXPECT_EQ(s->n, lines(self->fd, self->text));
	EXPECT_STREQ(expected, self->text);
}

/* A file name is one word, whatever is in it. */
TEST_F(file, escapes_what_is_no_word)
{
	struct run run = { .path = "/tmp/a b\nc" };
	struct child *c = &self->child;

	ASSERT_EQ(0, symlink("/bin/true", run.path));
	ASSERT_EQ(0, put(self->fd, format("pid %d\nevents exec", c->pid)));
	child_start(c, maker_run, &run, sizeof(run));
	wait_exit(c->pidfd);
	EXPECT_EQ(1, lines(self->fd, self->text));
	EXPECT_NE(NULL, strstr(self->text, " file=/tmp/a\\040b\\nc ")) {
		TH_LOG("%s", self->text);
	}
	unlink(run.path);
}

TEST_F(file, is_enough_for_a_shell)
{
	static const char shell[] =
		"exec 3<>" TRACE "; "
		"echo \"pid $$ follow\" >&3; echo events exec,exit >&3; "
		"busybox true; busybox head -n 2 <&3";

	EXPECT_EQ(0, tool_run(self->tool, (const char * const []){
		"busybox", "sh", "-c", shell, NULL }));
	EXPECT_STREQ("", self->tool->err);
	EXPECT_EQ(2, count_lines(self->tool->out));
	EXPECT_NE(NULL, strstr(self->tool->out, " exec "));
	EXPECT_NE(NULL, strstr(self->tool->out, " file="));
	EXPECT_NE(NULL, strstr(self->tool->out, " code=0 last "));
}

TEST_HARNESS_MAIN
