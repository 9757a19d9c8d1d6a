#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whatever is sent, by whomever: the module stays right, and keeps nothing. Each
# run sends something else; to see it again, give fuzz the seed that is printed.

here=$(cd "$(dirname "$0")" && pwd)
tests=0 failures=0

# try WHAT OPTION...
try()
{
	local what=$1 status

	shift
	tests=$((tests + 1))
	"$here/fuzz" "$@" 2>&1 | sed 's/^/# /'
	status=${PIPESTATUS[0]}
	case $status in
	0) echo "ok $tests $what" ;;
	4) echo "ok $tests $what # SKIP see above" ;;
	*)
		failures=$((failures + 1))
		echo "not ok $tests $what"
		;;
	esac
}

echo "TAP version 13"
echo "1..2"
try "20,000 messages, right and wrong" --messages 20000
try "5,000 messages while memory fails" --messages 5000 --fail
[ $failures = 0 ]
