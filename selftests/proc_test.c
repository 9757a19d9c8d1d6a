// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/tasks: the same records as text. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/expect.h"
#include "lib/table.h"

#define FILE_NAME	"/proc/nslens/tasks"

/* The columns of namespaces, in the order of enum nslens_ns_type */
static const char * const ns_columns[NR_NS] = {
	"CGROUPNS", "IPCNS", "MNTNS", "NETNS", "PIDNS", "TIMENS", "USERNS",
	"UTSNS", "PIDCHILDNS", "TIMECHILDNS",
};

static int read_table(struct table *table)
{
	return table_read(table, FILE_NAME);
}

/* Copies the cell of @column in the row of @pid; -ENOENT if there is none. */
static int cell(const struct table *table, pid_t pid, const char *column,
		char *value, size_t size)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", pid);
	return table_cell(table, "PID", key, column, value, size);
}

static __u32 number(const struct table *table, pid_t pid, const char *column)
{
	char value[64] = "";

	if (cell(table, pid, column, value, sizeof(value)))
		return ~0U;
	return strtoul(value, NULL, 0);
}

FIXTURE(proc)
{
	struct lens lens;
	struct child child;
	struct table *table;
	struct herd herd;
};

FIXTURE_SETUP(proc)
{
	setup_lens(_metadata, &self->lens);
	self->table = calloc(1, sizeof(*self->table));
	ASSERT_NE(NULL, self->table);
	ASSERT_EQ(0, child_spawn(&self->child,
				 CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS));
}

FIXTURE_TEARDOWN(proc)
{
	herd_end(&self->herd);
	child_end(&self->child);
	free(self->table);
	lens_close(&self->lens);
}

TEST_F(proc, lists_each_process_once_in_order)
{
	static struct pid_list before, after;
	unsigned int tries = 20, i;

	do {
		ASSERT_EQ(0, proc_list(0, &before));
		ASSERT_EQ(0, read_table(self->table));
		ASSERT_EQ(0, proc_list(0, &after));
	} while (tries-- && !same_pids(&before, &after));
	ASSERT_EQ(before.n, self->table->n_rows);
	for (i = 0; i < before.n; i++)
		EXPECT_EQ(before.v[i], atoi(self->table->rows[i]));
}

TEST_F(proc, has_columns_for_everything)
{
	static const char * const expected[] = {
		"PID", "TGID", "PPID", "NSPID", "UID", "OUTSIDE", "CGROUP",
		"COMMAND"
	};
	unsigned int i, k;

	ASSERT_EQ(0, read_table(self->table));
	for (i = 0; i < ARRAY_SIZE(expected) + NR_NS; i++) {
		const char *name = i < NR_NS ? ns_columns[i] :
				   expected[i - NR_NS];

		for (k = 0; k < self->table->n_columns; k++)
			if (!strcmp(self->table->columns[k], name))
				break;
		EXPECT_LT(k, self->table->n_columns) {
			TH_LOG("no column %s", name);
		}
	}
	EXPECT_STREQ("COMMAND",
		     self->table->columns[self->table->n_columns - 1]);
}

TEST_F(proc, agrees_with_proc_pid)
{
	pid_t pids[] = { self->child.pid, getpid(), 1, 2 };
	struct numbers nspid;
	char value[128], expected[128];
	unsigned int i, k, n;

	ASSERT_EQ(0, read_table(self->table));
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		pid_t pid = pids[i];

		EXPECT_EQ(proc_number(pid, "PPid", 0),
			  number(self->table, pid, "PPID"));
		EXPECT_EQ(proc_number(pid, "Uid", 1),
			  number(self->table, pid, "UID"));
		for (k = 0; k < NR_NS; k++)
			EXPECT_EQ(ns_ino(pid, ns_types[k].link),
				  number(self->table, pid, ns_columns[k]));
		ASSERT_EQ(0, proc_numbers(pid, "NSpid", &nspid));
		for (k = 0, n = 0; k < nspid.n; k++)
			n += sprintf(expected + n, "%s%u", k ? "," : "",
				     nspid.v[k]);
		ASSERT_EQ(0, cell(self->table, pid, "NSPID", value,
				  sizeof(value)));
		EXPECT_STREQ(expected, value);
		ASSERT_EQ(0, proc_comm(pid, expected, sizeof(expected)));
		ASSERT_EQ(0, cell(self->table, pid, "COMMAND", value,
				  sizeof(value)));
		EXPECT_STREQ(expected, value);
	}
}

