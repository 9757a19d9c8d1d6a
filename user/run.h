/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_H
#define NSLENS_RUN_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdnoreturn.h>

#include <sys/ioctl.h>
#include <sys/types.h>

#include "nstype.h"

#define MAX_MAPS	8
#define MAX_KEEP	16

enum { OFFSET_MONOTONIC, OFFSET_BOOTTIME, NR_OFFSETS };

/**
 * struct id_map - ids of the new user namespace
 * @inside: first id inside
 * @outside: what that is outside
 * @count: how many follow each other
 */
struct id_map {
	__u32 inside;
	__u32 outside;
	__u32 count;
};

/**
 * struct run - what is to be run, and how it goes
 * @argv: the command
 * @flags: CLONE_NEW* of the namespaces that are new
 * @host: of those that were asked to be the ones here
 * @interactive: the command gets our standard input
 * @tty: it gets a pseudo-terminal
 * @rootfs: directory that becomes its root; NULL keeps ours
 * @hostname: NULL keeps ours
 * @pidfile: where its PID is written; NULL for nowhere
 * @info_fd: where JSON about it is written; -1 for nowhere
 * @trace: show what happens meanwhile
 * @maps: ids of a new user namespace
 * @nr_maps: how many
 * @offsets: text for /proc/PID/timens_offsets, seconds for each clock
 * @has_offset: which clocks have one
 * @keep: file descriptors that the command inherits, besides 0, 1 and 2
 * @nr_keep: how many
 * @sock: connects parent and child until the command is executed; each has its
 *	own end of it here
 * @mask: the signal mask that the command gets
 * @size: of the terminal
 * @pid: the command's PID here
 * @pidfd: refers to it
 * @pidfile_fd: the open @pidfile
 * @master: the pseudo-terminal's other side; -1 without
 */
struct run {
	char **argv;
	unsigned int flags;
	unsigned int host;
	bool interactive;
	bool tty;
	const char *rootfs;
	const char *hostname;
	const char *pidfile;
	int info_fd;
	bool trace;
	struct id_map maps[MAX_MAPS];
	int nr_maps;
	long long offsets[NR_OFFSETS];
	bool has_offset[NR_OFFSETS];
	int keep[MAX_KEEP];
	int nr_keep;

	int sock;
	sigset_t mask;
	struct winsize size;
	pid_t pid;
	int pidfd;
	int pidfile_fd;
	int master;
};

enum report_kind {
	REPORT_FAILED,	/* @step failed */
	REPORT_EXEC,	/* the command could not be executed */
	REPORT_TTY,	/* here is the master; it comes along */
	REPORT_READY,	/* all is set up, may I? */
};

/**
 * struct report - what the child tells; its end says that the command runs
 * @kind: what happened
 * @err: errno
 * @step: what was being done
 */
struct report {
	enum report_kind kind;
	int err;
	char step[256];
};

extern const char * const offset_clocks[NR_OFFSETS];

/* run-child.c: in the new process */
noreturn void child_main(struct run *run);
noreturn void child_fail(const struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void child_report(const struct run *run, const struct report *report, int fd);

/* run-mounts.c: in the new process */
void mounts_set_up(const struct run *run);

/* run-parent.c: start it, and stay with it */
int parent_start(struct run *run);
int parent_wait(struct run *run);

/* run-tty.c: the terminal on both sides */
void tty_open(const struct run *run);
void tty_raw(void);
void tty_restore(void);
void tty_resize(const struct run *run);

struct relay;
struct relay *relay_new(const struct run *run);
int relay_poll(const struct relay *relay, struct pollfd fds[2]);
void relay_move(struct relay *relay, const struct pollfd fds[2], bool idle);
void relay_drain(struct relay *relay);
void relay_hang_up(struct relay *relay);

#endif
