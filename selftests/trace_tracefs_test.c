// SPDX-License-Identifier: GPL-2.0
/* The trace events nslens:*, by tracefs, against what /proc and wait() say. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"
#include "lib/storm.h"
#include "lib/tool.h"

#define PROBES		"/sys/kernel/debug/kprobes/list"
#define TEXT_SIZE	(4 << 20)
#define SLEEP		"/bin/sleep"

/*
 * An instance of its own, and who makes what it is told of, two PID namespaces
 * down.
 */
FIXTURE(tracefs)
{
	struct session session;
	struct child child, inner;
	char ring_kb[32];
	char *dir;
	char *text;
};

static char *file(const char *dir, const char *name)
{
	return format("%s/%s", dir, name);
}

FIXTURE_SETUP(tracefs)
{
	if (access(TRACEFS "/instances", W_OK))
		SKIP(return, "tracefs is not mounted");
	self->text = calloc(1, TEXT_SIZE);
	ASSERT_NE(NULL, self->text);
	ASSERT_LT(0, read_file(RING_KB, self->ring_kb, sizeof(self->ring_kb)));
	self->dir = format(TRACEFS "/instances/nslens-%d", getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->child, &self->inner, CLONE_NEWPID));
}

FIXTURE_TEARDOWN(tracefs)
{
	if (!self->dir)
		return;
	EXPECT_EQ(0, write_file(file(self->dir, "events/nslens/enable"), "0"));
	child_end(&self->inner);
	child_end(&self->child);
	session_close(&self->session);
	EXPECT_EQ(0, write_file(RING_KB, self->ring_kb));
	EXPECT_EQ(0, rmdir(self->dir));
	free(self->text);
}

/* A word "KEY=VALUE" of a line; NULL if it is not there. */
static const char *value_of(const char *line, const char *key)
{
	char *word = format(" %s=", key);
	const char *end = strchrnul(line, '\n');
	const char *at = memmem(line, end - line, word, strlen(word));

	return at ? at + strlen(word) : NULL;
}

static __u64 number_of(const char *line, const char *key)
{
	const char *value = value_of(line, key);

	return value ? strtoull(value, NULL, 10) : ~0ULL;
}

static bool is_word(const char *line, const char *key, const char *word)
{
	const char *value = value_of(line, key);
	size_t length = strlen(word);

	return value && !strncmp(value, word, length) &&
	       (value[length] == ' ' || value[length] == '\n');
}

/* The line of an event in which a number is so; NULL if there is none yet. */
static const char *find(const char *dir, char *text, const char *event,
			const char *key, __u64 number)
{
	char *mark = format(": %s: ", event);
	char *line, *end;

	if (read_file(file(dir, "trace"), text, TEXT_SIZE) < 0)
		return NULL;
	for (line = text; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		if (memmem(line, end - line, mark, strlen(mark)) &&
		    number_of(line, key) == number)
			return line;
		if (!*end)
			break;
	}
	return NULL;
}

static const char *await(struct _test_data_tracefs *self, const char *event,
			 const char *key, __u64 number)
{
	const char *line;

	while (!(line = find(self->dir, self->text, event, key, number)))
		sched_yield();
	return line;
}

static int enable(struct _test_data_tracefs *self, const char *event,
		  const char *on)
{
	return write_file(format("%s/events/nslens/%s", self->dir, event), on);
}

