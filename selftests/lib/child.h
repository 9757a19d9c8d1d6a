/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_CHILD_H
#define _SELFTESTS_CHILD_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct child - a process that does what the test tells it to
 * @pid: its PID where the test is, as the kernel says: clone3()'s return value
 *	for a child of the test, the credentials of its first message for others
 * @pid_there: what clone3() returned to its parent, in the parent's PID namespace
 * @pidfd: refers to it
 * @chan: orders go out here, answers come in
 * @parent: the child that it is a child of, or NULL for the test
 * @scratch: memory that test and child share
 *
 * It dies with the test. Of the test's file descriptors it keeps 0, 1 and 2.
 */
struct child {
	pid_t pid;
	pid_t pid_there;
	int pidfd;
	int chan;
	struct child *parent;
	void *scratch;
};

#define SCRATCH_SIZE	(4 << 20)

typedef long child_fn(void *data);

int child_spawn(struct child *c, __u64 clone_flags);
int child_spawn_in(struct child *parent, struct child *c, __u64 clone_flags);
void child_end(struct child *c);
void child_kill(struct child *c);

long child_do(struct child *c, child_fn *fn, void *data, size_t size);
void child_start(struct child *c, child_fn *fn, const void *data, size_t size);
long child_finish(struct child *c, void *data, size_t size);

int child_give_fd(struct child *c, int fd);
int child_take_fd(struct child *c, int fd);
int child_map_ids(struct child *c, unsigned int inside, unsigned int outside,
		  unsigned int count);
int child_enter(struct child *c, pid_t pid, const char *link);
int child_become(struct child *c, uid_t uid);
int child_spawn_box(struct child *c, __u64 clone_flags);
void wait_exit(int pidfd);

/* for child_do() */
long child_getpid(void *unused);
long child_getppid(void *unused);
long child_unshare(void *flags);
long child_setuid(void *id);
long child_setsid(void *unused);
long child_set_caps(void *caps);
long child_set_dumpable(void *value);
long child_mount_proc(void *unused);
long child_pin(void *cpu);

/**
 * struct herd - many processes that do nothing
 * @n: how many
 * @pids: where the test is
 * @hold: they live until this is closed
 */
struct herd {
	unsigned int n;
	pid_t *pids;
	int hold;
};

int herd_spawn(struct herd *h, unsigned int n);
void herd_end(struct herd *h);

#endif
