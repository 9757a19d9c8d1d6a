// SPDX-License-Identifier: GPL-2.0
/* nslens trace and what goes with it: what they print, and how they end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define EXIT_NOT_THERE	1
#define EXIT_OWN	2
#define EXIT_RUN_OWN	125
#define NO_ONE		"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"

FIXTURE(trace_cli)
{
	struct tool *tool, *other;
	char *file;
};

FIXTURE_SETUP(trace_cli)
{
	self->tool = calloc(1, sizeof(*self->tool));
	self->other = calloc(1, sizeof(*self->other));
	ASSERT_NE(NULL, self->tool);
	ASSERT_NE(NULL, self->other);
	self->file = format("/tmp/trace-cli-%d", getpid());
}

FIXTURE_TEARDOWN(trace_cli)
{
	tool_kill(self->tool);
	tool_kill(self->other);
	unlink(self->file);
	free(self->tool);
	free(self->other);
}

#define TOOL(t, ...)	\
	tool_run(t, (const char * const []){ __VA_ARGS__, NULL })
#define TOOL_START(t, ...)	\
	tool_start(t, (const char * const []){ __VA_ARGS__, NULL })

static const char python[] =
	"/usr/bin/python3 -c 'import json\n"
	"e = [json.loads(l) for l in open(\"%s\")]\n"
	"def of(k): return [x for x in e if x[\"kind\"] == k]\n"
	"def inos(k): return sorted(x[\"ns-ino\"] for x in of(k))\n"
	"print(%s)'";

/* What python makes of the events in self->file, which it calls e. */
#define EXPECT_EVENTS(expected, expression) do {			\
	EXPECT_EQ(0, SHELL(self->other, format(python, self->file,	\
					       expression)));		\
	EXPECT_STREQ(expected, self->other->out);			\
	EXPECT_STREQ("", self->other->err);				\
} while (0)

TEST_F(trace_cli, traces_a_command_from_its_first_instruction)
{
	struct tool *t = self->tool;
	int pid;

	EXPECT_EQ(7, NSLENS(t, "trace", "-no", self->file, "--", "/bin/sh", "-c",
			    "echo $$; exit 7"));
	pid = atoi(t->out);
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, TOOL(self->other, "cat", self->file));
	EXPECT_EQ(2, count_lines(self->other->out));
	EXPECT_TRUE(has_line(self->other->out, format(" exec       %d ", pid),
			     " /bin/sh (was nslens)"));
	EXPECT_TRUE(has_line(self->other->out, format(" exit       %d ", pid),
			     " sh              code 7"));
	EXPECT_NE(NULL, strstr(t->err, "nslens: trace: 2 events in "));
	EXPECT_NE(NULL, strstr(t->err, " s, none lost\n"));
}

TEST_F(trace_cli, traces_all_for_as_long_as_a_command_takes)
{
	static const char script[] =
		"kill -9 $0; until grep -q '^State:.Z' /proc/$0/status; do :; done; exit 7";
	struct tool *t = self->tool, *sh = self->other;

	ASSERT_EQ(0, TOOL_START(sh, "sh"));
	EXPECT_EQ(7, NSLENS(t, "trace", "-an", "--", "sh", "-c", script,
			    format("%d", sh->pid)));
	EXPECT_TRUE(has_line(t->out, format(" exit       %d ", sh->pid),
			     "SIGKILL"));
	EXPECT_TRUE(has_line(t->out, " exec ", "/grep (was sh)"));
	EXPECT_TRUE(has_line(t->out, " exit ", "sh              code 7"));
	tool_wait(sh);
	/* Unless it has an end. */
	ASSERT_EQ(0, TOOL_START(sh, "sh"));
	ASSERT_EQ(0, NSLENS_START(t, "trace", "-ae", "exit", "--duration", "600",
				  "--", "true"));
	ASSERT_EQ(0, tool_await(t, " true "));
	kill(sh->pid, SIGKILL);
	EXPECT_EQ(0, tool_await(t, format(" exit       %d ", sh->pid)));
	kill(t->pid, SIGINT);
	EXPECT_EQ(0, tool_wait(t));
	tool_wait(sh);
}

