// SPDX-License-Identifier: GPL-2.0
/* Files, and ends: what the command of nslens run inherits, and dies of. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "nslens.h"
#include "run-keep.h"
#include "run.h"
#include "target.h"

/**
 * stdio_fill() - see that 0, 1 and 2 are open
 * @run: gets /dev/null
 *
 * Files of ours must not land there, where the command expects other things.
 * One more is kept: what is at that place inside others may have put there.
 * This comes before options open files of a TARGET; a second time does nothing.
 *
 * Return: 0, or -1 after a complaint.
 */
int stdio_fill(struct run *run)
{
	int fd = run->life.null;

	if (fd > STDERR_FILENO)
		return 0;
	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO &&
		 !fcntl(fd, F_SETFD, 0));
	run->life.null = fd;
	run->failed = fd < 0;
	if (fd < 0)
		complain("opening /dev/null: %s", strerror(errno));
	return fd < 0 ? -1 : 0;
}

static bool is_directory(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISDIR(st.st_mode);
}

/**
 * stdio_check() - see that 0, 1 and 2 are no way out of the root file system
 * @run: what is wanted
 *
 * Nobody means a directory to be there. For those who do there is --keep-fd.
 *
 * Return: 0, or -1 after a complaint.
 */
int stdio_check(struct run *run)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if ((fd == STDIN_FILENO && stdin_wanted(run)) ||
		    !is_directory(fd))
			continue;
		errno = EISDIR;
		return run_fail(run, "file descriptor %d", fd);
	}
	return 0;
}

/**
 * stdio_leads_out() - whether a file that we have open may not be one inside
 * @run: what is wanted
 */
bool stdio_leads_out(const struct run *run)
{
	return !run->life.tty && (run->root.path || run->ns.join);
}

/**
 * pidfile_wanted() - whether the PID goes to a file
 * @run: what is wanted
 */
bool pidfile_wanted(const struct run *run)
{
	return run->life.pidfile;
}

/**
 * pidfile_plan() - tell what pidfile_open() and pidfile_write() would do
 * @run: what is wanted
 * @out: where to
 */
void pidfile_plan(const struct run *run, FILE *out)
{
	fprintf(out, "write the PID to %s", run->life.pidfile);
}

/**
 * pidfile_open() - open the file that the PID goes to
 * @run: names it
 *
 * Return: 0, or -1 after a complaint.
 */
int pidfile_open(struct run *run)
{
	run->life.pidfile_fd = open(run->life.pidfile, O_WRONLY | O_CREAT |
				    O_TRUNC | O_CLOEXEC, 0644);
	if (run->life.pidfile_fd < 0)
		return run_fail(run, "%s", run->life.pidfile);
	return 0;
}

/**
 * fds_plan() - tell what fds_close() would do
 * @run: what is wanted
 * @out: where to
 */
void fds_plan(const struct run *run, FILE *out)
{
	fputs("close all files but 0, 1, 2", out);
	for (int i = 0; i < run->life.nr_keep_fds; i++)
		fprintf(out, ", %d", run->life.keep_fds[i]);
	fputs(" when the command is executed", out);
}

/**
 * fds_close() - see that nothing of ours survives, unless asked for
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int fds_close(struct run *run)
{
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		child_fail(run, "closing inherited files");
	for (int i = 0; i < run->life.nr_keep_fds; i++)
		if (fcntl(run->life.keep_fds[i], F_SETFD, 0))
			child_fail(run, "keeping file descriptor %d",
				   run->life.keep_fds[i]);
	return 0;
}

/**
 * lifeline_wanted() - whether the command is not to outlive nslens
 * @run: what is wanted
 */
bool lifeline_wanted(const struct run *run)
{
	return run->life.kill_child;
}

/**
 * relifeline_wanted() - whether the child has become somebody else since
 * @run: what is wanted
 *
 * The kernel forgets then that it was to die, see commit_creds().
 */
bool relifeline_wanted(const struct run *run)
{
	return lifeline_wanted(run) && (id_wanted(run) || exec_wanted(run));
}

