/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, and nothing else. Each branch names the
 * kernel that made the difference, so that it can go with the last kernel
 * before it.
 */
#ifndef _NSLENS_COMPAT_H
#define _NSLENS_COMPAT_H

#include <linux/compat.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/netdevice.h>
#include <linux/ns_common.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#include <linux/sched/exec_state.h>
#endif
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <net/genetlink.h>
#include <uapi/linux/nslens.h>

/* PF_USER_WORKER, all threads that the kernel makes within a process, came in 6.4. */
#ifndef PF_USER_WORKER
#define PF_USER_WORKER	PF_IO_WORKER
#endif

/**
 * compat_ns_flag() - the CLONE_NEW* flag of a namespace's type
 * @ns: a namespace
 *
 * 6.18 moved it to where all namespaces have it ("ns: move ns type into struct
 * ns_common").
 */
static inline u32 compat_ns_flag(const struct ns_common *ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return ns->ns_type;
#else
	return ns->ops->type;
#endif
}

/**
 * compat_ns_is_counted() - are references to a namespace counted
 * @ns: the namespace
 *
 * get_pid_ns() and put_pid_ns() count none to the initial PID namespace; since 6.19
 * ("ns: add reference count") nobody counts any to an initial one.
 */
static inline bool compat_ns_is_counted(const struct ns_common *ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return !is_ns_init_id(ns);
#else
	return ns != &init_pid_ns.ns;
#endif
}

/**
 * compat_ns_get() - take a reference to a namespace of any type
 * @ns: a namespace that something keeps from being freed
 *
 * 6.18 has functions for it ("ns: rename to __ns_ref"). What is put uncounted must
 * not be counted here, or it grows until the kernel warns.
 *
 * Return: false if it is dying. Put with compat_ns_put().
 */
static inline bool compat_ns_get(struct ns_common *ns)
{
	if (!compat_ns_is_counted(ns))
		return true;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return __ns_ref_get(ns);
#else
	return refcount_inc_not_zero(&ns->count);
#endif
}

/**
 * compat_ns_put() - put a reference to a namespace of any type
 * @ns: the namespace
 *
 * Through the operations that nsfs itself puts it with, since not every type
 * has a function for it that is exported.
 *
 * Context: process; may sleep.
 */
static inline void compat_ns_put(struct ns_common *ns)
{
	ns->ops->put(ns);
}

/**
 * compat_ns_refcount() - references to a namespace that others have
 * @ns: the namespace
 * @ours: how many the caller has taken with compat_ns_get()
 */
static inline u32 compat_ns_refcount(const struct ns_common *ns, unsigned int ours)
{
	if (!compat_ns_is_counted(ns))
		ours = 0;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return __ns_ref_read(ns) - ours;
#else
	return refcount_read(&ns->count) - ours;
#endif
}

static inline bool compat_left_dumpable(const struct task_struct *task)
{
#ifdef NSLENS_HAVE_USER_DUMPABLE
	return task->user_dumpable;
#else
	return true;
#endif
}

/**
 * compat_task_dumpable() - whether /proc shows a task's private sides to its user
 * @task: a task whose task_lock() is held; or current, or one not running yet
 * @ns: set to the user namespace in which CAP_SYS_PTRACE helps if not
 *
 * 6.1.y and 6.12.y keep in mind what the address space was that a task has
 * left (task_still_dumpable() in kernel/ptrace.c); Kbuild looks for the flag.
 * 7.2 keeps it all apart from the address space, in struct task_exec_state,
 * which the task's own exec replaces, under task_lock().
 */
static inline bool compat_task_dumpable(struct task_struct *task,
					struct user_namespace **ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
	const struct task_exec_state *state =
		rcu_dereference_protected(task->exec_state, true);

	*ns = state->user_ns;
	return READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
#else
	struct mm_struct *mm = task->mm;

	if (mm) {
		*ns = mm->user_ns;
		return get_dumpable(mm) == SUID_DUMP_USER;
	}
	*ns = &init_user_ns;
	return compat_left_dumpable(task);
#endif
}

/**
 * compat_switch_how() - what moves current to other namespaces
 *
 * By the system call that it is in: the kernel itself does not tell, and
 * has no other caller of switch_task_namespaces() than these and exit.
 *
 * Context: any, on behalf of current.
 */
