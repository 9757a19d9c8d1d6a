// SPDX-License-Identifier: GPL-2.0
/* Namespaces that hardly anything keeps, and tasks that are not as others. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"
#include "zoo.h"

#define THREADS_FD	100

const char * const zoo_keeper_names[NR_KEEPERS] = {
	[KEPT_BY_THREAD] = "a thread that its leader is not with",
	[KEPT_BY_DEAD_LEADER] = "a thread whose leader is dead",
	[KEPT_BY_FD] = "an open file",
	[KEPT_BY_THREADS_FD] = "an open file of a thread alone",
	[KEPT_BY_SOCKET] = "a socket",
	[KEPT_BY_MOUNT] = "a mount in another mount namespace",
	[KEPT_FOR_CHILDREN] = "a process, for its children",
	[KEPT_BY_CHILD] = "a namespace that is its child",
	[KEPT_BY_OWNED] = "a namespace that it owns",
};

static int note(struct zoo *z, enum zoo_keeper keeper, __u32 type, __u32 ino)
{
	if (!ino || z->n == MAX_ITEMS)
		return -ENOENT;
	z->item[z->n++] = (struct zoo_item){ keeper, type, ino, "" };
	return 0;
}

static int note_task(struct zoo *z, enum zoo_keeper keeper, __u32 type,
		     pid_t pid)
{
	return note(z, keeper, type, ns_ino(pid, ns_types[type].link));
}

/* Of the one that was noted last. */
static void set_path(struct zoo *z, const char *text, ...)
{
	struct zoo_item *item = &z->item[z->n - 1];
	va_list args;

	va_start(args, text);
	vsnprintf(item->path, sizeof(item->path), text, args);
	va_end(args);
}

/* In a child: what one of its threads shall do, and has answered. */
static struct {
	int flags;
	pid_t pid;
	uid_t uid;
	pid_t tid;
	int err;
	int answer[2];
} job;

