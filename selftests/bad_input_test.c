// SPDX-License-Identifier: GPL-2.0
/* Bad requests: each is refused with the right errno, and says what is wrong. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "lib/expect.h"

FIXTURE(bad_input)
{
	struct lens lens;
	struct task task;
};

FIXTURE_SETUP(bad_input)
{
	setup_lens(_metadata, &self->lens);
}

/* Whatever was sent, the next request is answered. */
FIXTURE_TEARDOWN(bad_input)
{
	EXPECT_EQ(0, lens_get(&self->lens, &(struct query){ .pid = getpid() },
			      &self->task));
	EXPECT_EQ(getpid(), self->task.pids.v[0]);
	lens_close(&self->lens);
}

/*
 * Send @msg and expect @error, an extended ack with a text and, if @attribute
 * is given, the place of it in the message; of a dump, 6.1 has the text alone.
 */
static void expect_refused(struct __test_metadata *_metadata, struct lens *l,
			   struct nl_msg *msg, int error, int attribute)
{
	bool placed = !(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP) ||
		      !kernel_before(6, 2);

	nlmsg_get(msg);
	EXPECT_EQ(error, lens_call(l, msg, NULL, NULL));
	EXPECT_STRNE("", l->text);
	if (attribute && placed) {
		EXPECT_EQ(attribute, attribute_at(msg, l->offset)) {
			TH_LOG("offset %u, '%s'", l->offset, l->text);
		}
	}
	nlmsg_free(msg);
}

#define EXPECT_REFUSED(error, attribute, msg)	\
	expect_refused(_metadata, &self->lens, msg, error, attribute)

static struct nl_msg *get_request(struct lens *l)
{
	return lens_request(l, NSLENS_CMD_TASK_GET, 0);
}

static struct nl_msg *list_request(struct lens *l)
{
	return lens_request(l, NSLENS_CMD_TASK_GET, NLM_F_DUMP);
}

static struct nl_msg *translate_request(struct lens *l)
{
	return lens_request(l, NSLENS_CMD_PID_TRANSLATE, 0);
}

static struct nl_msg *with_u32(struct nl_msg *msg, int type, __u32 value)
{
	nla_put_u32(msg, type, value);
	return msg;
}

static struct nl_msg *with_ref(struct nl_msg *msg, int type, struct ref ref)
{
	put_ref(msg, type, &ref);
	return msg;
}

static pid_t dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

TEST_F(bad_input, an_unknown_pid)
{
	EXPECT_REFUSED(-ESRCH, NSLENS_A_TASK_PID,
		       with_u32(get_request(&self->lens), NSLENS_A_TASK_PID,
				dead_pid()));
	EXPECT_REFUSED(-ESRCH, NSLENS_A_TASK_PID,
		       with_u32(get_request(&self->lens), NSLENS_A_TASK_PID,
				INT32_MAX));
	EXPECT_REFUSED(-ESRCH, NSLENS_A_TASK_SUBTREE,
		       with_u32(list_request(&self->lens),
				NSLENS_A_TASK_SUBTREE, dead_pid()));
}

TEST_F(bad_input, a_number_that_is_no_pid)
{
	const __u32 numbers[] = { 0, 0x80000000, 0xffffffff, -4096 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		EXPECT_REFUSED(-ERANGE, NSLENS_A_TASK_PID,
			       with_u32(get_request(&self->lens),
					NSLENS_A_TASK_PID, numbers[i]));
		EXPECT_REFUSED(-ERANGE, NSLENS_A_TASK_SUBTREE,
			       with_u32(list_request(&self->lens),
					NSLENS_A_TASK_SUBTREE, numbers[i]));
		EXPECT_REFUSED(-ERANGE, NSLENS_A_NS_REF_PID,
			       with_ref(lens_get_init(&self->lens),
					NSLENS_A_TASK_IN, BY_PID(numbers[i])));
	}
}

TEST_F(bad_input, no_pid)
{
	EXPECT_EQ(-EINVAL, lens_call(&self->lens, get_request(&self->lens),
				     NULL, NULL));
	EXPECT_EQ(NSLENS_A_TASK_PID, self->lens.missing);
}

