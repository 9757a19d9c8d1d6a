// SPDX-License-Identifier: GPL-2.0
/* Resource limits of the command of nslens run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "run.h"

/* As the options of prlimit(1). */
static const char * const names[RLIM_NLIMITS] = {
	[RLIMIT_AS]		= "as",
	[RLIMIT_CORE]		= "core",
	[RLIMIT_CPU]		= "cpu",
	[RLIMIT_DATA]		= "data",
	[RLIMIT_FSIZE]		= "fsize",
	[RLIMIT_LOCKS]		= "locks",
	[RLIMIT_MEMLOCK]	= "memlock",
	[RLIMIT_MSGQUEUE]	= "msgqueue",
	[RLIMIT_NICE]		= "nice",
	[RLIMIT_NOFILE]		= "nofile",
	[RLIMIT_NPROC]		= "nproc",
	[RLIMIT_RSS]		= "rss",
	[RLIMIT_RTPRIO]		= "rtprio",
	[RLIMIT_RTTIME]		= "rttime",
	[RLIMIT_SIGPENDING]	= "sigpending",
	[RLIMIT_STACK]		= "stack",
};

static int by_name(const char *name, size_t len)
{
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (!strncasecmp(name, names[i], len) && !names[i][len])
			return i;
	return -1;
}

/* Returns what follows the number; NULL if it is none. */
static const char *parse_number(const char *text, rlim_t *number)
{
	static const char unlimited[] = "unlimited";
	size_t len = strlen(unlimited);
	char *end;

	if (!strncmp(text, unlimited, len)) {
		*number = RLIM_INFINITY;
		return text + len;
	}
	if (text[0] < '0' || text[0] > '9')
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno ? NULL : end;
}

static bool parse_limit(const char *text, struct rlimit *limit)
{
	const char *end = parse_number(text, &limit->rlim_cur);

	limit->rlim_max = limit->rlim_cur;
	if (end && *end == ':')
		end = parse_number(end + 1, &limit->rlim_max);
	return end && !*end && limit->rlim_cur <= limit->rlim_max;
}

/**
 * rlimit_parse() - read a resource limit
 * @limits: it is noted there
 * @text: NAME=SOFT[:HARD]
 *
 * Return: 0, or a negative errno after a complaint.
 */
int rlimit_parse(struct run_rlimits *limits, const char *text)
{
	size_t len = strcspn(text, "=");
	int which = by_name(text, len);

	if (which < 0) {
		complain("--rlimit %s: no such limit: see prlimit(1)",
			 text);
		return -EINVAL;
	}
	if (!text[len] || !parse_limit(text + len + 1, &limits->limit[which])) {
		complain("--rlimit %s: want NAME=SOFT[:HARD], SOFT at most HARD: nofile=64:128",
			 text);
		return -EINVAL;
	}
	limits->given[which] = true;
	return 0;
}

/**
 * rlimits_wanted() - whether a limit changes
 * @run: what is wanted
 */
bool rlimits_wanted(const struct run *run)
{
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (run->id.rlimits.given[i])
			return true;
	return false;
}

static void print_limit(rlim_t limit, FILE *out)
{
	if (limit == RLIM_INFINITY)
		fputs("unlimited", out);
	else
		fprintf(out, "%llu", (unsigned long long)limit);
}

/**
 * rlimits_plan() - tell what rlimits_set() would do
 * @run: what is wanted
 * @out: where to
 */
void rlimits_plan(const struct run *run, FILE *out)
{
	const struct run_rlimits *limits = &run->id.rlimits;
	const char *glue = "limit ";

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		if (!limits->given[i])
			continue;
		fprintf(out, "%s%s to ", glue, names[i]);
		print_limit(limits->limit[i].rlim_cur, out);
		putc(':', out);
		print_limit(limits->limit[i].rlim_max, out);
		glue = ", ";
	}
}

/**
 * rlimits_set() - limit what the new process may use
 * @run: the parent's
 *
 * Not by the child itself: its set-up is not for the command's limits, and to
 * raise one takes privileges here, which it may have left.
 *
 * Return: 0, or -1 after a complaint.
 */
int rlimits_set(struct run *run)
{
	const struct run_rlimits *limits = &run->id.rlimits;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (limits->given[i] &&
		    prlimit(run->pid, (enum __rlimit_resource)i,
			    &limits->limit[i], NULL))
			return run_fail(run, "--rlimit %s%s", names[i],
					errno == EPERM ?
					": more than nslens itself may have" :
					"");
	return 0;
}
