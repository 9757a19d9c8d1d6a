// SPDX-License-Identifier: GPL-2.0
/*
 * nslens run: root and mounts, each option by what the command inside observes,
 * as root and as an ordinary user with --user.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect.h"
#include "lib/tool.h"

#define AS_NOBODY	"setpriv --reuid 65534 --regid 65534 --clear-groups"

/* What is outside, and more programs inside; both belong to who runs it. */
static const char fill[] =
	"cd %s && echo hi >file && mkdir sub && chmod -R a+rwX . && cd %s/bin\n"
	"for a in mount umount touch stat mkdir cut grep awk df wc cmp head cp unshare dd sort\n"
	"do ln -s busybox $a || exit; done\n"
	"[ -z '%s' ] || chown -hR 65534:65534 %s %s";

/* All of it stays the same, whatever is run, and however that fails. */
static char mounts_before[65536];

FIXTURE(run_root)
{
	struct tool *tool;
	char root[64];
	char victim[64];
};

FIXTURE_VARIANT(run_root)
{
	const char *as;
	const char *user;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(run_root, root) { "", "" };
FIXTURE_VARIANT_ADD(run_root, nobody) { AS_NOBODY, "--user" };
/* clang-format on */

FIXTURE_SETUP(run_root)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	ASSERT_EQ(0, rootfs_make(self->root, sizeof(self->root)));
	sprintf(self->victim, "/tmp/nslens-victim.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->victim));
	ASSERT_EQ(0, SHELL(self->tool, format(fill, self->victim, self->root,
					      variant->user, self->root,
					      self->victim)));
	ASSERT_LT(0, read_file("/proc/self/mountinfo", mounts_before,
			       sizeof(mounts_before)));
}

FIXTURE_TEARDOWN(run_root)
{
	static char mounts[sizeof(mounts_before)];

	EXPECT_LT(0, read_file("/proc/self/mountinfo", mounts, sizeof(mounts)));
	EXPECT_STREQ(mounts_before, mounts);
	rootfs_remove(self->root);
	rootfs_remove(self->victim);
	free(self->tool);
}

/* "@" in options stands for the directory outside. */
static char *with_victim(const char *options, const char *victim)
{
	char *text = format("%s", options);
	char *at;

	while ((at = strchr(text, '@')))
		text = format("%.*s%s%s", (int)(at - text), text, victim,
			      at + 1);
	return text;
}

/* Run a script in a shell inside; the exit status. */
static int run_script(struct tool *tool, const char *before,
		      const char *options, const char *script)
{
	const char *const argv[] = {
		"sh", "-c", format("exec %s nslens run %s sh -c \"$1\"", before,
				   options), "sh", script, NULL
	};

	return tool_run(tool, argv);
}

#define IN_ROOT(options, script)					\
	run_script(self->tool, variant->as,				\
		   format("%s --rootfs %s %s", variant->user, self->root,	\
			  with_victim(options, self->victim)), script)

#define EXPECT_INSIDE(expected, options, script) do {			\
	EXPECT_EQ(0, IN_ROOT(options, script));				\
	EXPECT_STREQ(expected, self->tool->out);			\
	EXPECT_STREQ("", self->tool->err);				\
} while (0)

/* One line on standard error that says what, and status 125. */
#define EXPECT_FAILS(expected, options) do {				\
	const char *text = expected;					\
									\
	EXPECT_EQ(125, IN_ROOT(options, "echo started"));		\
	EXPECT_STREQ("", self->tool->out);				\
	EXPECT_EQ(1, count_lines(self->tool->err));			\
	EXPECT_NE(NULL, strstr(self->tool->err, text)) {		\
		TH_LOG("'%s' is not in: %s", text, self->tool->err);	\
	}								\
} while (0)

/* Lines of mountinfo: where, which type, how. */
#define MOUNTS	"awk '{for (i = 7; $i != \"-\"; i++); print $5, $(i + 1), $6}' /proc/self/mountinfo"

