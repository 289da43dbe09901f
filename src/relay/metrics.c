/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A family owns its series as a list of heap objects, so that a number stays where it is while others come
 * and go. A family without labels has one series, `other`, inside the family itself; in one with labels
 * `other` takes what is over the limits.
 */
#include "relay/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "relay/metrics_table.h"
#include "wzp_version_gen.h"

struct number {
    uint64_t count; /* of a counter */
    double value;   /* of the others */
};

struct series {
    struct number number;
    size_t key_size;
    char key[]; /* the label values, each with its NUL */
};

struct wzp_histogram {
    const struct wzp_metric_family *family;
    uint64_t counts[WZP_METRICS_MAX_BOUNDS + 1]; /* not cumulative; the last is over all bounds */
    double sum;
};

struct family {
    struct series **series;
    size_t n_series;
    size_t capacity;
    struct number other;
    bool is_other_shown;
    struct wzp_histogram *histogram;
};

struct wzp_metrics {
    struct family families[WZP_METRIC_N];
};

static size_t count_labels(const struct wzp_metric_family *about)
{
    size_t n = 0;
    while (n < WZP_METRICS_MAX_LABELS && about->labels[n]) {
        n++;
    }
    return n;
}

static void metrics_freep(struct wzp_metrics **metrics)
{
    wzp_metrics_free(*metrics);
}

enum wzp_err wzp_metrics_new(struct wzp_metrics **out_metrics)
{
    WZP_AUTO(metrics_freep) struct wzp_metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        const struct wzp_metric_family *about = &wzp_metrics_table[i];
        metrics->families[i].is_other_shown = count_labels(about) == 0;
        if (about->type != WZP_METRIC_HISTOGRAM) {
            continue;
        }
        struct wzp_histogram *histogram = calloc(1, sizeof *histogram);
        if (!histogram) {
            return WZP_ENOMEM;
        }
        histogram->family = about;
        metrics->families[i].histogram = histogram;
    }
    *wzp_metrics_gauge(metrics, WZP_METRIC_BUILD_INFO, WZP_VERSION, WZP_BUILD) = 1;
    *out_metrics = wzp_take(metrics);
    return WZP_OK;
}

void wzp_metrics_free(struct wzp_metrics *metrics)
{
    if (!metrics) {
        return;
    }
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        struct family *family = &metrics->families[i];
        for (size_t s = 0; s < family->n_series; s++) {
            free(family->series[s]);
        }
        free(family->series);
        free(family->histogram);
    }
    free(metrics);
}

struct key {
    size_t size;
    char bytes[WZP_METRICS_MAX_LABELS * WZP_METRICS_LABEL_BYTES];
};

static void key_add(struct key *key, const char *value)
{
    char *at = key->bytes + key->size;
    wzp_text_clean(value ? value : "", at, WZP_METRICS_LABEL_BYTES);
    key->size += strlen(at) + 1;
}

static struct series *find(const struct family *family, const struct key *key)
{
    for (size_t i = 0; i < family->n_series; i++) {
        struct series *series = family->series[i];
        if (series->key_size == key->size && memcmp(series->key, key->bytes, key->size) == 0) {
            return series;
        }
    }
    return NULL;
}

static bool has_space(struct family *family)
{
    if (family->n_series < family->capacity) {
        return true;
    }
    if (family->n_series >= WZP_METRICS_MAX_SERIES) {
        return false;
    }
    size_t capacity = family->capacity > 0 ? 2 * family->capacity : 8;
    struct series **series = realloc(family->series, capacity * sizeof *series);
    if (!series) {
        return false;
    }
    family->series = series;
    family->capacity = capacity;
    return true;
}

static struct series *add(struct family *family, const struct key *key)
{
    if (!has_space(family)) {
        return NULL;
    }
    struct series *series = calloc(1, sizeof *series + key->size);
    if (!series) {
        return NULL;
    }
    series->key_size = key->size;
    memcpy(series->key, key->bytes, key->size);
    family->series[family->n_series++] = series;
    return series;
}

static struct number *number_of(struct wzp_metrics *metrics, enum wzp_metric metric, const char *first,
                                const char *second)
{
    struct family *family = &metrics->families[metric];
    size_t n_labels = count_labels(&wzp_metrics_table[metric]);
    if (n_labels == 0) {
        return &family->other;
    }
    struct key key = {0};
    key_add(&key, first);
    if (n_labels > 1) {
        key_add(&key, second);
    }
    struct series *series = find(family, &key);
    series = series ? series : add(family, &key);
    if (series) {
        return &series->number;
    }
    metrics->families[WZP_METRIC_SERIES_REFUSED].other.count++;
    family->is_other_shown = wzp_metrics_table[metric].type == WZP_METRIC_COUNTER;
    return &family->other;
}

