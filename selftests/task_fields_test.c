// SPDX-License-Identifier: GPL-2.0
/*
 * Fields of a task that are only there on request: its cgroup, who put it into a
 * container, ids of its namespaces; filters by cgroup and by descent; and what a
 * dump answers that cannot begin.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/cgroup.h"
#include "lib/expect.h"
#include "lib/lens-ns.h"
#include "lib/tool.h"

#define CGROUPS		"/sys/fs/cgroup"
#define FIELD(NAME)	NSLENS_TASK_FIELD_##NAME
#define CGROUP_FIELDS	(FIELD(CGROUP) | FIELD(CGROUP_ID))

static int enter_cgroup(struct child *c, const char *path)
{
	return write_file(format(CGROUPS "%s/cgroup.procs", path),
			  format("%d", c->pid));
}

struct path_call {
	pid_t pid;
	char text[256];
};

static long path_in_proc(void *data)
{
	struct path_call *call = data;
	char text[1024];
	const char *at;
	int err;

	err = read_file(format("/proc/%d/cgroup", call->pid), text,
			sizeof(text));
	at = err < 0 ? NULL : text_field(text, "0:");
	snprintf(call->text, sizeof(call->text), "%.*s",
		 at ? (int)strcspn(at, "\n") : 0, at ?: "");
	return err < 0 ? err : 0;
}

/* upper ---- upper/lower, and upperx beside it, with a child in each. */
FIXTURE(cgroup)
{
	struct lens lens;
	struct child upper, lower, beside;
	char *path[3];
	struct tasks *tasks;
};

FIXTURE_SETUP(cgroup)
{
	struct child *children[] = {
		&self->upper, &self->lower, &self->beside,
	};
	unsigned int i;

	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	self->path[0] = format("/nslens-fields-%d", getpid());
	self->path[1] = format("%s/lower", self->path[0]);
	self->path[2] = format("%sx", self->path[0]);
	for (i = 0; i < ARRAY_SIZE(children); i++) {
		ASSERT_EQ(0, mkdir(format(CGROUPS "%s", self->path[i]), 0755));
		ASSERT_EQ(0, child_spawn(children[i], 0));
		ASSERT_EQ(0, enter_cgroup(children[i], self->path[i]));
	}
}

FIXTURE_TEARDOWN(cgroup)
{
	child_end(&self->upper);
	child_end(&self->lower);
	child_end(&self->beside);
	cgroup_remove(format(CGROUPS "%s", self->path[2]));
	cgroup_remove(format(CGROUPS "%s", self->path[1]));
	cgroup_remove(format(CGROUPS "%s", self->path[0]));
	free(self->tasks);
	lens_close(&self->lens);
}

static void expect_cgroup(struct __test_metadata *_metadata, struct lens *lens,
			  pid_t pid, const char *path)
{
	struct path_call call = { .pid = pid };
	struct stat status;
	struct task task;

	ASSERT_EQ(0, lens_get(lens, &(struct query){
			.pid = pid, .fields = CGROUP_FIELDS }, &task));
	ASSERT_EQ(0, path_in_proc(&call));
	EXPECT_STREQ(path, call.text);
	ASSERT_EQ(0, stat(format(CGROUPS "%s", call.text), &status));
	EXPECT_EQ(CGROUP_FIELDS, task.present);
	EXPECT_STREQ(call.text, task.cgroup);
	EXPECT_EQ(status.st_ino, task.cgroup_id);
}

TEST_F(cgroup, is_that_of_proc_and_its_id_the_inode)
{
	expect_cgroup(_metadata, &self->lens, self->upper.pid, self->path[0]);
	expect_cgroup(_metadata, &self->lens, self->lower.pid, self->path[1]);
	ASSERT_EQ(0, enter_cgroup(&self->lower, self->path[2]));
	expect_cgroup(_metadata, &self->lens, self->lower.pid, self->path[2]);
	ASSERT_EQ(0, enter_cgroup(&self->lower, ""));
	expect_cgroup(_metadata, &self->lens, self->lower.pid, "/");
}

