// SPDX-License-Identifier: GPL-2.0
/* nslens exec: what it can be put next to, and who may do that. */
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
#include "lib/child.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define SAY_NO_GROUPS "sh", "-c", \
	"grep -q \"^Groups:[[:space:]]*$\" /proc/self/status && echo none"

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
	EXPECT_EXEC_PRINTS(format("net:[%u]\n", ino), format("net:[%u]", ino),
			   "readlink", "/proc/self/ns/net");
	EXPECT_EXEC_PRINTS(format("net:[%u]\n", ino),
			   format("/proc/%d/ns/net", self->child.pid),
			   "readlink", "/proc/self/ns/net");
	EXPECT_EXEC_PRINTS("hello\n", "self", "echo", "hello");
	EXPECT_EXEC_PRINTS(" -n\n", "self", "--", "echo", "", "-n");
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
	EXPECT_EXEC_PRINTS("/tmp\nbin\ndev\netc\nproc\nsys\ntmp\n",
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
	EXPECT_EXEC_PRINTS("/\nbin\ndev\netc\nproc\nsys\ntmp\n",
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
		"until [ $(cat /proc/$pid/comm) = sleep ]; do :; done\n"
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

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET | CLONE_NEWIPC));
	EXPECT_EQ(0, NSLENS(self->tool, "exec", "--dry-run",
			    format("%d", self->child.pid), "true"));
	expect_in_order(_metadata, self->tool->out, order, ARRAY_SIZE(order));
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
			    "--", SAY_NO_GROUPS));
	EXPECT_STREQ("none\n", self->tool->out);
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--like=none",
			    format("--user=%d", self->child.pid), SAY_NO_GROUPS));
	EXPECT_STREQ("none\n", self->tool->out);
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
