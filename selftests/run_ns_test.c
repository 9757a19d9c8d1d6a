// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run: the namespaces of each type, new, the host's, or those of others;
 * profiles, --dry-run, -v, and how each step says that it failed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

/* Somebody whose namespace of one type is to be joined. */
FIXTURE(join)
{
	struct tool *tool;
	struct child other;
	unsigned int own, others;
	char *link;
};

FIXTURE_VARIANT(join)
{
	unsigned int type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(join, cgroup) { NSLENS_NS_TYPE_CGROUP };
FIXTURE_VARIANT_ADD(join, ipc) { NSLENS_NS_TYPE_IPC };
FIXTURE_VARIANT_ADD(join, mnt) { NSLENS_NS_TYPE_MNT };
FIXTURE_VARIANT_ADD(join, net) { NSLENS_NS_TYPE_NET };
FIXTURE_VARIANT_ADD(join, pid) { NSLENS_NS_TYPE_PID };
FIXTURE_VARIANT_ADD(join, time) { NSLENS_NS_TYPE_TIME };
FIXTURE_VARIANT_ADD(join, user) { NSLENS_NS_TYPE_USER };
FIXTURE_VARIANT_ADD(join, uts) { NSLENS_NS_TYPE_UTS };
/* clang-format on */

FIXTURE_SETUP(join)
{
	const struct ns_type *type = &ns_types[variant->type];

	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, child_spawn(&self->other, type->flag));
	if (variant->type == NSLENS_NS_TYPE_USER)
		ASSERT_EQ(0, child_map_ids(&self->other, 0, 0, 1));
	self->own = ns_ino(getpid(), type->link);
	self->others = ns_ino(self->other.pid, type->link);
	ASSERT_NE(self->own, self->others);
	self->link = format("/proc/self/ns/%s", type->link);
}

FIXTURE_TEARDOWN(join)
{
	child_end(&self->other);
	free(self->tool);
}

/* What the command sees that it is in: others' in this type, ours else. */
static void expect_joined(struct __test_metadata *_metadata,
			  struct tool *t, unsigned int type,
			  unsigned int joined, char *option)
{
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		const struct ns_type *each = &ns_types[i];
		unsigned int ino = i == type ? joined :
				   ns_ino(getpid(), each->link);

		EXPECT_EQ(0, NSLENS(t, "run", "--like=none", option,
				    "readlink",
				    format("/proc/self/ns/%s", each->link))) {
			TH_LOG("%s: %s", option, t->err);
		}
		EXPECT_STREQ(format("%s:[%u]\n", each->name, ino), t->out) {
			TH_LOG("%s", option);
		}
	}
}

TEST_F(join, takes_the_namespace_of_a_pid)
{
	const char *name = ns_types[variant->type].name;

	expect_joined(_metadata, self->tool, variant->type, self->others,
		      format("--%s=%d", name, self->other.pid));
}

TEST_F(join, takes_a_namespace_by_its_file_or_inode)
{
	const struct ns_type *type = &ns_types[variant->type];
	char *const options[] = {
		format("--%s=/proc/%d/ns/%s", type->name, self->other.pid,
		       type->link),
		format("--%s=%s:[%u]", type->name, type->name, self->others),
		format("--%s=%u", type->name, self->others),
	};
	char *expected = format("%s:[%u]\n", type->name, self->others);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		EXPECT_RUN_PRINTS(expected, "--like=none", options[i], "readlink",
				  self->link);
}

TEST_F(join, takes_a_namespace_with_all_others_new)
{
	const struct ns_type *type = &ns_types[variant->type];

	if (variant->type == NSLENS_NS_TYPE_MNT)
		SKIP(return, "what is new needs mounts of its own");
	EXPECT_RUN_PRINTS(format("%s:[%u]\n", type->name, self->others),
			  "--like=docker",
			  format("--%s=%d", type->name, self->other.pid),
			  "readlink", self->link);
}

