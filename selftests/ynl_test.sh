#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own YNL client needs nothing but the spec: it performs every
# operation, and what it prints is what /proc says.

here=$(cd "$(dirname "$0")" && pwd)
tests=0 failures=0

skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# expect WHAT EXPECTED SEEN
expect()
{
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests $1"
	else
		failures=$((failures + 1))
		echo "# expected '$2', seen '$3'"
		echo "not ok $tests $1"
	fi
}

ynl()
{
	/usr/bin/python3 "$here/ynl/cli.py" --no-schema \
		--spec "$here/nslens.yaml" --output-json "$@" 2>&1
}

# value NAME: of the first attribute of that name, as JSON
value()
{
	grep -oE "\"$1\": (\"[^\"]*\"|\[[^]]*\]|[^],}]*)" <<<"$json" | head -n 1 |
		cut -d ' ' -f 2-
}

inode()
{
	readlink "/proc/$1/ns/$2" | tr -dc 0-9
}

# The number that /proc/PID/status has for a field
status()
{
	sed -n "s/^$2:[[:space:]]*\([0-9]*\).*/\1/p" "/proc/$1/status"
}

all_inodes()
{
	local link list=

	for link in cgroup ipc mnt net pid time user uts pid_for_children \
		time_for_children; do
		list="$list, $(inode "$1" $link)"
	done
	echo "[${list#, }]"
}

check_task_get()
{
	json=$(ynl --do task-get --json "{\"pid\": $$}")
	expect "task-get do: PIDs by level" "[$$]" "$(value pids)"
	expect "task-get do: parent" "[$PPID]" "$(value ppids)"
	expect "task-get do: namespaces" "$(all_inodes $$)" "$(value ns)"
	expect "task-get do: uid" "$(status $$ Uid)" "$(value uid)"
	expect "task-get do: name" "\"$(cat /proc/$$/comm)\"" "$(value comm)"

	json=$(ynl --do task-get --json '{"pid": 1, "fields":
		["pids", "flags", "cgroup"], "in": {"pid": 1, "type": "pid"}}')
	expect "task-get do: flags by name" '["child-reaper"]' "$(value flags)"
	expect "task-get do: cgroup" \
		"\"$(sed -n 's/^0:://p' /proc/1/cgroup)\"" "$(value cgroup)"
	expect "task-get do: only the fields asked for" "" "$(value uid)"

	json=$(ynl --dump task-get --json "{\"subtree\": $$,
		\"member-of\": {\"pid\": $$, \"type\": \"uts\"}}")
	expect "task-get dump: this one first" "[$$]" "$(value pids)"
	# The subshell is listed, too, as is the client.
	expect "task-get dump: and its children" "[$$]" \
		"$(json=${json#*\}}; value ppids)"
}

# The client takes an array of numbers as bytes in hexadecimal.
check_translate()
{
	local bytes

	printf -v bytes '%08x' $$
	bytes=${bytes:6:2}${bytes:4:2}${bytes:2:2}${bytes:0:2}
	json=$(ynl --do pid-translate --json "{\"pids\": \"01000000$bytes\",
		\"from\": {\"pid\": $$, \"type\": \"pid\"}, \"to-own\": true}")
	expect "pid-translate do" "[1, $$]" "$(value pids)"
}

check_ns_get()
{
	json=$(ynl --do ns-get --json "{\"ref\": {\"pid\": $$, \"type\": \"uts\"}}")
	expect "ns-get do: type by name" '"uts"' "$(value type)"
	expect "ns-get do: inode" "$(inode $$ uts)" "$(value ino)"
	expect "ns-get do: owner" "$(inode $$ user)" "$(value owner)"
	expect "ns-get do: what is nested" "\"$(uname -n)\"" "$(value nodename)"

	json=$(ynl --dump ns-get --json '{"type": "user"}')
	expect "ns-get dump: type by name" '"user"' "$(value type)"
	expect "ns-get dump: inode" "$(inode 1 user)" "$(value ino)"
	read -r first lower count </proc/1/uid_map
	expect "ns-get dump: a nest in a nest" \
		"[{\"first\": $first, \"lower\": $lower, \"count\": $count}]" \
		"$(value uid-map)"
}

check_errors()
{
	json=$(ynl --do task-get --json '{"pid": 4194305}')
	expect "an error names its attribute" "'bad-attr': '.pid'" \
		"$(grep -o "'bad-attr': '[^']*'" <<<"$json")"
}

echo "TAP version 13"
[ -e "$here/ynl/cli.py" ] || skip "no tools/net/ynl in the kernel's source"
/usr/bin/python3 -c 'import yaml' 2>/dev/null ||
	skip "no python3 with the module yaml"
check_task_get
check_translate
check_ns_get
check_errors
echo "1..$tests"
[ $failures = 0 ]
