// SPDX-License-Identifier: GPL-2.0
/* What nslens trace shows: columns, indentation, colours, and its last words. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/storm.h"
#include "lib/tool.h"

#define INDENT		2
#define FILE_SIZE	(8 << 20)

FIXTURE(show)
{
	struct tool *tool, *other;
	struct terminal *terminal;
	struct child child;
	char ring_kb[32];
	char *file;
	char *text;
};

FIXTURE_SETUP(show)
{
	self->tool = calloc(1, sizeof(*self->tool));
	self->other = calloc(1, sizeof(*self->other));
	self->terminal = calloc(1, sizeof(*self->terminal));
	self->text = calloc(1, FILE_SIZE);
	ASSERT_TRUE(self->tool && self->other && self->terminal && self->text);
	self->file = format("/tmp/trace-show-%d", getpid());
	ASSERT_LT(0, read_file(RING_KB, self->ring_kb, sizeof(self->ring_kb)));
	ASSERT_EQ(0, child_spawn(&self->child, 0));
}

FIXTURE_TEARDOWN(show)
{
	tool_kill(self->tool);
	tool_kill(self->other);
	terminal_end(self->terminal);
	child_end(&self->child);
	EXPECT_EQ(0, write_file(RING_KB, self->ring_kb));
	unlink(self->file);
	free(self->text);
	free(self->terminal);
	free(self->tool);
	free(self->other);
}

/* What is told of something that is done to namespaces, each kind of it. */
TEST_F(show, tells_by_what_and_from_where)
{
	struct tool *t = self->tool;

	EXPECT_EQ(0, NSLENS(t, "trace", "-n", "--", "unshare", "-fp",
			    "/bin/true"));
	EXPECT_TRUE(has_line(t->out, " exec ", " unshare         /"));
	EXPECT_TRUE(has_line(t->out, " exec ", ",1 "));
	EXPECT_TRUE(has_line(t->out, ",1 ", "   true          /bin/true (was unshare)\n"));
	EXPECT_TRUE(has_line(t->out, " fork ", " by "));
	EXPECT_TRUE(has_line(t->out, " ns-create ", "pid:["));
	EXPECT_TRUE(has_line(t->out, " switch ",
			     format("unshare pid_for_children:[%u] -> [",
				    ns_ino(getpid(), "pid"))));
	EXPECT_TRUE(has_line(t->out, " ns-destroy - ", "] after "));
}

/* Does a column begin here? */
static bool begins(const char *line, size_t at)
{
	return strcspn(line, "\n") > at && line[at - 1] == ' ' &&
	       line[at] != ' ';
}

/* Under its heading, and the command further in, the deeper its task is. */
static void expect_columns(struct __test_metadata *_metadata, const char *head,
			   const char *line)
{
	const size_t nspid = strstr(head, "NSPID") - head;
	const size_t command = strstr(head, "COMMAND") - head;
	const char *at = line + nspid;
	size_t indent = 0;

	EXPECT_TRUE(begins(line, strstr(head, "EVENT") - head));
	EXPECT_TRUE(begins(line, nspid));
	EXPECT_TRUE(begins(line, strstr(head, "DETAILS") - head));
	for (; *at != ' '; at++)
		indent += *at == ',' ? INDENT : 0;
	EXPECT_TRUE(begins(line, command + indent)) {
		TH_LOG("%.*s", (int)strcspn(line, "\n"), line);
	}
	EXPECT_EQ(indent, strspn(line + command, " "));
}

TEST_F(show, aligns_columns_and_indents_by_level)
{
	const char *head, *line;
	unsigned int deep = 0;

	EXPECT_EQ(3, NSLENS(self->tool, "trace", "--", "unshare", "-fpu", "sh",
			    "-c", "unshare -fp /bin/true; exit 3"));
	head = self->tool->out;
	for (line = strchr(head, '\n') + 1; *line;
	     line = strchr(line, '\n') + 1) {
		expect_columns(_metadata, head, line);
		deep += !!memmem(line, strcspn(line, "\n"), ",3,1 ", 5);
	}
	/* It begins, becomes true, and ends, after its namespace was made. */
	EXPECT_LE(3, deep);
}

/* A column that has become wider stays so. */
TEST_F(show, keeps_columns_aligned_below_the_widest)
{
	static const char deep[] =
		"exec unshare -fp unshare -fp unshare -fp unshare -fp unshare -fp unshare -fp true";
	const char *line, *at;
	size_t widest = 0;
	unsigned int n;

	EXPECT_EQ(0, NSLENS(self->tool, "trace", "-ne", "exit", "--", "sh",
			    "-c", deep));
	/* The innermost ends first; those above need less and less. */
	line = self->tool->out;
	for (n = 0; *line; n++, line = strchr(line, '\n') + 1) {
		at = strstr(line, "code 0");
		ASSERT_NE(NULL, at);
		EXPECT_LE(widest, (size_t)(at - line));
		widest = at - line;
	}
	EXPECT_EQ(7, n);
	EXPECT_LT(strlen("   0.000000 exit       NSPID       COMMAND         "),
		  widest);
}

TEST_F(show, is_coloured_on_a_terminal_only)
{
	static const char * const cases[] = {
		"NO_COLOR=", "NO_COLOR=1", "TERM=dumb",
	};
	struct terminal *terminal = calloc(1, sizeof(*terminal));
	struct tool *t = self->tool;
	unsigned int i;

	EXPECT_EQ(0, NSLENS(t, "trace", "--color", "--", "true"));
	EXPECT_NE(NULL, strstr(t->out, "\033[36mexec"));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char * const argv[] = {
			"env", "TERM=linux", cases[i], "nslens", "trace", "--",
			"true", NULL
		};

		ASSERT_EQ(0, terminal_start(terminal, 24, 80, argv));
		EXPECT_EQ(0, terminal_wait(terminal));
		EXPECT_EQ(i == 0, !!strstr(terminal->seen, "\033[36mexec"));
		EXPECT_NE(NULL, strstr(terminal->seen, "exec"));
		terminal_end(terminal);
	}
	free(terminal);
}

