/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NLPUT_H
#define _NSLENS_NLPUT_H

#include <linux/sched.h>
#include <linux/string.h>
#include <asm/word-at-a-time.h>
#include <net/netlink.h>

/*
 * Attributes are written straight into the tail of the skb, after one look at
 * its room: by nla_put() they would cost more than all else a task costs.
 */
static inline void *nslens_put(void *pos, int type, const void *data, int len)
{
	struct nlattr *nla = pos;

	nla->nla_type = type;
	nla->nla_len = nla_attr_size(len);
	memcpy(nla_data(nla), data, len);
	return pos + NLA_ALIGN(nla->nla_len);
}

/* By hand: a call of memcpy() costs more than the few numbers. */
static inline void *nslens_put_u32s(void *pos, int type, const u32 *values,
				    unsigned int n)
{
	struct nlattr *nla = pos;
	u32 *data = nla_data(nla);
	unsigned int i;

	nla->nla_type = type;
	nla->nla_len = nla_attr_size(n * sizeof(u32));
	for (i = 0; i < n; i++)
		data[i] = values[i];
	return data + n;
}

static inline void *nslens_put_u32(void *pos, int type, u32 value)
{
	return nslens_put(pos, type, &value, sizeof(value));
}

static inline void *nslens_put_u64(void *pos, int type, u64 value)
{
	return nslens_put(pos, type, &value, sizeof(value));
}

/*
 * A command name with its NUL, within TASK_COMM_LEN bytes. By words, since each
 * task and each event has one: strscpy() costs several times as much. What is
 * behind the NUL stays here.
 */
static inline void *nslens_put_comm(void *pos, int type, const char *comm)
{
	const struct word_at_a_time c = WORD_AT_A_TIME_CONSTANTS;
	struct nlattr *nla = pos;
	char *text = nla_data(nla);
	unsigned long word, zero;
	unsigned int len = 0;
	bool ends;

	do {
		memcpy(&word, comm + len, sizeof(word));
		/* What becomes of @zero is 0 if the NUL is the first byte. */
		ends = has_zero(word, &zero, &c);
		if (ends) {
			zero = create_zero_mask(prep_zero_mask(word, zero, &c));
			word &= zero_bytemask(zero);
		}
		memcpy(text + len, &word, sizeof(word));
		len += ends ? find_zero(zero) : sizeof(word);
	} while (!ends && len < TASK_COMM_LEN);
	nla->nla_type = type;
	nla->nla_len = nla_attr_size(len + 1);
	return pos + NLA_ALIGN(nla->nla_len);
}

/* A string of @len bytes, its NUL not counted. */
static inline void *nslens_put_string(void *pos, int type, const char *text,
				      int len)
{
	struct nlattr *nla = pos;
	void *end = nslens_put(pos, type, text, len + 1);

	((char *)nla_data(nla))[len] = '\0';
	memset(pos + nla->nla_len, 0, end - (pos + nla->nla_len));
	return end;
}

#endif /* _NSLENS_NLPUT_H */
