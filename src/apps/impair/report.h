/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to the packets, as a table or as JSON. */
#pragma once

#include "apps/impair/plan.h"
#include "apps/impair/proxy.h"
#include "base/buffer.h"

struct wzp_report {
    uint64_t seed;
    struct wzp_proxy_stats proxy;
    struct wzp_model_stats models[WZP_PLAN_N_DIRECTIONS];
};

/** A line for each figure, a column for each direction. */
void wzp_report_write_text(const struct wzp_report *report, struct wzp_buffer *out_text);

/** One object on one line: seed, seconds, clients, rebinds ..., up {...}, down {...}. */
void wzp_report_write_json(const struct wzp_report *report, struct wzp_buffer *out_text);
