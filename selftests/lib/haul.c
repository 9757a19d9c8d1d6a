// SPDX-License-Identifier: GPL-2.0
/*
 * All that somebody was told, in whatever attribute or word, against all that
 * his own /proc does not tell him.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "haul.h"
#include "ns_types.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static void add_bytes(struct haul *h, const void *bytes, unsigned int n)
{
	if (n > sizeof(h->bytes) - 1 - h->n)
		abort();
	memcpy(h->bytes + h->n, bytes, n);
	h->n += n;
	h->bytes[h->n] = '\0';
}

static void tap(const void *bytes, unsigned int n, void *haul)
{
	struct haul *h = haul;

	/* Each begins where a header may. */
	h->n = NLMSG_ALIGN(h->n);
	add_bytes(h, bytes, n);
}

/**
 * haul_tap() - keep all that a socket receives from now on
 * @l: the socket
 * @h: where, emptied
 */
void haul_tap(struct lens *l, struct haul *h)
{
	memset(h, 0, sizeof(*h));
	l->tap = tap;
	l->tap_data = h;
}

/**
 * haul_fd() - read a file on from where it is
 * @h: filled
 * @fd: the file
 */
void haul_fd(struct haul *h, int fd)
{
	char bytes[4096];
	ssize_t n;

	memset(h, 0, sizeof(*h));
	h->text = true;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		add_bytes(h, bytes, n);
	h->err = n < 0 ? -errno : 0;
}

/**
 * haul_file() - read all of a file
 * @h: filled
 * @path: which
 */
void haul_file(struct haul *h, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		memset(h, 0, sizeof(*h));
		h->err = -errno;
		return;
	}
	haul_fd(h, fd);
	close(fd);
}

void secret_number(struct secrets *s, __u32 number)
{
	unsigned int i;

	for (i = 0; i < s->n && s->number[i] != number; i++)
		;
	if (i == MAX_SECRETS)
		abort();
	s->number[i] = number;
	s->n += i == s->n;
}

void secret_name(struct secrets *s, const char *name)
{
	if (s->names == MAX_NAMES)
		abort();
	snprintf(s->name[s->names++], NAME_SIZE, "%s", name);
}

static char found[256];

static bool is_secret(const struct secrets *s, unsigned long long number,
		      const char *where, unsigned int at)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->number[i] == number)
			break;
	if (i == s->n)
		return false;
	snprintf(found, sizeof(found), "%llu in %s %u", number, where, at);
	return true;
}

static bool has_secret_name(const struct secrets *s, const char *bytes,
			    unsigned int n, const char *where, unsigned int at)
{
	unsigned int i;

	for (i = 0; i < s->names; i++)
		if (memmem(bytes, n, s->name[i], strlen(s->name[i])))
			break;
	if (i == s->names)
		return false;
	snprintf(found, sizeof(found), "%s in %s %u", s->name[i], where, at);
	return true;
}

/* Attributes that have a PID at each level, by what the message is. */
static bool is_by_level(int command, unsigned int type)
{
	switch (command) {
	case NSLENS_CMD_TASK_GET:
		return type <= NSLENS_A_TASK_SIDS;
	case NSLENS_CMD_TRACE_NTF:
		return type == NSLENS_A_EVENT_PIDS ||
		       type == NSLENS_A_EVENT_TGIDS ||
		       type == NSLENS_A_EVENT_PARENT_PIDS ||
		       type == NSLENS_A_EVENT_PARENT_TGIDS ||
		       type == NSLENS_A_EVENT_OLD_PIDS;
	}
	return false;
}

static bool leaks_in(const struct secrets *s, const struct nlattr *attr,
		     int left, int command);

/* What is behind the last byte is of nobody, too. */
static bool leaks(const struct secrets *s, const struct nlattr *attr,
		  int command)
{
	const unsigned int n = nla_len(attr), type = nla_type(attr);
	const char *bytes = nla_data(attr);
	unsigned int i;
	__u32 word;

	if (attr->nla_type & NLA_F_NESTED)
		return leaks_in(s, nla_data(attr), n, -1);
	if (s->levels && is_by_level(command, type) &&
	    n > s->levels * sizeof(__u32)) {
		snprintf(found, sizeof(found), "attribute %u has %zu levels",
			 type, n / sizeof(__u32));
		return true;
	}
	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		if (is_secret(s, word, "attribute", type))
			return true;
	}
	for (i = n; i < (unsigned int)NLA_ALIGN(n); i++) {
		if (!bytes[i])
			continue;
		snprintf(found, sizeof(found), "bytes behind attribute %u",
			 type);
		return true;
	}
	return has_secret_name(s, bytes, n, "attribute", type);
}

static bool leaks_in(const struct secrets *s, const struct nlattr *attr,
		     int left, int command)
{
	for (; nla_ok(attr, left); attr = nla_next(attr, &left))
		if (leaks(s, attr, command))
			return true;
	return false;
}

/* An answer that is an error has just a text. */
static bool leaks_in_message(const struct secrets *s, struct nlmsghdr *nlh)
{
	const char *payload = (const char *)NLMSG_DATA(nlh);
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const int n = nlh->nlmsg_len - NLMSG_HDRLEN;

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
		return has_secret_name(s, payload, n, "answer",
				       nlh->nlmsg_type);
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return false;
	return leaks_in(s, (const void *)(payload + GENL_HDRLEN),
			n - GENL_HDRLEN, genl->cmd);
}

