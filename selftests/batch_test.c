// SPDX-License-Identifier: GPL-2.0
/* Requests that are sent at once: which of them may take long. */
#define _GNU_SOURCE
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

FIXTURE(batch)
{
	struct lens lens;
};

FIXTURE_SETUP(batch)
{
	setup_lens(_metadata, &self->lens);
}

FIXTURE_TEARDOWN(batch)
{
	lens_close(&self->lens);
}

/* Sends both at once. Return: what is answered to the second. */
static int second_of(struct lens *l, struct nl_msg *first, struct nl_msg *second)
{
	const struct nlmsghdr *a = nlmsg_hdr(first), *b = nlmsg_hdr(second);
	const unsigned int at = NLMSG_ALIGN(a->nlmsg_len);
	char both[1024] = {};
	int err;

	if (at + b->nlmsg_len > sizeof(both))
		return -ENOSPC;
	memcpy(both, a, a->nlmsg_len);
	memcpy(both + at, b, b->nlmsg_len);
	err = lens_send_raw(l, both, at + b->nlmsg_len);
	nlmsg_free(first);
	nlmsg_free(second);
	l->seq--;
	err = err ?: lens_receive(l, NULL, NULL);
	l->seq++;
	return err ?: lens_receive(l, NULL, NULL);
}

static struct nl_msg *describe_ino(struct lens *l, __u32 ino)
{
	struct nl_msg *msg = lens_request(l, NSLENS_CMD_NS_GET, 0);

	put_ref(msg, NSLENS_A_NS_REF, &BY_INO(ino));
	return msg;
}

static struct nl_msg *list_all_ns(struct lens *l, __u32 ino)
{
	return lens_request(l, NSLENS_CMD_NS_GET, NLM_F_DUMP);
}

static struct nl_msg *list_all_tasks(struct lens *l, __u32 ino)
{
	return lens_request(l, NSLENS_CMD_TASK_GET, NLM_F_DUMP);
}

static struct nl_msg *translate_to_ino(struct lens *l, __u32 ino)
{
	struct nl_msg *msg = lens_translate_init(l);

	put_ref(msg, NSLENS_A_TRANSLATE_TO, &BY_INO(ino));
	return msg;
}

static struct nl_msg *begin_session(struct lens *l, __u32 ino)
{
	return lens_request(l, NSLENS_CMD_TRACE_SET, 0);
}

static struct nl_msg *(*const slow_requests[])(struct lens *l, __u32 ino) = {
	describe_ino, list_all_ns, list_all_tasks, translate_to_ino,
	begin_session,
};

/* One lock of all of generic netlink is held for all that is sent at once. */
TEST_F(batch, looks_at_all_tasks_once)
{
	struct lens *l = &self->lens;
	const __u32 ino = ns_ino(getpid(), "uts");
	struct nl_msg *first, *second;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slow_requests); i++) {
		/* In the order of their numbers. */
		first = lens_get_init(l);
		second = slow_requests[i](l, ino);
		EXPECT_EQ(-EBUSY, second_of(l, first, second));
		/* Older kernels have no text for a dump that does not begin. */
		EXPECT_TRUE(strstr(l->text, "on its own") ||
			    (slow_requests[i] == list_all_ns && !*l->text)) {
			TH_LOG("%u: '%s'", i, l->text);
		}
	}
	/* What costs little may follow. */
	first = describe_ino(l, ino);
	EXPECT_EQ(0, second_of(l, first, lens_get_init(l)));
	first = begin_session(l, ino);
	EXPECT_EQ(0, second_of(l, first, begin_session(l, ino)));
}

TEST_HARNESS_MAIN
