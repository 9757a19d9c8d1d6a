// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see what: five callers, every operation, and tasks that they may see
 * in full, in part or not at all. And no dump has more than the caller's own
 * /proc and nsfs show to him.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "kselftest_harness.h"
#include "lib/census.h"
#include "lib/expect.h"
#include "lib/lens-ns.h"
#include "lib/tool.h"

#define CONTAINER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | \
			 CLONE_NEWIPC | CLONE_NEWCGROUP)
#define ALICE		12345
/* Below those that namespaces get. */
#define NO_INODE	4026530000

enum caller {
	ROOT_ON_HOST, USER, ROOT_IN_BOX, ROOT_IN_USER_BOX, ONLY_PTRACE,
};

/* Each in a UTS namespace of its own. */
enum target {
	TARGET_ROOT,		/* on the host */
	TARGET_USER,		/* likewise */
	TARGET_BOX,		/* in the container without a user namespace */
	TARGET_USER_BOX,	/* in the one with */
	TARGET_GUEST,		/* root of the host, who entered the first */
	TARGET_USER_GUEST,	/* and the second */
	NR_TARGETS,
	TARGET_GONE		/* none */
};

static const char * const target_names[] = {
	"root", "a user", "one in a container",
	"one in a container with a user namespace", "a guest in a container",
	"a guest in a container with a user namespace", "nobody", "one gone",
};

enum level { HIDDEN, PART, FULL, NR_LEVELS };

/* What of a task an answer shows. */
struct answer {
	int err;
	enum level seen;
	char text[128];
	unsigned int offset;
};

/* @inner: its number in its own PID namespace */
struct question {
	struct lens lens;
	pid_t pid, inner;
	__u32 ino;
	struct answer answer;
};

static int note(struct question *q, int err)
{
	q->answer.err = err;
	snprintf(q->answer.text, sizeof(q->answer.text), "%s", q->lens.text);
	q->answer.offset = q->lens.offset;
	return err;
}

static enum level level_of(const struct task *t)
{
	return !t ? HIDDEN : HAS(t, NS) ? FULL : PART;
}

static void get(struct question *q, const struct query *query)
{
	struct task task;

	if (!note(q, lens_get(&q->lens, query, &task)))
		q->answer.seen = level_of(&task);
}

static void list(struct question *q, const struct query *query)
{
	static struct tasks tasks;

	if (!note(q, lens_list(&q->lens, query, &tasks)))
		q->answer.seen = level_of(find_task(&tasks, q->pid));
}

static void task_do(struct question *q)
{
	get(q, &(struct query){ .pid = q->pid });
}

static void task_in_its_own(struct question *q)
{
	get(q, &(struct query){ .pid = q->inner, .in = BY_PID(q->pid) });
}

static void task_dump(struct question *q)
{
	list(q, &(struct query){});
}

static void task_subtree(struct question *q)
{
	list(q, &(struct query){ .subtree = q->pid });
}

static void task_members(struct question *q)
{
	list(q, &(struct query){
		.member_of = TYPED_PID(q->pid, NSLENS_NS_TYPE_UTS) });
}

static void task_members_by_ino(struct question *q)
{
	list(q, &(struct query){ .member_of = BY_INO(q->ino) });
}

/* An entry that has no answer is one that is not there. */
static void translate(struct question *q)
{
	__s32 pid = q->pid;

	if (note(q, lens_translate(&q->lens, NULL, NULL, true, &pid, 1)))
		return;
	if (pid < 0)
		q->answer.err = pid;
	else
		q->answer.seen = PART;
}

static void translate_from(struct question *q)
{
	__s32 pid = 1;

	if (!note(q, lens_translate(&q->lens, &BY_PID(q->pid), NULL, false,
				    &pid, 1)))
		q->answer.seen = pid > 0 ? PART : HIDDEN;
}