TEST_F(bad_input, a_pid_of_another_size)
{
	struct nl_msg *msg = get_request(&self->lens);

	nla_put_u16(msg, NSLENS_A_TASK_PID, 1);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_PID, msg);
	msg = get_request(&self->lens);
	nla_put_u64(msg, NSLENS_A_TASK_PID, 1);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_PID, msg);
}

/* Attributes that are unknown, or that this operation does not take. */
TEST_F(bad_input, an_unknown_attribute)
{
	const int wrong_in_do[] = {
		NSLENS_A_TASK_PIDS, NSLENS_A_TASK_NS, NSLENS_A_TASK_COMM,
		NSLENS_A_TASK_TRACER, NSLENS_A_TASK_SUBTREE,
		NSLENS_A_TASK_MAX + 1, 100, 0x3fff,
	};
	const int wrong_in_dump[] = {
		NSLENS_A_TASK_PIDS, NSLENS_A_TASK_PID, NSLENS_A_TASK_MAX + 1,
		0x3fff,
	};
	struct nl_msg *msg = lens_get_init(&self->lens);
	unsigned int i;

	nla_put_flag(msg, NSLENS_A_TASK_THREADS);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_THREADS, msg);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_MEMBER_OF,
		       with_ref(lens_get_init(&self->lens), NSLENS_A_TASK_MEMBER_OF,
				TYPED_PID(1, NSLENS_NS_TYPE_PID)));
	for (i = 0; i < ARRAY_SIZE(wrong_in_do); i++)
		EXPECT_REFUSED(-EINVAL, wrong_in_do[i],
			       with_u32(lens_get_init(&self->lens),
					wrong_in_do[i], 1));
	for (i = 0; i < ARRAY_SIZE(wrong_in_dump); i++) {
		msg = with_u32(list_request(&self->lens), wrong_in_dump[i], 1);
		EXPECT_EQ(-EINVAL, lens_call(&self->lens, msg, NULL, NULL));
	}
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TRANSLATE_MAX + 1,
		       with_u32(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_MAX + 1, 1));
}

TEST_F(bad_input, an_unknown_field)
{
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_FIELDS,
		       with_u32(lens_get_init(&self->lens), NSLENS_A_TASK_FIELDS,
				NSLENS_TASK_FIELD_MASK + 1));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_FIELDS,
		       with_u32(list_request(&self->lens),
				NSLENS_A_TASK_FIELDS, 0xffffffff));
}

TEST_F(bad_input, an_operation_that_is_not_there)
{
	const int commands[] = { 0, NSLENS_CMD_MAX + 1, 255 };
	struct lens *l = &self->lens;
	struct nl_msg *msg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		msg = lens_request(l, commands[i], 0);
		EXPECT_EQ(-EOPNOTSUPP, lens_call(l, msg, NULL, NULL));
		msg = lens_request(l, commands[i], NLM_F_DUMP);
		EXPECT_EQ(-EOPNOTSUPP, lens_call(l, msg, NULL, NULL));
	}
	msg = lens_request(l, NSLENS_CMD_PID_TRANSLATE, NLM_F_DUMP);
	EXPECT_EQ(-EOPNOTSUPP, lens_call(l, msg, NULL, NULL));
}

/* An ino, fd and pid of a right namespace, but not exactly one of them. */
TEST_F(bad_input, a_namespace_named_in_no_way_or_two)
{
	const int types[] = { NSLENS_A_NS_REF_INO, NSLENS_A_NS_REF_FD,
			      NSLENS_A_NS_REF_PID };
	const __u32 values[] = { ns_ino(getpid(), "pid"),
				 ns_open(getpid(), "pid"), getpid() };
	unsigned int set, i;

	for (set = 0; set < 8; set++) {
		struct nl_msg *msg = lens_get_init(&self->lens);
		struct nlattr *nest = nla_nest_start(msg, NSLENS_A_TASK_IN);

		for (i = 0; i < 3; i++) {
			if (set & 1 << i)
				nla_put_u32(msg, types[i], values[i]);
		}
		if (!set)
			nla_put_u32(msg, NSLENS_A_NS_REF_TYPE,
				    NSLENS_NS_TYPE_PID);
		nla_nest_end(msg, nest);
		if (set != 1 && set != 2 && set != 4) {
			EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_IN, msg);
			continue;
		}
		EXPECT_EQ(0, lens_call(&self->lens, msg, NULL, NULL));
	}
}

