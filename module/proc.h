/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROC_H
#define _NSLENS_PROC_H

int nslens_proc_init(void);
void nslens_proc_exit(void);

#endif /* _NSLENS_PROC_H */
