// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run: an intruder tries to get out of where it was put, by files,
 * processes and what belongs to them. lib/escape.h says as whom.
 */
#define _GNU_SOURCE
#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "kselftest_harness.h"
#include "lib/escape.h"

#define TIOCSTI_ALLOWED	"/proc/sys/dev/tty/legacy_tiocsti"

/* In the test's memory, and in that of the victim. */
static char in_memory[] = SECRET " either";

TEST_F(escape, by_a_path_upwards)
{
	EXPECT_KEPT_IN("dotdot %s", self->secret);
	/* With our root it is there. */
	EXPECT_OUT(SHELL(self->tool, format("nslens run %s dotdot %s",
					    self->intruder, self->secret)));
	EXPECT_STREQ(SECRET, self->tool->out);
}

TEST_F(escape, by_the_root_of_another_process)
{
	EXPECT_KEPT_IN("init-root %s", self->secret);
	EXPECT_KEPT_IN("links %s", self->secret);
	/* With our PIDs it is. */
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " init-root %s", self->secret));
	EXPECT_STREQ(SECRET, self->tool->out);
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " links %s", self->secret));
}

TEST_F(escape, by_a_root_below_the_root)
{
	EXPECT_KEPT_IN("chroot %s", self->secret);
	/* With chroot() it is. */
	EXPECT_OUT(SHELL(self->tool, format("chroot %s " INSIDE " chroot %s",
					    self->box, self->secret)));
	EXPECT_STREQ(SECRET, self->tool->out);
}

TEST_F(escape, by_an_inherited_directory)
{
	const char *run =
		"exec 3</ 7</ 9</tmp; exec nslens run %s %s --rootfs %s %s descriptors %s";

	EXPECT_REFUSED(SHELL(self->tool,
			     format(run, variant->option, "",
				    self->box, INSIDE, self->secret)));
	/* With one that it is to keep it is. */
	EXPECT_OUT(SHELL(self->tool,
			 format(run, variant->option,
				"--keep-fd 7", self->box, INSIDE,
				self->secret)));
	EXPECT_STREQ(SECRET, self->tool->out);
}

/* CVE-2024-21626 */
TEST_F(escape, by_a_descriptor_as_working_directory)
{
	const char *run =
		"exec 3</ 7</ 9</tmp; exec nslens run %s --rootfs %s --workdir /proc/self/%s %s";
	char *way = format(INSIDE " dotdot %s", self->secret);
	unsigned int i;

	for (i = 0; i < 20; i++) {
		char *dir = i < 18 ? format("fd/%u", i) :
				     i == 18 ? "cwd" : "root";

		EXPECT_NE(0, SHELL(self->tool,
				   format(run, variant->option, self->box, dir,
					  way))) {
			TH_LOG("%s", dir);
		}
		EXPECT_EQ(NULL, strstr(self->tool->out, SECRET));
	}
}

static char *handle_of(const char *path)
{
	struct file_handle *handle;
	char *hex = "";
	int mount;

	handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, handle, &mount, 0))
		return NULL;
	for (unsigned int i = 0; i < handle->handle_bytes; i++)
		hex = format("%s%02x", hex, handle->f_handle[i]);
	return format("%d %s", handle->handle_type, hex);
}

TEST_F(escape, by_the_handle_of_a_file)
{
	char *handle = handle_of(self->secret);

	ASSERT_NE(NULL, handle);
	EXPECT_KEPT_IN_BUT(ROOT, "handle %s", handle);
}

TEST_F(escape, by_the_processes_of_the_host)
{
	pid_t pid = self->victim.pid;

	EXPECT_KEPT_IN("signal %d", pid);
	EXPECT_KEPT_IN("signal-all");
	EXPECT_KEPT_IN("ptrace %d", pid);
	EXPECT_KEPT_IN("pidfd %d", pid);
	EXPECT_KEPT_IN("read-memory %d %lx", pid, (long)in_memory);
	EXPECT_EQ(pid, child_do(&self->victim, child_getpid, NULL, 0));
	/* With our PIDs they are there. */
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " signal %d", pid));
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " ptrace %d", pid));
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " pidfd %d", pid));
	EXPECT_OUT(IN_BOX("--pid=host", INSIDE " read-memory %d %lx", pid,
			  (long)in_memory));
	EXPECT_NE(NULL, strstr(self->tool->out, in_memory));
}