/* As the namespace of who asks has it, and nothing above its root. */
TEST_F(cgroup, is_what_the_callers_namespace_calls_it)
{
	const struct {
		struct child *who;
		const char *path;
	} seen[] = {
		{ &self->upper, "/" },
		{ &self->lower, "/lower" },
		{ &self->beside, NULL },
	};
	int flag = CLONE_NEWCGROUP;
	unsigned int i;

	ASSERT_EQ(0, child_do(&self->upper, child_unshare, &flag,
			      sizeof(flag)));
	for (i = 0; i < ARRAY_SIZE(seen); i++) {
		struct path_call call = { .pid = seen[i].who->pid };
		struct task task;

		ASSERT_EQ(0, child_get(&self->upper, &(struct query){
				.pid = call.pid, .fields = FIELD(CGROUP) },
				&task));
		ASSERT_EQ(0, child_do(&self->upper, path_in_proc, &call,
				      sizeof(call)));
		EXPECT_EQ(!!seen[i].path, HAS(&task, CGROUP));
		EXPECT_STREQ(seen[i].path ?: "", task.cgroup);
		EXPECT_STREQ(seen[i].path ?: format("/..%s", self->path[2]),
			     call.text);
	}
}

static struct query below(const char *path)
{
	struct query q = {};

	snprintf(q.cgroup_subtree, sizeof(q.cgroup_subtree), "%s", path);
	return q;
}

TEST_F(cgroup, selects_those_in_it_and_below)
{
	struct query q = below(self->path[0]);
	int flag = CLONE_NEWCGROUP;

	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EQ(2, self->tasks->n);
	EXPECT_NE(NULL, find_task(self->tasks, self->upper.pid));
	EXPECT_NE(NULL, find_task(self->tasks, self->lower.pid));
	q = below(self->path[1]);
	ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
	EXPECT_EQ(1, self->tasks->n);
	EXPECT_NE(NULL, find_task(self->tasks, self->lower.pid));
	/* In the words of who asks. */
	ASSERT_EQ(0, child_do(&self->upper, child_unshare, &flag,
			      sizeof(flag)));
	q = below("/lower");
	ASSERT_EQ(0, child_list(&self->upper, &q, self->tasks));
	EXPECT_EQ(1, self->tasks->n);
	EXPECT_NE(NULL, find_task(self->tasks, self->lower.pid));
	q = below("/");
	ASSERT_EQ(0, child_list(&self->upper, &q, self->tasks));
	EXPECT_EQ(2, self->tasks->n);
	q = below(self->path[2]);
	EXPECT_EQ(-ENOENT, child_list(&self->upper, &q, self->tasks));
}

/*
 *	test ---- box (PID 1) ---- inside
 *	   \----- door ---- guest (in box's PID namespace) ---- young
 */
FIXTURE(injected)
{
	struct lens lens;
	struct child box, inside, door, guest, young;
};

FIXTURE_SETUP(injected)
{
	setup_lens(_metadata, &self->lens);
	ASSERT_EQ(0, child_spawn(&self->box, CLONE_NEWPID | CLONE_NEWNS));
	ASSERT_EQ(0, child_do(&self->box, child_mount_proc, NULL, 0));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->inside, 0));
	ASSERT_EQ(0, child_spawn(&self->door, 0));
	ASSERT_EQ(0, child_enter(&self->door, self->box.pid, "pid"));
	ASSERT_EQ(0, child_spawn_in(&self->door, &self->guest, 0));
	ASSERT_EQ(0, child_spawn_in(&self->guest, &self->young, 0));
}

FIXTURE_TEARDOWN(injected)
{
	child_end(&self->young);
	child_end(&self->guest);
	child_end(&self->door);
	child_end(&self->inside);
	child_end(&self->box);
	lens_close(&self->lens);
}

