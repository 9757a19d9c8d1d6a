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
#include <sys/wait.h>

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

/* The command ran, exit status 0, and printed this; nslens printed nothing. */
#define EXPECT_PRINTS(expected, ...) do {				\
	EXPECT_EQ(0, NSLENS(self->tool, "exec", __VA_ARGS__));		\
	EXPECT_STREQ(expected, self->tool->out);			\
	EXPECT_STREQ("", self->tool->err);				\
} while (0)

/* One line on standard error, which names nslens and says @text. */
static void expect_complaint(struct __test_metadata *_metadata,
			     const struct tool *t, const char *text)
{
	EXPECT_EQ(0, strncmp(t->err, "nslens: exec: ", 14));
	EXPECT_EQ(1, count_lines(t->err));
	EXPECT_NE(NULL, strstr(t->err, text));
	EXPECT_STREQ("", t->out);
	if (_metadata->exit_code)
		TH_LOG("expected '%s' in '%s'", text, t->err);
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

		EXPECT_PRINTS(format("%s:[%u]\n", ns_types[i].name,
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
	EXPECT_PRINTS("0\n0\n", "--as-root", self->pid, "--", "sh", "-c",
		      "id -u; id -g");
	EXPECT_PRINTS("3\n", "--uid", "3", self->pid, "--", "id", "-u");
	EXPECT_EQ(125, NSLENS(self->tool, "exec", "--as-root", "--uid", "3",
			      self->pid, "true"));
	expect_complaint(_metadata, self->tool, "--as-root");
}

TEST_F(exec, has_the_root_directory_and_environment_of_the_process)
{
	setenv("NSLENS_TEST_MARK", "host", 1);
	EXPECT_PRINTS("/tmp\nblue\nbin\ndev\netc\nproc\nsys\ntmp\n", self->pid,
		      "--", "sh", "-c",
		      "pwd; echo $COLOR $NSLENS_TEST_MARK; ls /");
	EXPECT_PRINTS("red\n", self->pid, "--env", "COLOR=red", "--", "sh",
		      "-c", "echo $COLOR");
	EXPECT_PRINTS("/bin\n", self->pid, "--workdir", "/bin", "--", "sh",
		      "-c", "pwd");
	/* What is not in its files is ours. */
	EXPECT_PRINTS("host\n", "--ns=net", self->pid, "--", "sh", "-c",
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

/* Whether a process is in write(2) to standard output, by its number on x86. */
static bool writes(pid_t pid)
{
	char text[256];

	return read_file(format("/proc/%d/syscall", pid), text,
			 sizeof(text)) > 0 && !strncmp(text, "1 0x1 ", 6);
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
	while (rmdir(dir) && errno == EBUSY)
		sched_yield();
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
	EXPECT_PRINTS("", self->pid, "cat");
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

FIXTURE(target)
{
	struct tool *tool;
	struct child child;
	char rootfs[64];
};

FIXTURE_SETUP(target)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	self->rootfs[0] = '\0';
}

FIXTURE_TEARDOWN(target)
{
	child_end(&self->child);
	rootfs_remove(self->rootfs);
	free(self->tool);
}

TEST_F(target, may_be_a_namespace_a_cgroup_or_nslens_itself)
{
	unsigned int ino;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET));
	ino = ns_ino(self->child.pid, "net");
	EXPECT_PRINTS(format("net:[%u]\n", ino), format("net:[%u]", ino),
		      "readlink", "/proc/self/ns/net");
	EXPECT_PRINTS(format("net:[%u]\n", ino),
		      format("/proc/%d/ns/net", self->child.pid),
		      "readlink", "/proc/self/ns/net");
	EXPECT_PRINTS("hello\n", "self", "echo", "hello");
	EXPECT_PRINTS(" -n\n", "self", "--", "echo", "", "-n");
}

TEST_F(target, is_no_kernel_thread_nor_a_zombie_nor_what_is_not_there)
{
	static const struct {
		const char *about;
		const char *argv[6];
	} wrong[] = {
		{ "TARGET", { "nslens", "exec" } },
		{ "CMD", { "nslens", "exec", "1" } },
		{ "CMD", { "nslens", "exec", "1", "--" } },
		{ "kernel", { "nslens", "exec", "2", "true" } },
		{ "no such process", { "nslens", "exec", "4000000", "true" } },
		{ "no process in it", { "nslens", "exec", "net:[4026531800]",
					"true" } },
		{ "not a TARGET", { "nslens", "exec", "sh", "true" } },
		{ "init", { "nslens", "exec", "--init", "1", "true" } },
		{ "--bogus", { "nslens", "exec", "1", "--bogus", "true" } },
	};
	unsigned int i;
	pid_t zombie;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(125, tool_run(self->tool, wrong[i].argv)) {
			TH_LOG("usage %u", i);
		}
		expect_complaint(_metadata, self->tool, wrong[i].about);
	}
	zombie = fork();
	if (zombie == 0)
		_exit(0);
	while (proc_state(zombie) != 'Z')
		sched_yield();
	EXPECT_EQ(125, NSLENS(self->tool, "exec", format("%d", zombie),
			      "true"));
	expect_complaint(_metadata, self->tool, "has ended");
	waitpid(zombie, NULL, 0);
}

static long change_root(void *dir)
{
	return chdir(dir) || chroot(".") || chdir("/tmp") ? -errno : 0;
}

TEST_F(target, may_have_a_root_that_is_none_of_its_mount_namespace)
{
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_do(&self->child, change_root, self->rootfs,
			      sizeof(self->rootfs)));
	EXPECT_PRINTS("/tmp\nbin\ndev\netc\nproc\nsys\ntmp\n",
		      format("%d", self->child.pid), "/bin/sh", "-c",
		      "pwd; /bin/ls /");
}

