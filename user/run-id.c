// SPDX-License-Identifier: GPL-2.0
/* As whom nslens run runs the command, and where it starts. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "run.h"
#include "target.h"

/**
 * user_wanted() - whether the command is somebody else than we are
 * @run: what is wanted
 */
bool user_wanted(const struct run *run)
{
	return !ns_is_host(run, NSLENS_NS_TYPE_USER);
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

/* Whether user_change() is not all. */
static bool ids_asked(const struct run_id *id)
{
	return id->has_uid || id->has_gid || id->nr_groups >= 0;
}

/**
 * id_uid() - tell as which user the command will run
 * @run: what is wanted; the child's
 *
 * Return: its user id inside.
 */
uid_t id_uid(const struct run *run)
{
	return run->id.has_uid ? run->id.want_uid : geteuid();
}

/**
 * id_wanted() - whether ids or capabilities were asked for
 * @run: what is wanted
 */
bool id_wanted(const struct run *run)
{
	return ids_asked(&run->id) || caps_asked(&run->id.caps);
}

/**
 * id_plan() - tell what id_take() would do
 * @run: what is wanted
 * @out: where to
 */
void id_plan(const struct run *run, FILE *out)
{
	const struct run_id *id = &run->id;
	const char *glue = "";

	if (ids_asked(id)) {
		fprintf(out, "have %d supplementary group%s",
			id->nr_groups < 0 ? 0 : id->nr_groups,
			id->nr_groups == 1 ? "" : "s");
		glue = ", ";
	}
	if (id->has_gid)
		fprintf(out, "%sbecome group %u", glue, id->want_gid);
	if (id->has_uid)
		fprintf(out, "%sbecome user %u", glue, id->want_uid);
	if (caps_asked(&id->caps)) {
		fputs(glue, out);
		caps_plan(&id->caps, out);
	}
}

static const char *why_not(const struct run *run)
{
	return errno == EINVAL && user_wanted(run) ?
	       ": not among the ids of the user namespace, see --map" : "";
}

static void take_ids(struct run *run)
{
	const struct run_id *id = &run->id;
	int nr = id->nr_groups < 0 ? 0 : id->nr_groups;

	/* As in user_change(), if nobody asked for some. */
	if (setgroups((size_t)nr, id->groups) &&
	    (errno != EPERM || nr || !user_wanted(run)))
		child_fail(run, nr ? "--groups%s" : "dropping groups%s",
			   why_not(run));
	if (id->has_gid &&
	    setresgid(id->want_gid, id->want_gid, id->want_gid))
		child_fail(run, "becoming group %u%s", id->want_gid,
			   why_not(run));
	if (id->has_uid &&
	    setresuid(id->want_uid, id->want_uid, id->want_uid))
		child_fail(run, "becoming user %u%s", id->want_uid,
			   why_not(run));
}

/**
 * id_take() - be who the command is, with the capabilities that it has
 * @run: the child's, with nothing left to do that takes privileges
 *
 * Return: 0; fails by child_fail().
 */
int id_take(struct run *run)
{
	const struct run_caps *caps = &run->id.caps;
	bool asked = caps_asked(caps);
	__u64 left = 0;

	if (asked && caps_bound(caps, &left))
		child_fail(run, "limiting capabilities%s", errno == EPERM ?
			   ": nslens cannot give what it does not have" : "");
	if (ids_asked(&run->id))
		take_ids(run);
	if (asked && caps_take(caps, left))
		child_fail(run, "setting capabilities");
	return 0;
}

/**
 * workdir_wanted() - whether the command starts in a certain directory
 * @run: what is wanted
 */
bool workdir_wanted(const struct run *run)
{
	return run->id.workdir;
}

/**
 * workdir_plan() - tell what workdir_enter() would do
 * @run: what is wanted
 * @out: where to
 */
void workdir_plan(const struct run *run, FILE *out)
{
	fprintf(out, "make %s the working directory", run->id.workdir);
}

/**
 * workdir_enter() - have the working directory that the command starts in
 * @run: the child's, as who the command is
 *
 * In a root file system that is not ours, it may be a link to one of our open
 * files (CVE-2024-21626), even to what is to be mounted there, but without what
 * is to hide it: links that are no paths are not followed. What is not below the
 * root has no path.
 *
 * Return: 0; fails by child_fail().
 */
int workdir_enter(struct run *run)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	char path[PATH_MAX];
	int dir;

	dir = (int)syscall(SYS_openat2, AT_FDCWD, run->id.workdir, &how,
			   sizeof(how));
	if (dir < 0 || fchdir(dir))
		child_fail(run, "%s", run->id.workdir);
	close(dir);
	/* Not getcwd(3), which finds a path all the same. */
	if (syscall(SYS_getcwd, path, sizeof(path)) > 0 && path[0] == '/')
		return 0;
	errno = EXDEV;
	child_fail(run, "%s: not below the root", run->id.workdir);
}