static void add_number(struct number *into, const struct number *from)
{
    into->count += from->count;
    into->value += from->value;
}

static void add_family(struct family *into, const struct family *from)
{
    add_number(&into->other, &from->other);
    into->is_other_shown = into->is_other_shown || from->is_other_shown;
    for (size_t i = 0; i < from->n_series; i++) {
        const struct series *series = from->series[i];
        struct key key = {.size = series->key_size};
        memcpy(key.bytes, series->key, series->key_size);
        struct series *same = find(into, &key);
        same = same ? same : add(into, &key);
        add_number(same ? &same->number : &into->other, &series->number);
    }
    if (from->histogram) {
        for (size_t i = 0; i <= WZP_METRICS_MAX_BOUNDS; i++) {
            into->histogram->counts[i] += from->histogram->counts[i];
        }
        into->histogram->sum += from->histogram->sum;
    }
}

void wzp_metrics_add(struct wzp_metrics *into, const struct wzp_metrics *from)
{
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        if (i != WZP_METRIC_BUILD_INFO) {
            add_family(&into->families[i], &from->families[i]);
        }
    }
}

uint64_t *wzp_metrics_counter(struct wzp_metrics *metrics, enum wzp_metric metric, const char *first,
                              const char *second)
{
    assert(wzp_metrics_table[metric].type == WZP_METRIC_COUNTER);
    return &number_of(metrics, metric, first, second)->count;
}

double *wzp_metrics_gauge(struct wzp_metrics *metrics, enum wzp_metric metric, const char *first,
                          const char *second)
{
    assert(wzp_metrics_table[metric].type == WZP_METRIC_GAUGE ||
           wzp_metrics_table[metric].type == WZP_METRIC_FRACTIONS);
    return &number_of(metrics, metric, first, second)->value;
}

struct wzp_histogram *wzp_metrics_histogram(struct wzp_metrics *metrics, enum wzp_metric metric)
{
    assert(wzp_metrics_table[metric].type == WZP_METRIC_HISTOGRAM);
    return metrics->families[metric].histogram;
}

void wzp_histogram_observe(struct wzp_histogram *histogram, double value)
{
    size_t bucket = 0;
    while (bucket < histogram->family->n_bounds && value > histogram->family->bounds[bucket]) {
        bucket++;
    }
    histogram->counts[bucket]++;
    histogram->sum += value;
}

void wzp_histogram_set(struct wzp_histogram *histogram, const struct wzp_tally *tally, double unit)
{
    memcpy(histogram->counts, tally->counts, sizeof tally->counts);
    histogram->sum = (double)tally->sum * unit;
}

/** The value of a label in a series' key. */
static const char *label_value(const struct series *series, size_t label)
{
    const char *value = series->key;
    for (size_t i = 0; i < label; i++) {
        value += strlen(value) + 1;
    }
    return value;
}

static void forget_in(struct family *family, size_t label, const char *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < family->n_series; i++) {
        struct series *series = family->series[i];
        if (strcmp(label_value(series, label), value) == 0) {
            free(series);
        } else {
            family->series[kept++] = series;
        }
    }
    family->n_series = kept;
}

/** Which of a family's labels is called `label`, or WZP_METRICS_MAX_LABELS. */
static size_t find_label(const struct wzp_metric_family *about, const char *label)
{
    size_t n_labels = count_labels(about);
    for (size_t i = 0; i < n_labels; i++) {
        if (strcmp(about->labels[i], label) == 0) {
            return i;
        }
    }
    return WZP_METRICS_MAX_LABELS;
}

void wzp_metrics_forget(struct wzp_metrics *metrics, const char *label, const char *value)
{
    char clean[WZP_METRICS_LABEL_BYTES];
    wzp_text_clean(value, clean, sizeof clean);
    for (size_t i = 0; i < WZP_METRIC_N; i++) {
        size_t place = find_label(&wzp_metrics_table[i], label);
        if (place < WZP_METRICS_MAX_LABELS) {
            forget_in(&metrics->families[i], place, clean);
        }
    }
}

/* Rendering: https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4. */

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
                       const struct series *series)
{
    size_t n_labels = count_labels(about);
    for (size_t i = 0; i < n_labels; i++) {
        wzp_buffer_print(out_text, "%s%s=\"", i == 0 ? "{" : ",", about->labels[i]);
        add_label_value(out_text, series ? label_value(series, i) : "other");
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
                       const struct series *series, const struct number *number)
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
        const struct family *family = &metrics->families[i];
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
