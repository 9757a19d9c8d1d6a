// SPDX-License-Identifier: GPL-2.0
/*
 * nslens exec: what the command has in common with the process that it is put
 * next to, what it does not get of the host, and how it ends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	if (read_file(file, text, sizeof(text)) < 0)
		return -1;
	return atoi(text);
}

/* Who somebody is, and with what limits. */
#define LOOK	"grep -E \"^(Uid|Gid|Groups|Cap|NoNew)\" /proc/self/status"

#define LINKS	"cd /proc/self/ns; for t in cgroup ipc mnt net pid time user uts; " \
		"do readlink $t; done"

/* A container: busybox, that has left in a file what its commands are like. */
FIXTURE(exec)
{
	struct tool *box, *tool;
	struct child child;
	struct terminal *terminal;
	char rootfs[64];
	char *pidfile;
	char *pid;
	pid_t nr;
};

FIXTURE_VARIANT(exec)
{
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(exec, docker) { "--like=docker" };
FIXTURE_VARIANT_ADD(exec, user) { "--time --map 0:100000:65536" };
FIXTURE_VARIANT_ADD(exec, nobody) {
	"--uid 7 --groups 8,9 --cap-drop ALL --cap-add CHOWN --no-new-privs" };
/* clang-format on */

FIXTURE_SETUP(exec)
{
	const char *script = "cd /tmp; " LOOK " >/dev/shm/status; echo up; exec sleep 1000";
	char *line;

	self->box = calloc(1, sizeof(*self->box));
	self->tool = calloc(1, sizeof(*self->tool));
	self->terminal = calloc(1, sizeof(*self->terminal));
	ASSERT_NE(NULL, self->box);
	ASSERT_NE(NULL, self->tool);
	ASSERT_NE(NULL, self->terminal);
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
	ASSERT_EQ(0, symlink("busybox", format("%s/bin/grep", self->rootfs)));
	self->pidfile = format("%s.pid", self->rootfs);
	line = format("exec nslens run --rootfs %s --pidfile %s %s %s /bin/sh -c '%s'",
		      self->rootfs, self->pidfile, "--env COLOR=blue",
		      variant->options, script);
	ASSERT_EQ(0, tool_start(self->box, (const char * const []){
		"sh", "-c", line, NULL }));
	ASSERT_EQ(0, tool_await(self->box, "up")) {
		TH_LOG("%s", self->box->err);
	}
	self->nr = read_pid(self->pidfile);
	ASSERT_LT(0, self->nr);
	self->pid = format("%d", self->nr);
}

FIXTURE_TEARDOWN(exec)
{
	terminal_end(self->terminal);
	tool_kill(self->tool);
	child_end(&self->child);
	tool_kill(self->box);
	unlink(self->pidfile);
	rootfs_remove(self->rootfs);
	free(self->terminal);
	free(self->tool);
	free(self->box);
}

TEST_F(exec, is_in_all_namespaces_of_the_process)
{
	unsigned int i;

	EXPECT_EQ(0, NSLENS(self->tool, "exec", self->pid, "--", "sh", "-c",
			    LINKS));
	for (i = 0; i < NR_NS_TYPES; i++) {
		char *link = format("%s:[%u]\n", ns_types[i].name,
				    ns_ino(self->nr, ns_types[i].link));

		EXPECT_NE(NULL, strstr(self->tool->out, link)) {
			TH_LOG("%s is not in %s", link, self->tool->out);
		}
	}
	EXPECT_STREQ("", self->tool->err);
}

TEST_F(exec, is_in_those_namespaces_only_that_are_named)
{
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		bool in = i == NSLENS_NS_TYPE_NET || i == NSLENS_NS_TYPE_UTS ||
			  i == NSLENS_NS_TYPE_USER;

		EXPECT_EXEC_PRINTS(format("%s:[%u]\n", ns_types[i].name,
					  ns_ino(in ? self->nr : getpid(),
						 ns_types[i].link)),
				   "--ns", "net,uts", self->pid, "--ns=user", "--",
				   "readlink", format("/proc/self/ns/%s",
						      ns_types[i].link));
	}
	EXPECT_EQ(125, NSLENS(self->tool, "exec", "--ns", "net,disk",
			      self->pid, "true"));
	expect_complaint(_metadata, self->tool, "disk");
}

