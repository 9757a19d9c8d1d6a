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
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include <sys/ioctl.h>

#include "table-parts.h"

/* Most bytes that a byte of a cell becomes: "\x1b". */
#define ESCAPED		4

/* Short text is copied at this size, which needs no loop; so much is spare. */
#define SHORT		16

/* How a terminal is told, as console_codes(4) has it. */
#define BOLD		"\033[1m"
#define DIM		"\033[2m"
#define YELLOW		"\033[33m"
#define PLAIN		"\033[0m"

/* What is written at once. */
#define PAGE		(32 * 1024)

/**
 * struct head - what precedes the text of a cell
 * @len: bytes
 * @width: columns of a terminal
 */
struct head {
	__u16 len;
	__u16 width;
};

#define CELL_ROOM	(sizeof(struct head) + (ESCAPED * CELL_SIZE) + SHORT)

static int make_room(struct table *table)
{
	char *grown;

	if (table->size - table->used >= CELL_ROOM)
		return 0;
	grown = table_grow(table->text, &table->size, table->used + CELL_ROOM,
			   1);
	if (!grown)
		return -ENOMEM;
	table->text = grown;
	return 0;
}

/* The end of @to after a copy of @text; what is behind both may be touched. */
static char *copy(char *to, const char *text, size_t len)
{
	memcpy(to, text, SHORT);
	if (len > SHORT)
		memcpy(to, text, len);
	return to + len;
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
static size_t escape(const struct cell *cell, bool raw, char *out)
{
	const char *at = cell->text, *end = at + cell->len;
	const char *start = out;
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
	return (size_t)(out - start);
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

/* A cell whose text is where it is kept. */
static int start_cell(struct table *table, struct cell *cell)
{
	if (make_room(table))
		return -ENOMEM;
	*cell = (struct cell){
		.empty = true,
		.separator = ',',
		.size = CELL_SIZE,
		.text = table->text + table->used + sizeof(struct head),
	};
	return 0;
}

static void finish_cell(struct table *table, int i, struct cell *cell)
{
	bool raw = table->mode == TABLE_RAW;
	enum column_kind kind = table->chosen[i]->kind;
	bool number = kind == COLUMN_NUMBER || kind == COLUMN_NUMBERS;
	struct head head;
	int width;

	if (cell->empty || !cell->len) {
		cell->text[0] = '-';
		cell->len = 1;
	}
	width = (int)cell->len;
	if (!number && !is_plain(cell, raw)) {
		char escaped[ESCAPED * CELL_SIZE];

		cell->len = escape(cell, raw, escaped);
		memcpy(cell->text, escaped, cell->len);
		width = width_of(escaped);
	}
	if (width > table->widths[i])
		table->widths[i] = width;
	head = (struct head){ (__u16)cell->len, (__u16)width };
	memcpy(cell->text - sizeof(head), &head, sizeof(head));
	table->used += sizeof(head) + cell->len;
}

/**
 * table_text_add() - keep the cells of a record
 * @table: the table
 * @record: the record
 *
 * Return: 0 or a negative errno.
 */
int table_text_add(struct table *table, const void *record)
{
	for (int i = 0; i < table->nr; i++) {
		const struct column *column = table->chosen[i];
		struct cell cell;

		if (start_cell(table, &cell))
			return -ENOMEM;
		column->fill(&cell, column, record);
		finish_cell(table, i, &cell);
	}
	return 0;
}

/**
 * struct page - what is written at once
 * @table: the table
 * @tree: index of the column that shows the tree, -1 for none
 * @width: columns of the terminal, 0 for no limit
 * @column: where the line is
 * @utf8: the terminal can show lines
 * @color: it can show colours
 * @text: what is to be written
 * @used: how much of it is used
 * @size: how much there is
 */
struct page {
	struct table *table;
	int tree;
	int width;
	int column;
	bool utf8;
	bool color;
	char *text;
	size_t used;
	size_t size;
};

/* That writing failed is found out when standard output is flushed. */
static void write_out(struct page *page)
{
	if (page->used)
		fwrite(page->text, 1, page->used, stdout);
	page->used = 0;
}

/* Where @len bytes can be put; what was there before may be written. */
static char *out(struct page *page, size_t len)
{
	char *grown;

	if (page->size - page->used < len + SHORT) {
		write_out(page);
		grown = table_grow(page->text, &page->size, len + PAGE, 1);
		if (!grown)
			return NULL;
		page->text = grown;
	}
	return page->text + page->used;
}

static void put_blanks(char **to, int nr)
{
	if (nr <= 0)
		return;
	memset(*to, ' ', SHORT);
	if (nr > SHORT)
		memset(*to, ' ', (size_t)nr);
	*to += nr;
}

/* From the root inwards: a line passes where one comes later. */
static int put_branches(struct page *page, int line)
{
	const struct table_line *lines = page->table->lines;
	static const char * const parts[2][4] = {
		{ "  ", "| ", "`-", "|-" },
		{ "  ", "│ ", "└─", "├─" },
	};

	for (int depth = 1; depth <= lines[line].depth; depth++) {
		char *to = out(page, SHORT);
		int at = line;
		const char *part;

		if (!to)
			return -ENOMEM;
		while (lines[at].depth > depth)
			at = lines[at].up;
		part = parts[page->utf8][2 * (at == line) +
					 (lines[at].next >= 0)];
		page->used += (size_t)(stpcpy(to, part) - to);
	}
	return 0;
}

/* What is missing is dim, and what a verb is looking for stands out. */
static const char *color_of(const struct page *page, const char *text,
			    size_t len)
{
	const char *mark = page->table->mark;

	if (!page->color)
		return NULL;
	if (len == 1 && *text == '-')
		return DIM;
	return mark && len == strlen(mark) && !memcmp(text, mark, len) ?
		YELLOW : NULL;
}

static int put_code(struct page *page, const char *code)
{
	char *to = out(page, SHORT);

	if (!to)
		return -ENOMEM;
	page->used += (size_t)(stpcpy(to, code) - to);
	return 0;
}

/*
 * Move @at past a cell and put it. The last column is not padded; it ends where
 * the terminal does.
 */
static int put_cell(struct page *page, int i, const char **at, int indent)
{
	struct table *table = page->table;
	const char *text = *at + sizeof(struct head);
	bool right = table->chosen[i]->right && i != page->tree;
	bool last = i == table->nr - 1;
	const char *code;
	struct head head;
	int pad, len, left;
	char *to;

	memcpy(&head, *at, sizeof(head));
	*at = text + head.len;
	len = head.len;
	left = page->width - page->column - indent;
	if (last && page->width && head.width == len && len > left)
		len = left > 0 ? left : 0;
	pad = table->mode == TABLE_RAW || (last && !right) ? 0 :
	      table->widths[i] - indent - head.width;

	code = color_of(page, text, (size_t)len);
	to = out(page, (size_t)len + (size_t)(pad > 0 ? pad : 0) + 1 +
		 3 * SHORT);
	if (!to)
		return -ENOMEM;
	if (right)
		put_blanks(&to, pad);
	if (code)
		to = stpcpy(to, code);
	to = copy(to, text, (size_t)len);
	if (code)
		to = stpcpy(to, PLAIN);
	if (!right)
		put_blanks(&to, pad);
	*to++ = last ? '\n' : ' ';
	page->used = (size_t)(to - page->text);
	return 0;
}

/* Return: the end of the line's cells, that start at @at; NULL on an error. */
static const char *put_line(struct page *page, int line, const char *at)
{
	struct table *table = page->table;

	page->column = 0;
	for (int i = 0; i < table->nr; i++) {
		int indent = 0;

		if (i == page->tree && line >= 0) {
			indent = 2 * table->lines[line].depth;
			if (put_branches(page, line))
				return NULL;
		}
		if (put_cell(page, i, &at, indent))
			return NULL;
		page->column += table->widths[i] + 1;
	}
	return at;
}

/* The headings are a line of their own, the last one. */
static int add_headings(struct table *table)
{
	struct cell cell;

	for (int i = 0; i < table->nr; i++) {
		if (start_cell(table, &cell))
			return -ENOMEM;
		cell_text(&cell, table->chosen[i]->name);
		finish_cell(table, i, &cell);
	}
	return 0;
}

/* Make the column wide enough for the branches. */
static void widen(const struct page *page)
{
	struct table *table = page->table;

	for (size_t i = 0; i < table->nr_lines; i++) {
		const struct table_line *line = &table->lines[i];
		const char *at = table->text + line->at;
		struct head head;
		int width;

		memcpy(&head, at, sizeof(head));
		for (int skip = page->tree; skip > 0; skip--) {
			at += sizeof(head) + head.len;
			memcpy(&head, at, sizeof(head));
		}
		width = 2 * line->depth + head.width;
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

static int put_headings(struct page *page, const char *at)
{
	if (page->color && put_code(page, BOLD))
		return -ENOMEM;
	if (!put_line(page, -1, at))
		return -ENOMEM;
	return page->color ? put_code(page, PLAIN) : 0;
}

/* In the order of the tree, or as they are kept. */
static int put_lines(struct page *page)
{
	const struct table *table = page->table;
	const char *at = table->text;

	if (table->tree || table->sorted) {
		for (int i = table_next(table, -1); i >= 0 && at;
		     i = table_next(table, i))
			at = put_line(page, i,
				      table->text + table->lines[i].at);
	} else {
		for (size_t i = 0; i < table->nr_lines && at; i++)
			at = put_line(page, -1, at);
	}
	return at ? 0 : -ENOMEM;
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
	size_t headings = table->used;
	int err = add_headings(table);

	if (err)
		return err;
	set_up_tree(&page);
	if (!table->no_headings)
		err = put_headings(&page, table->text + headings);
	if (!err)
		err = put_lines(&page);
	write_out(&page);
	free(page.text);
	return err;
}
