/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_ROOTCAT_H
#define _SELFTESTS_ROOTCAT_H

#include <sys/types.h>

/* A cat that is root, whoever of a certain group runs it. */
#define ROOT_CAT	"/var/tmp/nslens-cat"

int root_cat_make(gid_t group);
void root_cat_remove(void);

#endif
