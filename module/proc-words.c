// SPDX-License-Identifier: GPL-2.0
/* What is written to /proc/nslens/trace: a line is a change of the session. */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/string.h>

#include "access.h"
#include "compat.h"
#include "event-text.h"
#include "ns.h"
#include "nsref.h"
#include "proc-words.h"
#include "target-make.h"
#include "target.h"
#include "trace.h"

/* The next word, or NULL. */
static char *word(char **line)
{
	char *found;

	do {
		found = strsep(line, " \t");
	} while (found && !*found);
	return found;
}

/* fork,exec,... */
static int set_events(struct nslens_trace_change *change, char *list)
{
	char *name;
	int kind;

	if (!list)
		return -EINVAL;
	change->set_events = true;
	while ((name = strsep(&list, ","))) {
		kind = match_string(nslens_event_names,
				    NSLENS_EVENT_KIND_LOST, name);
		if (kind < 0)
			return -EINVAL;
		change->events |= BIT(kind);
	}
	return 0;
}

static struct nslens_target *target_of_pid(char *nr, bool follow,
					   const struct nslens_viewer *viewer)
{
	u32 pid;

	if (!nr || kstrtou32(nr, 10, &pid))
		return ERR_PTR(-EINVAL);
	return nslens_target_of_pid(pid, viewer->pid_ns, follow);
}

/* TYPE:[INODE], as readlink() has it, in the attribute that netlink has. */
static struct nslens_target *target_of_ns(const char *text,
					  const struct nslens_viewer *viewer)
{
	struct {
		struct nlattr nest;
		struct nlattr ino_attr;
		u32 ino;
		struct nlattr type_attr;
		u32 type;
	} attr = {
		.nest = { .nla_len = sizeof(attr), .nla_type = NLA_F_NESTED },
		.ino_attr = { .nla_len = NLA_HDRLEN + sizeof(u32),
			      .nla_type = NSLENS_A_NS_REF_INO },
		.type_attr = { .nla_len = NLA_HDRLEN + sizeof(u32),
			       .nla_type = NSLENS_A_NS_REF_TYPE },
	};
	struct netlink_ext_ack extack = {};
	struct nslens_target *target;
	struct nslens_nsref ref;
	size_t len;
	int err;

	if (!text)
		return ERR_PTR(-EINVAL);
	for (attr.type = 0; attr.type < NSLENS_NR_NS; attr.type++) {
		if (nslens_is_for_children(attr.type))
			continue;
		len = strlen(nslens_ns_types[attr.type].name);
		if (!strncmp(text, nslens_ns_types[attr.type].name, len) &&
		    text[len] == ':')
			break;
	}
	if (attr.type == NSLENS_NR_NS ||
	    sscanf(text + len, ":[%u]", &attr.ino) != 1)
		return ERR_PTR(-EINVAL);
	err = nslens_nsref_get(&ref, &attr.nest, viewer, &extack);
	if (err)
		return ERR_PTR(err);
	target = nslens_target_of_ns(&ref);
	nslens_nsref_put(&ref);
	return target;
}

static struct nslens_target *target_of(const char *kind, char **line,
				       bool *follow,
				       const struct nslens_viewer *viewer)
{
	char *name, *rest;

	if (!strcmp(kind, "all"))
		return nslens_target_of_all();
	name = word(line);
	if (!name)
		return ERR_PTR(-EINVAL);
	if (!strcmp(kind, "ns"))
		return target_of_ns(name, viewer);
	if (!strcmp(kind, "cgroup"))
		return nslens_target_of_cgroup(name);
	if (strcmp(kind, "pid"))
		return ERR_PTR(-EINVAL);
	rest = *line ? skip_spaces(*line) : "";
	*follow = str_has_prefix(rest, "follow") &&
		  (!rest[6] || rest[6] == ' ' || rest[6] == '\t');
	if (*follow)
		word(line);
	return target_of_pid(name, *follow, viewer);
}

/**
 * nslens_proc_words() - what a line asks for
 * @change: set up with empty lists; what is in them is the caller's also on
 *	error
 * @line: the line, without its newline; taken apart
 * @viewer: who has written it
 *
 *	[remove] pid PID [follow] | ns TYPE:[INODE] | cgroup PATH | all  [exists]
 *	events EVENT,...
 *
 * Context: process.
 * Return: 0; -EINVAL for what is no such line; -ESRCH, -ENOENT, -EPERM for a
 * target that there is not, or not for the viewer.
 */
int nslens_proc_words(struct nslens_trace_change *change, char *line,
		      const struct nslens_viewer *viewer)
{
	struct nslens_target *target;
	bool remove, follow = false;
	char *first = word(&line);
	int err;

	if (!first)
		return 0;
	if (!strcmp(first, "events")) {
		err = set_events(change, word(&line));
		return err ?: word(&line) ? -EINVAL : 0;
	}
	remove = !strcmp(first, "remove");
	if (remove)
		first = word(&line);
	if (!first)
		return -EINVAL;
	target = target_of(first, &line, &follow, viewer);
	if (IS_ERR(target))
		return PTR_ERR(target);
	list_add_tail(&target->list, remove ? &change->remove : &change->add);
	first = word(&line);
	if (!first)
		return 0;
	change->exists = !remove && !strcmp(first, "exists");
	return change->exists && !word(&line) ? 0 : -EINVAL;
}
