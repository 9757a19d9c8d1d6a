// SPDX-License-Identifier: GPL-2.0
/* nslens graph: what it draws, and that Graphviz agrees. */
#define _GNU_SOURCE
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

/* A task in a PID namespace within another, in user namespaces likewise. */
FIXTURE(graph)
{
	struct tool *tool;
	struct child outer, inner;
	struct herd herd;
	char *out;
};

FIXTURE_SETUP(graph)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	self->out = calloc(1, 1 << 20);
	ASSERT_NE(NULL, self->out);
	ASSERT_EQ(0, child_spawn(&self->outer, CLONE_NEWUSER | CLONE_NEWPID |
				 CLONE_NEWUTS));
	ASSERT_EQ(0, child_map_ids(&self->outer, 0, 0, 1000));
	ASSERT_EQ(0, child_spawn_in(&self->outer, &self->inner,
				    CLONE_NEWUSER | CLONE_NEWPID));
}

FIXTURE_TEARDOWN(graph)
{
	herd_end(&self->herd);
	child_end(&self->inner);
	child_end(&self->outer);
	unlink("/tmp/nslens-graph");
	free(self->tool);
	free(self->out);
}

static unsigned int count(const char *text, const char *part)
{
	unsigned int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

static void draw(struct __test_metadata *_metadata, struct tool *tool,
		 char *out)
{
	ASSERT_EQ(0, SHELL(tool, "nslens graph >/tmp/nslens-graph"));
	EXPECT_STREQ("", tool->err);
	ASSERT_LT(0, read_file("/tmp/nslens-graph", out, 1 << 20));
}

/* Boxes nest as the namespaces do, and tasks are in the innermost. */
TEST_F(graph, nests_namespaces)
{
	const char *at;
	char *order[8];
	unsigned int i;

	draw(_metadata, self->tool, self->out);
	order[0] = format("label=\"pid:[%u]\"", ns_ino(getpid(), "pid"));
	order[1] = format("label=\"user:[%u]\"", ns_ino(getpid(), "user"));
	order[2] = format("label=\"pid:[%u]\"", ns_ino(self->outer.pid, "pid"));
	order[3] = format("label=\"user:[%u]\"",
			  ns_ino(self->outer.pid, "user"));
	order[4] = format("t%d [label=\"graph_test\\n%d = 1\"]",
			  self->outer.pid, self->outer.pid);
	order[5] = format("label=\"pid:[%u]\"", ns_ino(self->inner.pid, "pid"));
	order[6] = format("label=\"user:[%u]\"",
			  ns_ino(self->inner.pid, "user"));
	order[7] = format("t%d [label=\"graph_test\\n%d = 1\"]",
			  self->inner.pid, self->inner.pid);
	at = self->out;
	for (i = 0; i < ARRAY_SIZE(order) && at; i++) {
		at = strstr(at, order[i]);
		EXPECT_NE(NULL, at) {
			TH_LOG("%s", order[i]);
		}
	}
	EXPECT_EQ(count(self->out, "{"), count(self->out, "}"));
}

TEST_F(graph, links_tasks_that_share_a_namespace)
{
	unsigned int uts = ns_ino(self->outer.pid, "uts");

	draw(_metadata, self->tool, self->out);
	EXPECT_EQ(1, count(self->out, format("label=\"uts:[%u]\"", uts)));
	EXPECT_EQ(1, count(self->out, format("t%d -- n%u ", self->outer.pid,
					     uts)));
	EXPECT_EQ(1, count(self->out, format("t%d -- n%u ", self->inner.pid,
					     uts)));
	/* What most have is not drawn. */
	EXPECT_EQ(0, count(self->out, format("uts:[%u]",
					     ns_ino(getpid(), "uts"))));
}

TEST_F(graph, shows_each_task_once)
{
	unsigned int i;

	ASSERT_EQ(0, herd_spawn(&self->herd, 2000));
	draw(_metadata, self->tool, self->out);
	for (i = 0; i < self->herd.n; i++)
		EXPECT_EQ(1, count(self->out, format(" t%d [",
						     self->herd.pids[i])));
}

TEST_F(graph, is_drawn_by_graphviz_without_a_word)
{
	if (SHELL(self->tool, "command -v dot") != 0)
		SKIP(return, "no dot: install graphviz");
	draw(_metadata, self->tool, self->out);
	EXPECT_EQ(0, SHELL(self->tool, "dot -Tcanon /tmp/nslens-graph | wc -c"));
	EXPECT_LT(100, atoi(self->tool->out));
	EXPECT_STREQ("", self->tool->err);
	EXPECT_EQ(0, SHELL(self->tool,
			   format("dot -Tsvg /tmp/nslens-graph | grep -c 'pid:\\[%u'",
				  ns_ino(self->inner.pid, "pid"))));
	EXPECT_STREQ("1\n", self->tool->out);
	EXPECT_STREQ("", self->tool->err);
}

TEST_HARNESS_MAIN