/* It ends with that, however soon, once all have been told of. */
TEST_F(trace_cli, begins_with_what_exists_beside_a_command)
{
	static struct pid_list before, after;
	struct tool *t = self->tool;
	unsigned int i, j;

	ASSERT_EQ(0, proc_list(0, &before));
	EXPECT_EQ(3, NSLENS(t, "trace", "-an", "--exists", "--", "sh", "-c",
			    "exit 3"));
	ASSERT_EQ(0, proc_list(0, &after));
	for (i = 0, j = 0; i < before.n; i++) {
		while (j < after.n && after.v[j] < before.v[i])
			j++;
		if (j < after.n && after.v[j] == before.v[i])
			EXPECT_TRUE(has_line(t->out, format(" exists     %d ",
							    before.v[i]), ""));
	}
}

TEST_F(trace_cli, shows_a_container_being_born_and_gone)
{
	struct tool *t = self->tool;
	unsigned int host = ns_ino(getpid(), "pid");

	EXPECT_EQ(0, NSLENS(t, "trace", "-Jo", self->file, "--",
			    "unshare", "-fpmu", "--mount-proc", "sh", "-c",
			    "cd /proc/self/ns; stat -Lc %i pid mnt uts | sort"));
	EXPECT_EVENTS(t->out, "*inos(\"ns-create\"), sep=\"\\n\"");
	EXPECT_EVENTS(t->out, "*inos(\"ns-destroy\"), sep=\"\\n\"");
	EXPECT_EVENTS("unshare ['mnt', 'pid_for_children', 'uts']\n",
		      "*[(x[\"how\"], sorted(x[\"changed\"])) for x in of(\"switch\")][0]");
	EXPECT_EVENTS(format("[%u]\n", host),
		      "[x[\"old-ns\"][\"pid_for_children\"] for x in of(\"switch\")]");
	/* The first child is PID 1 there, the next 2. */
	EXPECT_EVENTS("[1, 2, 3]\n", "[x[\"pids\"][1] for x in of(\"fork\")]");
	EXPECT_EVENTS("[1, 2, 2]\n",
		      "[len(x[\"parent-pids\"]) for x in of(\"fork\")]");
	EXPECT_EVENTS("True\n", "[x[\"seq\"] for x in e] == list(range(1, len(e) + 1))");
}

TEST_F(trace_cli, selects_events)
{
	static const char script[] = "/bin/true; /bin/true; exit 0";
	struct tool *t = self->tool;

	EXPECT_EQ(0, NSLENS(t, "trace", "-ne", "exec", "--", "sh", "-c", script));
	EXPECT_EQ(3, count_lines(t->out));
	EXPECT_FALSE(has_line(t->out, " fork ", ""));
	EXPECT_NE(NULL, strstr(t->err, " 3 events in "));
	EXPECT_EQ(0, NSLENS(t, "trace", "-ne", "^exec,exit", "--", "sh", "-c",
			    script));
	EXPECT_EQ(2, count_lines(t->out));
	EXPECT_TRUE(has_line(t->out, " fork ", ""));
	EXPECT_EQ(0, NSLENS(t, "trace", "-ne", "ns", "--", "unshare", "-u",
			    "true"));
	EXPECT_EQ(3, count_lines(t->out));
	EXPECT_EQ(0, NSLENS(t, "trace", "-ne", "tasks", "--", "unshare", "-u",
			    "true"));
	EXPECT_EQ(3, count_lines(t->out));
}

