/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_CENSUS_H
#define _SELFTESTS_CENSUS_H

#include <stdbool.h>

#include "lens-ns.h"

/**
 * struct census_ns - a namespace as links and nsfs tell of it
 * @ino: inode number
 * @type: enum nslens_ns_type, by the link that leads to it
 * @flag: CLONE_NEW*, by an ioctl
 * @owner: inode of its owner, 0 for none
 * @parent: likewise, of a PID or user namespace
 * @owner_uid: of a user namespace
 * @processes: in it
 * @threads: in it
 * @children_only: threads that have it for their children only
 * @pid: lowest of them, 0 for none
 * @uids: lines of the uid_map of a user namespace with a task in it
 * @uid_map: those lines, as the reader has them
 */
struct census_ns {
	__u32 ino, type, flag, owner, parent, owner_uid;
	unsigned int processes, threads, children_only;
	pid_t pid;
	unsigned int uids;
	struct extent uid_map[MAX_EXTENTS];
};

#define MAX_CENSUS	8192

/**
 * struct census - all tasks, threads included, and all namespaces to be seen in
 *	/proc, from where the test is: the tests' independent source
 * @n: how many tasks
 * @tasks: the tasks by PID; ns_ids is not filled in
 * @nr_ns: how many namespaces
 * @ns: the namespaces
 * @slots: where in @ns, plus one, by a hash of the inode
 */
struct census {
	unsigned int n;
	struct task *tasks;
	unsigned int nr_ns;
	struct census_ns ns[MAX_CENSUS];
	unsigned short slots[2 * MAX_CENSUS];
};

#define CENSUS_FIELDS	(DEFAULT_FIELDS | NSLENS_TASK_FIELD_CGROUP_ID |	\
			 NSLENS_TASK_FIELD_CGROUP)

int census_take(struct census *c);
void census_free(struct census *c);
struct task *census_task(struct census *c, __u32 pid);
struct census_ns *census_ns(struct census *c, __u32 ino);
struct census_ns *census_add_fd(struct census *c, int fd, __u32 type);
bool census_is_current(const struct census *c);
bool census_same_map(const struct census_ns *nsfs, const struct ns_record *ns);
bool census_below(struct census *c, __u32 ino, __u32 above);

const char *task_difference(const struct task *a, const struct task *b);

#endif
