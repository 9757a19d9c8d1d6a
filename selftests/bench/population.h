/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include <sys/types.h>

/**
 * struct population - containers full of idle tasks
 * @inits: the PIDs here of their child reapers
 * @nr: how many
 */
struct population {
	pid_t *inits;
	unsigned int nr;
};

void population_make(struct population *p, unsigned int tasks,
		     unsigned int containers);
void population_end(struct population *p);

#endif