/* The escape sequence that a kind of event comes with. */
static char *color_of(const char *text, const char *kind)
{
	const char *at = text;

	while ((at = strstr(at, kind))) {
		if (at - text > 2 && at[-1] == 'm' &&
		    memrchr(text, '\033', at - text))
			return format("%.*s",
				      (int)(at - (char *)memrchr(text, '\033',
								at - text)),
				      (char *)memrchr(text, '\033', at - text));
		at++;
	}
	return NULL;
}

TEST_F(show, has_a_colour_for_each_kind)
{
	static const char * const kinds[] = {
		"fork ", "exec ", "exit ", "switch ", "ns-create ",
		"ns-destroy ",
	};
	static const char * const argv[] = {
		"env", "TERM=linux", "NO_COLOR=", "nslens", "trace", "--",
		"unshare", "-fpu", "true", NULL
	};
	const char *colors[ARRAY_SIZE(kinds)];
	unsigned int i, j;

	ASSERT_EQ(0, terminal_start(self->terminal, 24, 200, argv));
	EXPECT_EQ(0, terminal_wait(self->terminal));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		colors[i] = color_of(self->terminal->seen, kinds[i]);
		ASSERT_NE(NULL, colors[i]) {
			TH_LOG("%s", kinds[i]);
		}
		EXPECT_EQ(0, strncmp(colors[i], "\033[", 2));
		for (j = 0; j < i; j++)
			EXPECT_STRNE(colors[j], colors[i]);
	}
	/* Each line ends as it began. */
	EXPECT_EQ(NULL, strstr(self->terminal->seen, "[36m\r\n"));
	EXPECT_NE(NULL, strstr(self->terminal->seen, "\033[m\r\n"));
}

TEST_F(show, tells_the_time_since_boot)
{
	struct tool *t = self->tool;
	struct timespec before, after;
	double time;

	clock_gettime(CLOCK_BOOTTIME, &before);
	EXPECT_EQ(0, NSLENS(t, "trace", "-n", "--time=boot", "--", "true"));
	clock_gettime(CLOCK_BOOTTIME, &after);
	time = atof(t->out);
	EXPECT_LE(before.tv_sec + before.tv_nsec / 1e9, time);
	EXPECT_GE(after.tv_sec + after.tv_nsec / 1e9, time);
}

static char *await_text(struct _test_data_show *self, const char *text)
{
	do {
		sched_yield();
		if (read_file(self->file, self->text, FILE_SIZE) < 0)
			self->text[0] = '\0';
	} while (!strstr(self->text, text));
	return self->text;
}

/* What a lost line says that a ring has lost. */
static unsigned long lost_by_line(const char *text)
{
	unsigned long lost = 0;

	while ((text = strstr(text, " lost "))) {
		text += strlen(" lost ");
		text += strspn(text, " -");
		lost += strtoul(text, NULL, 10);
	}
	return lost;
}

/* Shown and lost are all that there was. */
TEST_F(show, says_in_the_end_what_was_lost)
{
	const char *pid = format("%d", self->child.pid);
	unsigned long shown, lost;
	struct tool *t = self->tool;
	unsigned int moves = MANY_MOVES;
	const char *totals;

	ASSERT_EQ(0, write_file(RING_KB, SMALL_RING));
	ASSERT_EQ(0, NSLENS_START(t, "trace", "-a", "-e", "switch", "-o",
				  self->file));
	await_text(self, "DETAILS");
	ASSERT_EQ(0, child_do(&self->child, storm_moves, &moves,
			      sizeof(moves)));
	kill(t->pid, SIGINT);
	EXPECT_EQ(0, tool_wait(t));
	EXPECT_STREQ("", t->out);
	totals = strstr(t->err, "nslens: trace: ");
	ASSERT_NE(NULL, totals);
	shown = strtoul(totals + strlen("nslens: trace: "), NULL, 10);
	ASSERT_NE(NULL, strstr(totals, " s, "));
	lost = strtoul(strstr(totals, " s, ") + strlen(" s, "), NULL, 10);
	EXPECT_LT(0, shown);
	EXPECT_LT(0, lost);
	EXPECT_EQ(MANY_MOVES, shown + lost);
	EXPECT_NE(NULL, strstr(totals, "did not fit in a ring"));
	/* As the lines have said. */
	ASSERT_LT(0, read_file(self->file, self->text, FILE_SIZE));
	EXPECT_EQ(lost, lost_by_line(self->text));
	EXPECT_TRUE(has_line(self->text, format(" switch     %s ", pid),
			     " setns uts:["));
}

TEST_F(show, sums_up_when_it_is_interrupted)
{
	char *pid = format("%d", self->child.pid);
	struct tool *t = self->tool;
	unsigned int forks = 10;

	ASSERT_EQ(0, NSLENS_START(t, "trace", "-cf", pid));
	do {
		sched_yield();
		ASSERT_LT(0, read_file("/proc/nslens/traced", self->text,
				       FILE_SIZE));
	} while (!strstr(self->text, format(" %s ", pid)));
	ASSERT_EQ(0, child_do(&self->child, storm_forks, &forks,
			      sizeof(forks)));
	kill(t->pid, SIGINT);
	EXPECT_EQ(0, tool_wait(t));
	EXPECT_TRUE(has_line(t->out, "100.0     20   10    0   10 ", " total"));
	EXPECT_NE(NULL, strstr(t->err, ": 20 events in "));
}

TEST_HARNESS_MAIN
