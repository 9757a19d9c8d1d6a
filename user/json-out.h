/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_JSON_OUT_H
#define NSLENS_JSON_OUT_H

#include <json.h>
#include <linux/types.h>

struct json_object *json_number(__u32 number);
struct json_object *json_text(const char *text);
void json_print(struct json_object *object);

#endif
