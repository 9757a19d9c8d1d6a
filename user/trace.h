/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of nslens trace share. */
#ifndef NSLENS_TRACE_H
#define NSLENS_TRACE_H

#include <signal.h>
#include <stdbool.h>

#include <sys/types.h>

#include "../include/names-gen.h"
#include "netlink-trace.h"
#include "out.h"

#define NR_EVENT_KINDS	NSLENS_EVENT_KIND_NR
#define NR_SWITCH_HOWS	NSLENS_SWITCH_HOW_NR
#define NR_EVENT_FLAGS	NSLENS_EVENT_FLAG_NR
#define NR_TRACE_FRONTS	NSLENS_TRACE_FRONT_NR

/*
 * Indexed by enum nslens_event_kind, _switch_how, bit of _event_flag, and
 * _trace_front.
 */
extern const char * const event_kind_names[NR_EVENT_KINDS];
extern const char * const switch_how_names[NR_SWITCH_HOWS];
extern const char * const event_flag_names[NR_EVENT_FLAGS];
extern const char * const trace_front_names[NR_TRACE_FRONTS];

enum trace_clock { CLOCK_SINCE_START, CLOCK_SINCE_BOOT, CLOCK_WALL };

struct trace;

/**
 * struct trace_style - how events are shown
 * @fields: what it looks at, enum nslens_event_field; 0 for everything
 * @begin: before the first; may be NULL
 * @event: show one
 * @end: after the last; may be NULL
 */
struct trace_style {
	__u32 fields;
	void (*begin)(struct trace *trace);
	void (*event)(struct trace *trace, const struct nslens_event *event);
	void (*end)(struct trace *trace);
};

extern const struct trace_style trace_text, trace_json, trace_summary;

/**
 * struct family - the processes that a trace is about
 * @limited: nothing else is traced, so when they have ended, so has the trace
 * @grows: with their children
 * @nr: how many of them live
 * @bits: which, by their PID here
 * @watched: one of them, 0 for none
 * @pidfd: refers to it, or -1
 * @next: below this there are none
 * @namespaces: how many that they have made are still there
 */
struct family {
	bool limited;
	bool grows;
	unsigned int nr;
	unsigned long *bits;
	__u32 watched;
	int pidfd;
	__u32 next;
	unsigned int namespaces;
};

int family_begin(struct family *family);
void family_add(struct family *family, __u32 pid);
void family_note(struct family *family, const struct nslens_event *event);
int family_watch(struct family *family);
void family_ended(struct family *family);
void family_end(struct family *family);

/**
 * struct command - the command that is traced from its first instruction
 * @argv: the command, or NULL for none
 * @pid: its PID here
 * @pidfd: refers to it, -1 before it is made and after it has ended
 * @sock: connects to it until it is executed
 * @status: its exit status, once it has ended
 * @signals: how many it was sent through us
 */
struct command {
	char **argv;
	pid_t pid;
	int pidfd;
	int sock;
	int status;
	unsigned int signals;
};

int command_make(struct command *command, const sigset_t *mask);
int command_go(struct command *command);
void command_abandon(struct command *command);
bool command_signal(struct command *command, int signal, int code);
void command_reap(struct command *command);

/**
 * struct trace - a trace
 * @tracer: the session
 * @ask: to look things up
 * @out: where events are shown
 * @style: how
 * @mask: of kinds that are shown, bits 1U << enum nslens_event_kind
 * @targets: what is traced
 * @nr: how many
 * @room: how many there is room for
 * @all: everything, too
 * @follow: descendants, too
 * @exists: begin with what is there
 * @json: as JSON
 * @summary: no events, but how many there were
 * @quiet: no totals
 * @headings: begin with headings
 * @color: in colour
 * @color_set: someone has said whether
 * @clock: what times are since
 * @path: of the file that events are written to, or NULL
 * @limit: end after so many events, 0 for never
 * @duration: end after so many ns, 0 for never
 * @family: the processes that it is about
 * @command: what is run
 * @mask_before: signal mask that we were started with
 * @start: when it began, ns since boot
 * @shown: events so far
 * @lost_ring: of which the module told that they did not fit in a ring
 * @lost_queue: of which it told that we were too slow
 * @ends: the command has ended, and with it this, once what exists has been told
 * @lingers: all processes have ended, but not all of their namespaces
 * @signal: that was to end us
 * @over: the end is reached
 * @failed: not as it should be
 * @counts: of the summary
 */
struct trace {
	struct nslens_tracer tracer;
	struct nslens_conn ask;
	struct out out;
	const struct trace_style *style;
	__u32 mask;
	struct nslens_target *targets;
	size_t nr;
	size_t room;
	bool all;
	bool follow;
	bool exists;
	bool json;
	bool summary;
	bool quiet;
	bool headings;
	bool color;
	bool color_set;
	enum trace_clock clock;
	const char *path;
	__u64 limit;
	__u64 duration;
	struct family family;
	struct command command;
	sigset_t mask_before;
	__u64 start;
	__u64 shown;
	__u64 lost_ring;
	__u64 lost_queue;
	bool ends;
	bool lingers;
	int signal;
	bool over;
	bool failed;
	struct counts *counts;
};

/* trace-target.c: what is traced */
int trace_add(struct trace *trace, const char *text);
int trace_add_pid(struct trace *trace, __u32 pid);

/* trace-loop.c: from the first event to the last */
__u64 now(void);
void trace_block_signals(struct trace *trace);
int trace_run(struct trace *trace);

/* trace.c: a trace of a command alone, for run */
int trace_command(char **argv);

#endif