#define CGROUP		"/sys/fs/cgroup/nslens proc\\test"

static long enter_cgroup(void *unused)
{
	return write_file(CGROUP "/cgroup.procs", "0\n");
}

/* A path is one cell, whatever the name of the cgroup. */
TEST_F(proc, has_the_path_of_the_cgroup)
{
	char value[128];

	if (mkdir(CGROUP, 0755) < 0)
		SKIP(return, "no cgroup2 in /sys/fs/cgroup");
	EXPECT_LE(0, child_do(&self->child, enter_cgroup, NULL, 0));
	EXPECT_EQ(0, read_table(self->table));
	EXPECT_EQ(0, cell(self->table, self->child.pid, "CGROUP", value,
			  sizeof(value)));
	EXPECT_STREQ("/nslens\\040proc\\\\test", value);
	child_end(&self->child);
	EXPECT_EQ(0, cgroup_remove(CGROUP));
}

static long fork_into(void *fd)
{
	pid_t pid;

	if (setns(*(int *)fd, CLONE_NEWPID))
		return -errno;
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	return pid;
}

/* As docker exec does. */
TEST_F(proc, has_the_parent_outside_of_who_was_injected)
{
	struct child outside;
	char value[64];
	pid_t injected;
	int fd;

	ASSERT_EQ(0, child_spawn(&outside, 0));
	fd = child_give_fd(&outside, ns_open(self->child.pid, "pid"));
	injected = child_do(&outside, fork_into, &fd, sizeof(fd));
	ASSERT_LT(0, injected);
	ASSERT_EQ(0, read_table(self->table));
	EXPECT_EQ(outside.pid, number(self->table, injected, "OUTSIDE"));
	ASSERT_EQ(0, cell(self->table, self->child.pid, "OUTSIDE", value,
			  sizeof(value)));
	EXPECT_STREQ("-", value);
	kill(injected, SIGKILL);
	child_end(&outside);
}

TEST_F(proc, agrees_with_netlink)
{
	static struct tasks tasks;
	unsigned int i, k;

	ASSERT_EQ(0, read_table(self->table));
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, &tasks));
	for (i = 0; i < tasks.n; i++) {
		struct task *t = &tasks.v[i];
		pid_t pid = t->pids.v[0];

		/* Kernel threads come and go. */
		if (t->flags & NSLENS_TASK_FLAG_KTHREAD)
			continue;
		EXPECT_EQ(t->tgids.v[0], number(self->table, pid, "TGID"));
		EXPECT_EQ(t->ppids.v[0], number(self->table, pid, "PPID"));
		EXPECT_EQ(t->uid, number(self->table, pid, "UID"));
		for (k = 0; k < NR_NS; k++)
			EXPECT_EQ(t->ns.v[k],
				  number(self->table, pid, ns_columns[k]));
	}
}

static long set_name(void *name)
{
	return prctl(PR_SET_NAME, name);
}

/* One line a task, and nothing in it that a terminal would obey. */
TEST_F(proc, escapes_names)
{
	char name[16] = "a b\n\t\\\x1b[1m\x01\x7fz";
	char value[128];
	unsigned int i;

	ASSERT_EQ(0, child_do(&self->child, set_name, name, sizeof(name)));
	ASSERT_EQ(0, read_table(self->table));
	ASSERT_EQ(0, cell(self->table, self->child.pid, "COMMAND", value,
			  sizeof(value)));
	EXPECT_EQ('a', value[0]);
	EXPECT_EQ('z', value[strlen(value) - 1]);
	for (i = 0; value[i]; i++)
		EXPECT_TRUE(value[i] >= ' ' && value[i] < 0x7f);
	EXPECT_NE(NULL, strstr(value, "\\n"));
	/* What escapes is escaped too. */
	EXPECT_NE(NULL, strstr(value, "\\\\"));
}

