/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_MODULE_H
#define _SELFTESTS_MODULE_H

const char *module_file(void);
int module_load(const char *file);
int module_unload(void);
int module_references(void);

#endif
