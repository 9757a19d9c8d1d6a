// SPDX-License-Identifier: GPL-2.0
/* nslens show: ids through user namespaces, mount namespaces, where one is. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cli.h"
#include "lib/expect.h"

FIXTURE(show)
{
	struct tool *tool;
	struct child users[3];
};

FIXTURE_SETUP(show)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
}

FIXTURE_TEARDOWN(show)
{
	int i;

	for (i = 2; i >= 0; i--)
		child_end(&self->users[i]);
	free(self->tool);
}

struct map {
	pid_t pid;
	unsigned int inside, outside, count;
};

static long map_ids(void *data)
{
	const struct map *map = data;
	struct child c = { .pid = map->pid };

	return child_map_ids(&c, map->inside, map->outside, map->count);
}

/* The owner of a task's folder in /proc, as the user namespace there has it. */
static long owner_of(void *pid)
{
	struct stat status;

	if (stat(format("/proc/%d", *(pid_t *)pid), &status) < 0)
		return -1;
	return status.st_uid == status.st_gid ? (long)status.st_uid : -1;
}

/* Three deep, each with another range; procfs says what a task is in each. */
TEST_F(show, translates_ids_through_every_user_namespace)
{
	static const struct map maps[] = {
		{ 0, 0, 100000, 20000 }, { 0, 0, 1000, 5000 },
		{ 0, 5, 100, 500 },
	};
	struct child *task = &self->users[2];
	uid_t id = 12, root = 0;
	long expected[4];
	char *command;
	int i;

	for (i = 0; i < 3; i++) {
		struct map map = maps[i];

		ASSERT_EQ(0, i ? child_spawn_in(&self->users[i - 1],
						&self->users[i], CLONE_NEWUSER) :
			  child_spawn(&self->users[i], CLONE_NEWUSER));
		map.pid = self->users[i].pid;
		ASSERT_EQ(0, i ? child_do(&self->users[i - 1], map_ids, &map,
					  sizeof(map)) : map_ids(&map));
		/* Who has no id there cannot make the next one. */
		ASSERT_EQ(0, i < 2 ? child_do(&self->users[i], child_setuid,
					      &root, sizeof(root)) : 0);
	}
	ASSERT_EQ(0, child_do(task, child_setuid, &id, sizeof(id)));

	expected[3] = owner_of(&task->pid);
	for (i = 0; i < 3; i++)
		expected[2 - i] = child_do(&self->users[i], owner_of,
					   &task->pid, sizeof(task->pid));
	/* 12 is 7 beyond the first of its range; the ranges add up. */
	ASSERT_EQ(12, expected[0]);
	ASSERT_EQ(107, expected[1]);
	ASSERT_EQ(1107, expected[2]);
	ASSERT_EQ(101107, expected[3]);

	command = format("nslens show -J %d", task->pid);
	for (i = 0; i < 2; i++) {
		static const char * const ids[] = { "uid", "gid" };

		EXPECT_JSON(format("[%ld, %ld, %ld, %ld]\n", expected[0],
				   expected[1], expected[2], expected[3]),
			    command, format("[u[\"%s\"] for u in j[\"users\"]]",
					    ids[i]));
		EXPECT_JSON(format("%ld %ld\n", expected[3], expected[0]),
			    command, format("j[\"%s\"][\"here\"], j[\"%s\"][\"inside\"]",
					    ids[i], ids[i]));
	}
	EXPECT_JSON(format("[%u, %u, %u, %u]\n", ns_ino(task->pid, "user"),
			   ns_ino(self->users[1].pid, "user"),
			   ns_ino(self->users[0].pid, "user"),
			   ns_ino(getpid(), "user")), command,
		    "[u[\"userns\"] for u in j[\"users\"]]");
	/* As here, which is how uid_map reads here, too. */
	EXPECT_JSON("['5:101100:500', '0:101000:5000', '0:100000:20000']\n",
		    command, "[u[\"uid-map\"] for u in j[\"users\"]][:3]");
	ASSERT_EQ(0, NSLENS(self->tool, "show", format("%d", task->pid)));
	EXPECT_NE(NULL, strstr(self->tool->out, "uid  101107 here, 12 inside"));
}

