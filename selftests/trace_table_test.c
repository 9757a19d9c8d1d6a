// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see what, continued: the answers and files that tell of many tasks at
 * once, and tracing. What each caller may see of each task is what the kernel
 * itself lets him see in his own /proc, at that moment.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/expect-event.h"
#include "lib/haul.h"
#include "lib/lens-ns.h"
#include "lib/maker.h"

#define CONTAINER	(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | \
			 CLONE_NEWIPC | CLONE_NEWCGROUP)
#define ALICE		12345
#define BOB		23456
#define JAIL		"/tmp/nslens-jail"

enum caller {
	ROOT_ON_HOST, ROOT_WITHOUT_CAPS, USER, OTHER_USER, USER_IN_JAIL,
	ROOT_IN_USER_NS, ROOT_IN_BOX, ADMIN_IN_BOX, ROOT_IN_USER_BOX,
};

enum whom {
	TARGET_ROOT, TARGET_USER,
	TARGET_HIDES,		/* of the user, and not dumpable */
	TARGET_BOX, TARGET_DEEP, TARGET_USER_BOX,
	TARGET_GUEST,		/* of the host, in the first container */
	NR_TARGETS,
};

static const char * const marks[] = {
	"mark-root", "mark-alice", "mark-hides", "mark-box", "mark-deep",
	"mark-ubox", "mark-guest",
};

/* @ALL is FULL, and all else that there is. */
enum level { HIDDEN, PART, FULL, ALL, NEVER };

/* What it is thought to be; the kernel is asked as well. */
static const enum level levels[][NR_TARGETS] = {
	[ROOT_ON_HOST] = { ALL, ALL, ALL, ALL, ALL, ALL, ALL },
	/* By its id it owns the user namespace. */
	[ROOT_WITHOUT_CAPS] = { PART, PART, PART, PART, PART, FULL, PART },
	[USER] = { PART, FULL, PART, PART, PART, PART, PART },
	[OTHER_USER] = { PART, PART, PART, PART, PART, PART, PART },
	[USER_IN_JAIL] = { PART, FULL, PART, PART, PART, PART, PART },
	[ROOT_IN_USER_NS] = { PART, PART, PART, PART, PART, PART, PART },
	[ROOT_IN_BOX] = { HIDDEN, HIDDEN, HIDDEN, FULL, FULL, HIDDEN, FULL },
	[ADMIN_IN_BOX] = { HIDDEN, HIDDEN, HIDDEN, PART, PART, HIDDEN, PART },
	[ROOT_IN_USER_BOX] = { HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, FULL,
			       HIDDEN },
};

FIXTURE(table)
{
	struct child box, user_box, door, caller, target[NR_TARGETS];
	struct child *who;
	struct session session;
	struct secrets *secrets;
	unsigned int above;
	int before[NR_TARGETS];
};

FIXTURE_VARIANT(table)
{
	enum caller caller;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(table, of_root_on_the_host) { ROOT_ON_HOST };
FIXTURE_VARIANT_ADD(table, of_root_without_capabilities) { ROOT_WITHOUT_CAPS };
FIXTURE_VARIANT_ADD(table, of_a_user) { USER };
FIXTURE_VARIANT_ADD(table, of_another_user) { OTHER_USER };
FIXTURE_VARIANT_ADD(table, of_a_user_who_chrooted) { USER_IN_JAIL };
FIXTURE_VARIANT_ADD(table, of_root_in_a_user_namespace) { ROOT_IN_USER_NS };
FIXTURE_VARIANT_ADD(table, of_root_in_a_container) { ROOT_IN_BOX };
FIXTURE_VARIANT_ADD(table, of_cap_net_admin_in_a_container) { ADMIN_IN_BOX };
FIXTURE_VARIANT_ADD(table, of_root_in_a_container_with_a_user_namespace) {
	ROOT_IN_USER_BOX };
/* clang-format on */

static int keep_caps(struct child *c, __u64 caps)
{
	return child_do(c, child_set_caps, &caps, sizeof(caps));
}

static int mark(struct child *c, enum whom whom)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s", marks[whom]);
	return child_do(c, mark_name, name, sizeof(name));
}