static void expect_outside(struct __test_metadata *_metadata, struct lens *lens,
			   pid_t pid, long outside)
{
	struct task task;

	ASSERT_EQ(0, lens_get(lens, &(struct query){
			.pid = pid, .fields = FIELD(OUTSIDE) }, &task));
	EXPECT_EQ(outside >= 0 ? FIELD(OUTSIDE) : 0, task.present) {
		TH_LOG("PID %d", pid);
	}
	EXPECT_EQ(outside > 0 ? outside : 0, task.outside);
}

TEST_F(injected, has_the_nearest_ancestor_outside)
{
	EXPECT_EQ(self->door.pid, proc_number(self->guest.pid, "PPid", 0));
	expect_outside(_metadata, &self->lens, self->guest.pid, self->door.pid);
	expect_outside(_metadata, &self->lens, self->young.pid, self->door.pid);
	expect_outside(_metadata, &self->lens, self->box.pid, -1);
	expect_outside(_metadata, &self->lens, self->inside.pid, -1);
	expect_outside(_metadata, &self->lens, self->door.pid, -1);
	expect_outside(_metadata, &self->lens, getpid(), -1);
	expect_outside(_metadata, &self->lens, 1, -1);
	expect_outside(_metadata, &self->lens, 2, -1);
}

TEST_F(injected, has_none_that_the_container_can_name)
{
	struct numbers there;
	struct task task;

	ASSERT_EQ(0, proc_numbers(self->guest.pid, "NSpid", &there));
	ASSERT_EQ(0, child_get(&self->box, &(struct query){
			.pid = there.v[1], .fields = FIELD(OUTSIDE) }, &task));
	EXPECT_EQ(FIELD(OUTSIDE), task.present);
	EXPECT_EQ(0, task.outside);
	ASSERT_EQ(0, child_get(&self->box, &(struct query){
			.pid = self->inside.pid_there,
			.fields = FIELD(OUTSIDE) }, &task));
	EXPECT_EQ(0, task.present);
}

static long survive_parent(void *unused)
{
	return prctl(PR_SET_PDEATHSIG, 0);
}

/* Who takes over an orphan is outside, too: /proc knows who that is. */
TEST_F(injected, has_its_new_parent_when_the_first_is_dead)
{
	long parent;

	ASSERT_EQ(0, child_do(&self->guest, survive_parent, NULL, 0));
	child_end(&self->door);
	parent = proc_number(self->guest.pid, "PPid", 0);
	ASSERT_LT(0, parent);
	expect_outside(_metadata, &self->lens, self->guest.pid, parent);
	/* PID 1 of the container ends it. */
	child_end(&self->young);
	child_kill(&self->guest);
	self->guest.pid = 0;
}

/* A user namespace of its own is below the box's, two PID namespaces likewise. */
FIXTURE(nested)
{
	struct lens lens;
	struct child box, inner, deep;
	struct tasks *tasks;
};

FIXTURE_SETUP(nested)
{
	const __u64 flags = CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;

	setup_lens(_metadata, &self->lens);
	self->tasks = calloc(1, sizeof(*self->tasks));
	ASSERT_NE(NULL, self->tasks);
	ASSERT_EQ(0, child_spawn(&self->box, flags));
	ASSERT_EQ(0, child_map_ids(&self->box, 0, 0, 1));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->inner, flags));
	ASSERT_EQ(0, child_spawn_in(&self->box, &self->deep, 0));
}

FIXTURE_TEARDOWN(nested)
{
	child_end(&self->deep);
	child_end(&self->inner);
	child_end(&self->box);
	free(self->tasks);
	lens_close(&self->lens);
}

