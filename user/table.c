// SPDX-License-Identifier: GPL-2.0
/* Tables: what a verb lists, as text or as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nslens.h"
#include "table-parts.h"

const struct opt table_opts[] = {
	{ "json", 'J', NULL, "print JSON" },
	{ "noheadings", 'n', NULL, "print no headings" },
	{ "output", 'o', "LIST",
	  "print these columns, separated by commas;\n"
	  "+LIST adds them to the default ones; given twice,\n"
	  "the last counts, as with lsns" },
	{ "raw", 'r', NULL, "print columns separated by one space" },
	COLOR_OPTION,
	{ "list-columns", OPT_LIST_COLUMNS, NULL, "list the columns" },
	{ NULL }
};

static void set_mode(struct table *table, enum table_mode mode)
{
	if (table->mode != TABLE_PLAIN && table->mode != mode) {
		complain("--json and --raw exclude each other");
		exit(EXIT_OWN);
	}
	table->mode = mode;
}

/**
 * table_option() - handle one of table_opts
 * @table: is set up accordingly; @table->columns is set
 * @opt: what opt_next() returned
 * @arg: its argument
 *
 * Return: false if it is none of them.
 */
bool table_option(struct table *table, int opt, const char *arg)
{
	switch (opt) {
	case 'J':
		set_mode(table, TABLE_JSON);
		return true;
	case 'r':
		set_mode(table, TABLE_RAW);
		return true;
	case 'n':
		table->no_headings = true;
		return true;
	case 'o':
		table->list = arg;
		return true;
	case OPT_LIST_COLUMNS:
		table_list_columns(stdout, table->columns);
		exit(opt_finish(EXIT_SUCCESS));
	case OPT_COLOR:
		screen_color_option(arg);
		return true;
	}
	return false;
}

/**
 * table_list_columns() - print what columns there are
 * @out: where
 * @columns: up to one without a name
 */
void table_list_columns(FILE *out, const struct column *columns)
{
	for (; columns->name; columns++)
		fprintf(out, "%12s  %s\n", columns->name, columns->help);
}

static int choose(struct table *table, const char *name, size_t len)
{
	const struct column *column = table->columns;

	for (; column->name; column++)
		if (strlen(column->name) == len &&
		    !strncasecmp(column->name, name, len))
			break;

	if (!len) {
		complain("-o '%s': a column's name is missing: see --list-columns",
			 table->list ? table->list : name);
		return -EINVAL;
	}
	if (!column->name) {
		complain("%.*s: no such column: see --list-columns", (int)len,
			 name);
		return -EINVAL;
	}
	/* What is added to the default ones may be among them. */
	for (int i = 0; table->list && table->list[0] == '+' && i < table->nr;
	     i++)
		if (table->chosen[i] == column)
			return 0;
	if (table->nr == MAX_COLUMNS) {
		complain("more than %d columns", MAX_COLUMNS);
		return -E2BIG;
	}
	table->chosen[table->nr++] = column;
	return 0;
}

static int choose_list(struct table *table, const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		int err = choose(table, list, len);

		if (err || !list[len])
			return err;
		list += len + 1;
	}
}

/**
 * table_choose() - settle the columns
 * @table: its list was set by options
 * @defaults: the columns if nothing else is asked for, separated by commas
 *
 * Return: 0, or a negative errno after a complaint.
 */
int table_choose(struct table *table, const char *defaults)
{
	const char *list = table->list;
	int err = 0;

	if (!list || list[0] == '+')
		err = choose_list(table, defaults);
	if (!err && list)
		err = choose_list(table, list + (list[0] == '+'));
	return err;
}

/**
 * table_needs() - what records must hold for the chosen columns
 * @table: after table_choose()
 *
 * Return: all their needs.
 */
__u32 table_needs(const struct table *table)
{
	__u32 needs = 0;

	for (int i = 0; i < table->nr; i++)
		needs |= table->chosen[i]->needs;
	return needs;
}

/**
 * table_begin() - start a table
 * @table: after table_choose()
 * @name: key of the array in JSON
 */