TEST_F(show, prints_maps_as_procfs_has_them)
{
	static char text[4096];
	unsigned int first = 0, lower = 0, count = 0;

	ASSERT_EQ(0, child_spawn(&self->users[0], CLONE_NEWUSER));
	ASSERT_EQ(0, child_map_ids(&self->users[0], 3, 70000, 65));
	ASSERT_LT(0, read_file(format("/proc/%d/uid_map", self->users[0].pid),
			       text, sizeof(text)));
	if (sscanf(text, "%u %u %u", &first, &lower, &count) != 3)
		count = 0;
	EXPECT_JSON(format("%u:%u:%u\n", first, lower, count),
		    format("nslens show -J %d", self->users[0].pid),
		    "j[\"users\"][0][\"uid-map\"]");
}

TEST_F(show, tells_the_mounts_and_the_root_of_a_mount_namespace)
{
	static char text[65536];
	char *folder, *ns, root[256] = "";

	ASSERT_EQ(0, child_spawn(&self->users[0], CLONE_NEWNS | CLONE_NEWPID));
	ASSERT_EQ(0, child_do(&self->users[0], child_mount_proc, NULL, 0));
	folder = format("/proc/%d", self->users[0].pid);
	ASSERT_LT(0, read_file(format("%s/mountinfo", folder), text,
			       sizeof(text)));
	ASSERT_LT(0, readlink(format("%s/root", folder), root,
			      sizeof(root) - 1));
	ns = format("mnt:[%u]", ns_ino(self->users[0].pid, "mnt"));
	EXPECT_JSON(format("%u %s\n", count_lines(text), root),
		    format("nslens show -J %s", ns), "j[\"mounts\"], j[\"root\"]");
	/* Another one has another number. */
	ASSERT_LT(0, read_file("/proc/self/mountinfo", text, sizeof(text)));
	EXPECT_JSON(format("%u\n", count_lines(text)),
		    format("nslens show -J mnt:[%u]", ns_ino(getpid(), "mnt")),
		    "j[\"mounts\"]");
}

static long where_there(void *tool)
{
	return SHELL(tool, with_python("nslens show -J self",
		"j[\"where\"], *map(lambda l: \",\".join(l) or \"-\", j[\"host\"].values())"));
}

static long where_text_there(void *tool)
{
	return NSLENS(tool, "show", "self");
}

#define EXPECT_WHERE(expected) do {					\
	EXPECT_EQ(0, child_do(&self->users[0], where_there, self->tool,	\
			      sizeof(*self->tool)));			\
	EXPECT_STREQ(expected, self->tool->out);			\
} while (0)

TEST_F(show, of_self_on_the_host)
{
	ASSERT_EQ(0, child_spawn(&self->users[0], 0));
	EXPECT_WHERE("host - cgroup,ipc,mnt,net,pid,time,user,uts -\n");
	EXPECT_EQ(0, child_do(&self->users[0], where_text_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_NE(NULL, strstr(self->tool->out, "where  on the host"));
}

TEST_F(show, of_self_with_namespaces_of_its_own)
{
	ASSERT_EQ(0, child_spawn(&self->users[0], CLONE_NEWNET | CLONE_NEWUTS));
	EXPECT_WHERE("partly-isolated net,uts cgroup,ipc,mnt,pid,time,user -\n");
}

/* A user cannot know the numbers of the host's mnt and net namespaces. */
TEST_F(show, of_self_by_a_user_says_what_is_not_known)
{
	uid_t alice = 12345;

	ASSERT_EQ(0, child_spawn(&self->users[0], CLONE_NEWUTS));
	ASSERT_EQ(0, child_do(&self->users[0], child_setuid, &alice,
			      sizeof(alice)));
	EXPECT_WHERE("partly-isolated uts cgroup,ipc,pid,time,user mnt,net\n");
}

TEST_F(show, of_self_in_a_container)
{
	ASSERT_EQ(0, child_spawn(&self->users[0], CLONE_NEWPID | CLONE_NEWNET |
				 CLONE_NEWIPC));
	EXPECT_WHERE("container ipc,pid cgroup,time,user,uts mnt,net\n");
	EXPECT_EQ(0, child_do(&self->users[0], where_text_there, self->tool,
			      sizeof(*self->tool)));
	EXPECT_NE(NULL, strstr(self->tool->out, "where  in a container"));
	EXPECT_NE(NULL, strstr(self->tool->out, "not known  mnt net"));
}

TEST_HARNESS_MAIN
