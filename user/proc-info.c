// SPDX-License-Identifier: GPL-2.0
/* What only procfs tells of a process; each is asked once. */
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "proc-info.h"

#define NR_BUCKETS	1024

/* Read "/proc/PID/NAME" as text. Return: its length, 0 if there is none. */
static size_t read_file(__u32 pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

/* As lsns has it: arguments with blanks between them. */
static char *read_command(__u32 pid)
{
	char text[8192];
	size_t len = read_file(pid, "cmdline", text, sizeof(text));

	if (!len) {
		read_file(pid, "comm", text, sizeof(text));
		text[strcspn(text, "\n")] = '\0';
		return strdup(text);
	}
	for (size_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
	text[len - 1] = '\0';
	return strdup(text);
}

static void read_info(struct proc_info *info)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u", info->pid);
	if (stat(path, &st))
		return;
	info->uid = st.st_uid;
	info->command = read_command(info->pid);
	info->there = info->command;
}

/**
 * proc_info() - what procfs tells of a process
 * @pid: its PID here
 *
 * Return: what was read when it was first asked for; NULL if there is none.
 */
const struct proc_info *proc_info(__u32 pid)
{
	static struct proc_info *buckets[NR_BUCKETS];
	struct proc_info **bucket = &buckets[pid % NR_BUCKETS];
	struct proc_info *info;

	for (info = *bucket; info; info = info->next)
		if (info->pid == pid)
			return info->there ? info : NULL;

	info = calloc(1, sizeof(*info));
	if (!info)
		return NULL;
	info->pid = pid;
	info->next = *bucket;
	*bucket = info;
	read_info(info);
	return info->there ? info : NULL;
}

/**
 * proc_ppid() - the parent of a process, by procfs
 * @pid: its PID here
 *
 * Return: PID here of the parent, 0 if there is none.
 */
__u32 proc_ppid(__u32 pid)
{
	char text[512];
	const char *at;

	if (!read_file(pid, "stat", text, sizeof(text)))
		return 0;
	/* The fourth field; the second is in parentheses and can hold any. */
	at = strrchr(text, ')');
	return at && strlen(at) > 4 ? (__u32)strtoul(at + 4, NULL, 10) : 0;
}

static bool name_from_file(__u32 uid, char *name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;

	while (file && (user = fgetpwent(file)) && user->pw_uid != uid)
		;
	if (user)
		snprintf(name, size, "%s", user->pw_name);
	if (file)
		fclose(file);
	return user;
}

/* Users from elsewhere, LDAP say, are for shared libraries to find. */
static bool name_from_getent(__u32 uid, char *name, size_t size)
{
	char command[64];
	bool found = false;
	FILE *pipe;

	snprintf(command, sizeof(command), "getent passwd %u 2>&-", uid);
	pipe = popen(command, "re");
	if (!pipe)
		return false;
	if (fgets(name, (int)size, pipe) && strcspn(name, ":\n")) {
		name[strcspn(name, ":\n")] = '\0';
		found = true;
	}
	pclose(pipe);
	return found;
}

/**
 * user_name() - the name of a user
 * @uid: user id here
 *
 * As getpwuid(3), which a statically linked program should not use.
 *
 * Return: the name, or the number where there is none; good until the next call.
 */
const char *user_name(__u32 uid)
{
	static char name[256];
	static __u32 known;

	if (!name[0] || known != uid) {
		if (!name_from_file(uid, name, sizeof(name)) &&
		    !name_from_getent(uid, name, sizeof(name)))
			snprintf(name, sizeof(name), "%u", uid);
		known = uid;
	}
	return name;
}
