// SPDX-License-Identifier: GPL-2.0
/*
 * Sends what nobody should send, as several users at once, and looks whether the
 * module is still right. What it may send is from tables that are made of the
 * spec. A line with the result comes at last; what was sent in a step hangs on
 * the seed, the role and the number of the step alone, but for PIDs and inodes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/lens.h"
#include "lib/proc.h"

#define SKIPPED		4	/* as kselftest has it */

/* So many have each operation done, or the tables have nothing right. */
#define ENOUGH	10000

/* Who takes so many seconds for a step hangs. */
static unsigned int patience = 120;

struct fuzz {
	__u64 seed;
	__u64 messages;
	bool fail;
	bool chosen[NR_ROLES];
	unsigned int nr_chosen;
	struct worker worker;
	struct counts *counts;
	pid_t pids[NR_ROLES];
};

static void usage(FILE *to)
{
	unsigned int i;

	fprintf(to, "usage: fuzz [OPTION...]\n"
		"  --messages N   send so many in all [20000]\n"
		"  --seed S       as another run that printed this seed\n"
		"  --role R       only as");
	for (i = 0; i < NR_ROLES; i++)
		fprintf(to, "%s %s", i ? "," : "", fuzz_roles[i].name);
	fprintf(to, "; may be given again\n"
		"  --fail         have allocations of memory fail\n"
		"  --patience N   seconds that a step may take [%u]\n", patience);
}

static bool choose_role(struct fuzz *f, const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_ROLES; i++) {
		if (strcmp(fuzz_roles[i].name, name))
			continue;
		f->nr_chosen += !f->chosen[i];
		f->chosen[i] = true;
		return true;
	}
	return false;
}

static bool to_number(const char *text, __u64 *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return !errno && end > text && !*end;
}

static bool parse(struct fuzz *f, int argc, char **argv)
{
	static const struct option options[] = {
		{ "messages", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "role", required_argument, NULL, 'r' },
		{ "fail", no_argument, NULL, 'f' },
		{ "patience", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool ok = true;
	__u64 n;
	int c;

	while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			ok = to_number(optarg, &f->messages);
			break;
		case 's':
			ok = to_number(optarg, &f->seed);
			break;
		case 'r':
			ok = choose_role(f, optarg);
			break;
		case 'f':
			f->fail = true;
			break;
		case 'p':
			ok = to_number(optarg, &n);
			patience = n;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			ok = false;
		}
	}
	for (c = 0; !f->nr_chosen && c < NR_ROLES; c++)
		f->chosen[c] = true;
	f->nr_chosen = f->nr_chosen ?: NR_ROLES;
	return ok && optind == argc;
}

static void start(struct fuzz *f, unsigned int i)
{
	struct worker *w = &f->worker;

	w->role = &fuzz_roles[i];
	w->counts = &f->counts[i];
	f->pids[i] = fork();
	if (f->pids[i] == 0)
		_exit(worker_run(w));
}

static int prepare(struct fuzz *f)
{
	struct worker *w = &f->worker;
	struct lens lens;
	int err = lens_open(&lens);

	if (err)
		return err;
	w->family = lens.family;
	lens_close(&lens);
	w->seed = f->seed;
	w->goal = (f->messages + f->nr_chosen - 1) / f->nr_chosen;
	w->fail = f->fail;
	f->counts = mmap(NULL, NR_ROLES * sizeof(*f->counts),
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f->counts == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->mailbox))
		return -errno;
	return 0;
}

/* What is blocked goes to the kernel's log. */
static void tell_hung(const struct fuzz *f, unsigned int i)
{
	const struct counts *c = &f->counts[i];

	fprintf(stderr, "fuzz: %s hangs in step %llu: %s\n", fuzz_roles[i].name,
		c->step, c->what ?: "before the first");
	write_file("/proc/sysrq-trigger", "w");
}

