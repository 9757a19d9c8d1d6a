/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_EVENT_TEXT_H
#define _NSLENS_EVENT_TEXT_H

#include <linux/types.h>

struct nslens_event;
struct nslens_session;

/* Enough for any event: mostly a file name of which every byte is escaped. */
#define NSLENS_EVENT_TEXT	16384

/* By enum nslens_event_kind. */
extern const char *const nslens_event_names[];

int nslens_event_text(char *buf, int size, const struct nslens_session *session,
		      const struct nslens_event *event);

#endif /* _NSLENS_EVENT_TEXT_H */