static const struct {
	const char *options;
	const char *script;
	const char *out;
} inside[] = {
	/* what is there without being asked for */
	{ "", MOUNTS " | grep -E '^/(proc|sys|sys/fs/cgroup|dev/(shm|mqueue|pts)) ' | sort",
	  "/dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime\n"
	  "/dev/pts devpts rw,nosuid,noexec,relatime\n"
	  "/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime\n"
	  "/proc proc rw,nosuid,nodev,noexec,relatime\n"
	  "/sys sysfs ro,nosuid,nodev,noexec,relatime\n"
	  "/sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime\n" },
	{ "", "cd /proc && echo [0-9]*", "1\n" },
	{ "", "grep ^0: /proc/self/cgroup", "0::/\n" },
	{ "", "mkdir /sys/fs/cgroup/x 2>&1 || true",
	  "mkdir: can't create directory '/sys/fs/cgroup/x': Read-only file system\n" },
	{ "", "cd /sys/class/net && echo *", "lo\n" },
	{ "",
	  "cd /dev && for d in null zero full random urandom tty; do [ -c $d ] && stat -c '%n %t %T %a' $d; done",
	  "null 1 3 666\nzero 1 5 666\nfull 1 7 666\nrandom 1 8 666\n"
	  "urandom 1 9 666\ntty 5 0 666\n" },
	{ "",
	  "cat /dev/null && head -c 5 /dev/zero | wc -c && echo x >/dev/null && echo x 2>&1 >/dev/full || true",
	  "5\nsh: write error: No space left on device\n" },
	{ "", "cd /dev && for l in fd stdin stdout stderr ptmx; do readlink $l; done",
	  "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n"
	  "/proc/self/fd/2\npts/ptmx\n" },
	{ "", "stat -c %a /dev/shm /dev/ptmx /dev/pts/ptmx | cut -c 1-4",
	  "1777\n777\n666\n" },
	/* nothing of the old root */
	{ "", "cut -d ' ' -f 5 /proc/self/mountinfo | grep -vE '^/$|^/(proc|sys|dev)(/|$)' || true",
	  "" },
	{ "", "ls /; ls /proc/1/root/; ls /../..; cd /; ls ../..; pwd",
	  "bin\ndev\netc\nproc\nsys\ntmp\nbin\ndev\netc\nproc\nsys\ntmp\n"
	  "bin\ndev\netc\nproc\nsys\ntmp\nbin\ndev\netc\nproc\nsys\ntmp\n/\n" },
	{ "", "ls -l /proc/self/cwd /proc/self/root | grep -o -- '->.*'",
	  "-> /\n-> /\n" },
	/* --ro */
	{ "", "touch /x && echo written", "written\n" },
	{ "--ro", "touch /y 2>&1; touch /dev/shm/y && echo written",
	  "touch: /y: Read-only file system\nwritten\n" },
	{ "--ro --tmpfs /made/at/once",
	  "touch /made/at/once/x && echo written; touch /made/x 2>&1 || true",
	  "written\ntouch: /made/x: Read-only file system\n" },
	/* --bind */
	{ "--bind @:/mnt/deep/er", "cat /mnt/deep/er/file; echo new >/mnt/deep/er/sub/new",
	  "hi\n" },
	{ "--bind @:/mnt --ro", "cat /mnt/sub/new; touch /mnt/z && echo written",
	  "new\nwritten\n" },
	{ "--bind @:/mnt:ro", "touch /mnt/y 2>&1; cat /mnt/file",
	  "touch: /mnt/y: Read-only file system\nhi\n" },
	{ "--bind @/file:/etc/some/file", "cat /etc/some/file", "hi\n" },
	{ "--bind @/file:/etc/some/file:ro --ro", "echo 2>&1 >/etc/some/file || true",
	  "sh: can't create /etc/some/file: Read-only file system\n" },
	{ "--bind @:/mnt:rw --bind @/file:/mnt/file:ro",
	  "echo 2>&1 >/mnt/file; touch /mnt/w && echo written",
	  "sh: can't create /mnt/file: Read-only file system\nwritten\n" },
	/* --tmpfs */
	{ "--tmpfs /t:size=1m,mode=1750",
	  "stat -c %a /t; stat -f -c %T /t; df -k /t | awk 'END {print $2}'; touch /t/x && echo written",
	  "1750\ntmpfs\n1024\nwritten\n" },
	{ "--tmpfs /t:size=1m",
	  "dd if=/dev/zero of=/t/x bs=1k count=2k 2>&1 | grep -o 'No space.*'",
	  "No space left on device\n" },
	{ "--tmpfs /t:ro,noexec", MOUNTS " | grep '^/t '",
	  "/t tmpfs ro,nosuid,nodev,noexec,relatime\n" },
	/* in the order given, and one within the other */
	{ "--tmpfs /t --bind @:/t/in --tmpfs /t/in/sub",
	  "cut -d ' ' -f 5 /proc/self/mountinfo | grep ^/t | sort; ls /t/in/sub",
	  "/t\n/t/in\n/t/in/sub\n" },
	{ "--bind @:/t --tmpfs /t", "ls /t", "" },
	{ "--tmpfs /t --bind @:/t", "cat /t/file", "hi\n" },
	/* over what is there without being asked for */
	{ "--tmpfs /dev/shm:size=2m", "df -k /dev/shm | awk 'END {print $2}'",
	  "2048\n" },
};