TEST_F(trace_cli, follows_only_if_asked_to)
{
	struct tool *t = self->tool, *sh = self->other;
	char *pid;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, TOOL_START(sh, "sh"));
		pid = format("%d", sh->pid);
		ASSERT_EQ(0, NSLENS_START(t, "trace", i ? "-f" : "-q", pid));
		ASSERT_EQ(0, tool_await(t, "DETAILS\n"));
		tool_type(sh, "/bin/true; exit 0\n");
		EXPECT_EQ(0, tool_wait(sh));
		/* It ends by itself. */
		EXPECT_EQ(0, tool_wait(t));
		EXPECT_TRUE(has_line(t->out, " fork ", format("by %s", pid)));
		EXPECT_TRUE(has_line(t->out, format(" exit       %s ", pid),
				     "code 0"));
		EXPECT_EQ(i, has_line(t->out, " exec ", "/bin/true"));
		EXPECT_EQ(!i, !strstr(t->err, "none lost"));
	}
}

TEST_F(trace_cli, ends_when_the_last_descendant_has_ended)
{
	struct tool *t = self->tool;
	struct pollfd ended;

	ASSERT_EQ(0, NSLENS_START(t, "trace", "--", "sh", "-c",
				  "exec 3<&0; cat <&3 >/dev/null & exit 3"));
	ended = (struct pollfd){ t->pidfd, POLLIN, 0 };
	ASSERT_EQ(0, tool_await(t, "code 3"));
	ASSERT_EQ(0, tool_await(t, "/cat "));
	EXPECT_EQ(0, poll(&ended, 1, 0));
	tool_type(t, NULL);
	EXPECT_EQ(3, tool_wait(t));
	EXPECT_TRUE(has_line(t->out, " exit ", "cat             code 0"));
}

TEST_F(trace_cli, ends_after_so_long_or_so_many)
{
	struct tool *t = self->tool;

	EXPECT_EQ(0, NSLENS(t, "trace", "-na", "--duration", "0.1"));
	EXPECT_NE(NULL, strstr(t->err, "none lost"));
	EXPECT_EQ(9, NSLENS(t, "trace", "-n", "--count=3", "--", "sh", "-c",
			    "/bin/true; /bin/true; /bin/true; exit 9"));
	EXPECT_EQ(3, count_lines(t->out));
	EXPECT_NE(NULL, strstr(t->err, " 3 events in "));
	/* All that there was before is told, so this is as many as there are. */
	EXPECT_EQ(0, NSLENS(t, "trace", "-na", "-e", "exists", "--count=20"));
	EXPECT_EQ(20, count_lines(t->out));
}

TEST_F(trace_cli, begins_with_what_exists)
{
	struct tool *t = self->tool;
	char *pid = format("%d", getpid());

	EXPECT_EQ(0, NSLENS(t, "trace", "-n", "--exists", "--count=1", pid));
	EXPECT_EQ(1, count_lines(t->out));
	EXPECT_TRUE(has_line(t->out, format(" exists     %s ", pid),
			     format(" pid:[%u]", ns_ino(getpid(), "pid"))));
}

static const char sum[] =
	"nslens trace -qcJ -- sh -c '%s' | /usr/bin/python3 -c 'import json, sys\n"
	"s = json.load(sys.stdin)[\"summary\"]\n"
	"print([(r[\"command\"], r[\"events\"]) for r in s])'";

TEST_F(trace_cli, sums_up)
{
	static const char script[] = "for i in 1 2 3 4; do /bin/true; done; exit 0";
	struct tool *t = self->tool;

	EXPECT_EQ(0, NSLENS(t, "trace", "-c", "--", "sh", "-c", script));
	EXPECT_EQ(4, count_lines(t->out));
	EXPECT_TRUE(has_line(t->out, "PERCENT EVENTS FORK EXEC EXIT", "COMMAND"));
	EXPECT_TRUE(has_line(t->out, " 8    0    4    4 ", " true"));
	EXPECT_TRUE(has_line(t->out, " 6    4    1    1 ", " sh"));
	EXPECT_TRUE(has_line(t->out, "100.0     14    4    5    5 ", " total"));
	EXPECT_EQ(0, SHELL(t, format(sum, script)));
	EXPECT_STREQ("[('true', 8), ('sh', 6)]\n", t->out);
}

