#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The parts of the storm that take little time, and less of each than
# scripts/storm does; all parts where the kernel watches itself.

parts=(deep hotplug reader oom)
if [ -e /sys/kernel/debug/kmemleak ] || [ -e /sys/kernel/debug/kcsan ]; then
	parts+=(reload long dying fds netns)
fi
exec "$(dirname "$0")/storm" -t "${parts[@]}"
