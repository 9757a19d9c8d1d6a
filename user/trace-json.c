// SPDX-License-Identifier: GPL-2.0
/*
 * Events as JSON, one object a line, with the names that the interface has for
 * everything. Written as they are read, without a tree of objects in between,
 * as json-c would have it: that costs ten times as much, which in a trace of
 * everything is what the reader is too slow for.
 */
#include "nstype.h"
#include "trace.h"

enum shape {
	SHAPE_NONE, SHAPE_U32, SHAPE_U64, SHAPE_TEXT, SHAPE_PIDS, SHAPE_INOS,
	SHAPE_IDS, SHAPE_KIND, SHAPE_HOW, SHAPE_FLAGS, SHAPE_TYPE, SHAPE_TYPES,
};

/* Indexed by the number of the attribute. */
static const struct attribute {
	const char *key;
	enum shape shape;
} attributes[NSLENS_A_EVENT_MAX + 1] = {
	[NSLENS_A_EVENT_KIND]		= { "kind", SHAPE_KIND },
	[NSLENS_A_EVENT_SEQ]		= { "seq", SHAPE_U64 },
	[NSLENS_A_EVENT_TIME]		= { "time", SHAPE_U64 },
	[NSLENS_A_EVENT_CPU]		= { "cpu", SHAPE_U32 },
	[NSLENS_A_EVENT_PIDS]		= { "pids", SHAPE_PIDS },
	[NSLENS_A_EVENT_TGIDS]		= { "tgids", SHAPE_PIDS },
	[NSLENS_A_EVENT_START_TIME]	= { "start-time", SHAPE_U64 },
	[NSLENS_A_EVENT_COMM]		= { "comm", SHAPE_TEXT },
	[NSLENS_A_EVENT_FLAGS]		= { "flags", SHAPE_FLAGS },
	[NSLENS_A_EVENT_CGROUP_ID]	= { "cgroup-id", SHAPE_U64 },
	[NSLENS_A_EVENT_NS]		= { "ns", SHAPE_INOS },
	[NSLENS_A_EVENT_NS_IDS]		= { "ns-ids", SHAPE_IDS },
	[NSLENS_A_EVENT_PARENT_PIDS]	= { "parent-pids", SHAPE_PIDS },
	[NSLENS_A_EVENT_PARENT_TGIDS]	= { "parent-tgids", SHAPE_PIDS },
	[NSLENS_A_EVENT_CREATED]	= { "created", SHAPE_TYPES },
	[NSLENS_A_EVENT_FILENAME]	= { "filename", SHAPE_TEXT },
	[NSLENS_A_EVENT_OLD_COMM]	= { "old-comm", SHAPE_TEXT },
	[NSLENS_A_EVENT_OLD_PIDS]	= { "old-pids", SHAPE_PIDS },
	[NSLENS_A_EVENT_EXIT_CODE]	= { "exit-code", SHAPE_U32 },
	[NSLENS_A_EVENT_SIGNAL]		= { "signal", SHAPE_U32 },
	[NSLENS_A_EVENT_HOW]		= { "how", SHAPE_HOW },
	[NSLENS_A_EVENT_CHANGED]	= { "changed", SHAPE_TYPES },
	[NSLENS_A_EVENT_OLD_NS]		= { "old-ns", SHAPE_INOS },
	[NSLENS_A_EVENT_OLD_NS_IDS]	= { "old-ns-ids", SHAPE_IDS },
	[NSLENS_A_EVENT_NS_TYPE]	= { "ns-type", SHAPE_TYPE },
	[NSLENS_A_EVENT_NS_INO]		= { "ns-ino", SHAPE_U32 },
	[NSLENS_A_EVENT_NS_ID]		= { "ns-id", SHAPE_U64 },
	[NSLENS_A_EVENT_LIFETIME]	= { "lifetime", SHAPE_U64 },
	[NSLENS_A_EVENT_LOST_RING]	= { "lost-ring", SHAPE_U64 },
	[NSLENS_A_EVENT_LOST_QUEUE]	= { "lost-queue", SHAPE_U64 },
	[NSLENS_A_EVENT_FIRST]		= { "first", SHAPE_U64 },
};

