// SPDX-License-Identifier: GPL-2.0
/* In which namespaces nslens run puts a command: what it is asked for. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ns-open.h"
#include "run.h"

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
 * ns_is_joined() - whether a namespace is that of others
 * @run: settled
 * @type: one of enum nslens_ns_type
 */
bool ns_is_joined(const struct run *run, int type)
{
	return run->ns.join & (unsigned int)ns_types[type].flag;
}

/**
 * ns_is_host() - whether a namespace is the one that nslens is in
 * @run: settled
 * @type: one of enum nslens_ns_type
 */
bool ns_is_host(const struct run *run, int type)
{
	return !ns_is_new(run, type) && !ns_is_joined(run, type);
}

/**
 * struct profile - the namespaces that are new if nothing is said
 * @name: for --like
 * @flags: CLONE_NEW*
 * @how: the ids of a new user namespace
 * @caps: the capabilities that are left, if it is asked for; NULL for all
 */
struct profile {
	const char *name;
	unsigned int flags;
	enum map_how how;
	const __u64 *caps;
};

#define OF_DOCKER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
			 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

/* The first is the default. */
static const struct profile profiles[] = {
	{ "docker", OF_DOCKER, MAP_ROOT, &caps_docker },
	{ "podman-rootless", OF_DOCKER | CLONE_NEWUSER, MAP_AUTO,
	  &caps_podman },
	{ "none", 0, MAP_ROOT, NULL },
};

#define NR_PROFILES	(sizeof(profiles) / sizeof(profiles[0]))

static const struct profile *find_profile(const char *name)
{
	for (size_t i = 0; i < NR_PROFILES; i++)
		if (!name || !strcmp(profiles[i].name, name))
			return &profiles[i];
	complain("--like=%s: none of docker, podman-rootless, none", name);
	return NULL;
}

enum {
	OPT_NS = OPT_LONG,			/* and enum nslens_ns_type */
	OPT_LIKE = OPT_NS + NR_NS_TYPES,
	OPT_HOSTNAME,
	OPT_TIME_OFFSET,
	OPT_MAP,
	OPT_MAP_UIDS,
	OPT_MAP_GIDS,
	OPT_MAP_ROOT,
	OPT_MAP_AUTO,
};

