// SPDX-License-Identifier: GPL-2.0
/* Every way to name a target, for each verb that takes one. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/cli.h"
#include "lib/expect.h"

#define ID	"c0ffee0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define CGROUP	"/sys/fs/cgroup/" ID

/* A container, with a cgroup that is named as a runtime would. */
FIXTURE(target)
{
	struct tool *tool;
	struct child box, inside;
	char *form;
	unsigned int pidns;
};

FIXTURE_VARIANT(target)
{
	/* With the PID and the inode number of the PID namespace */
	const char *form;
};

FIXTURE_VARIANT_ADD(target, pid) { "%1$d" };
FIXTURE_VARIANT_ADD(target, pid_in_ns) { "%2$u:1" };
FIXTURE_VARIANT_ADD(target, pid_in_typed_ns) { "pid:[%2$u]:1" };
FIXTURE_VARIANT_ADD(target, ns) { "pid:[%2$u]" };
FIXTURE_VARIANT_ADD(target, inode) { "%2$u" };
FIXTURE_VARIANT_ADD(target, path) { "/proc/%1$d/ns/pid" };
FIXTURE_VARIANT_ADD(target, cgroup) { CGROUP };
FIXTURE_VARIANT_ADD(target, container_id) { ID };
FIXTURE_VARIANT_ADD(target, short_id) { "c0ffee012345" };
FIXTURE_VARIANT_ADD(target, unique_id) { "c0ff" };

FIXTURE_SETUP(target)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWPID | CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->inside, 0));
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, write_file(CGROUP "/cgroup.procs",
				format("%d\n", self->box.pid)));
	ASSERT_EQ(0, write_file(CGROUP "/cgroup.procs",
				format("%d\n", self->inside.pid)));
	self->pidns = ns_ino(self->box.pid, "pid");
	self->form = format(variant->form, self->box.pid, self->pidns);
}

FIXTURE_TEARDOWN(target)
{
	child_end(&self->inside);
	child_end(&self->box);
	cgroup_remove(CGROUP);
	free(self->tool);
}

TEST_F(target, of_ps)
{
	char *first = format("%d\n", self->box.pid);

	EXPECT_EQ(0, NSLENS(self->tool, "ps", "-rno", "PID", self->form));
	EXPECT_EQ(0, strncmp(first, self->tool->out, strlen(first)));
	EXPECT_STREQ("", self->tool->err);
}

TEST_F(target, of_ls)
{
	EXPECT_PRINTS(format("%u\n", self->pidns), "ls", "-rno", "NS", "-t",
		      "pid", self->form);
	/* Twice is once. */
	EXPECT_PRINTS(format("%u\n", self->pidns), "ls", "-rno", "NS", "-t",
		      "pid", self->form, self->form);
}

TEST_F(target, of_show)
{
	EXPECT_EQ(0, NSLENS(self->tool, "show", self->form));
	EXPECT_NE(NULL, strstr(self->tool->out, format("%u", self->pidns)));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format("%d,1", self->box.pid)));
	EXPECT_STREQ("", self->tool->err);
}

TEST_F(target, of_diff)
{
	/* In the order of the types: pid is the fifth, uts the last. */
	EXPECT_PRINTS("yes\nyes\nyes\nyes\nno\nyes\nyes\nno\n",
		      "diff", "-rno", "SHARED", self->form);
	EXPECT_PRINTS("yes\nyes\nyes\nyes\nyes\nyes\nyes\nyes\n",
		      "diff", "-rno", "SHARED", self->form,
		      format("%d", self->box.pid));
}

TEST_F(target, of_pid)
{
	char *here = format("%d", self->inside.pid);
	char *there = format("%d", self->inside.pid_there);

	EXPECT_PRINTS(format("%s\n", here), "pid", "--from", self->form, there);
	EXPECT_PRINTS(format("%s\n", there), "pid", "--to", self->form, here);
}

FIXTURE(other)
{
	struct tool *tool;
};

FIXTURE_SETUP(other)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
}

FIXTURE_TEARDOWN(other)
{
	free(self->tool);
}

TEST_F(other, self_is_nslens)
{
	char *pidns = format("%u\n", ns_ino(getpid(), "pid"));

	EXPECT_PRINTS("nslens\n", "ps", "-rno", "COMMAND", "self");
	EXPECT_PRINTS(pidns, "ls", "-rno", "NS", "-t", "pid", "self");
	EXPECT_EQ(0, NSLENS(self->tool, "show", "self"));
	EXPECT_NE(NULL, strstr(self->tool->out, "command  nslens\n"));
	EXPECT_EQ(0, NSLENS(self->tool, "diff", "-rno", "SHARED", "self"));
	EXPECT_EQ(NULL, strstr(self->tool->out, "no"));
	EXPECT_PRINTS("1\n", "pid", "--from", "self", "1");
}

