// SPDX-License-Identifier: GPL-2.0
/* nslens ps, pid, show and status: what they print, in each format, and how they end. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

/* One container, with a second process in it. */
FIXTURE(cli)
{
	struct tool *tool;
	struct child box, inside;
	char *pid, *ns;
};

FIXTURE_SETUP(cli)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWPID | CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->inside, 0));
	self->pid = format("%d", self->box.pid);
	self->ns = format("pid:[%u]", ns_ino(self->box.pid, "pid"));
}

FIXTURE_TEARDOWN(cli)
{
	child_end(&self->inside);
	child_end(&self->box);
	free(self->tool);
}

TEST_F(cli, ps_lists_all_processes_under_headings)
{
	static struct pid_list all;

	ASSERT_EQ(0, proc_list(0, &all));
	ASSERT_EQ(0, NSLENS(self->tool, "ps"));
	EXPECT_NE(NULL, strstr(self->tool->out, "PID NSPID"));
	EXPECT_NE(NULL, strstr(self->tool->out, "COMMAND\n"));
	EXPECT_NE(NULL, strstr(self->tool->out, " kthreadd\n"));
	EXPECT_NE(NULL, strstr(self->tool->out, " nslens\n"));
	/* Kernel threads come and go; more than twenty would be too many. */
	EXPECT_LE(all.n, count_lines(self->tool->out) + 20);
	EXPECT_GE(all.n + 22, count_lines(self->tool->out));
}

TEST_F(cli, ps_prints_each_column)
{
	static const struct {
		const char *column, *field;
	} by_status[] = {
		{ "PID", "Pid" }, { "TGID", "Tgid" }, { "PPID", "PPid" },
	};
	static const char * const ns_columns[NR_NS] = {
		"CGROUPNS", "IPCNS", "MNTNS", "NETNS", "PIDNS", "TIMENS",
		"USERNS", "UTSNS", "PIDCHILDNS", "TIMECHILDNS",
	};
	static const char * const by_level[][2] = {
		{ "NSPID", "NSpid" }, { "NSTGID", "NStgid" },
		{ "NSPGID", "NSpgid" }, { "NSSID", "NSsid" },
	};
	pid_t pid = self->inside.pid;
	char *arg = format("%d", pid);
	struct numbers n;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by_status); i++)
		EXPECT_PRINTS(format("%ld\n", proc_number(pid,
							  by_status[i].field,
							  0)),
			      "ps", "-rno", by_status[i].column, arg);
	for (i = 0; i < NR_NS; i++)
		EXPECT_PRINTS(format("%u\n", ns_ino(pid, ns_types[i].link)),
			      "ps", "-rno", ns_columns[i], arg);
	for (i = 0; i < ARRAY_SIZE(by_level); i++) {
		ASSERT_EQ(0, proc_numbers(pid, by_level[i][1], &n));
		EXPECT_PRINTS(format("%u,%u\n", n.v[0], n.v[1]),
			      "ps", "-rno", by_level[i][0], arg);
	}
	EXPECT_PRINTS(format("%d,1\n", self->box.pid),
		      "ps", "-rno", "NSPPID", arg);
	EXPECT_PRINTS("1 0 0 0 0\n", "ps", "-rno", "LEVEL,UID,GID,NSUID,NSGID",
		      arg);
	EXPECT_PRINTS("-\n", "ps", "-rno", "TRACER", arg);
	EXPECT_PRINTS("child-reaper\n", "ps", "-rno", "FLAGS", self->pid);
	EXPECT_PRINTS("kthread kthreadd\n", "ps", "-rno", "FLAGS,COMMAND", "2");
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-rno", "START", arg));
	EXPECT_EQ(proc_start_ticks(pid) / sysconf(_SC_CLK_TCK),
		  atoll(self->tool->out));
}

TEST_F(cli, ps_adds_columns_to_the_default_ones)
{
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-ro", "+NETNS,UTSNS",
			    self->pid));
	EXPECT_EQ(0, strncmp("PID NSPID ", self->tool->out, 10));
	EXPECT_NE(NULL, strstr(self->tool->out, " NETNS UTSNS\n"));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format(" %u %u\n", ns_ino(self->box.pid, "net"),
				      ns_ino(self->box.pid, "uts"))));
	EXPECT_EQ(2, count_lines(self->tool->out));
}

