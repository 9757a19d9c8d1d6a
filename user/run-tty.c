// SPDX-License-Identifier: GPL-2.0
/* The terminal of nslens run: a new one inside, the old one outside. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <linux/major.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/ttydefaults.h>

#include "run.h"

/* How long nothing must come from inside before the input's end is sent. */
#define IDLE_MS	100

static struct termios cooked;
static struct termios raw;
static bool is_raw;

/* /dev/console of a root file system of its own is this terminal. */
static void provide_console(const struct run *run, int master)
{
	char name[32];
	int nr;

	if (ioctl(master, TIOCGPTN, &nr))
		child_fail(run, "naming the terminal");
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	/* A /dev that was mounted by --bind may have one. */
	if ((mknod("/dev/console", S_IFREG | 0600, 0) && errno != EEXIST) ||
	    mount(name, "/dev/console", NULL, MS_BIND, NULL))
		child_fail(run, "providing /dev/console");
}

/**
 * tty_wanted() - whether there is a terminal inside
 * @run: what is wanted
 */
bool tty_wanted(const struct run *run)
{
	return run->life.tty;
}

/**
 * tty_measure() - take the size of our terminal, if there is one
 * @run: gets it
 *
 * Return: 0.
 */
int tty_measure(struct run *run)
{
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &run->life.size) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &run->life.size))
		run->life.size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return 0;
}

/**
 * tty_open() - make a terminal and be its session's leader
 * @run: the child's, after setsid()
 *
 * It belongs to the devpts inside, so that it has a name there. With nslens exec
 * that is the word of others: a file system of theirs could answer whatever it
 * likes to what is asked of it, such as a file descriptor of ours.
 *
 * Return: 0; fails by child_fail().
 */
int tty_open(struct run *run)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK |
			  O_CLOEXEC);
	int unlock = 0;
	struct stat st;
	int slave;

	if (master < 0 || fstat(master, &st))
		child_fail(run, "making a terminal");
	errno = ENXIO;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(TTYAUX_MAJOR, 2))
		child_fail(run, "/dev/ptmx is not the kernel's");
	if (ioctl(master, TIOCSPTLCK, &unlock))
		child_fail(run, "making a terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		child_fail(run, "opening the terminal");
	if (run->root.path)
		provide_console(run, master);
	ioctl(slave, TIOCSWINSZ, &run->life.size);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			child_fail(run, "using the terminal");
	close(slave);

	child_report(run, &(struct report){ .kind = REPORT_TTY }, master);
	close(master);
	return 0;
}

/**
 * tty_give() - see that the command can open its terminal by name
 * @run: the child's, before it is who the command is
 *
 * If that fails, so does what follows, or it is a terminal outside.
 *
 * Return: 0.
 */
int tty_give(struct run *run)
{
	if (fchown(STDIN_FILENO, id_uid(run), (gid_t)-1))
		errno = 0;
	return 0;
}

/**
 * tty_raw() - leave all keys to the terminal inside, if standard input is one
 */
