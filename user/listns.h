/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_LISTNS_H
#define NSLENS_LISTNS_H

typedef int (*listns_fn)(int fd, void *arg);

int listns_each(listns_fn each, void *arg);

#endif
