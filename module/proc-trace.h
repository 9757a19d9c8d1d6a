/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROC_TRACE_H
#define _NSLENS_PROC_TRACE_H

#include <linux/proc_fs.h>

extern const struct proc_ops nslens_proc_trace_ops;

#endif /* _NSLENS_PROC_TRACE_H */
