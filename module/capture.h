/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_CAPTURE_H
#define _NSLENS_CAPTURE_H

#include <linux/types.h>

struct cred;
struct linux_binprm;
struct nslens_rec;
struct nslens_rec_rule;
struct nsproxy;
struct task_struct;

/* What a record pins, since some session needs it. */
#define NSLENS_WANT_RULE	1
#define NSLENS_WANT_CGROUP	2

void nslens_capture_want(unsigned int want);

void nslens_capture_fork(struct task_struct *child);
void nslens_capture_exec_begins(void);
void nslens_capture_exec(const struct linux_binprm *bprm);
void nslens_capture_exit(struct task_struct *task, bool last);
void nslens_capture_nsproxy(const struct nsproxy *next);
void nslens_capture_exec_timens(const struct nsproxy *next);
void nslens_capture_cred(const struct cred *next);
void nslens_capture_destroy(u32 ino, int type, u64 id);
int nslens_capture_exists(struct task_struct *task, u32 session, bool settled);

int nslens_capture_peek(struct task_struct *task, struct nslens_rec *r);

void nslens_rec_rule_put(const struct nslens_rec_rule *rule);
void nslens_rec_put(const struct nslens_rec *r);

#endif /* _NSLENS_CAPTURE_H */
