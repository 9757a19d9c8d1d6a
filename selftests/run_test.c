// SPDX-License-Identifier: GPL-2.0
/* nslens run: each option by what the command inside observes, and how it ends. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

FIXTURE(run)
{
	struct tool *tool;
	struct child child;
	char dir[64];
};

FIXTURE_SETUP(run)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	sprintf(self->dir, "/tmp/nslens-run.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chmod(self->dir, 0755));
	ASSERT_EQ(0, NSLENS(self->tool, "--version")) {
		TH_LOG("is nslens on PATH?");
	}
}

FIXTURE_TEARDOWN(run)
{
	tool_kill(self->tool);
	child_end(&self->child);
	rootfs_remove(self->dir);
	free(self->tool);
}

TEST_F(run, prints_nothing_of_its_own)
{
	EXPECT_RUN_PRINTS("", "true");
	EXPECT_RUN_PRINTS("hello\n", "--", "echo", "hello");
}

TEST_F(run, passes_arguments_as_they_are)
{
	EXPECT_RUN_PRINTS("<-n><a b><*><>", "printf", "<%s>", "-n", "a b", "*", "");
}

TEST_F(run, exits_as_the_command_does)
{
	const int statuses[] = { 0, 1, 42, 125, 126, 127, 255 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		EXPECT_EQ(statuses[i],
			  NSLENS(self->tool, "run", "sh", "-c",
				 format("exit %d", statuses[i])));
		EXPECT_STREQ("", self->tool->err);
	}
}

TEST_F(run, exits_with_128_and_the_signal)
{
	const int signals[] = { SIGTERM, SIGKILL, SIGSEGV };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		EXPECT_EQ(128 + signals[i],
			  NSLENS(self->tool, "run", "--pid=host", "sh", "-c",
				 format("kill -%d $$", signals[i])));
}

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	if (read_file(file, text, sizeof(text)) < 0)
		return -1;
	return atoi(text);
}

TEST_F(run, exits_with_137_when_its_pid_1_is_killed_from_outside)
{
	char *file = format("%s/pid", self->dir);

	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "--pidfile", file, "sh",
				  "-c", "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_EQ(0, kill(read_pid(file), SIGKILL));
	EXPECT_EQ(137, tool_wait(self->tool));
}

TEST_F(run, of_an_unknown_command_exits_with_127)
{
	EXPECT_EQ(127, NSLENS(self->tool, "run", "no-such-command"));
	expect_complaint(_metadata, self->tool, "no-such-command");
	EXPECT_EQ(127, NSLENS(self->tool, "run", "/no/such/command"));
	expect_complaint(_metadata, self->tool, "/no/such/command");
}

TEST_F(run, of_what_is_no_program_exits_with_126)
{
	char *file = format("%s/file", self->dir);

	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	EXPECT_EQ(126, NSLENS(self->tool, "run", file));
	expect_complaint(_metadata, self->tool, file);
	EXPECT_EQ(126, NSLENS(self->tool, "run", self->dir));
	expect_complaint(_metadata, self->tool, self->dir);
	ASSERT_EQ(0, chmod(file, 0755));
	ASSERT_EQ(0, write_file(file, "#!/no/such/interpreter\n"));
	EXPECT_EQ(126, NSLENS(self->tool, "run", file));
	expect_complaint(_metadata, self->tool, file);
}

TEST_F(run, with_wrong_usage_exits_with_125)
{
	static const struct {
		const char *about;
		const char *argv[8];
	} wrong[] = {
		{ "CMD", { "nslens", "run" } },
		{ "CMD", { "nslens", "run", "--" } },
		{ "--bogus", { "nslens", "run", "--bogus", "true" } },
		{ "--uts=old", { "nslens", "run", "--uts=old", "true" } },
		{ "--hostname", { "nslens", "run", "--uts=host",
				  "--hostname", "x", "true" } },
		{ "--rootfs", { "nslens", "run", "--mnt=host",
				"--rootfs", "/", "true" } },
		{ "--map", { "nslens", "run", "--user=host", "--map", "0:0:1",
			     "true" } },
		{ "--map", { "nslens", "run", "--map", "0:0:1", "--user=host",
			     "true" } },
		{ "--time-offset", { "nslens", "run", "--time=host",
				     "--time-offset", "boottime=1", "true" } },
		{ "--time-offset", { "nslens", "run", "--time-offset",
				     "boottime=1", "--time=host", "true" } },
		{ "--map", { "nslens", "run", "--map", "0", "true" } },
		{ "--map", { "nslens", "run", "--map", "0:-1", "true" } },
		{ "--map", { "nslens", "run", "--map", "0:0:0", "true" } },
		{ "--time-offset", { "nslens", "run", "--time-offset",
				     "sundial=1", "true" } },
		{ "--time-offset", { "nslens", "run", "--time-offset",
				     "boottime=soon", "true" } },
		{ "--info-fd", { "nslens", "run", "--info-fd", "77", "true" } },
		{ "--info-fd", { "nslens", "run", "--info-fd", "x", "true" } },
		{ "/no/such/dir", { "nslens", "run", "--pidfile",
				    "/no/such/dir/pid", "true" } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(125, tool_run(self->tool, wrong[i].argv)) {
			TH_LOG("usage %u", i);
		}
		expect_complaint(_metadata, self->tool, wrong[i].about);
	}
}

TEST_F(run, with_a_bad_rootfs_exits_with_125)
{
	char *file = format("%s/file", self->dir);

	EXPECT_EQ(125, NSLENS(self->tool, "run", "--rootfs", "/no/such/root",
			      "true"));
	expect_complaint(_metadata, self->tool, "/no/such/root");
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--rootfs", file, "true"));
	expect_complaint(_metadata, self->tool, file);
}

TEST_F(run, with_a_rootfs_that_lacks_the_command_exits_with_127)
{
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--rootfs", self->dir,
			      "/bin/sh"));
	expect_complaint(_metadata, self->tool, "/bin/sh");
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--rootfs", self->dir, "sh"));
	expect_complaint(_metadata, self->tool, "sh");
}

TEST_F(run, has_its_rootfs_for_a_root)
{
	rootfs_remove(self->dir);
	ASSERT_EQ(0, rootfs_make(self->dir, sizeof(self->dir)));
	EXPECT_RUN_PRINTS("bin\ndev\netc\nproc\nsys\ntmp\n",
			  "--rootfs", self->dir, "/bin/ls", "/");
	EXPECT_RUN_PRINTS("/\n", "--rootfs", self->dir, "/bin/sh", "-c", "pwd");
	/* Nothing of the old root is left, not even as a mount, */
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--rootfs", self->dir,
			    "/bin/cat", "/proc/self/mountinfo"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "/tmp/nslens-rootfs"));
	EXPECT_EQ(NULL, strstr(self->tool->out, " /work"));
	EXPECT_RUN_PRINTS("bin\ndev\netc\nproc\nsys\ntmp\n",
			  "--rootfs", self->dir, "/bin/ls", "/proc/1/root/../..");
	/* and devices that programs expect are there. */
	EXPECT_RUN_PRINTS("x", "--rootfs", self->dir, "/bin/sh", "-c",
			  "echo gone >/dev/null; printf x");
}

