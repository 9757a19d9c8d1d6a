// SPDX-License-Identifier: GPL-2.0
/* nslens run with limits: a cgroup of its own, which is there only meanwhile. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define TOP	"/sys/fs/cgroup"
#define AS_USER	"setpriv --reuid 12345 --regid 12345 --clear-groups "

static unsigned int count_left(const char *dir)
{
	struct dirent *entry;
	DIR *list = opendir(dir);
	unsigned int n = 0;

	while (list && (entry = readdir(list)))
		n += !strncmp(entry->d_name, "nslens-", 7);
	if (list)
		closedir(list);
	return n;
}

FIXTURE(run_cgroup)
{
	struct tool *tool;
	char dir[64];
	unsigned int left;
};

FIXTURE_SETUP(run_cgroup)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	sprintf(self->dir, "/tmp/nslens-cgroup.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	/* Another's, that was killed, say. */
	self->left = count_left(TOP);
}

FIXTURE_TEARDOWN(run_cgroup)
{
	tool_kill(self->tool);
	EXPECT_EQ(self->left, count_left(TOP));
	rootfs_remove(self->dir);
	free(self->tool);
}

/* The cgroup of a process, as /proc has it here */
static char *cgroup_of(pid_t pid)
{
	static char text[4096];

	if (read_file(format("/proc/%d/cgroup", pid), text, sizeof(text)) < 0)
		return "none";
	text[strcspn(text, "\n")] = '\0';
	return format(TOP "%s", text + strlen("0::"));
}

static char *in_cgroup(const char *dir, const char *name)
{
	static char text[4096];

	if (read_file(format("%s/%s", dir, name), text, sizeof(text)) < 0)
		return "none";
	return text;
}

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	return read_file(file, text, sizeof(text)) < 0 ? -1 : atoi(text);
}

/* Start one that waits for input; returns the command's PID. */
static pid_t start(struct tool *t, const char *dir, const char *options)
{
	char *line = format("exec nslens run -i --pidfile %s/pid %s sh -c 'echo up; read x'",
			    dir, options);
	const char * const shell[] = { "sh", "-c", line, NULL };

	if (tool_start(t, shell) || tool_await(t, "up"))
		return -1;
	return read_pid(format("%s/pid", dir));
}

TEST_F(run_cgroup, has_the_limits_that_it_is_given)
{
	pid_t pid = start(self->tool, self->dir,
			  "--memory 64M --pids 20 --cpus 1.5");
	char *own;

	ASSERT_LT(0, pid) {
		TH_LOG("'%s'", self->tool->err);
	}
	own = cgroup_of(pid);
	EXPECT_NE(NULL, strstr(own, "/nslens-"));
	EXPECT_STRNE(own, cgroup_of(self->tool->pid));
	EXPECT_STREQ("67108864\n", in_cgroup(own, "memory.max"));
	EXPECT_STREQ("20\n", in_cgroup(own, "pids.max"));
	EXPECT_STREQ("150000 100000\n", in_cgroup(own, "cpu.max"));
	/* Where there is swap, it is no way around the limit. */
	if (!access(format("%s/memory.swap.max", own), F_OK))
		EXPECT_STREQ("0\n", in_cgroup(own, "memory.swap.max"));
	tool_type(self->tool, "\n");
	EXPECT_EQ(0, tool_wait(self->tool));
	EXPECT_EQ(-1, access(own, F_OK));
}

TEST_F(run_cgroup, takes_sizes_as_people_write_them)
{
	static const struct {
		const char *option, *file, *value;
	} rows[] = {
		{ "--memory 67108864", "memory.max", "67108864\n" },
		{ "--memory 65536k", "memory.max", "67108864\n" },
		{ "--memory 1G", "memory.max", "1073741824\n" },
		{ "--memory 2t", "memory.max", "2199023255552\n" },
		{ "--cpus 2", "cpu.max", "200000 100000\n" },
		{ "--cpus 0.02", "cpu.max", "2000 100000\n" },
		{ "--cpus .5", "cpu.max", "50000 100000\n" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pid_t pid = start(self->tool, self->dir, rows[i].option);

		ASSERT_LT(0, pid) {
			TH_LOG("%s: '%s'", rows[i].option, self->tool->err);
		}
		EXPECT_STREQ(rows[i].value, in_cgroup(cgroup_of(pid),
						      rows[i].file));
		tool_type(self->tool, "\n");
		EXPECT_EQ(0, tool_wait(self->tool));
	}
}

TEST_F(run_cgroup, refuses_limits_that_are_none)
{
	static const char * const rows[] = {
		"--memory 0", "--memory x", "--memory 5X", "--memory -1",
		"--memory 1Gi", "--memory 99999999999T", "--pids 0",
		"--pids x", "--pids -5", "--pids 1.5", "--cpus 0", "--cpus x",
		"--cpus 0.001", "--cpus -1", "--cpus 1,5", "--cpus inf",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(125, SHELL(self->tool, format("nslens run %s true",
							rows[i])));
		EXPECT_NE(NULL, strstr(self->tool->err, rows[i])) {
			TH_LOG("%s: '%s'", rows[i], self->tool->err);
		}
		EXPECT_EQ(1, count_lines(self->tool->err));
	}
}

/* It sees itself at the top, and its limits hold for what it starts. */
TEST_F(run_cgroup, has_its_cgroup_for_the_root_of_its_namespace)
{
	EXPECT_PRINTS("0::/\n", "run", "--pids", "20", "cat",
		      "/proc/self/cgroup");
	EXPECT_PRINTS("0::/\n", "run", "--user", "--pids", "20", "cat",
		      "/proc/self/cgroup");
}

TEST_F(run_cgroup, cannot_fork_more_than_it_may)
{
	/* Four of them, of which the shell is one, and only three forks work. */
	EXPECT_NE(0, NSLENS(self->tool, "run", "--pids", "4", "bash", "-c",
			    "for i in 1 2 3 4 5 6; do sleep 1000 & done"));
	EXPECT_NE(NULL, strstr(self->tool->err, "fork"));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--pids", "8", "bash", "-c",
			    "for i in 1 2 3 4 5 6; do sleep 1000 & done"));
}

