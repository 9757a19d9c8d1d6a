# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What the scripts share. Source it: . "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
cache=${NSLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nslens}
export NSLENS_CACHE=$cache

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die [STATUS] MESSAGE
die()
{
	local status=1

	if [ $# -gt 1 ]; then
		status=$1
		shift
	fi
	say "$@"
	exit "$status"
}

# locked FILE COMMAND...: one at a time, over all processes. The lock is not
# passed on, so that nothing which COMMAND leaves behind can hold it.
locked()
{
	local file=$1

	shift
	mkdir -p "$(dirname "$file")"
	(
		flock 9
		"$@" 9>&-
	) 9>"$file"
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root, and there is no sudo: $*"
	fi
}
