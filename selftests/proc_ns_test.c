// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens/namespaces: what ns-get says, as text. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/namespaces.h"
#include "lib/table.h"

#define FILE_NAME	"/proc/nslens/namespaces"
#define NOBODY		65534

FIXTURE(proc_ns)
{
	struct lens lens;
	struct child child;
	struct table *table;
	struct ns_list *list;
};

FIXTURE_SETUP(proc_ns)
{
	setup_lens(_metadata, &self->lens);
	self->table = calloc(1, sizeof(*self->table));
	self->list = calloc(1, sizeof(*self->list));
	ASSERT_NE(NULL, self->table);
	ASSERT_NE(NULL, self->list);
	ASSERT_EQ(0, child_spawn(&self->child, CLONE_NEWPID | CLONE_NEWUTS |
				 CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, child_map_ids(&self->child, 7, 1000, 5));
}

FIXTURE_TEARDOWN(proc_ns)
{
	child_end(&self->child);
	free(self->list);
	free(self->table);
	lens_close(&self->lens);
}

/* "-" is 0, as what is absent is in struct ns. */
static __u64 number(const struct table *table, __u32 ino, const char *column)
{
	char key[16], value[64];

	snprintf(key, sizeof(key), "%u", ino);
	if (table_cell(table, "NS", key, column, value, sizeof(value)))
		return ~0ULL;
	return strtoull(value, NULL, 10);
}

/* What stands after "@name=" in the details of a namespace, "" for nothing. */
static const char *detail(const struct table *table, __u32 ino,
			  const char *name)
{
	static char details[4096];
	char key[16], *rest = details, *one;
	size_t length = strlen(name);

	snprintf(key, sizeof(key), "%u", ino);
	if (table_cell(table, "NS", key, "DETAILS", details, sizeof(details)))
		return "";
	while ((one = strsep(&rest, ",")))
		if (!strncmp(one, name, length) && one[length] == '=')
			return one + length + 1;
	return "";
}

TEST_F(proc_ns, says_what_netlink_says)
{
	char type[16], key[16];
	unsigned int i, tries = 50;

	do {
		ASSERT_EQ(0, table_read(self->table, FILE_NAME));
		ASSERT_EQ(0, list_namespaces(self->list));
	} while (tries-- && (self->list->interrupted ||
			     self->list->n != self->table->n_rows));
	ASSERT_EQ(self->list->n, self->table->n_rows);
	for (i = 0; i < self->list->n; i++) {
		const struct ns *ns = &self->list->v[i];

		snprintf(key, sizeof(key), "%u", ns->ino);
		ASSERT_EQ(0, table_row_cell(self->table, i, "TYPE", type,
					    sizeof(type)));
		EXPECT_STREQ(ns_types[ns->type].name, type);
		EXPECT_EQ(ns->id, number(self->table, ns->ino, "ID"));
		EXPECT_EQ(ns->level, number(self->table, ns->ino, "LEVEL"));
		EXPECT_EQ(ns->parent, number(self->table, ns->ino, "PNS"));
		EXPECT_EQ(ns->owner, number(self->table, ns->ino, "ONS"));
		EXPECT_EQ(ns->pid, number(self->table, ns->ino, "PID"));
		EXPECT_EQ(ns->threads,
			  number(self->table, ns->ino, "NTHREADS"));
		EXPECT_EQ(ns->processes,
			  number(self->table, ns->ino, "NPROCS"));
		EXPECT_EQ(ns->children_only,
			  number(self->table, ns->ino, "NCHILDREN"));
	}
}

static long set_name(void *name)
{
	return sethostname(name, strlen(name)) ? -errno : 0;
}

TEST_F(proc_ns, has_what_is_particular_to_a_type)
{
	const pid_t pid = self->child.pid;
	char expected[64], name[] = "a,b c\\";

	ASSERT_EQ(0, child_do(&self->child, set_name, name, sizeof(name)));
	ASSERT_EQ(0, table_read(self->table, FILE_NAME));
	snprintf(expected, sizeof(expected), "%d;1", pid);
	EXPECT_STREQ(expected,
		     detail(self->table, ns_ino(pid, "pid"), "reaper"));
	EXPECT_STREQ("1",
		     detail(self->table, ns_ino(pid, "pid"), "allocated"));
	EXPECT_STREQ("7:1000:5",
		     detail(self->table, ns_ino(pid, "user"), "uid-map"));
	EXPECT_STREQ("1", detail(self->table, ns_ino(pid, "net"), "devices"));
	EXPECT_STREQ("0",
		     detail(self->table, ns_ino(pid, "time"), "boottime"));
	EXPECT_STREQ("0", detail(self->table, ns_ino(pid, "ipc"), "queues"));
	EXPECT_STREQ("/", detail(self->table, ns_ino(pid, "cgroup"), "root"));
	/* One cell, whatever the name. */
	EXPECT_STREQ("a\\054b\\040c\\\\",
		     detail(self->table, ns_ino(pid, "uts"), "nodename"));
}

struct reading {
	int fd;
	size_t n;
	char text[65536];
};

/* The rest of an open file, or all if there is none. */
static long read_rest(void *data)
{
	struct reading *reading = data;
	ssize_t n;

	if (reading->fd < 0)
		reading->fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	if (reading->fd < 0)
		return -errno;
	reading->n = 0;
	while ((n = read(reading->fd, reading->text + reading->n, 512)) > 0)
		reading->n += n;
	reading->text[reading->n] = '\0';
	return n < 0 ? -errno : 0;
}

/* Is there a line for it? */
static bool has_line(const struct reading *reading, const char *type, __u32 ino)
{
	char start[32];

	snprintf(start, sizeof(start), "\n%s %u ", type, ino);
	return strstr(reading->text, start);
}

TEST_F(proc_ns, shows_a_container_its_own)
{
	static const char * const own[] = { "pid", "uts", "user", "net" };
	static struct reading reading = { .fd = -1 };
	unsigned int i;

	ASSERT_EQ(0, child_do(&self->child, read_rest, &reading,
			      sizeof(reading)));
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		EXPECT_TRUE(has_line(&reading, own[i],
				     ns_ino(self->child.pid, own[i])));
		EXPECT_FALSE(has_line(&reading, own[i],
				      ns_ino(getpid(), own[i])));
	}
	/* It shares one that its host owns, of which it learns no more. */
	EXPECT_TRUE(has_line(&reading, "ipc", ns_ino(getpid(), "ipc")));
}

