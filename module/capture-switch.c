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

static enum nslens_stash_use use_of(enum nslens_switch_how how)
{
	return how == NSLENS_SWITCH_HOW_SETNS ? NSLENS_STASH_SETNS :
						NSLENS_STASH_UNSHARE;
}

/*
 * There is no slot for the first half, or it was before the probes. Of unshare(), which
 * leaves whoever calls it as dumpable as he was, each half is told as if it were all.
 * Of setns() that is not known before the second (commit_creds() in the kernel), so it
 * is lost, once. Return: is it?
 */
static bool lose_half(enum nslens_switch_how how, bool first)
{
	struct nslens_shot shot = { .kind = NSLENS_EVENT_KIND_SWITCH };
	bool flagged;

	if (how != NSLENS_SWITCH_HOW_SETNS)
		return false;
	/* Without flags one namespace is entered, and what comes second changes nothing. */
	flagged = compat_syscall_arg(1) & CLONE_NEWUSER;
	if (!first && !flagged)
		return false;
	/* With them the second one is known to be that, and counted. */
	if (first != flagged)
		nslens_shot_lose(&shot);
	return true;
}

/*
 * In a user namespace first, then in the others, or the other way round; @more is to
 * come of the first half.
 */
static void switch_half(enum nslens_switch_how how, bool more,
			const struct nsproxy *nsproxy, const struct cred *cred)
{
	const enum nslens_stash_use use = use_of(how);
	struct nslens_stash *stash, here;

	if (more) {
		stash = nslens_stash_claim(use);
		if (stash) {
			fill_old(stash);
			return;
		}
	}
	stash = nslens_stash_find(use);
	if (stash) {
		capture_switch(how, stash, nsproxy, cred);
		nslens_stash_free(stash);
	} else if (!lose_half(how, more)) {
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
	bool more = false;

	/* No other caller is left than exec, of which the next function tells. */
	if (how == NSLENS_SWITCH_HOW_OTHER)
		return;
	if (how == NSLENS_SWITCH_HOW_UNSHARE)
		more = compat_syscall_arg(0) & CLONE_NEWUSER;
	switch_half(how, more, next, current_cred());
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
	switch_half(NSLENS_SWITCH_HOW_EXEC, false, &joined, current_cred());
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

	switch_half(how, how == NSLENS_SWITCH_HOW_SETNS, current->nsproxy, next);
}
