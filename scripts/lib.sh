# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What the scripts share. Source it: . "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
cache=${NSLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nslens}
export NSLENS_CACHE=$cache
# The guest's users run what is made here.
umask 022

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

# end_at_interrupt: what runs in the foreground ends itself at a Ctrl-C and tells its
# own status, after which bash would go on
end_at_interrupt()
{
	trap 'trap - INT; kill -INT $$' INT
}

# slowness KERNEL: how many times as long as in Debian's one gives what is done in it
slowness()
{
	case ${1##*/} in
	debug) echo 6 ;;
	kcsan|*-arm64) echo 3 ;;
	*) echo 1 ;;
	esac
}

# take_kernel DEFAULT ARG...: sets kernel, of "-k KERNEL" if that comes first, and
# rest, the other arguments
take_kernel()
{
	kernel=$1
	shift
	if [ "${1-}" = -k ]; then
		[ $# -ge 2 ] || die 2 "-k needs a value"
		kernel=$2
		shift 2
	fi
	rest=("$@")
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

# download PACKAGE...: into the current folder; the lists may be too old
download()
{
	local get=(apt-get -q -o APT::Sandbox::User=root download "$@")

	"${get[@]}" >&2 && return
	say "updating the package lists"
	as_root apt-get -q update >&2
	"${get[@]}" >&2
}

# publish DIR FINAL: a folder appears in the cache whole or not at all
publish()
{
	chmod 755 "$1"
	rm -rf "$2"
	mv -T "$1" "$2"
}

# unpack_source WHERE [PART...]: of the kernel's sources, whose package has been
# downloaded into the current folder, some parts or all; prints the version.
unpack_source()
{
	local where=$1 deb=("$source_package"_*.deb)

	shift
	mkdir -p "$where"
	dpkg --fsys-tarfile "${deb[0]}" |
		tar -xO --wildcards './usr/src/*.tar.xz' |
		tar -xJ -C "$where" --strip-components=1 --wildcards \
			--no-wildcards-match-slash "${@/#/$source_package/}"
	dpkg -f "${deb[0]}" Version
}

source_package=linux-source-6.12

# tell_end WHAT STATUS SECONDS: a line, of a VM whose program did not have the last
# word; scripts/vm says by its status what came after that. 4 is a skip, as
# kselftest has it.
tell_end()
{
	case $2 in
	0|1|4) ;;
	70) echo "FAIL $1: the kernel's log holds a splat or a leak" ;;
	124) echo "FAIL $1: no end within $3 s" ;;
	*) echo "FAIL $1: status $2" ;;
	esac
}
