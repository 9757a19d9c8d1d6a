// SPDX-License-Identifier: GPL-2.0
/*
 * How a command of nslens run lives and ends: signals, PID 1, what is orphaned,
 * in the background, and what is kept of its namespaces.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

FIXTURE(run_life)
{
	struct tool *tool;
	char dir[64];
	char *pidfile;
};

FIXTURE_SETUP(run_life)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	sprintf(self->dir, "/tmp/nslens-life.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	self->pidfile = format("%s/pid", self->dir);
}

FIXTURE_TEARDOWN(run_life)
{
	tool_kill(self->tool);
	rootfs_remove(self->dir);
	free(self->tool);
}

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	return read_file(file, text, sizeof(text)) < 0 ? -1 : atoi(text);
}

/* Start a shell line of bash under nslens run; it says "up" when it is ready. */
static int start(struct tool *t, const char *options, const char *script)
{
	char *line = format("exec nslens run %s -- bash -c '%s'", options,
			    script);
	const char * const shell[] = { "sh", "-c", line, NULL };

	return tool_start(t, shell) || tool_await(t, "up");
}

/* The PIDs of those that are in a PID namespace are gone when it is. */
static int open_pid(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

TEST_F(run_life, gets_every_signal_that_it_can_handle)
{
	static const int signals[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
		SIGWINCH, SIGIO, SIGPWR, SIGVTALRM, SIGXCPU,
		34, 40, 64,	/* real-time, as the kernel counts */
	};
	static const char * const options[] = { "", "--init", "--pid=host" };
	const char *script =
		"for s in $(seq 64); do trap \"echo got $s.\" $s; done 2>/dev/null; "
		"trap \"kill \\$!; exit 7\" TERM; "
		"sleep 1000 & echo up; while :; do wait $!; done";
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(options); k++) {
		ASSERT_EQ(0, start(self->tool, options[k], script)) {
			TH_LOG("'%s'", self->tool->err);
		}
		for (i = 0; i < ARRAY_SIZE(signals); i++) {
			ASSERT_EQ(0, kill(self->tool->pid, signals[i]));
			EXPECT_EQ(0, tool_await(self->tool,
						format("got %d.", signals[i]))) {
				TH_LOG("signal %d, %s", signals[i], options[k]);
			}
		}
		ASSERT_EQ(0, kill(self->tool->pid, SIGTERM));
		EXPECT_EQ(7, tool_wait(self->tool));
	}
}

/* Without --init, PID 1 is left alone by signals that it does not handle. */
TEST_F(run_life, ends_by_a_signal_as_any_process_does_with_init)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		ASSERT_EQ(0, start(self->tool, "--init",
				   "echo up; exec sleep 1000"));
		ASSERT_EQ(0, kill(self->tool->pid, signals[i]));
		EXPECT_EQ(128 + signals[i], tool_wait(self->tool));
	}
}

TEST_F(run_life, exits_as_the_command_does_with_init)
{
	EXPECT_EQ(42, NSLENS(self->tool, "run", "--init", "sh", "-c",
			     "exit 42"));
	EXPECT_EQ(137, NSLENS(self->tool, "run", "--init", "sh", "-c",
			      "kill -9 $$"));
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--init", "no-such-command"));
	EXPECT_NE(NULL, strstr(self->tool->err, "no-such-command"));
	EXPECT_EQ(1, count_lines(self->tool->err));
	EXPECT_EQ(126, NSLENS(self->tool, "run", "--init", "/dev/null"));
	EXPECT_EQ(1, count_lines(self->tool->err));
}

TEST_F(run_life, is_a_child_of_pid_1_with_init)
{
	EXPECT_PRINTS("2 1\n", "run", "--init", "sh", "-c", "echo $$ $PPID");
	EXPECT_PRINTS("nslens-init\n", "run", "--init", "sh", "-c",
		      "tr '\\0' '\\n' </proc/1/cmdline | head -n 1");
	/* Its standard input, output and error are its own. */
	EXPECT_PRINTS("out", "run", "--init", "printf", "out");
}

/* Orphans stay as zombies unless PID 1 waits for them: then there are but two. */
TEST_F(run_life, has_its_orphans_reaped_with_init)
{
	const char *script =
		"for i in 1 2 3 4 5 6 7 8 9; do (: & exec true) & wait $!; done; "
		"cd /proc; set -- [0-9]*; "
		"while [ $# != 2 ]; do set -- [0-9]*; done; echo $*";
	/* It looks until its parent has gone, and it is another's. */
	const char *orphan =
		"init=$PPID; "
		"echo $(bash -c 'bash -c \"until grep -q ^PPid:.$0\\$ /proc/\\$\\$/status; do :; done; "
		"echo adopted\" & exec true' $init)";

	ASSERT_EQ(0, NSLENS(self->tool, "run", "--init", "bash", "-c", script));
	EXPECT_STREQ("1 2\n", self->tool->out);
	/* In the PID namespace here they are its children all the same. */
	ASSERT_EQ(0, NSLENS(self->tool, "run", "--init", "--pid=host", "bash",
			    "-c", orphan));
	EXPECT_STREQ("adopted\n", self->tool->out);
}

