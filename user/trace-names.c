// SPDX-License-Identifier: GPL-2.0
/* Words for what is a number in an event, as the interface has them. */
#include "trace.h"

const char * const event_kind_names[] = NSLENS_EVENT_KIND_NAMES;
const char * const switch_how_names[] = NSLENS_SWITCH_HOW_NAMES;
const char * const event_flag_names[] = NSLENS_EVENT_FLAG_NAMES;
const char * const trace_front_names[] = NSLENS_TRACE_FRONT_NAMES;
