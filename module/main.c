// SPDX-License-Identifier: GPL-2.0
/* nslens: both sides of the namespace illusion. */
#include <linux/init.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <uapi/linux/nslens.h>

#include "events-fire.h"
#include "netlink.h"
#include "ns.h"
#include "nsid.h"
#include "nssnap.h"
#include "proc.h"
#include "trace.h"
#include "version.h"

static int __init nslens_init(void)
{
	int err;

	err = nslens_ns_check();
	if (err)
		goto err_check;
	err = nslens_trace_init();
	if (err)
		goto err_trace;
	err = nslens_proc_init();
	if (err)
		goto err_proc;
	err = nslens_netlink_init();
	if (err)
		goto err_netlink;
	nslens_events_init();
	return 0;

err_netlink:
	nslens_proc_exit();
err_proc:
	/* There may have been a file already, and who opened it. */
	nslens_nssnap_exit();
	nslens_nsid_exit();
	nslens_trace_exit();
err_trace:
err_check:
	return err;
}

static void __exit nslens_exit(void)
{
	nslens_events_exit();
	nslens_netlink_exit();
	nslens_proc_exit();
	/* Open files have had snapshots until now. */
	nslens_nssnap_exit();
	nslens_nsid_exit();
	nslens_trace_exit();
}

module_init(nslens_init);
module_exit(nslens_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(NSLENS_VERSION);
MODULE_DESCRIPTION("Namespace membership and PID translation of tasks at every level");
MODULE_ALIAS_GENL_FAMILY(NSLENS_FAMILY_NAME);
