// SPDX-License-Identifier: GPL-2.0
/* The lines of a table in an order, or as a tree. */
#include <errno.h>
#include <stdlib.h>

#include "table-parts.h"

struct by_key {
	__u32 key;
	int line;
};

static int compare(const void *a, const void *b)
{
	const struct by_key *left = a, *right = b;

	return left->key < right->key ? -1 : left->key > right->key;
}

/* A line is not to hang on itself, whatever came and went meanwhile. */
static bool is_below(const struct table *table, int line, int top)
{
	for (; line >= 0; line = table->lines[line].up)
		if (line == top)
			return true;
	return false;
}

static void find_parents(struct table *table, const struct by_key *index)
{
	for (size_t i = 0; i < table->nr_lines; i++) {
		struct table_line *line = &table->lines[i];
		const struct by_key want = { .key = line->parent };
		const struct by_key *found;

		if (!line->parent)
			continue;
		found = bsearch(&want, index, table->nr_lines, sizeof(want),
				compare);
		if (found && !is_below(table, found->line, (int)i))
			line->up = found->line;
	}
}

/* From the last to the first, so that each list is in the order of lines. */
static void find_children(struct table *table)
{
	int first = -1;

	for (int i = (int)table->nr_lines - 1; i >= 0; i--) {
		struct table_line *line = &table->lines[i];
		int *head = line->up < 0 ? &first : &table->lines[line->up].down;

		line->next = *head;
		*head = i;
	}
}

/* Those with the same key stay as they came. */
static int compare_lines(const void *a, const void *b)
{
	const struct table_line *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return left->at < right->at ? -1 : left->at > right->at;
}

/**
 * table_sort() - sort lines by their keys
 * @table: before table_link()
 */
void table_sort(struct table *table)
{
	if (table->nr_lines)
		qsort(table->lines, table->nr_lines, sizeof(*table->lines),
		      compare_lines);
}

/**
 * table_link() - find out what hangs on what
 * @table: its lines' up, down, next and depth are set
 *
 * Return: 0 or a negative errno.
 */
int table_link(struct table *table)
{
	struct by_key *index = calloc(table->nr_lines + 1, sizeof(*index));

	if (!index)
		return -ENOMEM;
	for (size_t i = 0; i < table->nr_lines; i++)
		index[i] = (struct by_key){ table->lines[i].key, (int)i };
	qsort(index, table->nr_lines, sizeof(*index), compare);
	find_parents(table, index);
	free(index);

	find_children(table);
	for (int i = table_next(table, -1); i >= 0; i = table_next(table, i)) {
		struct table_line *line = &table->lines[i];

		line->depth = line->up < 0 ? 0 :
			      table->lines[line->up].depth + 1;
	}
	return 0;
}

/**
 * table_next() - the line that is printed next
 * @table: the table, after table_link() if it is a tree
 * @line: index of a line, -1 for the first
 *
 * Return: index of the next one, -1 after the last.
 */
int table_next(const struct table *table, int line)
{
	const struct table_line *lines = table->lines;

	if (!table->tree)
		return line + 1 < (int)table->nr_lines ? line + 1 : -1;
	if (line < 0) {
		for (size_t i = 0; i < table->nr_lines; i++)
			if (lines[i].up < 0)
				return (int)i;
		return -1;
	}
	if (lines[line].down >= 0)
		return lines[line].down;
	while (line >= 0 && lines[line].next < 0)
		line = lines[line].up;
	return line < 0 ? -1 : lines[line].next;
}
