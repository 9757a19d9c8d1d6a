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

/*
 * The enums by which types, what may change, and hows are told apart. The last
 * one is given apart, as it ends a list.
 */
#define nslens_each_type(x, end)					\
	x(CGROUP, cgroup) x(IPC, ipc) x(MNT, mnt) x(NET, net)		\
	x(PID, pid) x(TIME, time) x(USER, user) end(UTS, uts)

#define nslens_each_ns(x, end)						\
	nslens_each_type(x, x) x(PID_FOR_CHILDREN, pid_for_children)	\
	end(TIME_FOR_CHILDREN, time_for_children)

#define nslens_each_how(x, end)						\
	x(SETNS, setns) x(UNSHARE, unshare) x(EXEC, exec) end(OTHER, other)

/* What reads the format knows no enum by its name. */
#define DEFINE_TYPE(ENUM, name)	TRACE_DEFINE_ENUM(NSLENS_NS_TYPE_##ENUM);
#define DEFINE_BIT(ENUM, name)	TRACE_DEFINE_ENUM(NSLENS_NS_TYPES_##ENUM);
#define DEFINE_HOW(ENUM, name)	TRACE_DEFINE_ENUM(NSLENS_SWITCH_HOW_##ENUM);
nslens_each_type(DEFINE_TYPE, DEFINE_TYPE)
nslens_each_ns(DEFINE_BIT, DEFINE_BIT)
nslens_each_how(DEFINE_HOW, DEFINE_HOW)

#define NAME_TYPE(ENUM, name)	{ NSLENS_NS_TYPE_##ENUM, #name },
#define LAST_TYPE(ENUM, name)	{ NSLENS_NS_TYPE_##ENUM, #name }
#define NAME_BIT(ENUM, name)	{ NSLENS_NS_TYPES_##ENUM, #name },
#define LAST_BIT(ENUM, name)	{ NSLENS_NS_TYPES_##ENUM, #name }
#define NAME_HOW(ENUM, name)	{ NSLENS_SWITCH_HOW_##ENUM, #name },
#define LAST_HOW(ENUM, name)	{ NSLENS_SWITCH_HOW_##ENUM, #name }

#define show_type(type)							\
	__print_symbolic(type, nslens_each_type(NAME_TYPE, LAST_TYPE))
#define show_types(bits)						\
	__print_flags(bits, ",", nslens_each_ns(NAME_BIT, LAST_BIT))
#define show_how(how)							\
	__print_symbolic(how, nslens_each_how(NAME_HOW, LAST_HOW))

/* A field for each namespace, so that a filter can name it. */
#define NS_FIELD(ENUM, name)	__field(u32, name##_ns)
#define NS_ASSIGN(ENUM, name)						\
	__entry->name##_ns = r->ns.ino[ilog2(NSLENS_NS_TYPES_##ENUM)];
#define NS_FORMAT(ENUM, name)	" " #name "_ns=%u"
#define NS_PRINT(ENUM, name)	__entry->name##_ns,
#define NS_LAST(ENUM, name)	__entry->name##_ns