static void ns(struct question *q, const struct ref *ref)
{
	struct ns_record record;

	if (!note(q, lens_ns(&q->lens, ref, &record)))
		q->answer.seen = record.ino == q->ino ? FULL : PART;
}

static void ns_by_pid(struct question *q)
{
	ns(q, &TYPED_PID(q->pid, NSLENS_NS_TYPE_UTS));
}

static void ns_by_ino(struct question *q)
{
	ns(q, &BY_INO(q->ino));
}

static void ns_dump(struct question *q)
{
	static struct ns_records records;

	records.type = ALL_TYPES;
	if (!note(q, lens_ns_list(&q->lens, &records)))
		q->answer.seen = find_ns_record(&records, q->ino) ? FULL :
								    HIDDEN;
}

/* Is there a line that begins with @first, and one with the word @word? */
static enum level in_file(const char *path, const char *first, const char *word)
{
	static char text[1 << 18];
	enum level seen = HIDDEN;
	char *line, *rest = text;

	if (read_file(path, text, sizeof(text)) < 0)
		return NR_LEVELS;
	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, word))
			return FULL;
		if (*first && !strncmp(line, first, strlen(first)))
			seen = PART;
	}
	return seen;
}

static void tasks_file(struct question *q)
{
	q->answer.seen = in_file("/proc/nslens/tasks", format("%d ", q->pid),
				 format(" %u ", q->ino));
}

/* An inode is the first or any other word of a line. */
static void namespaces_file(struct question *q)
{
	const char *path = "/proc/nslens/namespaces";
	char ino[16];

	snprintf(ino, sizeof(ino), "%u", q->ino);
	q->answer.seen = in_file(path, "", format(" %u ", q->ino));
	if (q->answer.seen == HIDDEN &&
	    in_file(path, format("%u ", q->ino), "no such word") == PART)
		q->answer.seen = FULL;
}

struct cell {
	int err;
	enum level seen;
};

/*
 * The table: what an operation answers to one who may see the task not at all,
 * in part, in full. What does not exist is as what is hidden.
 */
static const struct operation {
	const char *name;
	void (*ask)(struct question *q);
	struct cell cell[NR_LEVELS];
} operations[] = {
	{ "task-get do", task_do,
	  { { -ESRCH, HIDDEN }, { 0, PART }, { 0, FULL } } },
	{ "task-get do, in its PID namespace", task_in_its_own,
	  { { -ESRCH, HIDDEN }, { 0, PART }, { 0, FULL } } },
	{ "task-get dump", task_dump,
	  { { 0, HIDDEN }, { 0, PART }, { 0, FULL } } },
	{ "task-get dump, subtree", task_subtree,
	  { { -ESRCH, HIDDEN }, { 0, PART }, { 0, FULL } } },
	{ "task-get dump, members by PID", task_members,
	  { { -ESRCH, HIDDEN }, { -EPERM, HIDDEN }, { 0, FULL } } },
	{ "task-get dump, members by inode", task_members_by_ino,
	  { { -ENOENT, HIDDEN }, { -ENOENT, HIDDEN }, { 0, FULL } } },
	{ "pid-translate", translate,
	  { { -ESRCH, HIDDEN }, { 0, PART }, { 0, PART } } },
	{ "pid-translate, from its PID namespace", translate_from,
	  { { -ESRCH, HIDDEN }, { 0, PART }, { 0, PART } } },
	{ "ns-get do, by PID", ns_by_pid,
	  { { -ESRCH, HIDDEN }, { -EPERM, HIDDEN }, { 0, FULL } } },
	{ "ns-get do, by inode", ns_by_ino,
	  { { -ENOENT, HIDDEN }, { -ENOENT, HIDDEN }, { 0, FULL } } },
	{ "ns-get dump", ns_dump,
	  { { 0, HIDDEN }, { 0, HIDDEN }, { 0, FULL } } },
	{ "/proc/nslens/tasks", tasks_file,
	  { { 0, HIDDEN }, { 0, PART }, { 0, FULL } } },
	{ "/proc/nslens/namespaces", namespaces_file,
	  { { 0, HIDDEN }, { 0, HIDDEN }, { 0, FULL } } },
};

