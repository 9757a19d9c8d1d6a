// SPDX-License-Identifier: GPL-2.0
/* The keys that the command of nslens run finds: none of ours. */
#include <errno.h>
#include <unistd.h>

#include <linux/keyctl.h>
#include <sys/syscall.h>

#include "run.h"

/**
 * keyring_start() - have a session keyring of our own, an empty one
 * @run: the child's
 *
 * No namespace separates keys: who is in our session's keyring may read what it
 * holds, whatever its user namespace (security/keys/process_keys.c).
 *
 * Return: 0, or -1 with errno set.
 */
int keyring_start(struct run *run)
{
	(void)run;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	/* Where there are no keys, or a filter keeps all from them, none is seen. */
	return errno == EDQUOT || errno == ENOMEM ? -1 : 0;
}
