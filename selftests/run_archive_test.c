// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run --rootfs FILE.tar: what is in it is the root, in memory, and
 * whatever is in it, nothing outside of that is written to.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define AS_NOBODY	"setpriv --reuid 65534 --regid 65534 --clear-groups"

static const char fill[] =
	"cd %s && mkdir victim && chmod 755 . && chmod 777 victim && cd %s/bin\n"
	"for a in cut df stat tail tr; do ln -s busybox $a || exit; done";

/* All of it stays the same, whatever is run, and however that fails. */
static char mounts_before[65536];

FIXTURE(run_archive)
{
	struct tool *tool;
	char root[64];
	char dir[64];
	int tar;
};

FIXTURE_VARIANT(run_archive)
{
	const char *as;
	const char *user;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(run_archive, root) { "", "" };
FIXTURE_VARIANT_ADD(run_archive, nobody) { AS_NOBODY, "--user" };
/* clang-format on */

FIXTURE_SETUP(run_archive)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->root, sizeof(self->root)));
	sprintf(self->dir, "/tmp/nslens-archive.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	/* Anyone may write to what must not be written to. */
	ASSERT_EQ(0, SHELL(self->tool, format(fill, self->dir, self->root)));
	ASSERT_LT(0, read_file("/proc/self/mountinfo", mounts_before,
			       sizeof(mounts_before)));
}

FIXTURE_TEARDOWN(run_archive)
{
	static char mounts[sizeof(mounts_before)];

	EXPECT_LT(0, read_file("/proc/self/mountinfo", mounts, sizeof(mounts)));
	EXPECT_STREQ(mounts_before, mounts);
	EXPECT_EQ(0, SHELL(self->tool, format("ls -A %s/victim", self->dir)));
	EXPECT_STREQ("", self->tool->out);
	rootfs_remove(self->root);
	rootfs_remove(self->dir);
	free(self->tool);
}

/* Run a script in the root file system of an archive; the exit status. */
#define IN_ARCHIVE(file, before, options, script)			\
	SHELL(self->tool, format("exec %s %s nslens run %s --rootfs %s/%s %s sh -c '%s'",	\
				 variant->as, before, variant->user,	\
				 self->dir, file, options, script))

#define EXPECT_FAILS(expected) do {					\
	const char *text = expected;					\
									\
	EXPECT_STREQ("", self->tool->out);				\
	EXPECT_EQ(1, count_lines(self->tool->err));			\
	EXPECT_NE(NULL, strstr(self->tool->err, text)) {		\
		TH_LOG("'%s' is not in: %s", text, self->tool->err);	\
	}								\
} while (0)

static const struct {
	const char *name;
	const char *pack;
} packs[] = {
	{ "a.tar", "cat" },
	{ "a.tar.gz", "gzip -1" },
	{ "a.tar.xz", "xz -0" },
	{ "a.tar.zst", "zstd -q -1" },
	{ "a-name-that-tells-nothing", "gzip -1" },
};

TEST_F(run_archive, is_the_root_in_memory)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(packs); i++) {
		ASSERT_EQ(0, SHELL(self->tool,
				   format("tar -C %s -cf - . | %s >%s/%s",
					  self->root, packs[i].pack, self->dir,
					  packs[i].name)));
		EXPECT_EQ(0, IN_ARCHIVE(packs[i].name, "", "",
					"ls /; stat -f -c %T /; echo x >/x && cat /x"));
		EXPECT_STREQ("bin\ndev\netc\nproc\nsys\ntmp\ntmpfs\nx\n",
			     self->tool->out);
		EXPECT_STREQ("", self->tool->err);
	}
	EXPECT_EQ(0, IN_ARCHIVE("a.tar", "", "--ro --tmpfs /:size=8m",
				"df -k / | tail -n 1 | tr -s \" \" | cut -d \" \" -f 2\n"
				"echo x 2>&1 >/x || true"));
	EXPECT_STREQ("8192\nsh: can't create /x: Read-only file system\n",
		     self->tool->out);
}

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8];
	char type, link[100], magic[8], user[32], group[32];
	char major_nr[8], minor_nr[8], prefix[155], pad[12];
};

/* Add to an archive, as POSIX describes it for pax(1). */
static void add(int tar, const char *name, char type, unsigned int mode,
		const char *link, size_t size)
{
	struct header h = { .type = type, .magic = "ustar\00000" };
	static char zeros[512];
	unsigned int sum = 0, i;

	static_assert(sizeof(h) == sizeof(zeros), "a block");
	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.link, sizeof(h.link), "%s", link);
	snprintf(h.mode, sizeof(h.mode), "%07o", mode);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0);
	snprintf(h.size, sizeof(h.size), "%011zo", size);
	snprintf(h.mtime, sizeof(h.mtime), "%011o", 0);
	snprintf(h.major_nr, sizeof(h.major_nr), "%07o", 1);
	snprintf(h.minor_nr, sizeof(h.minor_nr), "%07o", 3);
	memset(h.sum, ' ', sizeof(h.sum));
	for (i = 0; i < sizeof(h); i++)
		sum += ((unsigned char *)&h)[i];
	snprintf(h.sum, sizeof(h.sum), "%06o", sum);
	if (write(tar, &h, sizeof(h)) != sizeof(h))
		abort();
	for (i = 0; i < size; i += sizeof(zeros))
		if (write(tar, zeros, sizeof(zeros)) != sizeof(zeros))
			abort();
}

