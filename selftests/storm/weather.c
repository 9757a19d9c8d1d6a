// SPDX-License-Identifier: GPL-2.0
/* A storm that counts itself: the ground truth that sessions are compared with. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/nslens.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "part.h"
#include "weather.h"

/* Before the workers are made, so that all have it. */
static struct tally *tally;

struct worker {
	int uts[2];
	unsigned int in;
};

static void count(__u64 *what, unsigned int n)
{
	__atomic_fetch_add(what, n, __ATOMIC_RELAXED);
}

static void broken(int line)
{
	__atomic_store_n(&tally->broken, line, __ATOMIC_RELAXED);
	__atomic_store_n(&tally->stop, 1, __ATOMIC_RELAXED);
}

#define WORKS(expression) do {						\
	if (!(expression))						\
		broken(__LINE__);					\
} while (0)

/* A child was made, with new namespaces; wait for its end. */
static void reap(pid_t pid, unsigned int created)
{
	int status = -1;

	WORKS(pid > 0);
	if (pid <= 0)
		return;
	count(&tally->forks, 1);
	count(&tally->creates, created);
	WORKS(waitpid(pid, &status, 0) == pid && !status);
	count(&tally->exits, 1);
}

static void do_fork(struct worker *unused)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	reap(pid, 0);
}

static void do_exec(struct worker *unused)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	/* Before, the child has ended with 0. */
	reap(pid, 0);
	count(&tally->execs, 1);
}

static void *nothing(void *unused)
{
	return NULL;
}

static void do_thread(struct worker *unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, nothing, NULL);

	WORKS(!err);
	if (err)
		return;
	pthread_join(thread, NULL);
	count(&tally->forks, 1);
	count(&tally->exits, 1);
}

static void do_move(struct worker *worker)
{
	worker->in = !worker->in;
	WORKS(!setns(worker->uts[worker->in], CLONE_NEWUTS));
	count(&tally->switches, 1);
}

/* One move, however many namespaces. */
static void do_unshare(int flags, unsigned int created)
{
	pid_t pid = fork();

	if (!pid) {
		if (unshare(flags))
			_exit(1);
		count(&tally->switches, 1);
		count(&tally->creates, created);
		_exit(0);
	}
	reap(pid, 0);
}

static void do_unshare_one(struct worker *unused)
{
	do_unshare(CLONE_NEWUTS, 1);
}

static void do_unshare_two(struct worker *unused)
{
	do_unshare(CLONE_NEWUSER | CLONE_NEWIPC, 2);
}

static void do_container(struct worker *unused)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
			 CLONE_NEWNS,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid)
		_exit(0);
	reap(pid, 4);
}

/* How often each is done: what ends PID namespaces waits most of its time. */
static const struct {
	void (*act)(struct worker *worker);
	unsigned int share;
} acts[] = {
	{ do_fork, 30 }, { do_exec, 10 }, { do_thread, 15 }, { do_move, 30 },
	{ do_unshare_one, 9 }, { do_unshare_two, 3 }, { do_container, 3 },
};

#define ALL_SHARES	100

static void act(struct worker *worker)
{
	unsigned int i, at = dice(ALL_SHARES);

	for (i = 0; at >= acts[i].share; i++)
		at -= acts[i].share;
	acts[i].act(worker);
}

static void begin(struct worker *worker)
{
	worker->uts[0] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	WORKS(!unshare(CLONE_NEWUTS));
	worker->uts[1] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	worker->in = 1;
	count(&tally->switches, 1);
	count(&tally->creates, 1);
}

static void work(void)
{
	struct worker worker;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	begin(&worker);
	while (!__atomic_load_n(&tally->stop, __ATOMIC_RELAXED))
		act(&worker);
	_exit(0);
}

static long blow(void *data)
{
	unsigned int workers = *(unsigned int *)data, made;
	pid_t pid;

	for (made = 0; made < workers; made++) {
		pid = fork();
		if (!pid)
			work();
		WORKS(pid > 0);
		if (pid < 0)
			break;
		count(&tally->forks, 1);
	}
	while (made-- && waitpid(-1, NULL, 0) > 0)
		count(&tally->exits, 1);
	return 0;
}

/**
 * weather_make() - be ready for a storm
 * @w: filled in
 *
 * Return: 0 or -errno.
 */
int weather_make(struct weather *w)
{
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return -errno;
	w->tally = tally;
	return child_spawn(&w->root, 0);
}

/**
 * weather_start() - let much happen
 * @w: that of weather_make(), still
 * @workers: processes at the same time
 */
void weather_start(struct weather *w, unsigned int workers)
{
	w->tally->stop = 0;
	child_start(&w->root, blow, &workers, sizeof(workers));
}

/**
 * weather_stop() - let no more happen
 * @w: the storm: what it counts is all
 *
 * Return: 0, or fail() with the line of this file where something went wrong.
 */
int weather_stop(struct weather *w)
{
	__atomic_store_n(&w->tally->stop, 1, __ATOMIC_RELAXED);
	NEED(!child_finish(&w->root, NULL, 0), "the storm itself: weather.c:%d",
	     __LINE__);
	NEED(!w->tally->broken, "the storm itself: weather.c:%d",
	     w->tally->broken);
	return 0;
}

/**
 * weather_end() - undo weather_make()
 * @w: the storm, still
 */
void weather_end(struct weather *w)
{
	child_end(&w->root);
	munmap(w->tally, sizeof(*w->tally));
}

/**
 * weather_total() - how many events there were
 * @w: the storm, still
 * @events: which, enum nslens_event_mask
 */
__u64 weather_total(const struct weather *w, __u32 events)
{
	const struct tally *t = w->tally;
	__u64 n = 0;

	if (events & NSLENS_EVENT_MASK_FORK)
		n += t->forks;
	if (events & NSLENS_EVENT_MASK_EXEC)
		n += t->execs;
	if (events & NSLENS_EVENT_MASK_EXIT)
		n += t->exits;
	if (events & NSLENS_EVENT_MASK_SWITCH)
		n += t->switches;
	if (events & NSLENS_EVENT_MASK_NS_CREATE)
		n += t->creates;
	/* None is left: the last one in each has ended. */
	if (events & NSLENS_EVENT_MASK_NS_DESTROY)
		n += t->creates;
	return n;
}
