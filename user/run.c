// SPDX-License-Identifier: GPL-2.0
/* nslens run: a command in new namespaces. What it is asked for is read here. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "nslens.h"
#include "options.h"
#include "run.h"
#include "target.h"
#include "trace.h"

/* As Docker does. */
#define DEFAULT_NEW	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | \
			 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

enum {
	OPT_NS = OPT_LONG,			/* and enum nslens_ns_type */
	OPT_ROOTFS = OPT_NS + NR_NS_TYPES,
	OPT_HOSTNAME,
	OPT_MAP,
	OPT_TIME_OFFSET,
	OPT_PIDFILE,
	OPT_INFO_FD,
	OPT_KEEP_FD,
	OPT_TRACE,
};

#define NS_OPTION(name, type, help)	\
	{ name, OPT_NS + NSLENS_NS_TYPE_##type, "=HOW", help }

static const struct opt opts[] = {
	{ "interactive", 'i', NULL,
	  "keep standard input open; without, it is /dev/null" },
	{ "tty", 't', NULL, "give the command a terminal of its own" },
	{ "rootfs", OPT_ROOTFS, "DIR", "directory that becomes the root" },
	{ "hostname", OPT_HOSTNAME, "NAME", "host name inside" },
	NS_OPTION("pid", PID, "PID namespace: HOW is new or host [new]"),
	NS_OPTION("mnt", MNT, "mount namespace [new]"),
	NS_OPTION("uts", UTS, "UTS namespace [new]"),
	NS_OPTION("ipc", IPC, "IPC namespace [new]"),
	NS_OPTION("net", NET, "network namespace [new]"),
	NS_OPTION("cgroup", CGROUP, "cgroup namespace [new]"),
	NS_OPTION("user", USER, "user namespace [host]"),
	NS_OPTION("time", TIME, "time namespace [host]"),
	{ "map", OPT_MAP, "IN:OUT[:N]",
	  "N user and group ids from IN on inside are those\n"
	  "from OUT on outside; the command runs as the first\n"
	  "[0:YOUR-OWN:1]; makes --user new" },
	{ "time-offset", OPT_TIME_OFFSET, "CLOCK=SECONDS",
	  "set the clock monotonic or boottime ahead;\n"
	  "makes --time new" },
	{ "pidfile", OPT_PIDFILE, "FILE",
	  "write the command's PID, here, to FILE" },
	{ "info-fd", OPT_INFO_FD, "N",
	  "write the PID and the namespaces as JSON to file\n"
	  "descriptor N, before the command starts" },
	{ "keep-fd", OPT_KEEP_FD, "N",
	  "let the command inherit file descriptor N, too" },
	{ "trace", OPT_TRACE, NULL,
	  "show what happens to tasks and namespaces meanwhile, as\n"
	  "nslens trace -- nslens run would; needs the module" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"Without the module, too. --TYPE alone means --TYPE=new. The exit status is that\n"
		"of the command, or 128 and the number of the signal that ended it; 125 if nslens\n"
		"itself failed, 126 if the command cannot be executed, 127 if there is none.\n"
		"Signals are forwarded; as PID 1, the command gets only those that it handles.\n"
		"If nslens is killed, so is the command.\n");
}

static const struct usage usage = {
	.verb = "run",
	.args = "[--] CMD [ARG...]",
	.about = "Run a command in new namespaces, by default those that Docker makes.",
	.opts = opts,
	.command = true,
	.more = more_help,
};

static int set_ns(struct run *run, int type, const char *how)
{
	unsigned int flag = (unsigned int)ns_types[type].flag;

	if (!how || !strcmp(how, "new")) {
		run->flags |= flag;
		run->host &= ~flag;
	} else if (!strcmp(how, "host")) {
		run->flags &= ~flag;
		run->host |= flag;
	} else {
		complain("--%s=%s: neither new nor host", ns_types[type].name,
			 how);
		return -EINVAL;
	}
	return 0;
}

static int add_map(struct run *run, const char *text)
{
	struct id_map *map = &run->maps[run->nr_maps];
	size_t in = strcspn(text, ":");
	const char *second = text + in + !!text[in];
	size_t out = strcspn(second, ":");
	const char *third = second + out + !!second[out];

	if (run->nr_maps == MAX_MAPS) {
		complain("more than %d of --map", MAX_MAPS);
		return -E2BIG;
	}
	map->count = 1;
	if (parse_u32(text, in, &map->inside) ||
	    parse_u32(second, out, &map->outside) ||
	    (second[out] && parse_u32(third, strlen(third), &map->count)) ||
	    !map->count) {
		complain("--map %s: want IN:OUT or IN:OUT:N, such as 0:100000:65536",
			 text);
		return -EINVAL;
	}
	run->nr_maps++;
	return 0;
}

static int add_offset(struct run *run, const char *text)
{
	for (int i = 0; i < NR_OFFSETS; i++) {
		size_t len = strlen(offset_clocks[i]);
		char *end;

		if (strncmp(text, offset_clocks[i], len) || text[len] != '=')
			continue;
		errno = 0;
		run->offsets[i] = strtoll(text + len + 1, &end, 10);
		if (errno || *end || end == text + len + 1)
			break;
		run->has_offset[i] = true;
		return 0;
	}
	complain("--time-offset %s: want monotonic=SECONDS or boottime=SECONDS",
		 text);
	return -EINVAL;
}

/* Returns an open file descriptor, or a negative errno after a complaint. */
static int parse_fd(const char *option, const char *text)
{
	__u32 fd;
	int err = parse_u32(text, strlen(text), &fd);

	if (!err && ((int)fd < 0 || fcntl((int)fd, F_GETFD) < 0))
		err = -EBADF;
	if (err)
		complain("%s %s: %s", option, text,
			 err == -EBADF ? "not open: redirect it, such as 3>FILE" :
			 "not a number");
	return err ? err : (int)fd;
}

static int add_keep(struct run *run, const char *text)
{
	int fd = parse_fd("--keep-fd", text);

	if (fd >= 0 && run->nr_keep == MAX_KEEP) {
		complain("more than %d of --keep-fd", MAX_KEEP);
		return -E2BIG;
	}
	if (fd >= 0)
		run->keep[run->nr_keep++] = fd;
	return fd < 0 ? fd : 0;
}

static int take_option(struct run *run, int opt)
{
	if (opt >= OPT_NS && opt < OPT_NS + NR_NS_TYPES)
		return set_ns(run, opt - OPT_NS, optarg);

	switch (opt) {
	case 'i':
		run->interactive = true;
		return 0;
	case 't':
		run->tty = true;
		return 0;
	case OPT_ROOTFS:
		run->rootfs = optarg;
		return 0;
	case OPT_HOSTNAME:
		run->hostname = optarg;
		return 0;
	case OPT_MAP:
		return add_map(run, optarg);
	case OPT_TIME_OFFSET:
		return add_offset(run, optarg);
	case OPT_PIDFILE:
		run->pidfile = optarg;
		return 0;
	case OPT_INFO_FD:
		run->info_fd = parse_fd("--info-fd", optarg);
		return run->info_fd < 0 ? -EINVAL : 0;
	case OPT_KEEP_FD:
		return add_keep(run, optarg);
	case OPT_TRACE:
		run->trace = true;
		return 0;
	}
	return -EINVAL;
}

/* An option makes its namespace a new one, unless that was ruled out. */
static int need(struct run *run, const char *option, int type)
{
	unsigned int flag = (unsigned int)ns_types[type].flag;

	run->flags |= flag;
	if (!(run->host & flag))
		return 0;
	complain("%s needs a new %s namespace: leave out --%s=host", option,
		 ns_types[type].name, ns_types[type].name);
	return -EINVAL;
}

/* After all options were read: their order does not matter. */
static int settle(struct run *run)
{
	bool offset = run->has_offset[OFFSET_MONOTONIC] ||
		      run->has_offset[OFFSET_BOOTTIME];

	return (run->rootfs && need(run, "--rootfs", NSLENS_NS_TYPE_MNT)) ||
	       (run->hostname && need(run, "--hostname", NSLENS_NS_TYPE_UTS)) ||
	       (run->nr_maps && need(run, "--map", NSLENS_NS_TYPE_USER)) ||
	       (offset && need(run, "--time-offset", NSLENS_NS_TYPE_TIME)) ?
	       -EINVAL : 0;
}

/* Ours must not land on 0, 1 or 2, where the command expects other things. */
static int fill_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO &&
		 !fcntl(fd, F_SETFD, 0));
	if (fd < 0) {
		complain("opening /dev/null: %s", strerror(errno));
		return -1;
	}
	return close(fd);
}

