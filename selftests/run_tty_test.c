// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal of nslens run -t: a real shell on it, driven from outside through
 * another one, whose modes are looked at. What a busybox shell does there is in
 * main_job_test.c.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define PROMPT	"ready> "

static pid_t read_pid(const char *file)
{
	char text[64] = "";

	return read_file(file, text, sizeof(text)) < 0 ? -1 : atoi(text);
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

/* The modes of the terminal outside are what they were before. */
static bool is_restored(const struct terminal *t)
{
	struct termios now;

	return !tcgetattr(t->slave, &now) && same_modes(&t->modes, &now);
}

static bool is_raw(const struct terminal *t)
{
	struct termios now;

	return !tcgetattr(t->slave, &now) && !(now.c_lflag & (ICANON | ISIG));
}

/* Forget what is on the screen. */
static void look_away(struct terminal *t)
{
	t->length = 0;
	t->seen[0] = '\0';
}

/* A shell, in a root file system of its own or not, with --init or not */
FIXTURE(tty)
{
	struct terminal *terminal;
	struct tool *tool;
	char rootfs[64];
	char *pidfile;
	pid_t pid;
};

FIXTURE_VARIANT(tty)
{
	const char *shell;
	const char *options;
	bool rootfs;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(tty, bash) { "bash --norc --noprofile", "", false };
FIXTURE_VARIANT_ADD(tty, bash_with_init) { "/bin/bash --norc --noprofile", "--init", true };
FIXTURE_VARIANT_ADD(tty, bash_in_user_namespace) { "/bin/bash --norc --noprofile", "--user", true };
FIXTURE_VARIANT_ADD(tty, dash) { "dash", "", false };
/* clang-format on */

/* Add bash and what it is linked with to a root file system. */
static int add_bash(struct tool *t, const char *rootfs)
{
	const char *libraries = "$(ldd /bin/bash | grep -o '/[^ ]*')";

	return SHELL(t, format("cp --parents /bin/bash %s %s", libraries,
			       rootfs));
}

FIXTURE_SETUP(tty)
{
	char *line;

	self->terminal = calloc(1, sizeof(*self->terminal));
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->terminal);
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
	if (variant->rootfs)
		ASSERT_EQ(0, add_bash(self->tool, self->rootfs));
	self->pidfile = format("%s.pid", self->rootfs);
	line = format("exec nslens run -it --pidfile %s --env PS1='%s' %s %s %s %s",
		      self->pidfile, PROMPT, variant->options,
		      variant->rootfs ? "--rootfs" : "",
		      variant->rootfs ? self->rootfs : "", variant->shell);
	ASSERT_EQ(0, terminal_start(self->terminal, 33, 111,
				    (const char * const []){
		"sh", "-c", line, NULL }));
	ASSERT_EQ(0, terminal_await(self->terminal, PROMPT)) {
		TH_LOG("'%s'", self->terminal->seen);
	}
	self->pid = read_pid(self->pidfile);
	ASSERT_LT(0, self->pid);
}

FIXTURE_TEARDOWN(tty)
{
	terminal_end(self->terminal);
	unlink(self->pidfile);
	rootfs_remove(self->rootfs);
	free(self->terminal);
	free(self->tool);
}

/* Type a line, and wait for what it prints; the echo of it must not hold that. */
#define EXPECT_SHOWS(expected, line) do {				\
	look_away(self->terminal);					\
	terminal_type(self->terminal, line "\n");			\
	EXPECT_EQ(0, terminal_await(self->terminal, expected)) {	\
		TH_LOG("'%s'", self->terminal->seen);			\
	}								\
	EXPECT_EQ(0, terminal_await(self->terminal, PROMPT));		\
} while (0)