static int clear(struct _test_data_tracefs *self)
{
	int fd = open(file(self->dir, "trace"), O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

static void make(struct __test_metadata *_metadata, struct child *c)
{
	struct make make = { .release = 1, .how = MAKE_FORK };

	ASSERT_LT(0, child_do(c, maker_make, &make, sizeof(make)));
}

/* All events; the probes are attached some time after this was asked for. */
static void enable_all(struct __test_metadata *_metadata,
		       struct _test_data_tracefs *self)
{
	const pid_t pid = self->child.pid;
	unsigned int uts = CLONE_NEWUTS;

	ASSERT_EQ(0, enable(self, "enable", "1"));
	while (!find(self->dir, self->text, "fork", "parent_pid", pid))
		make(_metadata, &self->child);
	/* The last of them to be there. */
	while (!find(self->dir, self->text, "switch", "pid", pid))
		ASSERT_EQ(0, child_do(&self->child, child_unshare, &uts,
				      sizeof(uts)));
	ASSERT_EQ(0, clear(self));
}

static char *braces(const struct numbers *n)
{
	char *text = format("{");
	unsigned int i;

	for (i = 0; i < n->n; i++)
		text = format("%s%s0x%x", text, i ? "," : "", n->v[i]);
	return format("%s}", text);
}

static char *ns_field(unsigned int type)
{
	return format("%s_ns", ns_types[type].link);
}

/* What an event says of a task that has not changed since. */
static void expect_task(struct __test_metadata *_metadata, const char *line,
			pid_t pid)
{
	struct numbers pids, links;
	char comm[64];
	unsigned int i;

	ASSERT_NE(NULL, line);
	EXPECT_EQ(pid, (pid_t)number_of(line, "pid"));
	EXPECT_EQ(proc_number(pid, "Tgid", 0), (long)number_of(line, "tgid"));
	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &pids));
	EXPECT_TRUE(is_word(line, "pids", braces(&pids)));
	EXPECT_EQ(0, proc_comm(pid, comm, sizeof(comm)));
	EXPECT_TRUE(is_word(line, "comm", comm));
	EXPECT_EQ(proc_start_ticks(pid),
		  (long long)(number_of(line, "start_time") / NSEC_PER_TICK));
	EXPECT_EQ(cgroup_id_of(pid), number_of(line, "cgroup_id"));
	ns_by_links(pid, &links);
	for (i = 0; i < NR_NS; i++) {
		EXPECT_EQ(links.v[i], number_of(line, ns_field(i))) {
			TH_LOG("%s", ns_types[i].link);
		}
	}
}

/* The types in which two tasks differ, as a list. */
static char *unlike(pid_t pid, pid_t parent)
{
	char *list = format("");
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		if (ns_ino(pid, ns_types[i].link) !=
		    ns_ino(parent, ns_types[i].link))
			list = format("%s%s%s", list, *list ? "," : "",
				      ns_types[i].link);
	return list;
}

static __u64 all_flags(void)
{
	__u64 flags = 0;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		flags |= ns_types[i].flag;
	return flags;
}

/* One for each namespace; those of the task. */
static void expect_made(struct __test_metadata *_metadata,
			struct _test_data_tracefs *self, pid_t pid,
			pid_t creator)
{
	const char *line;
	unsigned int i, ino;

	for (i = 0; i < NR_NS_TYPES; i++) {
		ino = ns_ino(pid, ns_types[i].link);
		line = find(self->dir, self->text, "ns_create", "ino", ino);
		ASSERT_NE(NULL, line) {
			TH_LOG("%s:[%u]", ns_types[i].link, ino);
		}
		EXPECT_TRUE(is_word(line, "type", ns_types[i].link));
		EXPECT_EQ(pid, (pid_t)number_of(line, "pid"));
		EXPECT_EQ(creator, (pid_t)number_of(line, "creator"));
	}
}

TEST_F(tracefs, tells_of_a_task_and_its_namespaces_from_birth_to_death)
{
	struct make make = { .flags = all_flags(), .code = 42 };
	struct child *c = &self->inner;
	unsigned int i, ino[NR_NS_TYPES];
	const char *line;
	pid_t pid;

	enable_all(_metadata, self);
	child_start(c, maker_make, &make, sizeof(make));
	line = await(self, "fork", "parent_pid", c->pid);
	pid = number_of(line, "pid");
	expect_task(_metadata, line, pid);
	EXPECT_EQ(c->pid, (pid_t)number_of(line, "parent_tgid"));
	EXPECT_TRUE(is_word(line, "created", unlike(pid, c->pid)));
	expect_made(_metadata, self, pid, c->pid);
	for (i = 0; i < NR_NS_TYPES; i++)
		ino[i] = ns_ino(pid, ns_types[i].link);
	maker_release(c);
	EXPECT_LT(0, child_finish(c, NULL, 0));
	line = await(self, "exit", "pid", pid);
	EXPECT_EQ(42, number_of(line, "status"));
	EXPECT_EQ(0, number_of(line, "signal"));
	EXPECT_EQ(1, number_of(line, "last"));
	for (i = 0; i < NR_NS_TYPES; i++) {
		EXPECT_EQ(ino[i], number_of(line, ns_field(i)));
		EXPECT_TRUE(is_word(await(self, "ns_destroy", "ino", ino[i]),
				    "type", ns_types[i].link));
		line = await(self, "exit", "pid", pid);
	}
}

