// SPDX-License-Identifier: GPL-2.0
/*
 * What is told of tasks that move to other namespaces, against the links in
 * /proc before and after.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/maker.h"

#define EXEC	NSLENS_EVENT_KIND_EXEC
#define SWITCH	NSLENS_EVENT_KIND_SWITCH
#define CREATE	NSLENS_EVENT_KIND_NS_CREATE

#define FLAG(TYPE)	(ns_types[NSLENS_NS_TYPE_##TYPE].flag)

/* What a task was in at a moment. */
struct place {
	struct numbers ino;
	__u64 id[NR_NS];
};

/*
 * A session that traces all, who moves, in a PID namespace of its own, and who
 * is in other namespaces of every type.
 */
FIXTURE(move)
{
	struct session session;
	struct lens lens;
	struct child mover, other;
	struct place before, after;
};

static __u64 all_flags(void)
{
	__u64 flags = 0;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		flags |= ns_types[i].flag;
	return flags;
}

FIXTURE_SETUP(move)
{
	setup_lens(_metadata, &self->lens);
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, child_spawn(&self->mover, CLONE_NEWPID));
	/* Beside it, so that the PID namespace is no descendant's. */
	ASSERT_EQ(0, child_spawn(&self->other, all_flags() & ~CLONE_NEWPID));
	ASSERT_EQ(0, child_map_ids(&self->other, 0, 0, 100));
	ASSERT_EQ(0, session_trace(&self->session, EVERYTHING));
}

FIXTURE_TEARDOWN(move)
{
	child_end(&self->mover);
	child_end(&self->other);
	session_close(&self->session);
	lens_close(&self->lens);
}

static void look(struct __test_metadata *_metadata, struct lens *l, pid_t pid,
		 struct place *place)
{
	const struct query q = { .pid = pid,
				 .fields = NSLENS_TASK_FIELD_NS_IDS };
	struct task task;

	ns_by_links(pid, &place->ino);
	ASSERT_EQ(0, lens_get(l, &q, &task));
	memcpy(place->id, task.ns_ids, sizeof(place->id));
}

static __u32 difference(const struct place *a, const struct place *b)
{
	__u32 types = 0;
	unsigned int i;

	for (i = 0; i < NR_NS; i++)
		if (a->ino.v[i] != b->ino.v[i])
			types |= 1U << i;
	return types;
}

static void expect_place(struct __test_metadata *_metadata,
			 const struct place *place, const __u32 *ino,
			 const __u64 *id)
{
	unsigned int i;

	for (i = 0; i < NR_NS; i++) {
		EXPECT_EQ(place->ino.v[i], ino[i]) {
			TH_LOG("inode of %s", ns_types[i].name);
		}
		EXPECT_EQ(place->id[i], id[i]) {
			TH_LOG("id of %s", ns_types[i].name);
		}
	}
}

/* One event tells of all that the mover has changed. */
static void expect_switch(struct __test_metadata *_metadata, struct session *s,
			  pid_t pid, __u32 how, const struct place *before,
			  const struct place *after)
{
	const struct event *e;

	ASSERT_EQ(0, session_sync(s));
	ASSERT_EQ(1, session_count(s, SWITCH, pid));
	e = session_find(s, SWITCH, pid);
	EXPECT_EQ(how, e->how);
	EXPECT_NE(0, e->changed);
	EXPECT_EQ(difference(before, after), e->changed);
	expect_place(_metadata, before, e->old_ns, e->old_ns_ids);
	expect_place(_metadata, after, e->ns, e->ns_ids);
	expect_levels(_metadata, pid, "NSpid", &e->pids);
	expect_levels(_metadata, pid, "NStgid", &e->tgids);
	EXPECT_EQ(proc_start_ticks(pid),
		  (long long)(e->start_time / NSEC_PER_TICK));
}

