// SPDX-License-Identifier: GPL-2.0
/* What procfs tells of the process that nslens exec is about. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"

/* More than that of variables execve(2) does not take. */
#define MOST	(8U << 20)

/**
 * exec_read() - read a file of the process
 * @exec: with its folder in /proc
 * @name: of the file
 * @size: set to its length; may be NULL
 *
 * Return: the content, and '\0' behind it, to be freed; NULL with errno set.
 */
char *exec_read(const struct run_exec *exec, const char *name, size_t *size)
{
	int fd = openat(exec->dir, name, O_RDONLY | O_CLOEXEC);
	char *text = NULL, *grown;
	size_t len = 0, room = 0;
	ssize_t done = 1;

	while (fd >= 0 && done > 0 && len < MOST) {
		if (len + 1 >= room) {
			room = room ? 2 * room : 4096;
			grown = realloc(text, room);
			if (!grown)
				break;
			text = grown;
		}
		done = read(fd, text + len, room - len - 1);
		len += done > 0 ? (size_t)done : 0;
	}
	if (fd >= 0)
		close(fd);
	if (fd < 0 || done) {
		if (fd >= 0 && len >= MOST)
			errno = E2BIG;
		free(text);
		return NULL;
	}
	text[len] = '\0';
	if (size)
		*size = len;
	return text;
}

/**
 * exec_field() - find a line of /proc/PID/status
 * @status: the content of that file
 * @name: of the line, with its colon
 *
 * Return: what follows, with blanks; an empty string if there is none.
 */
const char *exec_field(const char *status, const char *name)
{
	size_t len = strlen(name);

	for (; *status; status += strcspn(status, "\n"), status += !!*status)
		if (!strncmp(status, name, len))
			return status + len;
	return "";
}