TEST_F(trace_cli, returns_the_status_of_the_command)
{
	struct tool *t = self->tool;

	EXPECT_EQ(128 + SIGKILL, NSLENS(t, "trace", "--", "sh", "-c",
					"kill -9 $$"));
	EXPECT_TRUE(has_line(t->out, " exit ", "SIGKILL"));
	EXPECT_EQ(127, NSLENS(t, "trace", "--", "no-such-command"));
	EXPECT_NE(NULL, strstr(t->err, "no-such-command: no such command in PATH"));
	EXPECT_EQ(127, NSLENS(t, "trace", "--", "/no/such/command"));
	EXPECT_NE(NULL, strstr(t->err, "/no/such/command: no such command\n"));
	EXPECT_EQ(126, NSLENS(t, "trace", "--", "/etc/passwd"));
	EXPECT_NE(NULL, strstr(t->err, "cannot be executed: Permission denied"));
}

TEST_F(trace_cli, says_totals_when_it_is_interrupted)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct tool *t = self->tool;
	char *pid = format("%d", getpid());
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		ASSERT_EQ(0, NSLENS_START(t, "trace", "-f", pid));
		ASSERT_EQ(0, tool_await(t, "DETAILS\n"));
		EXPECT_EQ(0, TOOL(self->other, "true"));
		/* What has happened is told: fork, exec and exit. */
		kill(t->pid, signals[i]);
		EXPECT_EQ(0, tool_wait(t));
		EXPECT_EQ(4, count_lines(t->out));
		EXPECT_NE(NULL, strstr(t->err, "nslens: trace: 3 events in "));
		EXPECT_NE(NULL, strstr(t->err, ", none lost\n"));
	}
}

static const char deaf[] =
	"import signal as s\n"
	"s.pthread_sigmask(s.SIG_BLOCK, [s.SIGTERM])\n"
	"print(\"ready\", flush=True)\n"
	"s.sigwait([s.SIGTERM])\n"
	"print(\"got it\", flush=True)\n"
	"s.pause()\n";

TEST_F(trace_cli, gives_signals_to_the_command_first)
{
	struct tool *t = self->tool;

	ASSERT_EQ(0, NSLENS_START(t, "trace", "--", "sleep", "1000"));
	ASSERT_EQ(0, tool_await(t, "sleep (was nslens)"));
	kill(t->pid, SIGTERM);
	EXPECT_EQ(128 + SIGTERM, tool_wait(t));
	EXPECT_TRUE(has_line(t->out, " exit ", "SIGTERM"));

	/* It may not want them. */
	ASSERT_EQ(0, NSLENS_START(t, "trace", "--", "/usr/bin/python3", "-c",
				  deaf));
	ASSERT_EQ(0, tool_await(t, "ready\n"));
	kill(t->pid, SIGTERM);
	ASSERT_EQ(0, tool_await(t, "got it\n"));
	kill(t->pid, SIGTERM);
	wait_exit(t->pidfd);
	EXPECT_EQ(0, kill(atoi(strstr(t->out, " exec       ") + 12), SIGKILL));
	EXPECT_EQ(128 + SIGTERM, tool_wait(t));
	EXPECT_NE(NULL, strstr(t->err, "none lost"));
}

TEST_F(trace_cli, does_not_mind_a_reader_who_leaves)
{
	struct tool *t = self->tool;

	EXPECT_EQ(0, SHELL(t, "{ nslens trace -a --exists; echo $? >&2; } | head -n 1"));
	EXPECT_EQ(1, count_lines(t->out));
	EXPECT_STREQ("0\n", t->err);
	/* Nothing happens, and nobody reads. */
	EXPECT_EQ(0, SHELL(t, "{ nslens trace -n 2; echo $? >&2; } | true"));
	EXPECT_STREQ("0\n", t->err);
}