/* One each for what the switch has changed, before it. */
static void expect_made(struct __test_metadata *_metadata, struct session *s,
			pid_t pid)
{
	const struct event *e = session_find(s, SWITCH, pid);
	__u32 changed;
	int i;

	ASSERT_NE(NULL, e);
	changed = e->changed;
	EXPECT_EQ(__builtin_popcount(changed), session_count(s, CREATE, pid));
	for (i = NR_NS - 1; i >= 0; i--) {
		const int own = i == NSLENS_NS_TYPE_PID_FOR_CHILDREN ?
			NSLENS_NS_TYPE_PID :
			i == NSLENS_NS_TYPE_TIME_FOR_CHILDREN ?
			NSLENS_NS_TYPE_TIME : i;

		if (!(changed & 1U << i))
			continue;
		e--;
		ASSERT_EQ(CREATE, e->kind);
		EXPECT_EQ(e[1].seq, e->seq + 1);
		EXPECT_EQ(own, e->ns_type);
		EXPECT_EQ(e->ns[i], e->ns_ino);
		EXPECT_EQ(e->ns_ids[i], e->ns_id);
		/* By a call of its own, it has no parent. */
		EXPECT_FALSE(EVENT_HAS(e, PARENT_PIDS));
	}
}

/*
 * Have a child unshare. A PID namespace has no link before somebody is in it,
 * so a first child goes there.
 */
static void expect_unshare(struct __test_metadata *_metadata,
			   struct _test_data_move *self, child_fn *unshare,
			   int flags)
{
	struct child c, first = { .pidfd = -1 };

	ASSERT_EQ(0, child_spawn_in(&self->mover, &c, 0));
	look(_metadata, &self->lens, c.pid, &self->before);
	session_forget(&self->session);
	ASSERT_EQ(0, child_do(&c, unshare, &flags, sizeof(flags))) {
		TH_LOG("flags %#x", flags);
	}
	if (flags & CLONE_NEWPID)
		ASSERT_EQ(0, child_spawn_in(&c, &first, 0));
	look(_metadata, &self->lens, c.pid, &self->after);
	expect_switch(_metadata, &self->session, c.pid,
		      NSLENS_SWITCH_HOW_UNSHARE, &self->before, &self->after);
	expect_made(_metadata, &self->session, c.pid);
	child_end(&first);
	child_end(&c);
}

TEST_F(move, tells_an_unshare_of_each_type)
{
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++)
		expect_unshare(_metadata, self, child_unshare,
			       ns_types[i].flag);
}

TEST_F(move, tells_an_unshare_of_several_types_as_one)
{
	const int without_user = all_flags() & ~CLONE_NEWUSER;
	const int flags[] = {
		CLONE_NEWUTS | CLONE_NEWIPC,
		CLONE_NEWUSER | CLONE_NEWNS,
		CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
		without_user, all_flags(),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		expect_unshare(_metadata, self, child_unshare, flags[i]);
}

static long unshare_32(void *flags)
{
#ifdef __x86_64__
	long ret;

	/* A 32-bit system call, by its number there. */
	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (310), "b" (*(int *)flags) : "memory");
	return (int)ret;
#else
	return -EOPNOTSUPP;
#endif
}

struct enter_32 {
	int fd, flags;
};

static long setns_32(void *data)
{
#ifdef __x86_64__
	const struct enter_32 *enter = data;
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (346), "b" (enter->fd), "c" (enter->flags)
		     : "memory");
	return (int)ret;
#else
	return -EOPNOTSUPP;
#endif
}

TEST_F(move, knows_the_system_calls_of_32_bit_programs)
{
	struct enter_32 enter = { .flags = CLONE_NEWUTS };
	struct child *c = &self->mover;
	int none = 0, fd;

	if (child_do(c, unshare_32, &none, sizeof(none)))
		SKIP(return, "this kernel has no 32-bit system calls");
	expect_unshare(_metadata, self, unshare_32, CLONE_NEWUTS);
	expect_unshare(_metadata, self, unshare_32,
		       CLONE_NEWUSER | CLONE_NEWIPC);
	fd = ns_open(self->other.pid, "uts");
	enter.fd = child_give_fd(c, fd);
	close(fd);
	look(_metadata, &self->lens, c->pid, &self->before);
	session_forget(&self->session);
	ASSERT_EQ(0, child_do(c, setns_32, &enter, sizeof(enter)));
	look(_metadata, &self->lens, c->pid, &self->after);
	expect_switch(_metadata, &self->session, c->pid,
		      NSLENS_SWITCH_HOW_SETNS, &self->before, &self->after);
}

