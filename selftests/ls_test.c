// SPDX-License-Identifier: GPL-2.0
/* nslens ls beside lsns, and what lsns is known to miss. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

#define FILE_OF_MOUNT	"/tmp/nslens-ls-mount"

/*
 * A container; a network namespace that an open file keeps, a UTS namespace
 * that a mount keeps, a time namespace that is only for children.
 */
FIXTURE(ls)
{
	struct tool *tool;
	struct child box, kept, bound, parent;
	int fd;
	unsigned int by_fd, by_mount, for_children;
};

FIXTURE_SETUP(ls)
{
	int flags = CLONE_NEWTIME;

	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWUSER | CLONE_NEWPID |
				 CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS));
	ASSERT_EQ(0, child_spawn(&self->kept, CLONE_NEWNET));
	self->fd = ns_open(self->kept.pid, "net");
	ASSERT_LE(0, self->fd);
	self->by_fd = ns_ino_of_fd(self->fd);
	child_end(&self->kept);
	ASSERT_EQ(0, child_spawn(&self->bound, CLONE_NEWUTS));
	self->by_mount = ns_ino(self->bound.pid, "uts");
	close(open(FILE_OF_MOUNT, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	ASSERT_EQ(0, mount(format("/proc/%d/ns/uts", self->bound.pid),
			   FILE_OF_MOUNT, NULL, MS_BIND, NULL));
	child_end(&self->bound);
	ASSERT_EQ(0, child_spawn(&self->parent, 0));
	ASSERT_EQ(0, child_do(&self->parent, child_unshare, &flags,
			      sizeof(flags)));
	self->for_children = ns_ino(self->parent.pid, "time_for_children");
}

FIXTURE_TEARDOWN(ls)
{
	umount2(FILE_OF_MOUNT, MNT_DETACH);
	unlink(FILE_OF_MOUNT);
	close(self->fd);
	child_end(&self->parent);
	child_end(&self->box);
	free(self->tool);
}

/* Processes come and go where the test runs; elsewhere all is the same. */
static const char * const compare[] = {
	"import json, os, subprocess, sys",
	"def read(*args):",
	"    out = json.loads(subprocess.check_output(args))",
	"    return {n[\"ns\"]: n for n in out[\"namespaces\"]}",
	"columns = \"+PNS,ONS,PATH,PPID,UID,NETNSID,NSFS\"",
	"a = read(\"lsns\", \"-J\", \"-o\", columns, *sys.argv[1:])",
	"b = read(\"nslens\", \"ls\", \"-J\", \"-o\", columns, *sys.argv[1:])",
	"own = \"/proc/self/ns/\"",
	"here = [os.stat(own + t).st_ino for t in os.listdir(own)]",
	"for ns, of_lsns in a.items():",
	"    of_nslens = b.get(ns, {})",
	"    if ns in here:",
	"        of_lsns[\"nprocs\"] = of_nslens.get(\"nprocs\")",
	"    if of_lsns != of_nslens:",
	"        print(of_lsns, of_nslens)",
	"print(len(a) > 8 or len(sys.argv) > 1, sorted(set(b) - set(a)))",
};

static char *comparison(const char *options)
{
	char *program = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(compare); i++)
		program = format("%s%s\n", program, compare[i]);
	return format("/usr/bin/python3 -c '%s' %s", program, options);
}

TEST_F(ls, has_the_keys_and_values_of_lsns)
{
	unsigned int first = self->by_fd, second = self->for_children;

	/* What lsns misses: what only a file, or only children, keep. */
	ASSERT_EQ(0, SHELL(self->tool, comparison("")));
	EXPECT_STREQ(format("True [%u, %u]\n", first < second ? first : second,
			    first < second ? second : first), self->tool->out);
	EXPECT_STREQ("", self->tool->err);
	ASSERT_EQ(0, SHELL(self->tool, comparison("-t user")));
	EXPECT_STREQ("True []\n", self->tool->out);
}

/* In the order of lsns, too, which shows more of network namespaces. */
TEST_F(ls, has_the_default_columns_of_lsns)
{
	static const char * const options[] = { "", "-t net", "-t pid" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		char *expected;

		ASSERT_EQ(0, SHELL(self->tool,
				   with_python(format("lsns -J %s", options[i]),
					       "list(j[\"namespaces\"][0])")));
		expected = format("%s", self->tool->out);
		EXPECT_JSON(expected, format("nslens ls -J %s", options[i]),
			    "list(j[\"namespaces\"][0])");
	}
}

static bool lists(struct tool *t, unsigned int ino, const char *options)
{
	SHELL(t, format("nslens ls -rno NS %s", options));
	return strstr(t->out, format("%u\n", ino));
}

