// SPDX-License-Identifier: GPL-2.0
/* Reach the module, or say what to do. */
#include <errno.h>

#include "netlink.h"
#include "nslens.h"
#include "options.h"

/**
 * lens_open() - connect to the module, complain if that fails
 * @conn: as for nslens_open()
 *
 * Return: 0 or a negative errno, after a complaint with the next step.
 */
int lens_open(struct nslens_conn *conn)
{
	int err = nslens_open(conn);

	if (err == -ENOENT)
		complain("%s: %s", conn->error,
			 "load it with `modprobe nslens` or `insmod nslens.ko`, or try it in a VM with `make vm`");
	else if (err == -EPROTONOSUPPORT && conn->version)
		complain("%s: %s", conn->error,
			 "load the module that was built with it (`rmmod nslens`, `insmod nslens.ko`)");
	else if (err)
		complain("cannot reach the module: %s", conn->error);
	return err;
}
