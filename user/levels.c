// SPDX-License-Identifier: GPL-2.0
/* The PID namespaces from here inwards to a task. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "levels.h"
#include "netlink.h"

static __u32 inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (__u32)st.st_ino;
}

/*
 * Climb from the task's own namespace. That procfs speaks of the same task is
 * certain if the namespace's inode number is the one that the module gave.
 */
static void climb(__u32 pid, unsigned int level, __u32 inodes[MAX_LEVELS])
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/ns/pid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;

	while (inode_of(fd) == inodes[level] && level > 1) {
		int parent = ioctl(fd, NS_GET_PARENT);

		if (parent < 0)
			break;
		close(fd);
		fd = parent;
		inodes[--level] = inode_of(fd);
	}
	close(fd);
}

/**
 * pidns_by_level() - the inode numbers of a task's PID namespaces
 * @task: with its pids and ns
 * @here: inode number of the PID namespace here
 * @inodes: is filled, from here inwards, as task->pids is; 0 what is not known
 */
void pidns_by_level(const struct nslens_task *task, __u32 here,
		    __u32 inodes[MAX_LEVELS])
{
	unsigned int last = task->pids.nr - 1;

	memset(inodes, 0, MAX_LEVELS * sizeof(*inodes));
	if (!task->pids.nr || task->pids.nr > MAX_LEVELS)
		return;

	inodes[0] = here;
	if (!last || !(task->fields & NSLENS_TASK_FIELD_NS) ||
	    task->ns.nr <= NSLENS_NS_TYPE_PID)
		return;
	inodes[last] = task->ns.at[NSLENS_NS_TYPE_PID];
	if (last > 1 && inodes[last])
		climb(task->pids.at[0], last, inodes);
}