#define NS_OPTION(name, type, help)	\
	{ name, OPT_NS + NSLENS_NS_TYPE_##type, "=HOW", help }

static const struct opt opts[] = {
	{ "like", OPT_LIKE, "PROFILE",
	  "what is new unless an option says otherwise, and if\n"
	  "given, which capabilities are left. docker: pid, mnt,\n"
	  "uts, ipc, net, cgroup [default]; podman-rootless: these\n"
	  "and user, with --map-auto if ids are set aside for you;\n"
	  "none" },
	NS_OPTION("pid", PID,
		  "PID namespace: HOW is new, or host: the one here, or\n"
		  "a TARGET: the one that it is in; =new if left out"),
	NS_OPTION("mnt", MNT, "mount namespace, likewise"),
	NS_OPTION("uts", UTS, "UTS namespace"),
	NS_OPTION("ipc", IPC, "IPC namespace"),
	NS_OPTION("net", NET, "network namespace"),
	NS_OPTION("cgroup", CGROUP, "cgroup namespace"),
	NS_OPTION("user", USER, "user namespace"),
	NS_OPTION("time", TIME, "time namespace"),
	{ "map-root", OPT_MAP_ROOT, NULL,
	  "in a new user namespace, root is who you are [default];\n"
	  "this and the next four make --user new" },
	{ "map-auto", OPT_MAP_AUTO, NULL,
	  "likewise, and ids from 1 on are those that /etc/subuid\n"
	  "and /etc/subgid set aside for you" },
	{ "map", OPT_MAP, "IN:OUT[:N]",
	  "N user and group ids from IN on inside are those from\n"
	  "OUT on here; again for more; the command is the first" },
	{ "map-uids", OPT_MAP_UIDS, "IN:OUT[:N]", "likewise, user ids only" },
	{ "map-gids", OPT_MAP_GIDS, "IN:OUT[:N]", "likewise, group ids only" },
	{ "hostname", OPT_HOSTNAME, "NAME",
	  "host name inside; makes --uts new" },
	{ "time-offset", OPT_TIME_OFFSET, "CLOCK=SECONDS",
	  "set the clock monotonic or boottime ahead;\n"
	  "makes --time new" },
	{ NULL }
};

static void set_ns(struct run_ns *ns, int type, const char *how)
{
	unsigned int flag = (unsigned int)ns_types[type].flag;

	ns->fresh &= ~flag;
	ns->host &= ~flag;
	ns->from[type] = NULL;
	if (!how || !strcmp(how, "new"))
		ns->fresh |= flag;
	else if (!strcmp(how, "host"))
		ns->host |= flag;
	else
		ns->from[type] = how;
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

static int set_how(struct run_ns *ns, enum map_how how)
{
	if (ns->how != MAP_NONE && ns->how != how) {
		complain("--map-root, --map-auto and --map: one of them only");
		return -EINVAL;
	}
	ns->how = how;
	return 0;
}

static int take_map(struct run_ns *ns, int opt, const char *arg)
{
	int err = set_how(ns, MAP_GIVEN);

	if (err)
		return err;
	if (opt == OPT_MAP_UIDS)
		return maps_add(ns, "--map-uids", arg, true, false);
	if (opt == OPT_MAP_GIDS)
		return maps_add(ns, "--map-gids", arg, false, true);
	return maps_add(ns, "--map", arg, true, true);
}

static int take(void *what, int opt, const char *arg)
{
	struct run_ns *ns = &((struct run *)what)->ns;

	switch (opt) {
	case OPT_LIKE:
		ns->like = arg;
		return find_profile(arg) ? 0 : -EINVAL;
	case OPT_HOSTNAME:
		if (strlen(arg) > HOST_NAME_MAX) {
			complain("--hostname %s: longer than %d bytes", arg,
				 HOST_NAME_MAX);
			return -EINVAL;
		}
		ns->hostname = arg;
		return 0;
	case OPT_TIME_OFFSET:
		return add_offset(ns, arg);
	case OPT_MAP_ROOT:
		return set_how(ns, MAP_ROOT);
	case OPT_MAP_AUTO:
		return set_how(ns, MAP_AUTO);
	case OPT_MAP:
	case OPT_MAP_UIDS:
	case OPT_MAP_GIDS:
		return take_map(ns, opt, arg);
	}
	set_ns(ns, opt - OPT_NS, arg);
	return 0;
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
	const char *name = ns_types[type].name;
	const char *from = run->ns.from[type];

	run->ns.flags |= flag;
	if (!from && !(run->ns.host & flag))
		return 0;
	complain("%s needs a new %s namespace: leave out --%s=%s", option,
		 name, name, from ? from : "host");
	return -EINVAL;
}

/* To join the one that we are in is to stay. */
static int settle_from(struct run_ns *ns, int type)
{
	int fd;

	complain_within(ns_types[type].name, ns->from[type]);
	fd = ns_open(ns->from[type], type);
	complain_within(NULL, NULL);
	if (fd < 0)
		return fd;
	if (ns_fd_inode(fd) == ns_inode("self", type)) {
		close(fd);
		return 0;
	}
	ns->fds[type] = fd;
	ns->join |= (unsigned int)ns_types[type].flag;
	return 0;
}

static int settle_needs(struct run *run)
{
	struct run_ns *ns = &run->ns;
	bool offset = ns->has_offset[OFFSET_MONOTONIC] ||
		      ns->has_offset[OFFSET_BOOTTIME];
	static const char * const map_options[] = {
		[MAP_ROOT] = "--map-root", [MAP_AUTO] = "--map-auto",
		[MAP_GIVEN] = "--map",
	};

	if ((ns->hostname && ns_need(run, "--hostname", NSLENS_NS_TYPE_UTS)) ||
	    (ns->how && ns_need(run, map_options[ns->how],
				NSLENS_NS_TYPE_USER)) ||
	    (offset && ns_need(run, "--time-offset", NSLENS_NS_TYPE_TIME)))
		return -EINVAL;
	return 0;
}

static int settle(void *what)
{
	struct run *run = what;
	struct run_ns *ns = &run->ns;
	const struct profile *profile = find_profile(ns->like);
	int err;

	if (ns->like && profile->caps) {
		run->id.caps.has_base = true;
		run->id.caps.base = *profile->caps;
	}
	ns->flags = (profile->flags | ns->fresh) & ~ns->host;
	for (int type = 0; type < NR_NS_TYPES; type++)
		if (ns->from[type])
			ns->flags &= ~(unsigned int)ns_types[type].flag;
	err = settle_needs(run);
	for (int type = 0; !err && type < NR_NS_TYPES; type++)
		if (ns->from[type])
			err = settle_from(ns, type);
	return err ? err : maps_settle(run, profile->how);
}

const struct opt_group ns_group = {
	.title = "Namespaces",
	.opts = opts,
	.take = take,
	.settle = settle,
};