TEST_F(run_root, is_inside_as_asked_for)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inside); i++) {
		EXPECT_INSIDE(inside[i].out, inside[i].options,
			      inside[i].script);
		if (_metadata->exit_code) {
			TH_LOG("%s: %s", inside[i].options, inside[i].script);
			return;
		}
	}
	EXPECT_EQ(0, access(format("%s/sub/new", self->victim), F_OK));
	EXPECT_EQ(0, access(format("%s/z", self->victim), F_OK));
	EXPECT_NE(0, access(format("%s/y", self->victim), F_OK));
}

/* What is hidden, by what it is outside. */
static const char *const hidden[] = {
	"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
	"/sys/devices/virtual/powercap",
};

TEST_F(run_root, hides_what_concerns_the_machine)
{
	unsigned int i, seen = 0;
	struct stat st;

	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (stat(hidden[i], &st) < 0)
			continue;
		seen++;
		EXPECT_INSIDE("0\n", "", S_ISDIR(st.st_mode) ?
			      format("ls -a %s | grep -vxc -e . -e .. || true",
				     hidden[i]) :
			      format("head -c 1 %s | wc -c", hidden[i]));
	}
	EXPECT_LE(3, seen);
	EXPECT_INSIDE("", "--unmask",
		      MOUNTS " | grep -E '^/(proc|sys)/' | grep -v cgroup || true");
	EXPECT_INSIDE("", "--unmask=/proc/keys",
		      "cut -d ' ' -f 5 /proc/self/mountinfo | grep -x /proc/keys || true");
}

TEST_F(run_root, protects_what_concerns_the_machine)
{
	EXPECT_INSIDE("sh: can't create /proc/sys/net/ipv4/ip_forward: Read-only file system\n",
		      "", "echo 1 2>&1 >/proc/sys/net/ipv4/ip_forward || true");
	EXPECT_INSIDE("/proc/bus proc ro,nosuid,nodev,noexec,relatime\n"
		      "/proc/fs proc ro,nosuid,nodev,noexec,relatime\n"
		      "/proc/irq proc ro,nosuid,nodev,noexec,relatime\n"
		      "/proc/sys proc ro,nosuid,nodev,noexec,relatime\n",
		      "", MOUNTS " | grep -E '^/proc/(bus|fs|irq|sys) '");
	EXPECT_INSIDE("written\n", "--unmask",
		      "echo 1 >/proc/sys/net/ipv4/ip_forward && echo written");
	EXPECT_INSIDE("written\n", "--unmask=/proc/sys",
		      "echo 1 >/proc/sys/net/ipv4/ip_forward && echo written");
}