TEST_F(run, leaves_no_trace_in_the_rootfs)
{
	struct stat status;

	rootfs_remove(self->dir);
	ASSERT_EQ(0, rootfs_make(self->dir, sizeof(self->dir)));
	ASSERT_EQ(0, NSLENS(self->tool, "run", "--rootfs", self->dir,
			    "/bin/true"));
	ASSERT_EQ(0, SHELL(self->tool, format("cd %s && find proc dev sys tmp",
					      self->dir)));
	EXPECT_STREQ("proc\ndev\nsys\ntmp\n", self->tool->out);
	EXPECT_EQ(-1, stat(format("%s/proc/self", self->dir), &status));
}

TEST_F(run, is_pid_1_with_a_proc_of_its_own)
{
	EXPECT_RUN_PRINTS("1\n", "sh", "-c", "echo $$");
	EXPECT_RUN_PRINTS("1\n", "sh", "-c", "cd /proc; echo [0-9]*");
}

TEST_F(run, has_only_a_loopback_device_that_is_up)
{
	EXPECT_RUN_PRINTS("lo\n", "sh", "-c",
			  "tail -n +3 /proc/net/dev | tr -d ' ' | cut -d : -f 1");
	EXPECT_EQ(0, NSLENS(self->tool, "run", "/bin/busybox", "ip", "link",
			    "show", "lo"));
	EXPECT_NE(NULL, strstr(self->tool->out, "LOOPBACK,UP"));
}

