/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_STASH_H
#define _NSLENS_STASH_H

#include <linux/pid_namespace.h>
#include <linux/sched.h>

#include "rec.h"

/**
 * struct nslens_stash - what one probe keeps for another on the same task
 * @owner: the task, NULL if it is free; only that task reads the rest
 * @is_exec: @exec counts, else @old
 */
struct nslens_stash {
	struct task_struct *owner;
	bool is_exec;
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

struct nslens_stash *nslens_stash_find(void);
struct nslens_stash *nslens_stash_claim(void);
void nslens_stash_free(struct nslens_stash *stash);
void nslens_stash_drop(struct nslens_stash *stash);
void nslens_stash_clear(void);

#endif /* _NSLENS_STASH_H */