/* As root, who then becomes a user there. */
static long enter_jail(void *unused)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", JAIL "/proc", "proc", 0, NULL) < 0 ||
	    chroot(JAIL) < 0 || chdir("/") < 0)
		return -errno;
	return child_setuid(&(uid_t){ ALICE });
}

static int make_caller(struct child *c, struct child *box, enum caller caller)
{
	switch (caller) {
	case ROOT_WITHOUT_CAPS:
		return child_spawn(c, 0) ?: keep_caps(c, 0);
	case USER:
		return child_spawn(c, 0) ?: child_become(c, ALICE);
	case OTHER_USER:
		return child_spawn(c, 0) ?: child_become(c, BOB);
	case USER_IN_JAIL:
		if ((mkdir(JAIL, 0755) || mkdir(JAIL "/proc", 0755)) &&
		    errno != EEXIST)
			return -errno;
		return child_spawn(c, CLONE_NEWNS) ?:
			child_do(c, enter_jail, NULL, 0);
	case ROOT_IN_USER_NS:
		return child_spawn(c, CLONE_NEWUSER) ?:
			child_map_ids(c, 0, 100000, 65534) ?: child_become(c, 0);
	case ADMIN_IN_BOX:
		return child_spawn_in(box, c, 0) ?:
			keep_caps(c, 1 << CAP_NET_ADMIN | 1 << CAP_NET_RAW);
	default:
		return child_spawn(c, 0);
	}
}

