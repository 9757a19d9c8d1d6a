// SPDX-License-Identifier: GPL-2.0
/* A stream of lines, written in large pieces, by someone who is never stuck. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <sys/stat.h>

#include "out.h"
#include "table.h"

/* So long a reader may take for some room while there is hurry. */
#define HURRY_MS	1000

/**
 * out_begin() - start a stream
 * @out: the stream
 * @fd: file descriptor that it goes to
 * @stop_fd: to stop waiting while there is no room; or -1
 */
void out_begin(struct out *out, int fd, int stop_fd)
{
	struct stat st;

	out->fd = fd;
	out->stop_fd = stop_fd;
	out->waits = fstat(fd, &st) || !S_ISREG(st.st_mode);
	out->hurry = false;
	out->err = 0;
	out->used = 0;
}

/* When poll(2) says that there is room in a pipe, it is for so many bytes. */
static bool await_room(struct out *out)
{
	struct pollfd fds[] = {
		{ out->fd, POLLOUT, 0 },
		{ out->stop_fd, POLLIN, 0 },
	};

	while (poll(fds, 2, out->hurry ? HURRY_MS : -1) < 0)
		if (errno != EINTR)
			return true;
	return fds[0].revents;
}

static size_t piece(const struct out *out, size_t len)
{
	return out->waits && len > PIPE_BUF ? PIPE_BUF : len;
}

/**
 * out_flush() - write what there is
 * @out: its err is set if that fails
 */
void out_flush(struct out *out)
{
	const char *at = out->text;
	size_t left = out->used;

	while (left && !out->err) {
		ssize_t done;

		if (out->waits && !await_room(out)) {
			out->err = EINTR;
			break;
		}
		done = write(out->fd, at, piece(out, left));
		if (done < 0 && errno != EINTR && errno != EAGAIN)
			out->err = errno;
		if (done > 0) {
			at += done;
			left -= (size_t)done;
		}
	}
	out->used = 0;
}

static void put_hex(struct out *out, const char *before, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	out_text(out, before);
	out_char(out, digits[byte >> 4]);
	out_char(out, digits[byte & 15]);
}

/**
 * out_escaped() - put text that anybody may have made, for people
 * @out: the stream
 * @text: control characters, and what is not UTF-8, become "\x1b"
 */
void out_escaped(struct out *out, const char *text)
{
	while (*text) {
		int len = utf8_length((const unsigned char *)text);
		unsigned char c = (unsigned char)*text;

		/* U+0080 to U+009F are control characters, too. */
		if (!len || c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)text[1] < 0xa0)) {
			put_hex(out, "\\x", c);
			text++;
			continue;
		}
		out_bytes(out, text, (size_t)len);
		text += len;
	}
}

/**
 * out_json() - put text as a JSON string
 * @out: the stream
 * @text: what is not UTF-8 in it becomes '?'
 */
void out_json(struct out *out, const char *text)
{
	out_char(out, '"');
	while (*text) {
		int len = utf8_length((const unsigned char *)text);
		unsigned char c = (unsigned char)*text;

		if (!len) {
			out_char(out, '?');
		} else if (c < 0x20 || c == 0x7f) {
			put_hex(out, "\\u00", c);
		} else {
			if (c == '"' || c == '\\')
				out_char(out, '\\');
			out_bytes(out, text, (size_t)len);
		}
		text += len ? len : 1;
	}
	out_char(out, '"');
}

/**
 * out_padding() - put spaces up to a width, and at least one
 * @out: the stream
 * @from: out_mark() where the column began
 * @width: of the column, the last space included
 */
void out_padding(struct out *out, size_t from, size_t width)
{
	/* If what is before was written meanwhile, nobody knows. */
	size_t used = out->used < from ? width : out->used - from;

	do {
		out_char(out, ' ');
	} while (++used < width);
}
