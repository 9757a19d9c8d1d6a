// SPDX-License-Identifier: GPL-2.0
/* All that nslens run does, in order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run-detach.h"
#include "run-guard.h"
#include "run-init.h"
#include "run-keep.h"
#include "run.h"
#include "run-step.h"

/* An error in any of them ends it all. Each is explained where its verb is. */
static const struct step steps[] = {
	{ STEP_BEFORE, "stdio", NULL,
	  "open /dev/null where one of 0, 1 and 2 is closed", NULL,
	  stdio_fill },
	{ STEP_BEFORE, "stdio", stdio_leads_out,
	  "see that none of them is a directory, which is a way out", NULL,
	  stdio_check },
	{ STEP_BEFORE, "detach", detach_wanted,
	  "leave the rest to a process of its own, and tell the PID when it is there",
	  NULL, detach_start },
	{ STEP_BEFORE, "pidfile", pidfile_wanted, NULL, pidfile_plan,
	  pidfile_open },
	{ STEP_BEFORE, "terminal", tty_wanted,
	  "take the size of the terminal here", NULL, tty_measure },
	{ STEP_BEFORE, "keep", keep_wanted, NULL, keep_plan, keep_make },
	{ STEP_BEFORE, "cgroup", cgroup_wanted, NULL, cgroup_plan,
	  cgroup_keep },
	/* This leaves the directory that other paths start at. */
	{ STEP_BEFORE, "rootfs", root_wanted, NULL, root_plan, root_open },
	{ STEP_JOIN, "hide", join_hides, NULL, hide_plan, join_hide },
	{ STEP_JOIN, "join", join_wanted, NULL, join_plan, join_all },

	{ STEP_MADE, "id maps", maps_wanted, NULL, maps_plan, maps_write },

	{ STEP_CHILD, "hide", join_wanted, NULL, hide_plan, join_hide },
	{ STEP_CHILD, "files", NULL, NULL, fds_plan, fds_close },
	{ STEP_CHILD, "time", time_wanted, NULL, time_plan, time_join },
	{ STEP_CHILD, "private", mounts_wanted, "make all mounts private",
	  NULL, mounts_make_private },
	{ STEP_CHILD, "sources", sources_wanted, NULL, sources_plan,
	  sources_open },
	{ STEP_CHILD, "user", user_wanted, NULL, user_plan, user_change },
	{ STEP_CHILD, "root", exec_roots, "have the root of the process", NULL,
	  exec_enter_root },
	{ STEP_CHILD, "directory", exec_roots,
	  "have the working directory of the process", NULL, exec_enter_cwd },
	{ STEP_CHILD, "lifeline", lifeline_wanted, "die when nslens does", NULL,
	  die_with_parent },
	{ STEP_CHILD, "cgroup", cgroupns_wanted,
	  "make a cgroup namespace, with the new cgroup for its root", NULL,
	  cgroupns_make },
	{ STEP_CHILD, "init", init_wanted, "open this program, read-only", NULL,
	  init_prepare },
	{ STEP_CHILD, "read-only", read_only_wanted,
	  "make all that is mounted read-only", NULL, read_only_set_up },
	{ STEP_CHILD, "kernel", proc_wanted, NULL, kernel_plan, kernel_make },
	{ STEP_CHILD, "root", root_wanted, NULL, root_change_plan,
	  root_change },
	{ STEP_CHILD, "proc", proc_wanted, NULL, proc_plan, proc_set_up },
	{ STEP_CHILD, "sys", root_wanted, NULL, sys_plan, sys_set_up },
	{ STEP_CHILD, "dev", root_wanted, NULL, dev_plan, dev_set_up },
	{ STEP_CHILD, "masks", masks_wanted, NULL, masks_plan, masks_set_up },
	{ STEP_CHILD, "mounts", extras_wanted, NULL, extras_plan,
	  extras_set_up },
	{ STEP_CHILD, "lock", lock_wanted,
	  "lock all mounts, in a copy of the mount namespace", NULL,
	  lock_set_up },
	{ STEP_CHILD, "hostname", hostname_wanted, NULL, hostname_plan,
	  hostname_set },
	{ STEP_CHILD, "loopback", loopback_wanted,
	  "set the loopback device up", NULL, loopback_set_up },
	{ STEP_CHILD, "session", NULL,
	  "start a session, away from the terminal here", NULL,
	  session_start },
	{ STEP_CHILD, "keyring", NULL,
	  "start with an empty session keyring", NULL, keyring_start },
	{ STEP_CHILD, "terminal", tty_wanted,
	  "make a terminal inside and be its session's leader", NULL,
	  tty_open },
	{ STEP_CHILD, "stdin", stdin_wanted,
	  "read from /dev/null on standard input", NULL, stdin_set },
	{ STEP_CHILD, "output", detach_wanted,
	  "write to /dev/null, unless to a file", NULL, detach_output },

	{ STEP_READY, "rlimit", rlimits_wanted, NULL, rlimits_plan,
	  rlimits_set },
	{ STEP_READY, "keep", keep_wanted, "mount them there", NULL, keep_pin },
	{ STEP_READY, "info", info_wanted, NULL, info_plan, info_write },
	{ STEP_READY, "pidfile", pidfile_wanted, NULL, pidfile_plan,
	  pidfile_write },

	{ STEP_LAST, "terminal", guard_wanted,
	  "see that nothing can be typed into the terminal here", NULL,
	  guard_set },
	{ STEP_LAST, "like it", exec_wanted, NULL, exec_plan_as,
	  exec_be_like },
	{ STEP_LAST, "its env", exec_has_env,
	  "have the environment of the process", NULL, exec_take_env },
	{ STEP_LAST, "env", env_wanted, NULL, env_plan, env_make },
	{ STEP_LAST, "terminal", tty_wanted, "have it belong to the command",
	  NULL, tty_give },
	{ STEP_LAST, "identity", id_wanted, NULL, id_plan, id_take },
	/* Another user does not inherit it. */
	{ STEP_LAST, "lifeline", relifeline_wanted, "die when nslens does, still",
	  NULL, die_with_parent },
	{ STEP_LAST, "workdir", workdir_wanted, NULL, workdir_plan,
	  workdir_enter },
	{ STEP_LAST, "privileges", privs_wanted,
	  "let no program give new privileges", NULL, privs_seal },

	{ STEP_DONE, "show", show_wanted, "show the process", NULL,
	  show_process },

	{ STEP_AFTER, "cgroup", cgroup_wanted, "remove the cgroup", NULL,
	  cgroup_end },
	{ STEP_AFTER, "keep", keep_wanted,
	  "keep no namespaces if the command did not start", NULL, keep_end },
};

