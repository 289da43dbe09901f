/* SPDX-License-Identifier: Apache-2.0 */
/* What metrics.c, which counts, and metrics_text.c, which prints, share. */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "relay/metrics.h"
#include "relay/metrics_table.h"

struct wzp_metric_number {
    uint64_t count; /* of a counter */
    double value;   /* of the others */
};

struct wzp_metric_series {
    struct wzp_metric_number number;
    size_t key_size;
    char key[]; /* the label values, each with its NUL */
};

struct wzp_histogram {
    const struct wzp_metric_family *family;
    uint64_t counts[WZP_METRICS_MAX_BOUNDS + 1]; /* not cumulative; the last is over all bounds */
    double sum;
};

struct wzp_metric_data {
    struct wzp_metric_series **series;
    size_t n_series;
    size_t capacity;
    struct wzp_metric_number other;
    bool is_other_shown;
    struct wzp_histogram *histogram;
};

struct wzp_metrics {
    struct wzp_metric_data families[WZP_METRIC_N];
};

/** The value of a label in a series' key. */
static inline const char *wzp_metric_label_value(const struct wzp_metric_series *series, size_t label)
{
    const char *value = series->key;
    for (size_t i = 0; i < label; i++) {
        value += strlen(value) + 1;
    }
    return value;
}

/** How many labels the family has. */
static inline size_t wzp_metric_count_labels(const struct wzp_metric_family *about)
{
    size_t n = 0;
    while (n < WZP_METRICS_MAX_LABELS && about->labels[n]) {
        n++;
    }
    return n;
}
