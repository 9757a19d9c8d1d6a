// SPDX-License-Identifier: GPL-2.0
/* What a session traces, as it changes, and how much of it there may be. */
#include <linux/cred.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "ring.h"
#include "session.h"
#include "target.h"
#include "trace-change.h"
#include "trace.h"

/* How many of a user's may follow. */
#define MAX_FOLLOW	64
/* How many of a session may be cgroups, whose paths are long. */
#define MAX_CGROUPS	64
/* All such users have as much as so many of them. */
#define USERS		4

/* One that is not yet about to be removed; or NULL. */
static struct nslens_target *find_same(struct nslens_session *session,
				       const struct nslens_target *like)
{
	struct nslens_target *target;

	list_for_each_entry(target, &session->targets, list)
		if (!target->leaves && nslens_target_same(target, like))
			return target;
	return NULL;
}

static void count_targets(const struct list_head *targets,
			  struct nslens_target_counts *n)
{
	const struct nslens_target *target;

	list_for_each_entry(target, targets, list) {
		n->all += !target->leaves;
		n->follow += !target->leaves && target->follow;
		n->cgroup += !target->leaves && target->kind == NSLENS_TARGET_CGROUP;
	}
}

/* Those of who may not see everything: of @uid, or all of them. */
static void count_others(const struct nslens_session *but, const kuid_t *uid,
			 struct nslens_target_counts *n)
{
	const struct nslens_session *session;

	list_for_each_entry(session, nslens_trace_sessions(), list) {
		if (session == but || session->all)
			continue;
		if (uid && !uid_eq(session->asker.cred->uid, *uid))
			continue;
		n->all += session->n.all;
		n->follow += session->n.follow;
	}
}

/*
 * Each event is compared with each target, and who follows remembers each
 * descendant: so that nobody has others pay for it without limit. Who may see
 * everything has other means to do that.
 */
static bool fits(const struct nslens_session *session,
		 const struct nslens_target_counts *n)
{
	struct nslens_target_counts user = *n, users = *n;

	if (n->all > NSLENS_MAX_TARGETS || n->cgroup > MAX_CGROUPS)
		return false;
	if (session->all)
		return true;
	count_others(session, &session->asker.cred->uid, &user);
	count_others(session, NULL, &users);
	return user.all <= NSLENS_MAX_TARGETS && user.follow <= MAX_FOLLOW &&
	       users.all <= USERS * NSLENS_MAX_TARGETS &&
	       users.follow <= USERS * MAX_FOLLOW;
}

/* Mark what is to be removed. Return: is all of it there? */
static bool mark(struct nslens_session *session, const struct list_head *remove)
{
	struct nslens_target *target, *same;

	list_for_each_entry(target, remove, list) {
		same = find_same(session, target);
		if (!same)
			return false;
		same->leaves = true;
	}
	return true;
}

/**
 * nslens_change_check() - can a session be changed like that
 * @session: the session
 * @change: how
 * @n: set to how many targets it has then
 *
 * Context: process, nslens_trace_lock() is held.
 * Return: 0, and what is to be removed is marked; or as nslens_trace_change().
 */
int nslens_change_check(struct nslens_session *session,
			const struct nslens_trace_change *change,
			struct nslens_target_counts *n)
{
	struct nslens_target *target;
	int err = 0;

	*n = (struct nslens_target_counts){};
	if (change->exists && session->walk)
		return -EBUSY;
	if (!mark(session, &change->remove))
		err = -ENOENT;
	count_targets(&session->targets, n);
	count_targets(&change->add, n);
	if (!err && !list_empty(&change->add) && !fits(session, n))
		err = -ENOSPC;
	if (err)
		list_for_each_entry(target, &session->targets, list)
			target->leaves = false;
	return err;
}

/* Return: from when on they count. */
static u64 add_targets(struct nslens_session *session, struct list_head *add)
{
	struct nslens_target *target, *next;
	u64 since;

	list_for_each_entry_safe(target, next, add, list) {
		target->since = U64_MAX;
		list_move_tail(&target->list, &session->targets);
	}
	nslens_trace_want();
	since = nslens_ring_settle();
	list_for_each_entry(target, &session->targets, list)
		if (target->since == U64_MAX)
			target->since = since;
	return since;
}

static int apply(struct nslens_session *session,
		 struct nslens_trace_change *change)
{
	struct nslens_target *target, *next;
	struct nslens_target_counts n;
	u64 since;
	int err;

	/*
	 * What has happened by now is told as it was wanted by now, and is in
	 * the reader's queue, if that has room, before he gets his answer.
	 */
	nslens_trace_drain();
	nslens_session_flush(session);
	err = nslens_change_check(session, change, &n);
	if (err)
		return err;
	list_for_each_entry_safe(target, next, &session->targets, list) {
		if (!target->leaves)
			continue;
		/* The caller's, to be freed without the lock. */
		list_move_tail(&target->list, &change->remove);
	}
	session->n = n;
	if (change->set_events)
		session->events = change->events;
	if (change->set_fields)
		session->fields = change->fields;
	since = add_targets(session, &change->add);
	if (change->exists) {
		session->walk_since = since;
		session->nr_born = 0;
		session->walk = 1;
		session->walk_looks = 0;
	}
	return 0;
}

/**
 * struct change_work - a change of a session
 * @work: makes it where the drain is: who asks for it may have neither time nor
 *	memory to do what is done for others as well
 * @session: the session
 * @change: how
 * @err: what comes of it
 */
struct change_work {
	struct work_struct work;
	struct nslens_session *session;
	struct nslens_trace_change *change;
	int err;
};

static void make_change(struct work_struct *work)
{
	struct change_work *cw = container_of(work, struct change_work, work);

	nslens_trace_lock();
	cw->err = apply(cw->session, cw->change);
	nslens_trace_unlock();
}

/**
 * nslens_trace_change() - change what a session is told
 * @session: the session
 * @change: how; the targets in @change->add go to the session, those that are
 *	removed come to @change->remove
 *
 * Context: process; sleeps.
 * Return: 0; -ENOENT if a target to be removed is none, -ENOSPC if there would
 * be too many, -EBUSY if what exists is still being told. Nothing is changed
 * then.
 */
int nslens_trace_change(struct nslens_session *session,
			struct nslens_trace_change *change)
{
	struct change_work cw = { .session = session, .change = change };

	INIT_WORK_ONSTACK(&cw.work, make_change);
	nslens_trace_do(&cw.work);
	destroy_work_on_stack(&cw.work);
	if (!cw.err && change->exists)
		nslens_trace_wake();
	return cw.err;
}
