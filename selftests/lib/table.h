/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_TABLE_H
#define _SELFTESTS_TABLE_H

#include <stddef.h>

#define MAX_TEXT	1048576
#define MAX_COLUMNS	32
#define MAX_ROWS	2048

/**
 * struct table - a text in columns, of which the last is the rest of the line
 * @text: the text, which the others point into
 */
struct table {
	char text[MAX_TEXT];
	char *columns[MAX_COLUMNS];
	unsigned int n_columns;
	char *rows[MAX_ROWS];
	unsigned int n_rows;
};

int table_take_apart(struct table *table);
int table_read(struct table *table, const char *path);
int table_row_cell(const struct table *table, unsigned int row,
		   const char *column, char *value, size_t size);
int table_cell(const struct table *table, const char *key_column,
	       const char *key, const char *column, char *value, size_t size);

#endif
