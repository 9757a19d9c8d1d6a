/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_HAUL_H
#define _SELFTESTS_HAUL_H

#include "child.h"
#include "lens.h"

#define HAUL_BYTES	(2 << 20)

/**
 * struct haul - what somebody was told, byte for byte
 * @err: what ended it, 0 or -errno
 * @text: it is text, else netlink messages
 * @n: how many bytes
 * @bytes: they; of a text with a NUL behind them
 */
struct haul {
	int err;
	bool text;
	unsigned int n;
	char bytes[HAUL_BYTES] __attribute__((aligned(8)));
};

#define MAX_SECRETS	1024
#define MAX_NAMES	32
#define NAME_SIZE	16

/**
 * struct secrets - what somebody must not be told
 * @levels: an array of PIDs has no more entries than this, 0 for any
 * @n: how many numbers
 * @number: PIDs and inode numbers, none of which is anywhere
 * @names: how many names
 * @name: they
 */
struct secrets {
	unsigned int levels;
	unsigned int n;
	__u32 number[MAX_SECRETS];
	unsigned int names;
	char name[MAX_NAMES][NAME_SIZE];
};

void haul_tap(struct lens *l, struct haul *h);
void haul_fd(struct haul *h, int fd);
void haul_file(struct haul *h, const char *path);

void secret_number(struct secrets *s, __u32 number);
void secret_name(struct secrets *s, const char *name);
const char *haul_leak(const struct haul *h, const struct secrets *s);
bool haul_has_number(const struct haul *h, __u32 number);
bool haul_has_name(const struct haul *h, const char *name);

/**
 * struct sight - what one can learn from his own /proc
 * @pid_ns: inode number of his PID namespace
 * @all: he has CAP_SYS_ADMIN in the initial user and PID namespaces
 * @n: how many inode numbers of namespaces
 * @ino: they
 * @names: how many command names
 * @name: they
 */
struct sight {
	__u32 pid_ns;
	bool all;
	unsigned int n;
	__u32 ino[MAX_SECRETS];
	unsigned int names;
	char name[4096][NAME_SIZE];
};

#define MARKED_PIDS	31000

int mark_pids(void);
long mark_name(void *name);
long take_sight(void *sight);
int secrets_of(struct child *c, struct secrets *s);

#endif
