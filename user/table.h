/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_TABLE_H
#define NSLENS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/types.h>

#include "options.h"
#include "screen.h"

struct json_object;
struct column;
struct table_line;

/**
 * struct cell - what one column says of one record
 * @empty: nothing to say: "-", in JSON null or []
 * @separator: between the values of a list
 * @len: how much of @text is used
 * @size: room for it and a NUL; what does not fit is cut off
 * @text: the text
 */
struct cell {
	bool empty;
	char separator;
	size_t len;
	size_t size;
	char *text;
};

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_TEXTS,		/* a list: commas in a table, an array in JSON */
	COLUMN_NUMBERS,
};

/**
 * struct column - a column that a table can have
 * @name: its heading; in lower case its key in JSON
 * @right: aligned to the right
 * @kind: what is in it
 * @help: for --list-columns
 * @fill: fills a cell, that is empty, for a record
 * @needs: what the record must hold for that; the meaning is @fill's
 * @index: for @fill, where several columns share it
 */
struct column {
	const char *name;
	bool right;
	enum column_kind kind;
	const char *help;
	void (*fill)(struct cell *cell, const struct column *column,
		     const void *record);
	__u32 needs;
	int index;
};

enum table_mode { TABLE_PLAIN, TABLE_JSON, TABLE_RAW };

#define MAX_COLUMNS	48

/**
 * struct table - a listing
 * @columns: all columns there are, up to one without a name
 * @mode: how it is printed
 * @no_headings: without the first line
 * @mark: text of cells that stand out in colour, NULL for none
 * @list: what -o said, NULL if nothing
 * @chosen: the columns that are printed
 * @nr: how many
 * @tree: name of the column that shows what hangs on what, NULL for no tree
 * @lines: the lines of a tree, or the objects in JSON
 * @nr_lines: how many lines there are, in any case
 * @room: how many @lines there is room for
 * @text: their cells, one after the other, each with its size before it
 * @used: how much of it is used
 * @size: how much there is
 * @widths: of the columns
 * @json: what is printed instead in TABLE_JSON
 * @rows: the array in it
 */
struct table {
	const struct column *columns;
	enum table_mode mode;
	bool no_headings;
	const char *mark;
	const char *list;
	const struct column *chosen[MAX_COLUMNS];
	int nr;
	const char *tree;
	struct table_line *lines;
	size_t nr_lines;
	size_t room;
	char *text;
	size_t used;
	size_t size;
	int widths[MAX_COLUMNS];
	struct json_object *json;
	struct json_object *rows;
};

/* Values of the options below. */
enum { OPT_LIST_COLUMNS = OPT_TABLE };

/* The options that table_option() takes care of. */
extern const struct opt table_opts[];

bool table_option(struct table *table, int opt, const char *arg);
int table_choose(struct table *table, const char *defaults);
__u32 table_needs(const struct table *table);
void table_begin(struct table *table, const char *name);
int table_add(struct table *table, const void *record);
int table_add_node(struct table *table, const void *record, __u32 key,
		   __u32 parent);
int table_end(struct table *table);
void table_fact(struct table *table, const struct column *column,
		const void *record);
const char *table_text(const struct column *column, const void *record);
void table_list_columns(FILE *out, const struct column *columns);

int utf8_length(const unsigned char *at);
void text_to_utf8(char *text);
void cell_text(struct cell *cell, const char *text);
void cell_number(struct cell *cell, __u64 number);
void cell_numbers(struct cell *cell, const __u32 *at, unsigned int nr);
void cell_add_text(struct cell *cell, const char *text);

#endif