static void expect_setns(struct __test_metadata *_metadata,
			 struct _test_data_move *self, struct child *c,
			 pid_t whom, const char *link)
{
	look(_metadata, &self->lens, c->pid, &self->before);
	session_forget(&self->session);
	ASSERT_EQ(0, child_enter(c, whom, link)) {
		TH_LOG("%s of %d", link, whom);
	}
	look(_metadata, &self->lens, c->pid, &self->after);
	expect_switch(_metadata, &self->session, c->pid,
		      NSLENS_SWITCH_HOW_SETNS, &self->before, &self->after);
	EXPECT_EQ(0, session_count(&self->session, CREATE, ANY_PID));
}

TEST_F(move, tells_a_setns_by_a_file_of_each_type)
{
	struct child c, below;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		if (i == NSLENS_NS_TYPE_PID)
			continue;
		ASSERT_EQ(0, child_spawn(&c, 0));
		expect_setns(_metadata, self, &c, self->other.pid,
			     ns_types[i].link);
		child_end(&c);
	}
	/* That of a descendant is for the children. */
	ASSERT_EQ(0, child_spawn_in(&self->mover, &below, CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->mover, &c, 0));
	expect_setns(_metadata, self, &c, below.pid, "pid");
	EXPECT_EQ(NSLENS_NS_TYPES_PID_FOR_CHILDREN,
		  session_find(&self->session, SWITCH, c.pid)->changed);
	child_end(&c);
	child_end(&below);
}

struct enter {
	int pidfd, flags;
};

static long enter_by_pidfd(void *data)
{
	const struct enter *enter = data;

	return syscall(SYS_setns, enter->pidfd, enter->flags) < 0 ? -errno : 0;
}

static void expect_pidfd(struct __test_metadata *_metadata,
			 struct _test_data_move *self, struct child *whom,
			 int flags, __u32 changed)
{
	struct enter enter = { .flags = flags };
	struct child c;

	ASSERT_EQ(0, child_spawn(&c, 0));
	enter.pidfd = child_give_fd(&c, whom->pidfd);
	look(_metadata, &self->lens, c.pid, &self->before);
	session_forget(&self->session);
	ASSERT_EQ(0, child_do(&c, enter_by_pidfd, &enter, sizeof(enter))) {
		TH_LOG("flags %#x", flags);
	}
	look(_metadata, &self->lens, c.pid, &self->after);
	expect_switch(_metadata, &self->session, c.pid,
		      NSLENS_SWITCH_HOW_SETNS, &self->before, &self->after);
	EXPECT_EQ(changed, difference(&self->before, &self->after));
	child_end(&c);
}

/* What a flag changes, of those two that have two. */
static __u32 changed_by(unsigned int type)
{
	switch (type) {
	case NSLENS_NS_TYPE_PID:
		return NSLENS_NS_TYPES_PID_FOR_CHILDREN;
	case NSLENS_NS_TYPE_TIME:
		return NSLENS_NS_TYPES_TIME | NSLENS_NS_TYPES_TIME_FOR_CHILDREN;
	default:
		return 1U << type;
	}
}

TEST_F(move, tells_a_setns_by_pidfd_of_each_type)
{
	struct child below;
	__u32 all = 0;
	unsigned int i;

	/* Its PID namespace is a descendant, so it can be entered. */
	ASSERT_EQ(0, child_spawn(&below, all_flags()));
	ASSERT_EQ(0, child_map_ids(&below, 0, 0, 100));
	for (i = 0; i < NR_NS_TYPES; i++) {
		expect_pidfd(_metadata, self, &below, ns_types[i].flag,
			     changed_by(i));
		all |= changed_by(i);
	}
	expect_pidfd(_metadata, self, &below, all_flags(), all);
	child_end(&below);
}

