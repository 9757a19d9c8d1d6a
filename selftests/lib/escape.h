/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An intruder in a box, and a secret outside. To be included behind
 * kselftest_harness.h.
 *
 * It is tried as four kinds of root, since what the kernel lets each do differs:
 *
 * root	all capabilities, in the initial user namespace. By design of the kernel
 *	this one is out whenever it likes: it makes any device node, opens any file
 *	of a file system by its handle, and mounts and unmounts what it likes. Which
 *	of the tries it wins is stated where they are; those count as the proof that
 *	a try works. What paths, descriptors and PIDs can reach is closed to it, too.
 * docker likewise, with the 14 capabilities that Docker leaves: it still makes
 *	device nodes, as there is no rule about devices.
 * user	all capabilities, in a user namespace in which root is the root outside,
 *	to whom files such as those below /proc/sys belong.
 * mapped all capabilities, in a user namespace whose ids are nobody's outside.
 */
#ifndef _SELFTESTS_ESCAPE_H
#define _SELFTESTS_ESCAPE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "expect.h"
#include "tool.h"

#define ROOT	1
#define DOCKER	2
#define USER	4
#define MAPPED	8

#define SECRET	"nobody inside may know this"
#define INSIDE	"/bin/intruder"

FIXTURE(escape)
{
	struct tool *tool;
	struct terminal terminal;
	struct child victim;
	char box[64];
	char outside[64];
	char *secret;
	char *intruder;
};

FIXTURE_VARIANT(escape)
{
	int kind;
	const char *option;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(escape, root) { ROOT, "--user=host" };
FIXTURE_VARIANT_ADD(escape, docker) { DOCKER, "--like=docker" };
FIXTURE_VARIANT_ADD(escape, user) { USER, "--user" };
FIXTURE_VARIANT_ADD(escape, mapped) { MAPPED, "--map=0:100000:65536" };
/* clang-format on */

/* Built beside this test, without libraries. */
static inline char *find_intruder(void)
{
	char path[256] = "";

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return "";
	*strrchr(path, '/') = '\0';
	return format("%s/intruder", path);
}

static inline int make_box(struct tool *t, char *box, size_t size,
			   const char *intruder)
{
	return rootfs_make(box, size) ?:
	       SHELL(t, format("cp %s %s%s && chmod 1777 %s/tmp", intruder,
			       box, INSIDE, box));
}

static inline bool has_option(struct tool *t, const char *option)
{
	return SHELL(t, format("nslens run --help | grep -q -e '%s'",
			       option)) == 0;
}

FIXTURE_SETUP(escape)
{
	self->tool = calloc(1, sizeof(*self->tool));
	ASSERT_NE(NULL, self->tool);
	self->intruder = find_intruder();
	ASSERT_EQ(0, make_box(self->tool, self->box, sizeof(self->box),
			      self->intruder)) {
		TH_LOG("%s", self->tool->err);
	}
	sprintf(self->outside, "/tmp/nslens-outside.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->outside));
	ASSERT_EQ(0, chmod(self->outside, 0777));
	self->secret = format("%s/secret", self->outside);
	ASSERT_EQ(0, SHELL(self->tool, format("printf '" SECRET "' >%s",
					      self->secret)));
	ASSERT_EQ(0, child_spawn(&self->victim, 0));
}

FIXTURE_TEARDOWN(escape)
{
	tool_kill(self->tool);
	terminal_end(&self->terminal);
	child_end(&self->victim);
	rootfs_remove(self->box);
	rootfs_remove(self->outside);
	free(self->tool);
}

/* The exit status of a program in the box, made with these options. */
#define IN_BOX(options, ...)						\
	SHELL(self->tool, format("exec nslens run %s --rootfs %s %s",	\
				 options, self->box, format(__VA_ARGS__)))

static inline void expect_status(struct __test_metadata *_metadata,
				 const struct tool *t, int expected)
{
	EXPECT_EQ(expected, t->status) {
		TH_LOG("%s it said: %s%s", expected ? "not kept in," :
		       "kept in,", t->out, t->err);
	}
}

#define EXPECT_OUT(what)						\
	expect_status((what, _metadata), self->tool, 0)
#define EXPECT_REFUSED(what)						\
	expect_status((what, _metadata), self->tool, 1)

/* Only these kinds of root are out, by design of the kernel. */
#define EXPECT_KEPT_IN_BUT(kinds, ...) do {				\
	const char *way = format(__VA_ARGS__);				\
	int status = IN_BOX(variant->option, INSIDE " %s", way);	\
	bool by_design = (kinds) & variant->kind;			\
									\
	EXPECT_EQ(!by_design, status) {					\
		TH_LOG("%s: %s%s", way, self->tool->out,		\
		       self->tool->err);				\
	}								\
	if (!by_design)							\
		EXPECT_EQ(NULL, strstr(self->tool->out, SECRET));	\
} while (0)

#define EXPECT_KEPT_IN(...)	EXPECT_KEPT_IN_BUT(0, __VA_ARGS__)

#endif
