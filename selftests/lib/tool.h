/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_TOOL_H
#define _SELFTESTS_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

/**
 * struct tool - a program that runs, or ran
 * @pid: of it
 * @pidfd: refers to it
 * @in: its standard input is read from here, -1 once closed
 * @fds: its standard output and error
 * @out: what it has written to standard output
 * @err: and to standard error
 * @status: exit status; 128 and the number of the signal that killed it
 */
struct tool {
	pid_t pid;
	int pidfd;
	int in;
	int fds[2];
	char out[65536];
	char err[16384];
	int status;
};

int tool_start(struct tool *t, const char * const argv[]);
int tool_wait(struct tool *t);
int tool_await(struct tool *t, const char *text);
void tool_type(struct tool *t, const char *text);
void tool_kill(struct tool *t);
int tool_run(struct tool *t, const char * const argv[]);
char *tool_output(const char * const argv[], int *status);

/* The exit status of nslens with these arguments */
#define NSLENS(t, ...)	\
	tool_run(t, (const char * const []){ "nslens", __VA_ARGS__, NULL })
#define NSLENS_START(t, ...)	\
	tool_start(t, (const char * const []){ "nslens", __VA_ARGS__, NULL })
/* The exit status of a shell line */
#define SHELL(t, line)	\
	tool_run(t, (const char * const []){ "sh", "-c", line, NULL })

char *format(const char *text, ...);
unsigned int count_lines(const char *text);
bool has_line(const char *text, const char *a, const char *b);

/**
 * struct terminal - a program on a terminal of its own, and who types there
 * @pid: of the program, which leads a session
 * @master: the other end of the terminal
 * @slave: the terminal, kept open to look at its modes
 * @seen: all that was on the screen so far
 * @length: of @seen
 * @status: as of a tool
 * @modes: of the terminal before the program was there
 */
struct terminal {
	pid_t pid;
	int master, slave;
	char seen[65536];
	size_t length;
	int status;
	struct termios modes;
};

int terminal_start(struct terminal *t, unsigned int rows, unsigned int columns,
		   const char * const argv[]);
void terminal_type(struct terminal *t, const char *text);
int terminal_await(struct terminal *t, const char *text);
int terminal_wait(struct terminal *t);
void terminal_end(struct terminal *t);

int rootfs_make(char *dir, size_t size);
void rootfs_remove(const char *dir);

#endif
