/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NETLINK_TRACE_H
#define _NSLENS_NETLINK_TRACE_H

struct nslens_session;
struct sock;

struct nslens_session *nslens_nl_session(const struct sock *sk);

#endif /* _NSLENS_NETLINK_TRACE_H */
