/* SPDX-License-Identifier: Apache-2.0 */
/* What wzp-client prints: progress, the summary for people, the same as JSON, metric lines. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <wzp/engine.h>
#include <wzp/error.h>
#include <wzp/event.h>

#include "base/attr.h"
#include "engine/query.h"

/** What is known about a call at its end; zeroed where it never got so far. */
struct wzp_report {
    const char *room, *profile; /* as asked for; never NULL */
    const char *record_file;    /* or NULL */
    struct wzp_event relay;     /* the last WZP_EVENT_RELAY */
    struct wzp_event joined;    /* the last WZP_EVENT_JOINED */
    struct wzp_event ended;
    struct wzp_engine_stats stats;
};

/** Several lines for people. */
void wzp_report_print(const struct wzp_report *report, FILE *stream);

/** One JSON object and a newline. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_report_print_json(const struct wzp_report *report, FILE *stream);

/** One line that stays on the terminal's last line; the next one takes its place. */
void wzp_report_progress(const struct wzp_engine_stats *stats, FILE *stream);

/** Clears that line. */
void wzp_report_clear_progress(FILE *stream);

/** The line of `--metrics-file`: the members of the first generation's writer. `unix_seconds` dates it. */
void wzp_report_metrics(const struct wzp_engine_stats *stats, const char *profile, double unix_seconds,
                        FILE *stream);

void wzp_report_ping(const struct wzp_query_answer *answer, bool is_json, FILE *stream);
void wzp_report_version(const struct wzp_query_answer *answer, bool is_json, FILE *stream);
