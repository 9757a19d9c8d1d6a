// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that there is not, for what the module allocates: in every other step of
 * a worker the nth time, and now and then, on whosever behalf it does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/proc.h"

#define DEBUGFS		"/sys/kernel/debug/"
/* So often at most, counted down. */
#define TIMES		2000000000LL
#define MODULE_PERCENT	"1"

#define SLAB		"failslab"
#define PAGE		"fail_page_alloc"

static int set(const char *fault, const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), DEBUGFS "%s/%s", fault, name);
	return write_file(path, value);
}

static long long times_of(const char *fault)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), DEBUGFS "%s/times", fault);
	return read_file(path, text, sizeof(text)) < 0 ? 0 : atoll(text);
}

/* From where to where in the kernel, as debugfs takes it. */
struct range {
	char start[32], end[32];
};

static void to_range(struct range *r, unsigned long long start,
		     unsigned long long end)
{
	snprintf(r->start, sizeof(r->start), "%#llx", start);
	snprintf(r->end, sizeof(r->end), "%#llx", end);
}

static int find_module(struct range *module)
{
	unsigned long long from, bytes;
	char name[64], line[256];
	FILE *file = fopen("/proc/modules", "re");
	int err = -ENXIO;

	if (!file)
		return -errno;
	while (err && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %llu %*s %*s %*s %llx", name, &bytes,
			   &from) != 3 || strcmp(name, "nslens"))
			continue;
		to_range(module, from, from + bytes);
		err = 0;
	}
	fclose(file);
	return err;
}

/* From a function to the next symbol; they are in the order of addresses. */
static int find_function(struct range *function, const char *wanted)
{
	unsigned long long at, from = 0;
	char name[128], line[256];
	FILE *file = fopen("/proc/kallsyms", "re");
	int err = -ENXIO;

	if (!file)
		return -errno;
	while (err && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx %*c %127s", &at, name) != 2)
			continue;
		if (!strcmp(name, wanted))
			from = at;
		if (!from || at == from)
			continue;
		to_range(function, from, at);
		err = 0;
	}
	fclose(file);
	return err;
}

static int begin(const char *fault, const struct range *module,
		 const struct range *spared)
{
	char times[32];

	snprintf(times, sizeof(times), "%lld", TIMES);
	/* These two are of page allocations alone. */
	set(fault, "min-order", "0");
	set(fault, "ignore-gfp-highmem", "N");
	return set(fault, "ignore-gfp-wait", "N") ?:
	       set(fault, "verbose", "0") ?:
	       set(fault, "task-filter", "N") ?:
	       set(fault, "require-start", module->start) ?:
	       set(fault, "require-end", module->end) ?:
	       set(fault, "reject-start", spared->start) ?:
	       set(fault, "reject-end", spared->end) ?:
	       set(fault, "interval", "1") ?:
	       set(fault, "times", times) ?:
	       set(fault, "probability", MODULE_PERCENT);
}

/* Return: how often it has failed. */
static long long end(const char *fault)
{
	long long n;

	set(fault, "probability", "0");
	n = TIMES - times_of(fault);
	set(fault, "require-start", "0");
	set(fault, "require-end", "0xffffffffffffffff");
	set(fault, "reject-start", "0");
	set(fault, "reject-end", "0");
	set(fault, "times", "1");
	return n;
}

/**
 * fault_begin() - from now on allocations of the module fail now and then
 *
 * Return: 0, -ENOENT of a kernel that has nothing for it, -ENXIO where what is to
 * fail, or must not, is not found; or another -errno.
 */
int fault_begin(void)
{
	struct range module, spared;
	/*
	 * Must not fail in the kernel's own opinion, which warns if it does. Of
	 * what leads there, this has been a function of its own in all kernels;
	 * where it is none, that is an error here.
	 */
	int err = find_module(&module) ?:
		find_function(&spared, "__unregister_kprobe_top");

	err = err ?: begin(SLAB, &module, &spared);
	if (err)
		return err;
	err = begin(PAGE, &module, &spared);
	if (err)
		end(SLAB);
	return err;
}

/**
 * fault_end() - nothing fails any more
 * @failures: how many have, those of fault_arm() included
 *
 * May be called by who handles a signal.
 */
void fault_end(struct failures *failures)
{
	failures->slab = end(SLAB);
	failures->page = end(PAGE);
}

/**
 * fault_arm() - have an allocation fail in what the worker does next
 * @w: the worker; it has to tell fault_disarm() when that is over
 */
void fault_arm(struct worker *w)
{
	/* Drawn in any case: nothing else shall differ from a run without. */
	bool spared = percent(&w->rng, 50);
	unsigned int nth = 1 + rng_sized(&w->rng, 9);
	char text[16];
	int len;

	if (w->fail_nth < 0 || spared)
		return;
	len = snprintf(text, sizeof(text), "%u", nth);
	pwrite(w->fail_nth, text, len, 0);
}

/**
 * fault_disarm() - what the worker does from here on does not fail
 * @w: the worker
 */
void fault_disarm(struct worker *w)
{
	if (w->fail_nth >= 0)
		pwrite(w->fail_nth, "0", 1, 0);
}
