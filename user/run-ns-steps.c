// SPDX-License-Identifier: GPL-2.0
/* What nslens run does in new namespaces of some types. */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/socket.h>

#include "run.h"

const char * const offset_clocks[NR_OFFSETS] = {
	[OFFSET_MONOTONIC] = "monotonic",
	[OFFSET_BOOTTIME]  = "boottime",
};

/**
 * time_wanted() - whether there is a time namespace to make
 * @run: what is wanted
 */
bool time_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_TIME);
}

/**
 * time_plan() - tell what time_join() would do
 * @run: what is wanted
 * @out: where to
 */
void time_plan(const struct run *run, FILE *out)
{
	fputs("unshare(CLONE_NEWTIME)", out);
	for (int i = 0; i < NR_OFFSETS; i++)
		if (run->ns.has_offset[i])
			fprintf(out, ", set %s %lld s ahead", offset_clocks[i],
				run->ns.offsets[i]);
	fputs(", join it", out);
}

/**
 * time_join() - make a time namespace and be in it
 * @run: the child's
 *
 * The clocks of a time namespace can be set until its first process is in it,
 * which clone3() would already make us. So make it for children, and join it.
 *
 * Return: 0; fails by child_fail().
 */
int time_join(struct run *run)
{
	FILE *file;
	int fd;

	if (unshare(CLONE_NEWTIME))
		child_fail(run, "making a time namespace");

	file = fopen("/proc/self/timens_offsets", "we");
	for (int i = 0; i < NR_OFFSETS && file; i++)
		if (run->ns.has_offset[i])
			fprintf(file, "%s %lld 0\n", offset_clocks[i],
				run->ns.offsets[i]);
	if (!file || fclose(file))
		child_fail(run, "setting the clock offsets");

	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWTIME))
		child_fail(run, "joining the time namespace");
	return close(fd);
}

/**
 * hostname_wanted() - whether there is a host name to set
 * @run: what is wanted
 */
bool hostname_wanted(const struct run *run)
{
	return run->ns.hostname;
}

/**
 * hostname_plan() - tell what hostname_set() would do
 * @run: what is wanted
 * @out: where to
 */
void hostname_plan(const struct run *run, FILE *out)
{
	fprintf(out, "set the host name to %s", run->ns.hostname);
}

/**
 * hostname_set() - set the host name
 * @run: the child's
 *
 * Return: 0, or -1 with errno set.
 */
int hostname_set(struct run *run)
{
	return sethostname(run->ns.hostname, strlen(run->ns.hostname));
}

/**
 * loopback_wanted() - whether there is a loopback device to set up
 * @run: what is wanted
 */
bool loopback_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_NET);
}

/**
 * loopback_set_up() - set the loopback device up
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int loopback_set_up(struct run *run)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo))
		child_fail(run, "finding the device");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		child_fail(run, "setting it up");
	return close(fd);
}