#define NR_STEPS	(sizeof(steps) / sizeof(steps[0]))

static bool is_wanted(const struct run *run, const struct step *step)
{
	return !step->wanted || step->wanted(run);
}

/**
 * steps_do() - do what is to be done at one time
 * @run: what is wanted
 * @when: which of the steps
 *
 * Return: 0; or -1 after a complaint, where the rest is left undone, unless
 * it is STEP_AFTER.
 */
int steps_do(struct run *run, enum step_when when)
{
	int err = 0;

	for (size_t i = 0; i < NR_STEPS; i++) {
		if (steps[i].when != when || !is_wanted(run, &steps[i]))
			continue;
		run->step = &steps[i];
		run->failed = false;
		if (!steps[i].act(run))
			continue;
		if (!run->failed)
			run_fail(run, "%s", "");
		err = -1;
		if (when != STEP_AFTER)
			break;
	}
	return err;
}

static const char * const headings[NR_STEP_WHEN] = {
	[STEP_BEFORE]	= "nslens, first:",
	[STEP_JOIN]	= "a process in between, which makes the new one:",
	[STEP_MADE]	= "nslens, while the new process waits:",
	[STEP_CHILD]	= "the new process:",
	[STEP_READY]	= "nslens, before the command is executed:",
	[STEP_LAST]	= "the new process, last:",
	[STEP_DONE]	= "nslens, while it waits again:",
	[STEP_AFTER]	= "nslens, at the end:",
};

static void plan(const struct run *run, const struct step *step, FILE *out)
{
	fprintf(out, "  %-10s ", step->name);
	if (step->plan)
		step->plan(run, out);
	else
		fputs(step->about, out);
	putc('\n', out);
}

/**
 * steps_plan() - print what steps_do() would do at one time
 * @run: what is wanted
 * @when: which of the steps
 * @out: where to
 */
void steps_plan(const struct run *run, enum step_when when, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < NR_STEPS; i++) {
		if (steps[i].when != when || !is_wanted(run, &steps[i]))
			continue;
		if (!any)
			fprintf(out, "%s\n", headings[when]);
		any = true;
		plan(run, &steps[i], out);
	}
}
