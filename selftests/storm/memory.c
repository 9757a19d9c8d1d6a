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
#include "proc.h"

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

/* name active_objs num_objs objsize ... */
static long kmalloc_kb(void)
{
	FILE *f = fopen("/proc/slabinfo", "re");
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
 */
void memory_look(struct memory *m)
{
	char text[8192];
	unsigned int i;

	settle();
	memset(m, 0, sizeof(*m));
	if (read_file("/proc/meminfo", text, sizeof(text)) < 0)
		return;
	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
		const char *value = text_field(text, held[i]);

		m->held += value ? strtol(value, NULL, 10) : 0;
	}
	m->kmalloc = kmalloc_kb();
}