/* Two containers whose ids start the same: which is meant? */
TEST_F(other, an_id_must_be_unique)
{
	static const char * const names[] = {
		"/sys/fs/cgroup/abcabcabcabc0000", "/sys/fs/cgroup/abcabcabcabc1111",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		ASSERT_EQ(0, mkdir(names[i], 0755));
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ps", "abcabcabcabc"));
	EXPECT_NE(NULL, strstr(self->tool->err, "more than one"));
	EXPECT_NE(NULL, strstr(self->tool->err, "give more digits"));
	/* Empty, but there. */
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "ps", "abcabcabcabc1"));
	EXPECT_NE(NULL, strstr(self->tool->err, "no task in it"));
	EXPECT_EQ(EXIT_NOT_THERE, NSLENS(self->tool, "diff", "abcabcabcabc1"));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		rmdir(names[i]);
}

/* What is not there is told from what makes no sense, by each verb alike. */
TEST_F(other, what_is_wrong_with_a_target)
{
	static const struct {
		const char *target;
		int status;
	} wrong[] = {
		{ "99999999", EXIT_NOT_THERE },
		{ "/no/such/file", EXIT_NOT_THERE },
		{ "0123456789abcdef", EXIT_NOT_THERE },
		{ "4294967295:1", EXIT_NOT_THERE },
		{ "pid:[4294967295]", EXIT_NOT_THERE },
		{ "4294967294", EXIT_NOT_THERE },
		{ "/sys/fs/cgroup/no/such", EXIT_NOT_THERE },
		{ "0", EXIT_OWN },
		{ "nonsense", EXIT_OWN },
		{ "/etc/passwd", EXIT_OWN },
		{ "/sys/fs/cgroup/cgroup.procs", EXIT_OWN },
	};
	static const char * const verbs[] = { "ps", "ls", "show", "diff" };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		for (j = 0; j < ARRAY_SIZE(verbs); j++) {
			EXPECT_EQ(wrong[i].status,
				  NSLENS(self->tool, verbs[j],
					 wrong[i].target)) {
				TH_LOG("%s %s", verbs[j], wrong[i].target);
			}
			EXPECT_EQ(1, count_lines(self->tool->err));
			EXPECT_NE(NULL, strstr(self->tool->err,
					       wrong[i].target));
			EXPECT_STREQ("", self->tool->out);
		}
		EXPECT_EQ(wrong[i].status,
			  NSLENS(self->tool, "pid", "--to", wrong[i].target,
				 "1")) {
			TH_LOG("pid --to %s", wrong[i].target);
		}
	}
}

/* Who mistyped one is told what is off. */
TEST_F(other, what_is_nearly_a_target)
{
	static const struct {
		const char *target;
		const char *told;
	} near[] = {
		{ "0123456789ABCDEF", "lower-case" },
		{ "1.5", "not a TARGET" },
		{ "0x10", "not a TARGET" },
		{ "4294967296", "inode, up to 4294967295" },
		{ "0", "a PID, 1 to 2147483647" },
		{ "pid:[99999999999]", "up to 4294967295" },
		{ "pid:[99999999999]:1", "up to 4294967295" },
		{ "net:[4026531840]:1", "pid:[INODE]:PID" },
		{ "pid:4026531836", "brackets" },
		{ "pid:[x]", "not a TARGET" },
		{ "uts_for_children:[4026531838]", "not a TARGET" },
		{ "/sys/fs/cgroup/cgroup.procs", "directory" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(near); i++) {
		EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "ls", near[i].target));
		EXPECT_NE(NULL, strstr(self->tool->err, near[i].told)) {
			TH_LOG("%s", self->tool->err);
		}
	}
	EXPECT_EQ(EXIT_OWN, NSLENS(self->tool, "pid", "4026531836:1"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--from"));
}

/* As the links in /proc/PID/ns are named. */
TEST_F(other, a_namespace_for_children_is_one)
{
	unsigned int pidns = ns_ino(getpid(), "pid");

	EXPECT_PRINTS(format("%u\n", pidns), "ls", "-rno", "NS",
		      format("pid_for_children:[%u]", pidns));
}

/* There, but hidden; a cgroup's tasks as well. */
TEST_F(other, what_is_hidden_is_not_listed_in_silence)
{
	const char *as = "setpriv --reuid 65534 --regid 65534 --clear-groups nslens";

	EXPECT_EQ(EXIT_NOT_THERE, SHELL(self->tool, format("%s ls 1", as)));
	EXPECT_STREQ("", self->tool->out);
	EXPECT_NE(NULL, strstr(self->tool->err, "1: its namespaces are hidden"));
	EXPECT_EQ(0, SHELL(self->tool, format("%s ls self", as)));
	EXPECT_EQ(0, SHELL(self->tool, format("%s ps 1", as)));
	EXPECT_EQ(0, SHELL(self->tool, format("%s show 1", as)));
}

TEST_HARNESS_MAIN
