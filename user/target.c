// SPDX-License-Identifier: GPL-2.0
/* What the user points at: a task, a namespace or a cgroup. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/nsfs.h>

#include "cgroup.h"
#include "ns-file.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "target.h"

/**
 * parse_u32() - read a decimal number
 * @text: digits and nothing else; need not end after @len
 * @len: its length
 * @number: the result
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it is too large.
 */
int parse_u32(const char *text, size_t len, __u32 *number)
{
	unsigned long long value = 0;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		if (value <= UINT_MAX)
			value = value * 10 + (unsigned int)(text[i] - '0');
	}
	*number = (__u32)value;
	return value > UINT_MAX ? -ERANGE : 0;
}

/**
 * is_pid() - read a PID
 * @text: a decimal number
 * @pid: the result
 *
 * Return: it is one.
 */
bool is_pid(const char *text, __u32 *pid)
{
	return !parse_u32(text, strlen(text), pid) && *pid && *pid <= INT_MAX;
}

/**
 * parse_pid() - read a PID, complain of what is none
 * @text: a decimal number
 * @pid: the result
 *
 * Return: 0, or a negative errno after a complaint.
 */
int parse_pid(const char *text, __u32 *pid)
{
	if (is_pid(text, pid))
		return 0;
	if (parse_u32(text, strlen(text), pid) == -EINVAL && text[0] != '-')
		complain("'%s': not a PID: not a number", text);
	else
		complain("%s: not a PID: PIDs are 1 to %d", text, INT_MAX);
	return -EINVAL;
}

#define DIGITS	"0123456789"

#define FORMS	"no PID, INODE:PID, TYPE:[INODE], INODE, path or container id"

/* Behind "TYPE:" comes @from. */
static const char *fault_of_ns(const char *text, const char *from)
{
	size_t digits = strspn(from + (*from == '['), DIGITS);
	const char *rest;

	if (!digits)
		return FORMS;
	if (*from != '[')
		return "an inode is written in brackets: TYPE:[INODE]";
	rest = from + 1 + digits;
	if (rest[0] != ']' || (rest[1] && rest[1] != ':'))
		return FORMS;
	if (rest[1] && strncmp(text, "pid:", 4) != 0)
		return "PIDs count in PID namespaces: pid:[INODE]:PID";
	return "inodes are numbers up to 4294967295";
}

/* What is nearly a target: what is off? */
static const char *fault_of(const char *text)
{
	size_t type = strcspn(text, ":");
	const char *from = text[type] ? text + type + 1 : text;

	if (!text[strspn(text, DIGITS)])
		return "neither a PID, 1 to 2147483647, nor an inode, up to 4294967295";
	if (!text[strspn(text, DIGITS "abcdefABCDEF")])
		return "a container's id has lower-case letters";
	if (from > text && ns_type_by_name(text, type) >= 0)
		return fault_of_ns(text, from);
	return FORMS;
}

static int no_target(const char *text)
{
	complain("'%s': not a TARGET: %s", text, fault_of(text));
	return -EINVAL;
}

/* "1234" or "[1234]", @len long: an inode number. */
static int parse_inode(const char *text, size_t len, __u32 *ino)
{
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return parse_u32(text + 1, len - 2, ino);
	return parse_u32(text, len, ino);
}

static int parse_path(const char *text, struct target *target)
{
	int fd = ns_file_open(text, 0);
	int type = fd < 0 ? fd : ns_type_by_flag(ioctl(fd, NS_GET_NSTYPE));

	if (type < 0) {
		complain("%s: %s", text, fd < 0 && fd != -EINVAL ?
			 strerror(-fd) :
			 "not a namespace file: those are in /proc/PID/ns, or bound elsewhere");
		if (fd < 0)
			return fd;
		close(fd);
		return -EINVAL;
	}

	target->kind = TARGET_NS;
	target->ns = (struct nslens_ns_ref){
		.kind = NSLENS_REF_FD,
		.value = (__u32)fd,
		.has_type = true,
		.type = (__u32)type,
	};
	return 0;
}

