// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes: twenty times, under open files and dumps, and
 * what the helper says meanwhile. It is loaded again in the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/module.h"
#include "lib/perf.h"
#include "lib/session.h"
#include "lib/tool.h"

#define FILE_NAME	"/proc/nslens/tasks"

static long trace_all(void *unused)
{
	static struct session session;

	return session_open(&session) ?: session_trace(&session, EVERYTHING);
}

FIXTURE(module)
{
	const char *file;
	struct tool *tool;
	struct lens lens;
	struct herd herd;
};

FIXTURE_SETUP(module)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	self->file = module_file();
	if (!self->file)
		SKIP(return, "no nslens.ko: set NSLENS_KO");
	ASSERT_EQ(0, module_load(self->file));
}

FIXTURE_TEARDOWN(module)
{
	lens_close(&self->lens);
	herd_end(&self->herd);
	EXPECT_EQ(0, module_load(self->file));
	EXPECT_EQ(0, lens_open(&self->lens));
	lens_close(&self->lens);
	free(self->tool);
}

TEST_F(module, comes_and_goes_twenty_times)
{
	struct task task;
	char text[64];
	unsigned int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, lens_open(&self->lens));
		EXPECT_EQ(0, lens_get(&self->lens,
				      &(struct query){ .pid = 1 }, &task));
		EXPECT_LT(0, read_file(FILE_NAME, text, sizeof(text)));
		lens_close(&self->lens);
		ASSERT_EQ(0, module_unload());
		EXPECT_EQ(-ENOENT, read_file(FILE_NAME, text, sizeof(text)));
		EXPECT_EQ(-ENOENT, lens_open(&self->lens));
		lens_close(&self->lens);
		ASSERT_EQ(0, module_load(self->file));
	}
}

TEST_F(module, cannot_be_loaded_twice)
{
	int fd = open(self->file, O_RDONLY | O_CLOEXEC);

	EXPECT_EQ(-1, syscall(SYS_finit_module, fd, "", 0));
	EXPECT_EQ(EEXIST, errno);
	close(fd);
}

/* An open file does not keep it, but is of no use any more. */
TEST_F(module, goes_while_its_file_is_open)
{
	char text[128];
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)sizeof(text), read(fd, text, sizeof(text)));
	ASSERT_EQ(0, module_unload());
	EXPECT_GE(0, read(fd, text, sizeof(text)));
	ASSERT_EQ(0, module_load(self->file));
	EXPECT_GE(0, read(fd, text, sizeof(text)));
	close(fd);
}

static long begin_to_read(void *path)
{
	char text[16];
	int fd;

	if (setuid(1000))
		return -errno;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : read(fd, text, sizeof(text));
}

/* What is kept for who reads on is counted for him, and freed with it. */
TEST_F(module, goes_while_somebody_has_read_half_of_it)
{
	char path[] = "/proc/nslens/namespaces";
	struct child reader;

	ASSERT_EQ(0, child_spawn(&reader, 0));
	ASSERT_EQ(16, child_do(&reader, begin_to_read, path, sizeof(path)));
	EXPECT_EQ(0, module_unload());
	child_end(&reader);
	EXPECT_EQ(0, module_load(self->file));
}

static long read_forever(void *unused)
{
	char text[4096];

	for (;;) {
		int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
	}
	return 0;
}

static long ask_forever(void *unused)
{
	static struct tasks tasks;
	struct lens lens;

	for (;;) {
		if (!lens_open_with(&lens, SMALL_BURST))
			lens_list(&lens, &(struct query){}, &tasks);
		lens_close(&lens);
	}
	return 0;
}

/* It may be in use at any moment, then unloading is refused, and no more. */
TEST_F(module, goes_while_it_is_read_and_asked)
{
	struct child readers[2];
	unsigned int i, gone = 0, err;

	ASSERT_EQ(0, child_spawn(&readers[0], 0));
	ASSERT_EQ(0, child_spawn(&readers[1], 0));
	child_start(&readers[0], read_forever, NULL, 0);
	child_start(&readers[1], ask_forever, NULL, 0);
	for (i = 0; i < 2000 && gone < 5; i++) {
		err = -module_unload();
		EXPECT_TRUE(!err || err == EAGAIN || err == EBUSY) {
			TH_LOG("unloading: %s", strerror(err));
		}
		gone += !err;
		ASSERT_EQ(0, module_load(self->file));
	}
	EXPECT_LT(0, gone);
	child_end(&readers[0]);
	child_end(&readers[1]);
}

TEST_F(module, stays_while_a_session_is_open)
{
	static struct session session;
	struct child child;
	int fd;

	ASSERT_EQ(0, session_open(&session));
	ASSERT_EQ(0, session_trace(&session, EVERYTHING));
	EXPECT_EQ(-EAGAIN, module_unload());
	session_close(&session);
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(self->file));
	fd = open("/proc/nslens/trace", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EAGAIN, module_unload());
	close(fd);
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(self->file));
	/* Whoever has it may be killed. */
	ASSERT_EQ(0, child_spawn(&child, 0));
	ASSERT_EQ(0, child_do(&child, trace_all, NULL, 0));
	EXPECT_EQ(-EAGAIN, module_unload());
	child_kill(&child);
	EXPECT_EQ(0, module_unload());
	child_end(&child);
}

