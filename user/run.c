// SPDX-License-Identifier: GPL-2.0
/* nslens run: a command in new namespaces. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nslens.h"
#include "run-keep.h"
#include "run.h"
#include "run-step.h"
#include "self-exe.h"
#include "trace.h"

enum {
	OPT_DRY_RUN = OPT_LONG,
	OPT_TRACE,
};

static const struct opt opts[] = {
	{ "verbose", 'v', NULL,
	  "before the command is executed, show the process as the\n"
	  "host and as it itself knows it; best with the module" },
	{ "dry-run", OPT_DRY_RUN, NULL,
	  "only tell, step by step, what would be done" },
	{ "trace", OPT_TRACE, NULL,
	  "show what happens to tasks and namespaces meanwhile, as\n"
	  "nslens trace -- nslens run would; needs the module" },
	{ NULL }
};

static int take(void *what, int opt, const char *arg)
{
	struct run *run = what;

	(void)arg;
	switch (opt) {
	case 'v':
		run->verbose = true;
		return 0;
	case OPT_DRY_RUN:
		run->dry = true;
		return 0;
	case OPT_TRACE:
		run->trace = true;
		/* For run_traced(). */
		run->argv[optind - 1] = NULL;
		return 0;
	}
	return -EINVAL;
}

static const struct opt_group run_group = {
	.title = "What happens",
	.opts = opts,
	.take = take,
};

static const struct opt_group *const groups[] = {
	&ns_group, &root_group, &id_group, &cgroup_group, &life_group,
	&keep_group, &run_group, NULL
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"Without the module, too. --TYPE alone means --TYPE=new. The exit status is that\n"
		"of the command, or 128 and the number of the signal that ended it; 125 if nslens\n"
		"itself failed, 126 if the command cannot be executed, 127 if there is none.\n"
		"Signals are forwarded; as PID 1, the command gets only those that it handles.\n"
		"If nslens is killed, so is the command, unless --kill-child=no, or it is setuid\n"
		"and run as another user than root, without --init.\n");
}

static const struct usage usage = {
	.verb = "run",
	.args = "[--] CMD [ARG...]",
	.about = "Run a command in new namespaces, by default those that Docker makes.",
	.groups = groups,
	.command = true,
	.more = more_help,
};

/*
 * Run again, without --trace, as the command of a trace: so it is seen from its
 * first instruction, and what makes the namespaces is seen, too.
 */
static int run_traced(int argc, char **argv)
{
	static char self[PATH_MAX] = "/proc/self/exe";
	char **again = calloc((size_t)argc + 2, sizeof(*again));
	char path[sizeof(self)] = "";
	size_t nr = 0;

	if (!again) {
		complain("%s", strerror(ENOMEM));
		return EXIT_RUN_OWN;
	}
	/* Its own name is what it is to have in the trace. */
	if (readlink(self, path, sizeof(path) - 1) > 0 && !access(path, X_OK))
		memcpy(self, path, sizeof(self));
	again[nr++] = self;
	again[nr++] = (char *)"run";
	for (int i = 1; i < argc; i++)
		if (argv[i])
			again[nr++] = argv[i];
	return trace_command(again);
}

/**
 * cmd_run() - run a command in new namespaces
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_run(int argc, char **argv)
{
	struct run run = {
		.argv = argv,
		RUN_DEFAULTS,
	};

	if (stdio_fill(&run) || opt_take(&usage, argc, argv, &run) || opt_settle(&usage, &run))
		return EXIT_RUN_OWN;
	if (run.life.unkeep) {
		opt_count(&usage, argc, 0, 0);
		return keep_remove(run.life.unkeep) ? EXIT_RUN_OWN :
						      EXIT_SUCCESS;
	}
	opt_count(&usage, argc, 1, -1);
	run.argv = argv + optind;
	if (run.dry) {
		run_plan(&run, stdout);
		return EXIT_SUCCESS;
	}
	if (run.trace)
		return run_traced(argc, argv);

	/*
	 * The files inside are not ours, and one of them is executed; or those
	 * who are there find ours by the new process.
	 */
	if ((run.root.path || run.ns.join) && self_protect(argv - 1))
		return EXIT_RUN_OWN;
	return parent_run(&run);
}