static inline enum nslens_switch_how compat_switch_how(void)
{
	int nr = syscall_get_nr(current, current_pt_regs());
	int setns_nr = __NR_setns, unshare_nr = __NR_unshare;

#ifdef CONFIG_IA32_EMULATION
	if (in_ia32_syscall()) {
		setns_nr = __NR_ia32_setns;
		unshare_nr = __NR_ia32_unshare;
	}
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
	/* From arch/arm/tools/syscall.tbl: where arm64 has it has changed. */
	if (is_compat_task()) {
		setns_nr = 375;
		unshare_nr = 337;
	}
#endif
#ifdef CONFIG_X86_X32_ABI
	nr &= ~__X32_SYSCALL_BIT;
#endif
	if (nr == setns_nr)
		return NSLENS_SWITCH_HOW_SETNS;
	return nr == unshare_nr ? NSLENS_SWITCH_HOW_UNSHARE :
				  NSLENS_SWITCH_HOW_OTHER;
}

/**
 * compat_syscall_arg() - an argument of the system call that current is in
 * @nth: which, from 0
 *
 * Context: any, on behalf of current.
 */
static inline unsigned long compat_syscall_arg(unsigned int nth)
{
	unsigned long args[6];

	syscall_get_arguments(current, current_pt_regs(), args);
	return args[nth];
}

/*
 * 6.2 lets ftrace tell arguments with no other register ("ftrace: abstract
 * DYNAMIC_FTRACE_WITH_ARGS accesses"), and since then that is all arm64 has.
 */
#if defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) && \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define COMPAT_ENTRY_ARG(fregs)	ftrace_regs_get_argument(fregs, 0)
#define COMPAT_ENTRY_FLAGS	FTRACE_OPS_FL_PERMANENT
#elif defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#define COMPAT_ENTRY_ARG(fregs)	\
	regs_get_kernel_argument(ftrace_get_regs(fregs), 0)
#define COMPAT_ENTRY_FLAGS	(FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_REGS)
#endif

/**
 * struct compat_entry - a function that is called where one of the kernel begins
 * @symbol: the one of the kernel
 * @fn: is called with its first argument, preemption as it was or off
 *
 * By ftrace itself where it can tell arguments: a kprobe is not called while
 * another one is on the CPU that an interrupt came upon, and, where it is made of
 * ftrace, is silenced by kernel.ftrace_enabled=0, which this one does not let
 * anybody set.
 */
struct compat_entry {
	char *symbol;
	void (*fn)(unsigned long arg);
#ifdef COMPAT_ENTRY_ARG
	struct ftrace_ops ops;
#else
	struct kprobe kp;
#endif
};

#ifdef COMPAT_ENTRY_ARG

static inline void compat_entered(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	container_of(ops, struct compat_entry, ops)->fn(COMPAT_ENTRY_ARG(fregs));
}

/* Return: 0; -EBUSY while kernel.ftrace_enabled is 0; or another -errno. */
static inline int compat_entry_register(struct compat_entry *entry)
{
	int err;

	entry->ops.func = compat_entered;
	entry->ops.flags |= COMPAT_ENTRY_FLAGS;
	err = ftrace_set_filter(&entry->ops, (unsigned char *)entry->symbol,
				strlen(entry->symbol), true);
	return err ?: register_ftrace_function(&entry->ops);
}

static inline void compat_entry_unregister(struct compat_entry *entry)
{
	unregister_ftrace_function(&entry->ops);
}

/* Once, when it is not registered and will not be again. */
static inline void compat_entry_free(struct compat_entry *entry)
{
	ftrace_free_filter(&entry->ops);
}

#else

static inline int compat_entered(struct kprobe *kp, struct pt_regs *regs)
{
	container_of(kp, struct compat_entry, kp)->fn(regs_get_kernel_argument(regs, 0));
	return 0;
}

static inline int compat_entry_register(struct compat_entry *entry)
{
	entry->kp = (struct kprobe){
		.symbol_name = entry->symbol, .pre_handler = compat_entered,
	};
	return register_kprobe(&entry->kp);
}

