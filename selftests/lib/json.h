/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_JSON_H
#define _SELFTESTS_JSON_H

#define MAX_MEMBERS	48

/**
 * struct json_row - an object without objects in it
 * @n: how many members
 * @key: their names
 * @value: strings without quotes, arrays as their values with commas between,
 *	numbers as they are, NULL for null
 */
struct json_row {
	unsigned int n;
	const char *key[MAX_MEMBERS];
	const char *value[MAX_MEMBERS];
};

typedef void json_fn(const struct json_row *row, void *data);

int json_rows(char *text, json_fn *fn, void *data);
const char *json_get(const struct json_row *row, const char *key);
unsigned long long json_number(const struct json_row *row, const char *key);

#endif
