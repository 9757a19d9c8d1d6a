/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_PROBES_H
#define _NSLENS_PROBES_H

int nslens_probes_attach(void);
void nslens_probes_detach(void);

#endif /* _NSLENS_PROBES_H */