static int do_job(void)
{
	char path[64];

	/* Its root and its working directory are its own from now on. */
	if (syscall(SYS_unshare, CLONE_FS) < 0 ||
	    (job.flags && syscall(SYS_unshare, job.flags) < 0) ||
	    (job.uid && syscall(SYS_setresuid, -1, job.uid, -1) < 0))
		return -errno;
	if (!job.pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", job.pid);
	return dup2(open(path, O_RDONLY), THREADS_FD) < 0 ? -errno : 0;
}

static void *thread(void *unused)
{
	job.tid = syscall(SYS_gettid);
	job.err = do_job();
	if (write(job.answer[1], "", 1) != 1)
		return NULL;
	for (;;)
		pause();
}

struct thread_call {
	int flags;
	pid_t pid;
	uid_t uid;
};

static long start_thread(void *data)
{
	struct thread_call *call = data;
	pthread_t unused;
	char byte;

	job.flags = call->flags;
	job.pid = call->pid;
	job.uid = call->uid;
	if (pipe(job.answer) < 0)
		return -errno;
	if (pthread_create(&unused, NULL, thread, NULL) ||
	    read(job.answer[0], &byte, 1) != 1)
		return -EIO;
	close(job.answer[0]);
	close(job.answer[1]);
	return job.err ?: job.tid;
}

static pid_t add_thread(struct child *c, int flags, pid_t pid, uid_t uid)
{
	struct thread_call call = { flags, pid, uid };

	return child_do(c, start_thread, &call, sizeof(call));
}

static int make_threads(struct zoo *z)
{
	static const __u32 types[] = {
		NSLENS_NS_TYPE_CGROUP, NSLENS_NS_TYPE_IPC, NSLENS_NS_TYPE_MNT,
		NSLENS_NS_TYPE_NET, NSLENS_NS_TYPE_UTS,
	};
	unsigned int i;
	pid_t tid;
	int err;

	err = child_spawn(&z->threads, 0);
	for (i = 0; !err && i < sizeof(types) / sizeof(*types); i++) {
		tid = add_thread(&z->threads, ns_types[types[i]].flag, 0, 0);
		z->tid[types[i]] = tid;
		err = tid < 0 ? tid : note_task(z, KEPT_BY_THREAD, types[i],
						tid);
	}
	if (err)
		return err;
	z->other_user = add_thread(&z->threads, 0, 0, OTHER_UID);
	return z->other_user < 0 ? z->other_user : 0;
}

static long leave_thread_behind(void *unused)
{
	static struct thread_call nothing;
	long tid = start_thread(&nothing);

	if (tid > 0)
		syscall(SYS_exit, 0);
	return tid;
}

static int make_headless(struct zoo *z)
{
	int err = child_spawn(&z->headless, CLONE_NEWUTS);

	err = err ?: note_task(z, KEPT_BY_DEAD_LEADER, NSLENS_NS_TYPE_UTS,
			       z->headless.pid);
	if (err)
		return err;
	child_start(&z->headless, leave_thread_behind, NULL, 0);
	while (proc_state(z->headless.pid) != 'Z')
		sched_yield();
	return 0;
}

/* A namespace that is kept by a file from now on: its number, or an error. */
static int abandon(struct zoo *z, enum zoo_keeper keeper, __u32 type)
{
	struct child donor, inner = { .pidfd = -1 }, *last = &donor;
	int err, fd = -1;

	err = child_spawn(&donor, ns_types[type].flag);
	/* That of a PID namespace keeps its parent, too. */
	if (!err && keeper == KEPT_BY_FD && type == NSLENS_NS_TYPE_PID) {
		err = note_task(z, KEPT_BY_CHILD, type, donor.pid) ?:
			child_spawn_in(&donor, &inner, CLONE_NEWPID);
		last = &inner;
	}
	err = err ?: note_task(z, keeper, type, last->pid);
	if (!err)
		fd = ns_open(last->pid, ns_types[type].link);
	child_end(&inner);
	child_end(&donor);
	return err ?: fd;
}

static int make_holder(struct zoo *z)
{
	int err = child_spawn(&z->holder, 0);
	unsigned int type;

	for (type = 0; !err && type < NR_NS_TYPES; type++) {
		int fd = abandon(z, KEPT_BY_FD, type);

		err = fd < 0 ? fd : child_give_fd(&z->holder, fd);
		if (err >= 0)
			set_path(z, "/proc/%d/fd/%d", z->holder.pid, err);
		err = err < 0 ? err : 0;
		close(fd);
	}
	return err;
}

static int make_hidden(struct zoo *z)
{
	struct child donor;
	pid_t tid;
	int err;

	err = child_spawn(&z->hidden, 0) ?: child_spawn(&donor, CLONE_NEWUTS);
	if (err)
		return err;
	err = note_task(z, KEPT_BY_THREADS_FD, NSLENS_NS_TYPE_UTS, donor.pid);
	tid = add_thread(&z->hidden, CLONE_FILES, donor.pid, 0);
	set_path(z, "/proc/%d/fd/%d", tid, THREADS_FD);
	child_end(&donor);
	return tid < 0 ? tid : err;
}

static long open_socket_elsewhere(void *unused)
{
	int here = open("/proc/self/ns/net", O_RDONLY);
	struct stat status;

	if (here < 0 || unshare(CLONE_NEWNET) < 0 ||
	    socket(AF_INET, SOCK_DGRAM, 0) < 0 ||
	    stat("/proc/self/ns/net", &status) < 0 ||
	    setns(here, CLONE_NEWNET) < 0 || close(here) < 0)
		return -errno;
	return status.st_ino;
}

static int make_socket(struct zoo *z)
{
	int err = child_spawn(&z->socket, 0);
	long ino;

	if (err)
		return err;
	ino = child_do(&z->socket, open_socket_elsewhere, NULL, 0);
	return ino < 0 ? ino : note(z, KEPT_BY_SOCKET, NSLENS_NS_TYPE_NET, ino);
}

static long mount_tmpfs(void *unused)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	       mount("zoo", ZOO_MOUNTS, "tmpfs", 0, NULL) < 0 ? -errno : 0;
}

struct mount_call {
	int fd;
	char name[16];
};

static long mount_ns(void *data)
{
	struct mount_call *call = data;
	char from[64], to[64];
	int fd;

	snprintf(from, sizeof(from), "/proc/self/fd/%d", call->fd);
	snprintf(to, sizeof(to), ZOO_MOUNTS "/%s", call->name);
	fd = open(to, O_CREAT | O_RDONLY | O_CLOEXEC, 0644);
	if (fd < 0 || mount(from, to, NULL, MS_BIND, NULL) < 0)
		return -errno;
	close(fd);
	return close(call->fd) < 0 ? -errno : 0;
}

static int make_mounter(struct zoo *z)
{
	struct mount_call call;
	unsigned int type;
	int err, fd;

	err = child_spawn(&z->mounter, CLONE_NEWNS) ?:
		child_do(&z->mounter, mount_tmpfs, NULL, 0);
	for (type = 0; !err && type < NR_NS_TYPES; type++) {
		fd = abandon(z, KEPT_BY_MOUNT, type);
		if (fd < 0)
			return fd;
		call.fd = child_give_fd(&z->mounter, fd);
		close(fd);
		set_path(z, "/proc/%d/root" ZOO_MOUNTS "/%s", z->mounter.pid,
			 ns_types[type].link);
		snprintf(call.name, sizeof(call.name), "%s",
			 ns_types[type].link);
		err = child_do(&z->mounter, mount_ns, &call, sizeof(call));
	}
	return err;
}

