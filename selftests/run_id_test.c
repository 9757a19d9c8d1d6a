// SPDX-License-Identifier: GPL-2.0
/* As whom nslens run runs a command, and with what: by what that sees of itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"
#include "lib/tool.h"

FIXTURE(run_id)
{
	struct tool *tool;
	char rootfs[64];
};

FIXTURE_SETUP(run_id)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
}

FIXTURE_TEARDOWN(run_id)
{
	tool_kill(self->tool);
	rootfs_remove(self->rootfs);
	free(self->tool);
}

/* A shell line that runs one in its options */
static char *run_line(const char *options, const char *inside)
{
	return format("exec nslens run %s -- sh -c '%s'", options, inside);
}

/* What a shell prints that runs with these options, and no complaint */
#define EXPECT_INSIDE(expected, options, inside) do {			\
	const char *line = run_line(options, inside);			\
	EXPECT_EQ(0, SHELL(self->tool, line)) {				\
		TH_LOG("%s: '%s'", line, self->tool->err);		\
	}								\
	EXPECT_STREQ(expected, self->tool->out);			\
	EXPECT_STREQ("", self->tool->err);				\
} while (0)

/* Exit status 125, and one line that says this */
#define EXPECT_REFUSED(text, options) do {				\
	const char *line = run_line(options, "echo ran");		\
	EXPECT_EQ(125, SHELL(self->tool, line));			\
	EXPECT_EQ(0, strncmp(self->tool->err, "nslens: run: ", 13));	\
	EXPECT_EQ(1, count_lines(self->tool->err));			\
	EXPECT_STREQ("", self->tool->out);				\
	EXPECT_NE(NULL, strstr(self->tool->err, text)) {		\
		TH_LOG("%s: '%s'", line, self->tool->err);		\
	}								\
} while (0)

#define IDS	"echo $(grep -E \"^(Uid|Gid|Groups):\" /proc/self/status)"

