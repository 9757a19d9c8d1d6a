// SPDX-License-Identifier: GPL-2.0
/* Messages: right ones, wrong ones, and what is none. */
#define _GNU_SOURCE
#include <assert.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz-tables.h"

/* How much of a message is wrong, in percent of what is put. */
enum { RIGHT = 0, SLIGHTLY_WRONG = 8, WRONG = 40 };

#define DEEPEST	24

/* A message under way. */
struct msg {
	struct batch *b;
	const struct worker *w;
	struct rng *r;
	unsigned int wrong;
	unsigned int depth;
};

static bool goes_wrong(struct msg *m)
{
	return m->wrong && percent(m->r, m->wrong);
}

static void put(struct batch *b, const void *data, size_t len)
{
	const size_t room = BATCH_BYTES - b->len;

	if (len > room)
		len = room;
	memcpy(b->bytes + b->len, data, len);
	b->len += len;
}

static void pad(struct batch *b)
{
	static const __u8 nothing[4];

	put(b, nothing, -b->len & 3);
}

static void put_noise(struct msg *m, size_t len)
{
	__u64 noise;

	for (; len >= sizeof(noise); len -= sizeof(noise)) {
		noise = rng_next(m->r);
		put(m->b, &noise, sizeof(noise));
	}
	noise = rng_next(m->r);
	put(m->b, &noise, len);
}

/* Return: where it begins, for end(). */
static size_t begin(struct msg *m, __u16 type)
{
	struct nlattr header = { .nla_type = type };
	size_t at = m->b->len;

	put(m->b, &header, sizeof(header));
	return at;
}

static __u16 wrong_length(struct msg *m, size_t len)
{
	switch (below(m->r, 4)) {
	case 0: return below(m->r, NLA_HDRLEN + 1);
	case 1: return len + 1 + below(m->r, 8);
	case 2: return rng_next(m->r);
	default: return len - below(m->r, 8);
	}
}

static __u16 wrong_type(struct msg *m, __u16 type)
{
	switch (below(m->r, 4)) {
	case 0: return type ^ NLA_F_NESTED;
	case 1: return type ^ NLA_F_NET_BYTEORDER;
	case 2: return rng_next(m->r);
	default: return below(m->r, 80);
	}
}

static void end(struct msg *m, size_t at)
{
	struct nlattr header;
	size_t len = m->b->len - at;

	if (len < sizeof(header))
		return;
	memcpy(&header, m->b->bytes + at, sizeof(header));
	header.nla_len = goes_wrong(m) && percent(m->r, 30) ?
		wrong_length(m, len) : len;
	if (goes_wrong(m))
		header.nla_type = wrong_type(m, header.nla_type);
	memcpy(m->b->bytes + at, &header, sizeof(header));
	pad(m->b);
}

/* At the edges of what is right, or anywhere. */
static __u64 any_number(struct msg *m, const struct fuzz_attr *a)
{
	const __u64 edges[] = {
		a->low, a->high, a->low - 1ULL, a->high + 1ULL, 0, 1,
		0x7fffffff, 0x80000000, 0xffffffff, ~0ULL,
	};

	if (percent(m->r, 50))
		return rng_next(m->r);
	return edges[below(m->r, ARRAY_SIZE(edges))];
}

static __u64 right_number(struct msg *m, const struct fuzz_attr *a)
{
	switch (a->meaning) {
	case MEANS_PID: return world_pid(&m->w->world, m->r);
	case MEANS_INO: return world_ino(&m->w->world, m->r);
	case MEANS_FD: return world_fd(&m->w->world, m->r);
	}
	if (a->high)
		return a->low + rng_next(m->r) % (a->high - a->low + 1ULL);
	return rng_sized(m->r, 32);
}

static __u64 number(struct msg *m, const struct fuzz_attr *a)
{
	return goes_wrong(m) ? any_number(m, a) : right_number(m, a);
}

static void put_number(struct msg *m, const struct fuzz_attr *a)
{
	__u64 value = number(m, a);

	put(m->b, &value, goes_wrong(m) ? below(m->r, 9) : a->size);
}

static void put_string(struct msg *m)
{
	const char *text = world_path(&m->w->world, m->r);
	size_t len = strlen(text) + 1;

	if (goes_wrong(m))
		len -= below(m->r, 2);
	if (goes_wrong(m))
		put_noise(m, below(m->r, 300));
	put(m->b, text, len);
}