/* Nothing of nslens run is to be seen from inside, nor of its file written. */
TEST_F(run_life, has_a_pid_1_that_gives_nothing_away)
{
	setenv("NSLENS_SECRET", "hidden", 1);
	EXPECT_EQ(1, NSLENS(self->tool, "run", "--init", "--clear-env",
			    "--hostname", "box", "grep", "-aq",
			    "[N]SLENS_SECRET\\|[h]ostname", "/proc/1/environ",
			    "/proc/1/cmdline"));
	unsetenv("NSLENS_SECRET");
	/* Root may write to any file, but where it is mounted read-only. */
	EXPECT_EQ(1, NSLENS(self->tool, "run", "--init", "test", "-w",
			    "/proc/1/exe"));
	EXPECT_EQ(1, NSLENS(self->tool, "run", "--init", "--user", "test", "-w",
			    "/proc/1/exe"));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "test", "-w", "/proc/1/exe"));
	EXPECT_PRINTS("0 1 2\n", "run", "-i", "--init", "sh", "-c",
		      "cd /proc/1/fd; set -- $(ls); "
		      "while [ $# -gt 2 ]; do set -- $(ls); done; echo 0 $*");
}

TEST_F(run_life, dies_with_nslens_whatever_its_pid_1_is)
{
	static const char * const options[] = {
		"", "--init", "--uid 1000", "--user", "--pid=host",
		"--init --pid=host", "--cap-drop ALL", "--uid 7 --init",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		int pidfd;

		ASSERT_EQ(0, start(self->tool,
				   format("--pidfile %s %s", self->pidfile,
					  options[i]),
				   "echo up; exec sleep 1000")) {
			TH_LOG("%s: '%s'", options[i], self->tool->err);
		}
		pidfd = open_pid(read_pid(self->pidfile));
		ASSERT_LE(0, pidfd);
		kill(self->tool->pid, SIGKILL);
		wait_exit(pidfd);
		/* The pipes end with the last that had them. */
		EXPECT_EQ(137, tool_wait(self->tool));
		close(pidfd);
	}
}

TEST_F(run_life, outlives_nslens_if_it_is_to)
{
	pid_t pid;
	int pidfd;

	ASSERT_EQ(0, start(self->tool,
			   format("-i --kill-child=no --pidfile %s",
				  self->pidfile),
			   "echo up; exec cat"));
	pid = read_pid(self->pidfile);
	pidfd = open_pid(pid);
	ASSERT_LE(0, pidfd);
	kill(self->tool->pid, SIGKILL);
	wait_exit(self->tool->pidfd);
	/* Its parent is gone, and it can still do something. */
	tool_type(self->tool, "again\n");
	EXPECT_EQ(0, tool_await(self->tool, "again"));
	kill(pid, SIGKILL);
	wait_exit(pidfd);
	EXPECT_EQ(137, tool_wait(self->tool));
	close(pidfd);
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--kill-child=maybe", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--kill-child=maybe"));
}

/* A subreaper, so that what nslens leaves to itself becomes a child of ours. */
static void end_detached(pid_t pid)
{
	int pidfd = open_pid(pid);

	kill(pid, SIGKILL);
	wait_exit(pidfd);
	close(pidfd);
	/* Its nslens run; then there is nobody left. */
	while (wait(NULL) > 0)
		;
}

TEST_F(run_life, goes_on_in_the_background)
{
	struct numbers nspid;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* This returns, although the command would hold the pipes open. */
	ASSERT_EQ(0, NSLENS(self->tool, "run", "--detach", "--pidfile",
			    self->pidfile, "sh", "-c",
			    "echo out; echo err >&2; exec sleep 1000"));
	pid = atoi(self->tool->out);
	EXPECT_STREQ(format("%d\n", pid), self->tool->out);
	EXPECT_STREQ("", self->tool->err);
	EXPECT_EQ(pid, read_pid(self->pidfile));
	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &nspid));
	EXPECT_EQ(1, innermost(&nspid));
	/* Whoever watches over it is in no session of ours, nor anywhere. */
	EXPECT_NE(getsid(0), getsid(proc_number(pid, "PPid", 0)));
	EXPECT_EQ(0, SHELL(self->tool,
			   format("cd /proc; readlink %ld/cwd; cd %d/fd; readlink 0 1 2 | sort -u",
				  proc_number(pid, "PPid", 0), pid)));
	EXPECT_STREQ("/\n/dev/null\n", self->tool->out);
	end_detached(pid);
}

TEST_F(run_life, writes_to_files_in_the_background)
{
	const char *says = "echo out; echo err >&2; exec sleep 1000";
	char *line = format("cd %s; nslens run --detach --pidfile pid sh -c '%s' >out 2>err",
			    self->dir, says);
	char text[64];
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ASSERT_EQ(0, SHELL(self->tool, line));
	pid = read_pid(self->pidfile);
	ASSERT_LT(0, pid);
	/* It wrote before it became sleep. */
	do {
		ASSERT_EQ(0, proc_comm(pid, text, sizeof(text)));
	} while (strcmp(text, "sleep"));
	ASSERT_LT(0, read_file(format("%s/err", self->dir), text, sizeof(text)));
	EXPECT_STREQ("err\n", text);
	ASSERT_LT(0, read_file(format("%s/out", self->dir), text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "out\n"));
	end_detached(pid);
}

