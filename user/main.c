// SPDX-License-Identifier: GPL-2.0
/* nslens, the helper: a table of verbs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "nslens.h"
#include "options.h"
#include "run-init.h"

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
};

static const struct verb verbs[] = {
	{ "run", cmd_run, "run a command in new namespaces" },
	{ "exec", cmd_exec, "run a command in the namespaces of a process" },
	{ "ps", cmd_ps, "list tasks, with their PIDs at every level" },
	{ "ls", cmd_ls, "list namespaces" },
	{ "show", cmd_show, "show all about one task or namespace" },
	{ "diff", cmd_diff, "show which namespaces two tasks share" },
	{ "pid", cmd_pid, "translate PIDs from one PID namespace to another" },
	{ "graph", cmd_graph, "print the hierarchy of namespaces for Graphviz" },
	{ "trace", cmd_trace, "show what happens to tasks, as it happens" },
	{ "status", cmd_status, "show what the module is and what you may see" },
};

#define NR_VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static void print_usage(FILE *out)
{
	fprintf(out, "usage: nslens VERB [OPTIONS] [ARG...]\n\n"
		"See both sides of the namespace illusion: what a process believes, and what\n"
		"it is on the outside.\n\n");
	for (size_t i = 0; i < NR_VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].about);
	fprintf(out, "\n"
		"nslens VERB --help (or nslens help VERB) tells more, nslens --version the version.\n"
		"A verb exits with 0, 1 if something asked for is not there, 2 on wrong usage,\n"
		"without the module, or if it failed; run and exec as their help tells.\n");
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < NR_VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int help(const char *name)
{
	const struct verb *verb = name ? find_verb(name) : NULL;

	if (verb)
		return verb->run(2, (char *[]){ (char *)name,
						(char *)"--help", NULL });
	if (name) {
		complain("help: %s: no such verb: see nslens help", name);
		return EXIT_OWN;
	}
	print_usage(stdout);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct verb *verb = name ? find_verb(name) : NULL;

	if (argc && !strcmp(argv[0], INIT_NAME))
		return init_main(argc, argv);
	if (verb) {
		complain_as(name);
		return opt_finish(verb->run(argc - 1, argv + 1));
	}
	if (!name) {
		print_usage(stderr);
		return EXIT_OWN;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") ||
	    !strcmp(name, "-h"))
		return opt_finish(help(argc > 2 ? argv[2] : NULL));
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("nslens " NSLENS_VERSION ", interface version %d\n",
		       NSLENS_SPEAKS_VERSION);
		return opt_finish(EXIT_SUCCESS);
	}
	complain("%s: no such verb: see nslens help", name);
	return EXIT_OWN;
}
