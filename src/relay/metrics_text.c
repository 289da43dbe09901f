/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics' text: https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "relay/metrics_inside.h"

static void add_label_value(struct wzp_buffer *out_text, const char *value)
{
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\\' || *at == '"') {
            wzp_buffer_add(out_text, "\\", 1);
        }
        wzp_buffer_add(out_text, at, 1);
    }
}

/** `series` is NULL for what went over the limits. */
static void add_labels(struct wzp_buffer *out_text, const struct wzp_metric_family *about,
                       const struct wzp_metric_series *series)
{
    size_t n_labels = wzp_metric_count_labels(about);
    for (size_t i = 0; i < n_labels; i++) {
        wzp_buffer_print(out_text, "%s%s=\"", i == 0 ? "{" : ",", about->labels[i]);
        add_label_value(out_text, series ? wzp_metric_label_value(series, i) : "other");
        wzp_buffer_add_text(out_text, i + 1 == n_labels ? "\"}" : "\"");
    }
}

/** The shortest text that reads back as the same number, in the format's words for those that are none. */
static void add_double(struct wzp_buffer *out_text, double value)
{
    if (isnan(value)) {
        wzp_buffer_add_text(out_text, "NaN");
        return;
    }
    if (isinf(value)) {
        wzp_buffer_add_text(out_text, value > 0 ? "+Inf" : "-Inf");
        return;
    }
    char text[40];
    wzp_ignore(snprintf(text, sizeof text, "%.15g", value));
    if (strtod(text, NULL) < value || strtod(text, NULL) > value) {
        wzp_ignore(snprintf(text, sizeof text, "%.17g", value));
    }
    wzp_buffer_add_text(out_text, text);
}

static void add_series(struct wzp_buffer *out_text, const struct wzp_metric_family *about,
                       const struct wzp_metric_series *series, const struct wzp_metric_number *number)
{
    wzp_buffer_add_text(out_text, about->name);
    add_labels(out_text, about, series);
    if (about->type == WZP_METRIC_COUNTER) {
        wzp_buffer_print(out_text, " %llu\n", (unsigned long long)number->count);
    } else {
        wzp_buffer_add_text(out_text, " ");
        add_double(out_text, number->value);
        wzp_buffer_add_text(out_text, "\n");
    }
}

static void add_histogram(struct wzp_buffer *out_text, const struct wzp_histogram *histogram)
{
    const struct wzp_metric_family *about = histogram->family;
    unsigned long long total = 0;
    for (size_t i = 0; i < about->n_bounds; i++) {
        total += histogram->counts[i];
        wzp_buffer_print(out_text, "%s_bucket{le=\"", about->name);
        add_double(out_text, about->bounds[i]);
        wzp_buffer_print(out_text, "\"} %llu\n", total);
    }
    total += histogram->counts[about->n_bounds];
    wzp_buffer_print(out_text, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum ", about->name, total, about->name);
    add_double(out_text, histogram->sum);
    wzp_buffer_print(out_text, "\n%s_count %llu\n", about->name, total);
}

void wzp_metrics_render(const struct wzp_metrics *metrics, struct wzp_buffer *out_text)
{
    static const char *const types[] = {
        [WZP_METRIC_COUNTER] = "counter",
        [WZP_METRIC_FRACTIONS] = "counter",
        [WZP_METRIC_GAUGE] = "gauge",
        [WZP_METRIC_HISTOGRAM] = "histogram",
    };
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        const struct wzp_metric_family *about = &wzp_metrics_table[i];
        const struct wzp_metric_data *family = &metrics->families[i];
        if (family->n_series == 0 && !family->is_other_shown) {
            continue;
        }
        wzp_buffer_print(out_text, "# HELP %s %s\n# TYPE %s %s\n", about->name, about->help, about->name,
                         types[about->type]);
        for (size_t s = 0; s < family->n_series; s++) {
            add_series(out_text, about, family->series[s], &family->series[s]->number);
        }
        if (family->histogram) {
            add_histogram(out_text, family->histogram);
        } else if (family->is_other_shown) {
            add_series(out_text, about, NULL, &family->other);
        }
    }
}
