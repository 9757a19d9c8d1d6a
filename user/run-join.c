// SPDX-License-Identifier: GPL-2.0
/*
 * Join namespaces that others are in. To join a PID namespace changes only where
 * children are born, and nobody comes back from a user namespace: so a process in
 * between joins all, makes the new one as a child of nslens, and is gone.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>

#include "run.h"

/**
 * join_wanted() - whether there is something to join
 * @run: what is wanted
 */
bool join_wanted(const struct run *run)
{
	return run->ns.join;
}

/**
 * join_hides() - whether the process in between is to be hidden
 * @run: what is wanted
 *
 * The maps of a new user namespace are written through /proc, where only root
 * gets at those who hide.
 */
bool join_hides(const struct run *run)
{
	return run->ns.join &&
	       (!geteuid() || !ns_is_new(run, NSLENS_NS_TYPE_USER));
}

/**
 * hide_plan() - tell what join_hide() would do
 * @run: not used
 * @out: where to
 */
void hide_plan(const struct run *run, FILE *out)
{
	(void)run;
	fputs("prctl(PR_SET_DUMPABLE, 0): none of those inside can attach", out);
}

/**
 * join_hide() - keep those inside from tracing us, and from our files
 * @run: not used
 *
 * Until the command is executed, we are nslens, with what it holds open, and yet
 * in their reach (CVE-2016-9962). Executing a command undoes that.
 *
 * Return: 0, or -1 with errno set.
 */
int join_hide(struct run *run)
{
	(void)run;
	return prctl(PR_SET_DUMPABLE, 0);
}

static void plan_type(const struct run *run, int type, FILE *out)
{
	if (run->ns.pidfd < 0)
		fprintf(out, " %s:[%u]", ns_types[type].name,
			ns_fd_inode(run->ns.fds[type]));
	else
		fprintf(out, " %s", ns_types[type].name);
}

/**
 * join_plan() - tell what join_all() would do
 * @run: what is wanted
 * @out: where to
 */
void join_plan(const struct run *run, FILE *out)
{
	fputs(run->ns.pidfd < 0 ? "setns:" : "setns, all at once:", out);
	for (int type = 0; type < NR_NS_TYPES; type++)
		if (ns_is_joined(run, type))
			plan_type(run, type, out);
}

static const char *hint(int err)
{
	switch (err) {
	case EPERM:
		return "that takes CAP_SYS_ADMIN in the user namespace that it belongs to";
	case EINVAL:
		return "neither an outer PID namespace nor an outer user namespace can be joined";
	case ESRCH:
		return "the process has ended";
	}
	return "";
}

static int fail(struct run *run, int type)
{
	return run_fail_hint(run, hint(errno), "the %s namespace",
			     ns_types[type].name);
}

/* Returns whether all were joined, or those that need the user namespace left. */
static bool join_type(struct run *run, int type, bool may_wait)
{
	if (!ns_is_joined(run, type) || run->ns.fds[type] < 0)
		return true;
	if (!setns(run->ns.fds[type], ns_types[type].flag)) {
		close(run->ns.fds[type]);
		run->ns.fds[type] = -1;
		return true;
	}
	return errno == EPERM && may_wait;
}

/* The mount namespace comes last, and the user namespace for itself. */
static int join_others(struct run *run, bool may_wait)
{
	for (int type = 0; type < NR_NS_TYPES; type++)
		if (type != NSLENS_NS_TYPE_USER && type != NSLENS_NS_TYPE_MNT &&
		    !join_type(run, type, may_wait))
			return fail(run, type);
	if (!join_type(run, NSLENS_NS_TYPE_MNT, may_wait))
		return fail(run, NSLENS_NS_TYPE_MNT);
	return 0;
}

/**
 * join_all() - join what is to be joined
 * @run: of the process in between
 *
 * The namespaces of one process are joined in one call: all or none, and they
 * are its own. Of others, some may be ours to join only before the user namespace
 * is, and some only then.
 *
 * Return: 0; fails by run_fail().
 */
int join_all(struct run *run)
{
	bool user = ns_is_joined(run, NSLENS_NS_TYPE_USER);

	/* There it may be denied, even to who is root here. */
	if (user && setgroups(0, NULL) && errno != EPERM)
		return run_fail(run, "dropping groups");
	if (run->ns.pidfd >= 0)
		return setns(run->ns.pidfd, (int)run->ns.join) ?
		       run_fail_hint(run, hint(errno), "%s", "setns") : 0;
	if (join_others(run, user))
		return -1;
	if (!user)
		return 0;
	if (!join_type(run, NSLENS_NS_TYPE_USER, false))
		return fail(run, NSLENS_NS_TYPE_USER);
	return join_others(run, false);
}
