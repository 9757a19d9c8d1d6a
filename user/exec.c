// SPDX-License-Identifier: GPL-2.0
/* nslens exec: a command in the namespaces of a process. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "nslens.h"
#include "run.h"
#include "self-exe.h"
#include "target.h"

enum {
	OPT_NS = OPT_LONG,
	OPT_AS_ROOT,
	OPT_CGROUP_HERE,
	OPT_DRY_RUN,
};

static const struct opt opts[] = {
	{ "ns", OPT_NS, "TYPE,...",
	  "only these of its namespaces [all]; without mnt, the\n"
	  "root, directory and environment are those here: of a\n"
	  "command that those inside can trace they get these" },
	{ "as-root", OPT_AS_ROOT, NULL,
	  "be root there, not who it is; its limits stay" },
	{ "cgroup-here", OPT_CGROUP_HERE, NULL,
	  "stay in the cgroup of nslens, not in its" },
	{ "verbose", 'v', NULL,
	  "before the command is executed, show the process as the\n"
	  "host and as it itself knows it; best with the module" },
	{ "dry-run", OPT_DRY_RUN, NULL,
	  "only tell, step by step, what would be done" },
	{ NULL }
};

static int add_types(struct run_exec *exec, const char *text)
{
	for (;; text++) {
		size_t len = strcspn(text, ",");
		int type = ns_type_by_name(text, len);

		if (type < 0) {
			complain("--ns %.*s: none of cgroup, ipc, mnt, net, pid, time, user, uts",
				 (int)len, text);
			return -EINVAL;
		}
		exec->types |= (unsigned int)ns_types[type].flag;
		text += len;
		if (!*text)
			return 0;
	}
}

static int take(void *what, int opt, const char *arg)
{
	struct run *run = what;

	switch (opt) {
	case OPT_NS:
		return add_types(&run->exec, arg);
	case OPT_AS_ROOT:
		run->exec.as_root = true;
		return 0;
	case OPT_CGROUP_HERE:
		run->exec.here = true;
		return 0;
	case 'v':
		run->verbose = true;
		return 0;
	case OPT_DRY_RUN:
		run->dry = true;
		return 0;
	}
	return -EINVAL;
}

static int settle(void *what)
{
	struct run *run = what;
	int err;

	if (run->exec.as_root && (run->id.has_uid || run->id.has_gid)) {
		complain("--as-root and --%cid: choose one",
			 run->id.has_uid ? 'u' : 'g');
		return -EINVAL;
	}
	err = exec_find(run);
	if (!err && ns_is_joined(run, NSLENS_NS_TYPE_USER)) {
		run->id.uid = exec_id_inside(&run->exec, "uid_map");
		run->id.gid = exec_id_inside(&run->exec, "gid_map");
	}
	return err;
}

static const struct opt_group exec_group = {
	.title = "What is taken of the process, and what is told",
	.opts = opts,
	.take = take,
	.settle = settle,
};

static const struct opt_group *const groups[] = {
	&id_group, &life_group, &exec_group, NULL
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"The command is a child of nslens, but in the namespaces and the cgroup of the\n"
		"TARGET, with its root, working directory, user, groups, environment, and at most\n"
		"its capabilities: as if it had executed the command, but for its seccomp filters\n"
		"and security labels. Files of nslens that are open, 0, 1 and 2 apart, stay out.\n"
		"Without the module, too, unless TARGET is INODE:PID. The exit status is that of the\n"
		"command, or 128 and the number of the signal that ended it; 125 if nslens itself\n"
		"failed, 126 if the command cannot be executed, 127 if there is none.\n\n"
		TARGET_HELP "\n"
		"A namespace, cgroup or container stands for its first process: the outermost PID 1\n"
		"in it, else the one with the lowest PID. nslens ps flags the command as injected.\n");
}

static const struct usage usage = {
	.verb = "exec",
	.args = "TARGET [--] CMD [ARG...]",
	.about = "Run a command in the namespaces of a process, next to it.",
	.groups = groups,
	.command = true,
	.more = more_help,
};

/**
 * cmd_exec() - run a command in the namespaces of a process
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_exec(int argc, char **argv)
{
	struct run run = {
		.argv = argv,
		RUN_DEFAULTS,
	};

	if (stdio_fill(&run) || opt_take(&usage, argc, argv, &run))
		return EXIT_RUN_OWN;
	opt_count(&usage, argc, 1, -1);
	run.exec.text = argv[optind++];
	if (opt_take(&usage, argc, argv, &run))
		return EXIT_RUN_OWN;
	if (optind >= argc) {
		complain("CMD is missing: usage: nslens exec [OPTIONS] %s",
			 usage.args);
		return EXIT_RUN_OWN;
	}
	run.argv = argv + optind;
	if (!run.dry && self_protect(argv - 1))
		return EXIT_RUN_OWN;
	if (opt_settle(&usage, &run))
		return EXIT_RUN_OWN;
	if (run.dry) {
		run_plan(&run, stdout);
		return EXIT_SUCCESS;
	}
	return parent_run(&run);
}
