/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_H
#define NSLENS_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdnoreturn.h>

#include <sys/types.h>

#include "exec.h"
#include "options.h"
#include "run-cgroup.h"
#include "run-id.h"
#include "run-life.h"
#include "run-ns.h"
#include "run-root.h"

struct step;

/**
 * struct run - what is to be run, and how it goes
 * @argv: the command; while options are read, those of the verb
 * @ns: in which namespaces
 * @root: with which root and mounts
 * @id: as whom
 * @cgroup: in which cgroup, with which limits
 * @life: with which terminal and files, and what its end means
 * @exec: next to which process
 * @trace: show what happens meanwhile
 * @verbose: show the process, on standard error, before it is the command
 * @dry: only tell what would be done
 * @step: what is being done: the child's copy has its own
 * @failed: it has said why it failed
 * @started: the command is executed
 * @sock: connects parent and child until the command is executed; each has its
 *	own end of it here; -1 before
 * @other_sock: the end of it that belongs to the other
 * @is_child: whose copy this is
 * @mask: the signal mask that the command gets
 * @pid: the command's PID here; 0 before
 * @pidfd: refers to it
 *
 * All that is read from options is settled before the first step is done.
 */
struct run {
	char **argv;
	struct run_ns ns;
	struct run_root root;
	struct run_id id;
	struct run_cgroup cgroup;
	struct run_life life;
	struct run_exec exec;
	bool trace;
	bool verbose;
	bool dry;

	const struct step *step;
	bool failed;
	bool started;
	int sock;
	int other_sock;
	bool is_child;
	sigset_t mask;
	pid_t pid;
	int pidfd;
};

#define RUN_DEFAULTS							\
	.ns.pidfd = -1,							\
	.cgroup.fd = -1,						\
	.id.nr_groups = -1,						\
	.life.info_fd = -1,						\
	.life.front = -1,						\
	.life.kill_child = true,					\
	.life.master = -1,						\
	.exec.root = -1,						\
	.exec.cwd = -1,							\
	.sock = -1

/* run-report.c: what the child tells */
enum report_kind {
	REPORT_FAILED,	/* @step failed */
	REPORT_MADE,	/* the new process is @pid; its pidfd comes along */
	REPORT_EXEC,	/* the command could not be executed */
	REPORT_TTY,	/* here is the master; it comes along */
	REPORT_READY,	/* all is set up, may I? */
	REPORT_DONE,	/* I am as the command will be, may I execute it? */
};

/**
 * struct report - what the child tells; its end says that the command runs
 * @kind: what happened
 * @err: errno
 * @step: name of the step
 * @what: what was being done in it; may be empty
 * @hint: what the user can do about it; may be empty
 * @pid: of REPORT_MADE: the new process
 */
struct report {
	enum report_kind kind;
	int err;
	char step[32];
	char what[256];
	char hint[256];
	pid_t pid;
};

void child_report(const struct run *run, const struct report *report, int fd);
noreturn void child_fail(const struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int run_fail(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int run_fail_hint(struct run *run, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
ssize_t report_receive(const struct run *run, struct report *report, int *fd);
void report_complain(const struct report *report);
void await_go(const struct run *run);
int say_go(const struct run *run);

/* run-child.c: in the new process */
noreturn void child_main(struct run *run);
noreturn void child_execute(struct run *run);

/* run-show.c: what has become of it */
bool show_wanted(const struct run *run);
int show_process(struct run *run);

/* run-clone.c: make it */
__u64 run_clone_flags(const struct run *run);
void run_plan(const struct run *run, FILE *out);
int run_clone(struct run *run);

/* run-parent.c: start it, and stay with it */
int parent_run(struct run *run);

#endif
