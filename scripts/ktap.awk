# SPDX-License-Identifier: GPL-2.0
#
# Read what kselftest's runner prints for a list of programs; say one line a
# program, with the seconds that it took by this machine's clock, all about a
# failed test, and at last, into the file COUNTS, the numbers of passed, failed and
# skipped tests; into the file FAILURES, the lines about those that failed once
# more. A program that breaks off, or whose number of tests isn't the one it
# announced, adds a failure; so does it if there were not as many as PROGRAMS.

function say(text)
{
	printf "%-12s%s\n", kernel, text
	fflush()
}

function fail(what)
{
	failed++
	say("FAIL  " program ": " what)
	printf "%-12sFAIL  %s: %s\n", kernel, program, what > FAILURES
}

function tell_story()
{
	printf "%s", story
	printf "%s", story > FAILURES
}

# A program is over; "" when it did not get as far as saying how it ended.
function finish(line,	ok)
{
	programs++
	ok = line ~ /^ok /
	if (!ran && line ~ /# SKIP/) {
		skipped++
		say("skip  " program)
	} else if (!ran && ok) {
		fail("ran no test")
	} else if (failed == failed_before && !ok) {
		fail("broke off" (line ? ": " line : ""))
		tell_story()
	} else if (ran && ran != plan) {
		fail("announced " plan " tests and ran " ran)
	}
	say(sprintf("%-4s  %-28s%3d passed, %d failed, %d skipped, %d s",
		    failed == failed_before ? "ok" : "FAIL", program,
		    passed - passed_before, failed - failed_before,
		    skipped - skipped_before, systime() - began))
	program = ""
}

/^# selftests: / {
	program = $NF
	began = systime()
	ran = plan = 0
	story = ""
	passed_before = passed
	failed_before = failed
	skipped_before = skipped
	next
}

/^# 1\.\.[0-9]+/ {
	plan = substr($2, 4) + 0
	next
}

program && /^# (not )?ok [0-9]+/ {
	ran++
	if (/^# not/) {
		fail(substr($0, 3))
		tell_story()
	} else if (/# SKIP/) {
		skipped++
		say("skip  " program ": " substr($0, 3))
	} else {
		passed++
	}
	story = ""
	next
}

program && /^(not )?ok [0-9]+ selftests: / {
	finish($0)
	next
}

program && /^#  RUN |^# #  RUN / {
	story = ""
}

{
	if (program)
		story = story "        " $0 "\n"
	else if (!/^TAP version|^gcov: |^1\.\.|^# timeout set|^# overriding|^$/)
		say($0)
}

END {
	if (program)
		finish("")
	if (programs != PROGRAMS) {
		program = "all"
		fail(programs + 0 " programs of " PROGRAMS " ran")
	}
	print passed + 0, failed + 0, skipped + 0 > COUNTS
}