TEST_F(run, has_the_host_name_that_it_is_given)
{
	char name[65];

	ASSERT_EQ(0, gethostname(name, sizeof(name)));
	EXPECT_RUN_PRINTS("box\n", "--hostname", "box", "uname", "-n");
	EXPECT_RUN_PRINTS(format("%s\n", name), "uname", "-n");
	EXPECT_RUN_PRINTS("", "sh", "-c",
			  "echo changed >/proc/sys/kernel/hostname");
	EXPECT_EQ(0, SHELL(self->tool, "uname -n"));
	EXPECT_STREQ(format("%s\n", name), self->tool->out);
}

TEST_F(run, keeps_its_mounts_to_itself)
{
	static char mounts[65536];

	EXPECT_RUN_PRINTS("1\n", "sh", "-c",
			  "mount -t tmpfs nslens-mark /mnt; grep -c nslens-mark /proc/self/mountinfo");
	ASSERT_LT(0, read_file("/proc/self/mountinfo", mounts, sizeof(mounts)));
	EXPECT_EQ(NULL, strstr(mounts, "nslens-mark"));
}

TEST_F(run, has_the_clocks_that_it_is_given)
{
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--time-offset",
			    "boottime=864000000", "cat", "/proc/uptime"));
	EXPECT_LT(864000000, atof(self->tool->out));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--time-offset",
			    "monotonic=1000", "--time-offset", "boottime=2000",
			    "cat", "/proc/self/timens_offsets"));
	EXPECT_NE(NULL, strstr(self->tool->out, "monotonic        1000"));
	EXPECT_NE(NULL, strstr(self->tool->out, "boottime         2000"));
}

TEST_F(run, has_the_ids_that_it_is_given)
{
	EXPECT_RUN_PRINTS("0 0\n", "--user", "sh", "-c",
			  "echo $(id -u) $(id -g)");
	EXPECT_RUN_PRINTS("5 5\n", "--map", "5:100000:10", "sh", "-c",
			  "echo $(id -u) $(id -g)");
	EXPECT_RUN_PRINTS("5 100000 10\n", "--map", "5:100000:10", "sh", "-c",
			  "echo $(cat /proc/self/uid_map)");
	EXPECT_RUN_PRINTS("5 100000 10\n", "--map", "5:100000:10", "sh", "-c",
			  "echo $(cat /proc/self/gid_map)");
}

TEST_F(run, has_nothing_to_read_without_interactive)
{
	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "cat"));
	/* Its input stays open here, and cat ends all the same. */
	EXPECT_EQ(0, write(self->tool->in, "x", 0));
	wait_exit(self->tool->pidfd);
	EXPECT_EQ(0, tool_wait(self->tool));
	EXPECT_STREQ("", self->tool->out);
}

TEST_F(run, reads_standard_input_with_interactive)
{
	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "-i", "cat"));
	tool_type(self->tool, "one\n");
	EXPECT_EQ(0, tool_await(self->tool, "one\n"));
	tool_type(self->tool, "two\n");
	EXPECT_EQ(0, tool_wait(self->tool));
	EXPECT_STREQ("one\ntwo\n", self->tool->out);
}

