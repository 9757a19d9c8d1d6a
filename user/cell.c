// SPDX-License-Identifier: GPL-2.0
/* Cells of a table: what fills them. */
#include <string.h>

#include "table.h"

/* The digits of the numbers below 100. */
static const char pairs[] =
	"0001020304050607080910111213141516171819"
	"2021222324252627282930313233343536373839"
	"4041424344454647484950515253545556575859"
	"6061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

/* 2^64 has 20 of them. */
#define MAX_DIGITS	20

static void append(struct cell *cell, const char *text, size_t len)
{
	if (len > cell->size - 1 - cell->len)
		len = cell->size - 1 - cell->len;
	memcpy(cell->text + cell->len, text, len);
	cell->len += len;
	cell->text[cell->len] = '\0';
}

/* There are many of them: two digits at a time, and copies of fixed size. */
static void append_number(struct cell *cell, __u64 number)
{
	char digits[2 * MAX_DIGITS] = "";
	char *end = digits + MAX_DIGITS, *at = end;

	for (; number >= 10; number /= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (number % 100), 2);
	}
	if (number || at == end)
		*--at = (char)('0' + number);

	if (cell->size - cell->len <= MAX_DIGITS) {
		append(cell, at, (size_t)(end - at));
		return;
	}
	memcpy(cell->text + cell->len, at, MAX_DIGITS);
	cell->len += (size_t)(end - at);
	cell->text[cell->len] = '\0';
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