TEST_F(cli, ps_omits_headings)
{
	EXPECT_PRINTS(format("%d\n", self->box.pid), "ps", "-n", "-r", "-o",
		      "PID", self->pid);
	EXPECT_PRINTS(format("PID\n%d\n", self->box.pid), "ps", "-r", "-o",
		      "PID", self->pid);
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "--noheadings", "--raw",
			    "--output", "PID", self->pid));
	EXPECT_STREQ(format("%d\n", self->box.pid), self->tool->out);
}

TEST_F(cli, ps_lists_its_columns)
{
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "--list-columns"));
	EXPECT_NE(NULL, strstr(self->tool->out, " NSPID  "));
	EXPECT_NE(NULL, strstr(self->tool->out, " CGROUPNS  "));
	EXPECT_LE(25, count_lines(self->tool->out));
}

TEST_F(cli, ps_prints_json)
{
	char *command = format("nslens ps -J -o PID,NSPID,UTSNS,COMMAND %d %d",
			       self->box.pid, self->inside.pid);

	EXPECT_JSON("2\n", command, "len(j[\"tasks\"])");
	EXPECT_JSON(format("%d [%d, 1] %u cli_test\n", self->box.pid,
			   self->box.pid, ns_ino(self->box.pid, "uts")),
		    command, "*j[\"tasks\"][0].values()");
}

TEST_F(cli, ps_takes_targets_of_every_kind)
{
	char *both = format("%d\n%d\n", self->box.pid, self->inside.pid);
	char *ino = format("%u", ns_ino(self->box.pid, "pid"));

	EXPECT_PRINTS(both, "ps", "-rno", "PID", self->ns);
	EXPECT_PRINTS(both, "ps", "-rno", "PID",
		      format("/proc/%s/ns/pid", self->pid));
	EXPECT_PRINTS(both, "ps", "-rno", "PID",
		      format("uts:[%u]", ns_ino(self->box.pid, "uts")));
	EXPECT_PRINTS(format("%d\n", self->box.pid), "ps", "-rno", "PID",
		      format("%s:1", ino));
	EXPECT_PRINTS(format("%d\n", self->inside.pid), "ps", "-rno", "PID",
		      format("%s:%d", self->ns, self->inside.pid_there));
	EXPECT_PRINTS(both, "ps", "-rnso", "PID", self->pid);
	EXPECT_PRINTS("nslens\n", "ps", "-rno", "COMMAND", "self");
	EXPECT_PRINTS(both, "ps", "-rno", "PID", self->pid,
		      format("%d", self->inside.pid));
}

/* What does not exist, which is one thing, and what makes no sense. */
TEST_F(cli, ps_tells_what_is_wrong_with_a_target)
{
	static const struct {
		const char *target;
		int status;
	} wrong[] = {
		{ "99999999", EXIT_NOT_THERE },
		{ "net:[1]", EXIT_NOT_THERE },
		{ "4294967295:1", EXIT_NOT_THERE },
		{ "0", EXIT_OWN },
		{ "2147483648", EXIT_NOT_THERE },
		{ "-5", EXIT_OWN },
		{ "abc", EXIT_NOT_THERE },
		{ "0123456789abcdef", EXIT_NOT_THERE },
		{ "self5", EXIT_OWN },
		{ "12x", EXIT_OWN },
		{ "", EXIT_OWN },
		{ "net:[", EXIT_OWN },
		{ "net:[x]", EXIT_OWN },
		{ "bogus:[1]", EXIT_OWN },
		{ "/etc/passwd", EXIT_OWN },
		{ "/no/such/file", EXIT_NOT_THERE },
		{ "/sys/fs/cgroup/no/such", EXIT_NOT_THERE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(wrong[i].status,
			  NSLENS(self->tool, "ps", wrong[i].target)) {
			TH_LOG("'%s'", wrong[i].target);
		}
		EXPECT_EQ(0, strncmp("nslens: ps: ", self->tool->err, 12));
		EXPECT_NE(NULL, strstr(self->tool->err, wrong[i].target));
		EXPECT_EQ(1, count_lines(self->tool->err));
		/* It speaks of what was typed, not of the module's attributes. */
		EXPECT_EQ(NULL, strstr(self->tool->err, "member-of"));
	}
}

/* One target that is gone does not disturb the others. */
TEST_F(cli, ps_lists_what_there_is)
{
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "ps", "-rno", "PID",
					 "99999999", self->pid));
	EXPECT_STREQ(format("%d\n", self->box.pid), self->tool->out);
	EXPECT_EQ(1, count_lines(self->tool->err));
}

