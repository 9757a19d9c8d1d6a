// SPDX-License-Identifier: GPL-2.0
/* A system that has a bit of everything, for several tests to look at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system.h"
#include "tool.h"

#define FAILED	1	/* as KSFT_FAIL */

struct fleet fleet;
struct zoo zoo;

/* Tests are forks of who has made it. */
static pid_t maker;

static void end(void)
{
	if (getpid() != maker)
		return;
	zoo_end(&zoo);
	fleet_end(&fleet);
}

/**
 * system_run() - run tests in it, and end it
 * @argc: of main()
 * @argv: likewise
 * @run: test_harness_run()
 *
 * Return: exit status.
 */
int system_run(int argc, char **argv, int (*run)(int argc, char **argv))
{
	int err;

	/* The harness does not return. */
	maker = getpid();
	atexit(end);
	err = fleet_make(&fleet) ?: zoo_make(&zoo);
	if (!err)
		return run(argc, argv);
	printf("Bail out! cannot make the system: %s\n", strerror(-err));
	return FAILED;
}

/**
 * system_at_rest() - look at it until no task comes or goes meanwhile
 * @census: to take before
 * @look: what is to agree with that; false if it has seen it change
 * @data: for @look
 *
 * Kernel threads come and go as they like.
 *
 * Return: 0; -EBUSY if there was no rest; -errno.
 */
int system_at_rest(struct census *census, bool (*look)(void *data), void *data)
{
	unsigned int tries = 10;
	int err;

	while (tries--) {
		census_free(census);
		err = census_take(census);
		if (err)
			return err;
		if (look(data) && census_is_current(census))
			return 0;
	}
	return -EBUSY;
}

/**
 * system_print() - read what a program prints of it as JSON
 * @argv: the program
 * @row: called with each row
 * @data: for @row
 *
 * Return: how many rows; -EINVAL if it is no listing; -EIO if the program says
 * that it failed.
 */
int system_print(const char * const argv[], json_fn *row, void *data)
{
	int status = 0, n;
	char *text = tool_output(argv, &status);

	n = !text || status ? -EIO : json_rows(text, row, data);
	free(text);
	return n;
}
