// SPDX-License-Identifier: GPL-2.0
/* Tasks that a child makes, and that live until the test has looked at them. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maker.h"

static void wait_for(int *release)
{
	while (!__atomic_load_n(release, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, release, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static pid_t thread_id;

static void *be_thread(void *data)
{
	struct make *make = data;

	thread_id = syscall(SYS_gettid);
	wait_for(&make->release);
	/* Of this thread only, with a code, as no function of C does. */
	syscall(SYS_exit, make->code);
	return NULL;
}

static long make_thread(struct make *make)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, be_thread, make);

	if (err)
		return -err;
	pthread_join(thread, NULL);
	return thread_id;
}

static pid_t clone3(__u64 flags, pid_t pid)
{
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = !!pid,
	};

	if (!pid)
		args.set_tid = 0;
	return syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t begin(const struct make *make)
{
	switch (make->how) {
	case MAKE_FORK:
		return fork();
	case MAKE_CLONE:
		return syscall(SYS_clone, make->flags | SIGCHLD, 0, 0, 0, 0);
	default:
		return clone3(make->flags, make->pid);
	}
}

/**
 * maker_make() - for child_start(): make a task, and reap it
 * @data: a struct make
 *
 * Return: its PID, as its parent was told, or -errno.
 */
long maker_make(void *data)
{
	struct make *make = data;
	pid_t pid;

	if (make->how == MAKE_THREAD)
		return make_thread(make);
	/* Here, since who has called vfork() must not return before it ends. */
	pid = make->how == MAKE_VFORK ? vfork() : begin(make);
	if (pid == 0) {
		wait_for(&make->release);
		_exit(make->code);
	}
	if (pid < 0)
		return -errno;
	waitpid(pid, NULL, 0);
	return pid;
}

/**
 * maker_release() - let the task that a child has made go on
 * @c: the child, doing maker_make() or maker_run()
 */
void maker_release(struct child *c)
{
	int *release = c->scratch;

	__atomic_store_n(release, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, release, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void *become(void *data)
{
	struct run *run = data;
	char *const argv[] = { run->path, "1000", NULL };

	if (run->by_thread)
		wait_for(&run->release);
	execv(run->path, argv);
	_exit(127);
}

/**
 * maker_run() - for child_start(): become another program
 * @data: a struct run
 *
 * Does not return.
 */
long maker_run(void *data)
{
	struct run *run = data;
	pthread_t thread;

	if (!run->by_thread)
		become(run);
	if (pthread_create(&thread, NULL, become, run))
		_exit(126);
	for (;;)
		pause();
}
