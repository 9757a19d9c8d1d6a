/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_NS_OPEN_H
#define NSLENS_NS_OPEN_H

int ns_open(const char *text, int type);

#endif
