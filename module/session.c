// SPDX-License-Identifier: GPL-2.0
/* A session: which events it is told, and what becomes of the others. */
#include <linux/bitops.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "nsbook.h"
#include "rec.h"
#include "session.h"

/* Has the task a PID in the PID namespace of who asked? */
static bool is_here(const struct nslens_session *session,
		    const struct nslens_rec *r)
{
	const struct nslens_rec_upid *upid =
		&nslens_rec_upids(r)[session->level];

	return r->levels > session->level && upid->ns == session->pid_ns &&
	       upid->ns_id == session->pid_ns_id;
}

static bool is_owner(const struct nslens_session *session,
		     const struct nslens_rec *r)
{
	return r->tgid == session->owner->numbers[0].nr &&
	       r->process_start == session->owner_start;
}

/*
 * The owner's process may see itself, with whatever ids; but not what becomes
 * of it with other rights than it had then, as by a set-user-ID program, nor
 * when it hides from others: they may have the session, too.
 */
static bool passes(const struct nslens_session *session,
		   const struct nslens_rec *r, const struct nslens_rec_rule *rule)
{
	if (!rule->cred)
		return false;
	return (is_owner(session, r) && !rule->mm_ns &&
		nslens_asker_had(&session->asker, rule->cred)) ||
	       nslens_asker_passes(&session->asker, rule->cred, rule->mm_ns);
}

/* As nslens_may_see_ns() has it, of the moment when it was captured. */
static bool may_see(const struct nslens_session *session,
		    const struct nslens_rec *r)
{
	return session->all ||
	       (is_here(session, r) && passes(session, r, &r->rule));
}

/**
 * nslens_session_has_root() - does a session see all cgroups
 * @session: the session
 *
 * If not, records must say in which one a task is.
 */
bool nslens_session_has_root(const struct nslens_session *session)
{
	return session->all || (session->cgroup && !session->cgroup->level);
}

/* As nslens_cgroup_visible() has it. */
static bool may_see_cgroup(const struct nslens_session *session,
			   const struct nslens_rec *r)
{
	return nslens_session_has_root(session) ||
	       (session->cgroup && r->cgroup &&
		cgroup_is_descendant(r->cgroup, session->cgroup));
}

/* Is it one of those that were added with this, and of none that was before? */
static bool exists(struct nslens_session *session, const struct nslens_rec *r)
{
	struct nslens_target *target;
	bool match = false;

	list_for_each_entry(target, &session->targets, list) {
		if (!nslens_target_match(target, r))
			continue;
		if (target->since < session->walk_since)
			return false;
		match |= target->since == session->walk_since;
	}
	return match;
}

static bool matches(struct nslens_session *session, const struct nslens_rec *r)
{
	struct nslens_target *target;
	bool match = false;

	if (r->kind == NSLENS_EVENT_KIND_EXISTS)
		return exists(session, r);
	list_for_each_entry(target, &session->targets, list) {
		if (!nslens_target_match(target, r))
			continue;
		match = true;
		/* The others, too, have to learn of a child that they follow. */
		if (r->kind != NSLENS_EVENT_KIND_FORK || !session->n.follow)
			break;
	}
	return match;
}

static void note_untold(struct nslens_session *session, u64 first, u64 last)
{
	if (!session->untold.first || first < session->untold.first)
		session->untold.first = first;
	if (last > session->untold.last)
		session->untold.last = last;
}

static bool emit_untold(struct nslens_session *session)
{
	struct nslens_event event = {
		.kind = NSLENS_EVENT_KIND_LOST,
		.time = session->untold.last,
		.ring = session->untold.ring,
		.queue = session->untold.queue,
		.first = session->untold.first,
	};

	if (!session->front->emit(session, &event))
		return false;
	memset(&session->untold, 0, sizeof(session->untold));
	return true;
}

/* Return: has the reader been told of all that was lost? */
static bool tell_untold(struct nslens_session *session)
{
	return (!session->untold.ring && !session->untold.queue) ||
	       emit_untold(session);
}

static void deliver(struct nslens_session *session, struct nslens_event *event)
{
	event->seq = ++session->seq;
	if (tell_untold(session) && session->front->emit(session, event)) {
		session->delivered++;
		return;
	}
	session->lost_queue++;
	session->untold.queue++;
	note_untold(session, event->time, event->time);
}

static void deliver_kind(struct nslens_session *session,
			 struct nslens_event *event)
{
	if (session->events & BIT(event->kind))
		deliver(session, event);
}

/* Tell a record that matches and may be seen, after what came with it. */
static void tell(struct nslens_session *session, struct nslens_rec *r, int cpu,
		 struct nslens_nsbook_entry *const *made)
{
	struct nslens_event event = {
		.kind = NSLENS_EVENT_KIND_NS_CREATE,
		.time = r->time, .cpu = cpu, .rec = r,
		.show_cgroup = may_see_cgroup(session, r),
	};
	unsigned long types = made ? r->mask : 0;
	int type;

	for_each_set_bit(type, &types, NSLENS_NR_NS) {
		/* Without memory for it, only its end will not be told. */
		if (made[type])
			__set_bit(session->slot, made[type]->told);
		event.type = nslens_own_type(type);
		event.ino = r->ns.ino[type];
		event.id = r->ns.id[type];
		deliver_kind(session, &event);
	}
	event.kind = r->kind;
	if (r->kind == NSLENS_EVENT_KIND_SWITCH)
		event.show_old = session->all ||
				 passes(session, r, &r->old_rule);
	deliver_kind(session, &event);
}

/*
 * A task is older than its fork, which is told when it can be seen: who was being
 * made when the session asked what there is, is told by that, and not again.
 */
