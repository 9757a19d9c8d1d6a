/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_STATUS_H
#define NSLENS_STATUS_H

struct json_object;
struct nslens_conn;

void read_line(const char *path, char *line, int size);

/* status-sessions.c: what it says of tracing */
void sessions_print(struct nslens_conn *conn);
void sessions_json(struct nslens_conn *conn, struct json_object *all);

#endif
