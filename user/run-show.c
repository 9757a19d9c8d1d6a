// SPDX-License-Identifier: GPL-2.0
/* nslens run -v: what has become of the process, before it is the command. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "netlink.h"
#include "run.h"
#include "show.h"

/**
 * show_wanted() - whether the process is to be shown
 * @run: what is wanted
 */
bool show_wanted(const struct run *run)
{
	return run->verbose;
}

/* All arguments, with blanks between them, to be freed. */
static char *join_words(char **argv)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (int i = 0; file && argv[i]; i++)
		fprintf(file, "%s%s", i ? " " : "", argv[i]);
	if (!file || fclose(file))
		return NULL;
	return text;
}

static void print_words(const char *name, const char *words)
{
	printf("%10s ", name);
	while (*words && *words != '\n') {
		size_t len = strcspn(words, " \t\n");

		if (len)
			printf(" %.*s", (int)len, words);
		words += len + strspn(words + len, " \t");
	}
	putchar('\n');
}

static void print_map(const struct run_exec *of, const char *name)
{
	char *map = exec_read(of, name, NULL);

	for (const char *at = map; at && *at;
	     at += strcspn(at, "\n"), at += !!*at)
		print_words(name, at);
	free(map);
}

static const char *origin(const struct run *run, int type)
{
	return ns_is_new(run, type) ? "new" :
	       ns_is_joined(run, type) ? "joined" : "host";
}

/* Without the module; its file system shows a process its own numbers, too. */
static void print_by_proc(const struct run *run, const char *command)
{
	struct run_exec of = { 0 };
	char pid[16], *status;

	snprintf(pid, sizeof(pid), "/proc/%d", run->pid);
	of.dir = open(pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = exec_read(&of, "status", NULL);
	printf("%10s  %s\n", "command", command);
	print_words("PIDs", exec_field(status ? status : "", "NSpid:"));
	print_words("uid", exec_field(status ? status : "", "Uid:"));
	print_words("gid", exec_field(status ? status : "", "Gid:"));
	print_map(&of, "uid_map");
	print_map(&of, "gid_map");
	free(status);
	close(of.dir);
	putchar('\n');
	for (int type = 0; type < NR_NS_TYPES; type++)
		printf("%10s  %-10u %s\n", ns_types[type].name,
		       ns_inode(pid + strlen("/proc/"), type),
		       origin(run, type));
}

static int show(const struct run *run, const char *command)
{
	struct nslens_conn conn;
	int status = 0;

	if (nslens_open(&conn)) {
		print_by_proc(run, command);
		return 0;
	}
	status = show_starting(&conn, (__u32)run->pid, command);
	nslens_close(&conn);
	return status;
}

/**
 * show_process() - show the process on standard error
 * @run: the parent's
 *
 * Standard output is the command's.
 *
 * Return: 0, or -1 after a complaint.
 */
int show_process(struct run *run)
{
	char *command = join_words(run->argv);
	int out, status;

	fflush(stdout);
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (!command || out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return run_fail(run, "using standard error");
	status = show(run, command);
	putchar('\n');
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	free(command);
	/* It has said why. */
	run->failed = status;
	return status ? -1 : 0;
}
