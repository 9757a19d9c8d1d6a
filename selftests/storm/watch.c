// SPDX-License-Identifier: GPL-2.0
/* Processes that trace, and count what they are told. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heard.h"
#include "part.h"
#include "session.h"
#include "tool.h"
#include "watch.h"

#define LOST	NSLENS_EVENT_KIND_LOST

/* Of the events that a reader has had last. */
struct order {
	__u64 seq, gap, time;
};

static __u64 sum_told(const struct seen *seen)
{
	__u64 n = 0;
	unsigned int i;

	for (i = 0; i < LOST; i++)
		n += seen->told[i];
	return n;
}

static __u64 total(const struct seen *seen)
{
	return sum_told(seen) + seen->queue + seen->ring;
}

#define WRONG(seen, ...)						\
	snprintf((seen)->wrong, sizeof((seen)->wrong), __VA_ARGS__)

/* A number is missing for each that was lost, and the time never goes back. */
static void take_one(struct seen *seen, struct order *o, const struct event *e)
{
	if (e->kind == LOST) {
		o->gap += e->lost_queue;
		seen->queue += e->lost_queue;
		seen->ring += e->lost_ring;
		if (e->first > e->time || !(e->lost_queue + e->lost_ring))
			WRONG(seen, "a loss from %llu to %llu", e->first,
			      e->time);
		return;
	}
	if (e->kind > LOST || e->seq != o->seq + o->gap + 1)
		WRONG(seen, "event %llu of kind %u after %llu and %llu lost",
		      e->seq, e->kind, o->seq, o->gap);
	else
		seen->told[e->kind]++;
	if (e->time < o->time)
		WRONG(seen, "event %llu at %llu, before %llu", e->seq, e->time,
		      o->time);
	*o = (struct order){ .seq = e->seq, .time = e->time };
}

static void take(struct seen *seen, struct order *o, struct session *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		take_one(seen, o, &s->v[i]);
	session_drop(s);
}

static int begin(struct session *s, const struct plan *plan)
{
	struct trace_change change = {
		.add = { {
			.pid = plan->pid, .follow = plan->pid,
			.cgroup = plan->cgroup,
			.all = !plan->pid && !plan->cgroup,
		} },
		.set_events = true,
		.events = plan->events,
	};

	return session_open(s) ?: session_set(s, &change) ?:
	       plan->room ? session_room(s, plan->room) : 0;
}

/* Until there is something to read. Return: false when it is to finish. */
static bool await(int fd, int finish)
{
	struct pollfd wait[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = finish, .events = POLLIN },
	};

	while (poll(wait, 2, -1) < 0 && errno == EINTR)
		;
	return wait[0].revents;
}

/* Its own counts are those of the module. */
static void compare(struct seen *seen, struct session *s, struct order *o)
{
	struct trace_state state;
	int err = session_room(s, LARGE_ROOM) ?: session_sync(s);

	take(seen, o, s);
	err = err ?: session_state(s, &state);
	if (err)
		WRONG(seen, "%s: %s", s->lens.text, strerror(-err));
	else if (state.delivered != sum_told(seen) ||
		 state.lost_queue != seen->queue ||
		 state.lost_ring != seen->ring)
		WRONG(seen, "told %llu, lost %llu and %llu; the module says %llu, %llu and %llu",
		      sum_told(seen), seen->queue, seen->ring, state.delivered,
		      state.lost_queue, state.lost_ring);
}

static void await_rest(struct seen *seen, const struct plan *plan,
		       struct session *s, struct order *o)
{
	const double deadline = seconds() + plan->patience;
	int err = 0;

	while (total(seen) < seen->expected &&
	       (!err || (err == -EAGAIN && seconds() < deadline))) {
		err = session_read(s);
		take(seen, o, s);
	}
}

static void read_socket(struct seen *seen, const struct plan *plan, int ready,
			int finish)
{
	struct order order = {};
	struct session s;
	int err = begin(&s, plan);

	if (err) {
		WRONG(seen, "%s: %s", s.lens.text, strerror(-err));
		return;
	}
	close(ready);
	while (await(s.lens.fd, finish)) {
		err = session_read(&s);
		take(seen, &order, &s);
		if (err && err != -EAGAIN)
			WRONG(seen, "reading: %s", strerror(-err));
	}
	await_rest(seen, plan, &s, &order);
	compare(seen, &s, &order);
	session_close(&s);
}

static const char *const kinds[] = {
	"fork", "exec", "exit", "switch", "ns-create", "ns-destroy", "exists",
};

