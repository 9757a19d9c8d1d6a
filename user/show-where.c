// SPDX-License-Identifier: GPL-2.0
/* nslens show self: in a container, or on the host? And the evidence. */
#include <stdio.h>

#include "json-out.h"
#include "show.h"

static int count(const struct picture *pic, enum initial initial)
{
	int nr = 0;

	for (int i = 0; i < pic->nr_ns && i < NR_NS_TYPES; i++)
		nr += pic->ns[i].initial == initial;
	return nr;
}

/**
 * where() - answer in a word
 * @pic: of the caller itself
 *
 * A PID namespace of one's own is what makes a container of a sandbox.
 *
 * Return: "container", "partly-isolated", "host", or "unknown".
 */
const char *where(const struct picture *pic)
{
	if (pic->nr_ns <= NSLENS_NS_TYPE_PID ||
	    pic->ns[NSLENS_NS_TYPE_PID].initial == INITIAL_UNKNOWN)
		return "unknown";
	if (pic->ns[NSLENS_NS_TYPE_PID].initial == INITIAL_NO)
		return "container";
	return count(pic, INITIAL_NO) ? "partly-isolated" : "host";
}

static const struct {
	const char *about;
	const char *key;
	const char *more;
} groups[] = {
	[INITIAL_NO] = { "not host's", "differs", "" },
	[INITIAL_YES] = { "host's", "same", "" },
	[INITIAL_UNKNOWN] = { "not known", "unknown",
			      " (only root on the host can tell)" },
};

#define NR_GROUPS	((int)(sizeof(groups) / sizeof(groups[0])))

/**
 * where_print() - answer for people
 * @pic: of the caller itself
 */
void where_print(const struct picture *pic)
{
	static const char * const answers[][2] = {
		{ "unknown", "hard to tell: your namespaces are hidden from you" },
		{ "container", "in a container: your PID namespace is not the host's" },
		{ "partly-isolated",
		  "on the host, in part isolated: it is not your PID namespace that differs" },
		{ "host",
		  "on the host: none of your namespaces is known to differ from the host's" },
	};
	const char *answer = where(pic);

	for (int i = 0; i < 4; i++)
		if (!strcmp(answers[i][0], answer))
			printf("%10s  %s\n", "where", answers[i][1]);
	for (int group = 0; group < NR_GROUPS; group++) {
		if (!count(pic, (enum initial)group))
			continue;
		printf("%10s ", groups[group].about);
		for (int i = 0; i < pic->nr_ns && i < NR_NS_TYPES; i++)
			if (pic->ns[i].initial == (enum initial)group)
				printf(" %s", pic->ns[i].file);
		puts(groups[group].more);
	}
}

/**
 * where_to_json() - the evidence as JSON
 * @pic: of the caller itself
 *
 * Return: an object of three arrays of types.
 */
struct json_object *where_to_json(const struct picture *pic)
{
	struct json_object *all = json_object_new_object();
	struct json_object *lists[NR_GROUPS];

	for (int group = 0; group < NR_GROUPS; group++) {
		lists[group] = json_object_new_array();
		json_object_object_add(all, groups[group].key, lists[group]);
	}
	for (int i = 0; i < pic->nr_ns && i < NR_NS_TYPES; i++)
		json_object_array_add(lists[pic->ns[i].initial],
				      json_text(pic->ns[i].file));
	return all;
}
