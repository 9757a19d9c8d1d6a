/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of a table share; nobody else includes this. */
#ifndef NSLENS_TABLE_PARTS_H
#define NSLENS_TABLE_PARTS_H

#include "table.h"

/**
 * struct table_line - a line of a table
 * @at: where in table.text its cells start
 * @node: the object in JSON
 * @key: names it in a tree, and is what lines are sorted by
 * @parent: names what it hangs on
 * @up: index of that line, -1 for a root
 * @down: index of the first line that hangs on it, or -1
 * @next: index of the next line that hangs on the same one, or -1
 * @depth: how far it is from a root
 */
struct table_line {
	size_t at;
	struct json_object *node;
	__u32 key;
	__u32 parent;
	int up;
	int down;
	int next;
	int depth;
};

/* A cell's text and its NUL; large, since a command line can be long. */
#define CELL_SIZE	8192

struct cell *table_fill(const struct table *table, const struct column *column,
			const void *record);
void *table_grow(void *array, size_t *room, size_t nr, size_t size);

void table_sort(struct table *table);
int table_link(struct table *table);
int table_next(const struct table *table, int line);

int table_text_add(struct table *table, const void *record);
int table_text_end(struct table *table);

void table_json_begin(struct table *table, const char *name);
void table_json_add(struct table *table, struct table_line *line,
		    const void *record);
void table_json_fact(struct table *table, const struct column *column,
		     const void *record);
void table_json_end(struct table *table);

#endif