/* Return: is one of them, which does not end, where it was so long ago? */
static bool hangs(const struct fuzz *f, __u64 *steps, unsigned int *idle)
{
	unsigned int i;

	for (i = 0; i < NR_ROLES; i++) {
		idle[i] = f->counts[i].step == steps[i] ? idle[i] + 1 : 0;
		steps[i] = f->counts[i].step;
		if (f->pids[i] <= 0 || idle[i] < patience)
			continue;
		tell_hung(f, i);
		return true;
	}
	return false;
}

/* Return: did all that have ended by now end well? */
static bool reap(struct fuzz *f)
{
	bool ok = true;
	unsigned int i;
	int status;

	for (i = 0; i < NR_ROLES; i++) {
		if (f->pids[i] <= 0 ||
		    waitpid(f->pids[i], &status, WNOHANG) != f->pids[i])
			continue;
		f->pids[i] = 0;
		if (!status)
			continue;
		fprintf(stderr, "fuzz: %s ended with status %#x in step %llu: %s\n",
			fuzz_roles[i].name, status, f->counts[i].step,
			f->counts[i].what ?: "before the first");
		ok = false;
	}
	return ok;
}

static bool any_lives(const struct fuzz *f)
{
	unsigned int i;

	for (i = 0; i < NR_ROLES; i++)
		if (f->pids[i] > 0)
			return true;
	return false;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Each minute: a million takes more than an hour. */
static void tell_progress(const struct fuzz *f, double *told)
{
	__u64 messages = 0;
	unsigned int i;

	if (now() < *told + 60)
		return;
	*told = now();
	for (i = 0; i < NR_ROLES; i++)
		messages += f->counts[i].messages;
	fprintf(stderr, "fuzz: %llu of %llu messages\n", messages, f->messages);
}

/* Return: did all workers get through, and none hang? */
static bool watch(struct fuzz *f, const sigset_t *children)
{
	const struct timespec second = { .tv_sec = 1 };
	unsigned int idle[NR_ROLES] = {};
	__u64 steps[NR_ROLES] = {};
	double told = now();
	bool ok = true;

	while (any_lives(f)) {
		tell_progress(f, &told);
		if (sigtimedwait(children, NULL, &second) < 0 &&
		    hangs(f, steps, idle))
			return false;
		ok &= reap(f);
	}
	return ok;
}

static bool run(struct fuzz *f)
{
	sigset_t children;
	unsigned int i;
	bool ok;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	for (i = 0; i < NR_ROLES; i++)
		if (f->chosen[i])
			start(f, i);
	ok = watch(f, &children);
	mailbox_empty(f->worker.mailbox[1]);
	close(f->worker.mailbox[0]);
	close(f->worker.mailbox[1]);
	return ok;
}

/* Return: was each operation done at least once, as it has to in a long run? */
static bool tell_done(const struct fuzz *f)
{
	bool all = true;
	unsigned int i, role;
	const char *name;
	__u64 n;

	printf("fuzz: done");
	for (i = 0; i < 2 * MAX_OPS; i++) {
		name = message_op(i / 2, i % 2);
		for (role = n = 0; role < NR_ROLES; role++)
			n += f->counts[role].done[i / 2][i % 2];
		if (!name)
			continue;
		printf(" %s%s %llu", name, i % 2 ? " dump" : "", n);
		all &= n || f->messages < ENOUGH;
	}
	printf("\n");
	return all;
}

/* In a very long run, everybody has something done and something refused. */
static bool all_had_a_say(const struct fuzz *f)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < NR_ROLES; i++) {
		const struct counts *c = &f->counts[i];

		/* Of a hundred thousand messages, some hundred are right lines. */
		if (f->messages < 10 * ENOUGH || !f->chosen[i] ||
		    (c->lines && c->refused && c->accepted > c->lines))
			continue;
		fprintf(stderr, "fuzz: %s: %llu requests, %llu lines done, %llu refused: 0?\n",
			fuzz_roles[i].name, c->accepted - c->lines, c->lines,
			c->refused);
		all = false;
	}
	return all;
}

