// SPDX-License-Identifier: GPL-2.0
/* What is told of forks, execs and exits, against what /proc and wait() say. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define DEPTH	3
#define SLEEP	"/bin/sleep"

#define FORK	NSLENS_EVENT_KIND_FORK
#define EXEC	NSLENS_EVENT_KIND_EXEC
#define EXIT	NSLENS_EVENT_KIND_EXIT
#define SWITCH	NSLENS_EVENT_KIND_SWITCH
#define CREATE	NSLENS_EVENT_KIND_NS_CREATE

/* A session that traces all, and children that are nested. */
FIXTURE(event)
{
	struct session session;
	struct child level[DEPTH];
	struct child *inner;
};

FIXTURE_SETUP(event)
{
	unsigned int i;

	setup_session(_metadata, &self->session);
	for (i = 0; i < DEPTH; i++)
		ASSERT_EQ(0, child_spawn_in(i ? &self->level[i - 1] : NULL,
					    &self->level[i], CLONE_NEWPID));
	self->inner = &self->level[DEPTH - 1];
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
}

FIXTURE_TEARDOWN(event)
{
	unsigned int i;

	for (i = DEPTH; i > 0; i--)
		child_end(&self->level[i - 1]);
	session_close(&self->session);
}

static __u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Have a child make a task, which lives when this returns. */
static struct event *begin(struct session *s, struct child *c, struct make make)
{
	session_forget(s);
	child_start(c, maker_make, &make, sizeof(make));
	return session_child_of(s, c->pid);
}

/* Let it end. Returns what its parent called it. */
static long end(struct child *c)
{
	maker_release(c);
	return child_finish(c, NULL, 0);
}

/* In its end it is who it was, and where. */
static void expect_same_task(struct __test_metadata *_metadata,
			     const struct event *fork, const struct event *exit)
{
	expect_numbers(_metadata, "pids", &fork->pids, &exit->pids);
	expect_numbers(_metadata, "tgids", &fork->tgids, &exit->tgids);
	EXPECT_EQ(fork->start_time, exit->start_time);
	EXPECT_EQ(fork->cgroup_id, exit->cgroup_id);
	EXPECT_STREQ(fork->comm, exit->comm);
	EXPECT_EQ(0, memcmp(fork->ns, exit->ns, sizeof(fork->ns)));
	EXPECT_EQ(0, memcmp(fork->ns_ids, exit->ns_ids, sizeof(fork->ns_ids)));
}

static void expect_fork(struct __test_metadata *_metadata, struct session *s,
			struct child *c, struct make make)
{
	__u64 before = now();
	struct event *e = begin(s, c, make);
	struct event exit, fork;
	struct numbers pids;

	ASSERT_NE(NULL, e);
	fork = *e;
	pids = e->pids;
	EXPECT_LE(before, e->time);
	EXPECT_GE(now(), e->time);
	/* It is made before it is told. */
	EXPECT_LE(before, e->start_time);
	EXPECT_GE(e->time, e->start_time);
	expect_event_as_proc(_metadata, pids.v[0], e);
	expect_event_parent(_metadata, c->pid, e);
	EXPECT_EQ(0, e->created);
	EXPECT_EQ(make.how == MAKE_THREAD ? c->pid : (pid_t)pids.v[0],
		  (pid_t)e->tgids.v[0]);
	/* Whoever is told by the kernel has it at the level of the parent. */
	EXPECT_EQ(end(c), innermost(&pids));
	e = session_await(s, EXIT, pids.v[0]);
	ASSERT_NE(NULL, e);
	exit = *e;
	EXPECT_EQ(make.code, exit.exit_code);
	EXPECT_EQ(make.how != MAKE_THREAD,
		  !!(exit.flags & NSLENS_EVENT_FLAG_LAST));
	expect_same_task(_metadata, &fork, &exit);
	EXPECT_EQ(1, session_count(s, FORK, pids.v[0]));
	EXPECT_EQ(1, session_count(s, EXIT, pids.v[0]));
	EXPECT_EQ(0, session_count(s, CREATE, pids.v[0]));
}

