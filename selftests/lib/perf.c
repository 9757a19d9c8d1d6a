// SPDX-License-Identifier: GPL-2.0
/* The trace events nslens:*, as perf counts them. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "perf.h"
#include "proc.h"
#include "tool.h"

/**
 * perf_open() - count an event on a CPU from here on, whoever it is of
 * @event: its name
 * @cpu: where
 * @filter: what it has to be like, as tracefs has it; NULL for any
 *
 * Return: the counter, to be closed; -ENOENT if there is no such event, -ENODEV
 * if there is no such CPU, -EINVAL if the filter is none.
 */
int perf_open(const char *event, int cpu, const char *filter)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.disabled = 1,
	};
	char id[32];
	int fd, err;

	if (read_file(format(TRACEFS "/events/nslens/%s/id", event), id,
		      sizeof(id)) < 0)
		return -ENOENT;
	attr.config = atoi(id);
	fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if ((filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/**
 * perf_count() - how often it has come
 * @fd: by perf_open()
 * @count: set
 *
 * Return: 0 or -errno.
 */
int perf_count(int fd, __u64 *count)
{
	return read(fd, count, sizeof(*count)) == sizeof(*count) ? 0 : -errno;
}
