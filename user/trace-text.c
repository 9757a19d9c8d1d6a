// SPDX-License-Identifier: GPL-2.0
/* Events as lines for people. */
#include <string.h>
#include <time.h>

#include "nstype.h"
#include "trace.h"

#define NSEC_PER_SEC	1000000000ULL

/* Of columns at first, the space that follows included. */
#define EVENT_WIDTH	11
#define NSPID_WIDTH	12
#define COMMAND_WIDTH	16
/* A level of PID namespaces moves a command by so much. */
#define INDENT		2

/* A column is as wide as the widest that it has had to hold. */
static size_t nspid_width = NSPID_WIDTH, command_width = COMMAND_WIDTH;

static const int time_widths[] = {
	[CLOCK_SINCE_START] = 11, [CLOCK_SINCE_BOOT] = 17, [CLOCK_WALL] = 15,
};

static const char * const colors[NR_EVENT_KINDS] = {
	[NSLENS_EVENT_KIND_FORK]	= "\033[32m",
	[NSLENS_EVENT_KIND_EXEC]	= "\033[36m",
	[NSLENS_EVENT_KIND_EXIT]	= "\033[2m",
	[NSLENS_EVENT_KIND_SWITCH]	= "\033[33m",
	[NSLENS_EVENT_KIND_NS_CREATE]	= "\033[1;34m",
	[NSLENS_EVENT_KIND_NS_DESTROY]	= "\033[35m",
	[NSLENS_EVENT_KIND_EXISTS]	= "\033[37m",
	[NSLENS_EVENT_KIND_LOST]	= "\033[1;31m",
};

static void put_seconds(struct out *out, __u64 ns, unsigned int digits)
{
	__u64 fraction = ns % NSEC_PER_SEC;

	for (unsigned int i = digits; i < 9; i++)
		fraction /= 10;
	out_number(out, ns / NSEC_PER_SEC);
	out_char(out, '.');
	out_digits(out, fraction, digits);
}

/* The clock may be set meanwhile; the events are then as it was. */
static void put_wall(struct out *out, __u64 time)
{
	static __u64 offset, second;
	static char text[16];
	struct timespec ts;
	__u64 wall;

	if (!offset) {
		clock_gettime(CLOCK_REALTIME, &ts);
		offset = (__u64)ts.tv_sec * NSEC_PER_SEC + (__u64)ts.tv_nsec -
			 now();
	}
	wall = time + offset;
	if (wall / NSEC_PER_SEC != second) {
		time_t at = (time_t)(wall / NSEC_PER_SEC);
		struct tm tm;

		second = wall / NSEC_PER_SEC;
		strftime(text, sizeof(text), "%H:%M:%S.", localtime_r(&at, &tm));
	}
	out_text(out, text);
	out_digits(out, wall % NSEC_PER_SEC / 1000, 6);
}

static void put_time(struct trace *trace, __u64 time)
{
	struct out *out = &trace->out;
	__u64 since = time > trace->start ? time - trace->start : 0;

	switch (trace->clock) {
	case CLOCK_SINCE_START:
		/* Aligned up to a day. */
		for (__u64 limit = 10; limit <= 1000; limit *= 10)
			if (since / NSEC_PER_SEC < limit)
				out_char(out, ' ');
		put_seconds(out, since, 6);
		break;
	case CLOCK_SINCE_BOOT:
		for (__u64 limit = 10; limit <= 100000; limit *= 10)
			if (time / NSEC_PER_SEC < limit)
				out_char(out, ' ');
		put_seconds(out, time, 9);
		break;
	case CLOCK_WALL:
		put_wall(out, time);
		break;
	}
	out_char(out, ' ');
}

static void put_levels(struct out *out, const struct nslens_event *event,
		       int attr)
{
	struct nslens_array pids = nslens_event_array(event, attr);

	if (!pids.nr)
		out_char(out, '-');
	for (unsigned int i = 0; i < pids.nr; i++) {
		if (i)
			out_char(out, ',');
		out_number(out, pids.at[i]);
	}
}

static void put_ino(struct out *out, __u32 ino)
{
	out_char(out, '[');
	if (ino)
		out_number(out, ino);
	else
		out_char(out, '?');
	out_char(out, ']');
}

static void put_ns(struct out *out, const char *name, __u32 ino)
{
	out_text(out, name);
	out_char(out, ':');
	put_ino(out, ino);
}

