// SPDX-License-Identifier: GPL-2.0
/* What memory the kernel holds, when all is given back that can be. */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "part.h"
#include "proc.h"

/* There with CONFIG_SLUB_DEBUG alone. */
#define SLABINFO	"/proc/slabinfo"

/* Of /proc/meminfo. */
static const char *const held[] = {
	"SUnreclaim", "KernelStack", "PageTables", "VmallocUsed", "Percpu",
};

/* What is freed after a grace period, of which one may start another. */
static void settle(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		write_file("/proc/sys/vm/drop_caches", "3");
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	}
}

/* name active_objs num_objs objsize ... Return: in KiB, 0 if it does not say. */
static long kmalloc_kb(void)
{
	FILE *f = fopen(SLABINFO, "re");
	unsigned long active, all, size, bytes = 0;
	char line[512], name[64];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu %lu %lu", name, &active, &all,
			   &size) == 4 && !strncmp(name, "kmalloc-", 8))
			bytes += active * size;
	if (f)
		fclose(f);
	return bytes / 1024;
}

/**
 * memory_look() - see what the kernel holds
 * @m: filled in
 *
 * Return: 0, or why that cannot be seen, as fail().
 */
int memory_look(struct memory *m)
{
	char text[8192];
	unsigned int i;

	settle();
	memset(m, 0, sizeof(*m));
	NEED(read_file("/proc/meminfo", text, sizeof(text)) >= 0,
	     "no /proc/meminfo");
	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
		const char *value = text_field(text, held[i]);

		NEED(value, "no %s in /proc/meminfo", held[i]);
		m->held += strtol(value, NULL, 10);
	}
	m->kmalloc = NOT_TOLD;
	if (access(SLABINFO, F_OK))
		return 0;
	m->kmalloc = kmalloc_kb();
	NEED(m->kmalloc, "no kmalloc in " SLABINFO);
	return 0;
}

/**
 * memory_is_kept() - does this kernel keep what is freed, so that growth says nothing
 *
 * A kernel with KASAN does, to see who still uses it; what nobody points to any
 * more it tells of itself, in the end.
 */
bool memory_is_kept(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}
