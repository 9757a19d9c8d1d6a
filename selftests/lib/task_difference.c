// SPDX-License-Identifier: GPL-2.0
/* Two records of a task, from two sources. */
#include <string.h>
#include <unistd.h>

#include "census.h"

static int same_numbers(const struct numbers *a, const struct numbers *b)
{
	return a->n == b->n && !memcmp(a->v, b->v, a->n * sizeof(*a->v));
}

/* For a kernel thread /proc may have more to say behind the name. */
static int same_name(const struct task *a, const struct task *b)
{
	const size_t n = strlen(a->comm), m = strlen(b->comm);

	return a->flags & NSLENS_TASK_FLAG_KTHREAD ?
		!strncmp(a->comm, b->comm, n < m ? n : m) :
		!strcmp(a->comm, b->comm);
}

/**
 * task_difference() - the first field that both have and that differs
 * @a: a record
 * @b: another; the start of one of them may be rounded to clock ticks
 *
 * Return: the field, NULL if there is none.
 */
const char *task_difference(const struct task *a, const struct task *b)
{
	const __u32 both = a->present & b->present;
	const __u64 tick = 1000000000 / sysconf(_SC_CLK_TCK);
	const struct {
		__u32 field;
		const char *name;
		int same;
	} fields[] = {
#define IS_SAME(NAME, what) { NSLENS_TASK_FIELD_##NAME, #NAME, what }
		IS_SAME(PIDS, same_numbers(&a->pids, &b->pids)),
		IS_SAME(TGIDS, same_numbers(&a->tgids, &b->tgids)),
		IS_SAME(PPIDS, same_numbers(&a->ppids, &b->ppids)),
		IS_SAME(PGIDS, same_numbers(&a->pgids, &b->pgids)),
		IS_SAME(SIDS, same_numbers(&a->sids, &b->sids)),
		IS_SAME(NS, same_numbers(&a->ns, &b->ns)),
		IS_SAME(UID, a->uid == b->uid),
		IS_SAME(GID, a->gid == b->gid),
		IS_SAME(UID_INSIDE, a->uid_inside == b->uid_inside),
		IS_SAME(GID_INSIDE, a->gid_inside == b->gid_inside),
		IS_SAME(START_TIME,
			a->start_time / tick == b->start_time / tick),
		IS_SAME(COMM, same_name(a, b)),
		IS_SAME(FLAGS, a->flags == b->flags),
		IS_SAME(TRACER, a->tracer == b->tracer),
		IS_SAME(CGROUP_ID, a->cgroup_id == b->cgroup_id),
		IS_SAME(CGROUP, !strcmp(a->cgroup, b->cgroup)),
		IS_SAME(OUTSIDE, a->outside == b->outside),
#undef IS_SAME
	};
	unsigned int i;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (both & fields[i].field && !fields[i].same)
			return fields[i].name;
	return NULL;
}