/**
 * die_with_parent() - see that nothing is orphaned
 * @run: the child's
 *
 * We die with nslens, and our PID namespace with us.
 *
 * Return: 0; fails by child_fail().
 */
int die_with_parent(struct run *run)
{
	struct pollfd sock = { .fd = run->sock };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		child_fail(run, "asking to die with nslens");
	/* That does not help if nslens died before. */
	if (poll(&sock, 1, 0) > 0 && sock.revents & POLLHUP)
		_exit(EXIT_RUN_OWN);
	return 0;
}

/**
 * session_start() - be in a session of our own: no way back to our terminal
 * @run: the child's
 *
 * Return: 0, or -1 with errno set.
 */
int session_start(struct run *run)
{
	(void)run;
	return setsid() < 0 ? -1 : 0;
}

/**
 * stdin_wanted() - whether standard input is to be shut
 * @run: what is wanted
 */
bool stdin_wanted(const struct run *run)
{
	return !run->life.tty && !run->life.interactive;
}

/**
 * stdin_set() - read from /dev/null on standard input
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int stdin_set(struct run *run)
{
	/* In a root file system of its own, /dev is ours. */
	int fd = run->root.path ? open("/dev/null", O_RDONLY | O_CLOEXEC) :
				  fcntl(run->life.null, F_DUPFD_CLOEXEC, 0);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		child_fail(run, "opening /dev/null for standard input");
	return close(fd);
}

static int write_all(struct run *run, int fd, const char *text, size_t len,
		     const char *what)
{
	if (write(fd, text, len) == (ssize_t)len)
		return 0;
	return run_fail(run, "%s", what);
}

/**
 * info_wanted() - whether JSON about the process is wanted
 * @run: what is wanted
 */
bool info_wanted(const struct run *run)
{
	return run->life.info_fd >= 0;
}

/**
 * info_plan() - tell what info_write() would do
 * @run: what is wanted
 * @out: where to
 */
void info_plan(const struct run *run, FILE *out)
{
	fprintf(out, "write PID and namespaces as JSON to file descriptor %d",
		run->life.info_fd);
}

/**
 * info_write() - write PID and namespaces, in the words of bubblewrap
 * @run: the parent's
 *
 * Return: 0, or -1 after a complaint.
 */
int info_write(struct run *run)
{
	int fd = run->life.info_fd;
	char text[512], pid[16];
	int len;

	snprintf(pid, sizeof(pid), "%d", run->pid);
	len = snprintf(text, sizeof(text), "{ \"child-pid\": %s", pid);
	for (int i = 0; i < NR_NS_TYPES; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				", \"%s-namespace\": %u", ns_types[i].name,
				ns_inode(pid, i));
	len += snprintf(text + len, sizeof(text) - (size_t)len, " }\n");
	if (write_all(run, fd, text, (size_t)len, "--info-fd"))
		return -1;
	/* A reader may wait for the end. */
	return fd > STDERR_FILENO ? close(fd) : 0;
}

/**
 * pidfile_write() - write the PID
 * @run: the parent's
 *
 * Return: 0, or -1 after a complaint.
 */
int pidfile_write(struct run *run)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", run->pid);
	int err = write_all(run, run->life.pidfile_fd, text, (size_t)len,
			    run->life.pidfile);

	close(run->life.pidfile_fd);
	return err;
}

enum {
	OPT_INIT = OPT_LONG,
	OPT_DETACH,
	OPT_KILL_CHILD,
	OPT_KEEP,
	OPT_UNKEEP,
	OPT_PIDFILE,
	OPT_INFO_FD,
	OPT_KEEP_FD,
};

static const struct opt opts[] = {
	{ "interactive", 'i', NULL,
	  "keep standard input open; without, it is /dev/null" },
	{ "tty", 't', NULL, "give the command a terminal of its own" },
	{ "detach", OPT_DETACH, NULL,
	  "print the PID and return as soon as the command runs;\n"
	  "it reads /dev/null, and writes there unless to a file" },
	{ "kill-child", OPT_KILL_CHILD, "=HOW",
	  "whether the command is killed if nslens is: yes or no\n"
	  "[yes]" },
	{ "pidfile", OPT_PIDFILE, "FILE",
	  "write the command's PID, here, to FILE" },
	{ "info-fd", OPT_INFO_FD, "N",
	  "write the PID and the namespaces as JSON to file\n"
	  "descriptor N, before the command starts" },
	{ "keep-fd", OPT_KEEP_FD, "N",
	  "let the command inherit file descriptor N, too" },
	{ NULL }
};

