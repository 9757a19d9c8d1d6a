/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_PATIENCE_H
#define _SELFTESTS_PATIENCE_H

/* How long what must come is waited for, in the slowest kernel and on a busy host. */
#define PATIENCE	120000	/* ms */

#endif