/* Attempts to undo it, none of which may change anything. */
static const char attempts[] =
	"cp /proc/self/mountinfo /tmp/before;"
	"umount /proc/keys && echo umount;"
	"umount -l /proc/keys && echo detach;"
	"umount -l /proc && echo detach proc;"
	"umount /proc/sys && echo umount sys;"
	"mount -o remount,bind,rw /proc/sys && echo remount sys;"
	"mount -o remount,bind,rw /sys && echo remount /sys;"
	"mount -o remount,bind,rw / && echo remount root;"
	"mount -o remount,bind,rw /mnt && echo remount bind;"
	"umount /mnt && echo umount bind;"
	"mount -t proc x /etc && echo another proc;"
	"touch /mnt/x && echo touched;"
	"cmp /proc/self/mountinfo /tmp/before && echo same";

TEST_F(run_root, cannot_be_undone_by_root_of_a_user_namespace)
{
	const char *const nested = "--tmpfs /tmp --ro --bind @:/mnt:ro";

	/* All capabilities: in its own user namespace, if it has one, */
	if (variant->user[0]) {
		EXPECT_EQ(0, IN_ROOT(nested, attempts));
		EXPECT_STREQ("same\n", self->tool->out);
		EXPECT_INSIDE("mounted\n", "",
			      "mount -t tmpfs x /tmp && echo mounted");
	}
	/* or in one that it makes. */
	EXPECT_EQ(0, IN_ROOT(nested, format("unshare -U -r -m sh -c '%s'",
					    attempts)));
	EXPECT_STREQ("same\n", self->tool->out);
}

/* In which the other end of mounts is not ours to see. */
TEST_F(run_root, has_only_private_mounts)
{
	const char *before = format("unshare -m --propagation shared %s",
				    variant->as);
	const char *script = "! grep -E 'shared:|master:' /proc/self/mountinfo";

	EXPECT_EQ(0, run_script(self->tool, before, variant->user, script));
	EXPECT_EQ(0, run_script(self->tool, before,
				format("%s --rootfs %s --bind %s:/mnt",
				       variant->user, self->root, self->victim),
				script));
	EXPECT_STREQ("", self->tool->out);
}

TEST_F(run_root, mounts_without_a_root_of_its_own)
{
	const char *all =
		"%s --ro --bind @:/opt:ro --tmpfs /mnt --tmpfs /mnt/a --bind @/file:/mnt/f";
	const char *options = format(with_victim(all, self->victim),
				     variant->user);
	const char *script =
		"touch /tmp/x /opt/x; cat /opt/file /mnt/f; touch /mnt/a/x && echo written";

	EXPECT_EQ(0, run_script(self->tool, variant->as, options, script));
	EXPECT_STREQ("hi\nhi\nwritten\n", self->tool->out);
	EXPECT_EQ(2, count_lines(self->tool->err));
	EXPECT_NE(NULL, strstr(self->tool->err, "Read-only file system"));
	/* Nothing is made on the host's file systems. */
	options = format("%s --tmpfs %s/none", variant->user, self->victim);
	EXPECT_EQ(125, run_script(self->tool, variant->as, options, "true"));
	EXPECT_NE(NULL, strstr(self->tool->err, "/none"));
	EXPECT_NE(0, access(format("%s/none", self->victim), F_OK));
}

static const struct {
	const char *options;
	const char *text;
} wrong[] = {
	{ "--bind /no/such/source:/mnt", "sources: --bind /no/such/source: No such file" },
	{ "--bind @:mnt", "--bind" },
	{ "--bind @", "--bind" },
	{ "--bind @:/", "--bind" },
	{ "--bind @:/bin/busybox", "mounts: /bin/busybox: Not a directory" },
	{ "--bind @/file:/bin", "mounts: /bin: Is a directory" },
	{ "--bind @:/bin/busybox/x", "/bin/busybox/x: Not a directory" },
	{ "--tmpfs t", "--tmpfs t: " },
	{ "--tmpfs /t:size=big", "'size'" },
	{ "--tmpfs /t:wings=2", "wings" },
	{ "--tmpfs /:size=1m", "--tmpfs /" },
	{ "--unmask=/proc/nothing", "--unmask=/proc/nothing" },
	{ "--mnt=host --tmpfs /t", "--mnt=host" },
};

