// SPDX-License-Identifier: GPL-2.0
/*
 * What nslens costs, and what it costs without it. Results are compared with
 * those of /proc and of nsfs before they are timed. Meant for scripts/vm
 * --icount, where a nanosecond is an instruction.
 *
 * usage: bench TASKS CONTAINERS ROOT [peers]
 *
 * ROOT is what make-root made. With "peers", whole commands are compared with
 * those that people use instead, which takes long.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../../user/netlink.h"
#include "population.h"
#include "process.h"
#include "procfs.h"

#define ROUNDS		5
#define NR_PIDS		1000
#define TASK_LIMIT	2000.0	/* ns a task */
#define PID_LIMIT	250.0	/* ns a PID */

/* Linux 6.11, for older headers (include/uapi/linux/nsfs.h). */
#ifndef NS_GET_PID_IN_PIDNS
#define NS_GET_PID_IN_PIDNS	_IOR(0xb7, 0x8, int)
#endif

static unsigned int failures;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of what @what costs, divided by what it returns. */
static double median(unsigned int (*what)(void *), void *arg)
{
	double cost[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double start = now();
		unsigned int n = what(arg);

		cost[i] = (now() - start) / n;
	}
	qsort(cost, ROUNDS, sizeof(*cost), by_value);
	return cost[ROUNDS / 2];
}

static void report(const char *what, double ns, double limit)
{
	printf("%-52s %9.3f us", what, ns / 1000);
	if (limit) {
		printf("  (limit %.2f)%s", limit / 1000,
		       ns > limit ? "  TOO SLOW" : "");
		failures += ns > limit;
	}
	putchar('\n');
	fflush(stdout);
}

/* --- a full record of each task --- */

struct pids {
	__s32 at[NR_PIDS];
	__s32 own[NR_PIDS];
	unsigned int nr;
};

struct check {
	struct pids *pids;
	unsigned int tasks;
	unsigned int wrong;
};

static int compare(const struct nslens_task *task, void *arg)
{
	struct check *check = arg;
	struct pids *pids = check->pids;

	check->tasks++;
	check->wrong += !procfs_agrees(task);
	if (task->pids.nr > 1 && pids->nr < NR_PIDS) {
		pids->at[pids->nr] = task->pids.at[0];
		pids->own[pids->nr++] = task->pids.at[task->pids.nr - 1];
	}
	return 0;
}

static int count(const struct nslens_task *task, void *arg)
{
	*(unsigned int *)arg += !!task->pids.nr;
	return 0;
}

static unsigned int dump_fields(struct nslens_conn *conn, __u32 fields)
{
	struct nslens_task_filter filter = { .fields = fields };
	unsigned int n = 0;

	if (nslens_task_dump(conn, &filter, count, &n, NULL))
		errx(1, "task-get: %s", conn->error);
	return n;
}

static unsigned int dump(void *conn)
{
	return dump_fields(conn, 0);
}

static unsigned int dump_pids(void *conn)
{
	return dump_fields(conn, NSLENS_TASK_FIELD_PIDS);
}

static unsigned int dump_pids_and_ns(void *conn)
{
	return dump_fields(conn, NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_NS);
}

static int count_ns(const struct nslens_ns *ns, void *arg)
{
	*(unsigned int *)arg += !!ns->ino;
	return 0;
}

static unsigned int dump_ns(void *conn)
{
	unsigned int n = 0;

	if (nslens_ns_dump(conn, -1, count_ns, &n, NULL))
		errx(1, "ns-get: %s", ((struct nslens_conn *)conn)->error);
	return n;
}