TEST_F(bad_input, an_inode_of_the_wrong_type)
{
	struct ref uts = BY_INO(ns_ino(getpid(), "uts"));
	struct ref typed = TYPED_INO(ns_ino(getpid(), "net"),
				     NSLENS_NS_TYPE_UTS);

	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_INO,
		       with_ref(lens_get_init(&self->lens), NSLENS_A_TASK_IN, uts));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_INO,
		       with_ref(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_FROM, uts));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_INO,
		       with_ref(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_TO, uts));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_INO,
		       with_ref(list_request(&self->lens),
				NSLENS_A_TASK_MEMBER_OF, typed));
}

TEST_F(bad_input, an_inode_of_no_namespace)
{
	const __u32 inodes[] = { 0, 1, 12345, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inodes); i++) {
		EXPECT_REFUSED(-ENOENT, NSLENS_A_NS_REF_INO,
			       with_ref(lens_translate_init(&self->lens),
					NSLENS_A_TRANSLATE_TO,
					BY_INO(inodes[i])));
		EXPECT_REFUSED(-ENOENT, NSLENS_A_NS_REF_INO,
			       with_ref(list_request(&self->lens),
					NSLENS_A_TASK_MEMBER_OF,
					BY_INO(inodes[i])));
	}
}

TEST_F(bad_input, a_fd_that_is_not_open)
{
	const __u32 fds[] = { 500, 0x7fffffff, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		EXPECT_REFUSED(-EBADF, NSLENS_A_NS_REF_FD,
			       with_ref(lens_translate_init(&self->lens),
					NSLENS_A_TRANSLATE_TO,
					BY_FD(fds[i])));
}

TEST_F(bad_input, a_fd_that_is_no_namespace)
{
	int pipe_ends[2];
	int fds[] = {
		open("/dev/null", O_RDONLY | O_CLOEXEC),
		open("/proc/self/status", O_RDONLY | O_CLOEXEC),
		open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		self->lens.fd,
		open("/proc/self/ns/pid", O_PATH | O_NOFOLLOW | O_CLOEXEC),
	};
	unsigned int i;

	ASSERT_EQ(0, pipe(pipe_ends));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_FD,
		       with_ref(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_TO, BY_FD(pipe_ends[0])));
	/* The last is the link itself, and opened for nothing. */
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		bool path = i == ARRAY_SIZE(fds) - 1;

		ASSERT_LE(0, fds[i]);
		EXPECT_REFUSED(path ? -EBADF : -EINVAL, NSLENS_A_NS_REF_FD,
			       with_ref(lens_translate_init(&self->lens),
					NSLENS_A_TRANSLATE_TO, BY_FD(fds[i])));
	}
}

TEST_F(bad_input, a_fd_of_the_wrong_type)
{
	unsigned int i;

	for (i = 0; i < NR_NS_TYPES; i++) {
		int fd = ns_open(getpid(), ns_types[i].link);

		ASSERT_LE(0, fd);
		if (i != NSLENS_NS_TYPE_PID)
			EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_FD,
				       with_ref(lens_translate_init(&self->lens),
						NSLENS_A_TRANSLATE_FROM,
						BY_FD(fd)));
		EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_FD,
			       with_ref(list_request(&self->lens),
					NSLENS_A_TASK_MEMBER_OF,
					TYPED_FD(fd, (i + 1) % NR_NS_TYPES)));
		close(fd);
	}
}

TEST_F(bad_input, a_type_that_is_no_pid_namespace)
{
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_TYPE,
		       with_ref(lens_get_init(&self->lens), NSLENS_A_TASK_IN,
				TYPED_PID(1, NSLENS_NS_TYPE_NET)));
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_TYPE,
		       with_ref(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_TO,
				TYPED_PID(1, NSLENS_NS_TYPE_USER)));
}

TEST_F(bad_input, a_type_that_does_not_exist)
{
	EXPECT_REFUSED(-ERANGE, NSLENS_A_NS_REF_TYPE,
		       with_ref(list_request(&self->lens),
				NSLENS_A_TASK_MEMBER_OF,
				TYPED_PID(1, NSLENS_NS_TYPE_MAX + 1)));
	EXPECT_REFUSED(-ERANGE, NSLENS_A_NS_REF_TYPE,
		       with_ref(list_request(&self->lens),
				NSLENS_A_TASK_MEMBER_OF,
				TYPED_PID(1, 0xffffffff)));
}