TEST_F(run_cgroup, says_so_when_memory_runs_out)
{
	EXPECT_EQ(137, NSLENS(self->tool, "run", "--memory", "16M", "tail",
			      "/dev/zero"));
	EXPECT_STREQ("nslens: run: killed: out of memory of --memory 16M: 1 process\n",
		     self->tool->err);
	/* Also if what was killed is not the command itself. */
	EXPECT_EQ(5, NSLENS(self->tool, "run", "--memory", "16M", "sh", "-c",
			    "tail /dev/zero; exit 5"));
	EXPECT_NE(NULL, strstr(self->tool->err, "out of memory of --memory 16M"));
	/* And not without need. */
	EXPECT_EQ(137, NSLENS(self->tool, "run", "--memory", "64M", "--pid=host",
			      "sh", "-c", "kill -9 $$"));
	EXPECT_STREQ("", self->tool->err);
}

TEST_F(run_cgroup, is_gone_however_it_ends)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = {
		{ "nslens run --pids 20 true", 0 },
		{ "nslens run --pids 20 sh -c 'exit 3'", 3 },
		{ "nslens run --pids 20 no-such-command", 127 },
		{ "nslens run --pids 20 /dev/null", 126 },
		{ "nslens run --pids 20 --workdir /no/such true", 125 },
		{ "nslens run --pids 20 --rootfs /no/such true", 125 },
		{ "nslens run --pids 20 --memory 1K true", 125 },
		{ "nslens run --pids 20 --pid=host sh -c 'kill -9 $$'", 137 },
		/* with one left that ends only if it is killed */
		{ "nslens run --pids 20 --pid=host sh -c 'sleep 1000 >&- 2>&- & exit 4'", 4 },
		/* with a cgroup below it */
		{ "nslens run --pids 20 --cgroup=host sh -c 'mkdir "
		  TOP "$(cut -d : -f 3 /proc/self/cgroup)/below'", 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].status, SHELL(self->tool, rows[i].line)) {
			TH_LOG("%s: '%s'", rows[i].line, self->tool->err);
		}
		EXPECT_EQ(self->left, count_left(TOP)) {
			TH_LOG("%s", rows[i].line);
		}
	}
}

/* Wait until a file is not there any more; events tell of it. */
static bool await_gone(const char *path)
{
	unsigned int i;

	/* Each turn takes a process: no more than some seconds. */
	for (i = 0; i < 2000 && !access(path, F_OK); i++)
		free(tool_output((const char * const []){ "true", NULL },
				 &(int){ 0 }));
	return access(path, F_OK) < 0;
}

TEST_F(run_cgroup, is_gone_even_if_nslens_is_killed)
{
	static const char * const options[] = {
		"--pids 20", "--pids 20 --pid=host", "--memory 32M --init",
		"--pids 20 --user",
	};
	unsigned int i;
	int pidfd;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		pid_t pid = start(self->tool, self->dir, options[i]);
		char *own = cgroup_of(pid);

		ASSERT_LT(0, pid);
		pidfd = syscall(SYS_pidfd_open, pid, 0);
		ASSERT_LE(0, pidfd);
		kill(self->tool->pid, SIGKILL);
		wait_exit(pidfd);
		EXPECT_EQ(137, tool_wait(self->tool));
		EXPECT_TRUE(await_gone(own)) {
			TH_LOG("%s: %s", options[i], own);
		}
		close(pidfd);
	}
}

/* What nobody else would end, as it is in no PID namespace of its own */
TEST_F(run_cgroup, leaves_no_process_behind_in_it)
{
	char *script = "sleep 12345 </dev/null >/dev/null 2>&1 & exit 0";

	EXPECT_EQ(0, NSLENS(self->tool, "run", "--pid=host", "--pids", "20",
			    "sh", "-c", script));
	EXPECT_EQ(0, SHELL(self->tool, "set -e; list=$(ps -eo args); "
			   "case $list in *'sleep 1234'5*) false ;; esac"));
}

