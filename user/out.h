/* SPDX-License-Identifier: GPL-2.0 */
/* A stream of lines, written in large pieces, by someone who is never stuck. */
#ifndef NSLENS_OUT_H
#define NSLENS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/types.h>

/**
 * struct out - where lines go
 * @fd: file descriptor that they are written to
 * @stop_fd: while this can be read, nobody waits until there is room; or -1
 * @waits: writing can take as long as another likes: a pipe, say
 * @hurry: do not wait for long
 * @err: errno of what went wrong; what is written after that is dropped.
 *	EPIPE: nobody reads any more. EINTR: no room, and @stop_fd could be read or there was hurry
 * @used: how much of @text is used
 * @text: what is not written yet
 */
struct out {
	int fd;
	int stop_fd;
	bool waits;
	bool hurry;
	int err;
	size_t used;
	char text[65536];
};

void out_begin(struct out *out, int fd, int stop_fd);
void out_flush(struct out *out);
void out_escaped(struct out *out, const char *text);
void out_json(struct out *out, const char *text);
void out_padding(struct out *out, size_t from, size_t width);

static inline void out_bytes(struct out *out, const char *bytes, size_t len)
{
	if (len > sizeof(out->text) - out->used) {
		out_flush(out);
		if (len > sizeof(out->text))
			return;
	}
	memcpy(out->text + out->used, bytes, len);
	out->used += len;
}

static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

static inline void out_char(struct out *out, char c)
{
	out_bytes(out, &c, 1);
}

/* At least so many digits. */
static inline void out_digits(struct out *out, __u64 number, unsigned int least)
{
	char digits[20];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number || sizeof(digits) - start < least);
	out_bytes(out, digits + start, sizeof(digits) - start);
}

static inline void out_number(struct out *out, __u64 number)
{
	out_digits(out, number, 1);
}

/* How many bytes have been put so far; only differences count. */
static inline size_t out_mark(const struct out *out)
{
	return out->used;
}

#endif