static bool leaks_in_word(const struct secrets *s, const char *word,
			  size_t size, unsigned int line, bool first)
{
	unsigned int in_row = 0, commas = 0;
	unsigned long long number;
	size_t i = 0;

	while (i < size) {
		if (!isdigit(word[i])) {
			/* PIDs by level have commas between; sessions as well. */
			commas = word[i] == ',' && in_row ? commas + 1 : 0;
			in_row = 0;
			i++;
			continue;
		}
		for (number = 0; i < size && isdigit(word[i]); i++)
			number = number * 10 + word[i] - '0';
		in_row = 1;
		if (is_secret(s, number, "line", line))
			return true;
		if (!first && s->levels && commas >= s->levels) {
			snprintf(found, sizeof(found), "levels in line %u: %.*s",
				 line, (int)size, word);
			return true;
		}
	}
	return false;
}

static bool leaks_in_text(const struct secrets *s, const struct haul *h)
{
	const char *at = h->bytes;
	unsigned int line = 1;
	bool first = true;
	size_t size;

	for (; *at; at += size) {
		size = strcspn(at, "\n ");
		if (leaks_in_word(s, at, size, line, first))
			return true;
		first = at[size] == '\n';
		line += first;
		size += !!at[size];
	}
	return has_secret_name(s, h->bytes, h->n, "text of", h->n);
}

/**
 * haul_leak() - is there anything that must not be
 * @h: what was told
 * @s: what must not be
 *
 * Return: what and where, until the next call; NULL for nothing.
 */
const char *haul_leak(const struct haul *h, const struct secrets *s)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)h->bytes;
	int left = h->n;

	if (h->text)
		return leaks_in_text(s, h) ? found : NULL;
	for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left))
		if (leaks_in_message(s, nlh))
			return found;
	return NULL;
}

bool haul_has_number(const struct haul *h, __u32 number)
{
	const struct secrets s = { .n = 1, .number = { number } };

	return haul_leak(h, &s);
}

bool haul_has_name(const struct haul *h, const char *name)
{
	struct secrets s = {};

	secret_name(&s, name);
	return haul_leak(h, &s);
}

/**
 * mark_pids() - give the next processes on the host PIDs of which none is
 * anything else
 *
 * Return: 0 or -errno.
 */
int mark_pids(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", MARKED_PIDS);
	return write_file("/proc/sys/kernel/ns_last_pid", text);
}

/* For child_do(): have this command name. */
long mark_name(void *name)
{
	return prctl(PR_SET_NAME, name) ? -errno : 0;
}

static void see_ino(struct sight *sight, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < sight->n && sight->ino[i] != ino; i++)
		;
	if (i == MAX_SECRETS)
		abort();
	sight->ino[i] = ino;
	sight->n += i == sight->n;
}

static bool sees_ino(const struct sight *sight, __u32 ino)
{
	unsigned int i;

	for (i = 0; i < sight->n; i++)
		if (sight->ino[i] == ino)
			return true;
	return false;
}

static bool sees_name(const struct sight *sight, const char *name)
{
	unsigned int i;

	for (i = 0; i < sight->names; i++)
		if (!strcmp(sight->name[i], name))
			return true;
	return false;
}

static bool is_all(const struct sight *sight)
{
	char caps[32];

	/* The inode numbers of the initial ones are constants of the kernel. */
	return !proc_field(getpid(), "CapEff", caps, sizeof(caps)) &&
	       strtoull(caps, NULL, 16) >> CAP_SYS_ADMIN & 1 &&
	       sight->pid_ns == 4026531836 &&
	       ns_ino(getpid(), "user") == 4026531837;
}

/**
 * take_sight() - for child_do(): what one can learn from his own /proc
 * @data: a struct sight
 */
long take_sight(void *data)
{
	static struct pid_list all;
	struct sight *sight = data;
	unsigned int i, type;
	__u32 ino;
	int err;

	memset(sight, 0, sizeof(*sight));
	sight->pid_ns = ns_ino(getpid(), "pid");
	sight->all = is_all(sight);
	err = proc_list(1, &all);
	for (i = 0; !err && i < all.n; i++) {
		for (type = 0; type < NR_NS; type++) {
			ino = ns_ino(all.v[i], ns_types[type].link);
			if (ino)
				see_ino(sight, ino);
		}
		if (!proc_comm(all.v[i], sight->name[sight->names], NAME_SIZE))
			sight->names++;
	}
	return err;
}

/**
 * secrets_of() - what root on the host sees, and somebody does not
 * @c: who; /proc is that of his PID namespace
 * @s: filled but for @s->levels: inode numbers, marked names, and PIDs that are
 *	not of his PID namespace
 *
 * Return: 0 or -errno.
 */
int secrets_of(struct child *c, struct secrets *s)
{
	struct sight *here = calloc(1, sizeof(*here)), *there = c->scratch;
	static struct pid_list all;
	unsigned int i;
	int err = -ENOMEM;

	if (here)
		err = child_do(c, take_sight, NULL, 0) ?: take_sight(here) ?:
			proc_list(1, &all);
	for (i = 0; !err && i < here->n; i++)
		if (!sees_ino(there, here->ino[i]))
			secret_number(s, here->ino[i]);
	for (i = 0; !err && i < here->names; i++)
		if (!strncmp(here->name[i], "mark-", 5) &&
		    !sees_name(there, here->name[i]))
			secret_name(s, here->name[i]);
	for (i = 0; !err && i < all.n; i++)
		if (there->pid_ns != here->pid_ns && all.v[i] > MARKED_PIDS)
			secret_number(s, all.v[i]);
	free(here);
	return err;
}