/* As for any module that has trace events. */
TEST_F(module, goes_while_its_trace_events_are_enabled)
{
	char *dir = format(TRACEFS "/instances/nslens-%d", getpid());
	char *events = format("%s/events/nslens", dir);
	char text[4096];

	if (access(TRACEFS "/instances", W_OK))
		SKIP(return, "tracefs is not mounted");
	ASSERT_EQ(0, mkdir(dir, 0755));
	ASSERT_EQ(0, write_file(format("%s/enable", events), "1"));
	/* The probes may be there by now, or not yet. */
	ASSERT_EQ(0, herd_spawn(&self->herd, 20));
	EXPECT_EQ(0, module_unload());
	EXPECT_NE(0, access(events, F_OK));
	EXPECT_LE(0, read_file(format("%s/trace", dir), text, sizeof(text)));
	ASSERT_EQ(0, module_load(self->file));
	EXPECT_EQ(0, access(events, F_OK));
	EXPECT_EQ(0, rmdir(dir));
}

/* Whoever counts an event by perf keeps the module. */
TEST_F(module, stays_while_perf_has_an_event_of_it)
{
	int fd;

	if (access(TRACEFS "/events/nslens", R_OK))
		SKIP(return, "tracefs is not mounted");
	fd = perf_open("fork", 0, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EAGAIN, module_unload());
	close(fd);
	EXPECT_EQ(0, module_unload());
}

/* Sessions, targets and what is traced go with it, under load. */
TEST_F(module, goes_twenty_times_after_it_has_traced)
{
	static struct session session;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, session_open(&session));
		ASSERT_EQ(0, session_trace(&session, EVERYTHING));
		ASSERT_EQ(0, herd_spawn(&self->herd, 20));
		/* These would keep the socket, too. */
		herd_end(&self->herd);
		/* Some of it is not read. */
		if (i % 2)
			ASSERT_EQ(0, session_sync(&session));
		session_close(&session);
		ASSERT_EQ(0, module_unload());
		ASSERT_EQ(0, module_load(self->file));
	}
}

static int dump_status;

static void try_unload(void *unused)
{
	dump_status = module_unload();
}

TEST_F(module, stays_while_a_dump_is_in_progress)
{
	static struct tasks tasks;

	ASSERT_EQ(0, herd_spawn(&self->herd, 200));
	ASSERT_EQ(0, lens_open_with(&self->lens, SMALL_BURST));
	self->lens.between = try_unload;
	ASSERT_EQ(0, lens_list(&self->lens, &(struct query){}, &tasks));
	EXPECT_EQ(-EAGAIN, dump_status);
	EXPECT_LE(200, tasks.n);
	EXPECT_EQ(0, module_unload());
}

TEST_F(module, goes_after_a_dump_was_left_in_the_middle)
{
	ASSERT_EQ(0, herd_spawn(&self->herd, 200));
	ASSERT_EQ(0, lens_open_with(&self->lens, SMALL_BURST));
	ASSERT_EQ(0, lens_send(&self->lens, lens_request(&self->lens,
							 NSLENS_CMD_TASK_GET,
							 NLM_F_DUMP)));
	EXPECT_EQ(-EAGAIN, module_unload());
	lens_close(&self->lens);
	EXPECT_EQ(0, module_unload());
}

TEST_F(module, is_missed_by_the_verbs_that_need_it)
{
	static const char * const verbs[][4] = {
		{ "nslens", "ps" }, { "nslens", "pid", "1" },
		{ "nslens", "show", "1" }, { "nslens", "status" },
	};
	unsigned int i;

	ASSERT_EQ(0, module_unload());
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		EXPECT_EQ(2, tool_run(self->tool, verbs[i]));
		EXPECT_EQ(1, count_lines(self->tool->err));
		EXPECT_EQ(0, strncmp("nslens: ", self->tool->err, 8));
		EXPECT_NE(NULL, strstr(self->tool->err, "not loaded"));
		/* It says how to load it. */
		EXPECT_NE(NULL, strstr(self->tool->err, "modprobe nslens"));
	}
	EXPECT_NE(NULL, strstr(self->tool->out, "not loaded"));
}

TEST_F(module, is_not_missed_by_those_that_do_not)
{
	ASSERT_EQ(0, module_unload());
	EXPECT_EQ(42, NSLENS(self->tool, "run", "sh", "-c", "exit 42"));
	EXPECT_STREQ("", self->tool->err);
	EXPECT_EQ(0, NSLENS(self->tool, "--version"));
	EXPECT_EQ(0, NSLENS(self->tool, "help"));
	EXPECT_EQ(0, NSLENS(self->tool, "ps", "--list-columns"));
}

/* Built beside this test, from the helper's sources. */
TEST_F(module, is_refused_by_a_helper_of_another_version)
{
	char self_path[256] = "";
	char *other;

	ASSERT_LT(0, readlink("/proc/self/exe", self_path,
			      sizeof(self_path) - 1));
	*strrchr(self_path, '/') = '\0';
	other = format("%s/nslens-of-another-version", self_path);
	if (access(other, X_OK))
		SKIP(return, "no %s", other);
	EXPECT_EQ(2, SHELL(self->tool, format("exec %s ps", other)));
	EXPECT_STREQ("", self->tool->out);
	EXPECT_EQ(1, count_lines(self->tool->err));
	EXPECT_NE(NULL, strstr(self->tool->err, "version 1"));
	EXPECT_NE(NULL, strstr(self->tool->err, "version 2"));
	EXPECT_EQ(2, SHELL(self->tool, format("exec %s pid 1", other)));
	EXPECT_EQ(2, SHELL(self->tool, format("exec %s show 1", other)));
	EXPECT_EQ(2, SHELL(self->tool, format("exec %s status", other)));
	/* What does not need the module is not hindered by it. */
	EXPECT_EQ(0, SHELL(self->tool, format("exec %s run true", other)));
}

TEST_HARNESS_MAIN
