/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_EXISTS_H
#define _NSLENS_EXISTS_H

struct nslens_session;

int nslens_exists_say(struct nslens_session *session);

#endif /* _NSLENS_EXISTS_H */