TEST_F(join, stays_where_it_is_in_its_own)
{
	const struct ns_type *type = &ns_types[variant->type];

	EXPECT_RUN_PRINTS(format("%s:[%u]\n", type->name, self->own),
			  "--like=none", format("--%s=self", type->name),
			  "readlink", self->link);
}

TEST_F(join, does_not_take_what_is_not_there)
{
	const char *name = ns_types[variant->type].name;
	/* A namespace of another type. */
	const char *wrong = variant->type == NSLENS_NS_TYPE_UTS ? "ipc" : "uts";
	const struct {
		char *option;
		const char *about;
	} wrongs[] = {
		{ format("--%s=4000000", name), "no such process" },
		{ format("--%s=/proc/self/ns/%s", name, wrong), "is wanted" },
		{ format("--%s=%s:[4026531800]", name, name), "no process" },
		{ format("--%s=/no/such/file", name), "No such file" },
		{ format("--%s=/dev/null", name), "not a namespace file" },
		{ format("--%s=old", name), "not a TARGET" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrongs); i++) {
		EXPECT_EQ(125, NSLENS(self->tool, "run", wrongs[i].option,
				      "true"));
		expect_complaint(_metadata, self->tool, wrongs[i].about);
		expect_complaint(_metadata, self->tool, wrongs[i].option);
	}
}

TEST_F(join, does_not_take_what_another_option_wants_new)
{
	static const char * const options[NR_NS_TYPES] = {
		[NSLENS_NS_TYPE_MNT] = "--rootfs=/",
		[NSLENS_NS_TYPE_TIME] = "--time-offset=boottime=1",
		[NSLENS_NS_TYPE_USER] = "--map-root",
		[NSLENS_NS_TYPE_UTS] = "--hostname=x",
	};
	const char *option = options[variant->type];
	char *join = format("--%s=%d", ns_types[variant->type].name,
			    self->other.pid);

	if (!option)
		return;
	EXPECT_EQ(125, NSLENS(self->tool, "run", join, option, "true"));
	expect_complaint(_metadata, self->tool, join);
	EXPECT_EQ(125, NSLENS(self->tool, "run", option, join, "true"));
	expect_complaint(_metadata, self->tool, join);
}

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
	sprintf(self->dir, "/tmp/nslens-ns.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chmod(self->dir, 0755));
}

FIXTURE_TEARDOWN(run)
{
	tool_kill(self->tool);
	child_end(&self->child);
	umount2(format("%s/net", self->dir), MNT_DETACH);
	rootfs_remove(self->dir);
	free(self->tool);
}

TEST_F(run, takes_a_namespace_that_only_a_mount_keeps)
{
	char *file = format("%s/net", self->dir);
	unsigned int ino;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET));
	ino = ns_ino(self->child.pid, "net");
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	ASSERT_EQ(0, mount(format("/proc/%d/ns/net", self->child.pid), file,
			   NULL, MS_BIND, NULL));
	child_end(&self->child);
	EXPECT_RUN_PRINTS(format("net:[%u]\n", ino), format("--net=%s", file),
			  "readlink", "/proc/self/ns/net");
	EXPECT_RUN_PRINTS(format("net:[%u]\n", ino), format("--net=net:[%u]", ino),
			  "readlink", "/proc/self/ns/net");
}

#define ALL_NEW	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
		 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME)

TEST_F(run, takes_all_namespaces_of_another_at_once)
{
	char *options[NR_NS_TYPES];
	unsigned int i;

	ASSERT_EQ(0, child_spawn(&self->child, ALL_NEW));
	ASSERT_EQ(0, child_map_ids(&self->child, 0, 100000, 65536));
	for (i = 0; i < NR_NS_TYPES; i++)
		options[i] = format("--%s=%d", ns_types[i].name,
				    self->child.pid);
	for (i = 0; i < NR_NS_TYPES; i++)
		EXPECT_RUN_PRINTS(format("%s:[%u]\n", ns_types[i].name,
					 ns_ino(self->child.pid, ns_types[i].link)),
				  options[0], options[1], options[2], options[3],
				  options[4], options[5], options[6], options[7],
				  "readlink",
				  format("/proc/self/ns/%s", ns_types[i].link));
	/* And is root there, not nobody. */
	EXPECT_RUN_PRINTS("0 0\n", options[0], options[1], options[2], options[3],
			  options[4], options[5], options[6], options[7],
			  "sh", "-c", "echo $(id -u) $(id -g)");
}