static int unshare_of(struct child *c, int flags)
{
	return child_do(c, child_unshare, &flags, sizeof(flags));
}

static int make_for_children(struct zoo *z)
{
	struct child first;
	int err;

	err = child_spawn(&z->clock, 0) ?:
		unshare_of(&z->clock, ns_types[NSLENS_NS_TYPE_TIME].flag) ?:
		note(z, KEPT_FOR_CHILDREN, NSLENS_NS_TYPE_TIME,
		     ns_ino(z->clock.pid, "time_for_children")) ?:
		child_spawn(&z->late, 0) ?:
		unshare_of(&z->late, CLONE_NEWPID) ?:
		child_spawn_in(&z->late, &first, 0);
	if (err)
		return err;
	err = note_task(z, KEPT_FOR_CHILDREN, NSLENS_NS_TYPE_PID, first.pid);
	child_end(&first);
	return err;
}

/* Into a user namespace of its own, as root there and outside. */
static long nest_user(void *unused)
{
	if (syscall(SYS_unshare, CLONE_NEWUSER) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		return -errno;
	return write_file("/proc/self/setgroups", "deny") ?:
		write_file("/proc/self/uid_map", "0 0 1") ?:
		write_file("/proc/self/gid_map", "0 0 1");
}

/* Three user namespaces deep, each left for the next. */
static int make_users(struct zoo *z)
{
	int i, err;

	err = child_spawn(&z->users, 0);
	for (i = 0; !err && i < 3; i++) {
		if (i)
			err = note_task(z, KEPT_BY_CHILD, NSLENS_NS_TYPE_USER,
					z->users.pid);
		err = err ?: child_do(&z->users, nest_user, NULL, 0);
	}
	return err;
}

static int make_heir(struct zoo *z)
{
	struct child owner;
	int err;

	err = child_spawn(&owner, CLONE_NEWUSER | CLONE_NEWUTS) ?:
		child_spawn(&z->heir, 0);
	if (err)
		return err;
	err = note_task(z, KEPT_BY_OWNED, NSLENS_NS_TYPE_USER, owner.pid) ?:
		child_enter(&z->heir, owner.pid, "uts");
	child_end(&owner);
	return err;
}

static long seize(void *pid)
{
	return ptrace(PTRACE_SEIZE, *(pid_t *)pid, 0, 0) < 0 ? -errno : 0;
}

/* Not their namespaces are of interest, but what they are. */
static int make_others(struct zoo *z)
{
	int err;

	err = child_spawn(&z->traced, CLONE_NEWPID) ?:
		child_spawn(&z->door, 0) ?:
		child_enter(&z->door, z->traced.pid, "pid") ?:
		child_spawn_in(&z->door, &z->injected, 0) ?:
		child_do(&z->injected, child_setsid, NULL, 0) ?:
		child_spawn(&z->zombie, 0) ?:
		child_spawn(&z->tracer, 0) ?:
		child_do(&z->tracer, seize, &z->traced.pid, sizeof(pid_t));
	if (!err)
		child_kill(&z->zombie);
	return err;
}

/**
 * zoo_make() - make one of each
 * @z: to fill in
 *
 * They die with the test.
 *
 * Return: 0 or -errno; zoo_end() ends what there is.
 */
int zoo_make(struct zoo *z)
{
	memset(z, 0, sizeof(*z));
	return make_threads(z) ?: make_headless(z) ?: make_holder(z) ?:
		make_hidden(z) ?: make_socket(z) ?: make_mounter(z) ?:
		make_for_children(z) ?: make_users(z) ?: make_heir(z) ?:
		make_others(z);
}

/**
 * zoo_end() - end them all
 * @z: the zoo
 */
void zoo_end(struct zoo *z)
{
	struct child *all[] = {
		&z->tracer, &z->zombie, &z->injected, &z->door, &z->traced,
		&z->headless, &z->heir, &z->users, &z->late, &z->clock,
		&z->mounter, &z->socket, &z->hidden, &z->holder, &z->threads,
	};
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		child_end(all[i]);
}

/**
 * zoo_find() - look up a namespace
 * @z: the zoo
 * @ino: its inode
 *
 * Return: the item, NULL if it is none.
 */
struct zoo_item *zoo_find(struct zoo *z, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < z->n; i++)
		if (z->item[i].ino == ino)
			return &z->item[i];
	return NULL;
}
