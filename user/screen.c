// SPDX-License-Identifier: GPL-2.0
/* What standard output is: a terminal or not, how wide, with colour or not. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>

#include "nslens.h"
#include "screen.h"

static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;

/* Besides those of a terminal: -1 is not known yet. */
#define NO_TERMINAL	(-2)
static int known_width = -1;

/**
 * screen_width() - how wide the terminal is
 *
 * Return: its columns, 0 if there is no limit.
 */
int screen_width(void)
{
	struct winsize size;

	if (known_width == -1)
		known_width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ?
			      NO_TERMINAL : size.ws_col;
	return known_width == NO_TERMINAL ? 0 : known_width;
}

/**
 * screen_set_width() - say how wide it is, instead of the terminal
 * @width: in columns; 0 for no limit
 */
void screen_set_width(int width)
{
	known_width = width;
}

/**
 * screen_has_color() - tell whether to print in colour
 *
 * As the option --color says; else on a terminal that is not dumb, unless
 * NO_COLOR is set and not empty (no-color.org).
 *
 * Return: do.
 */
bool screen_has_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	screen_width();
	return known_width != NO_TERMINAL && !(no && no[0]) &&
	       !(term && !strcmp(term, "dumb"));
}

/**
 * screen_color_option() - handle the option --color
 * @when: its value, NULL for auto
 *
 * Ends the program after a complaint if that is none.
 */
void screen_color_option(const char *when)
{
	if (!when || !strcmp(when, "auto")) {
		color = COLOR_AUTO;
	} else if (!strcmp(when, "always")) {
		color = COLOR_ALWAYS;
	} else if (!strcmp(when, "never")) {
		color = COLOR_NEVER;
	} else {
		complain("--color=%s: want auto, always or never", when);
		exit(EXIT_OWN);
	}
}

/**
 * screen_settle() - decide about colour now, for output that takes a detour
 */
void screen_settle(void)
{
	color = screen_has_color() ? COLOR_ALWAYS : COLOR_NEVER;
}
