/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NS_FILE_H
#define NSLENS_NS_FILE_H

#include <linux/types.h>

int ns_file_open(const char *path, __u32 ino);
int ns_file_open_below(const char *root, const char *path, __u32 ino);

#endif
