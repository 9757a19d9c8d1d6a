// SPDX-License-Identifier: GPL-2.0
/* nslens diff: type by type as the links say. */
#define _GNU_SOURCE
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

FIXTURE(diff)
{
	struct tool *tool;
	struct child a, b;
};

FIXTURE_SETUP(diff)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, child_spawn(&self->a, CLONE_NEWUTS | CLONE_NEWNET |
				 CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->a, &self->b, CLONE_NEWIPC));
}

FIXTURE_TEARDOWN(diff)
{
	child_end(&self->b);
	child_end(&self->a);
	free(self->tool);
}

static char *by_links(pid_t a, pid_t b, unsigned int n)
{
	char *text = "";
	unsigned int i;

	for (i = 0; i < n; i++) {
		unsigned int left = ns_ino(a, ns_types[i].link);
		unsigned int right = ns_ino(b, ns_types[i].link);

		text = format("%s%s %u %u %s\n", text, ns_types[i].link, left,
			      right, left == right ? "yes" : "no");
	}
	return text;
}

TEST_F(diff, says_what_the_links_say)
{
	EXPECT_PRINTS(by_links(self->a.pid, self->b.pid, NR_NS_TYPES), "diff",
		      "-rn", format("%d", self->a.pid),
		      format("%d", self->b.pid));
	EXPECT_PRINTS(by_links(self->b.pid, 1, NR_NS_TYPES), "diff", "-rn",
		      format("%d", self->b.pid));
}

/* What children will get is news if it is not what their parent has. */
TEST_F(diff, tells_of_children_that_will_differ)
{
	int flags = CLONE_NEWTIME;

	ASSERT_EQ(0, child_do(&self->b, child_unshare, &flags, sizeof(flags)));
	EXPECT_EQ(0, NSLENS(self->tool, "diff", "-rn",
			    format("%d", self->b.pid), "1"));
	EXPECT_NE(NULL, strstr(self->tool->out,
			       format("\ntime_for_children %u %u no\n",
				      ns_ino(self->b.pid, "time_for_children"),
				      ns_ino(1, "time_for_children"))));
}

TEST_F(diff, prints_json)
{
	EXPECT_JSON("['ipc']\n", format("nslens diff -J %d %d", self->a.pid,
					self->b.pid),
		    "[n[\"type\"] for n in j[\"namespaces\"] if n[\"shared\"] == \"no\"]");
}

static long diff_there(void *tool)
{
	return NSLENS(tool, "diff", "self");
}

TEST_F(diff, tells_a_user_what_to_do)
{
	struct child user;
	uid_t alice = 12345;

	ASSERT_EQ(0, child_spawn(&user, 0));
	ASSERT_EQ(0, child_do(&user, child_setuid, &alice, sizeof(alice)));
	EXPECT_EQ(EXIT_NOT_THERE, child_do(&user, diff_there, self->tool,
					   sizeof(*self->tool)));
	EXPECT_NE(NULL, strstr(self->tool->err, "hidden from you: ask as root"));
	child_end(&user);
}

TEST_HARNESS_MAIN