void table_begin(struct table *table, const char *name)
{
	if (table->mode == TABLE_JSON)
		table_json_begin(table, name);
}

/**
 * table_fill() - what a column says of a record
 * @table: the table
 * @column: the column
 * @record: the record
 *
 * Return: a cell that is good until the next call.
 */
struct cell *table_fill(const struct table *table, const struct column *column,
			const void *record)
{
	static char text[CELL_SIZE];
	static struct cell cell = { .text = text, .size = sizeof(text) };

	cell.empty = true;
	cell.len = 0;
	text[0] = '\0';
	/* A list's separator: no name in a list has a newline in it. */
	cell.separator = table->mode == TABLE_JSON ? '\n' : ',';
	column->fill(&cell, column, record);
	return &cell;
}

/**
 * table_grow() - make room for one more in an array
 * @array: the array
 * @room: how many there is room for
 * @nr: how many there shall be room for
 * @size: of each
 *
 * Return: the array, or NULL without memory, when @array is still good.
 */
void *table_grow(void *array, size_t *room, size_t nr, size_t size)
{
	size_t more = 2 * nr + 64;
	void *grown = array;

	if (nr > *room) {
		grown = realloc(array, more * size);
		if (grown)
			*room = more;
	}
	return grown;
}

static struct table_line *add_line(struct table *table, __u32 key,
				   __u32 parent)
{
	struct table_line *line = table_grow(table->lines, &table->room,
					     table->nr_lines + 1,
					     sizeof(*line));

	if (!line)
		return NULL;
	table->lines = line;
	line += table->nr_lines;
	*line = (struct table_line){
		.at = table->used, .key = key, .parent = parent,
		.up = -1, .down = -1, .next = -1,
	};
	return line;
}

/**
 * table_add_node() - add a line of a tree
 * @table: after table_begin()
 * @record: what the columns are filled from; need not stay
 * @key: names the line
 * @parent: key of the line that it hangs on; if there is none, it is a root
 *
 * Return: 0 or a negative errno.
 */
int table_add_node(struct table *table, const void *record, __u32 key,
		   __u32 parent)
{
	struct table_line *line = NULL;

	/* Lines of text that follow each other need no list of them. */
	if (table->tree || table->sorted || table->mode == TABLE_JSON) {
		line = add_line(table, key, parent);
		if (!line)
			return -ENOMEM;
	}
	table->nr_lines++;
	if (table->mode != TABLE_JSON)
		return table_text_add(table, record);
	table_json_add(table, line, record);
	return 0;
}

/**
 * table_add() - add a line
 * @table: after table_begin()
 * @record: what the columns are filled from; need not stay
 *
 * Return: 0 or a negative errno.
 */
int table_add(struct table *table, const void *record)
{
	return table_add_node(table, record, 0, 0);
}

/**
 * table_text() - what a column says of a record, outside of a table
 * @column: the column
 * @record: the record
 *
 * Return: text that is good until the next call; "" if it says nothing.
 */
const char *table_text(const struct column *column, const void *record)
{
	static const struct table plain;

	return table_fill(&plain, column, record)->text;
}

/**
 * table_fact() - say something above a table
 * @table: the table
 * @column: what; nothing is said if it is empty
 * @record: of what
 */
void table_fact(struct table *table, const struct column *column,
		const void *record)
{
	const struct cell *cell;

	if (table->mode == TABLE_JSON) {
		table_json_fact(table, column, record);
		return;
	}
	cell = table_fill(table, column, record);
	if (!cell->empty)
		printf("%10s  %s\n", column->name, cell->text);
}

/**
 * table_end() - print the table and free it
 * @table: after table_begin()
 *
 * Return: 0, or a negative errno after a complaint.
 */
int table_end(struct table *table)
{
	int err = 0;

	if (table->sorted)
		table_sort(table);
	if (table->tree)
		err = table_link(table);

	if (!err && table->mode == TABLE_JSON)
		table_json_end(table);
	else if (!err)
		err = table_text_end(table);
	if (err)
		complain("printing a table: %s", strerror(-err));
	free(table->lines);
	free(table->text);
	return err;
}
