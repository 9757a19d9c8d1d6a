/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_EVENT_PUT_H
#define _NSLENS_EVENT_PUT_H

struct nslens_event;
struct nslens_session;
struct sk_buff;

unsigned int nslens_event_size(const struct nslens_event *event);
void nslens_event_put(struct sk_buff *skb, const struct nslens_session *session,
		      const struct nslens_event *event);

#endif /* _NSLENS_EVENT_PUT_H */