static inline void compat_entry_unregister(struct compat_entry *entry)
{
	unregister_kprobe(&entry->kp);
}

static inline void compat_entry_free(struct compat_entry *entry)
{
}
#endif

/* 6.18 made the flags 64 bits wide ("copy_process: pass clone_flags as u64 ..."). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define COMPAT_NEWTASK_PROTO(task)	void *data, task, u64 clone_flags
#else
#define COMPAT_NEWTASK_PROTO(task)	void *data, task, unsigned long clone_flags
#endif

/* 6.16 told the probe whether the process ends ("exit: ...group_dead"). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define COMPAT_EXIT_PROTO(task)	void *data, task, bool group_dead
#else
#define COMPAT_EXIT_PROTO(task)	void *data, task
#endif

/* Network devices, or lists of them, looked at within one RCU section. */
#define COMPAT_NETDEV_BATCH	32

/**
 * compat_count_netdevs() - count some of the devices of a network namespace
 * @net: the namespace
 * @from: where to go on, 0 at first
 * @count: is added to
 *
 * 6.6 gave the devices an index that can be walked ("net: add xarray to hold
 * netdevs by ifindex"); before, they are in lists, 256 by the ifindex.
 *
 * Return: are there more?
 */
static inline bool compat_count_netdevs(struct net *net, unsigned long *from,
					u32 *count)
{
	unsigned int n, found = 0;

	rcu_read_lock();
	for (n = 0; n < COMPAT_NETDEV_BATCH; n++, ++*from) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
		if (!xa_find(&net->dev_by_index, from, ULONG_MAX, XA_PRESENT))
			break;
		found++;
#else
		struct net_device *dev;

		if (*from == NETDEV_HASHENTRIES)
			break;
		hlist_for_each_entry_rcu(dev, &net->dev_index_head[*from],
					 index_hlist)
			found++;
#endif
	}
	rcu_read_unlock();
	*count += found;
	return n == COMPAT_NETDEV_BATCH;
}

/**
 * compat_pid_max() - the limit of a PID namespace's PIDs
 * @ns: the namespace
 *
 * 6.14 gave each its own ("pid: allow pid_max to be set per pid namespace").
 *
 * Return: the limit, or 0 where there is one for all.
 */
static inline u32 compat_pid_max(const struct pid_namespace *ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	return READ_ONCE(ns->pid_max);
#else
	return 0;
#endif
}

/* 6.8 made the range const ("netlink: make range pointers in policies const"). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#undef NLA_POLICY_FULL_RANGE
#define NLA_POLICY_FULL_RANGE(_type, _range) {				\
	.type = NLA_ENSURE_UINT_TYPE(_type),				\
	.validation_type = NLA_VALIDATE_RANGE_PTR,			\
	.range = (struct netlink_range_validation *)(_range),		\
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)

/**
 * compat_genl_register() - register a family whose operations are split
 * @family: the family, all set but for its operations
 * @ops: operations, a do and a dump each of its own
 * @n_ops: their number
 *
 * Context: process. Return: 0 or what genl_register_family() returns.
 */
static inline int compat_genl_register(struct genl_family *family,
				       const struct genl_split_ops *ops,
				       unsigned int n_ops)
{
	family->split_ops = ops;
	family->n_split_ops = n_ops;
	return genl_register_family(family);
}

static inline void compat_genl_unregister(struct genl_family *family)
{
	genl_unregister_family(family);
}

#else
/*
 * 6.2 let a do and a dump have policies of their own ("genetlink: introduce
 * split op representation"). Before it both share one: it is made of the two
 * here, and what only the other may carry is refused before the operation.
 */
struct genl_split_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*start)(struct netlink_callback *cb);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 flags;
};

#define COMPAT_MAX_CMD	15
#define COMPAT_ADMIN	(GENL_ADMIN_PERM | GENL_UNS_ADMIN_PERM)

/*
 * The operations of the one family that is registered, split by command and
 * as this kernel wants them; set before it is registered, constant while it is.
 */
struct compat_genl {
	const struct genl_split_ops *doit[COMPAT_MAX_CMD + 1];
	const struct genl_split_ops *dump[COMPAT_MAX_CMD + 1];
	struct genl_ops ops[COMPAT_MAX_CMD + 1];
	unsigned int n_ops;
};

