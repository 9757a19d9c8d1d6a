// SPDX-License-Identifier: GPL-2.0
/*
 * Errors on purpose: each is one that a kernel for debugging must tell of, or
 * else the silence of the tests that run in it means nothing. Not part of
 * nslens; scripts/test-splat loads it, and nothing else should.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);
static DEFINE_RAW_SPINLOCK(spinning_raw);
static int __rcu *published;

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

/* What PREEMPT_RT turns into a sleep, where nothing may sleep. */
static void lock_nesting(void)
{
	raw_spin_lock(&spinning_raw);
	spin_lock(&spinning);
	spin_unlock(&spinning);
	raw_spin_unlock(&spinning_raw);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spinning);
	msleep(20);
	spin_unlock(&spinning);
}

static void unprotected_rcu(void)
{
	if (rcu_dereference(published))
		pr_info("never\n");
}

static void shift_too_far(void)
{
	int bits = BITS_PER_LONG + 1;

	OPTIMIZER_HIDE_VAR(bits);
	pr_info("%lx\n", 1UL << bits);
}

static void never(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
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

static const struct {
	const char *name;
	void (*make)(void);
} errors[] = {
	{ "no-error", no_error },
	{ "use-after-free", use_after_free },
	{ "lock-inversion", lock_inversion },
	{ "lock-nesting", lock_nesting },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "unprotected-rcu", unprotected_rcu },
	{ "shift-too-far", shift_too_far },
	{ "free-active-timer", free_active_timer },
	{ "leak", leak },
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
