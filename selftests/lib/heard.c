// SPDX-License-Identifier: GPL-2.0
/* What is read from /proc/nslens/trace, and whether it adds up. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heard.h"
#include "patience.h"

static unsigned long long number(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void complain(struct heard *heard, const char *line)
{
	snprintf(heard->wrong, sizeof(heard->wrong), "%.255s", line);
}

/* A number is missing for each that was lost on the way, and for no other. */
static void hear_line(struct heard *heard, const char *line)
{
	unsigned long long seq = strtoull(line, NULL, 10);
	const char *second = strchr(line, ' ');
	double time = second ? atof(second) : 0;

	if (strstr(line, " lost ")) {
		heard->lost += number(line, " queue=");
		heard->ring += number(line, " ring=");
		if (!strstr(line, " queue=") || seq)
			complain(heard, line);
		return;
	}
	heard->told++;
	if (seq != heard->told + heard->lost || time < heard->time)
		complain(heard, line);
	heard->last = seq;
	heard->time = time;
}

/**
 * hear() - read once
 * @heard: what was heard before; all zero at first
 * @fd: the open file
 *
 * Return: 0 or -errno; -EAGAIN if there is nothing and the file does not wait.
 */
int hear(struct heard *heard, int fd)
{
	ssize_t got = read(fd, heard->text + heard->length, 65536);
	char *line = heard->text, *end;

	if (got < 0)
		return -errno;
	heard->length += got;
	heard->text[heard->length] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		hear_line(heard, line);
	}
	heard->length -= line - heard->text;
	memmove(heard->text, line, heard->length + 1);
	return 0;
}

/**
 * hear_until() - read until so many are told or lost
 * @heard: what was heard before; all zero at first
 * @fd: the open file
 * @n: how many
 *
 * Return: false if they do not come.
 */
bool hear_until(struct heard *heard, int fd, unsigned long long n)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	while (heard->told + heard->lost + heard->ring < n)
		if (poll(&wait, 1, PATIENCE) <= 0 || hear(heard, fd))
			return false;
	return true;
}
