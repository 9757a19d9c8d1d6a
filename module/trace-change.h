/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_TRACE_CHANGE_H
#define _NSLENS_TRACE_CHANGE_H

struct nslens_session;
struct nslens_target_counts;
struct nslens_trace_change;

int nslens_change_check(struct nslens_session *session,
			const struct nslens_trace_change *change,
			struct nslens_target_counts *n);

#endif /* _NSLENS_TRACE_CHANGE_H */
