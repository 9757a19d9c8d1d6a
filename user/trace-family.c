// SPDX-License-Identifier: GPL-2.0
/*
 * When is a trace of processes over? Their events tell of forks and exits. But
 * who is not privileged is not told all of them, and some may be lost: so of
 * those that are thought to live, one is always watched by a pidfd.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/pidfd.h>

#include "trace.h"

/* PID_MAX_LIMIT of a 64-bit kernel. */
#define MAX_PID		(4U * 1024 * 1024)
#define WORD_BITS	(8U * (unsigned int)sizeof(unsigned long))

static unsigned long bit(__u32 pid)
{
	return 1UL << pid % WORD_BITS;
}

static bool has(const struct family *family, __u32 pid)
{
	return pid < MAX_PID && family->bits[pid / WORD_BITS] & bit(pid);
}

/**
 * family_begin() - start with nobody
 * @family: the family; limited until someone says otherwise
 *
 * Return: 0 or -ENOMEM.
 */
int family_begin(struct family *family)
{
	*family = (struct family){ .limited = true, .pidfd = -1 };
	/* Pages that are not touched cost nothing. */
	family->bits = calloc(MAX_PID / WORD_BITS, sizeof(*family->bits));
	return family->bits ? 0 : -ENOMEM;
}

/**
 * family_add() - a process belongs to it
 * @family: the family
 * @pid: PID of the process here
 */
void family_add(struct family *family, __u32 pid)
{
	if (!pid || pid >= MAX_PID || has(family, pid))
		return;
	family->bits[pid / WORD_BITS] |= bit(pid);
	family->nr++;
	if (pid < family->next)
		family->next = pid;
}

static void forget_watched(struct family *family)
{
	if (family->pidfd >= 0)
		close(family->pidfd);
	family->pidfd = -1;
	family->watched = 0;
}

static void remove_pid(struct family *family, __u32 pid)
{
	if (!has(family, pid))
		return;
	family->bits[pid / WORD_BITS] &= ~bit(pid);
	family->nr--;
	/* The number may soon be another's. */
	if (pid == family->watched)
		forget_watched(family);
}

/**
 * family_note() - learn from an event
 * @family: the family
 * @event: the event
 */
void family_note(struct family *family, const struct nslens_event *event)
{
	__u32 kind = nslens_event_u32(event, NSLENS_A_EVENT_KIND);
	struct nslens_array tgids;

	if (kind == NSLENS_EVENT_KIND_NS_CREATE)
		family->namespaces++;
	else if (kind == NSLENS_EVENT_KIND_NS_DESTROY && family->namespaces)
		family->namespaces--;

	tgids = nslens_event_array(event, NSLENS_A_EVENT_TGIDS);
	if (!tgids.nr)
		return;
	if (kind != NSLENS_EVENT_KIND_EXIT) {
		if (family->grows)
			family_add(family, tgids.at[0]);
	} else if (nslens_event_u32(event, NSLENS_A_EVENT_FLAGS) &
		   NSLENS_EVENT_FLAG_LAST) {
		remove_pid(family, tgids.at[0]);
	}
}

static __u32 lowest(struct family *family)
{
	__u32 pid = family->next;

	while (!has(family, pid))
		pid += family->bits[pid / WORD_BITS] ? 1 :
		       WORD_BITS - pid % WORD_BITS;
	family->next = pid;
	return pid;
}

/**
 * family_watch() - have something to wait for
 * @family: the family
 *
 * Return: a file descriptor that can be read when one of them has ended, for
 * family_ended() to be called; -1 if none of them lives.
 */
int family_watch(struct family *family)
{
	while (family->nr && family->pidfd < 0) {
		__u32 pid = lowest(family);

		family->pidfd = pidfd_open((pid_t)pid, 0);
		if (family->pidfd >= 0)
			family->watched = pid;
		else if (errno != EMFILE && errno != ENFILE && errno != ENOMEM)
			remove_pid(family, pid);
		else
			break;
	}
	return family->pidfd;
}

/**
 * family_ended() - who was watched has ended, and all events of it have come
 * @family: the family
 */
void family_ended(struct family *family)
{
	if (family->watched)
		remove_pid(family, family->watched);
}

/**
 * family_end() - free what it holds
 * @family: the family
 */
void family_end(struct family *family)
{
	forget_watched(family);
	free(family->bits);
}