static void bench_tasks(struct nslens_conn *conn, struct pids *pids)
{
	struct check check = { .pids = pids };
	struct nslens_task_filter all = {};
	bool interrupted = false;

	if (nslens_task_dump(conn, &all, compare, &check, &interrupted))
		errx(1, "task-get: %s", conn->error);
	printf("%u tasks, %u records differ from /proc%s\n", check.tasks,
	       check.wrong, interrupted ? ", dump interrupted" : "");
	failures += check.wrong || interrupted;
	report("task-get dump, full record, a task", median(dump, conn),
	       TASK_LIMIT);
	report("task-get dump, PIDs only, a task", median(dump_pids, conn), 0);
	report("task-get dump, PIDs and namespaces, a task",
	       median(dump_pids_and_ns, conn), 0);
	report("ns-get dump, a namespace", median(dump_ns, conn), 0);
}

/* --- many PIDs at once --- */

struct translation {
	struct nslens_conn *conn;
	struct nslens_translation how;
	struct pids *pids;
	__s32 result[NR_PIDS];
};

static unsigned int translate(void *arg)
{
	struct translation *t = arg;

	if (nslens_pid_translate(t->conn, &t->how, t->pids->at, t->pids->nr,
				 t->result))
		errx(1, "PIDs: %s", t->conn->error);
	return t->pids->nr;
}

static int pid_ns_of(pid_t pid)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

struct nsfs {
	struct pids *pids;
	int fds[NR_PIDS];
	__s32 result[NR_PIDS];
};

static unsigned int nsfs(void *arg)
{
	struct nsfs *n = arg;
	unsigned int i;

	for (i = 0; i < n->pids->nr; i++)
		n->result[i] = ioctl(n->fds[i], NS_GET_PID_IN_PIDNS,
				     n->pids->at[i]);
	return n->pids->nr;
}

static void bench_nsfs(const struct translation *t)
{
	struct nsfs n = { .pids = t->pids };
	unsigned int i;

	for (i = 0; i < t->pids->nr; i++)
		n.fds[i] = pid_ns_of(t->pids->at[i]);
	nsfs(&n);
	if (n.result[0] < 0) {
		puts("nsfs has no PID ioctls here (before 6.11)");
	} else {
		failures += !!memcmp(n.result, t->pids->own,
				     t->pids->nr * sizeof(*n.result));
		report("nsfs ioctl NS_GET_PID_IN_PIDNS, a PID",
		       median(nsfs, &n), 0);
	}
	for (i = 0; i < t->pids->nr; i++)
		close(n.fds[i]);
}

static void bench_pids(struct nslens_conn *conn, struct pids *pids)
{
	static struct translation t;
	bool wrong;

	t = (struct translation) {
		.conn = conn, .pids = pids, .how.to_own = true,
	};
	translate(&t);
	wrong = memcmp(t.result, pids->own, pids->nr * sizeof(*t.result));
	failures += wrong;
	printf("%u PIDs, translations %s NSpid\n", pids->nr,
	       wrong ? "differ from" : "equal");
	report("pid-translate of 1,000, to each task's own, a PID",
	       median(translate, &t), PID_LIMIT);
	t.how = (struct nslens_translation) {
		.to = { .kind = NSLENS_REF_PID, .value = pids->at[0] },
	};
	report("pid-translate of 1,000, to one namespace, a PID",
	       median(translate, &t), PID_LIMIT);
	bench_nsfs(&t);
}

int main(int argc, char **argv)
{
	struct population population;
	struct nslens_conn conn;
	struct pids pids = {};

	if (argc != 4 && argc != 5)
		errx(2, "usage: bench TASKS CONTAINERS ROOT [peers]");
	population_make(&population, atoi(argv[1]), atoi(argv[2]));
	if (nslens_open(&conn))
		errx(1, "%s", conn.error);
	bench_tasks(&conn, &pids);
	bench_pids(&conn, &pids);
	report("the same from /proc: 10 links, NSpid, ids, comm, start, a task",
	       median(procfs_scan, NULL), 0);
	nslens_close(&conn);
	failures += bench_processes(argv[3], argc == 5);
	population_end(&population);
	return failures ? 1 : 0;
}