TEST_F(run, is_a_child_of_nslens_in_the_pid_namespace_of_another)
{
	char *file = format("%s/pid", self->dir);
	struct numbers nspid;
	char text[64];
	pid_t pid;

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "--like=none",
				  format("--pid=%d", self->child.pid),
				  "--pidfile", file, "sh", "-c",
				  "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_LT(0, read_file(file, text, sizeof(text)));
	pid = atoi(text);
	EXPECT_EQ(self->tool->pid, proc_number(pid, "PPid", 0));
	ASSERT_EQ(0, proc_numbers(pid, "NSpid", &nspid));
	EXPECT_EQ(2, nspid.n);
	EXPECT_NE(1, nspid.v[1]);
	/* Its end is heard of, */
	ASSERT_EQ(0, kill(pid, SIGTERM));
	EXPECT_EQ(128 + SIGTERM, tool_wait(self->tool));
}

TEST_F(run, sees_the_processes_of_the_pid_namespace_that_it_joined)
{
	char here[64] = "";

	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_LT(0, read_file(format("/proc/%d/comm", self->child.pid), here,
			       sizeof(here)));
	EXPECT_RUN_PRINTS(format("%ssame\n", here), "--like=none", "--mnt",
			  format("--pid=%d", self->child.pid), "sh", "-c",
			  "cat /proc/1/comm; test -d /proc/$$ -a $(cut -d ' ' -f 1 /proc/self/stat) -lt 20 && echo same");
}

TEST_F(run, ends_with_the_pid_namespace_that_it_joined)
{
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID));
	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "--like=none",
				  format("--pid=%d", self->child.pid), "sh",
				  "-c", "echo up; exec sleep 1000"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	child_kill(&self->child);
	EXPECT_EQ(128 + SIGKILL, tool_wait(self->tool));
}

/* Those that differ from ours, as the command sees it. */
static unsigned int new_ones(struct tool *t)
{
	unsigned int i, flags = 0;

	for (i = 0; i < NR_NS_TYPES; i++) {
		char *own = format("%s:[%u]\n", ns_types[i].name,
				   ns_ino(getpid(), ns_types[i].link));

		if (!strstr(t->out, own))
			flags |= ns_types[i].flag;
	}
	return flags;
}

#define LINKS	"cd /proc/self/ns; for t in cgroup ipc mnt net pid time user uts; " \
		"do readlink $t; done"
#define DOCKER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | \
		 CLONE_NEWNET | CLONE_NEWCGROUP)

static const struct {
	const char *first, *second, *third;
	unsigned int flags;
} profiles[] = {
	{ "--", NULL, NULL, DOCKER },
	{ "--like=docker", NULL, NULL, DOCKER },
	{ "--like=none", NULL, NULL, 0 },
	{ "--like=podman-rootless", NULL, NULL, DOCKER | CLONE_NEWUSER },
	{ "--like=none", "--net", NULL, CLONE_NEWNET },
	{ "--net", "--like=none", NULL, CLONE_NEWNET },
	{ "--net=host", NULL, NULL, DOCKER & ~CLONE_NEWNET },
	{ "--net=host", "--like=docker", NULL, DOCKER & ~CLONE_NEWNET },
	{ "--like=none", "--like=docker", NULL, DOCKER },
	{ "--like=docker", "--user", "--time", ALL_NEW },
	{ "--like=podman-rootless", "--user=host", NULL, DOCKER },
	{ "--net=host", "--net", NULL, DOCKER },
	{ "--like=none", "--hostname=x", NULL, CLONE_NEWUTS },
	{ "--like=none", "--map-root", NULL, CLONE_NEWUSER },
	{ "--like=none", "--time-offset=boottime=1", NULL, CLONE_NEWTIME },
};