/* A file goes to who may see less: what he reads is what he may see. */
TEST_F(proc_ns, shows_no_more_to_who_reads_on)
{
	static struct reading reading;
	const __u32 ino = ns_ino(self->child.pid, "uts");
	/* The last of the initial ones, in any kernel, so after what is read. */
	const __u32 own = ns_ino(getpid(), "ipc");
	struct child nobody;
	char piece[100];
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	ASSERT_EQ(sizeof(piece), read(fd, piece, sizeof(piece)));
	ASSERT_EQ(0, nobody_spawn(&nobody));
	reading.fd = child_give_fd(&nobody, fd);
	ASSERT_LE(0, reading.fd);
	ASSERT_EQ(0, child_do(&nobody, read_rest, &reading, sizeof(reading)));
	EXPECT_FALSE(has_line(&reading, "uts", ino));
	EXPECT_TRUE(has_line(&reading, "ipc", own));
	/* And who reads from the start gets it. */
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	reading.fd = fd;
	ASSERT_EQ(0, read_rest(&reading));
	EXPECT_TRUE(has_line(&reading, "uts", ino));
	child_end(&nobody);
	close(fd);
}

/* Whoever reads in pieces reads what was there when he began. */
TEST_F(proc_ns, is_of_one_moment_in_small_pieces)
{
	static struct reading reading;
	const __u32 ino = ns_ino(self->child.pid, "uts");
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	char piece;

	ASSERT_EQ(1, read(fd, &piece, 1));
	child_end(&self->child);
	reading.fd = fd;
	ASSERT_EQ(0, read_rest(&reading));
	EXPECT_TRUE(has_line(&reading, "uts", ino));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	ASSERT_EQ(0, read_rest(&reading));
	EXPECT_FALSE(has_line(&reading, "uts", ino));
	EXPECT_EQ(0, strncmp(reading.text, "TYPE NS ", 8));
	close(fd);
}

static ssize_t read_all(char *text, size_t piece)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	ssize_t n, length = 0;

	while ((n = read(fd, text + length, piece)) > 0)
		length += n;
	close(fd);
	text[length] = '\0';
	return n < 0 ? n : length;
}

/* As another reader has it: only what it shows of who comes and goes differs. */
static long read_in_pieces(void *data)
{
	static char whole[MAX_TEXT], text[MAX_TEXT];
	const size_t *size = data;
	unsigned int tries = 50;
	ssize_t length;

	do {
		length = read_all(whole, sizeof(whole) - 1);
		if (length <= 0 || read_all(text, *size) <= 0)
			return -EIO;
	} while (strcmp(whole, text) && --tries);
	return tries ? length : -EAGAIN;
}

/* Every line, and none but these; in a container, where all is quiet. */
TEST_F(proc_ns, is_the_same_in_pieces_of_any_size)
{
	size_t sizes[] = { 1, 7, 64, 1000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT_LT(300, child_do(&self->child, read_in_pieces, &sizes[i],
					sizeof(*sizes)));
}

/* So many reads may a user leave in the middle. */
#define MAX_BEGUN	16

/* Begins to read as often as he may. Return: how often that is, or -errno. */
static long begin_reading(void *data)
{
	int *fds = data, i;
	char byte;

	for (i = 0; i <= MAX_BEGUN; i++) {
		fds[i] = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return -errno;
		if (read(fds[i], &byte, 1) != 1)
			return errno == EMFILE ? i : -errno;
	}
	return i;
}

/* Begins once more, when the first one is read to its end. */
static long begin_when_one_has_ended(void *data)
{
	int *fds = data;
	char text[4096];
	ssize_t n;

	while ((n = read(fds[0], text, sizeof(text))) > 0)
		;
	if (n < 0 || read(fds[MAX_BEGUN], text, 1) != 1)
		return -errno;
	return close(fds[1]) || lseek(fds[0], 0, SEEK_SET) ||
	       read(fds[0], text, 1) != 1 ? -errno : 0;
}

TEST_F(proc_ns, bounds_what_a_user_may_leave_half_read)
{
	int fds[MAX_BEGUN + 1] = {}, others[MAX_BEGUN + 1] = {};
	struct child nobody, other;

	ASSERT_EQ(0, nobody_spawn(&nobody));
	ASSERT_EQ(0, nobody_spawn(&other));
	EXPECT_EQ(MAX_BEGUN, child_do(&nobody, begin_reading, fds, sizeof(fds)));
	/* Of the user, not of the process. */
	EXPECT_EQ(0, child_do(&other, begin_reading, others, sizeof(others)));
	EXPECT_EQ(0, child_do(&nobody, begin_when_one_has_ended, fds,
			      sizeof(fds)));
	/* Nobody else pays for it. */
	EXPECT_EQ(0, table_read(self->table, FILE_NAME));
	child_end(&nobody);
	EXPECT_EQ(MAX_BEGUN,
		  child_do(&other, begin_reading, others, sizeof(others)));
	child_end(&other);
}

TEST_HARNESS_MAIN
