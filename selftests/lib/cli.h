/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of the helper share. To be included behind kselftest_harness.h;
 * self->tool is the program that runs.
 */
#ifndef _SELFTESTS_CLI_H
#define _SELFTESTS_CLI_H

#include <string.h>

#include "tool.h"

/* Exit statuses of all verbs but run */
#define EXIT_NOT_THERE	1
#define EXIT_OWN	2

/* The command ran, exit status 0, and printed this; nslens printed nothing. */
#define EXPECT_PRINTS(expected, ...) do {				\
	EXPECT_EQ(0, NSLENS(self->tool, __VA_ARGS__));			\
	EXPECT_STREQ(expected, self->tool->out);			\
	EXPECT_STREQ("", self->tool->err);				\
} while (0)

#define EXPECT_RUN_PRINTS(expected, ...)	\
	EXPECT_PRINTS(expected, "run", __VA_ARGS__)
#define EXPECT_EXEC_PRINTS(expected, ...)	\
	EXPECT_PRINTS(expected, "exec", __VA_ARGS__)

/* One line on standard error, which names nslens and says @text. */
static inline void expect_complaint(struct __test_metadata *_metadata,
				    const struct tool *t, const char *text)
{
	EXPECT_EQ(0, strncmp(t->err, "nslens: ", 8));
	EXPECT_EQ(1, count_lines(t->err));
	EXPECT_NE(NULL, strstr(t->err, text));
	EXPECT_STREQ("", t->out);
	if (_metadata->exit_code)
		TH_LOG("expected '%s' in '%s'", text, t->err);
}

/* @text has these @n words, one after the other. */
static inline void expect_in_order(struct __test_metadata *_metadata,
				   const char *text, const char * const *words,
				   unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const char *next = strstr(text, words[i]);

		EXPECT_NE(NULL, next) {
			TH_LOG("'%s' is not in '%s'", words[i], text);
			break;
		}
		text = next + strlen(words[i]);
	}
}

/* What python makes of JSON on its standard input, which it calls j. */
static inline char *with_python(const char *command, const char *expression)
{
	const char *start = "import json, sys; j = json.load(sys.stdin)";

	return format("%s | /usr/bin/python3 -c '%s; print(%s)'", command,
		      start, expression);
}

#define EXPECT_JSON(expected, command, expression) do {			\
	EXPECT_EQ(0, SHELL(self->tool, with_python(command, expression))); \
	EXPECT_STREQ(expected, self->tool->out);			\
	EXPECT_STREQ("", self->tool->err);				\
} while (0)

/* An escape sequence of a terminal is in it. */
static inline bool has_escape(const char *text)
{
	return strchr(text, '\033');
}

#endif
