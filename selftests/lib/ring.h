/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_RING_H
#define _SELFTESTS_RING_H

int ring_read(int fd, void *bytes, unsigned int size);

#endif