TEST_F(tracefs, tells_an_exec_and_a_signal)
{
	struct run run = { .path = SLEEP };
	struct child *c = &self->inner;
	const pid_t pid = c->pid;
	const char *line;
	char old[64];

	ASSERT_EQ(0, proc_comm(pid, old, sizeof(old)));
	enable_all(_metadata, self);
	child_start(c, maker_run, &run, sizeof(run));
	line = await(self, "exec", "pid", pid);
	expect_task(_metadata, line, pid);
	EXPECT_TRUE(is_word(line, "filename", SLEEP));
	EXPECT_TRUE(is_word(line, "old_comm", old));
	EXPECT_TRUE(is_word(line, "comm", "sleep"));
	child_kill(c);
	line = await(self, "exit", "pid", pid);
	EXPECT_EQ(SIGKILL, number_of(line, "signal"));
	EXPECT_EQ(0, number_of(line, "status"));
}

static void expect_switch(struct __test_metadata *_metadata,
			  struct _test_data_tracefs *self, pid_t pid,
			  const struct numbers *before, const char *how,
			  const char *changed)
{
	const char *line = await(self, "switch", "pid", pid);
	unsigned int i;

	expect_task(_metadata, line, pid);
	EXPECT_TRUE(is_word(line, "how", how));
	EXPECT_TRUE(is_word(line, "changed", changed));
	for (i = 0; i < NR_NS; i++) {
		EXPECT_EQ(before->v[i],
			  number_of(line, format("old_%s", ns_field(i)))) {
			TH_LOG("%s", ns_types[i].link);
		}
	}
	ASSERT_EQ(0, clear(self));
}

TEST_F(tracefs, tells_a_switch_with_what_was_before)
{
	int flags = CLONE_NEWUTS | CLONE_NEWIPC;
	struct child *c = &self->inner;
	struct numbers before;

	enable_all(_metadata, self);
	ns_by_links(c->pid, &before);
	ASSERT_EQ(0, child_do(c, child_unshare, &flags, sizeof(flags)));
	expect_switch(_metadata, self, c->pid, &before, "unshare", "ipc,uts");
	ns_by_links(c->pid, &before);
	ASSERT_EQ(0, child_enter(c, getpid(), "uts"));
	expect_switch(_metadata, self, c->pid, &before, "setns", "uts");
}

/* As programs read it that know neither our enums nor how long our arrays are. */
TEST_F(tracefs, has_formats_that_explain_themselves)
{
	static const char * const events[] = {
		"fork", "exec", "exit", "switch", "ns_create", "ns_destroy",
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		ASSERT_LT(0, read_file(format(TRACEFS "/events/nslens/%s/format",
					      events[i]), self->text,
				       TEXT_SIZE));
		EXPECT_EQ(NULL, strstr(self->text, "NSLENS_"));
		EXPECT_EQ(NULL, strstr(self->text, "sizeof"));
		for (j = 0; j < NR_NS && i < 4; j++)
			EXPECT_NE(NULL, strstr(self->text,
					       format("field:u32 %s;",
						      ns_field(j))));
	}
}