TEST_F(bad_input, a_member_by_pid_without_type)
{
	struct nl_msg *msg = with_ref(list_request(&self->lens),
				      NSLENS_A_TASK_MEMBER_OF, BY_PID(1));

	EXPECT_REFUSED(-EINVAL, 0, msg);
	EXPECT_NE(NULL, strstr(self->lens.text, "type"));
}

TEST_F(bad_input, a_namespace_of_an_unknown_task)
{
	EXPECT_REFUSED(-ESRCH, NSLENS_A_NS_REF_PID,
		       with_ref(lens_translate_init(&self->lens),
				NSLENS_A_TRANSLATE_TO, BY_PID(dead_pid())));
	EXPECT_REFUSED(-ESRCH, NSLENS_A_NS_REF_PID,
		       with_ref(list_request(&self->lens),
				NSLENS_A_TASK_MEMBER_OF,
				TYPED_PID(dead_pid(), NSLENS_NS_TYPE_NET)));
}

TEST_F(bad_input, a_namespace_that_a_zombie_has_left)
{
	struct child zombie;

	ASSERT_EQ(0, child_spawn(&zombie, 0));
	child_kill(&zombie);
	EXPECT_REFUSED(-ENOENT, NSLENS_A_NS_REF_PID,
		       with_ref(list_request(&self->lens),
				NSLENS_A_TASK_MEMBER_OF,
				TYPED_PID(zombie.pid, NSLENS_NS_TYPE_NET)));
	child_end(&zombie);
}

TEST_F(bad_input, an_unknown_attribute_in_a_nest)
{
	struct nl_msg *msg = lens_get_init(&self->lens);
	struct nlattr *nest = nla_nest_start(msg, NSLENS_A_TASK_IN);

	nla_put_u32(msg, NSLENS_A_NS_REF_PID, 1);
	nla_put_u32(msg, NSLENS_A_NS_REF_MAX + 1, 1);
	nla_nest_end(msg, nest);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_NS_REF_MAX + 1, msg);
}

TEST_F(bad_input, a_nest_that_is_none)
{
	struct nl_msg *msg = lens_get_init(&self->lens);
	struct nlattr plain = { NLA_HDRLEN + 8, NSLENS_A_NS_REF_PID };
	char bytes[12] = {};

	EXPECT_REFUSED(-EINVAL, NSLENS_A_TASK_IN,
		       with_u32(msg, NSLENS_A_TASK_IN, 1));
	/* A length beyond the end of the nest */
	memcpy(bytes, &plain, sizeof(plain));
	msg = lens_get_init(&self->lens);
	nla_put(msg, NSLENS_A_TASK_IN | NLA_F_NESTED, 8, bytes);
	EXPECT_REFUSED(-EINVAL, 0, msg);
}

TEST_F(bad_input, an_empty_batch)
{
	struct nl_msg *msg = translate_request(&self->lens);

	nla_put(msg, NSLENS_A_TRANSLATE_PIDS, 0, NULL);
	EXPECT_REFUSED(-EINVAL, NSLENS_A_TRANSLATE_PIDS, msg);
}

TEST_F(bad_input, no_batch)
{
	EXPECT_EQ(-EINVAL, lens_call(&self->lens,
				     translate_request(&self->lens), NULL,
				     NULL));
	EXPECT_EQ(NSLENS_A_TRANSLATE_PIDS, self->lens.missing);
}

TEST_F(bad_input, half_a_pid_at_the_end_of_a_batch)
{
	const int sizes[] = { 1, 2, 3, 5, 4095 };
	static char bytes[4096];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct nl_msg *msg = translate_request(&self->lens);

		nla_put(msg, NSLENS_A_TRANSLATE_PIDS, sizes[i], bytes);
		EXPECT_REFUSED(-EINVAL, NSLENS_A_TRANSLATE_PIDS, msg);
	}
}

