#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The parts of the storm that take little time, and less of each than
# scripts/storm does.

exec "$(dirname "$0")/storm" -t deep hotplug reader oom