TEST_F(event, tells_a_fork_at_every_level)
{
	expect_fork(_metadata, &self->session, self->inner,
		    (struct make){ .how = MAKE_FORK, .code = 5 });
	/* Those of the host and of each level below. */
	EXPECT_EQ(1 + DEPTH, session_child_of(&self->session,
					      self->inner->pid)->pids.n);
}

TEST_F(event, tells_a_vfork)
{
	expect_fork(_metadata, &self->session, self->inner,
		    (struct make){ .how = MAKE_VFORK, .code = 6 });
}

TEST_F(event, tells_a_thread)
{
	expect_fork(_metadata, &self->session, self->inner,
		    (struct make){ .how = MAKE_THREAD, .code = 7 });
}

/* For child_do(): have the kernel make a thread in this process. */
static long poll_by_thread(void *unused)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL };
	int fd = syscall(SYS_io_uring_setup, 1, &params);

	return fd < 0 ? -errno : fd;
}

/* The thread that is not the leader, as /proc has it; 0 for none. */
static pid_t second_thread(pid_t pid)
{
	struct dirent *entry;
	pid_t tid = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (atoi(entry->d_name) && atoi(entry->d_name) != pid)
			tid = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return tid;
}

TEST_F(event, tells_a_thread_that_the_kernel_makes)
{
	struct session *s = &self->session;
	struct child *c = self->inner;
	struct event *e;
	pid_t tid;
	long fd;

	session_forget(s);
	fd = child_do(c, poll_by_thread, NULL, 0);
	if (fd == -ENOSYS || fd == -EPERM)
		SKIP(return, "the kernel has no io_uring, or not for this user");
	ASSERT_LE(0, fd);
	tid = second_thread(c->pid);
	ASSERT_NE(0, tid);
	ASSERT_EQ(0, session_sync(s));
	e = session_find(s, FORK, tid);
	ASSERT_NE(NULL, e);
	/* Its name comes later. */
	expect_levels(_metadata, tid, "NSpid", &e->pids);
	expect_levels(_metadata, tid, "NStgid", &e->tgids);
	expect_event_ns(_metadata, tid, e->ns);
	expect_event_parent(_metadata, c->pid, e);
	EXPECT_EQ(proc_start_ticks(tid),
		  (long long)(e->start_time / NSEC_PER_TICK));
	EXPECT_EQ(NSLENS_EVENT_FLAG_THREAD, e->flags);
	child_kill(c);
	e = session_await(s, EXIT, tid);
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(e->flags & NSLENS_EVENT_FLAG_THREAD);
	EXPECT_EQ(1, session_count(s, FORK, tid));
}

TEST_F(event, tells_a_clone3_without_flags)
{
	expect_fork(_metadata, &self->session, &self->level[0],
		    (struct make){ .how = MAKE_CLONE3, .code = 255 });
}

/* The namespaces of a new task that it does not share with its parent. */
static __u32 unlike_parent(pid_t pid, pid_t parent)
{
	__u32 types = 0;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		if (ns_ino(pid, ns_types[i].link) !=
		    ns_ino(parent, ns_types[i].link))
			types |= 1U << i;
	return types;
}

static void expect_created(struct __test_metadata *_metadata, struct session *s,
			   struct child *c, enum make_how how, __u64 flags)
{
	struct event *fork = begin(s, c, (struct make){ .how = how,
							.flags = flags });
	const struct event *e = fork;
	pid_t pid;
	int i, n;

	ASSERT_NE(NULL, fork);
	pid = fork->pids.v[0];
	EXPECT_EQ(unlike_parent(pid, c->pid), fork->created) {
		TH_LOG("flags %#llx", flags);
	}
	expect_event_as_proc(_metadata, pid, fork);
	expect_event_parent(_metadata, c->pid, fork);
	/* One each, before it. */
	n = session_count(s, CREATE, pid);
	EXPECT_EQ(__builtin_popcount(fork->created), n);
	for (i = NR_NS_TYPES - 1; i >= 0; i--) {
		if (!(fork->created & 1U << i))
			continue;
		e--;
		ASSERT_EQ(CREATE, e->kind);
		EXPECT_EQ(e->seq + 1, e[1].seq);
		EXPECT_EQ(i, e->ns_type);
		EXPECT_EQ(ns_ino(pid, ns_types[i].link), e->ns_ino);
		EXPECT_EQ(fork->ns_ids[i], e->ns_id);
		EXPECT_EQ(fork->time, e->time);
		expect_event_as_proc(_metadata, pid, e);
		expect_event_parent(_metadata, c->pid, e);
	}
	end(c);
}

