/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

unsigned int bench_processes(const char *root, int peers);

#endif