void tty_raw(void)
{
	if (is_raw || tcgetattr(STDIN_FILENO, &cooked))
		return;
	raw = cooked;
	cfmakeraw(&raw);
	is_raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

/**
 * tty_restore() - undo tty_raw(); may be called at any time
 */
void tty_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
	is_raw = false;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

/**
 * tty_again() - take note of what happened to our terminal while we were stopped
 * @run: with the master
 *
 * Whoever stopped us may have given the terminal other modes, since those that
 * we left are of no use to anybody else.
 */
void tty_again(const struct run *run)
{
	struct termios now;

	if (run->life.interactive) {
		if (!tcgetattr(STDIN_FILENO, &now) && !same_modes(&now, &raw))
			is_raw = false;
		tty_raw();
	}
	tty_resize(run);
}

/**
 * tty_resize() - hand on the size of our terminal
 * @run: with the master
 */
void tty_resize(const struct run *run)
{
	struct winsize size;

	if (!ioctl(STDIN_FILENO, TIOCGWINSZ, &size) ||
	    !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		ioctl(run->life.master, TIOCSWINSZ, &size);
}

/**
 * struct relay - keys go in, text comes out
 * @master: the terminal inside; -1 after it is gone
 * @input: standard input is still read
 * @ended: it was read to its end
 * @told: a program that does not edit lines was told of that; not again until
 *	something comes from inside
 * @keys: what was read and not yet written to @master
 * @nr: how much
 */
struct relay {
	int master;
	bool input;
	bool ended;
	bool told;
	size_t nr;
	char keys[4096];
};

/**
 * relay_new() - start to relay
 * @run: with the master
 *
 * Return: for the functions below; there is one, that needs no end.
 */
struct relay *relay_new(const struct run *run)
{
	static struct relay relay;

	relay.master = run->life.master;
	relay.input = run->life.interactive;
	if (relay.master >= 0)
		fcntl(relay.master, F_SETFL, O_RDWR | O_NONBLOCK);
	return &relay;
}

/**
 * relay_poll() - what to wait for
 * @relay: the relay
 * @fds: two entries to fill
 *
 * Return: for how long, in milliseconds; -1 for ever.
 */
int relay_poll(const struct relay *relay, struct pollfd fds[2])
{
	fds[0] = (struct pollfd){
		.fd = relay->master,
		.events = POLLIN | (relay->nr ? POLLOUT : 0),
	};
	fds[1] = (struct pollfd){
		.fd = relay->master >= 0 && relay->input && !relay->nr ?
		      STDIN_FILENO : -1,
		.events = POLLIN,
	};
	return relay->master >= 0 && relay->ended && !relay->nr ? IDLE_MS : -1;
}

static void write_out(const char *text, ssize_t len)
{
	while (len > 0) {
		ssize_t done = write(STDOUT_FILENO, text, (size_t)len);

		if (done >= 0) {
			text += done;
			len -= done;
		} else if (errno == EAGAIN) {
			struct pollfd out = { STDOUT_FILENO, POLLOUT, 0 };

			poll(&out, 1, -1);
		} else if (errno != EINTR) {
			return;
		}
	}
}

/* Returns whether there may be more. */
static bool copy_out(struct relay *relay)
{
	char text[4096];
	ssize_t len = read(relay->master, text, sizeof(text));

	if (len > 0) {
		write_out(text, len);
		relay->told = false;
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		relay_hang_up(relay);
	}
	return len > 0;
}

static void read_keys(struct relay *relay)
{
	ssize_t len = read(STDIN_FILENO, relay->keys, sizeof(relay->keys));

	if (len > 0) {
		relay->nr = (size_t)len;
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		relay->input = false;
		relay->ended = true;
	}
}

/*
 * The end of a file or pipe is what Ctrl-D is for a terminal. It can get lost
 * when a shell turns to editing lines meanwhile, hence only when all is quiet,
 * and again; with Ctrl-U then, since it means the end on an empty line only.
 */
static void send_end(struct relay *relay)
{
	static const char editing[] = { CTRL('u'), CTRL('d') };
	static const char plain[] = { CTRL('d') };
	struct termios inside;
	ssize_t len;

	if (tcgetattr(relay->master, &inside))
		return;
	if (!(inside.c_lflag & ICANON)) {
		len = write(relay->master, editing, sizeof(editing));
		relay->told = len < 0;
	} else if (!relay->told) {
		len = write(relay->master, plain, sizeof(plain));
		relay->told = len > 0;
	}
}

static void write_keys(struct relay *relay)
{
	ssize_t len = write(relay->master, relay->keys, relay->nr);

	if (len <= 0)
		return;
	relay->nr -= (size_t)len;
	memmove(relay->keys, relay->keys + len, relay->nr);
}

/**
 * relay_move() - move what can be moved
 * @relay: the relay
 * @fds: what relay_poll() filled, after poll(2)
 * @idle: the time was over before anything happened
 */
void relay_move(struct relay *relay, const struct pollfd fds[2], bool idle)
{
	if (idle && relay->ended)
		send_end(relay);
	if (fds[1].revents)
		read_keys(relay);
	if (fds[0].revents & POLLOUT && relay->nr)
		write_keys(relay);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		copy_out(relay);
}

/**
 * relay_drain() - write out what the terminal inside still holds
 * @relay: the relay
 */
void relay_drain(struct relay *relay)
{
	while (relay->master >= 0 && copy_out(relay))
		;
}

/**
 * relay_hang_up() - the terminal is gone, on this side or on the other
 * @relay: the relay
 */
void relay_hang_up(struct relay *relay)
{
	if (relay->master >= 0)
		close(relay->master);
	relay->master = -1;
}
