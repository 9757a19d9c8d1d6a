// SPDX-License-Identifier: GPL-2.0
/* From the first event to the last. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "nslens.h"
#include "options.h"
#include "trace.h"

#define NSEC_PER_SEC	1000000000ULL

/* So many messages are taken before signals and the clock are looked at. */
#define BATCH		64

/*
 * When all processes have ended, their namespaces are destroyed soon after; how
 * long that is waited for, in case that others keep one.
 */
#define GRACE		(5 * NSEC_PER_SEC)

/* While events come as fast as they are taken, the end does not wait longer. */
#define CATCH_UP	4096

/* That what exists has been told of shows only when asked, each time after so long. */
#define ASK_MS		20

/* What is waited for, by index into an array of struct pollfd. */
enum { EVENTS, SIGNALS, TIMER, MEMBER, COMMAND, READER, NR_FDS };

/**
 * now() - the time that events are told by
 *
 * Return: ns since boot.
 */
__u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (__u64)ts.tv_sec * NSEC_PER_SEC + (__u64)ts.tv_nsec;
}

static void on_event(const struct nslens_event *event, void *arg)
{
	__u32 kind = nslens_event_u32(event, NSLENS_A_EVENT_KIND);
	struct trace *trace = arg;

	if (kind == NSLENS_EVENT_KIND_LOST) {
		trace->lost_ring += nslens_event_u64(event,
						     NSLENS_A_EVENT_LOST_RING);
		trace->lost_queue += nslens_event_u64(event,
						      NSLENS_A_EVENT_LOST_QUEUE);
	} else if (trace->family.limited) {
		family_note(&trace->family, event);
	}
	if (trace->over || kind >= NR_EVENT_KINDS ||
	    !(trace->mask & 1U << kind))
		return;
	trace->style->event(trace, event);
	if (kind != NSLENS_EVENT_KIND_LOST && ++trace->shown == trace->limit)
		trace->over = true;
}

/* Take what has come. */
static void take_events(struct trace *trace)
{
	int more = 1;

	for (int i = 0; i < BATCH && more > 0 && !trace->over; i++)
		more = nslens_trace_receive(&trace->tracer);
	if (more < 0) {
		complain("%s", trace->tracer.conn.error);
		trace->failed = true;
		trace->over = true;
	}
}

/* Take all that has happened until now. */
static void catch_up(struct trace *trace)
{
	const struct nslens_trace_change nothing = { .add = NULL };
	int more = 1;

	for (int i = 0; i < CATCH_UP && more > 0 && !trace->over; i++)
		more = nslens_trace_receive(&trace->tracer);
	/* Without an answer the queue is full, and what is lost is told. */
	if (!trace->over)
		nslens_trace_set(&trace->tracer, &nothing);
}

static void set_timer(int fd, __u64 ns)
{
	const struct itimerspec timer = {
		.it_value = {
			.tv_sec = (time_t)(ns / NSEC_PER_SEC),
			.tv_nsec = (long)(ns % NSEC_PER_SEC),
		},
	};

	timerfd_settime(fd, 0, &timer, NULL);
}

/* All processes have ended; of their namespaces there may be more to come. */
static void finish_family(struct trace *trace, const struct pollfd *fds)
{
	__u32 kinds = NSLENS_EVENT_MASK_NS_CREATE |
		      NSLENS_EVENT_MASK_NS_DESTROY;
	__u64 end = now() + GRACE;

	if (!trace->family.namespaces || (trace->mask & kinds) != kinds) {
		trace->over = true;
		return;
	}
	if (trace->lingers)
		return;
	trace->lingers = true;
	if (!trace->duration || end < trace->start + trace->duration)
		set_timer(fds[TIMER].fd, GRACE);
}

static void look_at_family(struct trace *trace, struct pollfd *fds)
{
	struct family *family = &trace->family;

	if (fds[MEMBER].revents) {
		catch_up(trace);
		family_ended(family);
	}
	fds[MEMBER].fd = family_watch(family);
	if (!family->nr && trace->command.pidfd < 0 && !trace->over)
		finish_family(trace, fds);
}