TEST_F(trace_cli, does_not_hang_on_a_reader_who_pauses)
{
	struct tool *t = self->tool;
	struct pollfd out, ended;
	struct herd herd;

	ASSERT_EQ(0, herd_spawn(&herd, 200));
	ASSERT_EQ(0, NSLENS_START(t, "trace", "-aJ", "--exists"));
	/* Unless there is more in it already. */
	if (fcntl(t->fds[0], F_SETPIPE_SZ, 4096) < 0)
		ASSERT_EQ(EBUSY, errno);
	out = (struct pollfd){ t->fds[0], POLLIN, 0 };
	ended = (struct pollfd){ t->pidfd, POLLIN, 0 };
	EXPECT_EQ(1, poll(&out, 1, 60000));
	kill(t->pid, SIGINT);
	EXPECT_EQ(1, poll(&ended, 1, 60000));
	EXPECT_EQ(0, tool_wait(t));
	EXPECT_NE(NULL, strstr(t->err, " events in "));
	herd_end(&herd);
}

TEST_F(trace_cli, a_full_disk_is_an_error)
{
	struct tool *t = self->tool;

	EXPECT_EQ(EXIT_OWN, SHELL(t, "nslens trace -a --exists >/dev/full"));
	EXPECT_NE(NULL, strstr(t->err, "No space left on device")) {
		TH_LOG("%s", t->err);
	}
}

TEST_F(trace_cli, shows_the_unprivileged_only_their_own)
{
	struct tool *t = self->tool;

	EXPECT_EQ(5, TOOL(t, NO_ONE, "nslens", "trace", "-n", "--", "sh", "-c",
			  "exit 5"));
	EXPECT_TRUE(has_line(t->out, " exec ", "sh (was nslens)"));
	EXPECT_TRUE(has_line(t->out, " exit ", "code 5"));

	ASSERT_EQ(0, TOOL_START(t, NO_ONE, "nslens", "trace", "-a"));
	ASSERT_EQ(0, tool_await(t, "DETAILS\n"));
	EXPECT_EQ(0, TOOL(self->other, "/bin/true"));
	EXPECT_EQ(0, TOOL(self->other, NO_ONE, "/bin/false") - 1);
	ASSERT_EQ(0, tool_await(t, "code 1"));
	kill(t->pid, SIGINT);
	EXPECT_EQ(0, tool_wait(t));
	EXPECT_EQ(NULL, strstr(t->out, "true"));
	EXPECT_TRUE(has_line(t->out, " exec ", "/bin/false (was setpriv)"));
}

TEST_F(trace_cli, explains_what_is_wrong)
{
	static const struct {
		const char *args, *says;
		int status;
	} cases[] = {
		{ "", "nothing to trace: name a TARGET, or a command after --, or -a", EXIT_OWN },
		{ "--", "nothing to trace", EXIT_OWN },
		{ "-e foo 1", "-e foo: foo is none of fork,", EXIT_OWN },
		{ "-e '' 1", "is none of fork,", EXIT_OWN },
		{ "--count 0 1", "--count 0: want how many", EXIT_OWN },
		{ "--duration soon 1", "--duration soon: want seconds", EXIT_OWN },
		{ "--time never 1", "--time never: want start, boot or wall", EXIT_OWN },
		{ "--color=red 1", "--color red: want auto, always or never", EXIT_OWN },
		{ "-o /no/such/file 1", "/no/such/file: No such file", EXIT_OWN },
		{ "4194303", "4194303: pid: no such task", EXIT_NOT_THERE },
		{ "pid:[1]", "add.ns.ino: ", EXIT_NOT_THERE },
		{ "/sys/fs/cgroup/no-such", "add.cgroup: no such cgroup", EXIT_NOT_THERE },
		{ "4194303 -- true", "no such task", EXIT_RUN_OWN },
	};
	struct tool *t = self->tool;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].status,
			  SHELL(t, format("nslens trace %s", cases[i].args)));
		EXPECT_NE(NULL, strstr(t->err, cases[i].says)) {
			TH_LOG("%s: %s", cases[i].args, t->err);
		}
		EXPECT_STREQ("", t->out);
	}
}

