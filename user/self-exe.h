/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_SELF_EXE_H
#define NSLENS_SELF_EXE_H

int self_protect(char **argv);

#endif
