// SPDX-License-Identifier: GPL-2.0
/*
 * The main job, from end to end and with the helper alone: what a container
 * believes, what the host knows, and that the two are the same tasks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	if (read_file(file, text, sizeof(text)) < 0)
		return -1;
	return atoi(text);
}

/* A busybox shell in a root file system of its own, on a terminal. */
FIXTURE(shell)
{
	struct terminal *terminal;
	struct tool *tool;
	char rootfs[64];
	char *pidfile;
	pid_t pid;
};

FIXTURE_SETUP(shell)
{
	self->terminal = calloc(1, sizeof(*self->terminal));
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->terminal);
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
	self->pidfile = format("%s.pid", self->rootfs);
	ASSERT_EQ(0, terminal_start(self->terminal, 33, 111,
				    (const char * const []){
		"nslens", "run", "--rootfs", self->rootfs, "--hostname", "box",
		"--pidfile", self->pidfile, "-it", "/bin/sh", NULL }));
	ASSERT_EQ(0, terminal_await(self->terminal, "/ # ")) {
		TH_LOG("'%s'", self->terminal->seen);
	}
	self->pid = read_pid(self->pidfile);
	ASSERT_LT(0, self->pid);
}

FIXTURE_TEARDOWN(shell)
{
	terminal_end(self->terminal);
	tool_kill(self->tool);
	unlink(self->pidfile);
	rootfs_remove(self->rootfs);
	free(self->terminal);
	free(self->tool);
}

/* What a command prints there, between marks that its echo does not contain. */
static const char *inside(struct terminal *t, const char *command)
{
	char *begin, *end;

	t->length = 0;
	t->seen[0] = '\0';
	terminal_type(t, format("echo be''gin; %s; echo e''nd\n", command));
	if (terminal_await(t, "\nend"))
		return "nothing came";
	begin = strstr(t->seen, "\nbegin\r\n");
	if (!begin)
		return "nothing began";
	end = strstr(begin, "\nend");
	*end = '\0';
	t->length = end - t->seen;
	return begin + strlen("\nbegin\r\n");
}

/* 1: PID 1, and only its own */
TEST_F(shell, sees_itself_as_pid_1_and_only_its_own)
{
	const char *ps = inside(self->terminal, "ps");

	EXPECT_NE(NULL, strstr(ps, "    1 0")) {
		TH_LOG("'%s'", ps);
	}
	EXPECT_NE(NULL, strstr(ps, "{sh}") ?: strstr(ps, "/bin/sh"));
	/* a heading, the shell, and ps, whose line is not ended here */
	EXPECT_EQ(2, count_lines(ps));
	EXPECT_STREQ("1\r", inside(self->terminal, "echo $$"));
	EXPECT_STREQ("box\r", inside(self->terminal, "hostname"));
}

/* 2: the same task from the host, and type by type what is its own */
TEST_F(shell, is_an_ordinary_process_with_some_namespaces_of_its_own)
{
	char *here = format("%d", self->pid);
	struct numbers nspid;
	unsigned int i;

	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-rno", "PID,NSPID,PPID,COMMAND",
			    here));
	ASSERT_EQ(0, proc_numbers(self->pid, "NSpid", &nspid));
	ASSERT_EQ(2, nspid.n);
	EXPECT_STREQ(format("%d %u,%u %ld sh\n", self->pid, nspid.v[0],
			    nspid.v[1], proc_number(self->pid, "PPid", 0)),
		     self->tool->out);
	EXPECT_EQ(1, nspid.v[1]);

	ASSERT_EQ(0, NSLENS(self->tool, "show", "-J", here));
	for (i = 0; i < NR_NS_TYPES; i++) {
		unsigned int ino = ns_ino(self->pid, ns_types[i].link);
		bool own = ino != ns_ino(1, ns_types[i].link);
		char *at = strstr(self->tool->out, format("%u", ino));

		ASSERT_NE(NULL, at);
		at = strstr(at, "\"whose\":");
		ASSERT_NE(NULL, at);
		at += strlen("\"whose\":");
		at += strspn(at, " \"");
		EXPECT_EQ(own, !strncmp(at, "own", 3)) {
			TH_LOG("%s: '%.20s'", ns_types[i].name, at);
		}
		EXPECT_EQ(!own, !strncmp(at, "host", 4));
		/* as Docker does */
		EXPECT_EQ(!own, i == NSLENS_NS_TYPE_TIME ||
			  i == NSLENS_NS_TYPE_USER);
	}
}