/* A good archive, with what else is added, in which the shell can be run. */
static int start_archive(struct tool *t, const char *root, const char *file)
{
	char *line = format("tar -C %s -cf %s --format ustar -b 1 bin etc && truncate -s -1024 %s",
			    root, file, file);

	return SHELL(t, line) ? -1 : open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static void end_archive(int tar)
{
	if (ftruncate(tar, lseek(tar, 0, SEEK_END) + 1024) < 0)
		abort();
	close(tar);
}

/* "@" is the directory that must not be written to. */
static const struct {
	const char *about;
	struct {
		const char *name;
		char type;
		unsigned int mode;
		const char *link;
		size_t size;
	} members[2];
	int status;
} hostile[] = {
	{ "a name with ..", { { "../../../../../../../..@/x", '0', 0644, "", 5 } }, 125 },
	{ "an absolute name", { { "@/x", '0', 0644, "", 5 } }, 0 },
	{ "a file through a link", { { "l", '2', 0777, "@", 0 },
				     { "l/x", '0', 0644, "", 5 } }, 125 },
	{ "a file in place of a link", { { "l", '2', 0777, "@/x", 0 },
					 { "l", '0', 0644, "", 5 } }, 0 },
	{ "a file through ..", { { "l", '2', 0777, "../../../../..@", 0 },
				 { "l/x", '0', 0644, "", 5 } }, 125 },
	{ "a file through /proc", { { "l", '2', 0777, "/proc/self/cwd/..@", 0 },
				    { "l/x", '0', 0644, "", 5 } }, 125 },
	{ "a hard link to outside", { { "l", '1', 0644, "/etc/hostname", 0 },
				      { "l", '0', 0644, "", 5 } }, 125 },
};

static char *with_victim(const char *name, const char *dir)
{
	const char *at = strchr(name, '@');

	return at ? format("%.*s%s/victim%s", (int)(at - name), name, dir,
			   at + 1) : format("%s", name);
}

TEST_F(run_archive, that_is_hostile_is_kept_inside)
{
	unsigned int i, m;

	for (i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *file = format("%s/hostile.tar", self->dir);
		int tar = start_archive(self->tool, self->root, file);

		ASSERT_LE(0, tar);
		for (m = 0; m < 2 && hostile[i].members[m].name; m++)
			add(tar, with_victim(hostile[i].members[m].name,
					     self->dir),
			    hostile[i].members[m].type,
			    hostile[i].members[m].mode,
			    with_victim(hostile[i].members[m].link, self->dir),
			    hostile[i].members[m].size);
		end_archive(tar);
		EXPECT_EQ(hostile[i].status,
			  IN_ARCHIVE("hostile.tar", "", "", "true")) {
			TH_LOG("%s: %s", hostile[i].about, self->tool->err);
		}
		if (hostile[i].status)
			EXPECT_FAILS("hostile.tar: tar: ");
		EXPECT_EQ(0, SHELL(self->tool, format("ls -A %s/victim",
						      self->dir)));
		EXPECT_STREQ("", self->tool->out) {
			TH_LOG("%s", hostile[i].about);
		}
	}
}

TEST_F(run_archive, with_devices_gives_no_access_to_them)
{
	int tar = start_archive(self->tool, self->root,
				format("%s/dev.tar", self->dir));

	ASSERT_LE(0, tar);
	add(tar, "dev/null", '3', 0666, "", 0);
	end_archive(tar);
	EXPECT_EQ(0, IN_ARCHIVE("dev.tar", "", "", "echo x >/dev/null"));

	tar = start_archive(self->tool, self->root,
			    format("%s/dev.tar", self->dir));
	ASSERT_LE(0, tar);
	add(tar, "null", '3', 0666, "", 0);
	end_archive(tar);
	if (variant->user[0]) {
		EXPECT_EQ(125, IN_ARCHIVE("dev.tar", "", "", "true"));
		EXPECT_FAILS("Cannot mknod: Operation not permitted");
	} else {
		EXPECT_EQ(0, IN_ARCHIVE("dev.tar", "", "",
					"echo x 2>&1 >/null || true"));
		EXPECT_STREQ("sh: can't create /null: Permission denied\n",
			     self->tool->out);
	}
}

/* Ids of the user namespace are all that there is to be gained. */
TEST_F(run_archive, keeps_setuid_for_ids_inside)
{
	ASSERT_EQ(0, SHELL(self->tool,
			   format("cd %s/bin && cp busybox own && mv own busybox &&\n"
				  "chmod 4755 busybox && tar -C .. -cf %s/suid.tar .",
				  self->root, self->dir)));
	EXPECT_EQ(0, IN_ARCHIVE("suid.tar", "", "",
				"stat -c %a:%u /bin/busybox; cat /proc/self/uid_map"));
	EXPECT_EQ(0, strncmp("4755:0\n", self->tool->out, 7));
	if (variant->user[0])
		EXPECT_NE(NULL, strstr(self->tool->out, " 65534 "));
}

TEST_F(run_archive, that_is_too_large_does_not_fit)
{
	int tar = start_archive(self->tool, self->root,
				format("%s/huge.tar", self->dir));

	ASSERT_LE(0, tar);
	add(tar, "huge", '0', 0644, "", 16 << 20);
	end_archive(tar);
	EXPECT_EQ(125, IN_ARCHIVE("huge.tar", "", "--tmpfs /:size=8m", "true"));
	EXPECT_FAILS("No space left on device");
	EXPECT_EQ(0, IN_ARCHIVE("huge.tar", "", "--tmpfs /:size=32m", "true"));
}

/* Even a tar that does whatever an archive tells it to. */
TEST_F(run_archive, is_unpacked_where_nothing_else_can_be_written_to)
{
	const char *evil =
		"#!/bin/busybox sh\n"
		"echo x >%s/victim/x\n"
		"mount -o remount,bind,rw /\n"
		"mount -t tmpfs evil %s/victim\n"
		"echo x >%s/victim/y\n"
		"busybox mknod %s/victim/z p\n"
		"busybox dd if=/dev/zero of=/dev/shm/nslens-evil count=1\n"
		"busybox chroot /proc/1/root rm -r %s\n"
		"busybox mkdir bin\n"
		"busybox cp /bin/busybox bin/sh\n";
	char *path = format("%s/path", self->dir);

	ASSERT_EQ(0, mkdir(path, 0755));
	ASSERT_EQ(0, SHELL(self->tool, format("cd %s && tar -cf %s/a.tar etc",
					      self->root, self->dir)));
	close(open(format("%s/tar", path), O_CREAT | O_WRONLY | O_CLOEXEC,
		   0755));
	ASSERT_EQ(0, write_file(format("%s/tar", path),
				format(evil, self->dir, self->dir, self->dir,
				       self->dir, self->dir)));
	EXPECT_EQ(0, IN_ARCHIVE("a.tar", format("env PATH=%s:$PATH", path), "",
				"echo inside"));
	EXPECT_STREQ("inside\n", self->tool->out);
	EXPECT_NE(0, access("/dev/shm/nslens-evil", F_OK));
	EXPECT_EQ(0, access(path, F_OK));
	/* What it says goes to nobody if it is content, else the first line. */
	ASSERT_EQ(0, write_file(format("%s/tar", path),
				"#!/bin/busybox sh\necho one >&2; echo two; exit 3\n"));
	EXPECT_EQ(125, IN_ARCHIVE("a.tar", format("env PATH=%s:$PATH", path),
				  "", "true"));
	EXPECT_FAILS("root: unpacking");
	EXPECT_FAILS("a.tar: one\n");
	/* There may be none at all. */
	ASSERT_EQ(0, SHELL(self->tool, format("cd %s && rm tar && ln -s $(command -v nslens) .",
					      path)));
	EXPECT_EQ(125, IN_ARCHIVE("a.tar", format("env PATH=%s", path), "",
				  "true"));
	EXPECT_FAILS("a.tar: starting tar: No such file or directory");
}

static const struct {
	const char *make;
	const char *text;
} others[] = {
	{ "echo text >f", "neither a directory nor a tar archive\n" },
	{ ": >f", "neither a directory nor a tar archive\n" },
	{ "mkfifo f", "neither a directory nor a tar archive\n" },
	{ "cp /bin/busybox f", "but a program" },
	{ "printf 'PK\\003\\004xx' >f", "but a zip archive" },
	{ "echo {} >manifest.json; mkdir blobs; tar -cf f manifest.json blobs", "docker export" },
	{ "echo {} >oci-layout; tar -cf f oci-layout", "docker export" },
	{ "head -c 20000 /dev/urandom >big; tar -cf - big | head -c 5000 >f",
	  "f: tar: Unexpected EOF" },
	{ "tar -cf - big | gzip | head -c 5000 >f", "f: " },
	{ "ln -s f f", "Too many levels of symbolic links" },
};

TEST_F(run_archive, says_what_it_is_instead)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, SHELL(self->tool,
				   format("cd %s && rm -f f && ln -sfn %s ROOT && %s",
					  self->dir, self->root,
					  others[i].make)));
		EXPECT_EQ(125, IN_ARCHIVE("f", "", "", "true"));
		EXPECT_FAILS(others[i].text);
	}
	EXPECT_EQ(125, SHELL(self->tool, format("nslens run %s --tmpfs /:size=1m --rootfs %s true",
						variant->user, self->root)));
	EXPECT_FAILS("--tmpfs /");
}

TEST_HARNESS_MAIN
