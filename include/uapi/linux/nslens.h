/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	include/netlink/specs/nslens.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_NSLENS_H
#define _UAPI_LINUX_NSLENS_H

#define NSLENS_FAMILY_NAME	"nslens"
#define NSLENS_FAMILY_VERSION	1

#define NSLENS_MAX_PIDS	4096

/**
 * enum nslens_ns_type - The namespaces of a task in the order of the attribute
 *   ns of the set task. The first eight are the types; a task is a member of
 *   one of each. The last two are those that its children will be born into.
 * @NSLENS_NS_TYPE_CGROUP: cgroup_namespaces(7)
 * @NSLENS_NS_TYPE_IPC: ipc_namespaces(7)
 * @NSLENS_NS_TYPE_MNT: mount_namespaces(7)
 * @NSLENS_NS_TYPE_NET: network_namespaces(7)
 * @NSLENS_NS_TYPE_PID: pid_namespaces(7), the active one, which a task never
 *   leaves
 * @NSLENS_NS_TYPE_TIME: time_namespaces(7)
 * @NSLENS_NS_TYPE_USER: user_namespaces(7)
 * @NSLENS_NS_TYPE_UTS: uts_namespaces(7)
 * @NSLENS_NS_TYPE_PID_FOR_CHILDREN: the PID namespace of children,
 *   /proc/PID/ns/pid_for_children
 * @NSLENS_NS_TYPE_TIME_FOR_CHILDREN: the time namespace of children,
 *   /proc/PID/ns/time_for_children
 */
enum nslens_ns_type {
	NSLENS_NS_TYPE_CGROUP,
	NSLENS_NS_TYPE_IPC,
	NSLENS_NS_TYPE_MNT,
	NSLENS_NS_TYPE_NET,
	NSLENS_NS_TYPE_PID,
	NSLENS_NS_TYPE_TIME,
	NSLENS_NS_TYPE_USER,
	NSLENS_NS_TYPE_UTS,
	NSLENS_NS_TYPE_PID_FOR_CHILDREN,
	NSLENS_NS_TYPE_TIME_FOR_CHILDREN,

	/* private: */
	__NSLENS_NS_TYPE_MAX,
	NSLENS_NS_TYPE_MAX = (__NSLENS_NS_TYPE_MAX - 1)
};

/**
 * enum nslens_task_flag - what a task is
 * @NSLENS_TASK_FLAG_KTHREAD: a kernel thread, PF_KTHREAD
 * @NSLENS_TASK_FLAG_THREAD: not the leader of its thread group
 * @NSLENS_TASK_FLAG_CHILD_REAPER: PID 1 of its PID namespace
 * @NSLENS_TASK_FLAG_EXITING: on its way out, PF_EXITING; it may have left its
 *   namespaces
 * @NSLENS_TASK_FLAG_ZOMBIE: dead and not yet reaped
 * @NSLENS_TASK_FLAG_USER_WORKER: a worker the kernel made within a user
 *   process, such as io_uring's
 */
enum nslens_task_flag {
	NSLENS_TASK_FLAG_KTHREAD = 1,
	NSLENS_TASK_FLAG_THREAD = 2,
	NSLENS_TASK_FLAG_CHILD_REAPER = 4,
	NSLENS_TASK_FLAG_EXITING = 8,
	NSLENS_TASK_FLAG_ZOMBIE = 16,
	NSLENS_TASK_FLAG_USER_WORKER = 32,
};

/**
 * enum nslens_task_field - Fields of a task record. A bit's number is that of
 *   the attribute in the set task, less one.
 */
enum nslens_task_field {
	NSLENS_TASK_FIELD_PIDS = 1,
	NSLENS_TASK_FIELD_TGIDS = 2,
	NSLENS_TASK_FIELD_PPIDS = 4,
	NSLENS_TASK_FIELD_PGIDS = 8,
	NSLENS_TASK_FIELD_SIDS = 16,
	NSLENS_TASK_FIELD_NS = 32,
	NSLENS_TASK_FIELD_UID = 64,
	NSLENS_TASK_FIELD_GID = 128,
	NSLENS_TASK_FIELD_UID_INSIDE = 256,
	NSLENS_TASK_FIELD_GID_INSIDE = 512,
	NSLENS_TASK_FIELD_START_TIME = 1024,
	NSLENS_TASK_FIELD_COMM = 2048,
	NSLENS_TASK_FIELD_FLAGS = 4096,
	NSLENS_TASK_FIELD_TRACER = 8192,

	/* private: */
	NSLENS_TASK_FIELD_MASK = 16383,
};

enum {
	NSLENS_A_NS_REF_INO = 1,
	NSLENS_A_NS_REF_FD,
	NSLENS_A_NS_REF_PID,
	NSLENS_A_NS_REF_TYPE,

	__NSLENS_A_NS_REF_MAX,
	NSLENS_A_NS_REF_MAX = (__NSLENS_A_NS_REF_MAX - 1)
};

enum {
	NSLENS_A_TASK_PIDS = 1,
	NSLENS_A_TASK_TGIDS,
	NSLENS_A_TASK_PPIDS,
	NSLENS_A_TASK_PGIDS,
	NSLENS_A_TASK_SIDS,
	NSLENS_A_TASK_NS,
	NSLENS_A_TASK_UID,
	NSLENS_A_TASK_GID,
	NSLENS_A_TASK_UID_INSIDE,
	NSLENS_A_TASK_GID_INSIDE,
	NSLENS_A_TASK_START_TIME,
	NSLENS_A_TASK_COMM,
	NSLENS_A_TASK_FLAGS,
	NSLENS_A_TASK_TRACER,
	NSLENS_A_TASK_PID,
	NSLENS_A_TASK_IN,
	NSLENS_A_TASK_FIELDS,
	NSLENS_A_TASK_SUBTREE,
	NSLENS_A_TASK_MEMBER_OF,
	NSLENS_A_TASK_THREADS,

	__NSLENS_A_TASK_MAX,
	NSLENS_A_TASK_MAX = (__NSLENS_A_TASK_MAX - 1)
};

enum {
	NSLENS_A_TRANSLATE_PIDS = 1,
	NSLENS_A_TRANSLATE_FROM,
	NSLENS_A_TRANSLATE_TO,
	NSLENS_A_TRANSLATE_TO_OWN,

	__NSLENS_A_TRANSLATE_MAX,
	NSLENS_A_TRANSLATE_MAX = (__NSLENS_A_TRANSLATE_MAX - 1)
};

enum {
	NSLENS_CMD_TASK_GET = 1,
	NSLENS_CMD_PID_TRANSLATE,

	__NSLENS_CMD_MAX,
	NSLENS_CMD_MAX = (__NSLENS_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_NSLENS_H */