/* 3: from the host's number to the container's and back */
TEST_F(shell, has_both_numbers_translated)
{
	char *ns = format("pid:[%u]", ns_ino(self->pid, "pid"));
	char *here = format("%d", self->pid);
	const char *says = inside(self->terminal, "echo $$");
	pid_t its_own = atoi(says);

	ASSERT_EQ(0, NSLENS(self->tool, "pid", here));
	EXPECT_EQ(its_own, atoi(self->tool->out));
	ASSERT_EQ(0, NSLENS(self->tool, "pid", here, "--to", ns));
	EXPECT_EQ(its_own, atoi(self->tool->out));
	ASSERT_EQ(0, NSLENS(self->tool, "pid", "--from", ns,
			    format("%d", its_own)));
	EXPECT_EQ(self->pid, atoi(self->tool->out));
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-rno", "PID",
			    format("%u:1", ns_ino(self->pid, "pid"))));
	EXPECT_EQ(self->pid, atoi(self->tool->out));
}

/* A child of the shell has a number on each side, too. */
TEST_F(shell, has_a_child_with_both_numbers)
{
	pid_t there = atoi(inside(self->terminal, "sleep 1000 & echo $!"));
	char *ns = format("pid:[%u]", ns_ino(self->pid, "pid"));
	struct numbers nspid;

	ASSERT_LT(1, there);
	ASSERT_EQ(0, NSLENS(self->tool, "pid", "--from", ns,
			    format("%d", there)));
	ASSERT_EQ(0, proc_numbers(atoi(self->tool->out), "NSpid", &nspid));
	EXPECT_EQ(2, nspid.n);
	EXPECT_EQ(there, nspid.v[1]);
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-rno", "PID", ns));
	EXPECT_EQ(2, count_lines(self->tool->out));
}

TEST_F(shell, has_a_terminal_of_the_same_size)
{
	static const char script[] =
		"sh -c 'trap \"stty size; exit\" WINCH; echo wai\"\"ting; while :; do :; done'\n";
	struct winsize size = { .ws_row = 44, .ws_col = 99 };

	EXPECT_STREQ("33 111\r", inside(self->terminal, "stty size"));
	EXPECT_EQ(0, strncmp("/dev/", inside(self->terminal, "tty"), 5));
	/* Also when that changes, which what runs there is told. */
	terminal_type(self->terminal, script);
	ASSERT_EQ(0, terminal_await(self->terminal, "waiting"));
	ASSERT_EQ(0, ioctl(self->terminal->slave, TIOCSWINSZ, &size));
	EXPECT_EQ(0, terminal_await(self->terminal, "44 99\r"));
}

TEST_F(shell, interrupts_what_runs_inside_with_control_c)
{
	/* exec, since ash forgets a Ctrl-C between echo and the fork of sleep. */
	static const char script[] =
		"sh -c \"echo be''gin; exec sleep 1000\"; echo ne''ver\n";

	self->terminal->length = 0;
	terminal_type(self->terminal, script);
	ASSERT_EQ(0, terminal_await(self->terminal, "begin"));
	terminal_type(self->terminal, "\003");
	EXPECT_STREQ("alive\r", inside(self->terminal, "echo ali''ve"));
	EXPECT_EQ(NULL, strstr(self->terminal->seen, "never"));
}

TEST_F(shell, leaves_the_terminal_as_it_was)
{
	struct termios now;

	terminal_type(self->terminal, "exit 42\n");
	EXPECT_EQ(42, terminal_wait(self->terminal));
	ASSERT_EQ(0, tcgetattr(self->terminal->slave, &now));
	EXPECT_EQ(self->terminal->modes.c_iflag, now.c_iflag);
	EXPECT_EQ(self->terminal->modes.c_oflag, now.c_oflag);
	EXPECT_EQ(self->terminal->modes.c_lflag, now.c_lflag);
}

TEST_F(shell, ends_with_control_d)
{
	terminal_type(self->terminal, "\004");
	EXPECT_EQ(0, terminal_wait(self->terminal));
}

/*
 * 4: two containers side by side, and one of them holds another three levels
 * deep. Each only waits, and says when it does.
 */
FIXTURE(worlds)
{
	struct tool *one, *other, *tool;
	pid_t one_pid, deep_pid;
	struct numbers deep;
};

/* The only one whose name is @comm */
static pid_t pid_of(const char *comm)
{
	static struct pid_list all;
	char name[64];
	unsigned int i;

	if (proc_list(0, &all))
		return -1;
	for (i = 0; i < all.n; i++) {
		if (!proc_comm(all.v[i], name, sizeof(name)) &&
		    !strcmp(name, comm))
			return all.v[i];
	}
	return -1;
}

#define WAIT_AS(name)	\
	"printf " name " >/proc/$$/comm; echo up; read x"

