// SPDX-License-Identifier: GPL-2.0
/* nslens pid: translate PIDs from one PID namespace to another. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-out.h"
#include "levels.h"
#include "netlink.h"
#include "nslens.h"
#include "options.h"
#include "target.h"

enum { OPT_FROM = OPT_LONG, OPT_TO };

static const struct opt opts[] = {
	{ "from", OPT_FROM, "NS", "PID namespace that the PIDs count in [here]" },
	{ "to", OPT_TO, "NS",
	  "PID namespace to translate to [here with --from; without,\n"
	  "each task's own PID namespace]" },
	{ "json", 'J', NULL, "print JSON: the PIDs at every level" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"Prints one line for each PID, in order: its number there, or - if it has none.\n"
		"A PID that does not exist gets a message on standard error, and the exit status\n"
		"is then 1. With - for a PID, more are read from standard input; what is none gets\n"
		"a message with the number of its line, and a - in its place.\n\n"
		"A PID is a number and nothing else: where it counts, --from says.\n\n"
		"NS: a PID namespace, or a task or a container for the one that it is in, as a\n"
		TARGET_HELP);
}

static const struct usage usage = {
	.verb = "pid",
	.args = "PID...",
	.about = "Translate PIDs from one PID namespace to another, in any direction.",
	.opts = opts,
	.more = more_help,
};

/**
 * struct work - what is to be translated
 * @how: from where to where
 * @from: what --from said, NULL for nothing
 * @to: what --to said, likewise
 * @pids: the PIDs as they were given, 0 for what was none
 * @nr: how many
 * @size: for how many there is room
 */
struct work {
	struct nslens_translation how;
	const char *from;
	const char *to;
	__s32 *pids;
	size_t nr;
	size_t size;
};

static int add_pid(struct work *work, __u32 pid)
{
	if (work->nr == work->size) {
		size_t size = 2 * work->size + 64;
		__s32 *pids = realloc(work->pids, size * sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		work->pids = pids;
		work->size = size;
	}
	work->pids[work->nr++] = (__s32)pid;
	return 0;
}

/* The words of a line; one that is no PID does not disturb the others. */
static int take_line(struct work *work, char *line, unsigned long nr)
{
	static const char blanks[] = " \t\r\n";
	char *word = strtok(line, blanks);
	int err = 0;

	if (!word) {
		complain("standard input, line %lu: empty: not a PID", nr);
		return add_pid(work, 0);
	}
	for (; word && !err; word = strtok(NULL, blanks)) {
		__u32 pid;

		if (!is_pid(word, &pid)) {
			complain("standard input, line %lu: %s: not a PID", nr,
				 word);
			pid = 0;
		}
		err = add_pid(work, pid);
	}
	return err;
}

static int read_pids(struct work *work)
{
	unsigned long nr = 0;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, stdin) > 0)
		err = take_line(work, line, ++nr);
	free(line);
	if (!err && ferror(stdin)) {
		complain("standard input: %s", strerror(errno));
		err = -EIO;
	}
	return err;
}

static int take_pid(struct work *work, const char *text)
{
	__u32 pid;
	int err;

	if (strchr(text, ':')) {
		complain("'%s': not a PID: give the number alone, and --from its namespace",
			 text);
		return -EINVAL;
	}
	err = parse_pid(text, &pid);
	return err ? err : add_pid(work, pid);
}

static int take_pids(struct work *work, int nr, char **args)
{
	int err = 0;

	for (int i = 0; i < nr && !err; i++)
		err = strcmp(args[i], "-") ? take_pid(work, args[i]) :
					     read_pids(work);
	return err;
}

/* "pid:[4026531836]", or words where the inode number is not to be known. */
static void name_from(struct nslens_conn *conn, const struct work *work,
		      char *name, size_t size)
{
	__u32 ino = target_ns_inode(conn, &work->how.from, NSLENS_NS_TYPE_PID);

	if (ino)
		snprintf(name, size, "pid:[%u]", ino);
	else
		snprintf(name, size, "that PID namespace");
}

/*
 * Complain of the entries that failed, but for what was no PID, of which that
 * was done. Returns the exit status.
 */
static int check(struct nslens_conn *conn, const struct work *work,
		 const __s32 *result)
{
	char name[32] = "";
	int status = 0;

	for (size_t i = 0; i < work->nr; i++) {
		if (result[i] >= 0)
			continue;
		status = EXIT_PARTIAL;
		if (!work->pids[i])
			continue;
		if (!name[0])
			name_from(conn, work, name, sizeof(name));
		complain("%d: %s in %s", work->pids[i],
			 result[i] == -ESRCH ? "no such process" :
			 strerror(-result[i]), name);
	}
	return status;
}