TEST_F(exec, is_who_the_process_is_with_its_limits)
{
	EXPECT_EQ(0, NSLENS(self->tool, "exec", self->pid, "--", "sh", "-c",
			    LOOK " >/dev/shm/mine; cat /dev/shm/mine /dev/shm/status")) {
		TH_LOG("%s", self->tool->err);
	}
	/* The process had the same of a command of its own. */
	EXPECT_EQ(18, count_lines(self->tool->out));
	EXPECT_EQ(0, strncmp(self->tool->out,
			     self->tool->out + strlen(self->tool->out) / 2,
			     strlen(self->tool->out) / 2)) {
		TH_LOG("'%s'", self->tool->out);
	}
}

TEST_F(exec, is_root_where_it_is_asked_to)
{
	EXPECT_EXEC_PRINTS("0\n0\n", "--as-root", self->pid, "--", "sh", "-c",
			   "id -u; id -g");
	EXPECT_EXEC_PRINTS("3\n", "--uid", "3", self->pid, "--", "id", "-u");
	EXPECT_EQ(125, NSLENS(self->tool, "exec", "--as-root", "--uid", "3",
			      self->pid, "true"));
	expect_complaint(_metadata, self->tool, "--as-root");
}

TEST_F(exec, has_the_root_directory_and_environment_of_the_process)
{
	setenv("NSLENS_TEST_MARK", "host", 1);
	EXPECT_EXEC_PRINTS("/tmp\nblue\nbin\ndev\netc\nproc\nsys\ntmp\n", self->pid,
			   "--", "sh", "-c",
			   "pwd; echo $COLOR $NSLENS_TEST_MARK; ls /");
	EXPECT_EXEC_PRINTS("red\n", self->pid, "--env", "COLOR=red", "--", "sh",
			   "-c", "echo $COLOR");
	EXPECT_EXEC_PRINTS("/bin\n", self->pid, "--workdir", "/bin", "--", "sh",
			   "-c", "pwd");
	/* What is not in its files is ours. */
	EXPECT_EXEC_PRINTS("host\n", "--ns=net", self->pid, "--", "sh", "-c",
			   "echo $COLOR$NSLENS_TEST_MARK");
	unsetenv("NSLENS_TEST_MARK");
}

TEST_F(exec, has_no_file_of_ours)
{
	const char *line =
		"exec 7</ 8</etc/passwd; nslens exec %s -- sh -c 'cd /proc/$$/fd; echo *'";

	EXPECT_EQ(0, SHELL(self->tool, format(line, self->pid)));
	EXPECT_EQ(NULL, strchr(self->tool->out, '7'));
	EXPECT_EQ(NULL, strchr(self->tool->out, '8'));
	EXPECT_EQ(0, strncmp(self->tool->out, "0 1 2", 5));
}

TEST_F(exec, exits_as_the_command_does)
{
	EXPECT_EQ(42, NSLENS(self->tool, "exec", self->pid, "--", "sh", "-c",
			     "exit 42"));
	EXPECT_EQ(128 + SIGKILL, NSLENS(self->tool, "exec", self->pid, "--",
					"sh", "-c", "kill -9 $$"));
	EXPECT_EQ(127, NSLENS(self->tool, "exec", self->pid, "no-such"));
	expect_complaint(_metadata, self->tool, "no-such");
	EXPECT_EQ(126, NSLENS(self->tool, "exec", self->pid, "/etc"));
	expect_complaint(_metadata, self->tool, "/etc");
	EXPECT_EQ(125, NSLENS(self->tool, "exec", self->pid, "--workdir",
			      "/no/such", "true"));
	expect_complaint(_metadata, self->tool, "workdir: /no/such");
}