FIXTURE_SETUP(worlds)
{
	self->one = calloc(3, sizeof(*self->one));
	ASSERT_NE(NULL, self->one);
	self->other = self->one + 1;
	self->tool = self->one + 2;
	ASSERT_EQ(0, NSLENS_START(self->one, "run", "-i", "sh", "-c",
				  WAIT_AS("world-one")));
	ASSERT_EQ(0, NSLENS_START(self->other, "run", "-i", "nslens", "run",
				  "-i", "nslens", "run", "-i", "sh", "-c",
				  WAIT_AS("world-deep")));
	ASSERT_EQ(0, tool_await(self->one, "up"));
	ASSERT_EQ(0, tool_await(self->other, "up"));
	self->one_pid = pid_of("world-one");
	self->deep_pid = pid_of("world-deep");
	ASSERT_LT(0, self->one_pid);
	ASSERT_LT(0, self->deep_pid);
	ASSERT_EQ(0, proc_numbers(self->deep_pid, "NSpid", &self->deep));
	ASSERT_EQ(4, self->deep.n);
}

FIXTURE_TEARDOWN(worlds)
{
	tool_kill(self->one);
	tool_kill(self->other);
	free(self->one);
}

static pid_t parent_of(pid_t pid)
{
	return proc_number(pid, "PPid", 0);
}

TEST_F(worlds, have_the_right_numbers_at_all_levels)
{
	pid_t pid = self->deep_pid;
	char *here = format("%d", pid);
	unsigned int level;

	EXPECT_EQ(0, NSLENS(self->tool, "ps", "-rno", "NSPID", here));
	EXPECT_STREQ(format("%u,%u,%u,%u\n", self->deep.v[0], self->deep.v[1],
			    self->deep.v[2], self->deep.v[3]),
		     self->tool->out);
	/* Outwards: each nslens run has the inner one for a child. */
	for (level = 3; level; level--) {
		char *ns = format("pid:[%u]", ns_ino(pid, "pid"));

		ASSERT_EQ(0, NSLENS(self->tool, "pid", here, "--to", ns));
		EXPECT_EQ(self->deep.v[level], atoi(self->tool->out));
		ASSERT_EQ(0, NSLENS(self->tool, "pid", "--from", ns,
				    format("%u", self->deep.v[level])));
		EXPECT_EQ(self->deep_pid, atoi(self->tool->out));
		pid = parent_of(pid);
	}
	EXPECT_EQ(ns_ino(getpid(), "pid"), ns_ino(pid, "pid"));
}

TEST_F(worlds, have_no_numbers_in_their_siblings)
{
	char *one = format("pid:[%u]", ns_ino(self->one_pid, "pid"));
	char *deep = format("pid:[%u]", ns_ino(self->deep_pid, "pid"));

	NSLENS(self->tool, "pid", format("%d", self->deep_pid), "--to", one);
	EXPECT_STREQ("-\n", self->tool->out);
	NSLENS(self->tool, "pid", format("%d", self->one_pid), "--to", deep);
	EXPECT_STREQ("-\n", self->tool->out);
	NSLENS(self->tool, "pid", "1", "--from", one, "--to", deep);
	EXPECT_STREQ("-\n", self->tool->out);
}

/* By way of setns(), with what is installed outside. */
static int enter_and_run(struct tool *t, pid_t pid, const char *line)
{
	return tool_run(t, (const char * const []){
		"nsenter", "-t", format("%d", pid), "-p", "-m", "sh", "-c",
		line, NULL });
}

TEST_F(worlds, see_those_within_and_not_those_beside)
{
	pid_t middle = parent_of(self->deep_pid);

	ASSERT_EQ(0, enter_and_run(self->tool, self->one_pid,
				   "nslens ps -rno COMMAND"));
	EXPECT_NE(NULL, strstr(self->tool->out, "world-one"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "world-deep"));
	ASSERT_EQ(0, enter_and_run(self->tool, middle,
				   "nslens ps -rno NSPID,COMMAND"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "world-one"));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format("%u,%u world-deep\n", self->deep.v[2],
				      self->deep.v[3])));
	ASSERT_EQ(0, enter_and_run(self->tool, self->deep_pid,
				   "nslens ps -rno NSPID,COMMAND"));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format("%u world-deep\n", self->deep.v[3])));
	EXPECT_EQ(NULL, strstr(self->tool->out, ","));
}

/* 6: who uses the module inside sees itself, whatever it may do. */
TEST_F(worlds, show_a_container_itself_and_nothing_above)
{
	static const char * const as[] = {
		"", "--user", "--user --time",
		"setpriv --reuid 12345 --regid 12345 --clear-groups",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(as); i++) {
		char *line = format("exec nslens run %s nslens ps -rno PID,NSPID,PPID,COMMAND",
				    as[i]);

		EXPECT_EQ(0, SHELL(self->tool, line));
		EXPECT_STREQ("1 1 0 nslens\n", self->tool->out);
	}
	/* The numbers of the outside are nobody there. */
	EXPECT_EQ(1, SHELL(self->tool,
			   format("exec nslens run nslens pid %d",
				  self->deep_pid)));
	EXPECT_EQ(1, SHELL(self->tool,
			   format("exec nslens run nslens pid 1 --to 'pid:[%u]'",
				  ns_ino(getpid(), "pid"))));
}

TEST_HARNESS_MAIN
