// SPDX-License-Identifier: GPL-2.0
/* What requests can name: what there is, and what there is not. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/ns_types.h"
#include "lib/proc.h"

#define LONGEST_PATH	8000

static void look_at_pids(struct world *w, pid_t company)
{
	const pid_t near[] = { getpid(), getppid(), company, 1, 2, getsid(0) };
	pid_t dead = fork();
	unsigned int i;

	if (dead == 0)
		_exit(0);
	if (dead > 0)
		waitpid(dead, NULL, 0);
	for (i = 0; i < 4 * ARRAY_SIZE(near); i++)
		w->pids[w->nr_pids++] = near[i % ARRAY_SIZE(near)];
	/* Workers and what they make are near in number. */
	for (i = 1; i <= 8; i++)
		w->pids[w->nr_pids++] = getpid() + i;
	w->pids[w->nr_pids++] = dead;
	w->pids[w->nr_pids++] = 4194304;
}

/* Most requests want one of PIDs. */
static unsigned int weight(unsigned int type)
{
	return type == NSLENS_NS_TYPE_PID ? 8 : 1;
}

static void look_at_namespaces(struct world *w, pid_t pid)
{
	unsigned int i, n;
	__u32 ino;
	int fd;

	for (i = 0; i < NR_NS; i++) {
		ino = ns_ino(pid, ns_types[i].link);
		fd = ns_open(pid, ns_types[i].link);
		for (n = 0; n < weight(i); n++) {
			w->inos[w->nr_inos++] = ino;
			if (fd >= 0)
				w->fds[w->nr_fds++] = fd;
		}
	}
}

static void look_at_files(struct world *w)
{
	int ends[2];

	if (!pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		w->fds[w->nr_fds++] = ends[0];
		w->fds[w->nr_fds++] = ends[1];
	}
	w->fds[w->nr_fds++] = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->fds[w->nr_fds++] = open("/proc/self/ns/pid", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	w->fds[w->nr_fds++] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	w->fds[w->nr_fds++] = 1000;
}

static void look_at_paths(struct world *w)
{
	static const char * const paths[] = {
		"/", "", "relative", "/no-such-cgroup", "/../..", "//./",
	};
	char text[4096];
	char *own = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		w->paths[w->nr_paths++] = strdup(paths[i]);
	if (read_file("/proc/self/cgroup", text, sizeof(text)) >= 0)
		own = strstr(text, "0::");
	if (own) {
		own[strcspn(own, "\n")] = '\0';
		w->paths[w->nr_paths++] = strdup(own + 3);
	}
	w->paths[w->nr_paths] = calloc(1, LONGEST_PATH + 1);
	memset(w->paths[w->nr_paths++], 'a', LONGEST_PATH);
}

/**
 * world_look() - look around, from where this process is
 * @w: filled
 * @company: PID of another that lives as long
 */
void world_look(struct world *w, pid_t company)
{
	memset(w, 0, sizeof(*w));
	look_at_pids(w, company);
	look_at_namespaces(w, getpid());
	look_at_namespaces(w, company);
	look_at_namespaces(w, 1);
	look_at_files(w);
	look_at_paths(w);
}

/* Return: a PID that there may be. */
__u32 world_pid(const struct world *w, struct rng *r)
{
	return w->pids[below(r, w->nr_pids)];
}

/* Return: an inode that may be a namespace's. */
__u32 world_ino(const struct world *w, struct rng *r)
{
	return w->inos[below(r, w->nr_inos)];
}

/* Return: a descriptor that may be open. */
__u32 world_fd(const struct world *w, struct rng *r)
{
	return w->fds[below(r, w->nr_fds)];
}

/* Return: a path that may be a cgroup's. */
const char *world_path(const struct world *w, struct rng *r)
{
	return w->paths[below(r, w->nr_paths)];
}
