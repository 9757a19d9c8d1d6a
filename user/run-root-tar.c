// SPDX-License-Identifier: GPL-2.0
/* A root file system from an archive: the tar of the host unpacks it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "nslens.h"
#include "run.h"
#include "run-root-mount.h"

/**
 * struct packing - how an archive may be compressed
 * @offset: where it begins with
 * @magic: this
 * @option: of tar, to unpack it; NULL if it is no archive for us
 * @about: what it is, then
 */
struct packing {
	size_t offset;
	const char *magic;
	const char *option;
	const char *about;
};

static const struct packing packings[] = {
	{ 0, "\x1f\x8b", "--gzip", NULL },
	{ 0, "\xfd\x37zXZ", "--xz", NULL },
	{ 0, "\x28\xb5\x2f\xfd", "--zstd", NULL },
	{ 0, "BZh", "--bzip2", NULL },
	{ 257, "ustar", "--extract", NULL },
	{ 0, "PK\x03\x04", NULL, "a zip archive" },
	{ 0, "hsqs", NULL, "a squashfs image: mount it, and give the directory" },
	{ 0, "\x7f\x45LF", NULL, "a program" },
	{ 1080, "\x53\xef", NULL, "an ext file system: mount it, and give the directory" },
};

#define NR_PACKINGS	(sizeof(packings) / sizeof(packings[0]))

static const struct packing *find_packing(int fd)
{
	char head[2048] = "";
	ssize_t len = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < NR_PACKINGS; i++) {
		const struct packing *packing = &packings[i];
		size_t size = strlen(packing->magic);

		if (len >= (ssize_t)(packing->offset + size) &&
		    !memcmp(head + packing->offset, packing->magic, size))
			return packing;
	}
	return NULL;
}

/**
 * archive_open() - see whether a root file system can be unpacked from a file
 * @run: that names it
 *
 * Return: 0, or -1 after a complaint.
 */
int archive_open(struct run *run)
{
	/* It may well be a FIFO. */
	int fd = open(run->root.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const struct packing *packing;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return run_fail(run, "--rootfs %s", run->root.path);
	packing = S_ISREG(st.st_mode) ? find_packing(fd) : NULL;
	errno = 0;
	if (!packing || !packing->option)
		return run_fail(run, "--rootfs %s: neither a directory nor a tar archive%s%s",
				run->root.path, packing ? ", but " : "",
				packing ? packing->about : "");
	run->root.archive = fd;
	run->root.tar_option = packing->option;
	return 0;
}

/* Capabilities that unpacking takes of root. */
static const unsigned int kept_caps[] = {
	CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_MKNOD,
	CAP_SETFCAP,
};

static bool is_kept(unsigned long cap)
{
	for (size_t i = 0; i < sizeof(kept_caps) / sizeof(kept_caps[0]); i++)
		if (kept_caps[i] == cap)
			return true;
	return false;
}

/*
 * Whatever an archive makes of tar, nothing outside can be written to: here,
 * all that is mounted is read-only and has no devices, but for the one tmpfs,
 * which is mounted nowhere; and there is no capability to change that.
 */
static int confine(int tree)
{
	int all;

	if (unshare(CLONE_NEWNS))
		return -1;
	all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (all < 0 || tree_set(all, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOSUID, true) || fchdir(tree) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -1;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!is_kept(cap) && prctl(PR_CAPBSET_DROP, cap))
			return -1;
	return 0;
}

/* Whether files can belong to more than one user. */
static bool has_many_ids(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned int lines = 0;
	bool many = false;
	char line[64];

	/* First id inside, first outside, and how many. */
	while (file && fgets(line, sizeof(line), file)) {
		const char *count = strrchr(line, ' ');

		many |= count && strtoul(count, NULL, 10) > 1;
		lines++;
	}
	if (file)
		fclose(file);
	return many || lines > 1;
}

static noreturn void be_tar(const struct run *run, int tree, int messages)
{
	const char *owner = has_many_ids() ? "--same-owner" : "--no-same-owner";
	static char path[PATH_MAX];
	const char *const argv[] = {
		"tar", "--extract", "--file=-", run->root.tar_option,
		"--preserve-permissions", owner, "--numeric-owner",
		/* We provide these; and a user namespace can make no device. */
		"--anchored", "--exclude=dev/*", "--exclude=./dev/*", NULL
	};
	const char *const env[] = { "LC_ALL=C", path, NULL };

	snprintf(path, sizeof(path), "PATH=%s", getenv("PATH") ?: _PATH_STDPATH);
	if (dup2(run->root.archive, STDIN_FILENO) < 0 ||
	    dup2(messages, STDOUT_FILENO) < 0 ||
	    dup2(messages, STDERR_FILENO) < 0)
		_exit(EXIT_RUN_OWN);
	if (confine(tree))
		dprintf(STDERR_FILENO, "confining it: %s\n", strerror(errno));
	else if (execvpe(argv[0], (char **)argv, (char **)env))
		dprintf(STDERR_FILENO, "starting tar: %s\n",
			strerror(errno));
	_exit(EXIT_RUN_OWN);
}

/* The first line that says what went wrong; the rest has to be read, too. */
static void read_messages(int fd, char *line, size_t size)
{
	FILE *file = fdopen(fd, "r");
	char text[256];

	line[0] = '\0';
	while (file && fgets(text, sizeof(text), file)) {
		if (line[0] || strstr(text, "Removing leading"))
			continue;
		text[strcspn(text, "\n")] = '\0';
		snprintf(line, size, "%.*s", (int)size - 1, text);
	}
	if (file)
		fclose(file);
}

static bool is_there(int tree, const char *name)
{
	return !faccessat(tree, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* As images are passed around, the root file system is in archives within. */
static void check_content(const struct run *run, int tree)
{
	errno = 0;
	if (is_there(tree, "bin") || is_there(tree, "usr"))
		return;
	if (is_there(tree, "oci-layout") || is_there(tree, "manifest.json"))
		child_fail(run, "%s holds layers, as of docker save: use docker export",
			   run->root.path);
}

/* tar does not always say so. */
static bool is_full(int tree)
{
	struct statvfs st;

	return !fstatvfs(tree, &st) &&
	       (!st.f_ffree || st.f_bavail < (1 << 16) / st.f_bsize);
}

/**
 * archive_unpack() - unpack the archive
 * @run: the child's, with the open archive
 * @tree: a tmpfs that is mounted nowhere
 *
 * Fails by child_fail().
 */
void archive_unpack(const struct run *run, int tree)
{
	char message[200];
	int status = 0;
	int messages[2];
	pid_t pid;

	if (pipe2(messages, O_CLOEXEC))
		child_fail(run, "making a pipe");
	pid = fork();
	if (pid == 0)
		be_tar(run, tree, messages[1]);
	if (pid < 0)
		child_fail(run, "starting tar");
	close(messages[1]);
	read_messages(messages[0], message, sizeof(message));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	errno = is_full(tree) ? ENOSPC : 0;
	if (status)
		child_fail(run, "unpacking %s: %s", run->root.path,
			   message[0] ? message : "tar was killed");
	close(run->root.archive);
	check_content(run, tree);
}
