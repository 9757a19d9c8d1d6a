// SPDX-License-Identifier: GPL-2.0
/* The text files of the module: a header, and a line each. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proc.h"
#include "table.h"

/* Find lines and columns in table->text. */
int table_take_apart(struct table *table)
{
	char *rest = table->text, *line, *column;

	table->n_columns = 0;
	table->n_rows = 0;
	line = strsep(&rest, "\n");
	while (line && table->n_columns < MAX_COLUMNS &&
	       (column = strsep(&line, " ")))
		table->columns[table->n_columns++] = column;
	while ((line = strsep(&rest, "\n"))) {
		if (!rest)
			return *line ? -EPROTO : 0;
		if (table->n_rows == MAX_ROWS)
			return -E2BIG;
		table->rows[table->n_rows++] = line;
	}
	return -EPROTO;
}

int table_read(struct table *table, const char *path)
{
	int n = read_file(path, table->text, sizeof(table->text));

	return n < 0 ? n : table_take_apart(table);
}

/* Copies a cell; -ENOENT if there is no such column. */
int table_row_cell(const struct table *table, unsigned int row,
		   const char *column, char *value, size_t size)
{
	const char *at = table->rows[row];
	unsigned int i;

	for (i = 0; i < table->n_columns && at; i++) {
		int last = i == table->n_columns - 1;
		size_t length = last ? strlen(at) : strcspn(at, " ");

		if (!strcmp(table->columns[i], column)) {
			snprintf(value, size, "%.*s", (int)length, at);
			return 0;
		}
		at = at[length] ? at + length + 1 : NULL;
	}
	return -ENOENT;
}

/* The same in the first row that has @key in @key_column. */
int table_cell(const struct table *table, const char *key_column,
	       const char *key, const char *column, char *value, size_t size)
{
	char found[64];
	unsigned int row;

	for (row = 0; row < table->n_rows; row++)
		if (!table_row_cell(table, row, key_column, found,
				    sizeof(found)) &&
		    !strcmp(found, key))
			return table_row_cell(table, row, column, value, size);
	return -ENOENT;
}
