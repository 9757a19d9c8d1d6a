// SPDX-License-Identifier: GPL-2.0
/* What nslens status says of tracing: sessions, and the module's parameters. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-out.h"
#include "netlink-trace.h"
#include "nstype.h"
#include "options.h"
#include "status.h"
#include "table.h"
#include "trace.h"

#define PARAMETERS	"/sys/module/nslens/parameters"
#define DEFAULTS	"ID,FRONT,OWNER,EVENTS,TARGETS,DELIVERED,LOST"

static void fill_u32(struct cell *cell, const struct column *column,
		     const void *record)
{
	__u32 number = *(const __u32 *)((const char *)record + column->index);

	if (number)
		cell_number(cell, number);
}

static void fill_u64(struct cell *cell, const struct column *column,
		     const void *record)
{
	cell_number(cell, *(const __u64 *)((const char *)record +
					   column->index));
}

static void fill_front(struct cell *cell, const struct column *column,
		       const void *record)
{
	const struct nslens_session *session = record;

	(void)column;
	if (session->front < NR_TRACE_FRONTS)
		cell_text(cell, trace_front_names[session->front]);
}

/* "all" but for exists, which is told only once. */
static void fill_events(struct cell *cell, const struct column *column,
			const void *record)
{
	const struct nslens_session *session = record;
	__u32 all = NSLENS_EVENT_MASK_EXISTS - 1;

	(void)column;
	if ((session->events & all) == all) {
		cell_add_text(cell, "all");
		return;
	}
	for (int kind = 0; kind < NSLENS_EVENT_KIND_LOST; kind++)
		if (session->events & 1U << kind)
			cell_add_text(cell, event_kind_names[kind]);
}

static void add_target(struct cell *cell, const struct nslens_target *target)
{
	char text[64];

	switch (target->kind) {
	case NSLENS_TARGET_PID:
		snprintf(text, sizeof(text), "%u%s", target->pid,
			 target->follow ? "+" : "");
		return cell_add_text(cell, text);
	case NSLENS_TARGET_NS:
		snprintf(text, sizeof(text), "%s:[%u]",
			 target->ns.type < NR_NS_TYPES ?
			 ns_types[target->ns.type].name : "?",
			 target->ns.value);
		return cell_add_text(cell, text);
	case NSLENS_TARGET_CGROUP:
		return cell_add_text(cell, target->cgroup);
	case NSLENS_TARGET_ALL:
		return cell_add_text(cell, "all");
	}
}

static void fill_targets(struct cell *cell, const struct column *column,
			 const void *record)
{
	const struct nslens_session *session = record;
	struct nslens_targets targets = session->targets;
	struct nslens_target target;

	(void)column;
	while (nslens_target_next(&targets, &target))
		add_target(cell, &target);
}

static void fill_lost(struct cell *cell, const struct column *column,
		      const void *record)
{
	const struct nslens_session *session = record;

	(void)column;
	cell_number(cell, session->lost_ring + session->lost_queue);
}

#define MEMBER(name)	((int)offsetof(struct nslens_session, name))

static const struct column columns[] = {
	{ "ID", true, COLUMN_NUMBER, "number of the session", fill_u32, 0,
	  MEMBER(id) },
	{ "FRONT", false, COLUMN_TEXT, "how it is read", fill_front, 0, 0 },
	{ "OWNER", true, COLUMN_NUMBER, "PID here of who opened it", fill_u32,
	  0, MEMBER(owner) },
	{ "EVENTS", false, COLUMN_TEXTS, "kinds that it is told", fill_events,
	  0, 0 },
	{ "TARGETS", false, COLUMN_TEXTS, "what it traces", fill_targets, 0, 0 },
	{ "DELIVERED", true, COLUMN_NUMBER, "events that it was given",
	  fill_u64, 0, MEMBER(delivered) },
	{ "LOST", true, COLUMN_NUMBER, "events that it was not given",
	  fill_lost, 0, 0 },
	{ NULL }
};

static int add_session(const struct nslens_session *session, void *arg)
{
	return table_add(arg, session);
}

static int is_parameter(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_parameter(const char *name, char *value, int size)
{
	char path[sizeof(PARAMETERS) + NAME_MAX + 2];

	snprintf(path, sizeof(path), PARAMETERS "/%s", name);
	value[0] = '\0';
	read_line(path, value, size);
}

typedef void (*parameter_fn)(const char *name, const char *value, void *arg);

/* Whatever parameters there are, by name. */
static void each_parameter(parameter_fn fn, void *arg)
{
	struct dirent **entries;
	int nr = scandir(PARAMETERS, &entries, is_parameter, alphasort);
	char value[64];

	for (int i = 0; i < nr; i++) {
		read_parameter(entries[i]->d_name, value, sizeof(value));
		fn(entries[i]->d_name, value, arg);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

static void print_parameter(const char *name, const char *value, void *arg)
{
	const char **before = arg;

	printf("%s%s %s", *before, name, value);
	*before = ", ";
}

static void add_parameter(const char *name, const char *value, void *arg)
{
	json_object_object_add(arg, name, json_text(value));
}

static int dump(struct nslens_conn *conn, struct table *table)
{
	int err = nslens_trace_dump(conn, add_session, table);

	if (err)
		complain("listing sessions: %s", conn->error);
	return err;
}

/**
 * sessions_print() - print the parameters, and the sessions if there are any
 * @conn: to ask the module
 */
void sessions_print(struct nslens_conn *conn)
{
	struct table table = { .columns = columns };
	const char *before = "parameters  ";

	each_parameter(print_parameter, &before);
	if (before[0] == ',')
		putchar('\n');
	if (table_choose(&table, DEFAULTS) || dump(conn, &table))
		return;
	printf("sessions    %zu\n", table.nr_lines);
	if (!table.nr_lines)
		return;
	putchar('\n');
	table_end(&table);
}

/**
 * sessions_json() - add the same to a JSON object, print it and free it
 * @conn: to ask the module
 * @all: the object
 */
void sessions_json(struct nslens_conn *conn, struct json_object *all)
{
	struct table table = {
		.columns = columns, .mode = TABLE_JSON, .json = all,
	};
	struct json_object *parameters = json_object_new_object();

	each_parameter(add_parameter, parameters);
	json_object_object_add(all, "parameters", parameters);
	table_begin(&table, "sessions");
	if (!table_choose(&table, DEFAULTS))
		dump(conn, &table);
	table_end(&table);
}
