/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nslens

#if !defined(_NSLENS_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NSLENS_EVENTS_H

#include <linux/tracepoint.h>

#include "ns.h"
#include "rec.h"

int nslens_events_reg(void);
void nslens_events_unreg(void);

/* The PID that the task itself knows, and how many levels down that is. */
#define nslens_inner(r)		(nslens_rec_upids(r)[(r)->levels - 1].nr)

#define nslens_show_types(mask)						\
	__print_flags(mask, ",",					\
		      { NSLENS_NS_TYPES_CGROUP, "cgroup" },		\
		      { NSLENS_NS_TYPES_IPC, "ipc" },			\
		      { NSLENS_NS_TYPES_MNT, "mnt" },			\
		      { NSLENS_NS_TYPES_NET, "net" },			\
		      { NSLENS_NS_TYPES_PID, "pid" },			\
		      { NSLENS_NS_TYPES_TIME, "time" },			\
		      { NSLENS_NS_TYPES_USER, "user" },			\
		      { NSLENS_NS_TYPES_UTS, "uts" },			\
		      { NSLENS_NS_TYPES_PID_FOR_CHILDREN, "pid_for_children" }, \
		      { NSLENS_NS_TYPES_TIME_FOR_CHILDREN, "time_for_children" })

#define nslens_show_type(type)						\
	__print_symbolic(type,						\
			 { NSLENS_NS_TYPE_CGROUP, "cgroup" },		\
			 { NSLENS_NS_TYPE_IPC, "ipc" },			\
			 { NSLENS_NS_TYPE_MNT, "mnt" },			\
			 { NSLENS_NS_TYPE_NET, "net" },			\
			 { NSLENS_NS_TYPE_PID, "pid" },			\
			 { NSLENS_NS_TYPE_TIME, "time" },		\
			 { NSLENS_NS_TYPE_USER, "user" },		\
			 { NSLENS_NS_TYPE_UTS, "uts" })