TEST_F(run, keeps_standard_output_and_error_apart)
{
	EXPECT_EQ(0, NSLENS(self->tool, "run", "sh", "-c",
			    "echo out; echo err >&2"));
	EXPECT_STREQ("out\n", self->tool->out);
	EXPECT_STREQ("err\n", self->tool->err);
}

TEST_F(run, inherits_only_the_files_that_it_is_to_keep)
{
	const char *script =
		"exec 7<. 8<. nslens run %s sh -c 'cd /proc/$$/fd; echo *'";

	EXPECT_EQ(0, SHELL(self->tool, format(script, "")));
	EXPECT_EQ(NULL, strchr(self->tool->out, '7'));
	EXPECT_EQ(NULL, strchr(self->tool->out, '8'));
	EXPECT_EQ(0, SHELL(self->tool, format(script, "--keep-fd 8")));
	EXPECT_EQ(NULL, strchr(self->tool->out, '7'));
	EXPECT_NE(NULL, strchr(self->tool->out, '8'));
}

TEST_F(run, writes_the_pid_before_the_command_starts)
{
	char *file = format("%s/pid", self->dir);
	struct numbers nspid;
	pid_t pid;

	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "-i", "--pidfile", file,
				  "sh", "-c", format("cat %s; read x", file)));
	ASSERT_EQ(0, tool_await(self->tool, "\n"));
	pid = read_pid(file);
	EXPECT_EQ(pid, atoi(self->tool->out));
	EXPECT_EQ(self->tool->pid, proc_number(pid, "PPid", 0));
	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &nspid));
	EXPECT_EQ(2, nspid.n);
	EXPECT_EQ(1, innermost(&nspid));
	tool_type(self->tool, "\n");
	EXPECT_EQ(0, tool_wait(self->tool));
}

TEST_F(run, tells_pid_and_namespaces_as_json)
{
	char *file = format("%s/info", self->dir);
	char *check = format("exec nslens run -i --info-fd 3 --time sh -c 'echo up; read x' 3>%s",
			     file);
	const char *const shell[] = { "sh", "-c", check, NULL };
	char info[1024], *at;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, tool_start(self->tool, shell));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_LT(0, read_file(file, info, sizeof(info)));
	EXPECT_EQ(1, count_lines(info));
	at = strstr(info, "\"child-pid\":");
	ASSERT_NE(NULL, at);
	pid = atoi(at + strlen("\"child-pid\":"));
	EXPECT_EQ(self->tool->pid, proc_number(pid, "PPid", 0));
	for (i = 0; i < NR_NS_TYPES; i++) {
		char *key = format("\"%s-namespace\":", ns_types[i].name);

		at = strstr(info, key);
		ASSERT_NE(NULL, at);
		EXPECT_EQ(ns_ino(pid, ns_types[i].link),
			  strtoul(at + strlen(key), NULL, 10)) {
			TH_LOG("%s", ns_types[i].name);
		}
	}
	tool_type(self->tool, "\n");
	EXPECT_EQ(0, tool_wait(self->tool));
	EXPECT_EQ(0, SHELL(self->tool,
			   format("/usr/bin/python3 -m json.tool %s", file)));
}

TEST_F(run, forwards_signals)
{
	const char *script =
		"trap 'echo got it; exit 7' TERM; echo up; sleep 1000 & wait";

	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "sh", "-c", script));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_EQ(0, kill(self->tool->pid, SIGTERM));
	EXPECT_EQ(7, tool_wait(self->tool));
	EXPECT_STREQ("up\ngot it\n", self->tool->out);
}

TEST_F(run, dies_with_nslens)
{
	char *file = format("%s/pid", self->dir);
	int pidfd;

	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "--pidfile", file, "sh",
				  "-c", "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	pidfd = syscall(SYS_pidfd_open, read_pid(file), 0);
	ASSERT_LE(0, pidfd);
	kill(self->tool->pid, SIGKILL);
	wait_exit(pidfd);
	EXPECT_EQ(137, tool_wait(self->tool));
	close(pidfd);
}

