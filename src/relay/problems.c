/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void add(char **lines, size_t *n, const char *format, va_list arguments) WZP_PRINTF(3, 0);

static void add(char **lines, size_t *n, const char *format, va_list arguments)
{
    if ((*n)++ >= WZP_PROBLEMS_MAX) {
        return;
    }
    char text[WZP_PROBLEMS_TEXT_BYTES];
    (void)vsnprintf(text, sizeof text, format, arguments);
    for (char *c = text; *c; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c;
    }
    lines[*n - 1] = strdup(text); /* NULL where memory is out: the line still counts */
}

void wzp_problems_deinit(struct wzp_problems *problems)
{
    for (size_t i = 0; i < WZP_PROBLEMS_MAX; i++) {
        free(problems->errors[i]);
        free(problems->warnings[i]);
    }
    *problems = (struct wzp_problems){0};
}

void wzp_problems_error(struct wzp_problems *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems->errors, &problems->n_errors, format, arguments);
    va_end(arguments);
}

void wzp_problems_warn(struct wzp_problems *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems->warnings, &problems->n_warnings, format, arguments);
    va_end(arguments);
}

static void print(char *const *lines, size_t n, const char *kind, FILE *stream)
{
    for (size_t i = 0; i < n && i < WZP_PROBLEMS_MAX; i++) {
        (void)fprintf(stream, "%s: %s\n", kind, lines[i] ? lines[i] : "out of memory");
    }
    if (n > WZP_PROBLEMS_MAX) {
        (void)fprintf(stream, "%s: and %zu more\n", kind, n - WZP_PROBLEMS_MAX);
    }
}

void wzp_problems_print(const struct wzp_problems *problems, FILE *stream)
{
    print(problems->errors, problems->n_errors, "error", stream);
    print(problems->warnings, problems->n_warnings, "warning", stream);
}
