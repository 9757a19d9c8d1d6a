// SPDX-License-Identifier: GPL-2.0
/*
 * What /proc says: the tests' independent source. PIDs are those of the PID
 * namespace that the /proc of the test was mounted in.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "proc.h"

/**
 * read_file() - read a small file as a string
 * @path: which
 * @text: where to
 * @size: of @text
 *
 * Return: bytes read, without the terminating NUL, or -errno.
 */
int read_file(const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + length, size - 1 - length);
		if (n > 0)
			length += n;
	} while (n > 0 && length < size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	text[length] = '\0';
	return n < 0 ? n : (int)length;
}

/**
 * kernel_before() - is the running kernel older than a release
 * @major: of the release
 * @minor: of the release
 */
bool kernel_before(unsigned int major, unsigned int minor)
{
	unsigned int is_major, is_minor;
	struct utsname name;

	if (uname(&name) < 0 ||
	    sscanf(name.release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major < major || (is_major == major && is_minor < minor);
}

/**
 * write_file() - write a string to a file in one write()
 * @path: which
 * @text: the string
 *
 * Return: 0 or -errno.
 */
int write_file(const char *path, const char *text)
{
	ssize_t length = strlen(text);
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != length)
		err = -errno;
	close(fd);
	return err;
}

/**
 * text_field() - a line "FIELD: value" of a text
 * @text: such as /proc/PID/status
 * @field: name of the line
 *
 * Return: the rest of the line on, without the blanks at its start; NULL if
 * there is no such line.
 */
const char *text_field(const char *text, const char *field)
{
	size_t length = strlen(field);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, field, length) && text[length] == ':')
			return text + length + 1 +
				strspn(text + length + 1, "\t ");
	}
	return NULL;
}

/**
 * text_numbers() - the numbers at the start of a text, up to the end of its line
 * @text: the text
 * @out: the numbers
 */
void text_numbers(const char *text, struct numbers *out)
{
	char *end;

	out->n = 0;
	while (out->n < MAX_LEVELS) {
		text += strspn(text, "\t ,");
		if (!isdigit(*text))
			break;
		out->v[out->n++] = strtoul(text, &end, 10);
		text = end;
	}
}

/**
 * proc_field() - a line of /proc/PID/status
 * @pid: thread or process
 * @field: name of the line
 * @value: the rest of the line, without the blanks at its start
 * @size: of @value
 *
 * Return: 0, -ENOENT if there is no such line, or -errno.
 */
int proc_field(pid_t pid, const char *field, char *value, size_t size)
{
	char path[64], text[8192];
	const char *at;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	err = read_file(path, text, sizeof(text));
	if (err < 0)
		return err;
	at = text_field(text, field);
	if (!at)
		return -ENOENT;
	snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
	return 0;
}

/**
 * proc_numbers() - the numbers in a line of /proc/PID/status
 * @pid: thread or process
 * @field: name of the line, such as NSpid
 * @out: the numbers
 *
 * Return: 0 or -errno.
 */
int proc_numbers(pid_t pid, const char *field, struct numbers *out)
{
	char value[1024];
	int err;

	out->n = 0;
	err = proc_field(pid, field, value, sizeof(value));
	if (!err)
		text_numbers(value, out);
	return err;
}

/**
 * proc_number() - one of the numbers in a line of /proc/PID/status
 * @pid: thread or process
 * @field: name of the line
 * @nth: which, from 0
 *
 * Return: the number or -errno.
 */
long proc_number(pid_t pid, const char *field, unsigned int nth)
{
	struct numbers numbers;
	int err;

	err = proc_numbers(pid, field, &numbers);
	if (err)
		return err;
	return nth < numbers.n ? (long)numbers.v[nth] : -ENOENT;
}

/**
 * stat_field() - a field of /proc/PID/stat
 * @text: that file; the name in it may hold blanks
 * @nth: which field, from 3 on
 *
 * Return: the field on, NULL if there is none.
 */
const char *stat_field(const char *text, int nth)
{
	const char *at = strrchr(text, ')');

	for (nth -= 2; at && nth > 0; nth--) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at;
}

static const char *proc_stat(pid_t pid, int nth, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return read_file(path, text, size) < 0 ? NULL : stat_field(text, nth);
}

/**
 * proc_start_ticks() - when a task started
 * @pid: thread or process
 *
 * Return: clock ticks since boot, in the reader's time namespace, or -ESRCH.
 */
long long proc_start_ticks(pid_t pid)
{
	char text[2048];
	const char *field = proc_stat(pid, 22, text, sizeof(text));

	return field ? atoll(field) : -ESRCH;
}

/**
 * proc_state() - R, S, D, Z ...
 * @pid: thread or process
 *
 * Return: the letter, 0 if there is no such task.
 */
char proc_state(pid_t pid)
{
	char text[2048];
	const char *field = proc_stat(pid, 3, text, sizeof(text));

	return field ? *field : 0;
}

/**
 * proc_comm() - name of a task
 * @pid: thread or process
 * @comm: the name, all bytes as they are
 * @size: of @comm
 *
 * Return: 0 or -errno.
 */
int proc_comm(pid_t pid, char *comm, size_t size)
{
	char path[64];
	int n;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	n = read_file(path, comm, size);
	if (n < 0)
		return n;
	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	return 0;
}

static int list_dir(const char *path, struct pid_list *out)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && out->n < MAX_PIDS) {
		if (isdigit(entry->d_name[0]))
			out->v[out->n++] = atoi(entry->d_name);
	}
	closedir(dir);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

/**
 * proc_list() - all PIDs in /proc
 * @threads: those of all threads, not just of processes
 * @out: the PIDs in ascending order
 *
 * Return: 0 or -errno. What dies meanwhile may be missing.
 */
int proc_list(int threads, struct pid_list *out)
{
	static struct pid_list leaders;
	struct pid_list *first = threads ? &leaders : out;
	char path[64];
	unsigned int i;
	int err;

	first->n = 0;
	err = list_dir("/proc", first);
	if (err)
		return err;
	if (threads) {
		out->n = 0;
		for (i = 0; i < leaders.n; i++) {
			snprintf(path, sizeof(path), "/proc/%d/task",
				 leaders.v[i]);
			list_dir(path, out);
		}
	}
	qsort(out->v, out->n, sizeof(*out->v), by_number);
	return 0;
}

/* Lists in the same order. */
bool same_pids(const struct pid_list *a, const struct pid_list *b)
{
	return a->n == b->n && !memcmp(a->v, b->v, a->n * sizeof(*a->v));
}

/**
 * ns_open() - open a namespace file of a task
 * @pid: thread or process
 * @link: file name in /proc/PID/ns
 *
 * Return: file descriptor or -errno.
 */
int ns_open(pid_t pid, const char *link)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, link);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * ns_ino() - inode number of a namespace of a task
 * @pid: thread or process
 * @link: file name in /proc/PID/ns
 *
 * Return: the number; 0 if the task has none, or it may not be seen.
 */
unsigned int ns_ino(pid_t pid, const char *link)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, link);
	return stat(path, &status) ? 0 : status.st_ino;
}

/**
 * ns_ino_of_fd() - inode number of an open namespace file
 * @fd: which
 *
 * Return: the number, 0 on failure.
 */
unsigned int ns_ino_of_fd(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? 0 : status.st_ino;
}