/* NULLs are left out. */
static int run_options(struct tool *t, const char *a, const char *b,
		       const char *c, const char *d, const char *script)
{
	const char *argv[10] = { "nslens", "run" };
	const char *const options[] = { a, b, c, d };
	unsigned int i, n = 2;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i] && strcmp(options[i], "--") != 0)
			argv[n++] = options[i];
	argv[n++] = "sh";
	argv[n++] = "-c";
	argv[n++] = script;
	return tool_run(t, argv);
}

TEST_F(run, makes_the_namespaces_of_its_profile)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		EXPECT_EQ(0, run_options(self->tool, profiles[i].first,
					 profiles[i].second, profiles[i].third,
					 NULL, LINKS));
		EXPECT_EQ(profiles[i].flags, new_ones(self->tool)) {
			TH_LOG("profile %u: %s", i, self->tool->err);
		}
	}
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--like=lxc", "true"));
	expect_complaint(_metadata, self->tool, "--like=lxc");
}

/* moby/profiles: the 14 that Docker leaves, as /proc shows them. */
TEST_F(run, has_the_capabilities_of_its_profile_if_it_is_named)
{
	EXPECT_RUN_PRINTS("CapBnd:\t00000000a80425fb\n", "--like=docker",
			  "grep", "CapBnd", "/proc/self/status");
	ASSERT_EQ(0, SHELL(self->tool, "grep CapBnd /proc/self/status"));
	EXPECT_RUN_PRINTS(format("%s", self->tool->out), "grep", "CapBnd",
			  "/proc/self/status");
}

static const struct {
	const char *name;
	unsigned int flag;
} flags[] = {
	{ "CLONE_NEWUSER", CLONE_NEWUSER }, { "CLONE_NEWPID", CLONE_NEWPID },
	{ "CLONE_NEWNS", CLONE_NEWNS }, { "CLONE_NEWUTS", CLONE_NEWUTS },
	{ "CLONE_NEWIPC", CLONE_NEWIPC }, { "CLONE_NEWNET", CLONE_NEWNET },
	{ "CLONE_NEWCGROUP", CLONE_NEWCGROUP },
	{ "CLONE_NEWTIME", CLONE_NEWTIME },
};

/* The flags that a dry run names; CLONE_NEWTIME is for unshare(). */
static unsigned int planned(struct tool *t)
{
	unsigned int i, all = 0;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (strstr(t->out, flags[i].name))
			all |= flags[i].flag;
	return all;
}

TEST_F(run, tells_in_a_dry_run_what_happens_in_another)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		EXPECT_EQ(0, run_options(self->tool, profiles[i].first,
					 profiles[i].second, profiles[i].third,
					 "--dry-run", LINKS));
		EXPECT_EQ(profiles[i].flags, planned(self->tool)) {
			TH_LOG("profile %u: %s", i, self->tool->out);
		}
		EXPECT_STREQ("", self->tool->err);
	}
}

/* The steps of a dry run are in the order in which their effects are seen. */
TEST_F(run, tells_its_steps_in_order)
{
	static const char * const order[] = {
		"nslens, first:", "pidfile", "in between", "setns", "net:[",
		"clone3:", "CLONE_PARENT", "id maps", "the new process:",
		"time", "hostname", "host name to box", "pidfile", "execvp: sh",
	};

	EXPECT_EQ(0, NSLENS(self->tool, "run", "--dry-run", "--net=self",
			    "sh"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "in between"));
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWNET));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--dry-run", "--map-root",
			    "--hostname", "box", "--time-offset",
			    "boottime=5", "--pidfile",
			    format("%s/pid", self->dir),
			    format("--net=%d", self->child.pid), "sh"));
	expect_in_order(_metadata, self->tool->out, order, ARRAY_SIZE(order));
}

