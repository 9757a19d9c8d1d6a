// SPDX-License-Identifier: GPL-2.0
/* nslens on a terminal: --watch, and colour. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

#define HIDE_CURSOR	"\033[?25l"
#define SHOW_CURSOR	"\033[?25h"
#define OTHER_SCREEN	"\033[?1049h"
#define FIRST_SCREEN	"\033[?1049l"
#define HOME		"\033[H"

FIXTURE(watch)
{
	struct tool *tool;
	struct terminal *terminal;
	struct child box, second;
	char *ns;
};

FIXTURE_SETUP(watch)
{
	self->tool = calloc(1, sizeof(*self->tool));
	self->terminal = calloc(1, sizeof(*self->terminal));
	ASSERT_NE(NULL, self->tool);
	ASSERT_NE(NULL, self->terminal);
	ASSERT_EQ(0, setenv("TERM", "xterm", 1));
	ASSERT_EQ(0, unsetenv("NO_COLOR"));
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWPID));
	self->ns = format("pid:[%u]", ns_ino(self->box.pid, "pid"));
}

FIXTURE_TEARDOWN(watch)
{
	terminal_end(self->terminal);
	tool_kill(self->tool);
	child_end(&self->second);
	child_end(&self->box);
	free(self->tool);
	free(self->terminal);
}

#define START(...)							\
	terminal_start(self->terminal, 10, 80,				\
		       (const char * const []){ "nslens", __VA_ARGS__, NULL })

static void forget(struct terminal *t)
{
	t->length = 0;
	t->seen[0] = '\0';
}

/* What comes while it runs is seen, in the place of what was there before. */
TEST_F(watch, draws_anew_in_place)
{
	ASSERT_EQ(0, START("ps", "--watch=0.1", "-no", "PID", self->ns));
	ASSERT_EQ(0, terminal_await(self->terminal,
				    format("%d", self->box.pid)));
	EXPECT_NE(NULL, strstr(self->terminal->seen, OTHER_SCREEN HIDE_CURSOR));
	forget(self->terminal);
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->second, 0));
	ASSERT_EQ(0, terminal_await(self->terminal,
				    format("%d", self->second.pid)));
	EXPECT_NE(NULL, strstr(self->terminal->seen, HOME));
	/* All is put back. */
	terminal_type(self->terminal, "\003");
	EXPECT_EQ(128 + SIGINT, terminal_wait(self->terminal));
	EXPECT_NE(NULL, strstr(self->terminal->seen, SHOW_CURSOR FIRST_SCREEN));
}

TEST_F(watch, draws_anew_when_the_terminal_changes)
{
	struct winsize size = { .ws_row = 5, .ws_col = 12 };

	ASSERT_EQ(0, START("ls", "--watch=1000", "-t", "user", "-o",
			   "TYPE,COMMAND", "1"));
	ASSERT_EQ(0, terminal_await(self->terminal, "user"));
	ASSERT_EQ(0, terminal_await(self->terminal, "\033[J"));
	forget(self->terminal);
	ASSERT_EQ(0, ioctl(self->terminal->master, TIOCSWINSZ, &size));
	ASSERT_EQ(0, terminal_await(self->terminal, "\033[J"));
	/* No line is wider than it is now. */
	EXPECT_NE(NULL, strstr(self->terminal->seen, "user /run/v"));
	EXPECT_EQ(NULL, strstr(self->terminal->seen, "user /run/vm/bus"));
	ASSERT_EQ(0, kill(self->terminal->pid, SIGTERM));
	EXPECT_EQ(128 + SIGTERM, terminal_wait(self->terminal));
	EXPECT_NE(NULL, strstr(self->terminal->seen, SHOW_CURSOR FIRST_SCREEN));
}

/* No more than the screen holds: it would scroll. */
TEST_F(watch, ends_where_the_screen_does)
{
	const char *at;
	unsigned int lines = 0;

	ASSERT_EQ(0, START("ps", "--watch=1000", "-o", "PID"));
	ASSERT_EQ(0, terminal_await(self->terminal, "\033[J"));
	for (at = self->terminal->seen; (at = strchr(at, '\n')); at++)
		lines++;
	EXPECT_EQ(9, lines);
}

TEST_F(watch, prints_one_after_another_elsewhere)
{
	char *line = format("%d\n", self->box.pid);

	ASSERT_EQ(0, NSLENS_START(self->tool, "ps", "--watch=0.1", "-no", "PID",
				  self->ns));
	EXPECT_EQ(0, tool_await(self->tool, format("%s\n%s\n%s", line, line,
						   line)));
	EXPECT_FALSE(has_escape(self->tool->out));
	ASSERT_EQ(0, kill(self->tool->pid, SIGINT));
	EXPECT_EQ(128 + SIGINT, tool_wait(self->tool));
	EXPECT_STREQ("", self->tool->err);
}

/* What cannot get better is the end; its reason is on the first screen. */
/* What was never there is not waited for. */
TEST_F(watch, ends_at_once_without_a_target)
{
	static const char * const verbs[] = { "ps", "ls" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		EXPECT_EQ(EXIT_NOT_THERE,
			  NSLENS(self->tool, verbs[i], "--watch=1000",
				 "99999999"));
		EXPECT_STREQ("", self->tool->out);
		EXPECT_EQ(1, count_lines(self->tool->err));
		ASSERT_EQ(0, START(verbs[i], "--watch=1000", "99999999"));
		EXPECT_EQ(EXIT_NOT_THERE, terminal_wait(self->terminal));
		terminal_end(self->terminal);
	}
}

TEST_F(watch, ends_on_nonsense)
{
	const char *leave;

	ASSERT_EQ(0, START("ps", "--watch=1000", "nonsense"));
	EXPECT_EQ(EXIT_OWN, terminal_wait(self->terminal));
	leave = strstr(self->terminal->seen, FIRST_SCREEN);
	ASSERT_NE(NULL, leave);
	EXPECT_NE(NULL, strstr(leave, "nonsense"));
}

static int on_terminal(struct terminal *t, const char *line)
{
	terminal_end(t);
	return terminal_start(t, 24, 80,
			      (const char * const []){ "sh", "-c", line, NULL })
	       ?: terminal_wait(t);
}

TEST_F(watch, has_colour_only_where_it_is_wanted)
{
	static const struct {
		const char *line;
		bool color;
	} cases[] = {
		{ "nslens ls -t user", true },
		{ "nslens diff 1", true },
		{ "NO_COLOR=1 nslens ls -t user", false },
		{ "NO_COLOR= nslens ls -t user", true },
		{ "NO_COLOR=1 nslens ls -t user --color=always", true },
		{ "TERM=dumb nslens ls -t user", false },
		{ "nslens ls -t user --color=never", false },
		{ "nslens ls -t user | cat", false },
		{ "nslens ls -t user --color | cat", false },
		{ "nslens ls -t user --color=always | cat", true },
		{ "nslens ls -r -t user", false },
		{ "nslens ls -J -t user", false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, on_terminal(self->terminal, cases[i].line));
		EXPECT_EQ(cases[i].color, has_escape(self->terminal->seen)) {
			TH_LOG("%s", cases[i].line);
		}
	}
}

TEST_HARNESS_MAIN
