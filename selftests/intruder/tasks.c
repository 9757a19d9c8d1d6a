// SPDX-License-Identifier: GPL-2.0
/* Ways to a process outside, or to what belongs to one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "intruder.h"

#define SESSION_KEYRING	KEY_SPEC_SESSION_KEYRING

int try_signal(char **argv)
{
	return kill(atoi(argv[0]), SIGCONT) ? errno : 0;
}

/* Everyone who can be reached, but for oneself and for PID 1. */
int try_signal_all(char **argv)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return kill(-1, SIGTERM) ? errno : 0;
}

int try_ptrace(char **argv)
{
	return ptrace(PTRACE_SEIZE, atoi(argv[0]), 0, 0) ? errno : 0;
}

/* argv[1] is an address there. */
int try_read_memory(char **argv)
{
	char text[64] = "";
	struct iovec here = { text, sizeof(text) - 1 };
	struct iovec there = {
		(void *)strtoul(argv[1], NULL, 16), sizeof(text) - 1
	};

	if (process_vm_readv(atoi(argv[0]), &here, 1, &there, 1, 0) < 0)
		return errno;
	puts(text);
	return 0;
}

int try_pidfd(char **argv)
{
	int fd = (int)syscall(SYS_pidfd_open, atoi(argv[0]), 0);

	return fd < 0 || syscall(SYS_pidfd_getfd, fd, 0, 0) < 0 ? errno : 0;
}

/*
 * CVE-2019-5736: the program that has put us here is what some process here
 * still runs. argv[0] and argv[1] are its device and inode.
 */
int try_overwrite_runner(char **argv)
{
	unsigned long dev = strtoul(argv[0], NULL, 10);
	unsigned long ino = strtoul(argv[1], NULL, 10);
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct stat status;
	char path[300];
	int err = ENOENT;

	while (proc && err && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		if (stat(path, &status) || status.st_dev != dev ||
		    status.st_ino != ino)
			continue;
		err = open_write(AT_FDCWD, path);
	}
	return err;
}

/* What is typed there would be read by a shell outside. */
int try_type_outside(char **argv)
{
	static const char line[] = "typed\n";
	int fd = atoi(argv[0]);

	for (const char *c = line; *c; c++)
		if (ioctl(fd, TIOCSTI, c))
			return errno;
	return 0;
}

/* The terminal outside becomes ours, by being given up or by being stolen. */
int try_terminal(char **argv)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return 0;
	setsid();
	return ioctl(atoi(argv[0]), TIOCSCTTY, 0) &&
	       ioctl(atoi(argv[0]), TIOCSCTTY, 1) ? errno : 0;
}

int try_abstract_socket(char **argv)
{
	struct sockaddr_un there = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t length = strlen(argv[0]);

	memcpy(there.sun_path + 1, argv[0], length);
	length += offsetof(struct sockaddr_un, sun_path) + 1;
	return connect(fd, (struct sockaddr *)&there, (socklen_t)length) ?
	       errno : 0;
}

static int print_key(long key)
{
	char text[256] = "";

	if (syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1) < 0)
		return errno;
	fputs(text, stdout);
	return 0;
}

/* By its number. */
int try_key(char **argv)
{
	return print_key(atol(argv[0]));
}

/* By its name, in the session's keyring. */
int try_session_key(char **argv)
{
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, SESSION_KEYRING, "user",
			   argv[0], 0);

	return key < 0 ? errno : print_key(key);
}
