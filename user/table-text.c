// SPDX-License-Identifier: GPL-2.0
/*
 * Tables as text. Cells are kept as they are filled, with what their width is;
 * at the end all lines are written at once.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "table-parts.h"

/* Most bytes that a byte of a cell becomes: "\x1b". */
#define ESCAPED		4

static int make_room(struct table *table, size_t len)
{
	char *grown = table_grow(table->text, &table->size, table->used + len,
				 1);

	if (!grown)
		return -ENOMEM;
	table->text = grown;
	return 0;
}

static int put(struct table *table, const char *text, size_t len)
{
	if (make_room(table, len))
		return -ENOMEM;
	memcpy(table->text + table->used, text, len);
	table->used += len;
	return 0;
}

static bool is_plain(const struct cell *cell, bool raw)
{
	for (size_t i = 0; i < cell->len; i++) {
		char c = cell->text[i];

		if (c < 0x20 || c > 0x7e || (raw && (c == ' ' || c == '\\')))
			return false;
	}
	return true;
}

/* The locale takes long to load, so only text beyond ASCII makes it happen. */
static void need_locale(void)
{
	static bool set;

	if (!set)
		setlocale(LC_CTYPE, "");
	set = true;
}

/* What does not print, or would break a line of raw columns, in hexadecimal. */
static void escape(const struct cell *cell, bool raw, char *out)
{
	const char *at = cell->text, *end = at + cell->len;
	mbstate_t state = { 0 };

	need_locale();
	while (at < end) {
		wchar_t wide;
		size_t len = mbrtowc(&wide, at, (size_t)(end - at), &state);
		bool good = len && len < (size_t)-2 && iswprint((wint_t)wide) &&
			    !(raw && (iswblank((wint_t)wide) || *at == '\\'));

		if (good) {
			out = mempcpy(out, at, len);
			at += len;
			continue;
		}
		memset(&state, 0, sizeof(state));
		out += sprintf(out, "\\x%02x", (unsigned char)*at++);
	}
	*out = '\0';
}

/* How many columns of a terminal, of text that was escaped. */
static int width_of(const char *text)
{
	mbstate_t state = { 0 };
	int width = 0;

	for (; *text > 0; text++)
		width++;
	while (*text) {
		wchar_t wide;
		size_t len = mbrtowc(&wide, text, MB_CUR_MAX, &state);

		if (!len || len >= (size_t)-2)
			return width + (int)strlen(text);
		width += wcwidth(wide) > 0 ? wcwidth(wide) : 0;
		text += len;
	}
	return width;
}

static int put_cell(struct table *table, int column, const struct cell *cell)
{
	bool raw = table->mode == TABLE_RAW;
	char escaped[ESCAPED * sizeof(cell->text)];
	const char *text = cell->text;
	size_t len = cell->len;
	int width = (int)len;

	if (cell->empty || !cell->len) {
		text = "-";
		len = 1;
		width = 1;
	} else if (!is_plain(cell, raw)) {
		escape(cell, raw, escaped);
		text = escaped;
		len = strlen(escaped);
		width = width_of(escaped);
	}
	if (width > table->widths[column])
		table->widths[column] = width;
	return put(table, text, len + 1);
}

/**
 * table_text_add() - keep the cells of a record
 * @table: the table
 * @line: of the record
 * @record: the record
 *
 * Return: 0 or a negative errno.
 */
int table_text_add(struct table *table, struct table_line *line,
		   const void *record)
{
	int err = 0;

	line->at = table->used;
	for (int i = 0; i < table->nr && !err; i++)
		err = put_cell(table, i, table_fill(table, table->chosen[i],
						    record));
	return err;
}

/**
 * struct page - what is written at once
 * @table: the table; its text grows
 * @tree: index of the column that shows the tree, -1 for none
 * @width: columns of the terminal, 0 for no limit
 * @column: where the line is
 * @utf8: the terminal can show lines
 * @color: it can show colours
 */
struct page {
	struct table *table;
	int tree;
	int width;
	int column;
	bool utf8;
	bool color;
};

static int put_blanks(struct table *table, int nr)
{
	if (nr <= 0)
		return 0;
	if (make_room(table, (size_t)nr))
		return -ENOMEM;
	memset(table->text + table->used, ' ', (size_t)nr);
	table->used += (size_t)nr;
	return 0;
}

/* Once more what is at @at already, which can move. */
static int put_again(struct table *table, size_t at, size_t len)
{
	if (make_room(table, len))
		return -ENOMEM;
	memcpy(table->text + table->used, table->text + at, len);
	table->used += len;
	return 0;
}

