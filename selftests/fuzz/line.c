// SPDX-License-Identifier: GPL-2.0
/* Lines as /proc/nslens/trace understands them, and as it nearly does. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz-tables.h"

/* Text under way; what does not fit is cut off. */
struct text {
	char *bytes;
	size_t len, size;
	const struct worker *w;
	struct rng *r;
};

static void put(struct text *t, const char *words)
{
	size_t len = strlen(words);

	if (len > t->size - t->len)
		len = t->size - t->len;
	memcpy(t->bytes + t->len, words, len);
	t->len += len;
}

static void put_number(struct text *t, __u32 likely)
{
	static const char * const odd[] = {
		"0", "-1", "+1", "4294967295", "4294967296", "2147483648",
		"99999999999999999999999999", "0x1", "01", "1e1", "1.5", "",
	};
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", likely);
	put(t, percent(t->r, 85) ? digits : odd[below(t->r, ARRAY_SIZE(odd))]);
}

static void put_events(struct text *t)
{
	unsigned int n = 1 + below(t->r, 4);

	put(t, "events ");
	while (n--) {
		put(t, fuzz_events[below(t->r, ARRAY_SIZE(fuzz_events))]);
		if (n)
			put(t, ",");
	}
}

static void put_target(struct text *t)
{
	switch (below(t->r, 4)) {
	case 0:
		put(t, "pid ");
		put_number(t, world_pid(&t->w->world, t->r));
		if (percent(t->r, 40))
			put(t, " follow");
		break;
	case 1:
		put(t, "ns ");
		put(t, fuzz_types[below(t->r, ARRAY_SIZE(fuzz_types))]);
		put(t, ":[");
		put_number(t, world_ino(&t->w->world, t->r));
		put(t, "]");
		break;
	case 2:
		put(t, "cgroup ");
		put(t, world_path(&t->w->world, t->r));
		break;
	default:
		put(t, "all");
	}
}

static void put_line(struct text *t)
{
	if (percent(t->r, 15)) {
		put_events(t);
		return;
	}
	if (percent(t->r, 30))
		put(t, "remove ");
	put_target(t);
	if (percent(t->r, 20))
		put(t, " exists");
}

static void put_noise(struct text *t)
{
	unsigned int n = rng_sized(t->r, 10);

	while (n-- && t->len < t->size)
		t->bytes[t->len++] = rng_next(t->r);
}

static void put_words(struct text *t)
{
	unsigned int n = below(t->r, 6);

	while (n--) {
		put(t, fuzz_words[below(t->r, ARRAY_SIZE(fuzz_words))]);
		put(t, percent(t->r, 80) ? " " : "\t\t");
	}
}

static void insert(struct text *t, size_t at)
{
	static const char bytes[] = " \t\n\r,:[]\\-0\0\xff";

	if (t->len == t->size)
		return;
	memmove(t->bytes + at + 1, t->bytes + at, t->len - at);
	t->bytes[at] = bytes[below(t->r, sizeof(bytes))];
	t->len++;
}

static void drop(struct text *t, size_t at)
{
	size_t n = 1 + below(t->r, 4);

	if (n > t->len - at)
		n = t->len - at;
	memmove(t->bytes + at, t->bytes + at + n, t->len - at - n);
	t->len -= n;
}

/* A line that was right is no more, or is still. */
static void bend(struct text *t, size_t from)
{
	size_t at;

	if (t->len == from)
		return;
	at = from + below(t->r, t->len - from);
	switch (below(t->r, 4)) {
	case 0:
		insert(t, at);
		break;
	case 1:
		drop(t, at);
		break;
	case 2:
		t->bytes[at] ^= 1 << below(t->r, 8);
		break;
	default:
		t->len = at;
	}
}

/**
 * lines_put() - what to write
 * @text: where to
 * @size: of it
 * @w: who will write it
 * @r: decides
 *
 * Return: bytes.
 */
size_t lines_put(char *text, size_t size, const struct worker *w, struct rng *r)
{
	struct text t = { .bytes = text, .size = size, .w = w, .r = r };
	unsigned int n = percent(r, 70) ? 1 : below(r, 8);
	size_t from;

	while (n--) {
		from = t.len;
		if (percent(r, 8))
			put_noise(&t);
		else if (percent(r, 10))
			put_words(&t);
		else
			put_line(&t);
		while (percent(r, 25))
			bend(&t, from);
		if (n || percent(r, 90))
			put(&t, "\n");
	}
	return t.len;
}