/* Signals do not kill us, so that the end is in order. */
static void take_signal(struct trace *trace, const struct pollfd *signals)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (!command_signal(&trace->command, (int)info.ssi_signo,
			    info.ssi_code))
		trace->signal = (int)info.ssi_signo;
}

/* What else is traced may have no end of its own. */
static void end_command(struct trace *trace, struct pollfd *fds)
{
	command_reap(&trace->command);
	fds[COMMAND].fd = -1;
	trace->ends = !trace->family.limited && !trace->duration &&
		      !trace->limit;
}

/* Until all that exists has been told of, it cannot be asked for again. */
static bool told_what_exists(struct trace *trace)
{
	const struct nslens_trace_change nothing_again = {
		.set_events = true, .exists = true,
	};
	int err;

	if (!trace->exists)
		return true;
	err = nslens_trace_set(&trace->tracer, &nothing_again);
	if (err == -EBUSY || err == -EAGAIN)
		return false;
	if (err) {
		complain("%s", trace->tracer.conn.error);
		trace->failed = true;
	}
	return true;
}

static void end_soon(struct trace *trace)
{
	catch_up(trace);
	if (!trace->over && told_what_exists(trace))
		trace->over = true;
}

static void one_round(struct trace *trace, struct pollfd *fds)
{
	if (fds[EVENTS].revents)
		take_events(trace);
	if (fds[COMMAND].revents)
		end_command(trace, fds);
	if (trace->ends)
		end_soon(trace);
	if (trace->family.limited)
		look_at_family(trace, fds);
	if (fds[SIGNALS].revents)
		take_signal(trace, &fds[SIGNALS]);
	if (trace->signal || fds[TIMER].revents) {
		trace->out.hurry = trace->signal;
		catch_up(trace);
		trace->over = true;
	}
	if (fds[READER].revents)
		trace->out.err = fds[READER].revents & POLLNVAL ? EBADF : EPIPE;
	out_flush(&trace->out);
	if (trace->out.err)
		trace->over = true;
}

/*
 * The trace is over, the command is not: its exit status is ours, unless someone
 * is tired of waiting.
 */
static void stay_with_command(struct trace *trace, struct pollfd *fds)
{
	while (trace->command.pidfd >= 0 && !trace->signal) {
		struct pollfd two[] = { fds[COMMAND], fds[SIGNALS] };

		if (poll(two, 2, -1) < 0)
			continue;
		if (two[0].revents)
			command_reap(&trace->command);
		else
			take_signal(trace, &two[1]);
	}
	if (trace->command.pidfd >= 0)
		trace->command.status = 128 + trace->signal;
}

static void say_totals(const struct trace *trace, __u64 end)
{
	__u64 ms = (end - trace->start) / 1000000;
	char lost[160] = "none lost";

	if (trace->out.err == EINTR)
		complain("standard output took no more: the last events were not written");
	if (trace->lost_ring || trace->lost_queue)
		snprintf(lost, sizeof(lost),
			 "%llu lost: %llu did not fit in a ring (the module's parameter ring_kb), %llu that nslens was too slow for",
			 trace->lost_ring + trace->lost_queue, trace->lost_ring,
			 trace->lost_queue);
	if (!trace->quiet)
		complain("%llu event%s in %llu.%03llu s, %s", trace->shown,
			 trace->shown == 1 ? "" : "s", ms / 1000, ms % 1000,
			 lost);
}

static void fill_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
}

/**
 * trace_block_signals() - have signals wait until trace_run() looks at them
 * @trace: remembers how it was before
 */
void trace_block_signals(struct trace *trace)
{
	sigset_t set;

	fill_set(&set);
	sigprocmask(SIG_BLOCK, &set, &trace->mask_before);
}

/*
 * From before the first event on: it comes with the answer that the trace has
 * begun, and who reads our output may pause there.
 */
static int watch_signals(struct trace *trace)
{
	sigset_t set;

	fill_set(&set);
	trace->out.stop_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (trace->out.stop_fd >= 0)
		return 0;
	complain("making file descriptors: %s", strerror(errno));
	return -1;
}

