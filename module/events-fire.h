/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_EVENTS_FIRE_H
#define _NSLENS_EVENTS_FIRE_H

#include <linux/types.h>

struct nslens_rec;

bool nslens_events_on(void);
void nslens_events_fire(const struct nslens_rec *r);
void nslens_events_init(void);
void nslens_events_exit(void);

#endif /* _NSLENS_EVENTS_FIRE_H */