TEST_F(run_life, tells_of_what_fails_before_it_is_in_the_background)
{
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--detach", "no-such-command"));
	EXPECT_NE(NULL, strstr(self->tool->err, "no-such-command"));
	EXPECT_STREQ("", self->tool->out);
	EXPECT_EQ(126, NSLENS(self->tool, "run", "--detach", "/dev/null"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--detach", "--workdir",
			      "/no/such", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "/no/such"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--detach", "-t", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--detach"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--detach", "-i", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--detach"));
}

TEST_F(run_life, removes_its_cgroup_in_the_background_too)
{
	char text[256];
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ASSERT_EQ(0, NSLENS(self->tool, "run", "--detach", "--pids", "9",
			    "sleep", "1000"));
	pid = atoi(self->tool->out);
	ASSERT_LT(0, read_file(format("/proc/%d/cgroup", pid), text,
			       sizeof(text)));
	text[strcspn(text, "\n")] = '\0';
	EXPECT_NE(NULL, strstr(text, "/nslens-"));
	end_detached(pid);
	EXPECT_EQ(-1, access(format("/sys/fs/cgroup%s", text + 3), F_OK));
}

#define KEPT	"/run/nslens/nslens-test"

TEST_F(run_life, has_its_namespaces_kept)
{
	static const char * const types[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
	};
	const char *script = "mount -t tmpfs none /mnt; echo up; read x";
	unsigned int i, ino[ARRAY_SIZE(types)];
	pid_t pid;

	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "-i", "--keep",
				  "nslens-test", "--user", "--time",
				  "--hostname", "kept", "--pidfile",
				  self->pidfile, "sh", "-c", script));
	ASSERT_EQ(0, tool_await(self->tool, "up")) {
		TH_LOG("'%s'", self->tool->err);
	}
	pid = read_pid(self->pidfile);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		ino[i] = ns_ino(pid, types[i]);
	tool_type(self->tool, "\n");
	EXPECT_EQ(0, tool_wait(self->tool));

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct stat st = { 0 };

		EXPECT_EQ(0, stat(format(KEPT "/%s", types[i]), &st));
		EXPECT_EQ(ino[i], st.st_ino) {
			TH_LOG("%s", types[i]);
		}
	}
	/* They can be entered, and are what they were. */
	EXPECT_EQ(0, SHELL(self->tool,
			   "nsenter --uts=" KEPT "/uts uname -n; "
			   "nsenter --mount=" KEPT "/mnt stat -f -c %T /mnt; "
			   "nsenter --net=" KEPT "/net ip -o link | wc -l"));
	EXPECT_STREQ("kept\ntmpfs\n1\n", self->tool->out);
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--keep", "nslens-test",
			      "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--unkeep"));
	EXPECT_PRINTS("", "run", "--unkeep", "nslens-test");
	EXPECT_EQ(-1, access(KEPT, F_OK));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--unkeep", "nslens-test"));
	EXPECT_NE(NULL, strstr(self->tool->err, "nothing is kept"));
}

/* Nobody reads what is told of it. */
TEST_F(run_life, has_nothing_kept_if_nslens_cannot_go_on)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	close(fds[0]);
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--keep", "nslens-test",
			      "--info-fd", format("%d", fds[1]), "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "info: --info-fd: Broken pipe"));
	EXPECT_EQ(-1, access(KEPT, F_OK));
	close(fds[1]);
}

/* Only those that are new, and only of a command that started */
TEST_F(run_life, keeps_what_is_its_own)
{
	EXPECT_PRINTS("", "run", "--keep", "nslens-test", "--net=host",
		      "--uts=host", "true");
	EXPECT_EQ(0, access(KEPT "/mnt", F_OK));
	EXPECT_EQ(-1, access(KEPT "/net", F_OK));
	EXPECT_EQ(-1, access(KEPT "/uts", F_OK));
	EXPECT_EQ(-1, access(KEPT "/user", F_OK));
	EXPECT_PRINTS("", "run", "--unkeep", "nslens-test");

	EXPECT_EQ(127, NSLENS(self->tool, "run", "--keep", "nslens-test",
			      "no-such-command"));
	EXPECT_EQ(-1, access(KEPT, F_OK));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--keep", "nslens-test",
			      "--workdir", "/no/such", "true"));
	EXPECT_EQ(-1, access(KEPT, F_OK));
}

TEST_F(run_life, is_kept_by_a_sane_name_only)
{
	static const char * const names[] = { "", ".", "..", "a/b", "/etc", ".x" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(125, NSLENS(self->tool, "run", "--keep", names[i],
				      "true"));
		EXPECT_NE(NULL, strstr(self->tool->err, "--keep"));
		EXPECT_EQ(125, NSLENS(self->tool, "run", "--unkeep",
				      names[i]));
		EXPECT_NE(NULL, strstr(self->tool->err, "--unkeep"));
	}
}

TEST_HARNESS_MAIN
