/* SPDX-License-Identifier: Apache-2.0 */
/* What each family of metrics is called: the table behind enum wzp_metric. */
#pragma once

#include "relay/metrics.h"

/** Bounds of a histogram, beside +Inf. */
#define WZP_METRICS_MAX_BOUNDS WZP_TALLY_MAX_BOUNDS

enum wzp_metric_type {
    WZP_METRIC_COUNTER,
    WZP_METRIC_FRACTIONS, /* shown as a counter, kept as a gauge since it has fractions */
    WZP_METRIC_GAUGE,
    WZP_METRIC_HISTOGRAM,
};

struct wzp_metric_family {
    const char *name;
    const char *help; /* no backslash, no line feed */
    enum wzp_metric_type type;
    const char *labels[WZP_METRICS_MAX_LABELS]; /* NULL past the last */
    const double *bounds;                       /* of a histogram, rising */
    size_t n_bounds;
};

/** WZP_METRIC_N families, in the order of the enumeration. */
extern const struct wzp_metric_family wzp_metrics_table[WZP_METRIC_N];