static long outside_root(void *dir)
{
	return chroot(dir) ? -errno : 0;
}

/* The way up from such a directory leads out of the root (CVE-2024-21626). */
TEST_F(target, may_be_in_a_directory_out_of_its_root_but_not_the_command)
{
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_do(&self->child, outside_root, self->rootfs,
			      sizeof(self->rootfs)));
	EXPECT_PRINTS("/\nbin\ndev\netc\nproc\nsys\ntmp\n",
		      format("%d", self->child.pid), "/bin/sh", "-c",
		      "pwd; /bin/ls ../..");
}

/* Who may not look at a process may not enter it. */
static long exec_there(void *tool)
{
	return NSLENS(tool, "exec", "1", "true");
}

TEST_F(target, is_hidden_from_an_ordinary_user)
{
	uid_t alice = 12345;

	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_do(&self->child, child_setuid, &alice,
			      sizeof(alice)));
	EXPECT_EQ(125, child_do(&self->child, exec_there, self->tool,
				sizeof(*self->tool)));
	expect_complaint(_metadata, self->tool, "hidden from you");
	self->tool->pid = 0;
}

/* What an ordinary user has made, that user can enter. */
TEST_F(target, can_be_entered_by_the_ordinary_user_whose_it_is)
{
	const char *script =
		"nslens run --user --pidfile fifo sleep 1000 &\n"
		"read -r pid <fifo\n"
		"nslens exec $pid -- sh -c 'echo $(id -u) $(cat /proc/1/comm)'\n"
		"kill -9 $!\n";

	snprintf(self->rootfs, sizeof(self->rootfs), "/tmp/nslens-exec.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->rootfs));
	ASSERT_EQ(0, chmod(self->rootfs, 0777));
	close(open(format("%s/script", self->rootfs),
		   O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	ASSERT_EQ(0, write_file(format("%s/script", self->rootfs), script));
	EXPECT_EQ(0, SHELL(self->tool,
			   format("cd %s && setpriv %s sh -c 'mkfifo fifo; . ./script'",
				  self->rootfs,
				  "--reuid 12345 --regid 12345 --clear-groups")));
	EXPECT_STREQ("0 sleep\n", self->tool->out);
	EXPECT_STREQ("", self->tool->err);
}

/* The order of what is told is that of what is done. */
TEST_F(target, is_told_of_in_a_dry_run)
{
	static const char * const order[] = {
		"hide", "setns, all at once:", " ipc net", "clone3:",
		"CLONE_PARENT", "root", "directory", "like it", "its env",
		"execvp: true",
	};
	const char *at;
	unsigned int i;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET | CLONE_NEWIPC));
	EXPECT_EQ(0, NSLENS(self->tool, "exec", "--dry-run",
			    format("%d", self->child.pid), "true"));
	at = self->tool->out;
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		const char *next = strstr(at, order[i]);

		EXPECT_NE(NULL, next) {
			TH_LOG("'%s' is not in '%s'", order[i], at);
			break;
		}
		at = next + strlen(order[i]);
	}
}

/* As an ordinary user makes it, setgroups(2) is denied for ever. */
TEST_F(target, may_be_where_groups_cannot_be_dropped)
{
	unsigned int flags = CLONE_NEWUSER;
	gid_t before[64], ours[] = { 6, 27 };
	int nr = getgroups(ARRAY_SIZE(before), before);

	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_do(&self->child, child_unshare, &flags,
			      sizeof(flags)));
	ASSERT_EQ(0, write_file(format("/proc/%d/setgroups", self->child.pid),
				"deny"));
	ASSERT_EQ(0, write_file(format("/proc/%d/uid_map", self->child.pid),
				"0 0 1"));
	ASSERT_EQ(0, write_file(format("/proc/%d/gid_map", self->child.pid),
				"0 0 1"));
	ASSERT_EQ(0, setgroups(ARRAY_SIZE(ours), ours));
	EXPECT_EQ(0, NSLENS(self->tool, "exec", format("%d", self->child.pid),
			    "--", "grep", "^Groups", "/proc/self/status"));
	EXPECT_STREQ("Groups:\t \n", self->tool->out);
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--like=none",
			    format("--user=%d", self->child.pid),
			    "grep", "^Groups", "/proc/self/status"));
	EXPECT_STREQ("Groups:\t \n", self->tool->out);
	ASSERT_EQ(0, setgroups((size_t)nr, before));
}

TEST_F(target, is_all_that_the_help_is_about)
{
	EXPECT_EQ(0, NSLENS(self->tool, "exec", "--help"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "--init"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "--keep "));
	EXPECT_EQ(NULL, strstr(self->tool->out, "--unkeep"));
}

TEST_HARNESS_MAIN
