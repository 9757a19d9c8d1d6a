/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROC_WORDS_H
#define _NSLENS_PROC_WORDS_H

struct nslens_trace_change;
struct nslens_viewer;

int nslens_proc_words(struct nslens_trace_change *change, char *line,
		      const struct nslens_viewer *viewer);

#endif /* _NSLENS_PROC_WORDS_H */