TEST_F(bad_input, a_batch_of_4097)
{
	static __s32 pids[NSLENS_MAX_PIDS + 1];
	struct nl_msg *msg = translate_request(&self->lens);

	nla_put(msg, NSLENS_A_TRANSLATE_PIDS, sizeof(pids), pids);
	EXPECT_REFUSED(-E2BIG, NSLENS_A_TRANSLATE_PIDS, msg);
}

TEST_F(bad_input, to_two_namespaces_at_once)
{
	struct nl_msg *msg = with_ref(lens_translate_init(&self->lens),
				      NSLENS_A_TRANSLATE_TO, BY_PID(1));

	nla_put_flag(msg, NSLENS_A_TRANSLATE_TO_OWN);
	EXPECT_REFUSED(-EINVAL, 0, msg);
}

TEST_F(bad_input, a_flag_with_a_value)
{
	EXPECT_REFUSED(-ERANGE, NSLENS_A_TASK_THREADS,
		       with_u32(list_request(&self->lens),
				NSLENS_A_TASK_THREADS, 1));
}

/* Every prefix of a right message, with its length told right and wrong. */
TEST_F(bad_input, a_truncated_message)
{
	struct nl_msg *msg = with_ref(lens_get_init(&self->lens), NSLENS_A_TASK_IN,
				      TYPED_PID(1, NSLENS_NS_TYPE_PID));
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	unsigned int whole = nlh->nlmsg_len;
	unsigned int length;
	int err;

	nlh->nlmsg_flags |= NLM_F_ACK;
	for (length = NLMSG_HDRLEN; length < whole; length++) {
		/* What is cut is cut off, and the header says so: */
		nlh->nlmsg_len = length;
		ASSERT_EQ(0, lens_send_raw(&self->lens, nlh, length));
		err = lens_receive(&self->lens, NULL, NULL);
		/* behind the PID, it is a right message but for a remainder */
		if (length < NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN + 4 ||
		    (length > NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN + 8 &&
		     length % NLMSG_ALIGNTO))
			EXPECT_NE(0, err);
		if (!err)
			err = lens_receive(&self->lens, NULL, NULL);
	}
	nlmsg_free(msg);
}

TEST_F(bad_input, a_message_shorter_than_its_header_says)
{
	struct nl_msg *msg = lens_get_init(&self->lens);
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	unsigned int whole = nlh->nlmsg_len;
	unsigned int length;
	char reply[256];

	/* Netlink itself drops these, and answers nothing. */
	for (length = 0; length < whole; length++)
		lens_send_raw(&self->lens, nlh, length);
	EXPECT_EQ(-1, recv(self->lens.fd, reply, sizeof(reply), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	nlmsg_free(msg);
}

TEST_F(bad_input, an_attribute_longer_than_the_message)
{
	const __u16 lengths[] = { 0, 1, 3, 9, 12, 0x7fff, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct nl_msg *msg = lens_get_init(&self->lens);
		struct nlattr *attr = (void *)((char *)nlmsg_hdr(msg) +
					       NLMSG_HDRLEN + GENL_HDRLEN);

		attr->nla_len = lengths[i];
		EXPECT_GT(0, lens_call(&self->lens, msg, NULL, NULL)) {
			TH_LOG("length %u", lengths[i]);
		}
	}
}

/* Bytes from a generator with a known start: no crash, and an answer to each. */
TEST_F(bad_input, garbage)
{
	__u32 state = 1;
	unsigned int i, k;

	for (i = 0; i < 2000; i++) {
		struct nl_msg *msg = lens_request(&self->lens, 1 + i % 3,
						  i % 2 ? NLM_F_DUMP : 0);
		unsigned int n = i % 40;
		__u32 words[40];

		for (k = 0; k < n; k++) {
			state = state * 1664525 + 1013904223;
			/* small numbers make attributes that look right */
			words[k] = state >> 29 ? state >> 8 :
				   4 + (state >> 8) % 20 +
				   ((state >> 16) % 22 << 16);
		}
		nlmsg_append(msg, words, n * sizeof(*words), 0);
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
		EXPECT_NE(-EAGAIN, lens_call(&self->lens, msg, NULL, NULL));
		while (recv(self->lens.fd, words, sizeof(words),
			    MSG_DONTWAIT) > 0)
			;
	}
}

TEST_HARNESS_MAIN
