/* SPDX-License-Identifier: Apache-2.0 */
/* Results of runs: as text, as JSON, as a picture. */
#pragma once

#include <stdio.h>

#include "apps/sim/world.h"

/** One run, without pointers, so that a process can hand it to another. */
struct wzp_result {
    char command[512]; /* the words that repeat it */
    size_t relays, links;
    double virtual_seconds, wall_seconds;
    struct wzp_costs costs;
    bool is_broken;
    char why[256];
};

void wzp_report_text(const struct wzp_result *result, FILE *stream);
void wzp_report_json(const struct wzp_result *result, FILE *stream);

/** Draws convergence and signals per link over the number of relays (or, for one run, over the changes) with
 * gnuplot. WZP_EIO: it is not there or fails. */
WZP_MUST_USE enum wzp_err wzp_report_plot(const struct wzp_point *points, size_t n, const char *path);