#define OLD_FIELD(ENUM, name)	__field(u32, old_##name##_ns)
#define OLD_ASSIGN(ENUM, name)						\
	__entry->old_##name##_ns =					\
		nslens_rec_old_ns(r)->ino[ilog2(NSLENS_NS_TYPES_##ENUM)];
#define OLD_FORMAT(ENUM, name)	" old_" #name "_ns=%u"
#define OLD_PRINT(ENUM, name)	__entry->old_##name##_ns,
#define OLD_LAST(ENUM, name)	__entry->old_##name##_ns

/*
 * What fork, exec, exit and switch tell of the task. PIDs are those of the
 * initial PID namespace; in pids there is one for each level, from there on. What
 * perf 6.1 cannot read is not in the formats: no length of an array, no sizeof.
 */
#define TASK_FIELDS							\
	__field(u32, pid)						\
	__field(u32, tgid)						\
	__field(u64, start_time)					\
	__field(u64, cgroup_id)						\
	nslens_each_ns(NS_FIELD, NS_FIELD)				\
	__array(char, comm, TASK_COMM_LEN)				\
	__field(u32, levels)						\
	__dynamic_array(u32, pids, r->levels)

#define TASK_ASSIGN							\
	__entry->pid = nslens_rec_upids(r)[0].nr;			\
	__entry->tgid = r->tgid;					\
	__entry->start_time = r->start;					\
	__entry->cgroup_id = r->cgroup_id;				\
	nslens_each_ns(NS_ASSIGN, NS_ASSIGN)				\
	memcpy(__entry->comm, r->comm, TASK_COMM_LEN);			\
	__entry->levels = r->levels;					\
	copy_pids(r, __get_dynamic_array(pids))

#define TASK_FORMAT							\
	" comm=%s pid=%u tgid=%u pids=%s start_time=%llu cgroup_id=%llu" \
	nslens_each_ns(NS_FORMAT, NS_FORMAT)

#define TASK_PRINT							\
	__entry->comm, __entry->pid, __entry->tgid,			\
	__print_array(__get_dynamic_array(pids), __entry->levels, 4),	\
	__entry->start_time, __entry->cgroup_id,			\
	nslens_each_ns(NS_PRINT, NS_LAST)

TRACE_EVENT_FN(fork,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, parent_pid)
		__field(u32, parent_tgid)
		__field(u32, created)
		TASK_FIELDS
	),
	TP_fast_assign(
		__entry->parent_pid = nslens_rec_parent_pids(r)[0];
		__entry->parent_tgid = r->parent_tgid;
		__entry->created = r->mask;
		TASK_ASSIGN;
	),
	TP_printk("parent_pid=%u parent_tgid=%u created=%s" TASK_FORMAT,
		  __entry->parent_pid, __entry->parent_tgid,
		  show_types(__entry->created), TASK_PRINT),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(exec,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__array(char, old_comm, TASK_COMM_LEN)
		TASK_FIELDS
		__dynamic_array(char, filename, r->name)
	),
	TP_fast_assign(
		if (r->has_old_comm)
			memcpy(__entry->old_comm, nslens_rec_old_comm(r),
			       TASK_COMM_LEN);
		else
			__entry->old_comm[0] = '\0';
		memcpy(__get_dynamic_array(filename), nslens_rec_name(r),
		       r->name);
		TASK_ASSIGN;
	),
	TP_printk("filename=%s old_comm=%s" TASK_FORMAT,
		  __get_str(filename), __entry->old_comm, TASK_PRINT),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(exit,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, code)
		__field(bool, last)
		TASK_FIELDS
	),
	TP_fast_assign(
		__entry->code = r->value;
		__entry->last = r->flags & NSLENS_EVENT_FLAG_LAST;
		TASK_ASSIGN;
	),
	TP_printk("status=%u signal=%u last=%d" TASK_FORMAT,
		  __entry->code >> 8 & 0xff, __entry->code & 0x7f,
		  __entry->last, TASK_PRINT),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(switch,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, how)
		__field(u32, changed)
		nslens_each_ns(OLD_FIELD, OLD_FIELD)
		TASK_FIELDS
	),
	TP_fast_assign(
		__entry->how = r->how;
		__entry->changed = r->mask;
		nslens_each_ns(OLD_ASSIGN, OLD_ASSIGN)
		TASK_ASSIGN;
	),
	TP_printk("how=%s changed=%s" TASK_FORMAT
		  nslens_each_ns(OLD_FORMAT, OLD_FORMAT),
		  show_how(__entry->how), show_types(__entry->changed),
		  TASK_PRINT, nslens_each_ns(OLD_PRINT, OLD_LAST)),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(ns_create,
	TP_PROTO(const struct nslens_rec *r, int type, u32 ino, u64 id),
	TP_ARGS(r, type, ino, id),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, creator)
		__field(u32, type)
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
	TP_printk("type=%s ino=%u id=%llu pid=%u creator=%u",
		  show_type(__entry->type), __entry->ino, __entry->id,
		  __entry->pid, __entry->creator),
	nslens_events_reg, nslens_events_unreg
);

TRACE_EVENT_FN(ns_destroy,
	TP_PROTO(const struct nslens_rec *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, ino)
		__field(u64, id)
	),
	TP_fast_assign(
		__entry->type = r->type;
		__entry->ino = r->value;
		__entry->id = r->start;
	),
	TP_printk("type=%s ino=%u id=%llu", show_type(__entry->type),
		  __entry->ino, __entry->id),
	nslens_events_reg, nslens_events_unreg
);

#endif /* _NSLENS_EVENTS_H */

/* This part must be outside protection */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events
#include <trace/define_trace.h>
