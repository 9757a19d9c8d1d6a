// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run: an intruder tries to get out of where it was put, by mounts, or had
 * prepared the root file system for that. lib/escape.h says as whom.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "kselftest_harness.h"
#include "lib/escape.h"

TEST_F(escape, by_a_device_node)
{
	/* /dev/kmsg, to which whoever opens it may write */
	EXPECT_KEPT_IN_BUT(ROOT | DOCKER, "device 1 11");
	EXPECT_KEPT_IN("write /dev/kmsg");
	EXPECT_KEPT_IN("open /dev/mem");
}

/* What belongs to the whole machine. */
TEST_F(escape, by_what_is_read_only_or_hidden)
{
	if (!has_option(self->tool, "--unmask"))
		SKIP(return, "no --unmask");
	EXPECT_KEPT_IN("write /proc/sys/kernel/core_pattern");
	EXPECT_KEPT_IN("write /proc/sysrq-trigger");
	EXPECT_KEPT_IN("write /sys/kernel/rcu_expedited");
	EXPECT_KEPT_IN("open /proc/irq/default_smp_affinity/../../kcore/.");
	/* Nor by what was done to protect it. */
	EXPECT_KEPT_IN_BUT(ROOT, "remount /proc/sys /proc/sys/kernel/core_pattern");
	EXPECT_KEPT_IN_BUT(ROOT, "unmount /proc/sys /proc/sys/kernel/core_pattern");
	EXPECT_KEPT_IN_BUT(ROOT, "unmount /proc/kcore");
	EXPECT_KEPT_IN_BUT(ROOT, "remount /sys /sys/kernel/rcu_expedited");
	EXPECT_KEPT_IN_BUT(ROOT, "fresh-proc sys/kernel/core_pattern");
	EXPECT_KEPT_IN_BUT(ROOT, "fresh-sys kernel/rcu_expedited");
}

/* CVE-2022-0492 */
TEST_F(escape, by_a_release_agent)
{
	EXPECT_KEPT_IN("release-agent unshare");
	if (variant->kind != ROOT)
		EXPECT_KEPT_IN("release-agent stay");
}

static unsigned int count_files(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* Nothing outside has been written to, or mounted on; nothing read is told. */
static void expect_untouched(struct __test_metadata *_metadata,
			     const struct tool *t, const char *outside)
{
	static char mounts[65536];

	EXPECT_EQ(NULL, strstr(t->out, SECRET));
	/* ".", ".." and the secret */
	EXPECT_EQ(3, count_files(outside));
	ASSERT_LT(0, read_file("/proc/self/mountinfo", mounts, sizeof(mounts)));
	EXPECT_EQ(NULL, strstr(mounts, outside));
}

/* How a link in a root file system may be meant to lead out of it. */
static const char * const prefixes[] = {
	"", "/proc/self/cwd", "/proc/self/root", "../../../../../../../.."
};

/* CVE-2019-19921 and others: where something is mounted leads elsewhere. */
TEST_F(escape, by_links_for_mount_points)
{
	static const char * const points[] = { "proc", "sys", "dev" };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		ASSERT_EQ(0, rmdir(format("%s/%s", self->box, points[i])));
	/* All but the first, which /proc/self needs; then it, too. */
	for (i = 0; i < 2 * ARRAY_SIZE(prefixes); i++) {
		for (j = 0; j < ARRAY_SIZE(points); j++)
			ASSERT_EQ(0, symlink(format("%s%s", prefixes[i / 2],
						    self->outside),
					     format("%s/%s", self->box,
						    points[j])));
		if (i % 2) {
			ASSERT_EQ(0, unlink(format("%s/proc", self->box)));
			ASSERT_EQ(0, mkdir(format("%s/proc", self->box), 0755));
		}
		EXPECT_NE(0, IN_BOX(variant->option, INSIDE " dotdot %s",
				    self->secret));
		expect_untouched(_metadata, self->tool, self->outside);
		for (j = 0; j < ARRAY_SIZE(points); j++)
			ASSERT_EQ(0, remove(format("%s/%s", self->box,
						   points[j])));
	}
}

/* CVE-2021-30465, in its simple form and as a race. */
TEST_F(escape, by_links_for_what_is_mounted_there)
{
	unsigned int i;

	if (!has_option(self->tool, "--tmpfs"))
		SKIP(return, "no --tmpfs");
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		char *link = format("%s/data", self->box);

		ASSERT_EQ(0, symlink(format("%s%s", prefixes[i],
					    self->outside), link));
		IN_BOX(format("%s --tmpfs /data/new", variant->option),
		       INSIDE " dotdot %s", self->secret);
		expect_untouched(_metadata, self->tool, self->outside);
		IN_BOX(format("%s --bind /bin:/data/new/er", variant->option),
		       INSIDE " dotdot %s", self->secret);
		expect_untouched(_metadata, self->tool, self->outside);
		ASSERT_EQ(0, unlink(link));
	}
}

