/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_PROC_INFO_H
#define NSLENS_PROC_INFO_H

#include <stdbool.h>

#include <linux/types.h>

/**
 * struct proc_info - what procfs tells of a process here
 * @pid: its PID here
 * @there: the rest counts
 * @uid: owner of its folder in /proc, as lsns and ps take it
 * @command: its command line, or its name if it has none
 * @next: with the same hash
 */
struct proc_info {
	__u32 pid;
	bool there;
	__u32 uid;
	char *command;
	struct proc_info *next;
};

const struct proc_info *proc_info(__u32 pid);
__u32 proc_ppid(__u32 pid);
const char *user_name(__u32 uid);

#endif
