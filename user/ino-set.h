/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_INO_SET_H
#define NSLENS_INO_SET_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/**
 * struct ino_set - a set of inode numbers; all zero is the empty one
 * @slots: the numbers by their hash, 0 where there is none
 * @nr: how many numbers
 * @size: how many slots, a power of two
 */
struct ino_set {
	__u32 *slots;
	size_t nr;
	size_t size;
};

int ino_set_add(struct ino_set *set, __u32 ino);
bool ino_set_has(const struct ino_set *set, __u32 ino);
void ino_set_free(struct ino_set *set);

#endif
