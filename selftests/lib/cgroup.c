// SPDX-License-Identifier: GPL-2.0
/* Control groups that tests make. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroup.h"

/* What has become empty before it was looked at is no event. */
#define LOOK_AGAIN	20	/* ms */

/**
 * cgroup_remove() - remove a cgroup whose processes have ended
 * @dir: its directory
 *
 * Who has been reaped can be in his cgroup for a moment more.
 *
 * Return: 0 or -errno.
 */
int cgroup_remove(const char *dir)
{
	struct pollfd events = { .events = POLLPRI };
	char path[4096], text[64];
	int err = 0;

	snprintf(path, sizeof(path), "%s/cgroup.events", dir);
	events.fd = open(path, O_RDONLY | O_CLOEXEC);
	while (rmdir(dir)) {
		err = -errno;
		if (err != -EBUSY || pread(events.fd, text, sizeof(text), 0) < 0)
			break;
		poll(&events, 1, LOOK_AGAIN);
		err = 0;
	}
	close(events.fd);
	return err;
}
