// SPDX-License-Identifier: GPL-2.0
/* Tables: what a verb lists, by libsmartcols, or as JSON by json-c. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libsmartcols.h>

#include "json-out.h"
#include "nslens.h"
#include "table.h"

const struct opt table_opts[] = {
	{ "json", 'J', NULL, "print JSON" },
	{ "noheadings", 'n', NULL, "print no headings" },
	{ "output", 'o', "LIST",
	  "print these columns, separated by commas;\n"
	  "+LIST adds them to the default ones" },
	{ "raw", 'r', NULL, "print columns separated by one space" },
	{ "list-columns", OPT_LIST_COLUMNS, NULL, "list the columns" },
	{ NULL }
};

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
		table->mode = TABLE_JSON;
		return true;
	case 'r':
		table->mode = TABLE_RAW;
		return true;
	case 'n':
		table->no_headings = true;
		return true;
	case 'o':
		table->list = arg;
		return true;
	case OPT_LIST_COLUMNS:
		table_list_columns(stdout, table->columns);
		exit(EXIT_SUCCESS);
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

	if (!column->name) {
		complain("%.*s: no such column: see --list-columns", (int)len,
			 name);
		return -EINVAL;
	}
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

static int begin_plain(struct table *table)
{
	setlocale(LC_CTYPE, "");
	table->scols = scols_new_table();
	if (!table->scols)
		return -ENOMEM;

	scols_table_enable_raw(table->scols, table->mode == TABLE_RAW);
	scols_table_enable_noheadings(table->scols, table->no_headings);
	for (int i = 0; i < table->nr; i++) {
		const struct column *column = table->chosen[i];

		if (!scols_table_new_column(table->scols, column->name,
					    column->width, column->right ?
					    SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	}
	return 0;
}

/**
 * table_begin() - start a table
 * @table: after table_choose()
 * @name: key of the array in JSON
 *
 * Return: 0, or a negative errno after a complaint.
 */
int table_begin(struct table *table, const char *name)
{
	int err = 0;

	if (table->mode != TABLE_JSON) {
		err = begin_plain(table);
	} else {
		table->json = json_object_new_object();
		table->rows = json_object_new_array();
		json_object_object_add(table->json, name, table->rows);
	}
	if (err)
		complain("making a table: %s", strerror(-err));
	return err;
}

/* How many bytes the UTF-8 character at @at has, 0 if it is none. */
static int utf8_length(const unsigned char *at)
{
	/* The second byte's range keeps out what is too long or no character. */
	int low = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80;
	int high = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf;
	int len = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (*at < 0x80)
		return 1;
	if (*at < 0xc2 || *at > 0xf4 || at[1] < low || at[1] > high)
		return 0;
	for (int i = 2; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/**
 * text_to_utf8() - make text fit for JSON
 * @text: what is not UTF-8 in it becomes '?'; a command name can be any bytes
 */
void text_to_utf8(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; ) {
		int len = utf8_length(at);

		if (!len)
			*at = '?';
		at += len ? len : 1;
	}
}

static void fill(struct cell *cell, const struct table *table,
		 const struct column *column, const void *record)
{
	cell->empty = true;
	cell->len = 0;
	cell->text[0] = '\0';
	/* A list's separator: no name in a list has a newline in it. */
	cell->separator = table->mode == TABLE_JSON ? '\n' : ',';
	column->fill(cell, column, record);
}

static struct json_object *value_to_json(enum column_kind kind, char *text)
{
	if (kind == COLUMN_NUMBER || kind == COLUMN_NUMBERS)
		return strchr(text, '.') ?
		       json_object_new_double_s(strtod(text, NULL), text) :
		       json_object_new_int64(strtoll(text, NULL, 10));
	text_to_utf8(text);
	return json_object_new_string(text);
}

static struct json_object *cell_to_json(enum column_kind kind,
					struct cell *cell)
{
	struct json_object *list;
	char *text = cell->text;

	if (kind != COLUMN_NUMBERS && kind != COLUMN_TEXTS)
		return cell->empty ? NULL : value_to_json(kind, text);

	list = json_object_new_array();
	while (!cell->empty && text) {
		char *value = strsep(&text, "\n");

		json_object_array_add(list, value_to_json(kind, value));
	}
	return list;
}

static char *lower_case(char *lower, const char *name, size_t size)
{
	size_t i;

	for (i = 0; name[i] && i < size - 1; i++)
		lower[i] = (char)tolower(name[i]);
	lower[i] = '\0';
	return lower;
}

static void add_json(struct table *table, const void *record)
{
	struct json_object *row = json_object_new_object();

	for (int i = 0; i < table->nr; i++) {
		const struct column *column = table->chosen[i];
		struct cell cell;
		char key[32];

		fill(&cell, table, column, record);
		json_object_object_add(row, lower_case(key, column->name,
						       sizeof(key)),
				       cell_to_json(column->kind, &cell));
	}
	json_object_array_add(table->rows, row);
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
	struct libscols_line *line;
	int err = 0;

	if (table->mode == TABLE_JSON) {
		add_json(table, record);
		return 0;
	}

	line = scols_table_new_line(table->scols, NULL);
	if (!line)
		return -ENOMEM;
	for (int i = 0; i < table->nr && !err; i++) {
		struct cell cell;

		fill(&cell, table, table->chosen[i], record);
		err = scols_line_set_data(line, (size_t)i,
					  cell.empty ? "-" : cell.text);
	}
	return err;
}

/**
 * table_end() - print the table and free it
 * @table: after table_begin()
 *
 * Return: 0, or a negative errno after a complaint.
 */
int table_end(struct table *table)
{
	int err;

	if (table->mode == TABLE_JSON) {
		json_print(table->json);
		return 0;
	}

	err = scols_print_table(table->scols);
	if (err)
		complain("printing a table: %s", strerror(-err));
	scols_unref_table(table->scols);
	return err;
}

static void append(struct cell *cell, const char *text, size_t len)
{
	if (len > sizeof(cell->text) - 1 - cell->len)
		len = sizeof(cell->text) - 1 - cell->len;
	memcpy(cell->text + cell->len, text, len);
	cell->len += len;
	cell->text[cell->len] = '\0';
}

static void append_number(struct cell *cell, __u64 number)
{
	char digits[20];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	append(cell, digits + start, sizeof(digits) - start);
}

static void separate(struct cell *cell)
{
	if (!cell->empty)
		append(cell, &cell->separator, 1);
	cell->empty = false;
}

/**
 * cell_text() - fill a cell with text
 * @cell: the cell
 * @text: the text
 */
void cell_text(struct cell *cell, const char *text)
{
	append(cell, text, strlen(text));
	cell->empty = false;
}

/**
 * cell_number() - fill a cell with a number
 * @cell: the cell
 * @number: the number
 */
void cell_number(struct cell *cell, __u64 number)
{
	append_number(cell, number);
	cell->empty = false;
}

/**
 * cell_numbers() - fill a cell with a list of numbers
 * @cell: the cell
 * @at: the first
 * @nr: how many
 */
void cell_numbers(struct cell *cell, const __u32 *at, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		separate(cell);
		append_number(cell, at[i]);
	}
}

/**
 * cell_add_text() - add to a list of words in a cell
 * @cell: the cell
 * @text: the word
 */
void cell_add_text(struct cell *cell, const char *text)
{
	separate(cell);
	append(cell, text, strlen(text));
}
