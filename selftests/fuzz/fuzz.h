/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_FUZZ_H
#define _SELFTESTS_FUZZ_H

#include <linux/nslens.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rng.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What gen-tables makes of the spec. */

enum fuzz_kind {
	FUZZ_NUMBER,
	FUZZ_STRING,
	FUZZ_BINARY,
	FUZZ_FLAG,
	FUZZ_NEST,
};

enum fuzz_meaning {
	MEANS_ANY,
	MEANS_PID,
	MEANS_INO,
	MEANS_FD,
};

/**
 * struct fuzz_attr - an attribute
 * @name: in the spec
 * @type: nla_type
 * @kind: enum fuzz_kind
 * @meaning: enum fuzz_meaning
 * @size: bytes of a number, or of one in an array
 * @nested: which set is in a nest
 * @low: lowest right value
 * @high: highest right value or longest right string, 0 for any
 */
struct fuzz_attr {
	const char *name;
	__u16 type;
	__u8 kind;
	__u8 meaning;
	__u8 size;
	__u8 nested;
	__u32 low;
	__u32 high;
};

struct fuzz_set {
	const struct fuzz_attr *attrs;
	unsigned int n;
};

/* A do or a dump: is there one, and which attributes does it take? */
struct fuzz_request {
	bool known;
	unsigned int n;
	__u16 types[8];
};

struct fuzz_op {
	const char *name;
	__u8 command;
	__u8 set;
	struct fuzz_request requests[2];
};

/**
 * struct world - what requests can name
 * @pids: of tasks that live, that are dead, and that never were
 * @inos: of namespaces, and of none
 * @fds: of namespaces, of other files, and of none
 * @paths: of cgroups, and of none
 */
struct world {
	unsigned int nr_pids, nr_inos, nr_fds, nr_paths;
	__u32 pids[64];
	__u32 inos[64];
	__u32 fds[64];
	char *paths[8];
};

#define MAX_OPS	16

/**
 * struct counts - what a worker has done, for who watches it
 * @step: that it is at
 * @what: it does there
 * @messages: requests and lines that it has sent
 * @accepted: those that were done
 * @refused: those that were answered with an error
 * @done: of @accepted, which operations, do and dump
 * @lines: of @accepted, which were written to files
 * @reads: of the files, and events and other messages that were received
 */
struct counts {
	__u64 step;
	const char *what;
	__u64 messages;
	__u64 accepted;
	__u64 refused;
	__u64 done[MAX_OPS][2];
	__u64 lines;
	__u64 reads;
};

#define MAX_SOCKETS	8
#define MAX_FILES	6
#define BATCH_BYTES	(60 << 10)

struct worker;

/**
 * struct role - who asks
 * @name: for --role and the result
 * @user: without privilege
 * @namespaces: CLONE_NEW* that it is in, below a user namespace of its own
 */
struct role {
	const char *name;
	bool user;
	int namespaces;
};

#define NR_ROLES	4

/**
 * struct worker - a process that sends
 * @role: as whom
 * @rng: of this step: seeded by the seed, the role, and the number of the step,
 *	so that what is sent in it does not hang on what came before
 * @seed: for @rng
 * @goal: how many messages to send
 * @counts: shared with who watches
 * @family: id of the family
 * @mailbox: all workers put descriptors in, and get others' out
 * @files_dir: /proc/nslens, as this role sees it
 * @sockets: netlink, -1 for none
 * @files: of /proc/nslens, likewise
 * @fail: allocations are to fail
 * @fail_nth: /proc/thread-self/fail-nth, -1 if nothing is to fail
 * @world: what there is to name
 */
struct worker {
	const struct role *role;
	struct rng rng;
	__u64 seed;
	__u64 goal;
	struct counts *counts;
	__u16 family;
	int mailbox[2];
	int files_dir;
	int sockets[MAX_SOCKETS];
	int files[MAX_FILES];
	bool fail;
	int fail_nth;
	struct world world;
};

/**
 * struct batch - a datagram that is being made
 * @len: of it
 * @closed: netlink does not look beyond what was put last
 * @bytes: of it
 */
struct batch {
	size_t len;
	bool closed;
	__u8 bytes[BATCH_BYTES + 8];
};

extern const struct role fuzz_roles[NR_ROLES];

/* role.c */
int role_become(const struct role *role);

/* world.c */
void world_look(struct world *w, pid_t company);
__u32 world_pid(const struct world *w, struct rng *r);
__u32 world_ino(const struct world *w, struct rng *r);
__u32 world_fd(const struct world *w, struct rng *r);
const char *world_path(const struct world *w, struct rng *r);

/* message.c */
void message_put(struct batch *b, const struct worker *w, struct rng *r);
void message_count(struct counts *counts, __u32 seq);
const char *message_op(unsigned int op, bool dump);

/* line.c */
size_t lines_put(char *text, size_t size, const struct worker *w, struct rng *r);

/* socket.c */
void socket_send(struct worker *w);
void socket_reopen(struct worker *w);
void socket_disturb(struct worker *w);
void socket_receive(struct worker *w);

/* file.c */
void file_write(struct worker *w);
void file_read(struct worker *w);
void file_reopen(struct worker *w);

/* life.c */
void life_step(struct worker *w);
void death_step(struct worker *w);
pid_t life_in_namespaces(void);

/* mailbox.c */
void mailbox_put(struct worker *w);
void mailbox_get(struct worker *w);
void mailbox_empty(int mailbox);

/* worker.c */
int worker_run(struct worker *w);

/* fault.c */
/* How often allocations have failed, of a slab and of pages. */
struct failures {
	long long slab, page;
};

int fault_begin(void);
void fault_end(struct failures *failures);
void fault_arm(struct worker *w);
void fault_disarm(struct worker *w);

/* check.c */
/* What there is for as long as something refers to it. */
struct state {
	unsigned int sessions;
	unsigned int namespaces;
	long references;
};

int check_state(struct state *state);
int check_answers(void);
int check_back(const struct state *before);

#endif
