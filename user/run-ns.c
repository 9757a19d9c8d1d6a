// SPDX-License-Identifier: GPL-2.0
/* The namespaces of nslens run. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/socket.h>

#include "run.h"
#include "target.h"

static const char * const offset_clocks[NR_OFFSETS] = {
	[OFFSET_MONOTONIC] = "monotonic",
	[OFFSET_BOOTTIME]  = "boottime",
};

/**
 * ns_is_new() - whether a namespace is a new one
 * @run: settled
 * @type: one of enum nslens_ns_type
 */
bool ns_is_new(const struct run *run, int type)
{
	return run->ns.flags & (unsigned int)ns_types[type].flag;
}

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

enum {
	OPT_NS = OPT_LONG,			/* and enum nslens_ns_type */
	OPT_HOSTNAME = OPT_NS + NR_NS_TYPES,
	OPT_MAP,
	OPT_TIME_OFFSET,
};

#define NS_OPTION(name, type, help)	\
	{ name, OPT_NS + NSLENS_NS_TYPE_##type, "=HOW", help }

static const struct opt opts[] = {
	NS_OPTION("pid", PID, "PID namespace: HOW is new or host [new]"),
	NS_OPTION("mnt", MNT, "mount namespace [new]"),
	NS_OPTION("uts", UTS, "UTS namespace [new]"),
	NS_OPTION("ipc", IPC, "IPC namespace [new]"),
	NS_OPTION("net", NET, "network namespace [new]"),
	NS_OPTION("cgroup", CGROUP, "cgroup namespace [new]"),
	NS_OPTION("user", USER, "user namespace [host]"),
	NS_OPTION("time", TIME, "time namespace [host]"),
	{ "hostname", OPT_HOSTNAME, "NAME", "host name inside" },
	{ "map", OPT_MAP, "IN:OUT[:N]",
	  "N user and group ids from IN on inside are those\n"
	  "from OUT on outside; the command runs as the first\n"
	  "[0:YOUR-OWN:1]; makes --user new" },
	{ "time-offset", OPT_TIME_OFFSET, "CLOCK=SECONDS",
	  "set the clock monotonic or boottime ahead;\n"
	  "makes --time new" },
	{ NULL }
};

static int set_ns(struct run_ns *ns, int type, const char *how)
{
	unsigned int flag = (unsigned int)ns_types[type].flag;

	ns->fresh &= ~flag;
	ns->host &= ~flag;
	if (!how || !strcmp(how, "new")) {
		ns->fresh |= flag;
	} else if (!strcmp(how, "host")) {
		ns->host |= flag;
	} else {
		complain("--%s=%s: neither new nor host", ns_types[type].name,
			 how);
		return -EINVAL;
	}
	return 0;
}

static int add_map(struct run_ns *ns, const char *text)
{
	struct id_map *map = &ns->maps[ns->nr_maps];
	size_t in = strcspn(text, ":");
	const char *second = text + in + !!text[in];
	size_t out = strcspn(second, ":");
	const char *third = second + out + !!second[out];

	if (ns->nr_maps == MAX_MAPS) {
		complain("more than %d of --map", MAX_MAPS);
		return -E2BIG;
	}
	map->count = 1;
	if (parse_u32(text, in, &map->inside) ||
	    parse_u32(second, out, &map->outside) ||
	    (second[out] && parse_u32(third, strlen(third), &map->count)) ||
	    !map->count) {
		complain("--map %s: want IN:OUT or IN:OUT:N, such as 0:100000:65536",
			 text);
		return -EINVAL;
	}
	ns->nr_maps++;
	return 0;
}

static int add_offset(struct run_ns *ns, const char *text)
{
	for (int i = 0; i < NR_OFFSETS; i++) {
		size_t len = strlen(offset_clocks[i]);
		char *end;

		if (strncmp(text, offset_clocks[i], len) || text[len] != '=')
			continue;
		errno = 0;
		ns->offsets[i] = strtoll(text + len + 1, &end, 10);
		if (errno || *end || end == text + len + 1)
			break;
		ns->has_offset[i] = true;
		return 0;
	}
	complain("--time-offset %s: want monotonic=SECONDS or boottime=SECONDS",
		 text);
	return -EINVAL;
}

static int take(void *what, int opt, const char *arg)
{
	struct run_ns *ns = &((struct run *)what)->ns;

	if (opt >= OPT_NS && opt < OPT_NS + NR_NS_TYPES)
		return set_ns(ns, opt - OPT_NS, arg);

	switch (opt) {
	case OPT_HOSTNAME:
		ns->hostname = arg;
		return 0;
	case OPT_MAP:
		return add_map(ns, arg);
	case OPT_TIME_OFFSET:
		return add_offset(ns, arg);
	}
	return -EINVAL;
}

/**
 * ns_need() - make a namespace new for an option that makes sense only there
 * @run: being settled
 * @option: the option, for the complaint
 * @type: one of enum nslens_ns_type
 *
 * Return: 0; -EINVAL after a complaint, if it was asked to be another one.
 */
int ns_need(struct run *run, const char *option, int type)
{
	unsigned int flag = (unsigned int)ns_types[type].flag;

	run->ns.flags |= flag;
	if (!(run->ns.host & flag))
		return 0;
	complain("%s needs a new %s namespace: leave out --%s=host", option,
		 ns_types[type].name, ns_types[type].name);
	return -EINVAL;
}

/* As Docker does. */
#define DEFAULT_NEW	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
			 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

static int settle(void *what)
{
	struct run *run = what;
	struct run_ns *ns = &run->ns;
	bool offset = ns->has_offset[OFFSET_MONOTONIC] ||
		      ns->has_offset[OFFSET_BOOTTIME];

	ns->flags = (DEFAULT_NEW | ns->fresh) & ~ns->host;
	if ((ns->hostname && ns_need(run, "--hostname", NSLENS_NS_TYPE_UTS)) ||
	    (ns->nr_maps && ns_need(run, "--map", NSLENS_NS_TYPE_USER)) ||
	    (offset && ns_need(run, "--time-offset", NSLENS_NS_TYPE_TIME)))
		return -EINVAL;
	if (ns->nr_maps) {
		run->id.uid = ns->maps[0].inside;
		run->id.gid = ns->maps[0].inside;
	}
	return 0;
}

const struct opt_group ns_group = {
	.title = "Namespaces",
	.opts = opts,
	.take = take,
	.settle = settle,
};