/* Few, many, or one too many. */
static unsigned int array_length(struct msg *m)
{
	if (percent(m->r, 2))
		return NSLENS_MAX_PIDS + below(m->r, 2);
	return percent(m->r, 10) ? below(m->r, 200) : 1 + below(m->r, 6);
}

static void put_array(struct msg *m, const struct fuzz_attr *a)
{
	unsigned int n = array_length(m);
	__u64 value;

	while (n--) {
		value = number(m, a);
		put(m->b, &value, a->size ?: 1);
	}
	if (goes_wrong(m))
		put_noise(m, below(m->r, 4));
}

static void put_attr(struct msg *m, const struct fuzz_attr *a);
static void put_deep(struct msg *m, const struct fuzz_set *set);

static const struct fuzz_attr *any_attr(struct msg *m, const struct fuzz_set *set)
{
	return &set->attrs[below(m->r, set->n)];
}

static void put_nest(struct msg *m, const struct fuzz_set *set)
{
	unsigned int n = percent(m->r, 60) ? 1 : below(m->r, 4);

	if (m->depth >= DEEPEST)
		return;
	if (goes_wrong(m))
		set = &fuzz_sets[below(m->r, ARRAY_SIZE(fuzz_sets))];
	m->depth++;
	while (n--)
		put_attr(m, any_attr(m, set));
	if (goes_wrong(m))
		put_deep(m, set);
	m->depth--;
}

static void put_attr(struct msg *m, const struct fuzz_attr *a)
{
	const bool nest = a->kind == FUZZ_NEST;
	size_t at = begin(m, a->type | (nest ? NLA_F_NESTED : 0));
	unsigned int kind = goes_wrong(m) ? below(m->r, FUZZ_NEST + 1) : a->kind;

	switch (kind) {
	case FUZZ_NUMBER:
		put_number(m, a);
		break;
	case FUZZ_STRING:
		put_string(m);
		break;
	case FUZZ_BINARY:
		put_array(m, a);
		break;
	case FUZZ_NEST:
		put_nest(m, &fuzz_sets[a->nested]);
		break;
	}
	end(m, at);
}

/* Nests within nests, as many as there may be; whether they are some or not. */
static void put_deep(struct msg *m, const struct fuzz_set *set)
{
	const unsigned int depth = m->depth, n = below(m->r, DEEPEST - depth + 1);
	size_t at[DEEPEST];

	while (m->depth < depth + n) {
		at[m->depth - depth] = begin(m, any_attr(m, set)->type |
						NLA_F_NESTED);
		m->depth++;
	}
	put_attr(m, any_attr(m, set));
	while (m->depth > depth) {
		m->depth--;
		end(m, at[m->depth - depth]);
	}
}

static const struct fuzz_attr *find_attr(const struct fuzz_set *set, __u16 type)
{
	unsigned int i;

	for (i = 0; i < set->n; i++)
		if (set->attrs[i].type == type)
			return &set->attrs[i];
	return NULL;
}

/* Each attribute that the request takes, as it happens. */
static void put_request(struct msg *m, const struct fuzz_op *op, bool dump)
{
	static const unsigned int chances[] = { 15, 30, 60, 90 };
	const struct fuzz_request *request = &op->requests[dump];
	const struct fuzz_set *set = &fuzz_sets[op->set];
	const unsigned int chance = chances[below(m->r, ARRAY_SIZE(chances))];
	unsigned int i, times;

	for (i = 0; i < request->n; i++) {
		/* Without the first, there is little to do. */
		times = percent(m->r, i || dump ? chance : 90);
		if (times && percent(m->r, 10))
			times += below(m->r, 4);
		while (times--)
			put_attr(m, find_attr(set, request->types[i]));
	}
	while (goes_wrong(m))
		put_attr(m, any_attr(m, set));
	if (goes_wrong(m) && percent(m->r, 3))
		for (i = below(m->r, 2000); i; i--)
			put_attr(m, any_attr(m, set));
}

static __u16 any_type(struct msg *m)
{
	if (!goes_wrong(m))
		return m->w->family;
	/* What other families make of it is not asked here. */
	return percent(m->r, 50) ? below(m->r, NLMSG_MIN_TYPE) : GENL_MAX_ID;
}

static __u16 any_flags(struct msg *m, bool dump)
{
	__u16 flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0);

	if (!percent(m->r, 10))
		flags |= NLM_F_ACK;
	if (goes_wrong(m))
		flags ^= 1 << below(m->r, 16);
	return flags;
}

/* An answer has the same number: so one sees what it is the answer to. */
static __u32 sequence(struct msg *m, const struct fuzz_op *op, bool dump)
{
	return (rng_next(m->r) & ~31U) | (op - fuzz_ops) << 1 | dump;
}

