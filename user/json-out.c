// SPDX-License-Identifier: GPL-2.0
/* JSON that is no table, by json-c. */
#include <stdio.h>

#include "json-out.h"

/**
 * json_number() - a number that can be missing
 * @number: 0 if it is
 *
 * Return: a JSON number, or NULL, which stands for null.
 */
struct json_object *json_number(__u32 number)
{
	return number ? json_object_new_int64(number) : NULL;
}

/**
 * json_text() - a text that can be missing
 * @text: NULL if it is
 *
 * Return: a JSON string, or NULL, which stands for null.
 */
struct json_object *json_text(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

/**
 * json_print() - print and free
 * @object: is freed
 */
void json_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object,
					    JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
