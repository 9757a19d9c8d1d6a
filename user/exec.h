/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_EXEC_H
#define NSLENS_EXEC_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

/**
 * struct run_exec - the process that nslens exec puts a command next to
 * @text: the TARGET as the user wrote it; NULL for nslens run
 * @types: CLONE_NEW* of the namespaces that are wanted; 0 for all
 * @as_root: the command is root there, not who the process is
 * @here: the command stays in the cgroup of nslens
 * @pid: PID here of the process
 * @dir: its folder in /proc, by which it is known for sure, as by the pidfd
 * @root: its root directory; -1 if it is not taken
 * @cwd: its working directory, likewise
 * @environ: its environment, each variable ends with '\0'; NULL if not taken
 * @size: of that
 */
struct run_exec {
	const char *text;
	unsigned int types;
	bool as_root;
	bool here;
	__u32 pid;
	int dir;
	int root;
	int cwd;
	char *environ;
	size_t size;
};

struct run;

/* exec-target.c */
int exec_find(struct run *run);

/* exec-proc.c: what procfs tells of it */
char *exec_read(const struct run_exec *exec, const char *name, size_t *size);
const char *exec_field(const char *status, const char *name);

/* Steps of exec-enter.c and exec-as.c, in the order of the table. */
bool exec_roots(const struct run *run);
int exec_enter_root(struct run *run);
int exec_enter_cwd(struct run *run);

bool exec_wanted(const struct run *run);
void exec_plan_as(const struct run *run, FILE *out);
int exec_be_like(struct run *run);
__u32 exec_id_inside(const struct run_exec *exec, const char *map);

bool exec_has_env(const struct run *run);
int exec_take_env(struct run *run);

#endif
