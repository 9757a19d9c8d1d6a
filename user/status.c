// SPDX-License-Identifier: GPL-2.0
/* nslens status: what the module is, and what the caller may see. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "json-out.h"
#include "netlink.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"
#include "status.h"

static const struct opt opts[] = {
	{ "json", 'J', NULL, "print JSON" },
	{ NULL }
};

static const struct usage usage = {
	.verb = "status",
	.args = "",
	.about = "Show what the module is, and what you may see with it.",
	.opts = opts,
};

/**
 * struct status - what is found out
 * @helper: version of this program
 * @kernel: release of the running kernel
 * @loaded: the module answers
 * @module: its version, or its build, as sysfs tells; "" if that does not
 * @module_speaks: version of its interface, 0 if not known
 * @pidns: inode number of the PID namespace here, 0 if not known
 * @userns: of the user namespace here
 * @uid: effective user id
 * @sys_admin: CAP_SYS_ADMIN, in the user namespace here
 * @sys_ptrace: CAP_SYS_PTRACE, likewise
 * @processes: number of those that exist here
 * @revealed: number of those whose namespaces the caller may see
 */
struct status {
	struct utsname kernel;
	bool loaded;
	char module[64];
	__u32 module_speaks;
	__u32 pidns;
	__u32 userns;
	uid_t uid;
	bool sys_admin;
	bool sys_ptrace;
	__u32 processes;
	__u32 revealed;
};

/**
 * read_line() - the first line of a file
 * @path: of the file
 * @line: is filled, without the newline; stays as it is if that fails
 * @size: of @line
 */
void read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	if (fgets(line, size, file))
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

static int count(const struct nslens_task *task, void *arg)
{
	struct status *status = arg;

	status->processes++;
	status->revealed += !!(task->fields & NSLENS_TASK_FIELD_NS);
	return 0;
}

static void ask_module(struct nslens_conn *conn, struct status *status)
{
	struct nslens_task_filter filter = { .fields = NSLENS_TASK_FIELD_NS };

	if (nslens_task_dump(conn, &filter, count, status, NULL))
		complain("counting tasks: %s", lens_reason(conn));
	read_line("/sys/module/nslens/version", status->module,
		  sizeof(status->module));
	if (!status->module[0])
		read_line("/sys/module/nslens/srcversion", status->module,
			  sizeof(status->module));
}

static void ask_kernel(struct status *status)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2] = { { 0 } };

	uname(&status->kernel);
	status->pidns = ns_inode("self", NSLENS_NS_TYPE_PID);
	status->userns = ns_inode("self", NSLENS_NS_TYPE_USER);
	status->uid = geteuid();
	if (!syscall(SYS_capget, &header, caps)) {
		status->sys_admin = caps[CAP_SYS_ADMIN / 32].effective &
				    1U << CAP_SYS_ADMIN % 32;
		status->sys_ptrace = caps[CAP_SYS_PTRACE / 32].effective &
				     1U << CAP_SYS_PTRACE % 32;
	}
}

static const char *sees(const struct status *status)
{
	if (status->pidns == ns_types[NSLENS_NS_TYPE_PID].initial &&
	    status->userns == ns_types[NSLENS_NS_TYPE_USER].initial &&
	    status->sys_admin)
		return "everything";
	if (status->sys_ptrace)
		return "tasks here, and namespaces of those in this user namespace";
	return "tasks here, and namespaces of your own";
}

static const char *place(__u32 ino, int type)
{
	return !ino ? "not known" :
	       ino == ns_types[type].initial ? "initial" : "not initial";
}

static void print_plain(const struct status *status, struct nslens_conn *conn)
{
	printf("helper      %s, interface version %d\n", NSLENS_VERSION,
	       NSLENS_SPEAKS_VERSION);
	if (status->module_speaks)
		printf("module      %s%sinterface version %u\n",
		       status->module, status->module[0] ? ", " : "",
		       status->module_speaks);
	else
		printf("module      not loaded\n");
	printf("kernel      %s %s\n", status->kernel.release,
	       status->kernel.machine);
	printf("here        pid:[%u] (%s), user:[%u] (%s)\n", status->pidns,
	       place(status->pidns, NSLENS_NS_TYPE_PID), status->userns,
	       place(status->userns, NSLENS_NS_TYPE_USER));
	printf("you         uid %u%s%s\n", status->uid,
	       status->sys_admin ? ", CAP_SYS_ADMIN" : "",
	       status->sys_ptrace ? ", CAP_SYS_PTRACE" : "");
	if (!status->loaded)
		return;
	printf("you see     %s\n", sees(status));
	printf("processes   %u here, %u of them with their namespaces\n",
	       status->processes, status->revealed);
	sessions_print(conn);
}

static void print_json(const struct status *status, struct nslens_conn *conn)
{
	struct json_object *all = json_object_new_object();
	struct json_object *caps = json_object_new_array();

	if (status->sys_admin)
		json_object_array_add(caps, json_text("CAP_SYS_ADMIN"));
	if (status->sys_ptrace)
		json_object_array_add(caps, json_text("CAP_SYS_PTRACE"));

	json_object_object_add(all, "helper", json_text(NSLENS_VERSION));
	json_object_object_add(all, "helper-interface",
			       json_object_new_int(NSLENS_SPEAKS_VERSION));
	json_object_object_add(all, "loaded",
			       json_object_new_boolean(!!status->module_speaks));
	json_object_object_add(all, "module",
			       json_text(status->module[0] ? status->module :
							     NULL));
	json_object_object_add(all, "module-interface",
			       json_number(status->module_speaks));
	json_object_object_add(all, "kernel",
			       json_text(status->kernel.release));
	json_object_object_add(all, "pidns", json_number(status->pidns));
	json_object_object_add(all, "userns", json_number(status->userns));
	json_object_object_add(all, "uid", json_object_new_int64(status->uid));
	json_object_object_add(all, "capabilities", caps);
	json_object_object_add(all, "processes", status->loaded ?
			       json_object_new_int64(status->processes) :
			       NULL);
	json_object_object_add(all, "with-namespaces", status->loaded ?
			       json_object_new_int64(status->revealed) :
			       NULL);
	if (status->loaded)
		sessions_json(conn, all);
	else
		json_print(all);
}

/**
 * cmd_status() - show what the module is
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_status(int argc, char **argv)
{
	struct status status = { .loaded = false };
	struct nslens_conn conn;
	bool json = false;
	int opt;

	while ((opt = opt_next(&usage, argc, argv)) >= 0)
		json |= opt == 'J';
	opt_count(&usage, argc, 0, 0);

	ask_kernel(&status);
	status.loaded = !lens_open(&conn);
	status.module_speaks = conn.version;
	if (status.loaded)
		ask_module(&conn, &status);

	if (json)
		print_json(&status, &conn);
	else
		print_plain(&status, &conn);
	if (status.loaded)
		nslens_close(&conn);
	return status.loaded ? 0 : EXIT_OWN;
}