TEST_F(run_id, has_the_user_and_the_group_that_it_is_given)
{
	static const struct {
		const char *options, *ids;
	} rows[] = {
		{ "--uid 1000", "Uid: 1000 1000 1000 1000 Gid: 1000 1000 1000 1000 Groups:" },
		{ "--uid 1000 --gid 7", "Uid: 1000 1000 1000 1000 Gid: 7 7 7 7 Groups:" },
		{ "--gid 7", "Uid: 0 0 0 0 Gid: 7 7 7 7 Groups:" },
		{ "--groups 5,20", "Uid: 0 0 0 0 Gid: 0 0 0 0 Groups: 5 20" },
		{ "--uid 3 --groups 8", "Uid: 3 3 3 3 Gid: 3 3 3 3 Groups: 8" },
		{ "--uid 4294967294 --gid 7",
		  "Uid: 4294967294 4294967294 4294967294 4294967294 Gid: 7 7 7 7 Groups:" },
		{ "--map 0:100000:65536 --uid 1000 --groups 2,3",
		  "Uid: 1000 1000 1000 1000 Gid: 1000 1000 1000 1000 Groups: 2 3" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_INSIDE(format("%s\n", rows[i].ids), rows[i].options,
			      IDS);
}

/* What is 1000 inside is 101000 here. */
TEST_F(run_id, takes_ids_for_numbers_inside)
{
	ASSERT_EQ(0, NSLENS_START(self->tool, "run", "-i", "--pidfile",
				  format("%s/pid", self->rootfs), "--map",
				  "0:100000:65536", "--uid", "1000", "--gid",
				  "2000", "sh", "-c", "echo up; read x"));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	char text[64];

	ASSERT_LT(0, read_file(format("%s/pid", self->rootfs), text,
			       sizeof(text)));
	EXPECT_EQ(101000, proc_number(atoi(text), "Uid", 0));
	EXPECT_EQ(102000, proc_number(atoi(text), "Gid", 0));
	tool_type(self->tool, "\n");
	EXPECT_EQ(0, tool_wait(self->tool));
}

TEST_F(run_id, refuses_ids_that_are_none)
{
	EXPECT_REFUSED("--uid x", "--uid x");
	EXPECT_REFUSED("--uid -1", "--uid -1");
	EXPECT_REFUSED("--uid 4294967295", "--uid 4294967295");
	EXPECT_REFUSED("--gid 1:2", "--gid 1:2");
	EXPECT_REFUSED("--groups", "--groups 1,,2");
	EXPECT_REFUSED("user 1000: not among the ids",
		       "--map 0:100000:10 --gid 0 --uid 1000");
	EXPECT_REFUSED("group 1000: not among the ids",
		       "--map 0:100000:10 --gid 1000");
	EXPECT_REFUSED("--groups: not among the ids",
		       "--map 0:100000:10 --groups 5,1000");
}

#define CAPS	"echo $(grep ^Cap /proc/self/status | cut -f 2)"
#define BIT(cap)	(1ULL << (cap))

/* The sets in the order of /proc/self/status: inherited, permitted, ... */
static char *caps(__u64 inh, __u64 prm, __u64 eff, __u64 bnd, __u64 amb)
{
	return format("%016llx %016llx %016llx %016llx %016llx\n",
		      (unsigned long long)inh, (unsigned long long)prm,
		      (unsigned long long)eff, (unsigned long long)bnd,
		      (unsigned long long)amb);
}

static char *caps_of_root(__u64 set)
{
	return caps(0, set, set, set, 0);
}

static __u64 our_caps(void)
{
	char value[64];

	if (proc_field(getpid(), "CapBnd", value, sizeof(value)) < 0)
		return 0;
	return strtoull(value, NULL, 16);
}

TEST_F(run_id, has_the_capabilities_that_it_is_left)
{
	const __u64 all = our_caps();
	const __u64 raw = BIT(CAP_NET_RAW), chown = BIT(CAP_CHOWN);
	const struct {
		const char *options;
		__u64 set;
	} rows[] = {
		{ "", all },
		{ "--cap-drop ALL", 0 },
		{ "--cap-drop all --cap-add NET_RAW", raw },
		{ "--cap-add NET_RAW --cap-drop ALL", raw },
		{ "--cap-drop ALL --cap-add cap_net_raw,chown", raw | chown },
		{ "--cap-drop ALL --cap-add CAP_NET_RAW --cap-add CHOWN",
		  raw | chown },
		{ "--cap-drop NET_RAW", all & ~raw },
		{ "--cap-drop CAP_CHOWN,NET_RAW", all & ~raw & ~chown },
		{ "--cap-add ALL --cap-drop CHOWN", all & ~chown },
		{ "--cap-drop ALL --cap-add CHECKPOINT_RESTORE",
		  BIT(CAP_CHECKPOINT_RESTORE) },
		{ "--user --cap-drop ALL --cap-add SYS_ADMIN",
		  BIT(CAP_SYS_ADMIN) },
		{ "--no-new-privs --cap-drop ALL --cap-add CHOWN", chown },
	};
	unsigned int i;

	ASSERT_NE(0, all & raw);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_INSIDE(caps_of_root(rows[i].set), rows[i].options, CAPS);
}

/* As docker run busybox grep Cap /proc/self/status prints, and podman. */
TEST_F(run_id, has_the_capabilities_of_a_profile)
{
	EXPECT_INSIDE(caps_of_root(0xa80425fb), "--like=docker", CAPS);
	EXPECT_INSIDE(caps_of_root(0xa80425fb | BIT(CAP_SYS_ADMIN)),
		      "--like=docker --cap-add SYS_ADMIN", CAPS);
	EXPECT_INSIDE(caps_of_root(0xa80425fb & ~BIT(CAP_MKNOD)),
		      "--cap-drop MKNOD --like=docker", CAPS);
}

TEST_F(run_id, has_ambient_capabilities_as_another_user_if_they_are_added)
{
	const __u64 all = our_caps(), raw = BIT(CAP_NET_RAW);
	char last[16];
	__u64 every;

	/* A new user namespace has all that there are. */
	ASSERT_LT(0, read_file("/proc/sys/kernel/cap_last_cap", last,
			       sizeof(last)));
	every = BIT(atoi(last) + 1) - 1;

	EXPECT_INSIDE(caps(0, 0, 0, all, 0), "--uid 1000", CAPS);
	EXPECT_INSIDE(caps(raw, raw, raw, all, raw),
		      "--uid 1000 --cap-add NET_RAW", CAPS);
	EXPECT_INSIDE(caps(raw, raw, raw, raw, raw),
		      "--uid 1000 --cap-drop ALL --cap-add NET_RAW", CAPS);
	EXPECT_INSIDE(caps(0, 0, 0, all & ~raw, 0),
		      "--uid 1000 --cap-drop NET_RAW", CAPS);
	EXPECT_INSIDE(caps(all, all, all, all, all),
		      "--uid 1000 --cap-add ALL", CAPS);
	EXPECT_INSIDE(caps(raw, raw, raw, every, raw),
		      "--map 5:100000:10 --cap-add NET_RAW", CAPS);
}

/* By what the kernel then allows. */
TEST_F(run_id, can_do_what_its_capabilities_allow)
{
	EXPECT_INSIDE("", "--cap-drop ALL --cap-add SYS_ADMIN",
		      "mount -t tmpfs none /mnt");
	EXPECT_NE(0, SHELL(self->tool,
			   run_line("--cap-drop SYS_ADMIN",
				    "mount -t tmpfs none /mnt")));
	EXPECT_INSIDE("", format("--cap-drop ALL --cap-add CHOWN --rootfs %s",
				 self->rootfs), "busybox chown 5 /etc");
	EXPECT_NE(0, SHELL(self->tool,
			   run_line(format("--cap-drop CHOWN --rootfs %s",
					   self->rootfs),
				    "busybox chown 6 /etc")));
}

TEST_F(run_id, refuses_capabilities_that_it_cannot_give)
{
	EXPECT_REFUSED("--cap-add SUPERPOWER", "--cap-add SUPERPOWER");
	EXPECT_REFUSED("--cap-drop CAP_", "--cap-drop CAP_");
	EXPECT_REFUSED("--cap-drop", "--cap-drop \"\"");
	EXPECT_REFUSED("SUPER", "--cap-add CHOWN,SUPER");
	EXPECT_REFUSED("choose one", "--cap-add CHOWN --cap-drop CHOWN");
	EXPECT_REFUSED("choose one", "--cap-add ALL --cap-drop ALL");
	EXPECT_EQ(125, SHELL(self->tool,
			     "setpriv --bounding-set -net_raw nslens run --cap-add NET_RAW true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "does not have"));
}

TEST_F(run_id, gets_no_new_privileges_if_it_is_not_to)
{
	const char *nnp = "grep ^NoNewPrivs /proc/self/status";

	EXPECT_INSIDE("NoNewPrivs:\t0\n", "", nnp);
	EXPECT_INSIDE("NoNewPrivs:\t1\n", "--no-new-privs", nnp);
	EXPECT_INSIDE("NoNewPrivs:\t1\n", "--no-new-privs --uid 5 --init", nnp);
}

TEST_F(run_id, has_the_environment_that_it_is_given)
{
	setenv("NSLENS_SECRET", "hidden", 1);
	EXPECT_INSIDE("hidden\n", "", "echo $NSLENS_SECRET");
	EXPECT_INSIDE("b c\n", "--env \"NSLENS_A=b c\"", "echo $NSLENS_A");
	EXPECT_INSIDE("2\n", "--env A=1 --env A=2", "echo $A");
	EXPECT_INSIDE("x=y\n", "--env A=x=y", "echo $A");
	EXPECT_INSIDE("<>\n", "--env A=", "echo \"<$A>\"");
	EXPECT_INSIDE("\n", "--clear-env", "echo $NSLENS_SECRET");
	EXPECT_INSIDE("hidden\n", "--clear-env --env NSLENS_SECRET",
		      "echo $NSLENS_SECRET");
	EXPECT_INSIDE("no\n", "--clear-env --env NSLENS_NONE",
		      "echo ${NSLENS_NONE-no}");
	EXPECT_REFUSED("--env", "--env =x");
	EXPECT_REFUSED("--env", "--env \"\"");
	unsetenv("NSLENS_SECRET");
}

TEST_F(run_id, has_a_sane_environment_when_it_is_cleared)
{
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--clear-env", "--env", "HOME=/h",
			    "env"));
	EXPECT_STREQ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
		     "HOME=/h\n", self->tool->out);
	/* Home is what the root file system says, and / if it says nothing. */
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--clear-env", "--rootfs",
			    self->rootfs, "sh", "-c", "echo $HOME"));
	EXPECT_STREQ("/\n", self->tool->out);
	ASSERT_EQ(0, SHELL(self->tool,
			   format("echo 'me:x:77:7::/home/me:/bin/sh' >%s/etc/passwd",
				  self->rootfs)));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--clear-env", "--rootfs",
			    self->rootfs, "--uid", "77", "sh", "-c",
			    "echo $HOME"));
	EXPECT_STREQ("/home/me\n", self->tool->out);
	/* Not even a pipe that nobody writes to keeps it from starting. */
	ASSERT_EQ(0, SHELL(self->tool,
			   format("cd %s/etc && rm passwd && mkfifo passwd",
				  self->rootfs)));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--clear-env", "--rootfs",
			    self->rootfs, "sh", "-c", "echo $HOME"));
	EXPECT_STREQ("/\n", self->tool->out);
	/* Nor one without an end. */
	ASSERT_EQ(0, SHELL(self->tool,
			   format("cd %s/etc && rm passwd && ln -s /dev/zero passwd",
				  self->rootfs)));
	EXPECT_EQ(0, SHELL(self->tool,
			   format("ulimit -v 500000; timeout -s KILL 120 %s %s %s",
				  "nslens run --clear-env --rootfs",
				  self->rootfs, "sh -c 'echo $HOME'")));
	EXPECT_STREQ("/\n", self->tool->out);
}

