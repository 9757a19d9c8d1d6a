/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NSLENS_SCREEN_H
#define NSLENS_SCREEN_H

#include <stdbool.h>

#include "options.h"

#define OPT_COLOR	600

/* The row of a verb's options that screen_color_option() takes care of. */
#define COLOR_OPTION							\
	{ "color", OPT_COLOR, "=WHEN",					\
	  "auto (on a terminal, without NO_COLOR), always or never" }

int screen_width(void);
bool screen_has_color(void);
void screen_color_option(const char *when);
void screen_settle(void);
void screen_set_width(int width);

#endif