TEST_F(move, tells_a_setns_by_pidfd_with_several_flags_as_one)
{
	struct child *whom = &self->other;

	expect_pidfd(_metadata, self, whom, CLONE_NEWUTS | CLONE_NEWNET,
		     NSLENS_NS_TYPES_UTS | NSLENS_NS_TYPES_NET);
	/* It is in the same PID namespace already: only the others. */
	expect_pidfd(_metadata, self, whom, CLONE_NEWPID | CLONE_NEWIPC,
		     NSLENS_NS_TYPES_IPC);
	expect_pidfd(_metadata, self, whom, CLONE_NEWUSER | CLONE_NEWUTS,
		     NSLENS_NS_TYPES_USER | NSLENS_NS_TYPES_UTS);
	expect_pidfd(_metadata, self, whom, all_flags(),
		     (1U << NR_NS) - 1 - NSLENS_NS_TYPES_PID -
		     NSLENS_NS_TYPES_PID_FOR_CHILDREN);
}

#define STALLED		800

/* A process whose exec does not go on: its other thread has ended, and is not reaped. */
struct stalled {
	pid_t pid, tid;
};

static int begin_exec[2], threads[2];

static void *say_tid(void *unused)
{
	pid_t tid = syscall(SYS_gettid);

	write(threads[1], &tid, sizeof(tid));
	for (;;)
		pause();
	return NULL;
}

static void exec_when_told(void)
{
	pthread_t thread;
	char byte;

	close(begin_exec[1]);
	if (pthread_create(&thread, NULL, say_tid, NULL)) {
		write(threads[1], &(pid_t){ 0 }, sizeof(pid_t));
		_exit(1);
	}
	read(begin_exec[0], &byte, 1);
	execl("/bin/true", "true", NULL);
	_exit(1);
}

static int stall(struct stalled *who)
{
	siginfo_t info;

	if (pipe2(begin_exec, O_CLOEXEC) < 0)
		return -errno;
	who->pid = fork();
	if (!who->pid)
		exec_when_told();
	close(begin_exec[0]);
	if (who->pid < 0)
		return -errno;
	if (read(threads[0], &who->tid, sizeof(who->tid)) != sizeof(who->tid) ||
	    ptrace(PTRACE_SEIZE, who->tid, NULL, NULL) < 0)
		return -errno;
	close(begin_exec[1]);
	/* Exec has killed it, and waits for whoever traces it to see that. */
	return waitid(P_PID, who->tid, &info, WEXITED | WNOWAIT | __WALL) ? -errno : 0;
}

static void end_stalled(struct stalled *who)
{
	if (who->pid > 0)
		kill(who->pid, SIGKILL);
	if (who->tid > 0)
		waitpid(who->tid, NULL, __WALL);
	if (who->pid > 0)
		waitpid(who->pid, NULL, 0);
}

/* What a probe keeps of each, takes nothing from those who move. */
TEST_F(move, tells_a_setns_while_many_execs_do_not_go_on)
{
	struct stalled *stalled = calloc(STALLED, sizeof(*stalled));
	unsigned int i;
	int err = 0;

	ASSERT_NE(NULL, stalled);
	ASSERT_EQ(0, pipe2(threads, O_CLOEXEC));
	for (i = 0; i < STALLED && !err; i++)
		err = stall(&stalled[i]);
	EXPECT_EQ(0, err);
	for (i = 0; i < 8; i++)
		expect_pidfd(_metadata, self, &self->other, CLONE_NEWUSER | CLONE_NEWUTS,
			     NSLENS_NS_TYPES_USER | NSLENS_NS_TYPES_UTS);
	for (i = 0; i < STALLED; i++)
		end_stalled(&stalled[i]);
	free(stalled);
}

TEST_F(move, does_not_tell_who_stays_where_it_is)
{
	struct child *c = &self->mover;
	int none = 0, files = CLONE_FILES | CLONE_FS;
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		/* Refused by the kernel. */
		if (i == NSLENS_NS_TYPE_USER)
			continue;
		ASSERT_EQ(0, child_enter(c, c->pid, ns_types[i].link));
	}
	ASSERT_EQ(0, child_do(c, child_unshare, &none, sizeof(none)));
	ASSERT_EQ(0, child_do(c, child_unshare, &files, sizeof(files)));
	ASSERT_EQ(0, session_sync(&self->session));
	EXPECT_EQ(0, session_count(&self->session, SWITCH, ANY_PID));
	EXPECT_EQ(0, session_count(&self->session, CREATE, ANY_PID));
}

