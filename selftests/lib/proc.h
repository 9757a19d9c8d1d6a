/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_PROC_H
#define _SELFTESTS_PROC_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A PID namespace has at most 32 ancestors. */
#define MAX_LEVELS	33

struct numbers {
	unsigned int n;
	__u32 v[MAX_LEVELS];
};

#define MAX_PIDS	4096

struct pid_list {
	unsigned int n;
	pid_t v[MAX_PIDS];
};

#define TRACEFS		"/sys/kernel/tracing"
#define RING_KB		"/sys/module/nslens/parameters/ring_kb"
#define MAX_SESSIONS	"/sys/module/nslens/parameters/max_sessions"

int read_file(const char *path, char *text, size_t size);
int write_file(const char *path, const char *text);
bool kernel_before(unsigned int major, unsigned int minor);

const char *text_field(const char *text, const char *field);
void text_numbers(const char *text, struct numbers *out);
const char *stat_field(const char *text, int nth);

int proc_field(pid_t pid, const char *field, char *value, size_t size);
int proc_numbers(pid_t pid, const char *field, struct numbers *out);
long proc_number(pid_t pid, const char *field, unsigned int nth);
long long proc_start_ticks(pid_t pid);
char proc_state(pid_t pid);
int proc_comm(pid_t pid, char *comm, size_t size);
int proc_list(int threads, struct pid_list *out);
bool same_pids(const struct pid_list *a, const struct pid_list *b);

unsigned int ns_ino(pid_t pid, const char *link);
unsigned int ns_ino_of_fd(int fd);
int ns_open(pid_t pid, const char *link);

#endif
