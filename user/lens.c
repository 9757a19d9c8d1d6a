// SPDX-License-Identifier: GPL-2.0
/* Reach the module, or say what to do. */
#include <errno.h>
#include <string.h>

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

/* An attribute's name, such as "member-of.ino: ", comes first if there is one. */
static size_t attribute(const struct nslens_conn *conn)
{
	size_t len = strspn(conn->error, "abcdefghijklmnopqrstuvwxyz-.");

	return len && !strncmp(conn->error + len, ": ", 2) ? len : 0;
}

/**
 * lens_reason() - why the last call failed, in words for a user
 * @conn: the connection
 *
 * The module names the attribute that it refuses. A user never saw that: the
 * caller names the argument instead.
 *
 * Return: text, good until the next call on @conn.
 */
const char *lens_reason(const struct nslens_conn *conn)
{
	size_t len = attribute(conn);

	return conn->error + (len ? len + 2 : 0);
}

/**
 * lens_blames() - tell whether the module complained of an attribute
 * @conn: the connection, after a call that failed
 * @name: of the attribute, or of the one around it
 *
 * Return: it did.
 */
bool lens_blames(const struct nslens_conn *conn, const char *name)
{
	size_t len = attribute(conn), own = strlen(name);

	return len >= own && !strncmp(conn->error, name, own) &&
	       (len == own || conn->error[own] == '.');
}

/**
 * lens_exit() - what to exit with after an error
 * @err: negative errno of a call, or of target_parse()
 *
 * Return: EXIT_PARTIAL if something is not there, or hidden, else EXIT_OWN.
 */
int lens_exit(int err)
{
	return err == -ENOENT || err == -ESRCH || err == -EACCES ?
	       EXIT_PARTIAL : EXIT_OWN;
}