TEST_F(exec, ends_with_the_process_that_is_pid_1)
{
	ASSERT_EQ(0, NSLENS_START(self->tool, "exec", self->pid, "--", "sh",
				  "-c", "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_EQ(0, kill(self->nr, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, tool_wait(self->tool));
	EXPECT_EQ(137, tool_wait(self->box));
	EXPECT_EQ(125, NSLENS(self->tool, "exec", self->pid, "true"));
	expect_complaint(_metadata, self->tool, "no such process");
}

TEST_F(exec, is_flagged_as_injected)
{
	char *file = format("%s2", self->pidfile);
	char *fields;
	int status;
	pid_t pid;

	ASSERT_EQ(0, NSLENS_START(self->tool, "exec", self->pid, "--pidfile",
				  file, "--", "sh", "-c",
				  "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	pid = read_pid(file);
	unlink(file);
	EXPECT_EQ(self->tool->pid, proc_number(pid, "PPid", 0));
	fields = tool_output((const char * const []){
		"nslens", "ps", "-n", "-r", "-o", "PID,FLAGS,OUTSIDE",
		format("%d", pid), NULL }, &status);
	ASSERT_NE(NULL, fields);
	EXPECT_EQ(0, status);
	EXPECT_NE(NULL, strstr(fields, "injected")) {
		TH_LOG("%s", fields);
	}
	EXPECT_NE(NULL, strstr(fields, format("%d", self->tool->pid)));
	free(fields);
}

TEST_F(exec, has_a_terminal_of_its_own)
{
	ASSERT_EQ(0, terminal_start(self->terminal, 30, 90,
				    (const char * const []){
		"nslens", "exec", "-it", self->pid, "sh", NULL }));
	ASSERT_EQ(0, terminal_await(self->terminal, "/tmp "));
	terminal_type(self->terminal, "tty; stty size\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "30 90"));
	EXPECT_NE(NULL, strstr(self->terminal->seen, "/dev/pts/0"));
	/* A job of it can be stopped from there: it is the controlling one. */
	terminal_type(self->terminal, "sh -c 'echo go\"\"ing; exec cat'\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "going"));
	self->terminal->length = 0;
	self->terminal->seen[0] = '\0';
	terminal_type(self->terminal, "\003");
	ASSERT_EQ(0, terminal_await(self->terminal, "/tmp "));
	terminal_type(self->terminal, "exit 5\n");
	EXPECT_EQ(5, terminal_wait(self->terminal));
}

/* Whether a process is in write(2) to standard output. */
static bool writes(pid_t pid)
{
	const char *call = format("%d 0x1 ", SYS_write);
	char text[256];

	return read_file(format("/proc/%d/syscall", pid), text,
			 sizeof(text)) > 0 && !strncmp(text, call, strlen(call));
}

/*
 * The command waits to be executed while nslens writes to a full pipe. Then
 * none of those inside gets at what it has of nslens (CVE-2016-9962).
 */
TEST_F(exec, cannot_be_looked_into_before_it_is_the_command)
{
	const char *look =
		"for f in fd/3 exe cwd root; do readlink /proc/$0/$f; done; "
		"cat /proc/$0/environ /proc/$0/maps; ls /proc/$0/fd";
	const char *const shell[] = { "sh", "-c",
		format("exec nslens exec -v --pidfile %s2 %s sleep 0",
		       self->pidfile, self->pid), NULL };
	char *file = format("%s2", self->pidfile);
	struct numbers nspid = { 0 };
	char filler[4096] = { 0 };
	pid_t pid = -1;
	int fds[2], status;
	pid_t nslens;

	if (!strstr(variant->options, "--map"))
		SKIP(return, "root there is root here, whom nobody keeps out");
	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	ASSERT_EQ(4096, write(fds[1], filler, sizeof(filler)));
	nslens = fork();
	if (nslens == 0) {
		dup2(fds[1], STDERR_FILENO);
		execvp(shell[0], (char **)shell);
		_exit(1);
	}
	close(fds[1]);
	/* nslens stands still behind that. */
	while (pid <= 0)
		pid = read_pid(file);
	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &nspid));
	while (!writes(nslens))
		sched_yield();
	EXPECT_NE(0, NSLENS(self->tool, "exec", "--as-root", self->pid, "--",
			    "sh", "-c", look,
			    format("%u", nspid.v[nspid.n - 1])));
	EXPECT_STREQ("", self->tool->out);
	while (read(fds[0], filler, sizeof(filler)) > 0)
		;
	EXPECT_EQ(nslens, waitpid(nslens, &status, 0));
	EXPECT_EQ(0, status);
	unlink(file);
	close(fds[0]);
}

/*
 * nslens as the command, held open by what it runs inside, and written to when
 * it has ended (CVE-2019-5736). Anybody may write to that copy of it.
 */
TEST_F(exec, cannot_be_overwritten_from_inside)
{
	char *copy = format("%s/nslens", self->rootfs);
	const char *script =
		"exec 9</proc/$PPID/exe; (while [ -d /proc/$PPID ]; do :; done; "
		"sh -c \"echo overwritten >/proc/self/fd/9\" 2>/dev/shm/error) &";

	ASSERT_EQ(0, SHELL(self->tool,
			   format("cp $(command -v nslens) %s; chmod 777 %s",
				  copy, copy)));
	EXPECT_EQ(0, SHELL(self->tool,
			   format("%s exec --as-root %s -- %s /bin/sh -c '%s'",
				  copy, self->pid,
				  "/proc/self/exe run --like=none", script))) {
		TH_LOG("%s%s", self->tool->out, self->tool->err);
	}
	EXPECT_EQ(0, SHELL(self->tool, format("cmp $(command -v nslens) %s",
					      copy)));
	EXPECT_EQ(0, NSLENS(self->tool, "exec", self->pid, "cat",
			    "/dev/shm/error"));
	EXPECT_NE(NULL, strstr(self->tool->out, "Read-only file system")) {
		TH_LOG("'%s'", self->tool->out);
	}
	unlink(copy);
}

TEST_F(exec, takes_the_cgroup_of_the_process)
{
	const char *dir = "/sys/fs/cgroup/nslens-exec-test";
	char *file = format("%s2", self->pidfile);
	char *show = format("cat /proc/$(cat %s)/cgroup", file);

	ASSERT_EQ(0, mkdir(dir, 0755));
	EXPECT_EQ(0, write_file(format("%s/cgroup.procs", dir), self->pid));
	ASSERT_EQ(0, NSLENS_START(self->tool, "exec", self->pid, "--pidfile",
				  file, "--", "sh", "-c",
				  "echo up; exec sleep 1000"));
	EXPECT_EQ(0, tool_await(self->tool, "up"));
	EXPECT_EQ(0, SHELL(self->box, show));
	EXPECT_STREQ("0::/nslens-exec-test\n", self->box->out);
	tool_kill(self->tool);
	kill(self->nr, SIGKILL);
	EXPECT_EQ(0, cgroup_remove(dir));
	unlink(file);
}

/* Those inside can put there what they like: such as what nobody ever opens. */
TEST_F(exec, is_not_held_up_by_devices_that_are_none)
{
	char *dir = format("/proc/%s/root/dev", self->pid);
	struct stat st;

	/* As who it belongs to, whom the file system knows. */
	ASSERT_EQ(0, stat(dir, &st));
	setfsuid(st.st_uid);
	setfsgid(st.st_gid);
	ASSERT_EQ(0, unlink(format("%s/null", dir)));
	ASSERT_EQ(0, mkfifo(format("%s/null", dir), 0666));
	ASSERT_EQ(0, unlink(format("%s/ptmx", dir)));
	ASSERT_EQ(0, mkfifo(format("%s/ptmx", dir), 0666));
	setfsuid(0);
	setfsgid(0);
	EXPECT_EXEC_PRINTS("", self->pid, "cat");
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--like=none",
			    format("--user=%s", self->pid),
			    format("--mnt=%s", self->pid), "cat"));
	EXPECT_EQ(0, NSLENS(self->tool, "exec", "--detach", self->pid, "true"));
	EXPECT_EQ(125, NSLENS(self->tool, "exec", "-t", self->pid, "true"));
	expect_complaint(_metadata, self->tool, "/dev/ptmx is not the kernel's");
}

TEST_F(exec, can_open_its_terminal_by_name)
{
	EXPECT_EQ(0, NSLENS(self->tool, "exec", "-t", self->pid, "--", "sh",
			    "-c", ": <$(tty) && echo opened"));
	EXPECT_STREQ("opened\r\n", self->tool->out);
}

TEST_F(exec, has_no_directory_for_a_file)
{
	const char *line = "nslens exec %s %s true %s";

	EXPECT_EQ(125, SHELL(self->tool, format(line, "-i", self->pid, "</")));
	expect_complaint(_metadata, self->tool, "file descriptor 0");
	EXPECT_EQ(0, SHELL(self->tool, format(line, "", self->pid, "</")));
	/* Nor a file of ours where one is closed. */
	EXPECT_EQ(0, SHELL(self->tool,
			   format("nslens exec -i %s -- sh -c '%s' <&- 2>&-",
				  self->pid, "cat; readlink /proc/$$/fd/2")));
	EXPECT_STREQ("/dev/null\n", self->tool->out);
}

TEST_HARNESS_MAIN