FIXTURE_SETUP(table)
{
	struct child *t = self->target;
	unsigned int i;

	self->secrets = calloc(1, sizeof(*self->secrets));
	ASSERT_NE(NULL, self->secrets);
	ASSERT_EQ(0, mark_pids());
	ASSERT_EQ(0, child_spawn_box(&self->box, CONTAINER));
	ASSERT_EQ(0, child_spawn_box(&self->user_box,
				     CONTAINER | CLONE_NEWUSER));
	for (i = TARGET_ROOT; i <= TARGET_HIDES; i++) {
		ASSERT_EQ(0, child_spawn(&t[i], CLONE_NEWUTS));
		if (i != TARGET_ROOT)
			ASSERT_EQ(0, child_become(&t[i], ALICE));
	}
	ASSERT_EQ(0, child_do(&t[TARGET_HIDES], child_set_dumpable, &(int){ 0 },
			      sizeof(int)));
	ASSERT_EQ(0, child_spawn_in(&self->box, &t[TARGET_BOX], CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn_in(&self->box, &t[TARGET_DEEP],
				    CLONE_NEWUTS | CLONE_NEWPID));
	ASSERT_EQ(0, child_spawn_in(&self->user_box, &t[TARGET_USER_BOX],
				    CLONE_NEWUTS));
	ASSERT_EQ(0, child_spawn(&self->door, 0));
	ASSERT_EQ(0, child_enter(&self->door, self->box.pid, "pid"));
	ASSERT_EQ(0, child_spawn_in(&self->door, &t[TARGET_GUEST],
				    CLONE_NEWUTS));
	for (i = 0; i < NR_TARGETS; i++) {
		ASSERT_EQ(0, mark(&t[i], i));
		ASSERT_LT(MARKED_PIDS, t[i].pid);
	}
	ASSERT_EQ(0, make_caller(&self->caller, &self->box, variant->caller));
	self->who = variant->caller == ROOT_IN_BOX ? &self->box :
		variant->caller == ROOT_IN_USER_BOX ? &self->user_box :
		&self->caller;
	self->above = variant->caller >= ROOT_IN_BOX;
}

FIXTURE_TEARDOWN(table)
{
	unsigned int i;

	session_close(&self->session);
	child_end(&self->caller);
	for (i = NR_TARGETS; i--;)
		child_end(&self->target[i]);
	child_end(&self->door);
	child_end(&self->user_box);
	child_end(&self->box);
	for (i = 0; i < NR_TARGETS; i++)
		if (self->before[i] > 0)
			close(self->before[i]);
	rmdir(JAIL "/proc");
	rmdir(JAIL);
	free(self->secrets);
}

struct look {
	pid_t pid;
	char mark[NAME_SIZE];
};

/* Does /proc of the caller have the task, and may he follow its links? */
static long look_at(void *data)
{
	struct look *look = data;
	static struct sight sight;
	char comm[NAME_SIZE];

	if (proc_comm(look->pid, comm, sizeof(comm)) ||
	    strcmp(comm, look->mark))
		return HIDDEN;
	if (!count_links(&look->pid))
		return PART;
	return take_sight(&sight) ? NEVER : sight.all ? ALL : FULL;
}

static enum level level_of(struct child *who, unsigned int above,
			   struct child *target, enum whom nr)
{
	struct look look = {};
	struct numbers pids;

	if (proc_numbers(target->pid, "NSpid", &pids) || pids.n <= above)
		return HIDDEN;
	look.pid = pids.v[above];
	snprintf(look.mark, sizeof(look.mark), "%s", marks[nr]);
	return child_do(who, look_at, &look, sizeof(look));
}

/* Of the caller: what he traces with, and what he was told on the socket. */
static struct session own;
static struct haul told;
static int own_file;

static const char everything[] = "all exists\n";

static long put_everything(void)
{
	return write(own_file, everything, strlen(everything)) < 0 ? -errno : 0;
}

static long begin(void *unused)
{
	struct trace_change all = { .add = { EVERYTHING }, .exists = true };
	int err;

	own_file = open("/proc/nslens/trace", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (own_file < 0)
		return -errno;
	err = put_everything() ?: session_open(&own);
	haul_tap(&own.lens, &told);
	return err ?: session_set(&own, &all);
}

/* A set with exists is refused as long as the one before is being told. */
static long get_events(void *haul)
{
	struct trace_change nothing = { .exists = true };
	int err;

	do {
		err = session_set(&own, &nothing);
	} while (err == -EBUSY);
	memcpy(haul, &told, sizeof(told));
	return err;
}

static long get_trace_file(void *haul)
{
	struct haul *h = haul;
	int err;

	do {
		err = put_everything();
	} while (err == -EBUSY);
	haul_fd(h, own_file);
	return err ?: h->err == -EAGAIN ? 0 : h->err;
}

static long dump(struct haul *h, int command, __u32 fields)
{
	const struct query query = { .fields = fields, .threads = true };
	struct nl_msg *msg;
	struct lens l;
	int err;

	err = lens_open(&l);
	if (err)
		return err;
	haul_tap(&l, h);
	msg = lens_request(&l, command, NLM_F_DUMP);
	if (fields)
		put_query(msg, &query);
	err = lens_call(&l, msg, NULL, NULL);
	lens_close(&l);
	return err;
}

static long get_tasks(void *haul)
{
	return dump(haul, NSLENS_CMD_TASK_GET, NSLENS_TASK_FIELD_MASK);
}

static long get_namespaces(void *haul)
{
	return dump(haul, NSLENS_CMD_NS_GET, 0);
}

static long get_sessions(void *haul)
{
	return dump(haul, NSLENS_CMD_TRACE_GET, 0);
}

static long get_file(struct haul *h, const char *path)
{
	haul_file(h, path);
	return h->err;
}

static long get_tasks_file(void *haul)
{
	return get_file(haul, "/proc/nslens/tasks");
}

static long get_namespaces_file(void *haul)
{
	return get_file(haul, "/proc/nslens/namespaces");
}

static long get_traced_file(void *haul)
{
	return get_file(haul, "/proc/nslens/traced");
}

/*
 * The table: from which level on the name of a task is told, and the inode
 * number of its UTS namespace.
 */
static const struct column {
	const char *name;
	child_fn *get;
	enum level named, in_full;
} columns[] = {
	{ "trace-ntf", get_events, FULL, FULL },
	{ "/proc/nslens/trace", get_trace_file, FULL, FULL },
	{ "task-get", get_tasks, PART, FULL },
	{ "ns-get", get_namespaces, NEVER, FULL },
	{ "trace-get", get_sessions, NEVER, ALL },
	{ "/proc/nslens/tasks", get_tasks_file, PART, FULL },
	{ "/proc/nslens/namespaces", get_namespaces_file, NEVER, FULL },
	{ "/proc/nslens/traced", get_traced_file, FULL, FULL },
};

/*
 * Each makes a child, which ends, and moves to another UTS namespace; that of
 * before lives on, for nobody to get its inode number.
 */
static void act(struct __test_metadata *_metadata,
		struct _test_data_table *self)
{
	struct make make = { .release = 1, .how = MAKE_FORK };
	int uts = CLONE_NEWUTS;
	unsigned int i;

	for (i = 0; i < NR_TARGETS; i++) {
		self->before[i] = ns_open(self->target[i].pid, "uts");
		ASSERT_LT(0, child_do(&self->target[i], maker_make, &make,
				      sizeof(make)));
		/* Who may not is who was in one of his own before. */
		child_do(&self->target[i], child_unshare, &uts, sizeof(uts));
	}
}

/* A session of root's that says whom it traces, if anybody asks. */
static void trace_targets(struct __test_metadata *_metadata,
			  struct _test_data_table *self)
{
	struct trace_change change = {};
	unsigned int i;

	for (i = 0; i < NR_TARGETS; i++)
		change.add[i].ns = BY_INO(ns_ino(self->target[i].pid, "uts"));
	setup_session(_metadata, &self->session);
	ASSERT_EQ(0, session_set(&self->session, &change));
	for (i = 0; i < NR_TARGETS; i++)
		change.add[i] = (struct target){ .pid = self->target[i].pid };
	ASSERT_EQ(0, session_set(&self->session, &change));
}

static void expect_cell(struct __test_metadata *_metadata,
			const struct column *column, const struct haul *h,
			enum level level, struct child *target, enum whom nr)
{
	EXPECT_EQ(level >= column->named, haul_has_name(h, marks[nr])) {
		TH_LOG("%s: the name %s", column->name, marks[nr]);
	}
	EXPECT_EQ(level >= column->in_full,
		  haul_has_number(h, ns_ino(target->pid, "uts"))) {
		TH_LOG("%s: the namespace of %s", column->name, marks[nr]);
	}
}

static void expect_column(struct __test_metadata *_metadata,
			  struct _test_data_table *self,
			  const struct column *column, const enum level *level)
{
	const struct haul *h = self->who->scratch;
	const char *leak;
	unsigned int i;

	ASSERT_EQ(0, child_do(self->who, column->get, NULL, 0)) {
		TH_LOG("%s", column->name);
	}
	EXPECT_LT(0, h->n);
	for (i = 0; i < NR_TARGETS; i++)
		expect_cell(_metadata, column, h, level[i], &self->target[i],
			    i);
	leak = haul_leak(h, self->secrets);
	EXPECT_EQ(NULL, leak) {
		TH_LOG("%s tells %s", column->name, leak);
	}
}

/* Not even a number in passing is of what the caller's own /proc has not. */
TEST_F(table, is_as_the_kernel_has_it)
{
	enum level level[NR_TARGETS];
	unsigned int i;

	ASSERT_EQ(0, child_do(self->who, begin, NULL, 0));
	act(_metadata, self);
	trace_targets(_metadata, self);
	for (i = 0; i < NR_TARGETS; i++) {
		level[i] = level_of(self->who, self->above, &self->target[i],
				    i);
		EXPECT_EQ(levels[variant->caller][i], level[i]) {
			TH_LOG("%s, as /proc has it", marks[i]);
		}
	}
	self->secrets->levels = 3 - self->above;
	if (variant->caller != ROOT_ON_HOST) {
		ASSERT_EQ(0, secrets_of(self->who, self->secrets));
		EXPECT_LT(0, self->secrets->n);
	}
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		expect_column(_metadata, self, &columns[i], level);
}

static long look_for_events(void *unused)
{
	return access("/sys/kernel/tracing/events/nslens", R_OK | X_OK) ?
		-errno : 0;
}

/* Trace events have all PIDs, and are for who reads those of the kernel. */
TEST_F(table, has_trace_events_for_root_alone)
{
	static const int expected[] = {
		[USER] = -EACCES, [OTHER_USER] = -EACCES,
		[USER_IN_JAIL] = -ENOENT, [ROOT_IN_USER_NS] = -EACCES,
		[ROOT_IN_USER_BOX] = -EACCES,
	};

	EXPECT_EQ(expected[variant->caller],
		  child_do(self->who, look_for_events, NULL, 0));
}

TEST_HARNESS_MAIN