TEST_F(trace_cli, survives_odd_names)
{
	static const char odd[] =
		"import os\n"
		"with open(\"/proc/self/comm\", \"wb\") as f: f.write(b\"\\xff\\\"\\x1b[m\\\\\")\n"
		"os.fork() or os._exit(0)\n"
		"os.wait()";
	struct tool *t = self->tool;

	EXPECT_EQ(0, NSLENS(t, "trace", "-Jo", self->file, "--",
			    "/usr/bin/python3", "-c", odd));
	EXPECT_EVENTS("True\n",
		      "[x[\"comm\"] for x in of(\"fork\")] == [\"?\\\"\\x1b[m\\\\\"]");
	EXPECT_EQ(0, NSLENS(t, "trace", "--", "/usr/bin/python3", "-c", odd));
	EXPECT_TRUE(has_line(t->out, " fork ", "  \\xff\"\\x1b[m\\ "));
	EXPECT_EQ(NULL, strchr(t->out, '\x1b'));
}

TEST_F(trace_cli, run_can_trace)
{
	struct tool *t = self->tool;

	EXPECT_EQ(4, NSLENS(t, "run", "--hostname", "box", "--trace", "--",
			    "sh", "-c", "hostname; exit 4"));
	EXPECT_NE(NULL, strstr(t->out, "box\n"));
	EXPECT_TRUE(has_line(t->out, " fork ", " in new cgroup:["));
	EXPECT_TRUE(has_line(t->out, ",1 ", "sh (was nslens)"));
	EXPECT_TRUE(has_line(t->out, ",1 ", "code 4"));
	EXPECT_TRUE(has_line(t->out, " ns-destroy ", " uts:["));
	/* Once is enough, and a command's arguments are its own. */
	EXPECT_EQ(0, NSLENS(t, "run", "--trace", "--trac", "echo", "--trace"));
	EXPECT_NE(NULL, strstr(t->out, "\n--trace\n"));
	EXPECT_EQ(127, NSLENS(t, "run", "--trace", "no-such-command"));
}

static const char sessions[] =
	"nslens status -J | /usr/bin/python3 -c 'import json, sys\n"
	"j = json.load(sys.stdin); p = j[\"parameters\"]\n"
	"def get(n): return open(\"/sys/module/nslens/parameters/\" + n).read()[:-1]\n"
	"for s in j[\"sessions\"]:\n"
	" print(s[\"owner\"], s[\"targets\"], s[\"events\"], s[\"lost\"])\n"
	"print(all(get(n) == p[n] for n in p), \"ring_kb\" in p)'";

TEST_F(trace_cli, status_lists_sessions_and_parameters)
{
	struct tool *t = self->tool, *s = self->other;
	char *pid = format("%d", getpid());

	ASSERT_EQ(0, NSLENS_START(t, "trace", "-f", "-e", "fork,switch", pid));
	ASSERT_EQ(0, tool_await(t, "DETAILS\n"));
	EXPECT_EQ(0, NSLENS(s, "status"));
	EXPECT_NE(NULL, strstr(s->out, "\nsessions    1\n"));
	EXPECT_TRUE(has_line(s->out, "ID FRONT", "LOST"));
	/* It needs to know who ends. */
	EXPECT_TRUE(has_line(s->out, format(" netlink %5d fork,exit,switch ", t->pid),
			     format("%s+", pid)));
	EXPECT_EQ(0, SHELL(s, sessions));
	EXPECT_STREQ(format("%d ['%s+'] ['fork', 'exit', 'switch'] 0\nTrue True\n",
			    t->pid, pid), s->out);
	kill(t->pid, SIGINT);
	EXPECT_EQ(0, tool_wait(t));
	EXPECT_EQ(0, NSLENS(s, "status"));
	EXPECT_NE(NULL, strstr(s->out, "\nsessions    0\n"));
}

TEST_HARNESS_MAIN