TEST_F(proc, shows_dashes_for_what_a_zombie_has_left)
{
	char value[64];
	unsigned int k;

	child_kill(&self->child);
	ASSERT_EQ(0, read_table(self->table));
	for (k = 0; k < NR_NS; k++) {
		unsigned int ino = ns_ino(self->child.pid, ns_types[k].link);

		ASSERT_EQ(0, cell(self->table, self->child.pid, ns_columns[k],
				  value, sizeof(value)));
		EXPECT_EQ(!ino, !strcmp(value, "-")) {
			TH_LOG("%s is %s", ns_columns[k], value);
		}
	}
}

/* What a child reads, and how: a path to open, or an open file of its own. */
struct reading {
	int fd;
	unsigned int n_rows;
	pid_t pid;
	char ns[64], nspid[64];
	__u32 ppid;
};

static long read_there(void *data)
{
	static struct table table;
	struct reading *reading = data;
	int fd = reading->fd;
	size_t length = 0;
	ssize_t n;
	int err;

	if (fd < 0)
		fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, table.text + length,
			 sizeof(table.text) - 1 - length)) > 0)
		length += n;
	if (n < 0)
		return -errno;
	table.text[length] = '\0';
	err = table_take_apart(&table);
	if (err)
		return err;
	reading->n_rows = table.n_rows;
	reading->ppid = number(&table, reading->pid, "PPID");
	cell(&table, reading->pid, "UTSNS", reading->ns, sizeof(reading->ns));
	cell(&table, reading->pid, "NSPID", reading->nspid,
	     sizeof(reading->nspid));
	return 0;
}

TEST_F(proc, shows_a_container_itself)
{
	struct reading reading = { .fd = -1, .pid = 1 };
	char expected[64];

	ASSERT_EQ(0, child_do(&self->child, read_there, &reading,
			      sizeof(reading)));
	EXPECT_EQ(1, reading.n_rows);
	EXPECT_EQ(0, reading.ppid);
	EXPECT_STREQ("1", reading.nspid);
	sprintf(expected, "%u", ns_ino(self->child.pid, "uts"));
	EXPECT_STREQ(expected, reading.ns);

	/* Also through a /proc of its own. */
	ASSERT_EQ(0, child_do(&self->child, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_do(&self->child, read_there, &reading,
			      sizeof(reading)));
	EXPECT_EQ(1, reading.n_rows);
}

TEST_F(proc, shows_a_container_no_more_with_a_file_from_outside)
{
	struct reading reading = { .pid = 1 };
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	reading.fd = child_give_fd(&self->child, fd);
	ASSERT_LE(0, reading.fd);
	ASSERT_EQ(0, child_do(&self->child, read_there, &reading,
			      sizeof(reading)));
	EXPECT_EQ(1, reading.n_rows);
	EXPECT_STREQ("1", reading.nspid);
	close(fd);
}

TEST_F(proc, shows_users_only_their_own_namespaces)
{
	struct reading reading = { .fd = -1, .pid = getpid() };
	uid_t alice = 12345;
	struct child user;
	int fd;

	ASSERT_EQ(0, child_spawn(&user, 0));
	ASSERT_EQ(0, child_do(&user, child_setuid, &alice, sizeof(alice)));
	ASSERT_EQ(0, child_do(&user, read_there, &reading, sizeof(reading)));
	EXPECT_LT(3, reading.n_rows);
	EXPECT_STREQ("-", reading.ns);
	reading.pid = user.pid;
	ASSERT_EQ(0, child_do(&user, read_there, &reading, sizeof(reading)));
	EXPECT_STRNE("-", reading.ns);

	/* Nor with a file that root opened, */
	fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	reading = (struct reading){ .pid = getpid() };
	reading.fd = child_give_fd(&user, fd);
	ASSERT_EQ(0, child_do(&user, read_there, &reading, sizeof(reading)));
	EXPECT_STREQ("-", reading.ns);
	child_end(&user);
	close(fd);
}

static long open_there(void *unused)
{
	return open(FILE_NAME, O_RDONLY | O_CLOEXEC);
}

/* As a program of root that is given its input by a user would. */
TEST_F(proc, shows_root_no_more_through_a_file_of_a_user)
{
	struct reading reading = { .pid = 1 };
	uid_t alice = 12345;
	struct child user;
	int fd;

	ASSERT_EQ(0, child_spawn(&user, 0));
	ASSERT_EQ(0, child_do(&user, child_setuid, &alice, sizeof(alice)));
	fd = child_do(&user, open_there, NULL, 0);
	ASSERT_LE(0, fd);
	reading.fd = child_take_fd(&user, fd);
	ASSERT_LE(0, reading.fd);
	ASSERT_EQ(0, read_there(&reading));
	EXPECT_STREQ("-", reading.ns);
	close(reading.fd);
	child_end(&user);
}

/* Every reader reads in another size, and gets the same lines. */
TEST_F(proc, is_the_same_in_small_pieces)
{
	const size_t sizes[] = { 1, 7, 64, 1000, 4096 };
	static char text[MAX_TEXT];
	unsigned int i, k;

	ASSERT_EQ(0, herd_spawn(&self->herd, 100));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
		size_t length = 0;
		ssize_t n;

		while ((n = read(fd, self->table->text + length, sizes[i])) > 0)
			length += n;
		ASSERT_EQ(0, n);
		self->table->text[length] = '\0';
		close(fd);
		memcpy(text, self->table->text, length + 1);
		ASSERT_EQ(0, table_take_apart(self->table));
		for (k = 0; k < self->herd.n; k++) {
			pid_t pid = self->herd.pids[k];

			EXPECT_EQ(getpid(), number(self->table, pid, "PPID"));
		}
		for (k = 1; k < self->table->n_rows; k++)
			EXPECT_LT(atoi(self->table->rows[k - 1]),
				  atoi(self->table->rows[k]));
	}
}