TEST_F(cli, pid_translates_in_every_direction)
{
	char *there = format("%d", self->inside.pid_there);
	char *here = format("%d", self->inside.pid);

	EXPECT_PRINTS(format("%s\n", there), "pid", here);
	EXPECT_PRINTS(format("%s\n", there), "pid", here, "--to", self->ns);
	EXPECT_PRINTS(format("%s\n", here), "pid", there, "--from", self->ns);
	EXPECT_PRINTS(format("%s\n", here), "pid", there, "--from",
		      format("/proc/%s/ns/pid", self->pid));
	EXPECT_PRINTS(format("%s\n", here), "pid", there, "--from", self->pid);
	EXPECT_PRINTS(format("1\n%s\n", there), "pid", self->pid, here);
	EXPECT_PRINTS("1\n", "pid", "1", "--from", self->ns, "--to", self->ns);
}

TEST_F(cli, pid_prints_a_dash_where_there_is_no_number)
{
	EXPECT_PRINTS("-\n1\n", "pid", "1", self->pid, "--to", self->ns);
}

TEST_F(cli, pid_prints_one_line_for_each)
{
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "pid", "1", "99999999",
					 self->pid));
	EXPECT_STREQ("1\n-\n1\n", self->tool->out);
	EXPECT_EQ(1, count_lines(self->tool->err));
	EXPECT_NE(NULL, strstr(self->tool->err, "99999999"));
}

TEST_F(cli, ps_adds_no_column_twice)
{
	ASSERT_EQ(0, NSLENS(self->tool, "ps", "-Lro", "+TGID", self->pid));
	EXPECT_NE(NULL, strstr(self->tool->out, "TGID"));
	EXPECT_EQ(NULL, strstr(strstr(self->tool->out, "TGID") + 4, "TGID"));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ps", "-o", "PID,"));
	EXPECT_NE(NULL, strstr(self->tool->err, "'PID,': a column's name"));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ps", "--threads=3"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--threads takes no value"));
}

TEST_F(cli, pid_reads_standard_input)
{
	EXPECT_EQ(0, SHELL(self->tool, format("echo 1 %s | nslens pid -",
					      self->pid)));
	EXPECT_STREQ("1\n1\n", self->tool->out);
	/* More than one message takes */
	EXPECT_EQ(0, SHELL(self->tool, "yes 1 | head -n 9000 | nslens pid - | uniq -c"));
	EXPECT_EQ(9000, atoi(self->tool->out));
	EXPECT_EQ(1, count_lines(self->tool->out));
}

/* A line that is none does not disturb the others. */
TEST_F(cli, pid_answers_each_line)
{
	EXPECT_EQ(EXIT_NOT_THERE,
		  SHELL(self->tool, format("printf '1\\nx\\n\\n%s\\n0\\n' | nslens pid -",
					   self->pid)));
	EXPECT_STREQ("1\n-\n-\n1\n-\n", self->tool->out);
	EXPECT_EQ(3, count_lines(self->tool->err));
	EXPECT_NE(NULL, strstr(self->tool->err, "line 2: x: "));
	EXPECT_NE(NULL, strstr(self->tool->err, "line 3: empty: "));
	EXPECT_NE(NULL, strstr(self->tool->err, "line 5: 0: "));
}

TEST_F(cli, pid_names_the_option_at_fault)
{
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "pid", "1", "--from",
					 "99999999"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--from 99999999: "));
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "pid", "1", "--to",
					 "pid:[1]"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--to pid:[1]: "));
}

