// SPDX-License-Identifier: GPL-2.0
/* Tables as JSON, by json-c. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "json-out.h"
#include "table-parts.h"

/**
 * utf8_length() - how long a character is
 * @at: text with a NUL at its end
 *
 * Return: how many bytes the UTF-8 character at @at has, 0 if it is none.
 */
int utf8_length(const unsigned char *at)
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

/**
 * table_json_begin() - start the array of records
 * @table: in TABLE_JSON; if it has an object already, the array is put there
 * @name: its key
 */
void table_json_begin(struct table *table, const char *name)
{
	if (!table->json)
		table->json = json_object_new_object();
	table->rows = json_object_new_array();
	json_object_object_add(table->json, name, table->rows);
}

/**
 * table_json_add() - turn a record into an object
 * @table: in TABLE_JSON
 * @line: of the record, gets the object
 * @record: the record
 */
void table_json_add(struct table *table, struct table_line *line,
		    const void *record)
{
	struct json_object *row = json_object_new_object();

	for (int i = 0; i < table->nr; i++) {
		const struct column *column = table->chosen[i];
		struct cell *cell = table_fill(table, column, record);
		char key[32];

		json_object_object_add(row, lower_case(key, column->name,
						       sizeof(key)),
				       cell_to_json(column->kind, cell));
	}
	line->node = row;
}

/**
 * table_json_fact() - say something beside the array of records
 * @table: in TABLE_JSON
 * @column: what; nothing is said if it is empty
 * @record: of what
 */
void table_json_fact(struct table *table, const struct column *column,
		     const void *record)
{
	struct cell *cell = table_fill(table, column, record);
	char key[32];

	if (cell->empty)
		return;
	json_object_object_add(table->json,
			       lower_case(key, column->name, sizeof(key)),
			       cell_to_json(column->kind, cell));
}

/* The array that a line belongs in: in a tree, "children" of the parent. */
static struct json_object *siblings(struct table *table,
				    const struct table_line *line)
{
	struct json_object *parent, *list;

	if (line->up < 0)
		return table->rows;
	parent = table->lines[line->up].node;
	if (!json_object_object_get_ex(parent, "children", &list)) {
		list = json_object_new_array();
		json_object_object_add(parent, "children", list);
	}
	return list;
}

/**
 * table_json_end() - print the objects and free them
 * @table: in TABLE_JSON; its lines are linked
 */
void table_json_end(struct table *table)
{
	for (size_t i = 0; i < table->nr_lines; i++)
		json_object_array_add(siblings(table, &table->lines[i]),
				      table->lines[i].node);
	json_print(table->json);
}