/* Each type alone, and all together. */
static void expect_each_created(struct __test_metadata *_metadata,
				struct _test_data_event *self,
				enum make_how how, __u64 but)
{
	__u64 all = 0;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		if (ns_types[i].flag == (int)but)
			continue;
		expect_created(_metadata, &self->session, self->inner, how,
			       ns_types[i].flag);
		all |= ns_types[i].flag;
	}
	expect_created(_metadata, &self->session, self->inner, how, all);
	expect_created(_metadata, &self->session, &self->level[0], how,
		       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
}

TEST_F(event, tells_each_namespace_that_clone3_makes)
{
	expect_each_created(_metadata, self, MAKE_CLONE3, 0);
}

/* Its flag of the time namespace is one of those for the signal here. */
TEST_F(event, tells_each_namespace_that_clone_makes)
{
	expect_each_created(_metadata, self, MAKE_CLONE,
			    ns_types[NSLENS_NS_TYPE_TIME].flag);
}

/* They were made before: the child is only the first in them. */
TEST_F(event, does_not_tell_twice_what_was_unshared_for_children)
{
	int flags = CLONE_NEWPID | ns_types[NSLENS_NS_TYPE_TIME].flag;
	struct child *c = &self->level[0];
	const struct event *e;

	ASSERT_EQ(0, child_do(c, child_unshare, &flags, sizeof(flags)));
	e = begin(&self->session, c, (struct make){});
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0, e->created);
	EXPECT_EQ(3, e->pids.n);
	EXPECT_EQ(1, e->pids.v[2]);
	EXPECT_EQ(2, e->parent_pids.n);
	expect_event_as_proc(_metadata, e->pids.v[0], e);
	expect_event_parent(_metadata, c->pid, e);
	EXPECT_EQ(0, session_count(&self->session, CREATE, e->pids.v[0]));
	EXPECT_EQ(1, end(c) > 0);
}

TEST_F(event, tells_the_cpu)
{
	int cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct child *c = &self->level[0];
	const struct event *e;
	pid_t pid;

	for (cpu = 0; cpu < cpus; cpu++) {
		int arg = cpu;

		ASSERT_EQ(0, child_do(c, child_pin, &arg, sizeof(arg)));
		e = begin(&self->session, c, (struct make){});
		ASSERT_NE(NULL, e);
		EXPECT_EQ(cpu, e->cpu);
		pid = e->pids.v[0];
		end(c);
		e = session_await(&self->session, EXIT, pid);
		ASSERT_NE(NULL, e);
		EXPECT_EQ(cpu, e->cpu);
	}
}

/* Become a program, and be told of it. Only the PID of the thread is asked. */
static struct event *run(struct session *s, struct child *c, const char *path)
{
	struct run run = {};

	session_forget(s);
	snprintf(run.path, sizeof(run.path), "%s", path);
	child_start(c, maker_run, &run, sizeof(run));
	return session_await(s, EXEC, c->pid);
}

TEST_F(event, tells_an_exec)
{
	struct child *c = self->inner;
	const struct event *e;
	char old[64];

	ASSERT_EQ(0, proc_comm(c->pid, old, sizeof(old)));
	e = run(&self->session, c, SLEEP);
	ASSERT_NE(NULL, e);
	EXPECT_STREQ(SLEEP, e->filename);
	EXPECT_STREQ(old, e->old_comm);
	EXPECT_STREQ("sleep", e->comm);
	expect_event_as_proc(_metadata, c->pid, e);
	/* It was its own leader. */
	EXPECT_FALSE(EVENT_HAS(e, OLD_PIDS));
	EXPECT_FALSE(e->flags & NSLENS_EVENT_FLAG_TRUNCATED);
	EXPECT_EQ(0, session_count(&self->session, FORK, c->pid));
	EXPECT_EQ(0, session_count(&self->session, SWITCH, c->pid));
}

