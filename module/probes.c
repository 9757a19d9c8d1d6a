// SPDX-License-Identifier: GPL-2.0
/* Where the kernel is listened to: there while somebody traces. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "capture.h"
#include "compat.h"
#include "probes.h"

struct linux_binprm;

/*
 * Not sched_process_fork: of threads that the kernel makes in a process, as for
 * io_uring and vhost, that does not tell.
 */
static void on_newtask(COMPAT_NEWTASK_PROTO(struct task_struct *child))
{
	/* But an idle task is none that anybody sees. */
	if (child->pid)
		nslens_capture_fork(child);
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	nslens_capture_exec(bprm);
}

static void on_exit(COMPAT_EXIT_PROTO(struct task_struct *task))
{
	/* Threads that end together may all find that none is left. */
	nslens_capture_exit(task, !atomic_read(&task->signal->live));
}

/* What is in two halves must not be seen by one probe alone. */
static bool attached;

static int on_begin_new_exec(struct kprobe *kp, struct pt_regs *regs)
{
	nslens_capture_exec_begins();
	return 0;
}

static int on_switch_task_namespaces(struct kprobe *kp, struct pt_regs *regs)
{
	const void *task = (void *)regs_get_kernel_argument(regs, 0);
	const void *next = (void *)regs_get_kernel_argument(regs, 1);

	/* Not who exits, nor a child that could not be made. */
	if (READ_ONCE(attached) && next && task == current)
		nslens_capture_nsproxy(next);
	return 0;
}

/* The kernel's compiler may have made switch_task_namespaces() part of exec. */
static int on_timens_on_fork(struct kprobe *kp, struct pt_regs *regs)
{
	const void *next = (void *)regs_get_kernel_argument(regs, 0);
	const void *task = (void *)regs_get_kernel_argument(regs, 1);

	/* Not a child, which is told by its fork. */
	if (task == current)
		nslens_capture_exec_timens(next);
	return 0;
}

static int on_commit_creds(struct kprobe *kp, struct pt_regs *regs)
{
	const struct cred *next = (void *)regs_get_kernel_argument(regs, 0);

	if (READ_ONCE(attached) && next->user_ns != current_user_ns() && current->nsproxy)
		nslens_capture_cred(next);
	return 0;
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} tracepoints[] = {
	{ "task_newtask", on_newtask },
	{ "sched_process_exec", on_exec },
	{ "sched_process_exit", on_exit },
};

static struct kprobe kprobes[] = {
	{ .symbol_name = "begin_new_exec", .pre_handler = on_begin_new_exec },
	{ .symbol_name = "switch_task_namespaces",
	  .pre_handler = on_switch_task_namespaces },
	{ .symbol_name = "commit_creds", .pre_handler = on_commit_creds },
	{ .symbol_name = "timens_on_fork", .pre_handler = on_timens_on_fork },
};

/* A kernel without time namespaces has nothing to tell of them. */
static bool may_lack(const struct kprobe *kp)
{
	return kp->pre_handler == on_timens_on_fork;
}

static void find(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (!strcmp(tp->name, tracepoints[i].name))
			tracepoints[i].tp = tp;
}

static void detach_tracepoints(unsigned int n)
{
	while (n--)
		tracepoint_probe_unregister(tracepoints[n].tp,
					    tracepoints[n].probe, NULL);
	tracepoint_synchronize_unregister();
}

static int attach_tracepoints(void)
{
	unsigned int i;
	int err = 0;

	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		err = tracepoints[i].tp ?
			tracepoint_probe_register(tracepoints[i].tp,
						  tracepoints[i].probe, NULL) :
			-ENOENT;
		if (!err)
			continue;
		pr_warn("cannot trace: no tracepoint %s (error %d)\n",
			tracepoints[i].name, err);
		detach_tracepoints(i);
		break;
	}
	return err;
}

/* It can be registered again only as it was at first. */
static void reset(struct kprobe *kp)
{
	kp->addr = NULL;
	kp->flags = 0;
}

static void detach_kprobes(unsigned int n)
{
	while (n--) {
		unregister_kprobe(&kprobes[n]);
		reset(&kprobes[n]);
	}
}

static int attach_kprobes(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(kprobes); i++) {
		err = register_kprobe(&kprobes[i]);
		if (err == -ENOENT && may_lack(&kprobes[i]))
			err = 0;
		if (!err)
			continue;
		pr_warn("cannot trace: no kprobe on %s (error %d)\n",
			kprobes[i].symbol_name, err);
		/* Its address was found, perhaps, before there was no memory. */
		reset(&kprobes[i]);
		detach_kprobes(i);
		break;
	}
	return err;
}

/**
 * nslens_probes_attach() - listen from now on
 *
 * Context: process; sleeps.
 * Return: 0 or -errno, then the log says what is missing.
 */
int nslens_probes_attach(void)
{
	int err = attach_kprobes();

	if (err)
		return err;
	err = attach_tracepoints();
	if (err)
		detach_kprobes(ARRAY_SIZE(kprobes));
	WRITE_ONCE(attached, !err);
	return err;
}

/**
 * nslens_probes_detach() - listen no more; no probe is under way after it
 *
 * Context: process; sleeps.
 */
void nslens_probes_detach(void)
{
	WRITE_ONCE(attached, false);
	detach_tracepoints(ARRAY_SIZE(tracepoints));
	detach_kprobes(ARRAY_SIZE(kprobes));
}