TEST_F(move, does_not_tell_what_is_refused)
{
	struct session *s = &self->session;
	struct child c;
	uid_t uid = 12345;
	int uts = CLONE_NEWUTS, bad = CLONE_NEWUSER | CLONE_NEWUTS | 1;

	ASSERT_EQ(0, child_spawn(&c, 0));
	ASSERT_EQ(0, child_do(&c, child_setuid, &uid, sizeof(uid)));
	EXPECT_EQ(-EPERM, child_do(&c, child_unshare, &uts, sizeof(uts)));
	EXPECT_EQ(-EINVAL, child_do(&c, child_unshare, &bad, sizeof(bad)));
	EXPECT_EQ(-EPERM, child_enter(&c, self->other.pid, "uts"));
	ASSERT_EQ(0, session_sync(s));
	EXPECT_EQ(0, session_count(s, SWITCH, c.pid));
	/* What it may is told as if nothing had been. */
	expect_unshare(_metadata, self, child_unshare, CLONE_NEWUSER);
	child_end(&c);
}

/* Since 6.2 a program begins in the time namespace of its children. */
TEST_F(move, tells_an_exec_that_changes_the_time_namespace)
{
	struct run run = { .path = "/bin/sleep" };
	struct session *s = &self->session;
	struct child *c = &self->mover;
	const bool moves = !kernel_before(6, 2);
	const struct event *e;
	int flags = FLAG(TIME);

	ASSERT_EQ(0, child_do(c, child_unshare, &flags, sizeof(flags)));
	ASSERT_EQ(0, session_sync(s));
	look(_metadata, &self->lens, c->pid, &self->before);
	session_forget(s);
	child_start(c, maker_run, &run, sizeof(run));
	e = session_await(s, EXEC, c->pid);
	ASSERT_NE(NULL, e);
	look(_metadata, &self->lens, c->pid, &self->after);
	expect_place(_metadata, &self->after, e->ns, e->ns_ids);
	EXPECT_EQ(moves ? NSLENS_NS_TYPES_TIME : 0,
		  difference(&self->before, &self->after));
	EXPECT_EQ(moves, session_count(s, SWITCH, c->pid));
	if (!moves)
		return;
	expect_switch(_metadata, s, c->pid, NSLENS_SWITCH_HOW_EXEC,
		      &self->before, &self->after);
	EXPECT_LT(session_find(s, SWITCH, c->pid)->seq,
		  session_find(s, EXEC, c->pid)->seq);
	/* It was made when it was unshared. */
	EXPECT_EQ(0, session_count(s, CREATE, ANY_PID));
}

struct thread {
	int flags;
};

static void *unshare_in_thread(void *data)
{
	struct thread *thread = data;

	syscall(SYS_unshare, thread->flags);
	for (;;)
		pause();
	return NULL;
}

static long start_thread(void *thread)
{
	pthread_t id;

	return -pthread_create(&id, NULL, unshare_in_thread, thread);
}

TEST_F(move, tells_which_thread_it_was)
{
	struct thread thread = { .flags = CLONE_NEWUTS | CLONE_NEWNET };
	struct session *s = &self->session;
	struct child *c = &self->mover;
	const struct event *e;
	pid_t tid;

	look(_metadata, &self->lens, c->pid, &self->before);
	ASSERT_EQ(0, child_do(c, start_thread, &thread, sizeof(thread)));
	e = session_await(s, SWITCH, ANY_PID);
	ASSERT_NE(NULL, e);
	tid = e->pids.v[0];
	EXPECT_NE(c->pid, tid);
	EXPECT_EQ(c->pid, (pid_t)e->tgids.v[0]);
	EXPECT_TRUE(e->flags & NSLENS_EVENT_FLAG_THREAD);
	look(_metadata, &self->lens, tid, &self->after);
	expect_switch(_metadata, s, tid, NSLENS_SWITCH_HOW_UNSHARE,
		      &self->before, &self->after);
	EXPECT_EQ(NSLENS_NS_TYPES_UTS | NSLENS_NS_TYPES_NET, e->changed);
	/* The others stay. */
	look(_metadata, &self->lens, c->pid, &self->after);
	EXPECT_EQ(0, difference(&self->before, &self->after));
}

TEST_HARNESS_MAIN