/**
 * privs_wanted() - whether no program is to give privileges
 * @run: what is wanted
 */
bool privs_wanted(const struct run *run)
{
	return run->id.no_new_privs;
}

/**
 * privs_seal() - see that no program gives privileges, for ever
 * @run: the child's
 *
 * Return: 0, or -1 with errno set.
 */
int privs_seal(struct run *run)
{
	(void)run;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

enum {
	OPT_UID = OPT_LONG,
	OPT_GID,
	OPT_GROUPS,
	OPT_CAP_ADD,
	OPT_CAP_DROP,
	OPT_NO_NEW_PRIVS,
	OPT_ENV,
	OPT_CLEAR_ENV,
	OPT_WORKDIR,
	OPT_RLIMIT,
};

static const struct opt opts[] = {
	{ "uid", OPT_UID, "N", "run as user N, a number inside" },
	{ "gid", OPT_GID, "N", "and as group N [that of --uid]" },
	{ "groups", OPT_GROUPS, "N,...",
	  "supplementary groups [none, with --uid or --gid]" },
	{ "cap-drop", OPT_CAP_DROP, "NAME,...",
	  "take capabilities away, or ALL but those added, of\n"
	  "those of nslens; for run --like=docker of the 14 of\n"
	  "Docker, for exec of those of the process" },
	{ "cap-add", OPT_CAP_ADD, "NAME,...",
	  "give capabilities, or ALL but those dropped; to who\n"
	  "is not root as ambient ones" },
	{ "no-new-privs", OPT_NO_NEW_PRIVS, NULL,
	  "let no program give it privileges" },
	{ "env", OPT_ENV, "NAME[=VALUE]",
	  "set a variable; without VALUE, to what it is here" },
	{ "clear-env", OPT_CLEAR_ENV, NULL,
	  "start with PATH, HOME and, with -t, TERM alone" },
	{ "workdir", OPT_WORKDIR, "DIR", "start in DIR, a path inside" },
	{ "rlimit", OPT_RLIMIT, "NAME=SOFT[:HARD]",
	  "resource limit, named as by prlimit, or unlimited" },
	{ NULL }
};

/* The last number there is, -1, means no change. */
static int parse_id(const char *option, const char *text, size_t len,
		    __u32 *id)
{
	if (!parse_u32(text, len, id) && *id != UINT_MAX)
		return 0;
	complain("%s %s: want a number, as ids are inside", option, text);
	return -EINVAL;
}

static int parse_groups(struct run_id *id, const char *text)
{
	id->nr_groups = 0;
	for (;; text++) {
		size_t len = strcspn(text, ",");

		if (id->nr_groups == MAX_GROUPS) {
			complain("--groups: more than %d", MAX_GROUPS);
			return -E2BIG;
		}
		if (parse_id("--groups", text, len, &id->groups[id->nr_groups]))
			return -EINVAL;
		id->nr_groups++;
		text += len;
		if (!*text)
			return 0;
	}
}

static int take(void *what, int opt, const char *arg)
{
	struct run_id *id = &((struct run *)what)->id;

	switch (opt) {
	case OPT_UID:
		id->has_uid = true;
		return parse_id("--uid", arg, strlen(arg), &id->want_uid);
	case OPT_GID:
		id->has_gid = true;
		return parse_id("--gid", arg, strlen(arg), &id->want_gid);
	case OPT_GROUPS:
		return parse_groups(id, arg);
	case OPT_CAP_ADD:
		return caps_parse(&id->caps.add, "--cap-add", arg);
	case OPT_CAP_DROP:
		return caps_parse(&id->caps.drop, "--cap-drop", arg);
	case OPT_NO_NEW_PRIVS:
		id->no_new_privs = true;
		return 0;
	case OPT_ENV:
		return env_add(&id->env, arg);
	case OPT_CLEAR_ENV:
		id->env.clear = true;
		return 0;
	case OPT_WORKDIR:
		id->workdir = arg;
		return 0;
	case OPT_RLIMIT:
		return rlimit_parse(&id->rlimits, arg);
	}
	return -EINVAL;
}

static int settle(void *what)
{
	struct run_id *id = &((struct run *)what)->id;

	if (id->has_uid && !id->has_gid) {
		id->has_gid = true;
		id->want_gid = id->want_uid;
	}
	return caps_settle(&id->caps);
}

const struct opt_group id_group = {
	.title = "Identity",
	.opts = opts,
	.take = take,
	.settle = settle,
};
