/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NLPUT_H
#define _NSLENS_NLPUT_H

#include <linux/sched.h>
#include <linux/string.h>
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

static inline void *nslens_put_comm(void *pos, int type, const char *comm)
{
	struct nlattr *nla = pos;
	char *text = nla_data(nla);
	int len = strscpy(text, comm, TASK_COMM_LEN) + 1;

	nla->nla_type = type;
	nla->nla_len = nla_attr_size(len);
	/* Not every strscpy() fills up its last word. */
	for (; len % NLA_ALIGNTO; len++)
		text[len] = '\0';
	return text + len;
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