TEST_F(nested, namespaces_have_descendants_only_on_request)
{
	const unsigned int types[] = {
		NSLENS_NS_TYPE_PID, NSLENS_NS_TYPE_USER,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct query q = {
			.member_of = TYPED_PID(self->box.pid, types[i]),
		};

		ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
		EXPECT_EQ(2, self->tasks->n);
		EXPECT_EQ(NULL, find_task(self->tasks, self->inner.pid));
		q.descendants = true;
		ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
		EXPECT_EQ(3, self->tasks->n);
		EXPECT_NE(NULL, find_task(self->tasks, self->inner.pid));
		q.member_of = TYPED_PID(self->inner.pid, types[i]);
		ASSERT_EQ(0, lens_list(&self->lens, &q, self->tasks));
		EXPECT_EQ(1, self->tasks->n);
	}
}

TEST_F(nested, namespaces_have_the_ids_that_ns_get_tells)
{
	struct task task;
	unsigned int i;

	ASSERT_EQ(0, lens_get(&self->lens, &(struct query){
			.pid = self->inner.pid,
			.fields = FIELD(NS_IDS) | FIELD(NS) }, &task));
	EXPECT_EQ(FIELD(NS_IDS) | FIELD(NS), task.present);
	for (i = 0; i < NR_NS; i++) {
		struct ns_record ns;
		struct ref ref = BY_FD(ns_open(self->inner.pid,
					       ns_types[i].link));

		ASSERT_EQ(0, lens_ns(&self->lens, &ref, &ns));
		EXPECT_NE(0, ns.id);
		EXPECT_EQ(ns.id, task.ns_ids[i]) {
			TH_LOG("%s", ns_types[i].name);
		}
		close(ref.value);
	}
}

/* The ids are of the namespaces that only those see who may. */
TEST_F(nested, namespaces_hide_their_ids)
{
	struct child nobody;
	struct task task;
	uid_t uid = 12345;

	ASSERT_EQ(0, child_spawn(&nobody, 0));
	ASSERT_EQ(0, child_do(&nobody, child_setuid, &uid, sizeof(uid)));
	ASSERT_EQ(0, child_get(&nobody, &(struct query){
			.pid = self->inner.pid,
			.fields = NSLENS_TASK_FIELD_MASK }, &task));
	EXPECT_FALSE(HAS(&task, NS_IDS));
	EXPECT_FALSE(HAS(&task, NS));
	EXPECT_TRUE(HAS(&task, CGROUP_ID));
	ASSERT_EQ(0, child_get(&nobody, &(struct query){
			.pid = nobody.pid,
			.fields = NSLENS_TASK_FIELD_MASK }, &task));
	EXPECT_TRUE(HAS(&task, NS_IDS));
	child_end(&nobody);
}

/* One that cannot begin says so, in words, and the next one begins anew. */
TEST_F(nested, namespaces_that_a_dump_cannot_begin_with)
{
	const struct {
		int err;
		struct query q;
	} bad[] = {
		{ -ESRCH, { .subtree = 0x7fffffff } },
		{ -ESRCH, { .in = BY_PID(0x7fffffff) } },
		{ -ESRCH, { .member_of = TYPED_PID(0x7fffffff, 0) } },
		{ -ENOENT, { .member_of = BY_INO(1) } },
		{ -ENOENT, { .in = BY_INO(1) } },
		{ -EBADF, { .member_of = BY_FD(12345) } },
		{ -EINVAL, { .member_of = BY_PID(1) } },
		{ -EINVAL, { .member_of = TYPED_PID(1, NSLENS_NS_TYPE_UTS),
			     .descendants = true } },
		{ -ENOENT, { .cgroup_subtree = "/no/such/cgroup" } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].err, lens_list(&self->lens, &bad[i].q,
						self->tasks)) {
			TH_LOG("request %u: %s", i, self->lens.text);
		}
		EXPECT_EQ(0, self->tasks->n);
		EXPECT_NE('\0', self->lens.text[0]) {
			TH_LOG("request %u says nothing", i);
		}
		ASSERT_EQ(0, lens_list(&self->lens, &(struct query){
				.subtree = self->box.pid }, self->tasks));
		EXPECT_EQ(3, self->tasks->n);
	}
}

TEST_HARNESS_MAIN