static const enum level levels[][NR_TARGETS] = {
	[ROOT_ON_HOST] = { FULL, FULL, FULL, FULL, FULL, FULL },
	[USER] = { PART, FULL, PART, PART, PART, PART },
	[ROOT_IN_BOX] = { HIDDEN, HIDDEN, FULL, HIDDEN, FULL, HIDDEN },
	[ROOT_IN_USER_BOX] = { HIDDEN, HIDDEN, HIDDEN, FULL, HIDDEN, PART },
	[ONLY_PTRACE] = { FULL, FULL, FULL, FULL, FULL, FULL },
};

FIXTURE(access)
{
	struct child box, user_box, door[2], caller, target[NR_TARGETS];
	struct child *who;
	pid_t gone;
	__u32 above;
};

FIXTURE_VARIANT(access)
{
	enum caller caller;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(access, of_root_on_the_host) { ROOT_ON_HOST };
FIXTURE_VARIANT_ADD(access, of_a_user) { USER };
FIXTURE_VARIANT_ADD(access, of_root_in_a_container) { ROOT_IN_BOX };
FIXTURE_VARIANT_ADD(access, of_root_in_a_user_namespace) { ROOT_IN_USER_BOX };
FIXTURE_VARIANT_ADD(access, with_only_cap_sys_ptrace) { ONLY_PTRACE };
/* clang-format on */

static int make_guest(struct child *door, struct child *box, struct child *guest)
{
	return child_spawn(door, 0) ?: child_enter(door, box->pid, "pid") ?:
		child_spawn_in(door, guest, CLONE_NEWUTS);
}

static long keep_only_ptrace(void *unused)
{
	__u64 set = 1 << CAP_SYS_PTRACE;

	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return -errno;
	return child_setuid(&(uid_t){ ALICE }) ?: child_set_caps(&set);
}

static int make_caller(struct child *c, enum caller caller)
{
	int err = child_spawn(c, 0);

	if (!err && caller == USER)
		err = child_become(c, ALICE);
	if (!err && caller == ONLY_PTRACE)
		err = child_do(c, keep_only_ptrace, NULL, 0);
	return err;
}

FIXTURE_SETUP(access)
{
	struct child *t = self->target, last;

	ASSERT_EQ(0, child_spawn_box(&self->box, CONTAINER));
	ASSERT_EQ(0, child_spawn_box(&self->user_box,
				     CONTAINER | CLONE_NEWUSER));
	ASSERT_EQ(0, child_spawn(&t[TARGET_ROOT], CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn(&t[TARGET_USER], CLONE_NEWUTS));
	ASSERT_EQ(0, child_become(&t[TARGET_USER], ALICE));
	ASSERT_EQ(0, child_spawn_in(&self->box, &t[TARGET_BOX], CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn_in(&self->user_box, &t[TARGET_USER_BOX],
				    CLONE_NEWUTS));
	ASSERT_EQ(0, make_guest(&self->door[0], &self->box, &t[TARGET_GUEST]));
	ASSERT_EQ(0, make_guest(&self->door[1], &self->user_box,
				&t[TARGET_USER_GUEST]));
	ASSERT_EQ(0, make_caller(&self->caller, variant->caller));
	self->who = variant->caller == ROOT_IN_BOX ? &self->box :
		variant->caller == ROOT_IN_USER_BOX ? &self->user_box :
		&self->caller;
	self->above = self->who != &self->caller;
	ASSERT_EQ(0, child_spawn(&last, 0));
	self->gone = last.pid;
	child_end(&last);
}

FIXTURE_TEARDOWN(access)
{
	unsigned int i;

	child_end(&self->caller);
	for (i = NR_TARGETS; i--;)
		child_end(&self->target[i]);
	child_end(&self->door[1]);
	child_end(&self->door[0]);
	child_end(&self->user_box);
	child_end(&self->box);
}

struct call {
	unsigned int operation;
	struct question q;
};

static long ask_there(void *data)
{
	struct call *call = data;
	int err = lens_open(&call->q.lens);

	if (!err)
		operations[call->operation].ask(&call->q);
	lens_close(&call->q.lens);
	return err;
}

static struct answer ask(struct __test_metadata *_metadata, struct child *who,
			 unsigned int operation, const struct question *q)
{
	struct call call = { operation, *q };

	ASSERT_EQ(0, child_do(who, ask_there, &call, sizeof(call)));
	return call.q.answer;
}

/* By what the caller calls it; if he has no name for it, what the host does. */
static struct question about(pid_t pid, unsigned int above, enum level level)
{
	struct numbers pids;

	if (proc_numbers(pid, "NSpid", &pids))
		return (struct question){};
	return (struct question){
		.pid = pids.v[level == HIDDEN ? 0 : above],
		.inner = innermost(&pids),
		.ino = ns_ino(pid, "uts"),
	};
}

static void expect_cell(struct __test_metadata *_metadata,
			const struct cell *cell, const struct answer *seen)
{
	EXPECT_EQ(cell->err, seen->err);
	EXPECT_EQ(cell->seen, seen->seen);
}

/* As what is hidden is answered: not a word more. */
static void expect_as_gone(struct __test_metadata *_metadata,
			   const struct answer *gone, const struct answer *seen)
{
	EXPECT_STREQ(gone->text, seen->text);
	EXPECT_EQ(gone->offset, seen->offset);
}

TEST_F(access, is_as_the_table_has_it)
{
	unsigned int i, t;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		const struct operation *op = &operations[i];
		struct answer seen, gone;

		gone = ask(_metadata, self->who, i, &(struct question){
				.pid = self->gone, .inner = 1,
				.ino = NO_INODE });
		expect_cell(_metadata, &op->cell[HIDDEN], &gone);
		for (t = 0; t < NR_TARGETS; t++) {
			const pid_t pid = self->target[t].pid;
			enum level level = levels[variant->caller][t];
			struct question q = about(pid, self->above, level);

			seen = ask(_metadata, self->who, i, &q);
			expect_cell(_metadata, &op->cell[level], &seen);
			if (!memcmp(&op->cell[level], &op->cell[HIDDEN],
				    sizeof(struct cell)))
				expect_as_gone(_metadata, &gone, &seen);
			/* What is wrong is said; but by an entry of many. */
			EXPECT_TRUE(!seen.err || seen.text[0] ||
				    op->ask == translate);
			EXPECT_EQ(op->cell[level].seen, seen.seen) {
				TH_LOG("%s for %s: %d %s", op->name,
				       target_names[t], seen.err, seen.text);
			}
		}
	}
}

#define MAX_VIEW	512

/* What the caller can learn from his own /proc and nsfs. */
struct view {
	struct census census;
	struct task tasks[MAX_VIEW];
	struct pid_list after;
};

static_assert(sizeof(struct view) <= SCRATCH_SIZE,
	      "a view fits in a child's scratch memory");

static long take_view(void *data)
{
	struct view *view = data;
	int err = census_take(&view->census);

	if (!err && view->census.n > MAX_VIEW)
		err = -E2BIG;
	if (!err)
		memcpy(view->tasks, view->census.tasks,
		       view->census.n * sizeof(*view->tasks));
	census_free(&view->census);
	return err ?: proc_list(1, &view->after);
}

static bool is_current(const struct view *view)
{
	unsigned int i;

	if (view->after.n != view->census.n)
		return false;
	for (i = 0; i < view->census.n; i++)
		if ((__u32)view->after.v[i] != view->tasks[i].pids.v[0])
			return false;
	return true;
}

struct both {
	struct view view;
	struct tasks tasks;
	struct ns_records ns;
};

/* The dumps between two looks at /proc that agree. */
static void look(struct __test_metadata *_metadata, struct child *who,
		 struct both *both)
{
	struct query all = { .threads = true };
	static struct view again;
	unsigned int tries = 20;
	bool same;

	both->ns.type = ALL_TYPES;
	do {
		ASSERT_EQ(0, child_do(who, take_view, &both->view,
				      sizeof(both->view)));
		ASSERT_EQ(0, child_list(who, &all, &both->tasks));
		ASSERT_EQ(0, child_ns_list(who, &both->ns));
		ASSERT_EQ(0, child_do(who, take_view, &again, sizeof(again)));
		same = is_current(&both->view) && is_current(&again) &&
			same_pids(&both->view.after, &again.after);
	} while (!same && --tries);
	both->view.census.tasks = both->view.tasks;
	ASSERT_TRUE(same);
}

static bool may_follow_links(const struct task *t)
{
	unsigned int i;

	for (i = 0; i < t->ns.n; i++)
		if (t->ns.v[i])
			return true;
	return false;
}

/* Each number and each name in it is in /proc as the caller has it. */
TEST_F(access, shows_no_task_more_than_the_callers_own_proc)
{
	struct both *both = calloc(1, sizeof(*both));
	unsigned int i;

	ASSERT_NE(NULL, both);
	look(_metadata, self->who, both);
	EXPECT_EQ(both->view.census.n, both->tasks.n);
	for (i = 0; i < both->tasks.n; i++) {
		struct task *t = &both->tasks.v[i];
		struct task *proc = census_task(&both->view.census,
						t->pids.v[0]);

		ASSERT_NE(NULL, proc) {
			TH_LOG("PID %u is none of his", t->pids.v[0]);
		}
		EXPECT_EQ(may_follow_links(proc), HAS(t, NS));
		EXPECT_EQ(HAS(t, NS) ? DEFAULT_FIELDS : FOR_ALL, t->present);
		EXPECT_EQ(NULL, task_difference(proc, t)) {
			TH_LOG("PID %u: %s", t->pids.v[0],
			       task_difference(proc, t));
		}
	}
	free(both);
}

/* Root on the host is shown what no link leads to, and references, too. */
TEST_F(access, shows_no_namespace_more_than_the_callers_own_nsfs)
{
	const bool all = variant->caller == ROOT_ON_HOST;
	struct both *both = calloc(1, sizeof(*both));
	unsigned int i;

	ASSERT_NE(NULL, both);
	look(_metadata, self->who, both);
	for (i = 0; i < both->view.census.nr_ns; i++)
		EXPECT_NE(NULL, find_ns_record(&both->ns,
					       both->view.census.ns[i].ino));
	for (i = 0; i < both->ns.n; i++) {
		struct ns_record *ns = &both->ns.v[i];
		struct census_ns *nsfs = census_ns(&both->view.census, ns->ino);

		EXPECT_EQ(all, !!(ns->present & 1U << NSLENS_A_NS_REFCOUNT));
		EXPECT_TRUE(all || nsfs) {
			TH_LOG("%s:[%u] is none of his",
			       ns_types[ns->type % NR_NS].link, ns->ino);
		}
		if (!nsfs)
			continue;
		EXPECT_EQ(nsfs->owner, ns->owner);
		EXPECT_EQ(nsfs->parent, ns->parent);
		EXPECT_EQ(nsfs->processes, ns->processes);
		EXPECT_EQ(nsfs->threads, ns->threads);
		EXPECT_EQ(nsfs->pid, ns->pid);
		EXPECT_TRUE(!nsfs->pid || census_same_map(nsfs, ns));
	}
	free(both);
}

TEST_HARNESS_MAIN