TEST_F(run, does_nothing_in_a_dry_run)
{
	char *file = format("%s/pid", self->dir);

	EXPECT_EQ(0, NSLENS(self->tool, "run", "--dry-run", "--pidfile", file,
			    "sh", "-c", format("echo >%s", file)));
	EXPECT_EQ(-1, access(file, F_OK));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--dry-run", "no-such-command"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--dry-run", "--net=4000000",
			      "true"));
	expect_complaint(_metadata, self->tool, "4000000");
}

/* Each names its step, and what the kernel says to it. */
static const struct {
	const char *line;
	const char *step;
	int err;
} failures[] = {
	{ "nslens run --pidfile /no/such/pid true", "pidfile", ENOENT },
	{ "nslens run --rootfs /no/such/root true", "rootfs", ENOENT },
	{ "nslens run --user sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; "
	  "nslens run --like=none --net true'",
	  "clone3", ENOSPC },
	{ "nslens run --user --pid sh -c 'exec nslens run --like=none --net=/proc/1/ns/pid true'",
	  "--net=/proc/1/ns/pid", 0 },
	{ "nslens run --like=none --pid nslens run --like=none --pid=/proc/1/ns/pid true",
	  "join: the pid namespace", EINVAL },
	{ "nslens run --like=none --user nslens run --like=none --net=/proc/1/ns/net true",
	  "--net=/proc/1/ns/net", 0 },
	{ "nslens run --map 0:0:1 --map 0:5:1 true", "id maps", EINVAL },
	{ "nslens run --time-offset boottime=-99999999 true", "time", ERANGE },
	{ "nslens run --hostname $(printf %065d 1) true",
	  "longer than 64 bytes", 0 },
	{ "exec nslens run --info-fd 3 true 3</dev/null", "info", EBADF },
	{ "nslens run --pidfile /dev/full true", "pidfile", ENOSPC },
};

TEST_F(run, names_the_step_that_failed)
{
	char *count = "pgrep -c -x nslens; true";
	unsigned int i;
	char before[32];

	ASSERT_EQ(0, SHELL(self->tool, count));
	snprintf(before, sizeof(before), "%.31s", self->tool->out);
	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		EXPECT_EQ(125, SHELL(self->tool, failures[i].line));
		expect_complaint(_metadata, self->tool, failures[i].step);
		if (failures[i].err)
			expect_complaint(_metadata, self->tool,
					 strerror(failures[i].err));
		/* Nothing is left of it. */
		EXPECT_EQ(0, SHELL(self->tool, count));
		EXPECT_STREQ(before, self->tool->out);
	}
}

/* Through the module: what the host knows, and what the command itself does. */
TEST_F(run, shows_with_verbose_what_the_command_sees)
{
	char *at;
	unsigned int i;

	EXPECT_EQ(0, NSLENS(self->tool, "run", "-v", "--map", "0:100000:9",
			    "--time", "sh", "-c",
			    "echo $$; " LINKS "; cat /proc/self/uid_map"));
	EXPECT_EQ(0, strncmp(self->tool->out, "1\n", 2));
	EXPECT_EQ(ALL_NEW, new_ones(self->tool));
	for (i = 0; i < NR_NS_TYPES; i++) {
		unsigned int ino;

		at = strstr(self->tool->out, format("%s:[", ns_types[i].name));
		ASSERT_NE(NULL, at);
		ino = strtoul(strchr(at, '[') + 1, NULL, 10);
		at = strstr(self->tool->err, format("%u", ino));
		EXPECT_NE(NULL, at) {
			TH_LOG("%s:[%u] is not in '%s'", ns_types[i].name, ino,
			       self->tool->err);
		}
	}
	EXPECT_NE(NULL, strstr(self->tool->err, "sh -c echo $$"));
	EXPECT_NE(NULL, strstr(self->tool->err, "100000"));
	EXPECT_NE(NULL, strstr(self->tool->err, "WHOSE"));
}

TEST_HARNESS_MAIN