/*
 * The child finds the root file system as its working directory: whatever user
 * it will be, its way there was ours.
 */
static int enter_rootfs(const struct run *run)
{
	struct stat st;
	int err = stat(run->rootfs, &st) ? errno : 0;

	if (!err && !S_ISDIR(st.st_mode))
		err = ENOTDIR;
	if (!err && chdir(run->rootfs))
		err = errno;
	if (err)
		complain("--rootfs %s: %s: %s", run->rootfs, strerror(err),
			 "give the directory that holds what is to be /, such as an unpacked image");
	return err ? -err : 0;
}

static int open_files(struct run *run)
{
	if (fill_stdio())
		return -1;
	if (run->pidfile) {
		run->pidfile_fd = open(run->pidfile, O_WRONLY | O_CREAT |
				       O_TRUNC | O_CLOEXEC, 0644);
		if (run->pidfile_fd < 0) {
			complain("%s: %s", run->pidfile, strerror(errno));
			return -1;
		}
	}
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &run->size) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &run->size))
		run->size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return run->rootfs ? enter_rootfs(run) : 0;
}

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
		.flags = DEFAULT_NEW,
		.info_fd = -1,
		.master = -1,
	};
	int status;
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0) {
		if (take_option(&run, opt))
			return EXIT_RUN_OWN;
		/* For run_traced(). */
		if (opt == OPT_TRACE)
			argv[optind - 1] = NULL;
	}
	opt_count(&usage, argc, 1, -1);
	run.argv = argv + optind;
	if (run.trace)
		return settle(&run) ? EXIT_RUN_OWN : run_traced(argc, argv);
	if (settle(&run) || open_files(&run))
		return EXIT_RUN_OWN;

	status = parent_start(&run);
	return status ? status : parent_wait(&run);
}