TEST_F(run_id, is_looked_for_in_its_own_path)
{
	char *dir = format("%s/tools", self->rootfs);

	ASSERT_EQ(0, mkdir(dir, 0755));
	ASSERT_EQ(0, symlink("/bin/true", format("%s/only-here", dir)));
	EXPECT_EQ(127, NSLENS(self->tool, "run", "only-here"));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--env",
			    format("PATH=%s", dir), "only-here"));
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--env", "PATH=/nowhere",
			      "true"));
	setenv("PATH", format("%s:%s", getenv("PATH"), dir), 1);
	EXPECT_EQ(0, NSLENS(self->tool, "run", "only-here"));
	EXPECT_EQ(127, NSLENS(self->tool, "run", "--clear-env", "only-here"));
}

TEST_F(run_id, starts_in_the_directory_that_it_is_given)
{
	EXPECT_INSIDE("/usr/bin\n", "--workdir /usr/bin", "pwd");
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--rootfs", self->rootfs,
			    "--workdir", "/etc", "sh", "-c", "pwd"));
	EXPECT_STREQ("/etc\n", self->tool->out);
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--rootfs", self->rootfs,
			    "--workdir", "../../bin", "sh", "-c", "pwd"));
	EXPECT_STREQ("/bin\n", self->tool->out);
	EXPECT_REFUSED("/no/such", "--workdir /no/such");
	EXPECT_REFUSED("/etc/passwd", "--workdir /etc/passwd");
}