static void tell(const struct fuzz *f, double seconds,
		 const struct failures *failures, bool ok)
{
	struct counts sum = {};
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < NR_ROLES; i++) {
		sum.messages += f->counts[i].messages;
		sum.accepted += f->counts[i].accepted;
		sum.lines += f->counts[i].lines;
		sum.refused += f->counts[i].refused;
		sum.reads += f->counts[i].reads;
	}
	printf("fuzz: seed %llu, %llu messages in %.1f s (", f->seed,
	       sum.messages, seconds);
	for (i = 0; i < NR_ROLES; i++) {
		if (!f->chosen[i])
			continue;
		printf("%s%s %llu", comma, fuzz_roles[i].name,
		       f->counts[i].messages);
		comma = ", ";
	}
	printf("), accepted %llu and %llu lines, refused %llu, records and reads %llu, ",
	       sum.accepted - sum.lines, sum.lines, sum.refused, sum.reads);
	printf("failures injected %lld of slabs, %lld of pages: %s\n",
	       failures->slab, failures->page, ok ? "ok" : "FAILED");
}

static bool checked(const char *what, int err)
{
	if (err)
		fprintf(stderr, "fuzz: %s: %s\n", what, strerror(-err));
	return !err;
}

/* Some thousand messages need memory often enough; seldom that of whole pages. */
static bool have_failed(const struct fuzz *f, const struct failures *failures)
{
	const bool slab = failures->slab || f->messages < ENOUGH / 10;
	const bool page = failures->page || f->messages < 10 * ENOUGH;

	return checked("no slabs or no pages that failed",
		       slab && page ? 0 : -ENODATA);
}

static pid_t watcher;

/* Whoever ends us does not want memory to fail from here on. */
static void on_end(int signal)
{
	struct failures failures;

	if (getpid() == watcher)
		fault_end(&failures);
	_exit(128 + signal);
}

static void end_in_order(void)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = on_end };
	unsigned int i;

	watcher = getpid();
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static int fuzz(struct fuzz *f)
{
	struct failures failures = {};
	struct state before;
	double begun, took;
	bool ok;

	if (!checked("the module", check_state(&before) ?: prepare(f)))
		return 1;
	/* What is set up but once is by then: only what comes again can fail. */
	if (!checked("a wrong answer at first", check_answers()) ||
	    !checked("what was asked first does not end", check_back(&before)))
		return 1;
	if (f->fail) {
		int err;

		end_in_order();
		err = fault_begin();

		/* A kernel that has nothing for it. */
		if (!checked("failing allocations", err))
			return err == -ENOENT ? SKIPPED : 1;
	}
	begun = now();
	ok = run(f);
	took = now() - begun;
	if (f->fail)
		fault_end(&failures);
	/* Who hangs has what is asked for here, perhaps. */
	ok = ok && checked("what was begun does not end", check_back(&before)) &&
	     checked("a wrong answer", check_answers()) &&
	     checked("what was asked last does not end", check_back(&before));
	ok &= tell_done(f);
	ok &= all_had_a_say(f);
	if (f->fail)
		ok &= have_failed(f, &failures);
	tell(f, took, &failures, ok);
	return !ok;
}

int main(int argc, char **argv)
{
	static struct fuzz f = { .messages = 20000 };

	if (getrandom(&f.seed, sizeof(f.seed), 0) != sizeof(f.seed))
		return 1;
	/* Short enough to be typed. */
	f.seed >>= 32;
	if (!parse(&f, argc, argv)) {
		usage(stderr);
		return 2;
	}
	if (geteuid()) {
		fprintf(stderr, "fuzz: only root can be anybody\n");
		return SKIPPED;
	}
	printf("fuzz: seed %llu\n", f.seed);
	fflush(stdout);
	return fuzz(&f);
}
