// SPDX-License-Identifier: GPL-2.0
/* An event as a line of text. */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string_helpers.h>
#include <linux/time64.h>

#include "event-text.h"
#include "names-gen.h"
#include "rec.h"
#include "session.h"

const char *const nslens_event_names[] = NSLENS_EVENT_KIND_NAMES;
static const char *const how_names[] = NSLENS_SWITCH_HOW_NAMES;

/**
 * struct line - where text goes
 * @buf: NSLENS_EVENT_TEXT bytes, more than any event takes
 * @size: of it
 * @len: written
 */
struct line {
	char *buf;
	int size;
	int len;
};

static __printf(2, 3) void put(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line->len += vscnprintf(line->buf + line->len, line->size - line->len,
				format, args);
	va_end(args);
}

/* One word, whatever is in it. */
static void put_escaped(struct line *line, const char *text)
{
	int n = string_escape_str(text, line->buf + line->len,
				  line->size - line->len,
				  ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NP |
				  ESCAPE_OCTAL | ESCAPE_APPEND, " ");

	line->len += min(n, line->size - line->len - 1);
}

static void put_time(struct line *line, u64 ns)
{
	u32 rem;
	u64 sec = div_u64_rem(ns, NSEC_PER_SEC, &rem);

	put(line, "%llu.%09u", sec, rem);
}

static void put_levels(struct line *line, const char *key, const u32 *nrs,
		       unsigned int from, unsigned int to)
{
	unsigned int i;

	if (from >= to)
		return;
	put(line, " %s=", key);
	for (i = from; i < to; i++)
		put(line, "%s%u", i > from ? "," : "", nrs[i]);
}

static void put_types(struct line *line, const char *key, unsigned long types,
		      const struct nslens_rec_ns *ns)
{
	const char *sep = "";
	int type;

	if (!types)
		return;
	put(line, " %s=", key);
	for_each_set_bit(type, &types, NSLENS_NR_NS) {
		put(line, "%s%s:[%u]", sep, nslens_ns_types[type].name,
		    ns->ino[type]);
		sep = ",";
	}
}

/* Who it is about, of old the first columns; here PIDs from here inwards. */
static void put_who(struct line *line, const struct nslens_session *session,
		    const struct nslens_rec *r)
{
	const struct nslens_rec_upid *upid = nslens_rec_upids(r);
	unsigned int i;

	for (i = session->level; i < r->levels; i++)
		put(line, "%c%u", i > session->level ? ',' : ' ', upid[i].nr);
	put(line, " ");
	put_escaped(line, r->comm);
}

static void put_task(struct line *line, const struct nslens_session *session,
		     const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	put_levels(line, "tgid", nslens_rec_tgids(r), session->level, r->levels);
	put(line, " start=");
	put_time(line, r->start + session->boottime);
	if (event->show_cgroup)
		put(line, " cgroup=%llu", r->cgroup_id);
	put_types(line, "ns", BIT(NSLENS_NR_NS) - 1, &r->ns);
	if (r->flags & NSLENS_EVENT_FLAG_KTHREAD)
		put(line, " kthread");
}

static void put_parent(struct line *line, const struct nslens_session *session,
		       const struct nslens_rec *r)
{
	put_levels(line, "parent", nslens_rec_parent_pids(r), session->level,
		   r->parents);
	put_levels(line, "parent-tgid", nslens_rec_parent_tgids(r),
		   session->level, r->parents);
}

static void put_exec(struct line *line, const struct nslens_session *session,
		     const struct nslens_rec *r)
{
	put(line, " file=");
	put_escaped(line, nslens_rec_name(r));
	if (r->flags & NSLENS_EVENT_FLAG_TRUNCATED)
		put(line, "...");
	if (r->has_old_comm) {
		put(line, " old-comm=");
		put_escaped(line, nslens_rec_old_comm(r));
	}
	put_levels(line, "old-pid", nslens_rec_old_pids(r), session->level,
		   r->parents);
}

static void put_exit(struct line *line, const struct nslens_rec *r)
{
	if (r->value & 0x7f)
		put(line, " signal=%u", r->value & 0x7f);
	else
		put(line, " code=%u", r->value >> 8 & 0xff);
	if (r->flags & NSLENS_EVENT_FLAG_CORE_DUMPED)
		put(line, " core-dumped");
	if (r->flags & NSLENS_EVENT_FLAG_LAST)
		put(line, " last");
}

static void put_switch(struct line *line, const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	put(line, " how=%s", how_names[r->how]);
	put_types(line, "to", r->mask, &r->ns);
	if (event->show_old)
		put_types(line, "from", r->mask, nslens_rec_old_ns(r));
}

static void put_namespace(struct line *line, const struct nslens_event *event)
{
	put(line, " %s:[%u]", nslens_ns_types[event->type].name, event->ino);
	if (event->id)
		put(line, " id=%llu", event->id);
	if (event->lifetime) {
		put(line, " lifetime=");
		put_time(line, event->lifetime);
	}
}

static void put_lost(struct line *line, const struct nslens_session *session,
		     const struct nslens_event *event)
{
	put(line, " ring=%llu queue=%llu first=", event->ring, event->queue);
	put_time(line, event->first + session->boottime);
}

static void put_particular(struct line *line,
			   const struct nslens_session *session,
			   const struct nslens_event *event)
{
	const struct nslens_rec *r = event->rec;

	switch (event->kind) {
	case NSLENS_EVENT_KIND_FORK:
		put_parent(line, session, r);
		put_types(line, "created", r->mask, &r->ns);
		break;
	case NSLENS_EVENT_KIND_EXEC:
		put_exec(line, session, r);
		break;
	case NSLENS_EVENT_KIND_EXIT:
		put_exit(line, r);
		break;
	case NSLENS_EVENT_KIND_SWITCH:
		put_switch(line, event);
		break;
	case NSLENS_EVENT_KIND_NS_CREATE:
		put_namespace(line, event);
		if (r->kind == NSLENS_EVENT_KIND_FORK)
			put_parent(line, session, r);
		break;
	case NSLENS_EVENT_KIND_NS_DESTROY:
		put_namespace(line, event);
		break;
	case NSLENS_EVENT_KIND_LOST:
		put_lost(line, session, event);
		break;
	}
}

/**
 * nslens_event_text() - write an event as a line
 * @buf: filled
 * @size: of it, NSLENS_EVENT_TEXT
 * @session: who is told
 * @event: the event
 *
 * SEQ TIME CPU EVENT, then the task if there is one, PID COMMAND, then what
 * there is more to say, most of it as KEY=VALUE.
 *
 * Return: bytes, the newline included.
 */
int nslens_event_text(char *buf, int size, const struct nslens_session *session,
		      const struct nslens_event *event)
{
	struct line line = { .buf = buf, .size = size };
	const bool is_task = event->rec &&
			     event->kind != NSLENS_EVENT_KIND_NS_DESTROY;

	put(&line, "%llu ", event->seq);
	put_time(&line, event->time + session->boottime);
	put(&line, " %d %s", event->cpu, nslens_event_names[event->kind]);
	if (is_task)
		put_who(&line, session, event->rec);
	put_particular(&line, session, event);
	if (is_task)
		put_task(&line, session, event);
	put(&line, "\n");
	return line.len;
}
