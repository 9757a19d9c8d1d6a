// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family. Its operations are in netlink-*.c. */
#include "compat.h"
#include "netlink-gen.h"
#include "netlink.h"

/*
 * In every network namespace, so that a container sees its own world with it;
 * no operation needs a capability, each shows what its caller may see.
 */
struct genl_family nslens_nl_family __ro_after_init = {
	.name		= NSLENS_FAMILY_NAME,
	.version	= NSLENS_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
};

/**
 * nslens_netlink_init() - start to answer requests
 *
 * Context: process. Return: 0 or -errno.
 */
int __init nslens_netlink_init(void)
{
	return compat_genl_register(&nslens_nl_family, nslens_nl_ops,
				    ARRAY_SIZE(nslens_nl_ops));
}

/**
 * nslens_netlink_exit() - stop to answer requests; none is under way after it
 *
 * Context: process.
 */
void nslens_netlink_exit(void)
{
	compat_genl_unregister(&nslens_nl_family);
}
