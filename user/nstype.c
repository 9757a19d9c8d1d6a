// SPDX-License-Identifier: GPL-2.0
/* The types of namespaces: one row each. */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>

#include "nstype.h"

const struct ns_type ns_types[NR_TASK_NS] = {
	[NSLENS_NS_TYPE_CGROUP]	= {
		"cgroup", "cgroup", CLONE_NEWCGROUP, 0xeffffffb },
	[NSLENS_NS_TYPE_IPC]	= { "ipc", "ipc", CLONE_NEWIPC, 0xefffffff },
	[NSLENS_NS_TYPE_MNT]	= { "mnt", "mnt", CLONE_NEWNS, 0 },
	[NSLENS_NS_TYPE_NET]	= { "net", "net", CLONE_NEWNET, 0 },
	[NSLENS_NS_TYPE_PID]	= { "pid", "pid", CLONE_NEWPID, 0xeffffffc },
	[NSLENS_NS_TYPE_TIME]	= { "time", "time", CLONE_NEWTIME, 0xeffffffa },
	[NSLENS_NS_TYPE_USER]	= { "user", "user", CLONE_NEWUSER, 0xeffffffd },
	[NSLENS_NS_TYPE_UTS]	= { "uts", "uts", CLONE_NEWUTS, 0xeffffffe },
	[NSLENS_NS_TYPE_PID_FOR_CHILDREN] = {
		"pid", "pid_for_children", CLONE_NEWPID, 0xeffffffc },
	[NSLENS_NS_TYPE_TIME_FOR_CHILDREN] = {
		"time", "time_for_children", CLONE_NEWTIME, 0xeffffffa },
};

/**
 * ns_type_by_name() - find a type by its name
 * @name: such as "pid"; need not end after @len
 * @len: its length
 *
 * Return: one of enum nslens_ns_type below NR_NS_TYPES, or -1.
 */
int ns_type_by_name(const char *name, size_t len)
{
	for (int i = 0; i < NR_NS_TYPES; i++)
		if (strlen(ns_types[i].name) == len &&
		    !memcmp(ns_types[i].name, name, len))
			return i;
	return -1;
}

/**
 * ns_type_by_flag() - find a type by its CLONE_NEW* flag
 * @flag: what ioctl(NS_GET_NSTYPE) returned
 *
 * Return: one of enum nslens_ns_type below NR_NS_TYPES, or -1.
 */
int ns_type_by_flag(int flag)
{
	for (int i = 0; i < NR_NS_TYPES; i++)
		if (ns_types[i].flag == flag)
			return i;
	return -1;
}

/**
 * ns_inode() - ask procfs for a namespace of a process
 * @pid: name of its folder in /proc, "self" for the caller's own
 * @type: one of enum nslens_ns_type
 *
 * Return: the inode number, 0 if procfs does not say.
 */
unsigned int ns_inode(const char *pid, int type)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid,
		 ns_types[type].file);
	return stat(path, &st) ? 0 : (unsigned int)st.st_ino;
}

/**
 * ns_fd_inode() - the inode number of an open namespace
 * @fd: of nsfs
 *
 * Return: the number, 0 if @fd is not open.
 */
unsigned int ns_fd_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (unsigned int)st.st_ino;
}