static __u32 ino_at(const struct nslens_event *event, int attr, int type)
{
	struct nslens_array inos = nslens_event_array(event, attr);

	return (unsigned int)type < inos.nr ? inos.at[type] : 0;
}

static void put_created(struct out *out, const struct nslens_event *event)
{
	__u32 created = nslens_event_u32(event, NSLENS_A_EVENT_CREATED);

	for (int type = 0; type < NR_TASK_NS; type++) {
		if (!(created & 1U << type))
			continue;
		out_char(out, ' ');
		put_ns(out, ns_types[type].file,
		       ino_at(event, NSLENS_A_EVENT_NS, type));
	}
}

static void put_fork(struct out *out, const struct nslens_event *event)
{
	if (nslens_event_u32(event, NSLENS_A_EVENT_FLAGS) &
	    NSLENS_EVENT_FLAG_THREAD)
		out_text(out, "thread ");
	out_text(out, "by ");
	put_levels(out, event, NSLENS_A_EVENT_PARENT_PIDS);
	if (nslens_event_u32(event, NSLENS_A_EVENT_CREATED)) {
		out_text(out, " in new");
		put_created(out, event);
	}
}

static void put_exec(struct out *out, const struct nslens_event *event)
{
	out_escaped(out, nslens_event_text(event, NSLENS_A_EVENT_FILENAME));
	if (nslens_event_u32(event, NSLENS_A_EVENT_FLAGS) &
	    NSLENS_EVENT_FLAG_TRUNCATED)
		out_text(out, "...");
	if (nslens_event_has(event, NSLENS_A_EVENT_OLD_COMM) ||
	    nslens_event_has(event, NSLENS_A_EVENT_OLD_PIDS)) {
		out_text(out, " (was ");
		out_escaped(out, nslens_event_text(event,
						   NSLENS_A_EVENT_OLD_COMM));
		if (nslens_event_has(event, NSLENS_A_EVENT_OLD_PIDS)) {
			out_text(out, ", thread ");
			put_levels(out, event, NSLENS_A_EVENT_OLD_PIDS);
		}
		out_char(out, ')');
	}
}

static void put_exit(struct out *out, const struct nslens_event *event)
{
	__u32 flags = nslens_event_u32(event, NSLENS_A_EVENT_FLAGS);

	if (flags & NSLENS_EVENT_FLAG_THREAD)
		out_text(out, "thread ");
	if (nslens_event_has(event, NSLENS_A_EVENT_SIGNAL)) {
		__u32 signal = nslens_event_u32(event, NSLENS_A_EVENT_SIGNAL);
		const char *name = sigabbrev_np((int)signal);

		out_text(out, name ? "SIG" : "signal ");
		if (name)
			out_text(out, name);
		else
			out_number(out, signal);
	} else {
		out_text(out, "code ");
		out_number(out, nslens_event_u32(event,
						 NSLENS_A_EVENT_EXIT_CODE));
	}
	if (flags & NSLENS_EVENT_FLAG_CORE_DUMPED)
		out_text(out, ", core dumped");
}

static void put_switch(struct out *out, const struct nslens_event *event)
{
	__u32 changed = nslens_event_u32(event, NSLENS_A_EVENT_CHANGED);
	__u32 how = nslens_event_u32(event, NSLENS_A_EVENT_HOW);

	out_text(out, how < NR_SWITCH_HOWS ? switch_how_names[how] : "?");
	for (int type = 0; type < NR_TASK_NS; type++) {
		if (!(changed & 1U << type))
			continue;
		out_char(out, ' ');
		put_ns(out, ns_types[type].file,
		       ino_at(event, NSLENS_A_EVENT_OLD_NS, type));
		out_text(out, " -> ");
		put_ino(out, ino_at(event, NSLENS_A_EVENT_NS, type));
	}
}

static void put_namespace(struct out *out, const struct nslens_event *event)
{
	__u32 type = nslens_event_u32(event, NSLENS_A_EVENT_NS_TYPE);

	put_ns(out, type < NR_NS_TYPES ? ns_types[type].name : "?",
	       nslens_event_u32(event, NSLENS_A_EVENT_NS_INO));
	if (nslens_event_has(event, NSLENS_A_EVENT_PARENT_PIDS)) {
		out_text(out, " by ");
		put_levels(out, event, NSLENS_A_EVENT_PARENT_PIDS);
	}
	if (nslens_event_has(event, NSLENS_A_EVENT_LIFETIME)) {
		out_text(out, " after ");
		put_seconds(out, nslens_event_u64(event, NSLENS_A_EVENT_LIFETIME),
			    6);
		out_text(out, " s");
	}
}

