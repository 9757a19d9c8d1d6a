/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_SHOT_H
#define _NSLENS_SHOT_H

#include <linux/types.h>

struct cred;
struct nslens_rec;
struct nslens_rec_ns;
struct nslens_rec_rule;
struct nsproxy;
struct pid;
struct task_struct;

/**
 * struct nslens_shot - a record that is being made
 * @task: whom it is about
 * @pid: its PID
 * @tgid: PID of its process
 * @nsproxy: its namespaces, or NULL
 * @cred: its credentials
 * @kind: enum nslens_event_kind
 * @extra: bytes that the kind adds to the tail
 * @mask: of the record
 * @created: ns-create events that come of it
 * @irq: state of interrupts before
 * @lost: not in the ring, and so only for who has enabled trace events
 */
struct nslens_shot {
	struct task_struct *task;
	const struct pid *pid;
	const struct pid *tgid;
	const struct nsproxy *nsproxy;
	const struct cred *cred;
	unsigned int kind;
	unsigned int extra;
	u32 mask;
	unsigned int created;
	unsigned long irq;
	bool lost;
};

struct nslens_rec *nslens_shot_begin(struct nslens_shot *shot);
void nslens_shot_commit(const struct nslens_shot *shot,
			const struct nslens_rec *r);
void nslens_shot_lose(struct nslens_shot *shot);
void nslens_shot_fill(const struct nslens_shot *shot, struct nslens_rec *r);
void nslens_shot_ns(struct nslens_rec_ns *to, const struct pid *pid,
		    const struct nsproxy *nsproxy, const struct cred *cred);
void nslens_shot_rule(struct nslens_rec_rule *rule, struct task_struct *task,
		      const struct cred *cred);

#endif /* _NSLENS_SHOT_H */
