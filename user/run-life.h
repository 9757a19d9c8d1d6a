/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_LIFE_H
#define NSLENS_RUN_LIFE_H

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>

#include <sys/ioctl.h>

#define MAX_KEEP_FDS	16

/**
 * struct run_life - with which terminal and files, and what its end means
 * @interactive: the command gets our standard input
 * @tty: it gets a pseudo-terminal
 * @init: a PID 1 of ours is its parent
 * @detach: nslens does not wait for its end
 * @kill_child: it does not outlive nslens
 * @keep: its new namespaces are kept as files by that name; NULL for not
 * @unkeep: nothing is run, such files are removed
 * @pidfile: where its PID is written; NULL for nowhere
 * @info_fd: where JSON about it is written; -1 for nowhere
 * @keep_fds: file descriptors that the command inherits, besides 0, 1 and 2
 * @nr_keep_fds: how many
 * @keep_made: the folder for @keep is there
 * @front: where to tell the PID, with @detach
 * @exe: this program, with @init
 * @size: of the terminal
 * @pidfile_fd: the open @pidfile
 * @master: the pseudo-terminal's other side; -1 without
 * @null: /dev/null of here
 */
struct run_life {
	bool interactive;
	bool tty;
	bool init;
	bool detach;
	bool kill_child;
	const char *keep;
	const char *unkeep;
	const char *pidfile;
	int info_fd;
	int keep_fds[MAX_KEEP_FDS];
	int nr_keep_fds;

	bool keep_made;
	int front;
	int exe;
	struct winsize size;
	int pidfile_fd;
	int master;
	int null;
};

struct run;

extern const struct opt_group life_group;
extern const struct opt_group keep_group;

/* Steps, in the order of the table. */
int stdio_fill(struct run *run);
bool stdio_leads_out(const struct run *run);
int stdio_check(struct run *run);

bool pidfile_wanted(const struct run *run);
void pidfile_plan(const struct run *run, FILE *out);
int pidfile_open(struct run *run);

bool tty_wanted(const struct run *run);
int tty_measure(struct run *run);

void fds_plan(const struct run *run, FILE *out);
int fds_close(struct run *run);

bool lifeline_wanted(const struct run *run);
bool relifeline_wanted(const struct run *run);
int die_with_parent(struct run *run);

int session_start(struct run *run);

/* run-key.c */
int keyring_start(struct run *run);

int tty_open(struct run *run);
int tty_give(struct run *run);

bool stdin_wanted(const struct run *run);
int stdin_set(struct run *run);

bool info_wanted(const struct run *run);
void info_plan(const struct run *run, FILE *out);
int info_write(struct run *run);

int pidfile_write(struct run *run);

/* run-tty.c: the terminal outside */
void tty_raw(void);
void tty_restore(void);
void tty_again(const struct run *run);
void tty_resize(const struct run *run);

struct relay;
struct relay *relay_new(const struct run *run);
int relay_poll(const struct relay *relay, struct pollfd fds[2]);
void relay_move(struct relay *relay, const struct pollfd fds[2], bool idle);
void relay_drain(struct relay *relay);
void relay_hang_up(struct relay *relay);

#endif
