// SPDX-License-Identifier: GPL-2.0
/* /proc/nslens in a procfs that hides: no more than the rest of that shows. */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

#define ALICE		12345
#define OPERATORS	777

/* Someone with a /proc of his own, and another process of the same user. */
FIXTURE(hidepid)
{
	struct child mounter, reader;
};

FIXTURE_VARIANT(hidepid)
{
	const char *options;
	uid_t uid;
	gid_t group;
	bool hides;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(hidepid, off) { "hidepid=0", ALICE, 0, false };
FIXTURE_VARIANT_ADD(hidepid, noaccess) { "hidepid=1", ALICE, 0, true };
FIXTURE_VARIANT_ADD(hidepid, invisible) { "hidepid=2", ALICE, 0, true };
FIXTURE_VARIANT_ADD(hidepid, ptraceable) { "hidepid=4", ALICE, 0, true };
FIXTURE_VARIANT_ADD(hidepid, invisible_but_to_a_group) {
	"hidepid=2,gid=777", ALICE, OPERATORS, false };
FIXTURE_VARIANT_ADD(hidepid, ptraceable_even_for_a_group) {
	"hidepid=4,gid=777", ALICE, OPERATORS, true };
FIXTURE_VARIANT_ADD(hidepid, invisible_but_to_root) {
	"hidepid=2", 0, 0, false };
FIXTURE_VARIANT_ADD(hidepid, ptraceable_and_root_may) {
	"hidepid=4", 0, 0, false };
/* clang-format on */

struct mount_call {
	char options[64];
};

static long mount_proc(void *data)
{
	struct mount_call *call = data;

	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	       mount("proc", "/proc", "proc", 0, call->options) < 0 ?
		-errno : 0;
}

struct who {
	uid_t uid;
	gid_t group;
};

static long become(void *data)
{
	struct who *who = data;

	if (!who->uid)
		return 0;
	if (setgroups(!!who->group, &who->group) < 0 ||
	    setresgid(who->uid, who->uid, who->uid) < 0 ||
	    setresuid(who->uid, who->uid, who->uid) < 0)
		return -errno;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

static int mount_with(struct child *c, const char *options)
{
	struct mount_call call;

	snprintf(call.options, sizeof(call.options), "%s", options);
	return child_do(c, mount_proc, &call, sizeof(call));
}

FIXTURE_SETUP(hidepid)
{
	struct who who = { variant->uid, variant->group };

	ASSERT_EQ(0, child_spawn(&self->mounter, CLONE_NEWNS));
	ASSERT_EQ(0, mount_with(&self->mounter, variant->options));
	ASSERT_EQ(0, child_spawn_in(&self->mounter, &self->reader, 0));
	ASSERT_EQ(0, child_do(&self->reader, become, &who, sizeof(who)));
}

FIXTURE_TEARDOWN(hidepid)
{
	child_end(&self->reader);
	child_end(&self->mounter);
}

/* What one can read of a process, and what nslens tells of it. */
struct view {
	struct pid_list readable;
	struct pid_list listed;
};

static void list_readable(struct pid_list *out)
{
	static struct pid_list all;
	struct numbers tgid;
	unsigned int i;

	out->n = 0;
	if (proc_list(0, &all))
		return;
	for (i = 0; i < all.n; i++)
		if (!proc_numbers(all.v[i], "Tgid", &tgid))
			out->v[out->n++] = all.v[i];
}

static void list_file(struct pid_list *out)
{
	static char text[1 << 20];
	char *line, *rest = text;

	out->n = 0;
	if (read_file("/proc/nslens/tasks", text, sizeof(text)) < 0)
		return;
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *line && out->n < MAX_PIDS)
		out->v[out->n++] = atoi(line);
}

static long look(void *data)
{
	struct view *view = data;

	list_file(&view->listed);
	list_readable(&view->readable);
	return 0;
}

static bool same(const struct view *view)
{
	return same_pids(&view->readable, &view->listed);
}

TEST_F(hidepid, shows_those_that_can_be_read_and_no_others)
{
	static struct view view;
	unsigned int tries = 10, i;
	bool test_is_listed = false;

	/* Kernel threads come and go as they like. */
	do {
		ASSERT_EQ(0, child_do(&self->reader, look, &view,
				      sizeof(view)));
	} while (!same(&view) && --tries);
	EXPECT_TRUE(same(&view)) {
		TH_LOG("%u readable, %u listed", view.readable.n,
		       view.listed.n);
	}
	for (i = 0; i < view.listed.n; i++)
		test_is_listed |= view.listed.v[i] == getpid();
	EXPECT_EQ(!variant->hides, test_is_listed);
	EXPECT_LT(0, view.listed.n);
}

static long find(void *unused)
{
	return access("/proc/nslens/tasks", F_OK) ? -errno : 0;
}

/* subset=pid leaves nothing but processes in a procfs. */
TEST(subset_has_no_directory_of_the_module)
{
	struct child c;

	ASSERT_EQ(0, child_spawn(&c, CLONE_NEWNS));
	ASSERT_EQ(0, child_do(&c, find, NULL, 0));
	ASSERT_EQ(0, mount_with(&c, "subset=pid"));
	EXPECT_EQ(-ENOENT, child_do(&c, find, NULL, 0));
	child_end(&c);
}

TEST_HARNESS_MAIN
