/* SPDX-License-Identifier: GPL-2.0 */
/* The release that module and helper belong to; their interface has its own. */
#ifndef NSLENS_VERSION
#define NSLENS_VERSION	"0.1.0"
#endif