static void print_plain(const struct work *work, const __s32 *result)
{
	for (size_t i = 0; i < work->nr; i++) {
		if (result[i] > 0)
			printf("%d\n", result[i]);
		else
			puts("-");
	}
}

static struct json_object *levels_to_json(const struct nslens_task *task,
					  __u32 here)
{
	struct json_object *levels = json_object_new_array();
	__u32 inodes[MAX_LEVELS];

	pidns_by_level(task, here, inodes);
	for (unsigned int i = 0; i < task->pids.nr && i < MAX_LEVELS; i++) {
		struct json_object *level = json_object_new_object();

		json_object_object_add(level, "level",
				       json_object_new_int((int)i));
		json_object_object_add(level, "pidns", json_number(inodes[i]));
		json_object_object_add(level, "pid",
				       json_number(task->pids.at[i]));
		json_object_array_add(levels, level);
	}
	return levels;
}

static struct json_object *pid_to_json(struct nslens_conn *conn,
				       const struct work *work, size_t i,
				       __s32 result, const __u32 ns[2])
{
	struct json_object *entry = json_object_new_object();
	struct nslens_task task;
	int err;

	json_object_object_add(entry, "pid",
			       json_number((__u32)work->pids[i]));
	json_object_object_add(entry, "pidns", json_number(ns[1]));
	json_object_object_add(entry, "to",
			       json_number(result > 0 ? (__u32)result : 0));

	err = !work->pids[i] ? -EINVAL :
	      nslens_task_get(conn, (__u32)work->pids[i], &work->how.from,
			      NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_NS,
			      &task);
	if (err)
		json_object_object_add(entry, "error",
				       json_text(work->pids[i] ?
						 strerror(-err) :
						 "not a PID"));
	else
		json_object_object_add(entry, "levels",
				       levels_to_json(&task, ns[0]));
	return entry;
}

static void print_json(struct nslens_conn *conn, const struct work *work,
		       const __s32 *result)
{
	const struct nslens_ns_ref none = { NSLENS_REF_NONE };
	const __u32 ns[2] = {
		target_ns_inode(conn, &none, NSLENS_NS_TYPE_PID),
		target_ns_inode(conn, &work->how.from, NSLENS_NS_TYPE_PID),
	};
	struct json_object *all = json_object_new_object();
	struct json_object *list = json_object_new_array();

	json_object_object_add(all, "pids", list);
	for (size_t i = 0; i < work->nr; i++)
		json_object_array_add(list,
				      pid_to_json(conn, work, i, result[i],
						  ns));
	json_print(all);
}

/* What the module says of the whole is about one of the options. */
static void refuse(const struct nslens_conn *conn, const struct work *work)
{
	if (work->from && lens_blames(conn, "from"))
		complain("--from %s: %s", work->from, lens_reason(conn));
	else if (work->to && lens_blames(conn, "to"))
		complain("--to %s: %s", work->to, lens_reason(conn));
	else
		complain("%s", lens_reason(conn));
}

static int translate(struct nslens_conn *conn, const struct work *work,
		     bool json)
{
	__s32 *result = calloc(work->nr + 1, sizeof(*result));
	int status = EXIT_OWN;
	int err;

	if (!result) {
		complain("%s", strerror(ENOMEM));
		return EXIT_OWN;
	}
	err = nslens_pid_translate(conn, &work->how, work->pids, work->nr,
				   result);
	if (err) {
		refuse(conn, work);
		status = lens_exit(err);
	} else {
		if (json)
			print_json(conn, work, result);
		else
			print_plain(work, result);
		status = check(conn, work, result);
	}
	free(result);
	return status;
}

/**
 * cmd_pid() - translate PIDs
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_pid(int argc, char **argv)
{
	struct nslens_conn conn;
	struct work work = { 0 };
	bool json = false;
	int status = EXIT_OWN;
	int opt, err;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		if (opt == OPT_FROM)
			work.from = optarg;
		else if (opt == OPT_TO)
			work.to = optarg;
		else if (opt == 'J')
			json = true;
	}
	opt_count(&usage, argc, 1, -1);
	if (take_pids(&work, argc - optind, argv + optind) || lens_open(&conn))
		goto free;

	work.how.to_own = !work.from && !work.to;
	err = !work.from ? 0 : target_ns(&conn, work.from, NSLENS_NS_TYPE_PID,
					 &work.how.from);
	if (!err && work.to)
		err = target_ns(&conn, work.to, NSLENS_NS_TYPE_PID,
				&work.how.to);
	status = err ? lens_exit(err) : translate(&conn, &work, json);
	nslens_close(&conn);
free:
	free(work.pids);
	return status;
}