/* Likewise, but for a user namespace, which these are not in. */
TEST_F(escape, by_the_processes_of_the_host_with_their_pids)
{
	pid_t pid = self->victim.pid;

	if (!(variant->kind & (USER | MAPPED)))
		SKIP(return, "root on the host may");
	EXPECT_REFUSED(IN_BOX(format("%s --pid=host", variant->option),
			      INSIDE " ptrace %d", pid));
	EXPECT_REFUSED(IN_BOX(format("%s --pid=host", variant->option),
			      INSIDE " read-memory %d %lx", pid,
			      (long)in_memory));
	EXPECT_REFUSED(IN_BOX(format("%s --pid=host", variant->option),
			      INSIDE " init-root %s", self->secret));
	EXPECT_REFUSED(IN_BOX(format("%s --pid=host", variant->option),
			      INSIDE " links %s", self->secret));
}

TEST_F(escape, by_an_abstract_socket)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t length = offsetof(struct sockaddr_un, sun_path) + 1;

	length += sprintf(name.sun_path + 1, "nslens-%d", getpid());
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&name, length));
	ASSERT_EQ(0, listen(fd, 8));
	EXPECT_KEPT_IN("abstract-socket %s", name.sun_path + 1);
	/* With our network it is there. */
	EXPECT_OUT(IN_BOX("--net=host", INSIDE " abstract-socket %s",
			  name.sun_path + 1));
	close(fd);
}

