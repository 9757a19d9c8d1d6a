// SPDX-License-Identifier: GPL-2.0
/* The child of nslens run, from clone3() to the command. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "nslens.h"
#include "run-init.h"
#include "run.h"
#include "run-step.h"

/**
 * child_execute() - execute the command
 * @run: with the signal mask that it gets
 */
noreturn void child_execute(struct run *run)
{
	struct report report = { .kind = REPORT_EXEC };

	if (sigprocmask(SIG_SETMASK, &run->mask, NULL))
		child_fail(run, "unblocking signals");
	execvp(run->argv[0], run->argv);

	report.err = errno;
	/* It is there: what it names as its interpreter is not. */
	if (errno == ENOENT && strchr(run->argv[0], '/') &&
	    !access(run->argv[0], F_OK))
		report.err = ELIBACC;
	child_report(run, &report, -1);
	_exit(EXIT_RUN_OWN);
}

/**
 * child_main() - set everything up and execute the command
 * @run: the child's copy, with its end of the socket
 */
noreturn void child_main(struct run *run)
{
	run->is_child = true;
	await_go(run);
	steps_do(run, STEP_CHILD);
	child_report(run, &(struct report){ .kind = REPORT_READY }, -1);
	await_go(run);
	steps_do(run, STEP_LAST);
	if (show_wanted(run)) {
		child_report(run, &(struct report){ .kind = REPORT_DONE }, -1);
		await_go(run);
	}
	if (run->life.init)
		init_execute(run);
	child_execute(run);
}
