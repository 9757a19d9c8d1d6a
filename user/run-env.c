// SPDX-License-Identifier: GPL-2.0
/* The environment of the command of nslens run. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "run.h"

#define DEFAULT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#define MOST_OF_USERS	(8 << 20)

/**
 * env_add() - note one more variable
 * @env: it is added to this
 * @text: NAME=VALUE, or NAME for the value that it has here, if it has one
 *
 * Return: 0, or a negative errno after a complaint.
 */
int env_add(struct run_env *env, const char *text)
{
	const char *here = getenv(text);
	char **set;

	if (!text[0] || text[0] == '=') {
		complain("--env %s: want NAME=VALUE, or NAME for the value here",
			 text);
		return -EINVAL;
	}
	if (!strchr(text, '=') && !here)
		return 0;
	set = reallocarray(env->set, env->nr + 1, sizeof(*set));
	if (set)
		env->set = set;
	if (!set ||
	    (strchr(text, '=') ?
	     asprintf(&set[env->nr], "%s", text) :
	     asprintf(&set[env->nr], "%s=%s", text, here)) < 0) {
		complain("--env: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	env->nr++;
	return 0;
}

/**
 * env_wanted() - whether the command's environment differs from ours
 * @run: what is wanted
 */
bool env_wanted(const struct run *run)
{
	return run->id.env.clear || run->id.env.nr;
}

/* Values may be secrets. */
static void print_names(const struct run_env *env, FILE *out)
{
	for (size_t i = 0; i < env->nr; i++)
		fprintf(out, "%s%.*s", i ? ", " : "",
			(int)strcspn(env->set[i], "="), env->set[i]);
}

/**
 * env_plan() - tell what env_make() would do
 * @run: what is wanted
 * @out: where to
 */
void env_plan(const struct run *run, FILE *out)
{
	const struct run_env *env = &run->id.env;

	if (env->clear)
		fputs("clear the environment but for PATH, HOME, TERM", out);
	if (env->nr)
		fputs(env->clear ? "; set " : "set ", out);
	print_names(env, out);
}

/*
 * As the root file system says. It is not ours, hence no getpwuid(3), which
 * would have it say which libraries to load; and nothing in it may hold us up.
 */
static void set_home(uid_t uid)
{
	int fd = open("/etc/passwd",
		      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct passwd *entry = NULL;
	FILE *file = NULL;
	struct stat st;

	/* Nor may it be without an end. */
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_size <= MOST_OF_USERS)
		file = fdopen(fd, "re");
	else if (fd >= 0)
		close(fd);

	while (file && (entry = fgetpwent(file)) && entry->pw_uid != uid)
		;
	setenv("HOME", entry && entry->pw_dir[0] ? entry->pw_dir : "/", 1);
	if (file)
		fclose(file);
}

static int make_minimal(const struct run *run)
{
	const char *term = getenv("TERM");
	char *kept = strdup(term ? term : "xterm");

	if (!kept || clearenv() || setenv("PATH", DEFAULT_PATH, 1) ||
	    (run->life.tty && setenv("TERM", kept, 1))) {
		free(kept);
		return -1;
	}
	free(kept);
	set_home(id_uid(run));
	return 0;
}

/**
 * env_make() - have the environment that the command gets
 * @run: the child's
 *
 * The command is looked for in the PATH that it has itself.
 *
 * Return: 0, or -1 with errno set.
 */
int env_make(struct run *run)
{
	const struct run_env *env = &run->id.env;

	if (env->clear && make_minimal(run))
		return -1;
	for (size_t i = 0; i < env->nr; i++)
		if (putenv(env->set[i]))
			return -1;
	return 0;
}