TEST_F(cli, pid_prints_all_levels_as_json)
{
	char *command = format("nslens pid -J %d", self->inside.pid);

	EXPECT_JSON(format("[%d, %d]\n", self->inside.pid,
			   self->inside.pid_there), command,
		    "[l[\"pid\"] for l in j[\"pids\"][0][\"levels\"]]");
	EXPECT_JSON(format("[%u, %u]\n", ns_ino(getpid(), "pid"),
			   ns_ino(self->box.pid, "pid")), command,
		    "[l[\"pidns\"] for l in j[\"pids\"][0][\"levels\"]]");
}

TEST_F(cli, pid_refuses_what_is_no_pid_or_namespace)
{
	static const char * const wrong[][6] = {
		{ "nslens", "pid" },
		{ "nslens", "pid", "x" },
		{ "nslens", "pid", "0" },
		{ "nslens", "pid", "--", "-1" },
		{ "nslens", "pid", "2147483648" },
		{ "nslens", "pid", "1", "--from", "bogus" },
		{ "nslens", "pid", "1", "--to", "uts:[1]" },
		{ "nslens", "pid", "1", "--to", "/proc/1/ns/net" },
		{ "nslens", "pid", "1", "--to", "/etc/passwd" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(EXIT_OWN, tool_run(self->tool, wrong[i])) {
			TH_LOG("case %u", i);
		}
		EXPECT_EQ(0, strncmp("nslens: pid: ", self->tool->err, 13));
		EXPECT_EQ(1, count_lines(self->tool->err));
		EXPECT_STREQ("", self->tool->out);
	}
}

TEST_F(cli, show_tells_all_about_a_task)
{
	unsigned int i;

	ASSERT_EQ(0, NSLENS(self->tool, "show", self->pid));
	EXPECT_NE(NULL, strstr(self->tool->out, "cli_test"));
	EXPECT_NE(NULL, strstr(self->tool->out, "child-reaper"));
	for (i = 0; i < NR_NS; i++)
		EXPECT_NE(NULL, strstr(self->tool->out,
				       format("%u", ns_ino(self->box.pid,
							   ns_types[i].link))));
}

TEST_F(cli, show_prints_json)
{
	char *command = format("nslens show -J %d", self->box.pid);
	char types[] = "[n[\"ns\"] for n in j[\"namespaces\"]]";
	char whose[] = "[n[\"type\"] for n in j[\"namespaces\"] if n[\"whose\"] == \"own\"]";
	char expected[512];
	unsigned int i, n = 0;

	for (i = 0; i < NR_NS; i++)
		n += sprintf(expected + n, "%s%u", i ? ", " : "[",
			     ns_ino(self->box.pid, ns_types[i].link));
	sprintf(expected + n, "]\n");
	EXPECT_JSON(expected, command, types);
	EXPECT_JSON("['pid', 'uts', 'pid_for_children']\n", command, whose);
}

TEST_F(cli, show_lists_who_is_in_a_namespace)
{
	ASSERT_EQ(0, NSLENS(self->tool, "show", self->ns));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format(" %d,1 ", self->box.pid)));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format(" %d,%d ", self->inside.pid,
				      self->inside.pid_there)));
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "show", "99999999"));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "show"));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "show", "1", "2"));
}

TEST_F(cli, status_tells_what_there_is)
{
	ASSERT_EQ(0, NSLENS(self->tool, "status"));
	EXPECT_NE(NULL, strstr(self->tool->out, "CAP_SYS_ADMIN"));
	EXPECT_NE(NULL, strstr(self->tool->out, "everything"));
	EXPECT_JSON(format("True %u 0\n", ns_ino(getpid(), "pid")),
		    "nslens status -J",
		    "j[\"loaded\"], j[\"pidns\"], j[\"uid\"], sep=\" \"");
}

static long status_there(void *tool)
{
	return NSLENS(tool, "status");
}

static long ps_there(void *tool)
{
	return NSLENS(tool, "ps", "-rno", "NETNS,NSUID", "1");
}

static long names_there(void *tool)
{
	return NSLENS(tool, "ps", "-rno", "COMMAND");
}

