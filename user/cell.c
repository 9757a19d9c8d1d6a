// SPDX-License-Identifier: GPL-2.0
/* Cells of a table: what fills them. */
#include <stdint.h>
#include <string.h>

#include "table.h"

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

/*
 * The digits of a number. Most are inode numbers of namespaces, which come
 * again soon: where one was, it is remembered.
 */
struct digits {
	__u64 number;
	size_t len;
	char text[MAX_DIGITS];
};

static void make_digits(struct digits *digits, __u64 number)
{
	char room[2 * MAX_DIGITS] = "";
	char *end = room + MAX_DIGITS, *at = end;
	__u32 low;

	digits->number = number;
	/* Dividing a shorter number is cheaper. */
	for (; number > UINT32_MAX; number /= 10)
		*--at = (char)('0' + number % 10);
	for (low = (__u32)number; low >= 10; low /= 10)
		*--at = (char)('0' + low % 10);
	*--at = (char)('0' + low);
	digits->len = (size_t)(end - at);
	memcpy(digits->text, at, MAX_DIGITS);
}

static void append_number(struct cell *cell, __u64 number)
{
	static struct digits known[64];
	struct digits *digits = &known[number % 64];

	if (digits->number != number || !digits->len)
		make_digits(digits, number);
	if (cell->size - cell->len <= MAX_DIGITS) {
		append(cell, digits->text, digits->len);
		return;
	}
	memcpy(cell->text + cell->len, digits->text, MAX_DIGITS);
	cell->len += digits->len;
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