/* As who it runs, not as nslens. */
TEST_F(run_id, starts_nowhere_that_it_may_not_go_itself)
{
	char *dir = format("%s/closed", self->rootfs);

	ASSERT_EQ(0, mkdir(dir, 0700));
	EXPECT_EQ(0, NSLENS(self->tool, "run", "--workdir", dir, "true"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--workdir", dir, "--uid",
			      "1000", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "Permission denied"));
}

/* A link of an image to a file that nslens left open: CVE-2024-21626. */
TEST_F(run_id, starts_nowhere_above_its_root)
{
	char *link = format("%s/link", self->rootfs);
	int fd;

	for (fd = 3; fd < 20; fd++) {
		char *line = format("nslens run --keep-fd 9 --rootfs %s --workdir %s ls .. 9</",
				    self->rootfs, "/link");

		unlink(link);
		ASSERT_EQ(0, symlink(format("/proc/self/fd/%d", fd), link));
		EXPECT_EQ(125, SHELL(self->tool, line)) {
			TH_LOG("descriptor %d: '%s'", fd, self->tool->out);
		}
		EXPECT_STREQ("", self->tool->out);
	}
}

TEST_F(run_id, has_the_resource_limits_that_it_is_given)
{
	EXPECT_INSIDE("100 100\n", "--rlimit nofile=100",
		      "echo $(ulimit -Sn) $(ulimit -Hn)");
	EXPECT_INSIDE("64 128\n", "--rlimit nofile=64:128",
		      "echo $(ulimit -Sn) $(ulimit -Hn)");
	EXPECT_INSIDE("0 unlimited\n", "--rlimit core=0:unlimited",
		      "echo $(ulimit -Sc) $(ulimit -Hc)");
	EXPECT_INSIDE("77\n", "--rlimit nproc=99 --rlimit nproc=77",
		      "grep \"Max processes\" /proc/self/limits | tr -s \" \" | cut -d \" \" -f 3");
	/* Of nslens, to which its own set-up would not fit */
	EXPECT_INSIDE("4\n", "--user --rlimit nofile=4", "ulimit -Hn");
}