TEST_F(event, does_not_tell_an_exec_that_fails)
{
	struct child *c = self->inner;
	struct run run = { .path = "/no/such/program" };

	child_start(c, maker_run, &run, sizeof(run));
	ASSERT_NE(NULL, session_await(&self->session, EXIT, c->pid));
	EXPECT_EQ(0, session_count(&self->session, EXEC, c->pid));
}

TEST_F(event, tells_the_script_not_its_interpreter)
{
	char path[] = "/tmp/trace-script-XXXXXX";
	struct child *c = self->inner;
	int fd = mkstemp(path);
	const struct event *e;

	ASSERT_LE(0, fd);
	/* It is given the script as well, and must not end of that. */
	ASSERT_LT(0, dprintf(fd, "#!/usr/bin/tail -fn0\n"));
	ASSERT_EQ(0, fchmod(fd, 0755));
	close(fd);
	e = run(&self->session, c, path);
	ASSERT_NE(NULL, e);
	EXPECT_STREQ(path, e->filename);
	EXPECT_EQ(1, session_count(&self->session, EXEC, c->pid));
	expect_event_as_proc(_metadata, c->pid, e);
	unlink(path);
}

/* A path to SLEEP of just so many bytes. */
static void long_path(char *path, size_t length)
{
	size_t at = sprintf(path, "/bin");

	if ((length - strlen(SLEEP)) % 2)
		path[at++] = '/';
	while (at + strlen("/sleep") < length)
		at += sprintf(path + at, "/.");
	sprintf(path + at, "/sleep");
}

#define LONGEST	2047

TEST_F(event, truncates_a_long_file_name_and_says_so)
{
	const size_t lengths[] = { LONGEST, LONGEST + 1, 4000 };
	char path[4096], shown[LONGEST + 1];
	const struct event *e;
	struct child c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		long_path(path, lengths[i]);
		ASSERT_EQ(lengths[i], strlen(path));
		ASSERT_EQ(0, child_spawn(&c, 0));
		e = run(&self->session, &c, path);
		ASSERT_NE(NULL, e);
		snprintf(shown, sizeof(shown), "%s", path);
		EXPECT_STREQ(shown, e->filename);
		EXPECT_EQ(lengths[i] > LONGEST,
			  !!(e->flags & NSLENS_EVENT_FLAG_TRUNCATED));
		child_end(&c);
	}
}

TEST_F(event, tells_that_a_thread_has_taken_over_the_pid_of_its_leader)
{
	struct run run = { .by_thread = true, .path = SLEEP };
	struct session *s = &self->session;
	struct child *c = self->inner;
	const struct event *fork, *e;
	struct numbers pids;

	child_start(c, maker_run, &run, sizeof(run));
	fork = session_child_of(s, c->pid);
	ASSERT_NE(NULL, fork);
	ASSERT_EQ(0, proc_numbers(fork->pids.v[0], "NSpid", &pids));
	EXPECT_NE(c->pid, (pid_t)pids.v[0]);
	maker_release(c);
	e = session_await(s, EXEC, c->pid);
	ASSERT_NE(NULL, e);
	expect_event_as_proc(_metadata, c->pid, e);
	expect_numbers(_metadata, "old pids", &pids, &e->old_pids);
	/* The leader had to die for it, and was not the last. */
	e = session_find(s, EXIT, c->pid);
	ASSERT_NE(NULL, e);
	EXPECT_FALSE(e->flags & NSLENS_EVENT_FLAG_LAST);
	EXPECT_EQ(0, session_count(s, EXIT, pids.v[0]));
	child_kill(c);
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(2, session_count(s, EXIT, c->pid));
	e = session_find_last(s, EXIT, c->pid);
	EXPECT_TRUE(e->flags & NSLENS_EVENT_FLAG_LAST);
	EXPECT_EQ(SIGKILL, e->signal);
}

static long dump_core(void *unused)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_CORE, &all) || chdir("/tmp"))
		return -errno;
	abort();
}

