// SPDX-License-Identifier: GPL-2.0
/* Requests by a child: what the module shows from where that is. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lens.h"

struct get_call {
	struct query query;
	struct task task;
};

struct list_call {
	struct query query;
	struct tasks tasks;
};

struct translate_call {
	struct ref from, to;
	bool own;
	unsigned int n;
	__s32 pids[NSLENS_MAX_PIDS];
};

static_assert(sizeof(struct list_call) <= SCRATCH_SIZE,
	      "a list fits in a child's scratch memory");

static long get_there(void *data)
{
	struct get_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?: lens_get(&l, &call->query, &call->task);
	lens_close(&l);
	return err;
}

static long list_there(void *data)
{
	struct list_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?: lens_list(&l, &call->query, &call->tasks);
	lens_close(&l);
	return err;
}

static long translate_there(void *data)
{
	struct translate_call *call = data;
	struct lens l;
	int err;

	err = lens_open(&l) ?:
		lens_translate(&l, &call->from, &call->to, call->own,
			       call->pids, call->n);
	lens_close(&l);
	return err;
}

int child_get(struct child *c, const struct query *q, struct task *task)
{
	struct get_call call = { .query = *q };
	int err;

	err = child_do(c, get_there, &call, sizeof(call));
	*task = call.task;
	return err;
}

int child_list(struct child *c, const struct query *q, struct tasks *tasks)
{
	static struct list_call call;
	int err;

	call.query = *q;
	err = child_do(c, list_there, &call, sizeof(call));
	*tasks = call.tasks;
	return err;
}

int child_translate(struct child *c, const struct ref *from,
		    const struct ref *to, bool own, __s32 *pids,
		    unsigned int n)
{
	static struct translate_call call;
	int err;

	memset(&call, 0, sizeof(call));
	if (from)
		call.from = *from;
	if (to)
		call.to = *to;
	call.own = own;
	call.n = n;
	memcpy(call.pids, pids, n * sizeof(*pids));
	err = child_do(c, translate_there, &call, sizeof(call));
	memcpy(pids, call.pids, n * sizeof(*pids));
	return err;
}