/* From the root inwards: a line passes where one comes later. */
static int put_branches(const struct page *page, int line)
{
	const struct table_line *lines = page->table->lines;
	static const char * const parts[2][4] = {
		{ "  ", "| ", "`-", "|-" },
		{ "  ", "│ ", "└─", "├─" },
	};

	for (int depth = 1; depth <= lines[line].depth; depth++) {
		int at = line;
		const char *part;
		int err;

		while (lines[at].depth > depth)
			at = lines[at].up;
		part = parts[page->utf8][2 * (at == line) +
					 (lines[at].next >= 0)];
		err = put(page->table, part, strlen(part));
		if (err)
			return err;
	}
	return 0;
}

static int put_code(const struct page *page, const char *code)
{
	return page->color ? put(page->table, code, strlen(code)) : 0;
}

/* What is missing is dim, and what a verb is looking for stands out. */
static const char *color_of(const struct page *page, size_t at)
{
	const char *text = page->table->text + at;
	const char *mark = page->table->mark;

	if (!page->color)
		return NULL;
	return !strcmp(text, "-") ? "\033[2m" :
	       mark && !strcmp(text, mark) ? "\033[33m" : NULL;
}

static int put_cell_text(const struct page *page, size_t at, int len)
{
	const char *code = color_of(page, at);

	if (!code)
		return put_again(page->table, at, (size_t)len);
	return put_code(page, code) || put_again(page->table, at, (size_t)len) ||
	       put_code(page, "\033[0m") ? -ENOMEM : 0;
}

/* The last column is not padded; it ends where the terminal does. */
static int put_text(const struct page *page, int i, size_t at, int indent)
{
	struct table *table = page->table;
	const char *text = table->text + at;
	int len = (int)strlen(text), width = width_of(text);
	bool right = table->chosen[i]->right && i != page->tree;
	bool last = i == table->nr - 1;
	int pad = table->mode == TABLE_RAW ? 0 :
		  table->widths[i] - indent - width;
	int left = page->width - page->column - indent;

	if (last && page->width && width == len && len > left)
		len = left > 0 ? left : 0;
	if ((right && put_blanks(table, pad)) ||
	    put_cell_text(page, at, len))
		return -ENOMEM;
	return right || last ? 0 : put_blanks(table, pad);
}

static int put_line(struct page *page, int line, size_t at)
{
	struct table *table = page->table;
	int err = line < 0 ? put_code(page, "\033[1m") : 0;

	page->column = 0;
	for (int i = 0; i < table->nr && !err; i++) {
		int indent = i == page->tree && line >= 0 ?
			     2 * table->lines[line].depth : 0;

		if (i)
			err = put_blanks(table, 1);
		if (!err && indent)
			err = put_branches(page, line);
		if (!err)
			err = put_text(page, i, at, indent);
		at += strlen(table->text + at) + 1;
		page->column += table->widths[i] + 1;
	}
	if (!err && line < 0)
		err = put_code(page, "\033[0m");
	return err ? err : put(table, "\n", 1);
}

/* The headings are a line of their own. Return: where it starts, or an error. */
static int add_headings(struct table *table, size_t *at)
{
	int err = 0;

	*at = table->used;
	for (int i = 0; i < table->nr && !err; i++) {
		const char *name = table->chosen[i]->name;

		if (table->widths[i] < (int)strlen(name))
			table->widths[i] = (int)strlen(name);
		err = put(table, name, strlen(name) + 1);
	}
	return err;
}

/* Make the column wide enough for the branches. */
static void widen(const struct page *page)
{
	struct table *table = page->table;

	for (size_t i = 0; i < table->nr_lines; i++) {
		const struct table_line *line = &table->lines[i];
		const char *text = table->text + line->at;
		int width;

		for (int skip = page->tree; skip > 0; skip--)
			text += strlen(text) + 1;
		width = 2 * line->depth + width_of(text);
		if (width > table->widths[page->tree])
			table->widths[page->tree] = width;
	}
}

static void set_up_tree(struct page *page)
{
	const struct table *table = page->table;

	if (!table->tree || table->mode == TABLE_RAW)
		return;
	for (int i = 0; i < table->nr; i++)
		if (!strcmp(table->chosen[i]->name, table->tree))
			page->tree = i;
	if (page->tree < 0)
		return;
	need_locale();
	page->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	widen(page);
}

/**
 * table_text_end() - print the table
 * @table: its lines are linked, if it is a tree
 *
 * Return: 0 or a negative errno.
 */
int table_text_end(struct table *table)
{
	struct page page = {
		.table = table,
		.tree = -1,
		.width = table->mode == TABLE_RAW ? 0 : screen_width(),
		.color = table->mode != TABLE_RAW && screen_has_color(),
	};
	size_t headings, start;
	int err = add_headings(table, &headings);

	if (err)
		return err;
	set_up_tree(&page);
	start = table->used;
	if (!table->no_headings)
		err = put_line(&page, -1, headings);
	for (int i = table_next(table, -1); i >= 0 && !err;
	     i = table_next(table, i))
		err = put_line(&page, i, table->lines[i].at);
	/* That writing failed is found out when standard output is flushed. */
	fwrite(table->text + start, 1, table->used - start, stdout);
	return err;
}
