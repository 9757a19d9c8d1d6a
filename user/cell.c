// SPDX-License-Identifier: GPL-2.0
/* Cells of a table: what fills them. */
#include <string.h>

#include "table.h"

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
