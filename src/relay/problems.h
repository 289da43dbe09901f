/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration: a bounded list of sentences, so that a person mends all in one go. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_PROBLEMS_MAX        20 /* of each kind; what is over is only counted */
#define WZP_PROBLEMS_TEXT_BYTES 512

/** A value: zero it to start; wzp_problems_deinit gives the texts back. */
struct wzp_problems {
    char *errors[WZP_PROBLEMS_MAX];
    char *warnings[WZP_PROBLEMS_MAX];
    size_t n_errors; /* may be over WZP_PROBLEMS_MAX */
    size_t n_warnings;
};

void wzp_problems_deinit(struct wzp_problems *problems);

/** Adds a line, cut at WZP_PROBLEMS_TEXT_BYTES. Control characters in it become '?'. */
void wzp_problems_error(struct wzp_problems *problems, const char *format, ...) WZP_PRINTF(2, 3);
void wzp_problems_warn(struct wzp_problems *problems, const char *format, ...) WZP_PRINTF(2, 3);

/** Prints one line each: "error: ..." and "warning: ...", and how many more there are. */
void wzp_problems_print(const struct wzp_problems *problems, FILE *stream);