/* Each by the name that prlimit has for it */
TEST_F(run_id, names_resource_limits_as_prlimit_does)
{
	static const char * const names[] = {
		"as", "core", "cpu", "data", "fsize", "locks", "memlock",
		"msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
		"rttime", "sigpending", "stack",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		/* Of files, no more than fs.nr_open. */
		const char *zeros = strcmp(names[i], "nofile") ? "000000" : "";

		EXPECT_EQ(0, NSLENS(self->tool, "run", "--rlimit",
				    format("%s=70%s:80%s", names[i], zeros,
					   zeros),
				    "prlimit", format("--%s", names[i]),
				    "--noheadings", "--raw", "--output",
				    "SOFT,HARD")) {
			TH_LOG("%s: '%s'", names[i], self->tool->err);
		}
		EXPECT_STREQ(format("70%s 80%s\n", zeros, zeros),
			     self->tool->out);
	}
}

TEST_F(run_id, refuses_resource_limits_that_are_none)
{
	EXPECT_REFUSED("--rlimit", "--rlimit nofile");
	EXPECT_REFUSED("--rlimit", "--rlimit nofile=");
	EXPECT_REFUSED("--rlimit", "--rlimit nofile=x");
	EXPECT_REFUSED("--rlimit", "--rlimit nofile=-1");
	EXPECT_REFUSED("--rlimit", "--rlimit nofile=5:");
	EXPECT_REFUSED("--rlimit", "--rlimit nofile=6:5");
	EXPECT_REFUSED("--rlimit", "--rlimit bogus=5");
	EXPECT_REFUSED("--rlimit", "--rlimit =5");
	/* Above fs.nr_open nobody may go. */
	EXPECT_REFUSED("nofile", "--rlimit nofile=99999999999");
}

TEST_HARNESS_MAIN