static void put_exists(struct out *out, const struct nslens_event *event)
{
	if (nslens_event_u32(event, NSLENS_A_EVENT_FLAGS) &
	    NSLENS_EVENT_FLAG_THREAD)
		out_text(out, "thread ");
	if (nslens_event_has(event, NSLENS_A_EVENT_NS))
		put_ns(out, "pid", ino_at(event, NSLENS_A_EVENT_NS,
					  NSLENS_NS_TYPE_PID));
}

static void put_lost(struct out *out, const struct nslens_event *event)
{
	__u64 first = nslens_event_u64(event, NSLENS_A_EVENT_FIRST);
	__u64 last = nslens_event_u64(event, NSLENS_A_EVENT_TIME);

	out_number(out, nslens_event_u64(event, NSLENS_A_EVENT_LOST_RING));
	out_text(out, " by a full ring, ");
	out_number(out, nslens_event_u64(event, NSLENS_A_EVENT_LOST_QUEUE));
	out_text(out, " by a slow reader, within ");
	put_seconds(out, last > first ? last - first : 0, 6);
	out_text(out, " s");
}

static void put_details(struct out *out, __u32 kind,
			const struct nslens_event *event)
{
	switch (kind) {
	case NSLENS_EVENT_KIND_FORK:
		return put_fork(out, event);
	case NSLENS_EVENT_KIND_EXEC:
		return put_exec(out, event);
	case NSLENS_EVENT_KIND_EXIT:
		return put_exit(out, event);
	case NSLENS_EVENT_KIND_SWITCH:
		return put_switch(out, event);
	case NSLENS_EVENT_KIND_NS_CREATE:
	case NSLENS_EVENT_KIND_NS_DESTROY:
		return put_namespace(out, event);
	case NSLENS_EVENT_KIND_EXISTS:
		return put_exists(out, event);
	case NSLENS_EVENT_KIND_LOST:
		return put_lost(out, event);
	}
}

/* The end of a column that began at @mark. */
static void end_column(struct out *out, size_t mark, size_t *width)
{
	/* Unless it was written meanwhile. */
	if (out_mark(out) > mark && out_mark(out) - mark >= *width)
		*width = out_mark(out) - mark + 1;
	out_padding(out, mark, *width);
}

static void put_who(struct out *out, const struct nslens_event *event)
{
	const char *comm = nslens_event_text(event, NSLENS_A_EVENT_COMM);
	size_t mark = out_mark(out);
	unsigned int levels;

	put_levels(out, event, NSLENS_A_EVENT_PIDS);
	end_column(out, mark, &nspid_width);
	mark = out_mark(out);
	levels = nslens_event_len(event, NSLENS_A_EVENT_PIDS) / sizeof(__u32);
	for (unsigned int i = INDENT; i < INDENT * levels; i++)
		out_char(out, ' ');
	out_escaped(out, *comm ? comm : "-");
	end_column(out, mark, &command_width);
}

static void text_event(struct trace *trace, const struct nslens_event *event)
{
	__u32 kind = nslens_event_u32(event, NSLENS_A_EVENT_KIND);
	struct out *out = &trace->out;
	size_t mark;

	put_time(trace, nslens_event_u64(event, NSLENS_A_EVENT_TIME));
	if (trace->color)
		out_text(out, colors[kind]);
	mark = out_mark(out);
	out_text(out, event_kind_names[kind]);
	out_padding(out, mark, EVENT_WIDTH);
	put_who(out, event);
	put_details(out, kind, event);
	if (trace->color)
		out_text(out, "\033[m");
	out_char(out, '\n');
}

static void text_begin(struct trace *trace)
{
	struct out *out = &trace->out;
	size_t mark;

	if (!trace->headings)
		return;
	for (int i = 4; i < time_widths[trace->clock]; i++)
		out_char(out, ' ');
	out_text(out, "TIME ");
	mark = out_mark(out);
	out_text(out, "EVENT");
	out_padding(out, mark, EVENT_WIDTH);
	mark = out_mark(out);
	out_text(out, "NSPID");
	out_padding(out, mark, NSPID_WIDTH);
	mark = out_mark(out);
	out_text(out, "COMMAND");
	out_padding(out, mark, COMMAND_WIDTH);
	out_text(out, "DETAILS\n");
}

const struct trace_style trace_text = {
	.begin = text_begin,
	.event = text_event,
};