static long die(void *status)
{
	const int how = *(int *)status;

	if (WIFSIGNALED(how))
		kill(getpid(), WTERMSIG(how));
	return syscall(SYS_exit_group, WEXITSTATUS(how));
}

/* It ends in this way; wait() tells how it has. */
static void expect_exit(struct __test_metadata *_metadata, struct session *s,
			child_fn *fn, int how)
{
	const struct event *e;
	struct child c;
	int status;

	ASSERT_EQ(0, child_spawn(&c, 0));
	child_start(&c, fn, &how, sizeof(how));
	ASSERT_EQ(c.pid, waitpid(c.pid, &status, 0));
	ASSERT_EQ(0, session_sync(s));
	ASSERT_EQ(1, session_count(s, EXIT, c.pid));
	e = session_find(s, EXIT, c.pid);
	EXPECT_EQ(WIFEXITED(status), EVENT_HAS(e, EXIT_CODE));
	EXPECT_EQ(WIFSIGNALED(status), EVENT_HAS(e, SIGNAL));
	EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : 0, e->exit_code);
	EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : 0, e->signal);
	EXPECT_EQ(WIFSIGNALED(status) && WCOREDUMP(status),
		  !!(e->flags & NSLENS_EVENT_FLAG_CORE_DUMPED));
	EXPECT_TRUE(e->flags & NSLENS_EVENT_FLAG_LAST);
	EXPECT_FALSE(e->flags & NSLENS_EVENT_FLAG_THREAD);
	close(c.pidfd);
	close(c.chan);
}

TEST_F(event, tells_how_a_process_has_ended)
{
	const int codes[] = { 0, 1, 42, 255 };
	const int signals[] = { SIGKILL, SIGTERM, SIGHUP, SIGRTMIN + 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		expect_exit(_metadata, &self->session, die, codes[i] << 8);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		expect_exit(_metadata, &self->session, die, signals[i]);
}

TEST_F(event, tells_that_a_core_was_dumped)
{
	static const char file[] = "/proc/sys/kernel/core_pattern";
	const struct event *e;
	char old[128];
	unsigned int n = self->session.n;

	ASSERT_LT(0, read_file(file, old, sizeof(old)));
	ASSERT_EQ(0, write_file(file, "/tmp/trace-event-core"));
	expect_exit(_metadata, &self->session, dump_core, 0);
	EXPECT_EQ(0, write_file(file, old));
	for (e = NULL; n < self->session.n; n++)
		if (self->session.v[n].signal == SIGABRT)
			e = &self->session.v[n];
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(e->flags & NSLENS_EVENT_FLAG_CORE_DUMPED);
	EXPECT_EQ(0, unlink("/tmp/trace-event-core"));
}

#define THREADS	16
#define ROUNDS	50

static void *idle(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static long end_with_threads(void *unused)
{
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, idle, NULL);
	syscall(SYS_exit_group, 3);
	return 0;
}

/*
 * However they race to their end, one of them is the last, and is told so; and
 * who follows the process is told of them all.
 */
TEST_F(event, tells_of_one_thread_that_it_was_the_last)
{
	struct session *s = &self->session;
	unsigned int round, i, last, exits;
	struct child c;

	ASSERT_EQ(0, session_set(s, &(struct trace_change){
		.add = { { .pid = self->level[0].pid, .follow = true } },
		.remove = { EVERYTHING } }));
	for (round = 0; round < ROUNDS; round++) {
		session_forget(s);
		ASSERT_EQ(0, child_spawn_in(&self->level[0], &c, 0));
		child_start(&c, end_with_threads, NULL, 0);
		wait_exit(c.pidfd);
		ASSERT_EQ(0, session_sync(s));
		for (last = 0, exits = 0, i = s->from; i < s->n; i++) {
			if (s->v[i].kind != EXIT ||
			    s->v[i].tgids.v[0] != (__u32)c.pid)
				continue;
			exits++;
			last += !!(s->v[i].flags & NSLENS_EVENT_FLAG_LAST);
		}
		EXPECT_EQ(THREADS + 1, exits);
		EXPECT_EQ(1, last) {
			TH_LOG("round %u", round);
		}
		child_end(&c);
	}
}

TEST_HARNESS_MAIN
