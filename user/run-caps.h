/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_RUN_CAPS_H
#define NSLENS_RUN_CAPS_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

/**
 * struct cap_set - capabilities that an option names
 * @bits: those with a name, 1 << CAP_*
 * @all: ALL was named
 */
struct cap_set {
	__u64 bits;
	bool all;
};

/**
 * struct run_caps - what becomes of our capabilities
 * @base: the set to start from; without @has_base, those that we have
 * @has_base: there is one
 * @add: what is added to that
 * @drop: what is taken away
 */
struct run_caps {
	__u64 base;
	bool has_base;
	struct cap_set add;
	struct cap_set drop;
};

/* What Docker and rootless Podman leave to a container. */
extern const __u64 caps_docker;
extern const __u64 caps_podman;

int caps_parse(struct cap_set *set, const char *option, const char *text);
int caps_settle(const struct run_caps *caps);
bool caps_asked(const struct run_caps *caps);
bool caps_leave(const struct run_caps *caps, int cap);
void caps_plan(const struct run_caps *caps, FILE *out);

/* In the child; they set errno. */
int caps_bound(const struct run_caps *caps, __u64 *left);
int caps_take(const struct run_caps *caps, __u64 left);

#endif
