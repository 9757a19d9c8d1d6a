/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_H
#define NSLENS_H

#include <stdbool.h>

#include "../include/version.h"

/*
 * Exit statuses, besides 0. Those of run and exec are the command's own, or
 * 128 and the number of the signal that ended it; so they need another one for
 * what is EXIT_OWN elsewhere.
 */
#define EXIT_PARTIAL	1	/* something that was asked for is not there */
#define EXIT_OWN	2	/* wrong usage, no module, or nslens failed */
#define EXIT_RUN_OWN	125	/* the same of run and exec */
#define EXIT_CANNOT_RUN	126	/* the command cannot be executed */
#define EXIT_NO_COMMAND	127	/* there is no such command */

struct nslens_conn;

/* The verbs; argv[0] is the verb. They return the exit status. */
int cmd_diff(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_graph(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_pid(int argc, char **argv);
int cmd_ps(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_trace(int argc, char **argv);

int lens_open(struct nslens_conn *conn);
const char *lens_reason(const struct nslens_conn *conn);
bool lens_blames(const struct nslens_conn *conn, const char *name);
int lens_exit(int err);

#endif
