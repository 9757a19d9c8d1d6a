// SPDX-License-Identifier: GPL-2.0
/*
 * Tries to break out of where it runs, in one way that it is told. Exits with 0
 * if it is out; else prints why not, and exits with 1. What it prints when it is
 * out is for the test to compare with what is there.
 *
 * usage: intruder WAY [ARG...]
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "intruder.h"

static const struct {
	const char *name;
	int (*try)(char **argv);
} ways[] = {
	{ "dotdot", try_dotdot },
	{ "init-root", try_init_root },
	{ "chroot", try_chroot },
	{ "descriptors", try_descriptors },
	{ "handle", try_handle },
	{ "links", try_links },
	{ "open", try_open },
	{ "write", try_write },
	{ "unmount", try_unmount },
	{ "remount", try_remount },
	{ "fresh-proc", try_fresh_proc },
	{ "fresh-sys", try_fresh_sys },
	{ "release-agent", try_release_agent },
	{ "device", try_device },
	{ "signal", try_signal },
	{ "signal-all", try_signal_all },
	{ "ptrace", try_ptrace },
	{ "read-memory", try_read_memory },
	{ "pidfd", try_pidfd },
	{ "overwrite-runner", try_overwrite_runner },
	{ "type-outside", try_type_outside },
	{ "terminal", try_terminal },
	{ "abstract-socket", try_abstract_socket },
	{ "key", try_key },
	{ "session-key", try_session_key },
	{ "ambush", try_ambush },
};

int main(int argc, char **argv)
{
	unsigned int i;
	int err;

	for (i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, argv[1]))
			continue;
		err = ways[i].try(argv + 2);
		if (err)
			printf("refused: %s\n", strerrorname_np(err) ?: "?");
		return !!err;
	}
	fprintf(stderr, "usage: intruder WAY [ARG...]\n");
	return 2;
}
