/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NETLINK_H
#define _NSLENS_NETLINK_H

struct genl_family;

extern struct genl_family nslens_nl_family;

int nslens_netlink_init(void);
void nslens_netlink_exit(void);

#endif /* _NSLENS_NETLINK_H */