/* Of nslens run alone. */
static const struct opt more_opts[] = {
	{ "init", OPT_INIT, NULL,
	  "have a PID 1 that forwards signals and reaps orphans;\n"
	  "the command is its child" },
	{ "keep", OPT_KEEP, "NAME",
	  "keep its new namespaces as files /run/nslens/NAME/TYPE\n"
	  "that outlive it" },
	{ "unkeep", OPT_UNKEEP, "NAME",
	  "run nothing, let go of what --keep NAME kept" },
	{ NULL }
};

/* Returns an open file descriptor, or a negative errno after a complaint. */
static int parse_fd(const char *option, const char *text)
{
	__u32 fd;
	int err = parse_u32(text, strlen(text), &fd);

	if (!err && ((int)fd < 0 || fcntl((int)fd, F_GETFD) < 0))
		err = -EBADF;
	if (err)
		complain("%s %s: %s", option, text,
			 err == -EBADF ? "not open: redirect it, such as 3>FILE" :
			 "not a number");
	return err ? err : (int)fd;
}

static int add_keep_fd(struct run_life *life, const char *text)
{
	int fd = parse_fd("--keep-fd", text);

	if (fd >= 0 && life->nr_keep_fds == MAX_KEEP_FDS) {
		complain("more than %d of --keep-fd", MAX_KEEP_FDS);
		return -E2BIG;
	}
	if (fd >= 0)
		life->keep_fds[life->nr_keep_fds++] = fd;
	return fd < 0 ? fd : 0;
}

static int set_kill_child(struct run_life *life, const char *how)
{
	if (how && strcmp(how, "yes") && strcmp(how, "no")) {
		complain("--kill-child=%s: neither yes nor no", how);
		return -EINVAL;
	}
	life->kill_child = !how || !strcmp(how, "yes");
	return 0;
}

static int take(void *what, int opt, const char *arg)
{
	struct run_life *life = &((struct run *)what)->life;

	switch (opt) {
	case 'i':
		life->interactive = true;
		return 0;
	case 't':
		life->tty = true;
		return 0;
	case OPT_INIT:
		life->init = true;
		return 0;
	case OPT_DETACH:
		life->detach = true;
		return 0;
	case OPT_KILL_CHILD:
		return set_kill_child(life, arg);
	case OPT_KEEP:
		life->keep = arg;
		return keep_check("--keep", arg);
	case OPT_UNKEEP:
		life->unkeep = arg;
		return keep_check("--unkeep", arg);
	case OPT_PIDFILE:
		life->pidfile = arg;
		return 0;
	case OPT_INFO_FD:
		life->info_fd = parse_fd("--info-fd", arg);
		return life->info_fd < 0 ? -EINVAL : 0;
	case OPT_KEEP_FD:
		return add_keep_fd(life, arg);
	}
	return -EINVAL;
}

static int settle(void *what)
{
	const struct run *run = what;
	const struct run_life *life = &run->life;

	if (life->detach && (life->tty || life->interactive))
		complain("--detach and -%c: choose one",
			 life->tty ? 't' : 'i');
	else if (life->detach && run->trace)
		complain("--detach and --trace: choose one");
	else if (life->keep && !run->ns.flags)
		complain("--keep %s: there are no new namespaces to keep",
			 life->keep);
	else
		return 0;
	return -EINVAL;
}

const struct opt_group keep_group = {
	.title = "PID 1, and namespaces that stay",
	.opts = more_opts,
	.take = take,
};

const struct opt_group life_group = {
	.title = "Life, terminal and files",
	.opts = opts,
	.take = take,
	.settle = settle,
};
