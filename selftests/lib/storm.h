/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_STORM_H
#define _SELFTESTS_STORM_H

/* A ring's KiB, and more moves than have room there before it is read. */
#define SMALL_RING	"16"
#define MANY_MOVES	20000

/* For child_do() and child_start(): much that happens. */
long storm_forks(void *n);
long storm_moves(void *n);
long storm_execs(void *unused);

#endif