TEST_F(cli, shows_a_user_less)
{
	uid_t alice = 12345;
	struct child user;

	ASSERT_EQ(0, child_spawn(&user, 0));
	ASSERT_EQ(0, child_do(&user, child_setuid, &alice, sizeof(alice)));
	EXPECT_EQ(0, child_do(&user, status_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_EQ(NULL, strstr(self->tool->out, "everything"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "CAP_SYS_ADMIN"));
	EXPECT_EQ(0, child_do(&user, ps_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_STREQ("- -\n", self->tool->out);
	child_end(&user);
}

TEST_F(cli, shows_a_container_itself)
{
	EXPECT_EQ(0, child_do(&self->box, names_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_STREQ("cli_test\ncli_test\nnslens\n", self->tool->out);
}

/* Usage and help, the same of each verb */
TEST_F(cli, refuses_wrong_usage)
{
	static const char * const wrong[][5] = {
		{ "nslens" },
		{ "nslens", "bogus" },
		{ "nslens", "ps", "--bogus" },
		{ "nslens", "ps", "-Z" },
		{ "nslens", "ps", "-o", "BOGUS" },
		{ "nslens", "ps", "-o" },
		{ "nslens", "ps", "-J", "-r" },
		{ "nslens", "ps", "-J", "--watch" },
		{ "nslens", "ls", "-J", "--watch" },
		{ "nslens", "ls", "--watch=0" },
		{ "nslens", "ls", "--color=maybe" },
		{ "nslens", "ls", "-t", "pid,bogus" },
		{ "nslens", "ls", "--tree=bogus" },
		{ "nslens", "graph", "1" },
		{ "nslens", "diff" },
		{ "nslens", "pid", "--to" },
		{ "nslens", "show", "--bogus" },
		{ "nslens", "status", "1" },
		{ "nslens", "help", "bogus" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(EXIT_OWN, tool_run(self->tool, wrong[i])) {
			TH_LOG("case %u", i);
		}
		EXPECT_STRNE("", self->tool->err);
		EXPECT_STREQ("", self->tool->out);
	}
}

TEST_F(cli, helps)
{
	static const char * const verbs[] = {
		"run", "ps", "ls", "show", "diff", "pid", "graph", "status"
	};
	unsigned int i;

	ASSERT_EQ(0, NSLENS(self->tool, "--help"));
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		EXPECT_NE(NULL, strstr(self->tool->out,
				       format("\n  %s ", verbs[i])));
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		ASSERT_EQ(0, NSLENS(self->tool, verbs[i], "--help"));
		EXPECT_EQ(0, strncmp(format("usage: nslens %s ", verbs[i]),
				     self->tool->out, 14 + strlen(verbs[i])));
		ASSERT_EQ(0, NSLENS(self->tool, "help", verbs[i]));
		EXPECT_EQ(0, strncmp("usage: nslens ", self->tool->out, 14));
	}
}

/* A full disk is an error. */
TEST_F(cli, tells_that_it_could_not_print)
{
	static const char * const commands[] = {
		"ps", "ps -J", "ps --help", "ps --list-columns", "ls",
		"ls --help", "ls --watch", "show 1", "show -J 1",
		"show --help", "diff 1", "pid 1", "pid --help", "graph",
		"graph --help", "status", "status --help", "--help", "help ps",
		"--version",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_EQ(EXIT_OWN, SHELL(self->tool,
					  format("nslens %s >/dev/full",
						 commands[i]))) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(1, count_lines(self->tool->err));
	}
	EXPECT_EQ(125, SHELL(self->tool, "nslens run --help >/dev/full"));
}

TEST_F(cli, ps_shows_the_tree_below_a_task)
{
	EXPECT_PRINTS(format("%d\n%d\n", self->box.pid, self->inside.pid),
		      "ps", "-rn", "--tree", "-o", "PID", self->pid);
	EXPECT_EQ(0, NSLENS(self->tool, "ps", "-n", "--tree", "-o",
			    "PID,COMMAND", self->pid));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format("%d `-cli_test\n", self->inside.pid)));
}

TEST_F(cli, takes_the_last_list_of_columns)
{
	EXPECT_PRINTS(format("%d\n", self->box.pid), "ps", "-rn", "-o", "UID",
		      "-o", "PID", self->pid);
}

TEST_HARNESS_MAIN