/* Who is in a namespace, by a filter; that tracefs takes it shows it knows it. */
TEST_F(tracefs, can_be_filtered_by_namespace)
{
	const unsigned int ino = ns_ino(self->inner.pid, "pid");

	enable_all(_metadata, self);
	ASSERT_EQ(0, enable(self, "fork/filter", format("pid_ns == %u", ino)));
	make(_metadata, &self->child);
	make(_metadata, &self->inner);
	await(self, "fork", "parent_pid", self->inner.pid);
	EXPECT_EQ(NULL, find(self->dir, self->text, "fork", "parent_pid",
			     self->child.pid));
	EXPECT_EQ(-EINVAL, enable(self, "fork/filter", "mars_ns == 1"));
}

TEST_F(tracefs, tells_only_what_is_enabled)
{
	enable_all(_metadata, self);
	ASSERT_EQ(0, enable(self, "fork/enable", "0"));
	make(_metadata, &self->child);
	child_kill(&self->inner);
	await(self, "exit", "pid", self->inner.pid);
	EXPECT_EQ(NULL, find(self->dir, self->text, "fork", "parent_pid",
			     self->child.pid));
}

/* Events that the instance was told of since it was cleared, by its own counts. */
static unsigned long entries(struct _test_data_tracefs *self)
{
	const unsigned int nr = sysconf(_SC_NPROCESSORS_CONF);
	unsigned long sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < nr; cpu++) {
		const char *stats = format("%s/per_cpu/cpu%u/stats", self->dir,
					   cpu);

		/* A CPU that is off has none, perhaps. */
		if (read_file(stats, self->text, TEXT_SIZE) < 0)
			continue;
		sum += strtoul(text_field(self->text, "entries") ?: "0", NULL, 10);
		sum += strtoul(text_field(self->text, "overrun") ?: "0", NULL, 10);
	}
	return sum;
}

/* What sessions lose for want of room there, tracefs is told of all the same. */
TEST_F(tracefs, tells_what_a_ring_has_no_room_for)
{
	unsigned int moves = MANY_MOVES, uts = CLONE_NEWUTS;
	struct session *s = &self->session;
	struct trace_state state;

	ASSERT_EQ(0, write_file(RING_KB, SMALL_RING));
	ASSERT_EQ(0, enable(self, "switch/enable", "1"));
	while (!find(self->dir, self->text, "switch", "pid", self->child.pid))
		ASSERT_EQ(0, child_do(&self->child, child_unshare, &uts,
				      sizeof(uts)));
	ASSERT_EQ(0, session_open(s));
	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { EVERYTHING }, .set_events = true,
		.events = NSLENS_EVENT_MASK_SWITCH }));
	ASSERT_EQ(0, clear(self));
	ASSERT_EQ(0, child_do(&self->child, storm_moves, &moves, sizeof(moves)));
	/* Nobody else moves. */
	EXPECT_EQ(MANY_MOVES, entries(self));
	ASSERT_EQ(0, session_sync(s));
	ASSERT_EQ(0, session_state(s, &state));
	EXPECT_NE(0, state.lost_ring);
}

static bool probed(char *text)
{
	return read_file(PROBES, text, TEXT_SIZE) > 0 &&
	       strstr(text, "switch_task_namespaces");
}

/* Nothing is attached for an event that nobody wants. */
TEST_F(tracefs, attaches_probes_as_long_as_an_event_is_enabled)
{
	if (access(PROBES, R_OK))
		SKIP(return, "debugfs is not mounted");
	while (probed(self->text))
		sched_yield();
	ASSERT_EQ(0, enable(self, "exec/enable", "1"));
	while (!probed(self->text))
		sched_yield();
	ASSERT_EQ(0, enable(self, "exit/enable", "1"));
	ASSERT_EQ(0, enable(self, "exec/enable", "0"));
	setup_session(_metadata, &self->session);
	EXPECT_TRUE(probed(self->text));
	ASSERT_EQ(0, enable(self, "exit/enable", "0"));
	/* The session keeps them; it is told as before. */
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
	make(_metadata, &self->child);
	EXPECT_NE(NULL, session_child_of(&self->session, self->child.pid));
	EXPECT_TRUE(probed(self->text));
	session_close(&self->session);
	while (probed(self->text))
		sched_yield();
}

TEST_HARNESS_MAIN
