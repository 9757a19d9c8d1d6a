// SPDX-License-Identifier: GPL-2.0
/* No events, but how many there were of which kind and by whom. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "options.h"
#include "table.h"
#include "trace.h"

#define COMM_SIZE	16

#define DEFAULTS \
	"PERCENT,EVENTS,FORK,EXEC,EXIT,SWITCH,CREATE,DESTROY,EXISTS,COMMAND"

/**
 * struct row - events of one command name
 * @comm: the name; "" for what nobody does, and of a row that is not used
 * @all: how many
 * @kinds: how many of each kind
 * @of: how many there are in all
 */
struct row {
	char comm[COMM_SIZE];
	__u64 all;
	__u64 kinds[NR_EVENT_KINDS];
	__u64 of;
};

/**
 * struct counts - a hash table of rows
 * @rows: the rows
 * @mask: how many there is room for, less one; a power of two, less one
 * @nr: how many are used
 * @failed: there was no memory
 */
struct counts {
	struct row *rows;
	size_t mask;
	size_t nr;
	bool failed;
};

static size_t hash(const char comm[COMM_SIZE])
{
	__u64 half[2];

	memcpy(half, comm, sizeof(half));
	half[0] = (half[0] ^ half[1] * 0x9e3779b97f4a7c15ULL) *
		  0x9e3779b97f4a7c15ULL;
	return half[0] >> 32;
}

static struct row *find(const struct counts *counts, const char comm[COMM_SIZE])
{
	size_t i = hash(comm);

	for (;; i++) {
		struct row *row = &counts->rows[i & counts->mask];

		if (!row->all || !memcmp(row->comm, comm, COMM_SIZE))
			return row;
	}
}

/* Always less than half full. */
static int grow(struct counts *counts)
{
	size_t room = counts->rows ? 2 * (counts->mask + 1) : 64;
	struct counts grown = {
		.rows = calloc(room, sizeof(*grown.rows)),
		.mask = room - 1,
		.nr = counts->nr,
	};

	if (!grown.rows)
		return -ENOMEM;
	for (size_t i = 0; counts->rows && i <= counts->mask; i++)
		if (counts->rows[i].all)
			*find(&grown, counts->rows[i].comm) = counts->rows[i];
	free(counts->rows);
	*counts = grown;
	return 0;
}

static void summary_begin(struct trace *trace)
{
	trace->counts = calloc(1, sizeof(*trace->counts));
	if (!trace->counts || grow(trace->counts)) {
		complain("%s", strerror(ENOMEM));
		trace->failed = true;
		trace->over = true;
	}
}

static void summary_event(struct trace *trace, const struct nslens_event *event)
{
	const __u32 kind = nslens_event_u32(event, NSLENS_A_EVENT_KIND);
	const unsigned int len = nslens_event_len(event, NSLENS_A_EVENT_COMM);
	struct counts *counts = trace->counts;
	char comm[COMM_SIZE] = "";
	struct row *row;

	if (kind == NSLENS_EVENT_KIND_LOST)
		return;
	if (len)
		memcpy(comm, nslens_event_at(event, NSLENS_A_EVENT_COMM),
		       len < COMM_SIZE ? len : COMM_SIZE - 1);
	row = find(counts, comm);
	if (!row->all) {
		if (2 * counts->nr > counts->mask && grow(counts)) {
			counts->failed = true;
			return;
		}
		row = find(counts, comm);
		memcpy(row->comm, comm, COMM_SIZE);
		counts->nr++;
	}
	row->kinds[kind]++;
	row->all++;
}

static void fill_percent(struct cell *cell, const struct column *column,
			 const void *record)
{
	const struct row *row = record;
	__u64 tenths = row->of ? (row->all * 1000 + row->of / 2) / row->of : 0;

	(void)column;
	cell_number(cell, tenths / 10);
	cell_text(cell, ".");
	cell_number(cell, tenths % 10);
}

static void fill_count(struct cell *cell, const struct column *column,
		       const void *record)
{
	cell_number(cell, *(const __u64 *)((const char *)record +
					   column->index));
}

static void fill_comm(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct row *row = record;

	(void)column;
	if (row->comm[0])
		cell_text(cell, row->comm);
}

#define KIND(name, kind, help)						\
	{ name, true, COLUMN_NUMBER, help, fill_count, 0,		\
	  (int)(offsetof(struct row, kinds) +				\
		NSLENS_EVENT_KIND_##kind * sizeof(__u64)) }

static const struct column columns[] = {
	{ "PERCENT", true, COLUMN_NUMBER, "of all events", fill_percent, 0, 0 },
	{ "EVENTS", true, COLUMN_NUMBER, "of any kind", fill_count, 0,
	  offsetof(struct row, all) },
	KIND("FORK", FORK, "tasks made"),
	KIND("EXEC", EXEC, "programs executed"),
	KIND("EXIT", EXIT, "tasks that ended"),
	KIND("SWITCH", SWITCH, "changes of namespaces"),
	KIND("CREATE", NS_CREATE, "namespaces made"),
	KIND("DESTROY", NS_DESTROY, "namespaces destroyed"),
	KIND("EXISTS", EXISTS, "tasks that were there before"),
	{ "COMMAND", false, COLUMN_TEXT, "command name", fill_comm, 0, 0 },
	{ NULL }
};

/* Most events first; then by name. */
static int compare(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->all != other->all)
		return one->all < other->all ? 1 : -1;
	return memcmp(one->comm, other->comm, COMM_SIZE);
}

static struct row sum_up(const struct counts *counts)
{
	struct row sum = { .comm = "total" };

	for (size_t i = 0; i <= counts->mask; i++) {
		sum.all += counts->rows[i].all;
		for (int kind = 0; kind < NR_EVENT_KINDS; kind++)
			sum.kinds[kind] += counts->rows[i].kinds[kind];
	}
	sum.of = sum.all;
	return sum;
}

static void print(const struct trace *trace, struct row *rows, size_t nr)
{
	struct table table = {
		.columns = columns,
		.mode = trace->json ? TABLE_JSON : TABLE_PLAIN,
		.no_headings = !trace->headings,
	};
	struct row sum = sum_up(trace->counts);

	if (table_choose(&table, DEFAULTS))
		return;
	table_begin(&table, "summary");
	for (size_t i = 0; i < nr && rows[i].all; i++) {
		rows[i].of = sum.all;
		table_add(&table, &rows[i]);
	}
	/* A program adds by itself. */
	if (!trace->json)
		table_add(&table, &sum);
	table_end(&table);
}

static void summary_end(struct trace *trace)
{
	struct counts *counts = trace->counts;

	if (!counts || !counts->rows)
		return;
	if (counts->failed) {
		complain("%s: some commands are not counted", strerror(ENOMEM));
		trace->failed = true;
	}
	/* Tables go to standard output; our command has its own. */
	if (trace->out.fd != STDOUT_FILENO)
		dup2(trace->out.fd, STDOUT_FILENO);
	qsort(counts->rows, counts->mask + 1, sizeof(*counts->rows), compare);
	print(trace, counts->rows, counts->mask + 1);
	free(counts->rows);
	free(counts);
	trace->counts = NULL;
}

const struct trace_style trace_summary = {
	.fields = NSLENS_EVENT_FIELD_COMM,
	.begin = summary_begin,
	.event = summary_event,
	.end = summary_end,
};