TEST_F(proc, goes_on_behind_tasks_that_exit_meanwhile)
{
	size_t length = 0;
	unsigned int i;
	ssize_t n;
	int fd;

	ASSERT_EQ(0, herd_spawn(&self->herd, 150));
	fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	n = read(fd, self->table->text, 3000);
	ASSERT_LT(0, n);
	for (i = 0; i < 75; i++) {
		pid_t pid = self->herd.pids[--self->herd.n];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	do {
		length += n;
		n = read(fd, self->table->text + length, 3000);
	} while (n > 0);
	ASSERT_EQ(0, n);
	self->table->text[length] = '\0';
	close(fd);
	ASSERT_EQ(0, table_take_apart(self->table));
	for (i = 0; i < self->herd.n; i++)
		EXPECT_EQ(getpid(), number(self->table, self->herd.pids[i],
					   "PPID"));
}

TEST_F(proc, can_be_read_again_from_the_start)
{
	struct reading reading = { .pid = getpid() };
	unsigned int n;

	reading.fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, read_there(&reading));
	n = reading.n_rows;
	ASSERT_EQ(0, herd_spawn(&self->herd, 20));
	ASSERT_EQ(0, read_there(&reading));
	EXPECT_LE(n + 15, reading.n_rows);
	EXPECT_NE(~0U, reading.ppid);
	close(reading.fd);
}

TEST_F(proc, is_read_by_cat_of_busybox)
{
	size_t length = 0;
	int ends[2];
	ssize_t n;
	pid_t pid;
	int status;

	if (access("/bin/busybox", X_OK))
		SKIP(return, "no /bin/busybox");
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execl("/bin/busybox", "busybox", "cat", FILE_NAME, NULL);
		_exit(1);
	}
	close(ends[1]);
	while ((n = read(ends[0], self->table->text + length,
			 MAX_TEXT - 1 - length)) > 0)
		length += n;
	self->table->text[length] = '\0';
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, table_take_apart(self->table));
	EXPECT_EQ(getpid(), number(self->table, self->child.pid, "PPID"));
	EXPECT_EQ(getpid(), number(self->table, pid, "PPID"));
}

TEST_F(proc, cannot_be_written)
{
	int fd = open(FILE_NAME, O_RDWR | O_CLOEXEC);

	/* Root may open anything for writing. */
	if (fd >= 0)
		EXPECT_EQ(-1, write(fd, "1\n", 2));
	close(fd);
}

TEST_HARNESS_MAIN