TEST_F(run, works_in_itself)
{
	EXPECT_RUN_PRINTS("1\n", "nslens", "run", "nslens", "run", "sh", "-c",
			  "echo $$");
	EXPECT_EQ(42, NSLENS(self->tool, "run", "nslens", "run", "--user",
			     "nslens", "run", "sh", "-c", "exit 42"));
}

/* By an ordinary user: only together with a user namespace. */
static long run_there(void *tool)
{
	return NSLENS(tool, "run", "true");
}

static long run_with_user_there(void *tool)
{
	return NSLENS(tool, "run", "--user", "sh", "-c", "id -u; echo $$");
}

TEST_F(run, needs_a_user_namespace_for_an_ordinary_user)
{
	uid_t alice = 12345;

	ASSERT_EQ(0, child_spawn(&self->child, 0));
	ASSERT_EQ(0, child_do(&self->child, child_setuid, &alice,
			      sizeof(alice)));
	EXPECT_EQ(125, child_do(&self->child, run_there, self->tool,
				sizeof(*self->tool)));
	expect_complaint(_metadata, self->tool, "--user");
	EXPECT_EQ(0, child_do(&self->child, run_with_user_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_STREQ("0\n1\n", self->tool->out);
	EXPECT_STREQ("", self->tool->err);
	self->tool->pid = 0;
}

/* Which namespaces are new: those of Docker, and those that are asked for. */
FIXTURE(run_ns)
{
	struct tool *tool;
};

FIXTURE_VARIANT(run_ns)
{
	unsigned int type;
	bool by_default;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(run_ns, cgroup) { NSLENS_NS_TYPE_CGROUP, true };
FIXTURE_VARIANT_ADD(run_ns, ipc) { NSLENS_NS_TYPE_IPC, true };
FIXTURE_VARIANT_ADD(run_ns, mnt) { NSLENS_NS_TYPE_MNT, true };
FIXTURE_VARIANT_ADD(run_ns, net) { NSLENS_NS_TYPE_NET, true };
FIXTURE_VARIANT_ADD(run_ns, pid) { NSLENS_NS_TYPE_PID, true };
FIXTURE_VARIANT_ADD(run_ns, time) { NSLENS_NS_TYPE_TIME, false };
FIXTURE_VARIANT_ADD(run_ns, user) { NSLENS_NS_TYPE_USER, false };
FIXTURE_VARIANT_ADD(run_ns, uts) { NSLENS_NS_TYPE_UTS, true };
/* clang-format on */

FIXTURE_SETUP(run_ns)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
}

FIXTURE_TEARDOWN(run_ns)
{
	free(self->tool);
}

static bool is_new(struct tool *t, unsigned int type)
{
	return strtoul(strchr(t->out, '[') + 1, NULL, 10) !=
	       ns_ino(getpid(), ns_types[type].link);
}

TEST_F(run_ns, is_new_or_the_hosts_as_asked_for)
{
	const char *name = ns_types[variant->type].name;
	char *link = format("/proc/self/ns/%s", ns_types[variant->type].link);

	ASSERT_EQ(0, NSLENS(self->tool, "run", "readlink", link));
	EXPECT_EQ(variant->by_default, is_new(self->tool, variant->type));
	ASSERT_EQ(0, NSLENS(self->tool, "run", format("--%s", name),
			    "readlink", link));
	EXPECT_TRUE(is_new(self->tool, variant->type));
	ASSERT_EQ(0, NSLENS(self->tool, "run", format("--%s=new", name),
			    "readlink", link));
	EXPECT_TRUE(is_new(self->tool, variant->type));
	ASSERT_EQ(0, NSLENS(self->tool, "run", format("--%s=host", name),
			    "readlink", link));
	EXPECT_FALSE(is_new(self->tool, variant->type));
}

TEST_HARNESS_MAIN
