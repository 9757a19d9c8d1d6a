/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NSNET_H
#define _NSLENS_NSNET_H

struct ns_common;
struct nslens_ns;
struct nslens_nstab;

int nslens_net_note_ids(struct nslens_nstab *tab);
struct nslens_ns *nslens_net_describe(struct ns_common *common,
				      struct nslens_nstab *tab);

#endif /* _NSLENS_NSNET_H */