/**
 * message_count() - a request was done
 * @counts: to count in
 * @seq: its number
 */
void message_count(struct counts *counts, __u32 seq)
{
	counts->done[seq >> 1 & (MAX_OPS - 1)][seq & 1]++;
}

/**
 * message_op() - name an operation
 * @op: number of it
 * @dump: do or dump?
 *
 * Return: its name, NULL if there is none that can be asked for.
 */
const char *message_op(unsigned int op, bool dump)
{
	if (op >= ARRAY_SIZE(fuzz_ops) || !fuzz_ops[op].requests[dump].known)
		return NULL;
	return fuzz_ops[op].name;
}

static void end_message(struct msg *m, const struct fuzz_op *op, size_t at,
			bool dump)
{
	struct nlmsghdr header = {
		.nlmsg_len = m->b->len - at,
		.nlmsg_type = any_type(m),
		.nlmsg_flags = any_flags(m, dump),
		.nlmsg_seq = sequence(m, op, dump),
	};

	if (goes_wrong(m))
		header.nlmsg_pid = rng_next(m->r);
	if (goes_wrong(m) && percent(m->r, 10)) {
		header.nlmsg_len = percent(m->r, 50) ? rng_next(m->r) :
			header.nlmsg_len + 8 - below(m->r, 16);
		m->b->closed = true;
	}
	memcpy(m->b->bytes + at, &header, sizeof(header));
}

static const struct fuzz_op *any_op(struct msg *m, bool dump)
{
	const struct fuzz_op *op;

	static_assert(ARRAY_SIZE(fuzz_ops) < MAX_OPS, "five bits of a number");
	do {
		op = &fuzz_ops[below(m->r, ARRAY_SIZE(fuzz_ops))];
	} while (!op->requests[dump].known && !goes_wrong(m) &&
		 !percent(m->r, 2));
	return op;
}

static void flip(struct msg *m, size_t at)
{
	const size_t len = m->b->len - at;
	unsigned int n = 1 + below(m->r, 8);

	while (len && n--)
		m->b->bytes[at + below(m->r, len)] ^= 1 << below(m->r, 8);
}

static void put_message(struct msg *m)
{
	bool dump = percent(m->r, 8);
	const struct fuzz_op *op = any_op(m, dump);
	struct genlmsghdr header = {
		.cmd = goes_wrong(m) ? rng_next(m->r) : op->command,
		.version = NSLENS_FAMILY_VERSION,
	};
	struct nlmsghdr nlh = {};
	size_t at = m->b->len;

	put(m->b, &nlh, sizeof(nlh));
	if (goes_wrong(m))
		put_noise(m, sizeof(header));
	else
		put(m->b, &header, sizeof(header));
	if (m->wrong == WRONG && percent(m->r, 10))
		put_noise(m, below(m->r, 200));
	else
		put_request(m, op, dump);
	if (m->wrong && percent(m->r, 10))
		flip(m, at + NLMSG_HDRLEN);
	end_message(m, op, at, dump);
	pad(m->b);
}

/* For the family, at least, or nothing that netlink knows as a message. */
static void put_garbage(struct msg *m)
{
	struct nlmsghdr nlh = {
		.nlmsg_len = NLMSG_HDRLEN + below(m->r, 400),
		.nlmsg_type = m->w->family,
		.nlmsg_flags = NLM_F_REQUEST | rng_next(m->r),
		/* Of no operation. */
		.nlmsg_seq = rng_next(m->r) | (MAX_OPS - 1) << 1,
	};

	if (percent(m->r, 80)) {
		put(m->b, &nlh, sizeof(nlh));
		put_noise(m, nlh.nlmsg_len - sizeof(nlh));
	} else {
		put_noise(m, below(m->r, 400));
		m->b->closed = true;
	}
	pad(m->b);
}

/**
 * message_put() - add a message to a datagram
 * @b: the datagram; what does not fit is cut off
 * @w: who will send it
 * @r: decides
 */
void message_put(struct batch *b, const struct worker *w, struct rng *r)
{
	static const unsigned int kinds[] = {
		RIGHT, RIGHT, RIGHT, SLIGHTLY_WRONG, SLIGHTLY_WRONG, WRONG,
	};
	struct msg m = { .b = b, .w = w, .r = r };

	if (percent(r, 2)) {
		put_garbage(&m);
		return;
	}
	m.wrong = kinds[below(r, ARRAY_SIZE(kinds))];
	put_message(&m);
}
