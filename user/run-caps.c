// SPDX-License-Identifier: GPL-2.0
/* The capabilities of the command of nslens run, in all five sets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "options.h"
#include "run-caps.h"

#define BIT(cap)	(1ULL << (cap))

/* In the order of their numbers, up to CAP_CHECKPOINT_RESTORE. */
static const char * const names[] = {
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
	"KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
	"NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
	"IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
	"SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
	"AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE",
	"MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
	"PERFMON", "BPF", "CHECKPOINT_RESTORE",
};

#define NR_NAMES	((int)(sizeof(names) / sizeof(names[0])))

const __u64 caps_docker =
	BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) |
	BIT(CAP_FOWNER) | BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) | BIT(CAP_SETGID) |
	BIT(CAP_SETUID) | BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) |
	BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) |
	BIT(CAP_AUDIT_WRITE);

const __u64 caps_podman =
	BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) |
	BIT(CAP_FOWNER) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
	BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
	BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL);

/* All that this kernel knows, which may be more or fewer than have a name. */
static __u64 all_caps(void)
{
	__u64 all = 0;

	for (int cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		all |= BIT(cap);
	return all;
}

static int cap_by_name(const char *name, size_t len)
{
	if (len > 4 && !strncasecmp(name, "CAP_", 4)) {
		name += 4;
		len -= 4;
	}
	for (int cap = 0; cap < NR_NAMES; cap++)
		if (!strncasecmp(name, names[cap], len) && !names[cap][len])
			return cap;
	return -1;
}

static int add_name(struct cap_set *set, const char *option, const char *name,
		    size_t len)
{
	int cap = cap_by_name(name, len);

	if (len == 3 && !strncasecmp(name, "ALL", 3)) {
		set->all = true;
		return 0;
	}
	if (cap < 0) {
		complain("%s %.*s: no such capability: see capabilities(7), or ALL",
			 option, (int)len, name);
		return -EINVAL;
	}
	if (!(all_caps() & BIT(cap))) {
		complain("%s %s: this kernel does not have that one", option,
			 names[cap]);
		return -EINVAL;
	}
	set->bits |= BIT(cap);
	return 0;
}

/**
 * caps_parse() - read names of capabilities
 * @set: they are added to this
 * @option: for complaints
 * @text: ALL, or names with or without CAP_, separated by commas
 *
 * Return: 0, or a negative errno after a complaint.
 */
int caps_parse(struct cap_set *set, const char *option, const char *text)
{
	for (const char *name = text;; name++) {
		size_t len = strcspn(name, ",");

		if (add_name(set, option, name, len))
			return -EINVAL;
		name += len;
		if (!*name)
			return 0;
	}
}

/**
 * caps_settle() - check that options do not contradict each other
 * @caps: what they say
 *
 * Return: 0, or a negative errno after a complaint.
 */
int caps_settle(const struct run_caps *caps)
{
	__u64 both = caps->add.bits & caps->drop.bits;

	if (caps->add.all && caps->drop.all)
		complain("--cap-add ALL and --cap-drop ALL: choose one");
	else if (both)
		complain("--cap-add %s and --cap-drop %s: choose one",
			 names[__builtin_ctzll(both)],
			 names[__builtin_ctzll(both)]);
	else
		return 0;
	return -EINVAL;
}

/**
 * caps_asked() - tell whether anything is to become of them
 * @caps: what the options say
 *
 * Return: else caps_bound() and caps_take() would change nothing.
 */
bool caps_asked(const struct run_caps *caps)
{
	return caps->has_base || caps->add.all || caps->add.bits ||
	       caps->drop.all || caps->drop.bits;
}

static void print_set(const char *what, const struct cap_set *set, FILE *out)
{
	const char *glue = " ";

	if (!set->all && !set->bits)
		return;
	fputs(what, out);
	if (set->all) {
		fputs(" ALL", out);
		glue = ",";
	}
	for (int cap = 0; cap < NR_NAMES; cap++) {
		if (!(set->bits & BIT(cap)))
			continue;
		fprintf(out, "%s%s", glue, names[cap]);
		glue = ",";
	}
}

/**
 * caps_plan() - tell what caps_bound() and caps_take() would do
 * @caps: what the options say
 * @out: where to
 */
void caps_plan(const struct run_caps *caps, FILE *out)
{
	const struct cap_set base = { .bits = caps->base };

	fputs("limit capabilities:", out);
	if (caps->has_base)
		print_set(" to", &base, out);
	print_set(" drop", &caps->drop, out);
	print_set(" add", &caps->add, out);
}

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};

	return (int)syscall(SYS_capget, &header, data);
}

static int set_caps(__u64 permitted, __u64 inheritable)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		data[i].permitted = (__u32)(permitted >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = (__u32)(inheritable >> (32 * i));
	}
	return (int)syscall(SYS_capset, &header, data);
}

/* What can be had: what we have, and may pass on. */
static int at_hand(__u64 *bits)
{
	struct __user_cap_data_struct data[2];

	if (get_caps(data))
		return -1;
	*bits = data[0].permitted | (__u64)data[1].permitted << 32;
	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_READ, cap) != 1)
			*bits &= ~BIT(cap);
	return 0;
}

/* Names beat ALL, and what is added is never taken away. */
static __u64 choose(const struct run_caps *caps, __u64 have)
{
	__u64 base = caps->has_base ? caps->base & have : have;

	if (caps->add.all)
		base = have;
	else if (caps->drop.all)
		base = 0;
	return (base & ~caps->drop.bits) | caps->add.bits;
}

/**
 * caps_leave() - tell whether the command can have a capability
 * @caps: what the options say
 * @cap: CAP_*
 */
bool caps_leave(const struct run_caps *caps, int cap)
{
	return choose(caps, ~0ULL) & BIT(cap);
}

/**
 * caps_bound() - limit what the command, and all that it executes, can get
 * @caps: what the options say
 * @left: set to what is left, for caps_take()
 *
 * Comes before the change of ids, over which it has the capabilities kept.
 *
 * Return: 0, or -1 with errno; EPERM if something is to be added that we do not
 * have.
 */
int caps_bound(const struct run_caps *caps, __u64 *left)
{
	__u64 have;

	if (at_hand(&have))
		return -1;
	*left = choose(caps, have);
	if (*left & ~have) {
		errno = EPERM;
		return -1;
	}
	for (int cap = 0; cap < 64; cap++)
		if (!(*left & BIT(cap)) && prctl(PR_CAPBSET_READ, cap) == 1 &&
		    prctl(PR_CAPBSET_DROP, cap))
			return -1;
	return prctl(PR_SET_KEEPCAPS, 1);
}

/*
 * To execute a program takes the capabilities from who is not root, but for the
 * ambient ones: those it gets that were added by name, or as ALL.
 */
static int take_ambient(const struct run_caps *caps, __u64 left)
{
	__u64 given = caps->add.all ? left : left & caps->add.bits;

	if (set_caps(given, given))
		return -1;
	for (int cap = 0; cap < 64; cap++)
		if (given & BIT(cap) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -1;
	return 0;
}

/**
 * caps_take() - have what is left, and nothing else
 * @caps: what the options say
 * @left: from caps_bound()
 *
 * Comes after the change of ids. Root inherits nothing: what is in its
 * bounding set it gets by executing a program, and what it executes as
 * another user is to get nothing (CVE-2022-24769).
 *
 * Return: 0, or -1 with errno.
 */
int caps_take(const struct run_caps *caps, __u64 left)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -1;
	return geteuid() ? take_ambient(caps, left) : set_caps(left, 0);
}
