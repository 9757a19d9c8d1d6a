/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_MAKER_H
#define _SELFTESTS_MAKER_H

#include <stdbool.h>

#include "child.h"

enum make_how {
	MAKE_CLONE3,	/* with the flags */
	MAKE_CLONE,	/* likewise, by the system call before it */
	MAKE_FORK,
	MAKE_VFORK,	/* its parent stands still meanwhile */
	MAKE_THREAD,
};

/**
 * struct make - for child_start(): make a task, and reap it
 * @release: it lives until maker_release()
 * @how: by what
 * @flags: for clone3() and clone()
 * @pid: for clone3(): the PID that it is to have, or 0 for any
 * @code: what it ends with
 */
struct make {
	int release;
	enum make_how how;
	__u64 flags;
	pid_t pid;
	int code;
};

long maker_make(void *make);
void maker_release(struct child *c);

/**
 * struct run - for child_start(): become another program
 * @release: a thread does so after maker_release()
 * @by_thread: a second thread does it
 * @path: of the program, which is given 1000 as its argument
 */
struct run {
	int release;
	bool by_thread;
	char path[4096];
};

long maker_run(void *run);

#endif
