// SPDX-License-Identifier: GPL-2.0
/* As whom nslens run runs the command. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

#include "run.h"

/**
 * user_wanted() - whether the command is somebody else than we are
 * @run: what is wanted
 */
bool user_wanted(const struct run *run)
{
	return ns_is_new(run, NSLENS_NS_TYPE_USER);
}

/**
 * user_plan() - tell what user_change() would do
 * @run: what is wanted
 * @out: where to
 */
void user_plan(const struct run *run, FILE *out)
{
	fprintf(out, "drop groups, become user %u, group %u", run->id.uid,
		run->id.gid);
}

/**
 * user_change() - become who the command is in the new user namespace
 * @run: the child's
 *
 * Return: 0; fails by child_fail().
 */
int user_change(struct run *run)
{
	uid_t uid = run->id.uid;
	gid_t gid = run->id.gid;

	/* Not allowed where the caller was not privileged; then they stay. */
	if (setgroups(0, NULL) && errno != EPERM)
		child_fail(run, "dropping groups");
	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		child_fail(run, "becoming user %u, group %u", uid, gid);
	return 0;
}

static const struct opt opts[] = {
	{ NULL }
};

const struct opt_group id_group = {
	.title = "Identity",
	.opts = opts,
};