TEST_F(ls, finds_with_all_what_only_a_mount_keeps)
{
	char *name = format("uts:[%u]", self->by_mount);

	EXPECT_FALSE(lists(self->tool, self->by_mount, ""));
	EXPECT_TRUE(lists(self->tool, self->by_mount, "--all"));
	EXPECT_TRUE(lists(self->tool, self->by_mount, "--all -t uts"));
	EXPECT_FALSE(lists(self->tool, self->by_mount, "--all -t net"));
	EXPECT_PRINTS("0 - " FILE_OF_MOUNT " " FILE_OF_MOUNT "\n", "ls", "-rno",
		      "NPROCS,PID,PATH,NSFS", "--all", name);
	/* By its file it is found in any case; by its number, a hint is given. */
	EXPECT_PRINTS(format("%u\n", self->by_mount), "ls", "-rno", "NS",
		      FILE_OF_MOUNT);
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "ls", name));
	EXPECT_NE(NULL, strstr(self->tool->err, name));
	EXPECT_NE(NULL, strstr(self->tool->err, "--all"));
	EXPECT_EQ(0, NSLENS(self->tool, "show", FILE_OF_MOUNT));
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "show", name));
	EXPECT_NE(NULL, strstr(self->tool->err, "--all"));
}

static long mount_there(void *pid)
{
	return mount(format("/proc/%d/ns/uts", *(pid_t *)pid), FILE_OF_MOUNT,
		     NULL, MS_BIND, NULL);
}

/* In another mount namespace, whose mounts are not seen here. */
TEST_F(ls, finds_what_is_mounted_elsewhere)
{
	struct child elsewhere, gone;
	unsigned int ino;

	ASSERT_EQ(0, child_spawn(&elsewhere, CLONE_NEWNS));
	ASSERT_EQ(0, child_do(&elsewhere, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_spawn(&gone, CLONE_NEWUTS));
	ino = ns_ino(gone.pid, "uts");
	ASSERT_EQ(0, child_do(&elsewhere, mount_there, &gone.pid,
			      sizeof(gone.pid)));
	child_end(&gone);
	EXPECT_FALSE(lists(self->tool, ino, ""));
	EXPECT_PRINTS(format("%u /proc/%d/root" FILE_OF_MOUNT "\n", ino,
			     elsewhere.pid), "ls", "-rno", "NS,PATH", "--all",
		      format("uts:[%u]", ino));
	child_end(&elsewhere);
	EXPECT_FALSE(lists(self->tool, ino, "--all"));
}

/* What hangs on the namespace with this number, however deep it is. */
static char *below(unsigned int ino)
{
	const char *walk =
		"(lambda f: f(f, j[\"namespaces\"]))(lambda f, l: sum(%s, []))";
	const char *each =
		"([c[\"ns\"] for c in n.get(\"children\", []) if n[\"ns\"] == %u]";
	const char *rest = " + f(f, n.get(\"children\", [])) for n in l)";

	return format(walk, format("%s%s", format(each, ino), rest));
}

/* The box's user namespace owns the rest of it; its parent is the one here. */
TEST_F(ls, shows_trees_of_parents_and_of_owners)
{
	unsigned int user = ns_ino(self->box.pid, "user");

	EXPECT_JSON(format("[%u]\n", user), "nslens ls -J --tree -t user",
		    below(ns_ino(getpid(), "user")));
	EXPECT_JSON(format("[%u]\n", ns_ino(self->box.pid, "pid")),
		    "nslens ls -J --tree -t pid",
		    below(ns_ino(getpid(), "pid")));
	EXPECT_JSON(format("[%u]\n", ns_ino(self->box.pid, "uts")),
		    "nslens ls -J --tree=owner -t uts,user", below(user));
	EXPECT_EQ(0, NSLENS(self->tool, "ls", "--tree", "-t", "user", "-no",
			    "NS"));
	EXPECT_NE(NULL, strstr(self->tool->out, format("`-%u\n", user)));
}

TEST_F(ls, knows_the_ids_of_network_namespaces)
{
	char *name = format("net:[%u]", ns_ino(self->box.pid, "net"));

	EXPECT_PRINTS("unassigned\n", "ls", "-rno", "NETNSID", name);
	ASSERT_EQ(0, SHELL(self->tool, format("ip netns attach nslens-ls %d",
					      self->box.pid)));
	ASSERT_EQ(0, SHELL(self->tool, "ip netns set nslens-ls 4711"));
	EXPECT_PRINTS("4711 /run/netns/nslens-ls\n", "ls", "-rno",
		      "NETNSID,NSFS", name);
	EXPECT_EQ(0, SHELL(self->tool, "ip netns del nslens-ls"));
}

TEST_HARNESS_MAIN