/* What needs no escaping. */
static void put_word(struct out *out, const char *word)
{
	out_char(out, '"');
	out_text(out, word);
	out_char(out, '"');
}

static void put_name(struct out *out, const char * const *names, __u32 nr,
		     __u32 value)
{
	if (value < nr)
		put_word(out, names[value]);
	else
		out_number(out, value);
}

static void put_bits(struct out *out, const char * const *names, int nr,
		     __u32 bits)
{
	const char *before = "";

	out_char(out, '[');
	for (int i = 0; i < nr; i++) {
		if (!(bits & 1U << i))
			continue;
		out_text(out, before);
		put_word(out, names[i]);
		before = ",";
	}
	out_char(out, ']');
}

static void put_types(struct out *out, __u32 bits)
{
	const char *names[NR_TASK_NS];

	for (int i = 0; i < NR_TASK_NS; i++)
		names[i] = ns_types[i].file;
	put_bits(out, names, NR_TASK_NS, bits);
}

static void put_pids(struct out *out, const struct nslens_array *pids)
{
	out_char(out, '[');
	for (unsigned int i = 0; i < pids->nr; i++) {
		if (i)
			out_char(out, ',');
		out_number(out, pids->at[i]);
	}
	out_char(out, ']');
}

/* An object: by type, the numbers that there are. */
static void put_by_type(struct out *out, const struct nslens_array *inos,
			const struct nslens_ids *ids)
{
	const char *before = "\"";

	out_char(out, '{');
	for (unsigned int i = 0; i < NR_TASK_NS; i++) {
		__u64 number = ids ? nslens_id_at(ids, i) :
			       i < inos->nr ? inos->at[i] : 0;

		if (!number)
			continue;
		out_text(out, before);
		out_text(out, ns_types[i].file);
		out_text(out, "\":");
		out_number(out, number);
		before = ",\"";
	}
	out_char(out, '}');
}

static void put_array(struct out *out, const struct nslens_event *event,
		      int attr, enum shape shape)
{
	struct nslens_array numbers = nslens_event_array(event, attr);
	struct nslens_ids ids = nslens_event_ids(event, attr);

	if (shape == SHAPE_PIDS)
		put_pids(out, &numbers);
	else
		put_by_type(out, &numbers, shape == SHAPE_IDS ? &ids : NULL);
}

static void put_type(struct out *out, __u32 type)
{
	if (type < NR_NS_TYPES)
		put_word(out, ns_types[type].name);
	else
		out_number(out, type);
}

static void put_value(struct out *out, const struct nslens_event *event,
		      int attr)
{
	enum shape shape = attributes[attr].shape;
	__u32 number = nslens_event_u32(event, attr);

	switch (shape) {
	case SHAPE_NONE:
	case SHAPE_U32:
		return out_number(out, number);
	case SHAPE_U64:
		return out_number(out, nslens_event_u64(event, attr));
	case SHAPE_TEXT:
		return out_json(out, nslens_event_text(event, attr));
	case SHAPE_PIDS:
	case SHAPE_INOS:
	case SHAPE_IDS:
		return put_array(out, event, attr, shape);
	case SHAPE_KIND:
		return put_name(out, event_kind_names, NR_EVENT_KINDS, number);
	case SHAPE_HOW:
		return put_name(out, switch_how_names, NR_SWITCH_HOWS, number);
	case SHAPE_FLAGS:
		return put_bits(out, event_flag_names, NR_EVENT_FLAGS, number);
	case SHAPE_TYPE:
		return put_type(out, number);
	case SHAPE_TYPES:
		return put_types(out, number);
	}
}

static void json_event(struct trace *trace, const struct nslens_event *event)
{
	struct out *out = &trace->out;
	const char *before = "{\"";

	for (int attr = 0; attr <= NSLENS_A_EVENT_MAX; attr++) {
		if (!attributes[attr].key || !nslens_event_has(event, attr))
			continue;
		out_text(out, before);
		out_text(out, attributes[attr].key);
		out_text(out, "\":");
		put_value(out, event, attr);
		before = ",\"";
	}
	out_text(out, "}\n");
}

const struct trace_style trace_json = {
	.event = json_event,
};
