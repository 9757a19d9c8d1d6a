// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON of a listing: { "name": [ {row}, {row} ] }. It is all that lsns and
 * the helper print, so this reads no more.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static char *skip(char *at)
{
	while (isspace(*at) || *at == ',' || *at == ':')
		at++;
	return at;
}

/* In place, from behind the quote; the end of it is put to @text. */
static char *unquote(char **text)
{
	char *from = *text, *to = *text, *start = *text;
	char code[5] = "";

	for (; *from && *from != '"'; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'u' && strlen(from) > 4) {
			memcpy(code, from + 1, 4);
			*to++ = strtoul(code, NULL, 16);
			from += 4;
		} else {
			*to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' :
				*from;
		}
	}
	*text = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

/* The elements of an array, which are strings without blanks or numbers. */
static char *flatten(char **text)
{
	char *from = *text, *to = *text, *start = *text;

	for (; *from && *from != ']'; from++)
		if (!isspace(*from) && *from != '"')
			*to++ = *from;
	*text = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static const char *read_value(char **text)
{
	char *at = skip(*text), *end, *word;

	if (*at == '"' || *at == '[') {
		*text = at + 1;
		return *at == '"' ? unquote(text) : flatten(text);
	}
	end = at + strcspn(at, ", }\n\t");
	word = strndup(at, end - at);
	*text = end;
	if (!word || !strcmp(word, "null")) {
		free(word);
		return NULL;
	}
	return word;	/* never freed: tests are short */
}

static int read_row(char **text, json_fn *fn, void *data)
{
	struct json_row row = { 0 };
	char *at = skip(*text);

	while (*at == '"') {
		if (row.n == MAX_MEMBERS)
			return -E2BIG;
		at++;
		row.key[row.n] = unquote(&at);
		row.value[row.n++] = read_value(&at);
		at = skip(at);
	}
	if (*at != '}')
		return -EINVAL;
	*text = at + 1;
	fn(&row, data);
	return 0;
}

/**
 * json_rows() - read a listing
 * @text: what was printed, which is changed
 * @fn: called with each row
 * @data: for @fn
 *
 * Return: how many rows; -EINVAL if it is no such listing.
 */
int json_rows(char *text, json_fn *fn, void *data)
{
	char *at = strchr(text, '[');
	int err, n = 0;

	if (!at)
		return -EINVAL;
	for (at = skip(at + 1); *at == '{'; at = skip(at), n++) {
		at++;
		err = read_row(&at, fn, data);
		if (err)
			return err;
	}
	return *at == ']' ? n : -EINVAL;
}

/**
 * json_get() - a member of a row
 * @row: the row
 * @key: its name
 *
 * Return: the value, NULL for null or if there is none.
 */
const char *json_get(const struct json_row *row, const char *key)
{
	unsigned int i;

	for (i = 0; i < row->n; i++)
		if (!strcmp(row->key[i], key))
			return row->value[i];
	return NULL;
}

/**
 * json_number() - a member of a row that is a number
 * @row: the row
 * @key: its name
 *
 * Return: the number, 0 for null or if there is none.
 */
unsigned long long json_number(const struct json_row *row, const char *key)
{
	return strtoull(json_get(row, key) ?: "0", NULL, 10);
}