/* For child_start(): until it is killed, a directory is now one, now a link. */
static long swap_for_ever(void *data)
{
	char *dir = data, *link = dir + strlen(dir) + 1;

	for (;;)
		renameat2(AT_FDCWD, dir, AT_FDCWD, link, RENAME_EXCHANGE);
	return 0;
}

TEST_F(escape, by_links_that_appear_meanwhile)
{
	char paths[256] = "";
	unsigned int i;
	int n;

	if (!has_option(self->tool, "--tmpfs"))
		SKIP(return, "no --tmpfs");
	n = sprintf(paths, "%s/data", self->box);
	sprintf(paths + n + 1, "%s/link", self->box);
	ASSERT_EQ(0, mkdir(paths, 0777));
	ASSERT_EQ(0, symlink(format("/proc/self/cwd%s", self->outside),
			     paths + n + 1));
	child_start(&self->victim, swap_for_ever, paths, sizeof(paths));
	for (i = 0; i < 5; i++) {
		IN_BOX(format("%s --tmpfs /data/new/er", variant->option),
		       INSIDE " dotdot %s", self->secret);
		expect_untouched(_metadata, self->tool, self->outside);
	}
	child_kill(&self->victim);
}

static int make_node(const char *box)
{
	return mknod(format("%s/dev-null", box), S_IFCHR | 0666,
		     makedev(1, 3)) ? -errno : 0;
}

/* An image on a file system that allows devices holds one. */
TEST_F(escape, by_a_device_node_of_an_image)
{
	char *inside = format("%s/image", self->outside);
	const char *line =
		"exec nslens run %s --rootfs %s /bin/sh -c 'echo >/dev-null'";
	bool by_design = variant->kind & (ROOT | DOCKER);

	ASSERT_EQ(0, mkdir(inside, 0755));
	ASSERT_EQ(0, mount("tmpfs", inside, "tmpfs", 0, NULL));
	EXPECT_EQ(0, SHELL(self->tool, format("cp -a %s/. %s", self->box,
					      inside)));
	EXPECT_EQ(0, make_node(inside));
	EXPECT_EQ(!by_design, !!SHELL(self->tool, format(line, variant->option,
							 inside))) {
		TH_LOG("%s", self->tool->err);
	}
	EXPECT_EQ(0, umount(inside));
}

/* Those in /dev may be those of the host, and belong to who is root inside. */
TEST_F(escape, by_the_mode_of_a_device)
{
	struct stat before, after;

	ASSERT_EQ(0, stat("/dev/null", &before));
	IN_BOX(variant->option, "/bin/busybox chmod 600 /dev/null");
	ASSERT_EQ(0, stat("/dev/null", &after));
	EXPECT_EQ(before.st_mode, after.st_mode);
	chmod("/dev/null", before.st_mode & 07777);
	EXPECT_EQ(0, IN_BOX(variant->option,
			    "/bin/sh -c 'echo >/dev/null; "
			    "read x </dev/zero & echo >/dev/full && exit 9; exit 0'"));
}

/* As where an initramfs is left below the root, with its /proc. */
TEST_F(escape, by_a_new_proc_where_another_one_lies_below_the_root)
{
	const char *below =
		"exec unshare -m sh -ec 'mount --rbind / %s; cd %s; mount --move . /; "
		"exec chroot . nslens run %s %s --rootfs %s /bin/true'";
	bool user = variant->kind & (USER | MAPPED);

	EXPECT_EQ(user ? 125 : 0,
		  SHELL(self->tool, format(below, self->outside, self->outside,
					   variant->option, "", self->box))) {
		TH_LOG("%s", self->tool->err);
	}
	if (user)
		EXPECT_NE(NULL, strstr(self->tool->err, "lock: a proc could"));
	EXPECT_EQ(0, SHELL(self->tool,
			   format(below, self->outside, self->outside,
				  variant->option, "--unmask", self->box)));
}

TEST_HARNESS_MAIN
