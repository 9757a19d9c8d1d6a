/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NETLINK_TRACE_H
#define _NSLENS_NETLINK_TRACE_H

struct nslens_session;
struct nslens_trace_change;
struct nslens_viewer;
struct sock;

struct nslens_session *nslens_nl_session(const struct sock *sk);
int nslens_nl_set(struct sock *sk, const struct nslens_viewer *viewer,
		  struct nslens_trace_change *change);

#endif /* _NSLENS_NETLINK_TRACE_H */