TEST_F(escape, by_keys)
{
	long key;

	ASSERT_LT(0, syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	key = syscall(SYS_add_key, "user", "nslens-key", SECRET,
		      strlen(SECRET), KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	EXPECT_KEPT_IN("key %ld", key);
	EXPECT_KEPT_IN("session-key nslens-key");
	/* In our session it is there. */
	EXPECT_OUT(SHELL(self->tool, format("%s session-key nslens-key",
					    self->intruder)));
	EXPECT_STREQ(SECRET, self->tool->out);
}

static int run_on_terminal(struct terminal *t, const char *box,
			   const char *option, const char *way)
{
	const char * const argv[] = {
		"nslens", "run", option, "--rootfs", box, INSIDE, way, "1", NULL
	};

	terminal_end(t);
	return terminal_start(t, 24, 80, argv) ?: terminal_wait(t);
}

/* Its standard output is the terminal outside. */
TEST_F(escape, by_typing_into_our_terminal)
{
	char before[16] = "";

	/* Where there is no such file, it always is. */
	if (read_file(TIOCSTI_ALLOWED, before, sizeof(before)) > 0)
		ASSERT_EQ(0, write_file(TIOCSTI_ALLOWED, "1"));
	EXPECT_EQ(1, run_on_terminal(&self->terminal, self->box,
				     variant->option, "type-outside"));
	/* Nor is it stolen. */
	EXPECT_EQ(1, run_on_terminal(&self->terminal, self->box,
				     variant->option, "terminal"));
	if (before[0])
		ASSERT_EQ(0, write_file(TIOCSTI_ALLOWED, before));
}

static int checksum(struct tool *t, char *text, size_t size)
{
	int status = SHELL(t, "cksum $(command -v nslens)");

	snprintf(text, size, "%.200s", t->out);
	return status;
}

static int write_new(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : close(fd);
}

/* Device and inode of nslens. */
static char *identity(struct tool *t)
{
	struct stat status;

	if (SHELL(t, "command -v nslens"))
		return NULL;
	t->out[strcspn(t->out, "\n")] = '\0';
	if (stat(t->out, &status))
		return NULL;
	return format("%lu %lu", (long)status.st_dev, (long)status.st_ino);
}

/*
 * CVE-2019-5736: nslens is made to run itself inside, where its program can be
 * opened by a link in /proc.
 */
TEST_F(escape, by_the_program_that_put_it_there)
{
	const char *again = "/proc/self/exe run --like=none";
	char before[256], after[256], *id = identity(self->tool);

	ASSERT_NE(NULL, id);
	ASSERT_EQ(0, checksum(self->tool, before, sizeof(before)));
	EXPECT_REFUSED(IN_BOX(variant->option, "%s %s overwrite-runner %s",
			      again, INSIDE, id));
	/* As the interpreter of a script it has no command to run. */
	ASSERT_EQ(0, SHELL(self->tool,
			   format("cd %s/bin; echo '#!/proc/self/exe' >script; chmod +x script",
				  self->box)));
	EXPECT_NE(0, IN_BOX(variant->option, "/bin/script"));
	ASSERT_EQ(0, checksum(self->tool, after, sizeof(after)));
	EXPECT_STREQ(before, after);
}

/* Likewise, with a file system that is found by a process in it. */
TEST_F(escape, by_the_program_that_joined_it)
{
	char *file = format("%s/pid", self->outside), text[16] = "";
	char before[256], after[256], *id = identity(self->tool);
	struct tool *guest = calloc(1, sizeof(*guest));
	const char *join =
		"nslens run --like=none --mnt=%s --user=%s --pid=%s /proc/self/exe run --like=none "
		INSIDE " overwrite-runner %s";
	char *line;

	ASSERT_NE(NULL, id);
	ASSERT_EQ(0, checksum(guest, before, sizeof(before)));
	line = format("exec nslens run %s --rootfs %s --pidfile %s /bin/sh -c '%s'",
		      variant->option, self->box, file,
		      "echo up; exec sleep 1000");
	ASSERT_EQ(0, tool_start(self->tool, (const char * const []){ "sh", "-c",
				line, NULL }));
	ASSERT_EQ(0, tool_await(self->tool, "up"));
	ASSERT_LT(0, read_file(file, text, sizeof(text)));
	text[strcspn(text, "\n")] = '\0';
	EXPECT_NE(0, SHELL(guest, format(join, text, text, text, id))) {
		TH_LOG("'%s'", guest->out);
	}
	ASSERT_EQ(0, checksum(guest, after, sizeof(after)));
	EXPECT_STREQ(before, after);
	free(guest);
}

/* CVE-2016-9962, CVE-2019-5736: someone lies in wait for nslens exec. */
TEST_F(escape, by_those_who_come_in)
{
	char *file = format("%s/pid", self->outside), text[16] = "";
	char *id = identity(self->tool);
	struct tool *guest = calloc(1, sizeof(*guest));
	char *ambush, *line;
	unsigned int i;

	ASSERT_NE(NULL, id);
	/* Root on the host may attach to whom it likes, and see what they have. */
	ambush = format("ambush %s %s /tmp/enough", id,
			variant->kind == ROOT ? "/none watch" :
			format("%s attach", self->secret));
	line = format("exec nslens run %s --rootfs %s --pidfile %s %s %s",
		      variant->option, self->box, file, INSIDE, ambush);
	ASSERT_EQ(0, tool_start(self->tool, (const char * const []){ "sh", "-c",
				line, NULL }));
	ASSERT_EQ(0, tool_await(self->tool, "ready"));
	ASSERT_LT(0, read_file(file, text, sizeof(text)));
	text[strcspn(text, "\n")] = '\0';
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(0, NSLENS(guest, "exec", text, "/bin/true")) {
			TH_LOG("%s", guest->err);
		}
	}
	ASSERT_EQ(0, write_new(format("%s/tmp/enough", self->box)));
	EXPECT_REFUSED(tool_wait(self->tool));
	/* It was none of them, but there were some. */
	EXPECT_NE(NULL, strstr(self->tool->out, "EPERM"));
	free(guest);
}

TEST_HARNESS_MAIN
