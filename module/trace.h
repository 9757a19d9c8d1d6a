/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_TRACE_H
#define _NSLENS_TRACE_H

#include <linux/list.h>
#include <linux/types.h>

struct file;
struct nslens_front;
struct nslens_session;
struct nslens_viewer;
struct work_struct;

/* Targets that a session may have, and a user who may not see everything. */
#define NSLENS_MAX_TARGETS	1024

void nslens_trace_kick(void);
void nslens_trace_hurry(void);

int nslens_trace_run(void);
void nslens_trace_rest(void);

/**
 * struct nslens_trace_change - how to change a session
 * @add: list of struct nslens_target to be traced, too; empty if all went well
 * @remove: list of struct nslens_target to be traced no more
 * @set_events: @events counts
 * @set_fields: @fields counts
 * @exists: say what matches @add already
 * @events: enum nslens_event_mask
 * @fields: enum nslens_event_field
 */
struct nslens_trace_change {
	struct list_head add;
	struct list_head remove;
	bool set_events;
	bool set_fields;
	bool exists;
	u32 events;
	u32 fields;
};

int nslens_trace_open(struct nslens_session *session,
		      const struct nslens_front *front,
		      const struct nslens_viewer *viewer,
		      const struct nslens_trace_change *change);
void nslens_trace_close(struct nslens_session *session);
int nslens_trace_change(struct nslens_session *session,
			struct nslens_trace_change *change);
void nslens_trace_wake(void);
void nslens_trace_do(struct work_struct *work);
void nslens_trace_drain(void);
void nslens_trace_want(void);

void nslens_trace_lock(void);
void nslens_trace_unlock(void);
struct list_head *nslens_trace_sessions(void);

int nslens_trace_init(void);
void nslens_trace_exit(void);

#endif /* _NSLENS_TRACE_H */