TEST_F(run_root, says_what_is_wrong)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_FAILS(wrong[i].text, wrong[i].options);
}

/* Images whose links lead out of them, or to each other. */
static const struct {
	const char *path;
	const char *to;
	const char *options;
	const char *text;
} hostile[] = {
	{ "proc", "@", "", "proc: /proc in the root file system is no directory" },
	{ "proc", "../../../../../../@", "", "proc: /proc" },
	{ "proc", "sys", "", "proc: /proc" },
	{ "sys", "@", "", "sys: /sys" },
	{ "sys", "/proc/self/cwd/@", "", "sys: /sys" },
	{ "sys", "/proc/self/cwd/../@", "--unmask", "sys: /sys" },
	{ "sys", "dev", "", "sys: /sys" },
	{ "dev", "@", "", "dev: /dev" },
	{ "dev", "/proc", "", "dev: /dev" },
	{ "dev", "/proc/self/cwd@", "", "dev: /dev" },
	{ "out", "/proc/self/cwd@", "--tmpfs /out", "/out: " },
	{ "out", "/proc/1/cwd@", "--tmpfs /out/made", "/out/made: " },
	{ "out", "/proc/self/root/proc/sys", "--bind @:/out", "/out" },
	{ "out", "/proc/sys", "--bind @:/out", "/out leads into /proc" },
	{ "out", "/proc/self/attr", "--bind @:/out", "/out leads into /proc" },
	{ "out", "/", "--tmpfs /out", "/out is the root" },
	{ "out", "..", "--tmpfs /out", "/out is the root" },
	{ "out", "../@", "--tmpfs /out/made", "/out/made" },
	{ "out", "../../sub/../..@/sub", "--tmpfs /out/made", "/out/made" },
	{ "out", "nowhere", "--tmpfs /out", "/out, where a symbolic link" },
	{ "out", "out", "--tmpfs /out", "/out: Too many levels" },
};

TEST_F(run_root, of_a_hostile_image_stays_within_it)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *path = format("%s/%s", self->root, hostile[i].path);

		remove(path);
		ASSERT_EQ(0, symlink(with_victim(hostile[i].to, self->victim),
				     path));
		EXPECT_FAILS(hostile[i].text, hostile[i].options);
		ASSERT_EQ(0, remove(path));
	}
	ASSERT_EQ(0, SHELL(self->tool, format("ls %s", self->victim)));
	EXPECT_STREQ("file\nsub\n", self->tool->out);
}

TEST_F(run_root, takes_links_of_an_image_to_be_within_it)
{
	ASSERT_EQ(0, symlink(self->victim, format("%s/out", self->root)));
	ASSERT_EQ(0, SHELL(self->tool, format("mkdir -p %s%s && chmod -R 777 %s/tmp",
					      self->root, self->victim,
					      self->root)));
	ASSERT_EQ(0, symlink("../../../../tmp", format("%s/up", self->root)));
	EXPECT_INSIDE("made\n", "--tmpfs /out/made --tmpfs /up/there",
		      format("ls %s; touch /tmp/there/x", self->victim));
	EXPECT_EQ(0, access(format("%s%s/made", self->root, self->victim),
			    F_OK));
	EXPECT_NE(0, access(format("%s/made", self->victim), F_OK));
}

TEST_F(run_root, is_planned_by_dry_run)
{
	static const char * const plan[] = {
		"mounts private", "pivot_root", "proc on /proc", "/proc/kcore",
		"tmpfs on /dev", "a tmpfs with size=1m on /t", "old root",
		" on /mnt read-only",
	};
	unsigned int i;

	EXPECT_EQ(0, IN_ROOT("--dry-run --ro --tmpfs /t:size=1m --bind @:/mnt:ro",
			     "echo started"));
	for (i = 0; i < ARRAY_SIZE(plan); i++)
		EXPECT_NE(NULL, strstr(self->tool->out, plan[i])) {
			TH_LOG("%u: %s", i, self->tool->out);
		}
	EXPECT_EQ(NULL, strstr(self->tool->out, "\nstarted"));
}

TEST_HARNESS_MAIN