static void note_born(struct nslens_session *session, const struct nslens_rec *r)
{
	if (session->events & NSLENS_EVENT_MASK_FORK &&
	    r->start < session->walk_since && r->time >= session->walk_since &&
	    session->nr_born < NSLENS_MAX_BORN)
		session->born[session->nr_born++] = r->start;
}

static bool was_born(const struct nslens_session *session,
		     const struct nslens_rec *r)
{
	unsigned int i;

	for (i = 0; i < session->nr_born; i++)
		if (session->born[i] == r->start)
			return true;
	return false;
}

/**
 * nslens_session_tell() - a session and a record
 * @session: the session
 * @r: the record, not of destroy
 * @cpu: from where
 * @made: by type, the namespaces that were made, else NULL; the session is
 *	noted in them if it could see that
 *
 * Context: the drain.
 */
void nslens_session_tell(struct nslens_session *session, struct nslens_rec *r,
			 int cpu, struct nslens_nsbook_entry *const *made)
{
	if (!matches(session, r) || !may_see(session, r))
		return;
	if (r->kind == NSLENS_EVENT_KIND_FORK)
		note_born(session, r);
	else if (r->kind == NSLENS_EVENT_KIND_EXISTS && was_born(session, r))
		return;
	tell(session, r, cpu, made);
}

/**
 * nslens_session_forget() - a process has ended some time ago
 * @session: may have followed it
 * @ended: the process
 *
 * Context: the drain.
 */
void nslens_session_forget(struct nslens_session *session,
			   const struct nslens_ended *ended)
{
	struct nslens_target *target;

	list_for_each_entry(target, &session->targets, list)
		nslens_target_forget(target, ended);
}

/**
 * nslens_session_sweep() - forget processes whose ends were lost
 * @session: may have followed them
 * @budget: as for nslens_target_sweep()
 *
 * Context: the drain, after each time that it has told what was captured.
 * Return: is there more to do?
 */
bool nslens_session_sweep(struct nslens_session *session, unsigned int *budget)
{
	struct nslens_target *target;
	bool more = false;

	if (!session->n.follow)
		return false;
	list_for_each_entry(target, &session->targets, list)
		more |= nslens_target_sweep(target, budget);
	return more;
}

static bool traces_ns(const struct nslens_session *session,
		      const struct nslens_event *event)
{
	struct nslens_target *target;

	list_for_each_entry(target, &session->targets, list)
		if (target->since <= event->time &&
		    (target->kind == NSLENS_TARGET_ALL ||
		     nslens_target_is_ns(target, event->type, event->ino,
					 event->id)))
			return true;
	return false;
}

/**
 * nslens_session_tell_destroy() - a session and the end of a namespace
 * @session: the session: told if it could see the beginning, or may see all
 * @r: the record
 * @cpu: from where
 * @entry: what is known of the namespace, or NULL
 *
 * Context: the drain.
 */
void nslens_session_tell_destroy(struct nslens_session *session,
				 struct nslens_rec *r, int cpu,
				 const struct nslens_nsbook_entry *entry)
{
	const bool told = entry && test_bit(session->slot, entry->told);
	struct nslens_event event = {
		.kind = r->kind, .time = r->time, .cpu = cpu, .rec = r,
		.type = r->type, .ino = r->value,
	};

	if (entry)
		event.id = entry->id;
	else if (r->type != NSLENS_NS_TYPE_NET)
		event.id = r->start;
	if (entry && entry->born)
		event.lifetime = r->time - entry->since;
	if (told || (session->all && traces_ns(session, &event)))
		deliver_kind(session, &event);
}

/**
 * nslens_session_tell_lost() - a session and what did not fit in a ring
 * @session: the session
 * @lost: what
 *
 * Context: the drain.
 */
void nslens_session_tell_lost(struct nslens_session *session,
			      const struct nslens_lost *lost)
{
	const struct nslens_target *target;
	unsigned int kind;
	u64 n = 0;

	/* The first target is the oldest. */
	target = list_first_entry_or_null(&session->targets,
					  struct nslens_target, list);
	if (!target || lost->last < target->since)
		return;
	for (kind = 0; kind < NSLENS_NR_LOST; kind++)
		if (session->events & BIT(kind))
			n += lost->n[kind];
	if (!n)
		return;
	session->lost_ring += n;
	session->untold.ring += n;
	note_untold(session, lost->first, lost->last);
}

/**
 * nslens_session_flush() - let the reader have what there is
 * @session: the session
 *
 * Context: the drain. Return: true if there is no more that he has not got.
 */
bool nslens_session_flush(struct nslens_session *session)
{
	bool told = tell_untold(session);

	return session->front->flush(session) && told;
}

/**
 * nslens_session_visible() - may somebody know of a session
 * @session: the session
 * @viewer: who asks; current
 *
 * Context: process, nslens_trace_lock() is held.
 * Return: true for his process's, for others of his own that have no more
 * rights than he has, and for who may see everything all.
 */
bool nslens_session_visible(const struct nslens_session *session,
			    const struct nslens_viewer *viewer)
{
	const struct cred *cred = session->asker.cred;

	if (session->owner == task_tgid(current) &&
	    nslens_asker_is_current(&session->asker, NULL))
		return true;
	return viewer->all ||
	       (cred->user_ns == viewer->user_ns &&
		uid_eq(cred->euid, current_euid()) &&
		cap_issubset(cred->cap_permitted,
			     current_cred()->cap_effective) &&
		nslens_pid_ns_visible(viewer, session->ns));
}

/**
 * nslens_session_traces() - would a session be told of a task
 * @session: the session
 * @r: the task, by nslens_capture_peek()
 *
 * Context: process, nslens_trace_lock() is held.
 */
bool nslens_session_traces(struct nslens_session *session,
			   const struct nslens_rec *r)
{
	return matches(session, r) && may_see(session, r);
}