static int parse_cgroup(const char *text, struct target *target)
{
	struct stat st;

	if (!stat(text, &st) && !S_ISDIR(st.st_mode)) {
		complain("%s: a file in a cgroup: give the cgroup's directory",
			 text);
		return -EINVAL;
	}
	target->kind = TARGET_CGROUP;
	return 0;
}

static int parse_id(const char *text, struct target *target)
{
	int err;

	target->kind = TARGET_CGROUP;
	target->cgroup = cgroup_by_id(text, &err);
	return target->cgroup ? 0 : err;
}

/* No PID is as large as the inode numbers of namespaces are. */
static bool is_bare_inode(const char *text, __u32 *ino)
{
	return !parse_inode(text, strlen(text), ino) &&
	       (text[0] == '[' || *ino > INT_MAX);
}

/* Of children's namespaces, too, by the names of their files. */
static int type_of(const char *text, size_t len)
{
	static const char suffix[] = "_for_children";
	const size_t more = sizeof(suffix) - 1;
	int type;

	if (len <= more || strncmp(text + len - more, suffix, more) != 0)
		return ns_type_by_name(text, len);
	type = ns_type_by_name(text, len - more);
	return type == NSLENS_NS_TYPE_PID || type == NSLENS_NS_TYPE_TIME ?
	       type : -1;
}

/* INODE:PID, [INODE]:PID, pid:[INODE]:PID, or TYPE:[INODE]. */
static int parse_colon(const char *text, const char *colon,
		       struct target *target)
{
	const char *from = text;
	int type = type_of(text, strcspn(text, ":"));
	struct nslens_ns_ref ref = { .kind = NSLENS_REF_INO, .has_type = true };

	if (type >= 0) {
		from = strchr(text, ':') + 1;
		if (*from != '[')
			return no_target(text);
	}
	ref.type = type < 0 ? NSLENS_NS_TYPE_PID : (__u32)type;

	/* A bracket at the end: no PID follows. */
	if (text[strlen(text) - 1] == ']') {
		if (type < 0 || parse_inode(from, strlen(from), &ref.value))
			return no_target(text);
		target->kind = TARGET_NS;
		target->ns = ref;
		return 0;
	}

	if (ref.type != NSLENS_NS_TYPE_PID || colon < from ||
	    parse_inode(from, (size_t)(colon - from), &ref.value))
		return no_target(text);
	target->kind = TARGET_TASK;
	target->in = ref;
	return parse_pid(colon + 1, &target->pid);
}

/**
 * target_parse() - find out what a TARGET means
 * @text: as the user wrote it; must stay
 * @target: the result
 *
 * Return: 0, or a negative errno after a complaint, see lens_exit().
 */
int target_parse(const char *text, struct target *target)
{
	const char *colon = strrchr(text, ':');

	*target = (struct target){ .kind = TARGET_TASK, .text = text };
	target->cgroup = cgroup_by_path(text);
	if (target->cgroup)
		return parse_cgroup(text, target);
	if (strchr(text, '/'))
		return parse_path(text, target);
	if (is_bare_inode(text, &target->ns.value)) {
		target->kind = TARGET_NS;
		target->ns.kind = NSLENS_REF_INO;
		return 0;
	}
	if (is_container_id(text))
		return parse_id(text, target);
	if (colon)
		return parse_colon(text, colon, target);
	if (!strcmp(text, "self")) {
		target->pid = (__u32)getpid();
		return 0;
	}
	if (is_pid(text, &target->pid))
		return 0;
	if (text[0] == '-' && text[1] >= '0' && text[1] <= '9')
		return parse_pid(text, &target->pid);
	return no_target(text);
}

/**
 * foremost_note() - see whether a task stands for others rather than those before
 * @first: the one that does so far
 * @next: another
 *
 * That is the outermost PID 1 among them; else that with the lowest PID, where
 * tasks come in order.
 */
void foremost_note(struct foremost *first, const struct foremost *next)
{
	if (first->pid && (!next->reaper || (first->reaper &&
					     first->levels <= next->levels)))
		return;
	*first = *next;
}

