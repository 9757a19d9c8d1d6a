// SPDX-License-Identifier: GPL-2.0
/*
 * Print something over and over. Each time, a child prints it into a pipe: it
 * starts with nothing known from the last time and leaves nothing behind, and
 * what it printed gets onto the screen at once, without a flicker.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "nslens.h"
#include "options.h"
#include "screen.h"
#include "watch.h"

#define DEFAULT_INTERVAL	2000
#define LEAST_INTERVAL		100

/* The other screen, without a cursor and without a second line for long ones. */
#define ENTER	"\033[?1049h\033[?25l\033[?7l"
#define LEAVE	"\033[?7h\033[?25h\033[?1049l"
#define HOME	"\033[H"
#define END_OF_LINE	"\033[K\r\n"
#define ERASE_REST	"\033[J"

/**
 * struct show - what goes on
 * @watch: how often
 * @once: prints it, and returns an exit status
 * @arg: for that
 * @terminal: standard output is one
 * @size: of the terminal
 * @signals: what ends it, and what changes the screen, can be read here
 * @mask: the signal mask from before
 * @text: what was printed last
 * @len: its length
 * @room: for how much there is room
 */
struct show {
	const struct watch *watch;
	int (*once)(void *arg);
	void *arg;
	bool terminal;
	struct winsize size;
	int signals;
	sigset_t mask;
	char *text;
	size_t len;
	size_t room;
};

/**
 * watch_option() - handle the option --watch
 * @watch: is filled
 * @seconds: its value, NULL for the default
 *
 * Ends the program after a complaint if that is no interval.
 */
void watch_option(struct watch *watch, const char *seconds)
{
	char *end = NULL;
	double value = seconds ? strtod(seconds, &end) :
				 DEFAULT_INTERVAL / 1000.0;

	if (seconds && (end == seconds || *end || !isfinite(value) ||
			value * 1000 < LEAST_INTERVAL ||
			value * 1000 > INT_MAX)) {
		complain("--watch=%s: want seconds, %.1f or more", seconds,
			 LEAST_INTERVAL / 1000.0);
		exit(EXIT_OWN);
	}
	watch->on = true;
	watch->interval = (int)(value * 1000);
}

static int open_signals(struct show *show)
{
	static const int numbers[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP,
	};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, &show->mask);
	show->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return show->signals < 0 ? -errno : 0;
}

static void put(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

static void enter(const struct show *show)
{
	if (show->terminal)
		put(ENTER);
}

static void leave(const struct show *show)
{
	if (show->terminal)
		put(LEAVE);
}

static noreturn void child(struct show *show, int to)
{
	sigprocmask(SIG_SETMASK, &show->mask, NULL);
	dup2(to, STDOUT_FILENO);
	if (show->terminal)
		dup2(to, STDERR_FILENO);
	close(to);
	exit(opt_finish(show->once(show->arg)));
}

static int read_all(struct show *show, int from)
{
	show->len = 0;
	for (;;) {
		ssize_t len;

		if (show->room - show->len < 2) {
			char *text = realloc(show->text, 2 * show->room + 4096);

			if (!text)
				return -ENOMEM;
			show->text = text;
			show->room = 2 * show->room + 4096;
		}
		len = read(from, show->text + show->len,
			   show->room - show->len - 1);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		show->len += (size_t)len;
	}
	show->text[show->len] = '\0';
	return 0;
}

/* Returns the exit status of what printed it, or a negative errno. */
static int collect(struct show *show)
{
	int ends[2], status = 0, err;
	pid_t pid;

	if (show->terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &show->size))
		screen_set_width(show->size.ws_col);
	if (pipe(ends))
		return -errno;
	pid = fork();
	if (!pid) {
		close(ends[0]);
		child(show, ends[1]);
	}
	err = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (!err)
		err = read_all(show, ends[0]);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* A signal that ended it came for this process, too: see below. */
	return err ? err : WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void draw(const struct show *show)
{
	char *line = show->text;

	fputs(HOME, stdout);
	for (int row = 0; *line && (!show->size.ws_row ||
				    row < show->size.ws_row); row++) {
		size_t len = strcspn(line, "\n");

		if (row)
			fputs(END_OF_LINE, stdout);
		fwrite(line, 1, len, stdout);
		line += len + !!line[len];
	}
	put("\033[K" ERASE_REST);
}

static int print(const struct show *show, bool first)
{
	if (show->terminal) {
		draw(show);
		return 0;
	}
	if (!first)
		putchar('\n');
	fwrite(show->text, 1, show->len, stdout);
	fflush(stdout);
	return ferror(stdout) ? -EIO : 0;
}

/* Sleep as others do at Ctrl-Z, with the screen as it was before. */
static void stop(const struct show *show)
{
	leave(show);
	raise(SIGSTOP);
	enter(show);
}

/* Returns the signal that ends it, or 0 when it is time for the next. */
static int rest(const struct show *show)
{
	struct pollfd fd = { .fd = show->signals, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&fd, 1, show->watch->interval) <= 0 ||
	    read(show->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo == SIGTSTP)
		stop(show);
	return info.ssi_signo == SIGTSTP || info.ssi_signo == SIGWINCH ? 0 :
	       (int)info.ssi_signo;
}

/* What it could not do, it said; on the other screen that would be lost. */
static int fail(const struct show *show, int status)
{
	leave(show);
	if (status < 0)
		complain("%s", strerror(-status));
	else if (show->terminal)
		fputs(show->text, stderr);
	return status == EXIT_NOTHING ? EXIT_PARTIAL : EXIT_OWN;
}

static void end_by(const struct show *show, int number)
{
	leave(show);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_SETMASK, &show->mask, NULL);
}

/**
 * watch_run() - print something anew until a signal comes
 * @watch: how often
 * @once: prints it and returns an exit status; EXIT_OWN is the end, and
 *	EXIT_NOTHING at the first time
 * @arg: is handed to @once, in a child process
 *
 * A signal ends the program as it does others, but the terminal is put back
 * as it was.
 *
 * Return: the exit status.
 */
int watch_run(const struct watch *watch, int (*once)(void *arg), void *arg)
{
	struct show show = {
		.watch = watch,
		.once = once,
		.arg = arg,
		.terminal = isatty(STDOUT_FILENO),
	};
	int number = 0;
	int status = open_signals(&show);

	screen_settle();
	if (!status)
		enter(&show);
	for (bool first = true; !number; first = false) {
		if (status >= 0)
			status = collect(&show);
		/* What was there once may come back. */
		if (status < 0 || status == EXIT_OWN ||
		    (first && status == EXIT_NOTHING)) {
			status = fail(&show, status);
			break;
		}
		status = print(&show, first);
		/* main() says why. */
		if (status)
			break;
		number = rest(&show);
	}
	if (number)
		end_by(&show, number);
	free(show.text);
	close(show.signals);
	return status;
}
