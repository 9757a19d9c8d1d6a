// SPDX-License-Identifier: GPL-2.0
/* nslens run: the ids of a user namespace, by what the command sees of them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

FIXTURE(maps)
{
	struct tool *tool;
	struct child child;
};

FIXTURE_SETUP(maps)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
}

FIXTURE_TEARDOWN(maps)
{
	child_end(&self->child);
	free(self->tool);
}

/*
 * Who is not root, with files of ours in the place of /etc/subuid and subgid. It
 * must be one whom newuidmap finds in /etc/passwd.
 */
#define ALICE	2

struct alice {
	struct tool tool;
	char subids[128];
	char options[256];
	char script[256];
	int status;
};

static long alice_runs(void *data)
{
	struct alice *alice = data;
	char line[1024];

	snprintf(line, sizeof(line),
		 "exec nslens run %s sh -c '%s'", alice->options,
		 alice->script);
	alice->status = SHELL(&alice->tool, line);
	alice->tool.pid = 0;
	return 0;
}

static long put_subids(void *data)
{
	struct alice *alice = data;
	const char *file = "/tmp/nslens-subids";

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    write_file(file, alice->subids))
		return -errno;
	if (mount(file, "/etc/subuid", NULL, MS_BIND, NULL) ||
	    mount(file, "/etc/subgid", NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

static void run_as_alice(struct __test_metadata *_metadata,
			 struct child *child, struct alice *alice,
			 uid_t uid)
{
	close(open("/tmp/nslens-subids", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	ASSERT_EQ(0, child_spawn(child, CLONE_NEWNS));
	ASSERT_EQ(0, child_do(child, put_subids, alice, sizeof(*alice)));
	if (uid)
		ASSERT_EQ(0, child_do(child, child_setuid, &uid, sizeof(uid)));
	ASSERT_EQ(0, child_do(child, alice_runs, alice, sizeof(*alice)));
	child_end(child);
	unlink("/tmp/nslens-subids");
}

/* What the command of @options prints, run by @uid, whose ids are @subids. */
static void expect_maps(struct __test_metadata *_metadata,
			struct child *child, uid_t uid, const char *subids,
			const char *options, const char *expected)
{
	struct alice *alice = calloc(1, sizeof(*alice));

	ASSERT_NE(NULL, alice);
	snprintf(alice->subids, sizeof(alice->subids), "%s", subids);
	snprintf(alice->options, sizeof(alice->options), "%s", options);
	snprintf(alice->script, sizeof(alice->script), "%s",
		 "cd /proc/self; echo $(id -u) $(id -g) $(cat uid_map) / $(cat gid_map)");
	run_as_alice(_metadata, child, alice, uid);
	EXPECT_EQ(0, alice->status);
	EXPECT_STREQ(expected, alice->tool.out);
	EXPECT_STREQ("", alice->tool.err);
	free(alice);
}

static void expect_no_maps(struct __test_metadata *_metadata,
			   struct child *child, const char *subids,
			   const char *options, const char *about)
{
	struct alice *alice = calloc(1, sizeof(*alice));

	ASSERT_NE(NULL, alice);
	snprintf(alice->subids, sizeof(alice->subids), "%s", subids);
	snprintf(alice->options, sizeof(alice->options), "%s", options);
	run_as_alice(_metadata, child, alice, ALICE);
	EXPECT_EQ(125, alice->status);
	EXPECT_NE(NULL, strstr(alice->tool.err, about)) {
		TH_LOG("expected '%s' in '%s'", about, alice->tool.err);
	}
	EXPECT_STREQ("", alice->tool.out);
	free(alice);
}

TEST_F(maps, root_to_who_runs_it)
{
	expect_maps(_metadata, &self->child, ALICE, "", "--map-root",
		    "0 0 0 2 1 / 0 2 1\n");
	expect_maps(_metadata, &self->child, ALICE, "", "--user",
		    "0 0 0 2 1 / 0 2 1\n");
	expect_maps(_metadata, &self->child, ALICE, "", "--map 7:2",
		    "7 7 7 2 1 / 7 2 1\n");
	expect_maps(_metadata, &self->child, 0, "", "--map-root",
		    "0 0 0 0 1 / 0 0 1\n");
}

TEST_F(maps, the_ids_that_are_set_aside)
{
	const char *of_alice = "bob:1:1\n2:200000:1000\n";

	expect_maps(_metadata, &self->child, ALICE, of_alice, "--map-auto",
		    "0 0 0 2 1 1 200000 1000 / 0 2 1 1 200000 1000\n");
	expect_maps(_metadata, &self->child, ALICE, of_alice,
		    "--like=podman-rootless",
		    "0 0 0 2 1 1 200000 1000 / 0 2 1 1 200000 1000\n");
	expect_maps(_metadata, &self->child, ALICE, of_alice,
		    "--map 0:200000:10 --map 10:2",
		    "0 0 0 200000 10 10 2 1 / 0 200000 10 10 2 1\n");
	expect_maps(_metadata, &self->child, 0,
		    "root:300000:10\nroot:400000:5\n", "--map-auto",
		    "0 0 0 0 1 1 300000 10 11 400000 5 / 0 0 1 1 300000 10 11 400000 5\n");
}

TEST_F(maps, does_without_ids_that_are_not_set_aside)
{
	expect_maps(_metadata, &self->child, ALICE, "bob:200000:1000\n",
		    "--like=podman-rootless", "0 0 0 2 1 / 0 2 1\n");
	expect_no_maps(_metadata, &self->child, "bob:200000:1000\n",
		       "--map-auto", "--map-auto");
	/* Whoever asks for another's gets none. */
	expect_no_maps(_metadata, &self->child, "bob:200000:1000\n",
		       "--map 0:200000:10", "id maps");
	expect_no_maps(_metadata, &self->child, "", "--map 0:0:1", "id maps");
}

TEST_F(maps, users_and_groups_apart)
{
	expect_maps(_metadata, &self->child, 0, "",
		    "--map-uids 3:1000:2 --map-gids 4:2000:3",
		    "3 4 3 1000 2 / 4 2000 3\n");
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--map-uids", "0:0:1",
			      "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--map-gids"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--map-root", "--map",
			      "0:0:1", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--map-root"));
	EXPECT_EQ(125, NSLENS(self->tool, "run", "--map", "0:0:1",
			      "--map-auto", "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "--map-auto"));
}

TEST_HARNESS_MAIN