static int note_foremost(const struct nslens_task *task, void *arg)
{
	if (task->pids.nr)
		foremost_note(arg, &(struct foremost){
			task->pids.at[0], task->pids.nr,
			task->flags & NSLENS_TASK_FLAG_CHILD_REAPER });
	return 0;
}

/**
 * target_task() - make a task of any target
 * @conn: to look for it
 * @target: a namespace or a cgroup becomes the task that stands for it: the
 *	outermost PID 1 in it, or else the task with the lowest PID
 *
 * Return: 0, or a negative errno after a complaint.
 */
int target_task(struct nslens_conn *conn, struct target *target)
{
	struct nslens_task_filter filter = {
		.fields = NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_FLAGS,
	};
	struct foremost first = { 0 };
	int err;

	if (target->kind == TARGET_TASK)
		return 0;
	filter.member_of = target->ns;
	filter.cgroup_subtree = target->cgroup;
	err = nslens_task_dump(conn, &filter, note_foremost, &first, NULL);
	if (!err && !first.pid)
		err = -ESRCH;
	if (err) {
		complain("%s: %s", target->text, first.pid || conn->error[0] ?
			 lens_reason(conn) : "no task in it that you may see");
		return err;
	}
	target->kind = TARGET_TASK;
	target->pid = first.pid;
	return 0;
}

/* A namespace of a task is named by the task's PID here. */
static int ns_of_task(struct nslens_conn *conn, const struct target *target,
		      int type, struct nslens_ns_ref *ref)
{
	struct nslens_task task;
	int err;

	*ref = (struct nslens_ns_ref){
		.kind = NSLENS_REF_PID,
		.value = target->pid,
		.has_type = true,
		.type = (__u32)type,
	};
	if (target->in.kind == NSLENS_REF_NONE)
		return 0;

	err = nslens_task_get(conn, target->pid, &target->in,
			      NSLENS_TASK_FIELD_PIDS, &task);
	if (!err && task.pids.nr)
		ref->value = task.pids.at[0];
	else
		complain("%s: %s", target->text,
			 err ? lens_reason(conn) : "no such process here");
	return err;
}

/**
 * target_ns() - find out what namespace is meant
 * @conn: to look up a task that is named by its PID elsewhere
 * @text: a TARGET; if it is a task, its namespace is meant
 * @type: the type that is expected, of enum nslens_ns_type
 * @ref: the result
 *
 * Return: 0, or a negative errno after a complaint.
 */
int target_ns(struct nslens_conn *conn, const char *text, int type,
	      struct nslens_ns_ref *ref)
{
	struct target target;
	int err = target_parse(text, &target);

	if (!err && target.kind == TARGET_CGROUP)
		err = target_task(conn, &target);
	if (err)
		return err;
	if (target.kind == TARGET_TASK)
		return ns_of_task(conn, &target, type, ref);
	if (target.ns.has_type && target.ns.type != (__u32)type) {
		complain("%s: a %s namespace, while a %s namespace is wanted",
			 text, ns_types[target.ns.type].name,
			 ns_types[type].name);
		return -EINVAL;
	}
	*ref = target.ns;
	ref->has_type = true;
	ref->type = (__u32)type;
	return 0;
}

/**
 * target_ns_inode() - the inode number of a namespace
 * @conn: to ask the module
 * @ref: the namespace; the caller's own if it says nothing
 * @type: its type
 *
 * Return: the number, 0 if the caller may not know.
 */
__u32 target_ns_inode(struct nslens_conn *conn,
		      const struct nslens_ns_ref *ref, int type)
{
	__u32 pid = (__u32)getpid();
	struct nslens_task task;
	struct stat st;

	if (ref->kind == NSLENS_REF_INO)
		return ref->value;
	if (ref->kind == NSLENS_REF_FD)
		return fstat((int)ref->value, &st) ? 0 : (__u32)st.st_ino;
	if (ref->kind == NSLENS_REF_PID)
		pid = ref->value;
	if (nslens_task_get(conn, pid, NULL, NSLENS_TASK_FIELD_NS, &task) ||
	    !(task.fields & NSLENS_TASK_FIELD_NS) || task.ns.nr <= (unsigned int)type)
		return 0;
	return task.ns.at[type];
}