static inline struct compat_genl *compat_genl(void)
{
	static struct compat_genl tables;

	return &tables;
}

static inline bool compat_knows(const struct genl_split_ops *op, unsigned int type)
{
	return op && op->policy && type <= op->maxattr &&
	       op->policy[type].type != NLA_UNSPEC;
}

static inline int compat_check_attrs(const struct genl_split_ops *op,
				     unsigned int maxattr,
				     struct nlattr **attrs,
				     struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 1; i <= maxattr; i++) {
		if (!attrs[i] || compat_knows(op, i))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attrs[i], "Unsupported attribute");
		return -EINVAL;
	}
	return 0;
}

static inline int compat_pre_doit(const struct genl_ops *ops,
				  struct sk_buff *skb, struct genl_info *info)
{
	return compat_check_attrs(compat_genl()->doit[ops->cmd], ops->maxattr,
				  info->attrs, info->extack);
}

static inline int compat_start(struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	const struct genl_split_ops *op = compat_genl()->dump[info->op.cmd];
	int err;

	err = compat_check_attrs(op, info->op.maxattr, info->attrs, cb->extack);
	if (err)
		return err;
	return op->start ? op->start(cb) : 0;
}

static inline int compat_merge(struct genl_ops *to, u8 cmd)
{
	const struct genl_split_ops *one = compat_genl()->doit[cmd];
	const struct genl_split_ops *other = compat_genl()->dump[cmd];
	struct nla_policy *policy;
	unsigned int i;

	to->cmd = cmd;
	if (one && other && (one->flags ^ other->flags) & COMPAT_ADMIN)
		return -EINVAL;
	to->flags = (one ?: other)->flags & COMPAT_ADMIN;
	if (one) {
		to->doit = one->doit;
		to->maxattr = one->maxattr;
	}
	if (other) {
		to->start = compat_start;
		to->dumpit = other->dumpit;
		to->done = other->done;
		to->maxattr = max(to->maxattr, other->maxattr);
	}
	policy = kcalloc(to->maxattr + 1, sizeof(*policy), GFP_KERNEL);
	if (!policy)
		return -ENOMEM;
	for (i = 0; i <= to->maxattr; i++) {
		if (compat_knows(one, i))
			memcpy(&policy[i], &one->policy[i], sizeof(*policy));
		else if (compat_knows(other, i))
			memcpy(&policy[i], &other->policy[i], sizeof(*policy));
	}
	to->policy = policy;
	return 0;
}

static inline void compat_free_ops(void)
{
	struct compat_genl *genl = compat_genl();

	while (genl->n_ops)
		kfree(genl->ops[--genl->n_ops].policy);
}

static inline void compat_genl_unregister(struct genl_family *family)
{
	genl_unregister_family(family);
	compat_free_ops();
}

static inline int compat_genl_register(struct genl_family *family,
				       const struct genl_split_ops *ops,
				       unsigned int n_ops)
{
	struct compat_genl *genl = compat_genl();
	unsigned int i;
	int err = 0;

	for (i = 0; i < n_ops; i++) {
		if (WARN_ON(ops[i].cmd > COMPAT_MAX_CMD))
			return -EINVAL;
		if (ops[i].doit)
			genl->doit[ops[i].cmd] = &ops[i];
		else
			genl->dump[ops[i].cmd] = &ops[i];
	}
	for (i = 0; i <= COMPAT_MAX_CMD && !err; i++)
		if (genl->doit[i] || genl->dump[i])
			err = compat_merge(&genl->ops[genl->n_ops++], i);
	family->ops = genl->ops;
	family->n_ops = genl->n_ops;
	family->pre_doit = compat_pre_doit;
	if (!err)
		err = genl_register_family(family);
	if (err)
		compat_free_ops();
	return err;
}
#endif

/**
 * compat_dump_attrs() - the parsed attributes of a dump's request
 * @cb: the dump
 *
 * 6.6 moved them into the genl_info of the dump.
 */
static inline struct nlattr **compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* _NSLENS_COMPAT_H */
