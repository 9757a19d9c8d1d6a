// SPDX-License-Identifier: GPL-2.0
/* nslens: both sides of the namespace illusion. */
#include <linux/init.h>
#include <linux/module.h>

static int __init nslens_init(void)
{
	return 0;
}

static void __exit nslens_exit(void)
{
}

module_init(nslens_init);
module_exit(nslens_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Namespace membership and PID translation at every level");
