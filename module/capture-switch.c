// SPDX-License-Identifier: GPL-2.0
/* From one set of namespaces to another: setns, unshare, and exec. */
#include <linux/bitops.h>
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "capture.h"
#include "compat.h"
#include "rec.h"
#include "shot.h"
#include "stash.h"

/* With these of unshare() there is another nsproxy: unshare_nsproxy_namespaces(). */
#define IN_NSPROXY	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | \
			 CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_NEWTIME)

static u32 changed(const struct nslens_rec_ns *from, const struct nslens_rec_ns *to)
{
	u32 mask = 0;
	unsigned int i;

	for (i = 0; i < NSLENS_NR_NS; i++)
		if (from->ino[i] != to->ino[i] || from->id[i] != to->id[i])
			mask |= BIT(i);
	return mask;
}

/* What current is now, before it is something else. */
static void fill_old(struct nslens_stash *old)
{
	nslens_shot_ns(&old->old.ns, task_pid(current), current->nsproxy, current_cred());
	nslens_shot_rule(&old->old.rule, current, current_cred());
}

/* Takes over the references of @old. */
static void capture_switch(enum nslens_switch_how how, struct nslens_stash *old,
			   const struct nsproxy *nsproxy, const struct cred *cred)
{
	struct nslens_shot shot = {
		.task = current, .pid = task_pid(current),
		.tgid = task_tgid(current), .nsproxy = nsproxy, .cred = cred,
		.kind = NSLENS_EVENT_KIND_SWITCH,
		.extra = sizeof(struct nslens_rec_ns),
	};
	struct nslens_rec_ns ns;
	struct nslens_rec *r = NULL;

	nslens_shot_ns(&ns, shot.pid, nsproxy, cred);
	shot.mask = changed(&old->old.ns, &ns);
	if (how == NSLENS_SWITCH_HOW_UNSHARE)
		shot.created = hweight32(shot.mask);
	if (shot.mask)
		r = nslens_shot_begin(&shot);
	if (!r) {
		nslens_rec_rule_put(&old->old.rule);
		return;
	}
	r->how = how;
	r->old_rule = old->old.rule;
	memcpy(nslens_rec_old_ns(r), &old->old.ns, sizeof(old->old.ns));
	nslens_shot_commit(&shot, r);
}

/*
 * Of what has two halves there is no first one, for want of a slot: whether the task
 * is dumpable is not known before the second (commit_creds() in the kernel).
 */
static void lose_switch(enum nslens_switch_how how, const struct nsproxy *nsproxy)
{
	struct nslens_shot shot = { .kind = NSLENS_EVENT_KIND_SWITCH };
	struct nslens_rec_ns from, to;

	if (how == NSLENS_SWITCH_HOW_UNSHARE) {
		nslens_shot_ns(&from, task_pid(current), current->nsproxy, current_cred());
		nslens_shot_ns(&to, task_pid(current), nsproxy, current_cred());
		/* And the user namespace. */
		shot.created = hweight32(changed(&from, &to)) + 1;
	}
	nslens_shot_lose(&shot);
}

/* In a user namespace first, then in the others, or the other way round. */
enum half {
	WHOLE,
	/* Its second half is still to come. */
	FIRST,
	/* Its first half was there before. */
	SECOND,
};

static void switch_half(enum nslens_switch_how how, enum half half,
			const struct nsproxy *nsproxy, const struct cred *cred)
{
	struct nslens_stash *stash, here;

	if (half == FIRST) {
		stash = nslens_stash_claim(NSLENS_STASH_SWITCH);
		if (stash)
			fill_old(stash);
		else
			lose_switch(how, nsproxy);
		return;
	}
	stash = nslens_stash_find(NSLENS_STASH_SWITCH);
	if (stash) {
		capture_switch(how, stash, nsproxy, cred);
		nslens_stash_free(stash);
	} else if (half == WHOLE) {
		fill_old(&here);
		capture_switch(how, &here, nsproxy, cred);
	}
}

/**
 * nslens_capture_nsproxy() - current is about to be in other namespaces
 * @next: which
 *
 * Of unshare() with CLONE_NEWUSER this is the first half, of setns() to a user
 * namespace the second: see ksys_unshare() and commit_nsset() in the kernel.
 *
 * Context: switch_task_namespaces() on behalf of current.
 */
void nslens_capture_nsproxy(const struct nsproxy *next)
{
	enum nslens_switch_how how = compat_switch_how();
	enum half half = WHOLE;

	/* No other caller is left than exec, of which the next function tells. */
	if (how == NSLENS_SWITCH_HOW_OTHER)
		return;
	if (how == NSLENS_SWITCH_HOW_UNSHARE && compat_syscall_arg(0) & CLONE_NEWUSER)
		half = FIRST;
	/* Without flags it is one namespace that is entered: then nothing changes here. */
	if (how == NSLENS_SWITCH_HOW_SETNS && compat_syscall_arg(1) & CLONE_NEWUSER)
		half = SECOND;
	switch_half(how, half, next, current_cred());
}

/**
 * nslens_capture_exec_timens() - current is about to be where its children are
 * @next: a copy of its namespaces, in which it will be, not changed yet
 *
 * Of exec(), since 6.2: see exec_task_namespaces() in the kernel.
 *
 * Context: timens_on_fork() on behalf of current.
 */
void nslens_capture_exec_timens(const struct nsproxy *next)
{
	struct nsproxy joined = *next;

	joined.time_ns = joined.time_ns_for_children;
	switch_half(NSLENS_SWITCH_HOW_EXEC, WHOLE, &joined, current_cred());
}

/**
 * nslens_capture_cred() - current is about to be in another user namespace
 * @next: with these credentials
 *
 * Context: commit_creds() on behalf of current.
 */
void nslens_capture_cred(const struct cred *next)
{
	enum nslens_switch_how how = compat_switch_how();
	enum half half = WHOLE;

	if (how == NSLENS_SWITCH_HOW_SETNS)
		half = FIRST;
	if (how == NSLENS_SWITCH_HOW_UNSHARE && compat_syscall_arg(0) & IN_NSPROXY)
		half = SECOND;
	switch_half(how, half, current->nsproxy, next);
}