static int begin_file(const struct plan *plan)
{
	int fd = open("/proc/nslens/trace", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	char text[256] = "events ";
	unsigned int i;

	for (i = 0; i < LOST; i++)
		if (plan->events & 1U << i)
			sprintf(text + strlen(text), "%s,", kinds[i]);
	text[strlen(text) - 1] = '\n';
	if (plan->pid)
		sprintf(text + strlen(text), "pid %d follow", plan->pid);
	else if (plan->cgroup)
		sprintf(text + strlen(text), "cgroup %s", plan->cgroup);
	else
		strcat(text, "all");
	if (fd >= 0 && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return -errno;
	return fd < 0 ? -errno : fd;
}

static void read_file_(struct seen *seen, const struct plan *plan, int ready,
		       int finish)
{
	static struct heard heard;
	int fd = begin_file(plan);
	int err = 0;

	if (fd < 0) {
		WRONG(seen, "/proc/nslens/trace: %s", strerror(-fd));
		return;
	}
	close(ready);
	while ((!err || err == -EAGAIN) && await(fd, finish))
		err = hear(&heard, fd);
	hear_until(&heard, fd, seen->expected);
	seen->told[0] = heard.told;
	seen->queue = heard.lost;
	seen->ring = heard.ring;
	if (*heard.wrong)
		WRONG(seen, "%.200s", heard.wrong);
	if (err && err != -EAGAIN)
		WRONG(seen, "/proc/nslens/trace: %s", strerror(-err));
	close(fd);
}

static void watch(struct seen *seen, const struct plan *plan, int ready,
		  int finish)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (plan->proc)
		read_file_(seen, plan, ready, finish);
	else
		read_socket(seen, plan, ready, finish);
	seen->done = true;
	_exit(0);
}

/**
 * watch_start() - have a reader, and wait until it traces
 * @w: filled in
 * @plan: what it does; must last
 *
 * Return: 0 or a failure, told.
 */
int watch_start(struct watch *w, const struct plan *plan)
{
	int ready[2], finish[2];
	char byte;

	w->plan = plan;
	w->seen = mmap(NULL, sizeof(*w->seen), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(w->seen != MAP_FAILED && !pipe2(ready, O_CLOEXEC) &&
	     !pipe2(finish, O_CLOEXEC), "%s: no pipe", plan->name);
	w->pid = fork();
	if (!w->pid) {
		close(ready[0]);
		close(finish[1]);
		watch(w->seen, plan, ready[1], finish[0]);
	}
	close(ready[1]);
	close(finish[0]);
	w->finish = finish[1];
	NEED(w->pid > 0, "%s: fork: %s", plan->name, strerror(errno));
	/* That it is closed says so; also if the reader has failed. */
	NEED(!read(ready[0], &byte, 1), "%s: no answer", plan->name);
	close(ready[0]);
	NEED(!*w->seen->wrong, "%s: %s", plan->name, w->seen->wrong);
	return 0;
}

void watch_signal(struct watch *w, int signal)
{
	kill(w->pid, signal);
}

/**
 * watch_kill() - kill a reader, and be done with it
 * @w: the reader
 */
void watch_kill(struct watch *w)
{
	if (w->pid) {
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
	close(w->finish);
	munmap(w->seen, sizeof(*w->seen));
	memset(w, 0, sizeof(*w));
}

/**
 * watch_told() - what has been told to a reader, without what was lost
 * @w: the reader, which has finished
 */
__u64 watch_told(const struct watch *w)
{
	return sum_told(w->seen);
}

/**
 * watch_catch_up() - wait until a reader has been told of all that has happened
 * @w: the reader
 * @expected: how many events have happened; no more do
 *
 * Return: 0 or a failure, told.
 */
int watch_catch_up(const struct watch *w, __u64 expected)
{
	const double deadline = seconds() + 300;

	while (total(w->seen) < expected) {
		NEED(seconds() < deadline, "%s: told and lost %llu of %llu",
		     w->plan->name, total(w->seen), expected);
		usleep(1000);
	}
	return 0;
}

/**
 * watch_finish() - let a reader come to its end: it has been told of all, and
 *	of what was lost
 * @w: the reader; no more is to happen
 * @expected: how many events have happened
 *
 * Return: 0 or a failure, told. What it has seen is there until watch_kill().
 */
int watch_finish(struct watch *w, __u64 expected)
{
	const struct seen *seen = w->seen;
	int status = 0;

	w->seen->expected = expected;
	/* Other readers have this end, too: it is not closed by closing it. */
	NEED(write(w->finish, "", 1) == 1, "%s: is gone", w->plan->name);
	NEED(waitpid(w->pid, &status, 0) == w->pid && !status && seen->done,
	     "%s: ended with status %#x", w->plan->name, status);
	w->pid = 0;
	NEED(!*seen->wrong, "%s: %s", w->plan->name, seen->wrong);
	NEED(!seen->ring || w->plan->ring, "%s: %llu were lost in a ring", w->plan->name,
	     seen->ring);
	NEED(total(seen) == expected,
	     "%s: told %llu and lost %llu, which is %lld more than the %llu that happened",
	     w->plan->name, sum_told(seen), seen->queue,
	     (long long)(total(seen) - expected), expected);
	return 0;
}
