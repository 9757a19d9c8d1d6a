// SPDX-License-Identifier: GPL-2.0
/* A set-user-ID program of root's, which reads and writes what it is given. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rootcat.h"

/**
 * root_cat_make() - make ROOT_CAT
 * @group: who may run it, and nobody else: it reads whatever there is
 *
 * What was there before is removed, not followed. A fixture's teardown has to
 * call root_cat_remove(), so that it goes when a test fails, too.
 *
 * Return: 0, or else.
 */
int root_cat_make(gid_t group)
{
	char command[96];

	snprintf(command, sizeof(command),
		 "install -m 4710 -o 0 -g %u /bin/cat " ROOT_CAT, group);
	return system(command);
}

/* Whether it is there or not. */
void root_cat_remove(void)
{
	unlink(ROOT_CAT);
}
