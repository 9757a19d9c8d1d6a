// SPDX-License-Identifier: GPL-2.0
/*
 * Errors on purpose: each is one that a kernel for debugging must tell of, or
 * else the silence of the tests that run in it means nothing. Not part of
 * nslens; scripts/test-splat loads it, and nothing else should.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void no_error(void)
{
}

static void use_after_free(void)
{
	int *p = kzalloc(sizeof(*p), GFP_KERNEL);

	kfree(p);
	if (p)
		WRITE_ONCE(*p, 1);
}

static void lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

/* Some, for the last pointers may linger in a register or on a stack. */
static void leak(void)
{
	void *p;
	int i;

	for (i = 0; i < 16; i++) {
		p = kzalloc(64, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(p);
	}
}

static void wrong_shift(void)
{
	int bits = 40;

	OPTIMIZER_HIDE_VAR(bits);
	pr_info("%d\n", 1 << bits);
}

static DEFINE_SPINLOCK(lock);

static void sleep_in_atomic(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static int __rcu *pointer;

static void rcu_without_lock(void)
{
	pr_info("%p\n", rcu_dereference(pointer));
}

static void on_timer(struct timer_list *timer)
{
}

static void free_of_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, on_timer, 0);
	mod_timer(timer, jiffies + 10 * HZ);
	kfree(timer);
}

static void hang(void)
{
	DECLARE_COMPLETION_ONSTACK(never);

	wait_for_completion_timeout(&never, 30 * HZ);
}

static unsigned long shared;

static int race_there(void *unused)
{
	while (!kthread_should_stop()) {
		shared++;
		cond_resched();
	}
	return 0;
}

static void race_here(void)
{
	struct task_struct *other = kthread_run(race_there, NULL, "splat");
	unsigned long end = jiffies + 10 * HZ;

	if (IS_ERR(other))
		return;
	while (time_before(jiffies, end)) {
		shared++;
		cond_resched();
	}
	kthread_stop(other);
}

static const struct {
	const char *name;
	void (*make)(void);
} errors[] = {
	{ "no-error", no_error },
	{ "use-after-free", use_after_free },
	{ "lock-inversion", lock_inversion },
	{ "leak", leak },
	{ "wrong-shift", wrong_shift },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "rcu-without-lock", rcu_without_lock },
	{ "free-of-timer", free_of_timer },
	{ "hang", hang },
	{ "data-race", race_here },
};

static char *error;
module_param(error, charp, 0);
MODULE_PARM_DESC(error, "which one to make");

static int __init splat_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (!error || strcmp(error, errors[i].name))
			continue;
		errors[i].make();
		return 0;
	}
	return -EINVAL;
}
module_init(splat_init);

static void __exit splat_exit(void)
{
}
module_exit(splat_exit);

MODULE_DESCRIPTION("errors on purpose, to test what finds errors");
MODULE_LICENSE("GPL");
