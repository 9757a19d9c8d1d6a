/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NETNSID_H
#define NSLENS_NETNSID_H

#include <linux/types.h>

#define NETNSID_UNKNOWN		(-2)
#define NETNSID_UNASSIGNED	(-1)

int netnsid_by_fd(int fd);

#endif