TEST_F(tty, has_a_controlling_terminal)
{
	/* Opening /dev/tty takes one, and job control has it. */
	EXPECT_EQ(NULL, strstr(self->terminal->seen, "job control"));
	EXPECT_SHOWS("con-trolled", "printf 'con-%s\\n' trolled >/dev/tty");
	EXPECT_TRUE(is_raw(self->terminal));
	terminal_type(self->terminal, "exit\n");
	EXPECT_EQ(0, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
}

TEST_F(tty, interrupts_a_command_and_not_the_shell)
{
	look_away(self->terminal);
	terminal_type(self->terminal,
		      "sh -c 'echo be\"\"gin; exec sleep 1000'; echo st-$?\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "begin"));
	terminal_type(self->terminal, "\003");
	EXPECT_EQ(0, terminal_await(self->terminal, PROMPT));
	EXPECT_SHOWS("ali-ve", "printf 'ali-%s\\n' ve");
}

TEST_F(tty, stops_a_job_and_goes_on_with_it)
{
	look_away(self->terminal);
	terminal_type(self->terminal,
		      "sh -c 'echo be\"\"gin; read x; echo re-$x'\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "begin"));
	terminal_type(self->terminal, "\032");
	ASSERT_EQ(0, terminal_await(self->terminal, "Stopped")) {
		TH_LOG("'%s'", self->terminal->seen);
	}
	EXPECT_EQ(0, terminal_await(self->terminal, PROMPT));
	EXPECT_SHOWS("ali-ve", "printf 'ali-%s\\n' ve");
	look_away(self->terminal);
	terminal_type(self->terminal, "fg\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "sh -c"));
	terminal_type(self->terminal, "turned\n");
	EXPECT_EQ(0, terminal_await(self->terminal, "re-turned"));
	EXPECT_EQ(0, terminal_await(self->terminal, PROMPT));
}

TEST_F(tty, follows_the_size_of_the_terminal_outside)
{
	struct winsize size = { .ws_row = 44, .ws_col = 99 };

	EXPECT_SHOWS("33 111\r", "stty size");
	look_away(self->terminal);
	terminal_type(self->terminal,
		      "sh -c 'trap \"stty size; exit\" WINCH; echo wai\"\"ting; while :; do :; done'\n");
	ASSERT_EQ(0, terminal_await(self->terminal, "waiting"));
	ASSERT_EQ(0, ioctl(self->terminal->slave, TIOCSWINSZ, &size));
	EXPECT_EQ(0, terminal_await(self->terminal, "44 99\r"));
}

TEST_F(tty, exits_as_the_shell_does)
{
	terminal_type(self->terminal, "exit 42\n");
	EXPECT_EQ(42, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
}

TEST_F(tty, is_restored_when_the_shell_is_killed)
{
	ASSERT_TRUE(is_raw(self->terminal));
	ASSERT_EQ(0, kill(self->pid, SIGKILL));
	EXPECT_EQ(137, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
}

/* The terminal outside is gone: what runs inside hears of that, and ends. */
TEST_F(tty, ends_when_the_terminal_hangs_up)
{
	ASSERT_EQ(0, kill(self->terminal->pid, SIGHUP));
	EXPECT_LE(0, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
	EXPECT_EQ(-1, kill(self->pid, 0));
}

/* Stopped from outside, it leaves a sane terminal to the shell there. */
TEST_F(tty, is_sane_while_nslens_is_stopped)
{
	struct winsize size = { .ws_row = 45, .ws_col = 98 };
	pid_t pid = self->terminal->pid;
	int status;

	ASSERT_EQ(0, kill(pid, SIGTSTP));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_TRUE(is_restored(self->terminal));
	/* What changes meanwhile it takes note of. */
	ASSERT_EQ(0, ioctl(self->terminal->slave, TIOCSWINSZ, &size));
	ASSERT_EQ(0, kill(pid, SIGCONT));
	EXPECT_SHOWS("45 98\r", "stty size");
	EXPECT_TRUE(is_raw(self->terminal));
}

/* By a signal that nobody can catch; the shell outside cleans up after it. */
TEST_F(tty, is_raw_again_after_sigstop)
{
	pid_t pid = self->terminal->pid;
	int status;

	ASSERT_EQ(0, kill(pid, SIGSTOP));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_EQ(0, tcsetattr(self->terminal->slave, TCSANOW,
			       &self->terminal->modes));
	ASSERT_EQ(0, kill(pid, SIGCONT));
	EXPECT_SHOWS("ali-ve", "printf 'ali-%s\\n' ve");
	EXPECT_TRUE(is_raw(self->terminal));
	terminal_type(self->terminal, "exit 3\n");
	EXPECT_EQ(3, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
}

/* Commands that end or fail at once, and what they leave of the terminal. */
FIXTURE(once)
{
	struct terminal *terminal;
	struct tool *tool;
	char rootfs[64];
};

FIXTURE_SETUP(once)
{
	self->terminal = calloc(1, sizeof(*self->terminal));
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->terminal);
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->rootfs, sizeof(self->rootfs)));
}

FIXTURE_TEARDOWN(once)
{
	terminal_end(self->terminal);
	rootfs_remove(self->rootfs);
	free(self->terminal);
	free(self->tool);
}

/* On a terminal, wait for its end, and look at the terminal. */
#define EXPECT_ENDS(expected, line) do {				\
	ASSERT_EQ(0, terminal_start(self->terminal, 24, 80,		\
				    (const char * const []){		\
		"sh", "-c", line, NULL }));				\
	EXPECT_EQ(expected, terminal_wait(self->terminal)) {		\
		TH_LOG("'%s'", self->terminal->seen);			\
	}								\
	EXPECT_TRUE(is_restored(self->terminal));			\
} while (0)

TEST_F(once, leaves_the_terminal_as_it_was_when_it_fails)
{
	EXPECT_ENDS(127, "exec nslens run -it no-such-command");
	EXPECT_NE(NULL, strstr(self->terminal->seen, "no-such-command"));
	terminal_end(self->terminal);
	EXPECT_ENDS(126, "exec nslens run -it /dev/null");
	terminal_end(self->terminal);
	EXPECT_ENDS(125, "exec nslens run -it --workdir /no/such true");
	EXPECT_NE(NULL, strstr(self->terminal->seen, "/no/such"));
	terminal_end(self->terminal);
	EXPECT_ENDS(5, "exec nslens run -it sh -c 'exit 5'");
	terminal_end(self->terminal);
	EXPECT_ENDS(137, "exec nslens run -it --init sh -c 'kill -9 $$'");
}

TEST_F(once, leaves_the_terminal_as_it_was_when_it_is_ended)
{
	ASSERT_EQ(0, terminal_start(self->terminal, 24, 80,
				    (const char * const []){
		"nslens", "run", "-it", "--init", "sh", "-c",
		"echo up; exec sleep 1000", NULL }));
	ASSERT_EQ(0, terminal_await(self->terminal, "up"));
	ASSERT_EQ(0, kill(self->terminal->pid, SIGTERM));
	EXPECT_EQ(143, terminal_wait(self->terminal));
	EXPECT_TRUE(is_restored(self->terminal));
}

/* Its last words are not lost. */
TEST_F(once, shows_all_that_was_written)
{
	ASSERT_EQ(0, terminal_start(self->terminal, 24, 80,
				    (const char * const []){
		"nslens", "run", "-it", "seq", "5000", NULL }));
	EXPECT_EQ(0, terminal_await(self->terminal, "\n4999\r\n5000\r\n"));
	EXPECT_EQ(0, terminal_wait(self->terminal));
}

TEST_F(once, has_its_console)
{
	const char *script = "echo con-sole >/dev/console; tty";

	EXPECT_ENDS(0, format("exec nslens run -it --rootfs %s sh -c '%s'",
			      self->rootfs, script));
	EXPECT_NE(NULL, strstr(self->terminal->seen, "con-sole"));
	EXPECT_NE(NULL, strstr(self->terminal->seen, "/dev/"));
}

/* Types into the terminal on a file descriptor, as an attacker would. */
#define TYPE \
	"perl -e 'for my $n (0, 1, 2, 9) { my $c = \"x\"; open(my $f, \"<&=$n\"); " \
	"print ioctl($f, 0x5412, $c) ? \"did;\" : \"err;\"; }'"

TEST_F(once, types_nothing_into_our_terminal)
{
	static const char * const options[] = {
		"", "-i", "-t", "--keep-fd 9", "-it --keep-fd 9", "--user -i",
		"--init", "--like=docker", "--pid=host --mnt=host -i",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const char *after = "echo e''nd; read x; echo \"<$x>\"";
		char *line = format("exec 9<&0; nslens run %s -- %s; %s",
				    options[i], TYPE, after);

		ASSERT_EQ(0, terminal_start(self->terminal, 24, 80,
					    (const char * const []){
			"sh", "-c", line, NULL }));
		ASSERT_EQ(0, terminal_await(self->terminal, "end")) {
			TH_LOG("'%s'", self->terminal->seen);
		}
		/* With -t it may talk to its own. */
		EXPECT_NE(NULL, strstr(self->terminal->seen, "err"));
		terminal_type(self->terminal, "mine\n");
		EXPECT_EQ(0, terminal_wait(self->terminal));
		EXPECT_NE(NULL, strstr(self->terminal->seen, "<mine>")) {
			TH_LOG("%s: '%s'", options[i], self->terminal->seen);
		}
		terminal_end(self->terminal);
	}
}

TEST_HARNESS_MAIN
