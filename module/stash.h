/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_STASH_H
#define _NSLENS_STASH_H

#include <linux/pid_namespace.h>
#include <linux/sched.h>

#include "rec.h"

/*
 * Each has slots of its own. Who stops another's exec, as a tracer may for as long as
 * he likes, takes none of those who move; nor do many that unshare(), which waits for
 * a grace period where it leaves the last mount namespace, from those that setns().
 */
enum nslens_stash_use {
	NSLENS_STASH_EXEC,
	NSLENS_STASH_UNSHARE,
	NSLENS_STASH_SETNS,
	NSLENS_NR_STASHES,
};

/**
 * struct nslens_stash - what one probe keeps for another on the same task
 * @owner: the task, NULL if it is free; only that task reads the rest
 * @use: which of the two counts
 * @exec: what a task is called, until it is another program
 * @old: what a task was in, until its move is whole
 */
struct nslens_stash {
	struct task_struct *owner;
	enum nslens_stash_use use;
	union {
		struct {
			char comm[TASK_COMM_LEN];
			u32 pids[MAX_PID_NS_LEVEL + 1];
			unsigned int levels;
		} exec;
		struct {
			struct nslens_rec_ns ns;
			struct nslens_rec_rule rule;
		} old;
	};
};

struct nslens_stash *nslens_stash_find(enum nslens_stash_use use);
struct nslens_stash *nslens_stash_claim(enum nslens_stash_use use);
void nslens_stash_free(struct nslens_stash *stash);
void nslens_stash_forget(void);
void nslens_stash_clear(void);

#endif /* _NSLENS_STASH_H */