/*
 * A cgroup that holds processes can have none with limits below: that of the
 * command is made beside it then, or where it is said.
 */
TEST_F(run_cgroup, is_made_beside_a_cgroup_that_holds_processes)
{
	char *line = "mkdir " TOP "/outer " TOP "/outer/inner; "
		"echo $$ >" TOP "/outer/inner/cgroup.procs; "
		"nslens run --cgroup=host --pids 20 cat /proc/self/cgroup; "
		"echo $$ >" TOP "/cgroup.procs; "
		"rmdir " TOP "/outer/inner " TOP "/outer";

	EXPECT_EQ(0, SHELL(self->tool, line));
	EXPECT_EQ(0, strncmp("0::/outer/nslens-", self->tool->out, 17)) {
		TH_LOG("'%s' '%s'", self->tool->out, self->tool->err);
	}
}

TEST_F(run_cgroup, is_made_where_it_is_said)
{
	char *line = "cd " TOP "; mkdir mine; "
		"run='nslens run --cgroup=host --cgroup-parent'; "
		"$run $PWD/mine --pids 20 cat /proc/self/cgroup; "
		"$run mine cat /proc/self/cgroup; "
		"ls mine | grep nslens; rmdir mine";

	EXPECT_EQ(0, SHELL(self->tool, line));
	EXPECT_EQ(0, strncmp("0::/mine/nslens-", self->tool->out, 16)) {
		TH_LOG("'%s' '%s'", self->tool->out, self->tool->err);
	}
	EXPECT_EQ(2, count_lines(self->tool->out));
	/* Whatever becomes the root. */
	EXPECT_EQ(0, SHELL(self->tool,
			   "cd " TOP "; mkdir mine; "
			   "nslens run --cgroup-parent mine --rootfs / true; "
			   "s=$?; rmdir mine; exit $s")) {
		TH_LOG("%s", self->tool->err);
	}
}

TEST_F(run_cgroup, says_what_the_matter_is_where_it_cannot_be_made)
{
	static const struct {
		const char *about, *line;
	} rows[] = {
		/* no such controller there, as its parent does not hand it on */
		{ "mine/cgroup.controllers: No such file or directory: no memory",
		  "echo -memory >" TOP "/cgroup.subtree_control; mkdir " TOP "/mine; "
		  "nslens run --memory 16M --cgroup-parent " TOP "/mine true; "
		  "s=$?; rmdir " TOP "/mine; exit $s" },
		/* it holds a process */
		{ "mine/cgroup.procs: Device or resource busy",
		  "echo +pids >" TOP "/cgroup.subtree_control; mkdir " TOP "/mine; "
		  "sleep 1000 & echo $! >" TOP "/mine/cgroup.procs; "
		  "nslens run --pids 5 --cgroup-parent " TOP "/mine true; "
		  "s=$?; kill $!; wait; rmdir " TOP "/mine; exit $s" },
		/* it is somebody else's */
		{ "Permission denied: it is not yours",
		  AS_USER "nslens run --user --pids 5 true" },
		/* it is no cgroup */
		{ "/tmp/cgroup.controllers: No such file",
		  "nslens run --pids 5 --cgroup-parent /tmp true" },
		{ "--cgroup-parent /no/such: No such file",
		  "nslens run --pids 5 --cgroup-parent /no/such true" },
		/* there is no hierarchy */
		{ "no v2 hierarchy",
		  "unshare -m sh -c 'umount -l " TOP "; exec nslens run --pids 5 true'" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(125, SHELL(self->tool, rows[i].line)) {
			TH_LOG("%u", i);
		}
		EXPECT_NE(NULL, strstr(self->tool->err, rows[i].about)) {
			TH_LOG("%u: '%s'", i, self->tool->err);
		}
		EXPECT_EQ(1, count_lines(self->tool->err));
	}
}

/* Of an ordinary user, who has a cgroup of his own */
TEST_F(run_cgroup, is_made_by_who_has_been_given_a_cgroup)
{
	char *line = "echo +pids >" TOP "/cgroup.subtree_control; "
		"mkdir " TOP "/his " TOP "/his/shell; "
		"chown -R 12345 " TOP "/his; "
		"echo $$ >" TOP "/his/shell/cgroup.procs; "
		AS_USER "nslens run --user --cgroup=host --pids 20 cat /proc/self/cgroup; s=$?; "
		"echo $$ >" TOP "/cgroup.procs; "
		"rmdir " TOP "/his/shell " TOP "/his; exit $s";

	EXPECT_EQ(0, SHELL(self->tool, line)) {
		TH_LOG("'%s'", self->tool->err);
	}
	EXPECT_EQ(0, strncmp("0::/his/nslens-", self->tool->out, 15));
}

TEST_HARNESS_MAIN