/* PIDs are those of the initial PID namespace, but for inner_pid. */
TRACE_EVENT_FN(fork,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, inner_pid)
		__field(u32, level)
		__field(u32, parent_pid)
		__field(u32, parent_tgid)
		__field(u32, created)
		__field(u64, cgroup_id)
		__array(u32, ns, NSLENS_NR_NS)
		__array(char, comm, TASK_COMM_LEN)
	),
	TP_fast_assign(
		__entry->pid = nslens_rec_upids(r)[0].nr;
		__entry->tgid = r->tgid;
		__entry->inner_pid = nslens_inner(r);
		__entry->level = r->levels - 1;
		__entry->parent_pid = nslens_rec_parent_pids(r)[0];
		__entry->parent_tgid = r->parent_tgid;
		__entry->created = r->mask;
		__entry->cgroup_id = r->cgroup_id;
		memcpy(__entry->ns, r->ns.ino, sizeof(__entry->ns));
		memcpy(__entry->comm, r->comm, TASK_COMM_LEN);
	),
	TP_printk("comm=%s pid=%u tgid=%u level=%u inner_pid=%u parent=%u created=%s ns=%s",
		  __entry->comm, __entry->pid, __entry->tgid, __entry->level,
		  __entry->inner_pid, __entry->parent_pid,
		  nslens_show_types(__entry->created),
		  __print_array(__entry->ns, NSLENS_NR_NS, sizeof(u32))),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(exec,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, inner_pid)
		__field(u32, level)
		__field(u64, cgroup_id)
		__array(u32, ns, NSLENS_NR_NS)
		__array(char, comm, TASK_COMM_LEN)
		__array(char, old_comm, TASK_COMM_LEN)
		__dynamic_array(char, filename, r->name)
	),
	TP_fast_assign(
		__entry->pid = nslens_rec_upids(r)[0].nr;
		__entry->tgid = r->tgid;
		__entry->inner_pid = nslens_inner(r);
		__entry->level = r->levels - 1;
		__entry->cgroup_id = r->cgroup_id;
		memcpy(__entry->ns, r->ns.ino, sizeof(__entry->ns));
		memcpy(__entry->comm, r->comm, TASK_COMM_LEN);
		if (r->has_old_comm)
			memcpy(__entry->old_comm, nslens_rec_old_comm(r),
			       TASK_COMM_LEN);
		else
			__entry->old_comm[0] = '\0';
		memcpy(__get_dynamic_array(filename), nslens_rec_name(r), r->name);
	),
	TP_printk("filename=%s comm=%s old_comm=%s pid=%u tgid=%u level=%u inner_pid=%u ns=%s",
		  (char *)__get_dynamic_array(filename), __entry->comm,
		  __entry->old_comm, __entry->pid, __entry->tgid,
		  __entry->level, __entry->inner_pid,
		  __print_array(__entry->ns, NSLENS_NR_NS, sizeof(u32))),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(exit,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, inner_pid)
		__field(u32, level)
		__field(u32, code)
		__field(bool, last)
		__field(u64, cgroup_id)
		__array(u32, ns, NSLENS_NR_NS)
		__array(char, comm, TASK_COMM_LEN)
	),
	TP_fast_assign(
		__entry->pid = nslens_rec_upids(r)[0].nr;
		__entry->tgid = r->tgid;
		__entry->inner_pid = nslens_inner(r);
		__entry->level = r->levels - 1;
		__entry->code = r->value;
		__entry->last = r->flags & NSLENS_EVENT_FLAG_LAST;
		__entry->cgroup_id = r->cgroup_id;
		memcpy(__entry->ns, r->ns.ino, sizeof(__entry->ns));
		memcpy(__entry->comm, r->comm, TASK_COMM_LEN);
	),
	TP_printk("comm=%s pid=%u tgid=%u level=%u inner_pid=%u status=%u signal=%u last=%d ns=%s",
		  __entry->comm, __entry->pid, __entry->tgid, __entry->level,
		  __entry->inner_pid, __entry->code >> 8 & 0xff,
		  __entry->code & 0x7f, __entry->last,
		  __print_array(__entry->ns, NSLENS_NR_NS, sizeof(u32))),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(switch,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, inner_pid)
		__field(u32, level)
		__field(u32, how)
		__field(u32, changed)
		__field(u64, cgroup_id)
		__array(u32, old_ns, NSLENS_NR_NS)
		__array(u32, ns, NSLENS_NR_NS)
		__array(char, comm, TASK_COMM_LEN)
	),
	TP_fast_assign(
		__entry->pid = nslens_rec_upids(r)[0].nr;
		__entry->tgid = r->tgid;
		__entry->inner_pid = nslens_inner(r);
		__entry->level = r->levels - 1;
		__entry->how = r->how;
		__entry->changed = r->mask;
		__entry->cgroup_id = r->cgroup_id;
		memcpy(__entry->old_ns, nslens_rec_old_ns(r)->ino,
		       sizeof(__entry->old_ns));
		memcpy(__entry->ns, r->ns.ino, sizeof(__entry->ns));
		memcpy(__entry->comm, r->comm, TASK_COMM_LEN);
	),
	TP_printk("comm=%s pid=%u tgid=%u level=%u inner_pid=%u how=%s changed=%s old_ns=%s ns=%s",
		  __entry->comm, __entry->pid, __entry->tgid, __entry->level,
		  __entry->inner_pid,
		  __print_symbolic(__entry->how,
				   { NSLENS_SWITCH_HOW_SETNS, "setns" },
				   { NSLENS_SWITCH_HOW_UNSHARE, "unshare" },
				   { NSLENS_SWITCH_HOW_EXEC, "exec" },
				   { NSLENS_SWITCH_HOW_OTHER, "other" }),
		  nslens_show_types(__entry->changed),
		  __print_array(__entry->old_ns, NSLENS_NR_NS, sizeof(u32)),
		  __print_array(__entry->ns, NSLENS_NR_NS, sizeof(u32))),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(ns_create,
	TP_PROTO(const struct nslens_rec *r, int type, u32 ino, u64 id),
	TP_ARGS(r, type, ino, id),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, creator)
		__field(int, type)
		__field(u32, ino)
		__field(u64, id)
	),
	TP_fast_assign(
		__entry->pid = nslens_rec_upids(r)[0].nr;
		__entry->creator = r->kind == NSLENS_EVENT_KIND_FORK ?
			nslens_rec_parent_pids(r)[0] : __entry->pid;
		__entry->type = type;
		__entry->ino = ino;
		__entry->id = id;
	),
	TP_printk("%s:[%u] id=%llu pid=%u creator=%u",
		  nslens_show_type(__entry->type), __entry->ino, __entry->id,
		  __entry->pid, __entry->creator),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(ns_destroy,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(int, type)
		__field(u32, ino)
	),
	TP_fast_assign(
		__entry->type = r->type;
		__entry->ino = r->value;
	),
	TP_printk("%s:[%u]", nslens_show_type(__entry->type), __entry->ino),
	nslens_events_reg, nslens_events_unreg
);

#endif /* _NSLENS_EVENTS_H */

/* This part must be outside protection */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events
#include <trace/define_trace.h>