static int watch(struct trace *trace, struct pollfd fds[NR_FDS])
{
	for (int i = 0; i < NR_FDS; i++)
		fds[i] = (struct pollfd){ -1, POLLIN, 0 };
	fds[SIGNALS].fd = trace->out.stop_fd;
	fds[TIMER].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (fds[TIMER].fd < 0) {
		complain("making file descriptors: %s", strerror(errno));
		return -1;
	}
	if (trace->duration)
		set_timer(fds[TIMER].fd, trace->duration);
	fds[EVENTS].fd = nslens_trace_fd(&trace->tracer);
	fds[COMMAND].fd = trace->command.pidfd;
	/* That nobody reads any more shows without writing. */
	fds[READER] = (struct pollfd){ trace->out.fd, 0, 0 };
	if (trace->family.limited)
		fds[MEMBER].fd = family_watch(&trace->family);
	return 0;
}

static int begin(struct trace *trace)
{
	struct nslens_trace_change change = {
		.add = trace->targets, .nr_add = trace->nr,
		.set_events = true,
		.events = trace->mask & ~(1U << NSLENS_EVENT_KIND_LOST),
		.exists = trace->exists,
	};
	int err = nslens_trace_open(&trace->tracer, on_event, trace);

	if (err) {
		complain("%s", trace->tracer.conn.error);
		return err;
	}
	/* The end of a trace of processes shows in these. */
	if (trace->family.limited) {
		change.events |= NSLENS_EVENT_MASK_FORK |
				 NSLENS_EVENT_MASK_EXIT;
	} else if (trace->style->fields) {
		change.set_fields = true;
		change.fields = trace->style->fields;
	}
	trace->start = now();
	if (trace->style->begin)
		trace->style->begin(trace);
	err = nslens_trace_set(&trace->tracer, &change);
	/* To be told less saves time; the first modules cannot. */
	if (err == -EINVAL && change.set_fields) {
		change.set_fields = false;
		err = nslens_trace_set(&trace->tracer, &change);
	}
	if (err) {
		complain("%s", trace->tracer.conn.error);
		nslens_trace_close(&trace->tracer);
	}
	return err;
}

static void stop(struct trace *trace, struct pollfd *fds)
{
	__u64 end = now();

	nslens_trace_close(&trace->tracer);
	if (trace->style->end && !trace->out.err)
		trace->style->end(trace);
	out_flush(&trace->out);
	if (trace->out.err && trace->out.err != EPIPE &&
	    trace->out.err != EINTR) {
		complain("writing events: %s", strerror(trace->out.err));
		trace->failed = true;
	}
	if (trace->out.err != EPIPE)
		say_totals(trace, end);
	stay_with_command(trace, fds);
}

static int follow(struct trace *trace, struct pollfd *fds)
{
	int status = 0;

	/* The headings tell that tracing has begun. */
	out_flush(&trace->out);
	trace->over |= trace->out.err;
	if (trace->command.argv)
		status = command_go(&trace->command);
	while (!trace->over)
		if (poll(fds, NR_FDS, trace->ends ? ASK_MS : -1) >= 0)
			one_round(trace, fds);
	stop(trace, fds);
	if (status)
		return status;
	if (trace->failed)
		return trace->command.argv ? EXIT_RUN_OWN : EXIT_OWN;
	return trace->command.argv ? trace->command.status : 0;
}

/**
 * trace_run() - trace until the end
 * @trace: with its targets, its style and its stream; the command, if any, has
 *	been made
 *
 * Return: the exit status.
 */
int trace_run(struct trace *trace)
{
	struct pollfd fds[NR_FDS];
	int err = watch_signals(trace) ? -errno : begin(trace);

	if (!err && !watch(trace, fds))
		return follow(trace, fds);
	if (trace->command.argv) {
		command_abandon(&trace->command);
		return EXIT_RUN_OWN;
	}
	return err == -ESRCH || err == -ENOENT ? EXIT_PARTIAL : EXIT_OWN;
}
