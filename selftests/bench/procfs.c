// SPDX-License-Identifier: GPL-2.0
/* The same record of a task, pieced together from /proc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/netlink.h"
#include "procfs.h"

#define MAX_LEVELS 33

struct record {
	unsigned int ns[NSLENS_NS_TYPE_MAX + 1];
	unsigned int pids[MAX_LEVELS], levels;
	unsigned int uid, gid, ppid, pgid, sid, tracer;
	unsigned long long start_ticks;
	char comm[32];
};

static const char *const links[NSLENS_NS_TYPE_MAX + 1] = {
	[NSLENS_NS_TYPE_CGROUP] = "cgroup",
	[NSLENS_NS_TYPE_IPC] = "ipc",
	[NSLENS_NS_TYPE_MNT] = "mnt",
	[NSLENS_NS_TYPE_NET] = "net",
	[NSLENS_NS_TYPE_PID] = "pid",
	[NSLENS_NS_TYPE_TIME] = "time",
	[NSLENS_NS_TYPE_USER] = "user",
	[NSLENS_NS_TYPE_UTS] = "uts",
	[NSLENS_NS_TYPE_PID_FOR_CHILDREN] = "pid_for_children",
	[NSLENS_NS_TYPE_TIME_FOR_CHILDREN] = "time_for_children",
};

static bool slurp(const char *pid, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void read_links(const char *pid, struct record *r)
{
	char path[64], target[64];
	unsigned int i;
	ssize_t n;

	for (i = 0; i <= NSLENS_NS_TYPE_MAX; i++) {
		snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, links[i]);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		r->ns[i] = n > 0 ? strtoul(strchr(target, '[') + 1, NULL, 10) : 0;
	}
}

/* The numbers on the line of @buf that begins with @key; how many there are. */
static unsigned int numbers_at(const char *buf, const char *key,
			       unsigned int *nrs, unsigned int max)
{
	const char *line = strstr(buf, key);
	unsigned int n = 0;
	char *end;

	if (!line)
		return 0;
	for (line += strlen(key); *line == '\t' && n < max; line = end)
		nrs[n++] = strtoul(line, &end, 10);
	return n;
}

static bool read_status(const char *pid, struct record *r)
{
	unsigned int ids[4];
	char buf[4096];

	if (!slurp(pid, "status", buf, sizeof(buf)) ||
	    numbers_at(buf, "\nTracerPid:", &r->tracer, 1) != 1 ||
	    numbers_at(buf, "\nUid:", ids, 4) != 4)
		return false;
	r->uid = ids[1];
	if (numbers_at(buf, "\nGid:", ids, 4) != 4)
		return false;
	r->gid = ids[1];
	r->levels = numbers_at(buf, "\nNSpid:", r->pids, MAX_LEVELS);
	return r->levels;
}

static bool read_stat(const char *pid, struct record *r)
{
	char buf[1024], *open, *close;

	if (!slurp(pid, "stat", buf, sizeof(buf)))
		return false;
	open = strchr(buf, '(');
	close = strrchr(buf, ')');
	*close = '\0';
	snprintf(r->comm, sizeof(r->comm), "%s", open + 1);
	return sscanf(close + 2,
		      "%*c %u %u %u %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		      &r->ppid, &r->pgid, &r->sid, &r->start_ticks) == 4;
}

static bool procfs_read(const char *pid, struct record *r)
{
	read_links(pid, r);
	return read_status(pid, r) && read_stat(pid, r);
}

/**
 * procfs_agrees() - does /proc say the same of a task as the module
 * @task: a full record
 *
 * comm is compared as far as the record has it: of a kernel worker, /proc shows
 * what it works on, too.
 */
bool procfs_agrees(const struct nslens_task *task)
{
	const unsigned long long tick = 1000000000 / sysconf(_SC_CLK_TCK);
	struct record r;
	char pid[12];

	snprintf(pid, sizeof(pid), "%u", task->pids.at[0]);
	return procfs_read(pid, &r) &&
	       task->ns.nr == NSLENS_NS_TYPE_MAX + 1 &&
	       !memcmp(task->ns.at, r.ns, sizeof(r.ns)) &&
	       task->pids.nr == r.levels &&
	       !memcmp(task->pids.at, r.pids, r.levels * sizeof(*r.pids)) &&
	       task->ppids.at[0] == r.ppid && task->pgids.at[0] == r.pgid &&
	       task->sids.at[0] == r.sid && task->tracer == r.tracer &&
	       task->uid == r.uid && task->gid == r.gid &&
	       task->start_time / tick == r.start_ticks &&
	       !strncmp(task->comm, r.comm, strlen(task->comm));
}

/**
 * procfs_scan() - read all of it for every process
 * @unused: nothing
 *
 * Return: how many there were.
 */
unsigned int procfs_scan(void *unused)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct record r;
	unsigned int n = 0;

	(void)unused;
	while ((entry = readdir(proc)))
		n += atoi(entry->d_name) > 0 && procfs_read(entry->d_name, &r);
	closedir(proc);
	return n;
}
