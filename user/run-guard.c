// SPDX-License-Identifier: GPL-2.0
/*
 * A command without -t that writes to our terminal could type there, and what
 * it types our shell would execute (CVE-2017-5226), if it is privileged enough
 * for a terminal that is not its own: CAP_SYS_ADMIN, outside user namespaces. It
 * then could as well make it its own, and take it from our shell.
 */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "run-guard.h"
#include "run.h"

/**
 * guard_wanted() - whether a terminal of ours is in reach of the command
 * @run: what is wanted; the child's, with its files in place
 */
bool guard_wanted(const struct run *run)
{
	const struct run_life *life = &run->life;
	bool any = false;

	if (ns_is_new(run, NSLENS_NS_TYPE_USER))
		return false;
	for (int fd = 0; fd <= STDERR_FILENO && !life->tty; fd++)
		any |= isatty(fd);
	for (int i = 0; i < life->nr_keep_fds; i++)
		any |= isatty(life->keep_fds[i]);
	return any;
}

#define LOAD_AT(offset)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define LOAD(field)	LOAD_AT(offsetof(struct seccomp_data, field))
/* Skip so many of what follows if it is that, or if it is not. */
#define IF(value, skip)		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skip, 0)
#define UNLESS(value, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define RETURN(what)		BPF_STMT(BPF_RET | BPF_K, what)

#if defined(__x86_64__)
#define THIS_ARCH	AUDIT_ARCH_X86_64
#define OTHER_ARCH	AUDIT_ARCH_I386
#define OTHER_IOCTL	54
#define THIRD_IOCTL	(0x40000000 | 514)	/* of x32 */
#elif defined(__aarch64__)
#define THIS_ARCH	AUDIT_ARCH_AARCH64
#define OTHER_ARCH	AUDIT_ARCH_ARM
#define OTHER_IOCTL	54
#define THIRD_IOCTL	SYS_ioctl
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOWER_HALF	4
#else
#define LOWER_HALF	0
#endif

static struct sock_filter code[] = {
#ifdef THIS_ARCH
	LOAD(arch),
	IF(OTHER_ARCH, 5),
	UNLESS(THIS_ARCH, 12),
	LOAD(nr),
	IF(SYS_ioctl, 4),
	IF(THIRD_IOCTL, 3),
	RETURN(SECCOMP_RET_ALLOW),
	LOAD(nr),
	UNLESS(OTHER_IOCTL, 6),
#else
	LOAD(nr),
	UNLESS(SYS_ioctl, 6),
#endif
	/* The kernel looks at no more of a request. */
	LOAD_AT(offsetof(struct seccomp_data, args[1]) + LOWER_HALF),
	IF(TIOCSTI, 5),
	IF(TIOCLINUX, 4),
	UNLESS(TIOCSCTTY, 2),
	/* It may take one that is nobody's, not take it away. */
	LOAD_AT(offsetof(struct seccomp_data, args[2]) + LOWER_HALF),
	UNLESS(0, 1),
	RETURN(SECCOMP_RET_ALLOW),
	RETURN(SECCOMP_RET_ERRNO | EPERM),
};

/**
 * guard_set() - let the command type nowhere
 * @run: the child's
 *
 * Return: 0, or -1 with errno set.
 */
int guard_set(struct run *run)
{
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	(void)run;
	/* Who may not even do this can type to no terminal but its own. */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) &&
	       errno != EACCES ? -1 : 0;
}
