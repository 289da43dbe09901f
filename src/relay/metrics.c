/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A family owns its series as a list of heap objects, so that a number stays where it is while others come
 * and go. A family without labels has one series, `other`, inside the family itself; in one with labels
 * `other` takes what is over the limits.
 */
#include "relay/metrics.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "relay/metrics_inside.h"
#include "wzp_version_gen.h"

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
        metrics->families[i].is_other_shown = wzp_metric_count_labels(about) == 0;
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
        struct wzp_metric_data *family = &metrics->families[i];
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

static struct wzp_metric_series *find(const struct wzp_metric_data *family, const struct key *key)
{
    for (size_t i = 0; i < family->n_series; i++) {
        struct wzp_metric_series *series = family->series[i];
        if (series->key_size == key->size && memcmp(series->key, key->bytes, key->size) == 0) {
            return series;
        }
    }
    return NULL;
}

static bool has_space(struct wzp_metric_data *family)
{
    if (family->n_series < family->capacity) {
        return true;
    }
    if (family->n_series >= WZP_METRICS_MAX_SERIES) {
        return false;
    }
    size_t capacity = family->capacity > 0 ? 2 * family->capacity : 8;
    struct wzp_metric_series **series = realloc(family->series, capacity * sizeof *series);
    if (!series) {
        return false;
    }
    family->series = series;
    family->capacity = capacity;
    return true;
}

static struct wzp_metric_series *add(struct wzp_metric_data *family, const struct key *key)
{
    if (!has_space(family)) {
        return NULL;
    }
    struct wzp_metric_series *series = calloc(1, sizeof *series + key->size);
    if (!series) {
        return NULL;
    }
    series->key_size = key->size;
    memcpy(series->key, key->bytes, key->size);
    family->series[family->n_series++] = series;
    return series;
}

static struct wzp_metric_number *number_of(struct wzp_metrics *metrics, enum wzp_metric metric,
                                           const char *first, const char *second)
{
    struct wzp_metric_data *family = &metrics->families[metric];
    size_t n_labels = wzp_metric_count_labels(&wzp_metrics_table[metric]);
    if (n_labels == 0) {
        return &family->other;
    }
    struct key key = {0};
    key_add(&key, first);
    if (n_labels > 1) {
        key_add(&key, second);
    }
    struct wzp_metric_series *series = find(family, &key);
    series = series ? series : add(family, &key);
    if (series) {
        return &series->number;
    }
    metrics->families[WZP_METRIC_SERIES_REFUSED].other.count++;
    family->is_other_shown = wzp_metrics_table[metric].type == WZP_METRIC_COUNTER;
    return &family->other;
}

static void add_number(struct wzp_metric_number *into, const struct wzp_metric_number *from)
{
    into->count += from->count;
    into->value += from->value;
}

static void add_family(struct wzp_metric_data *into, const struct wzp_metric_data *from)
{
    add_number(&into->other, &from->other);
    into->is_other_shown = into->is_other_shown || from->is_other_shown;
    for (size_t i = 0; i < from->n_series; i++) {
        const struct wzp_metric_series *series = from->series[i];
        struct key key = {.size = series->key_size};
        memcpy(key.bytes, series->key, series->key_size);
        struct wzp_metric_series *same = find(into, &key);
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

static void forget_in(struct wzp_metric_data *family, size_t label, const char *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < family->n_series; i++) {
        struct wzp_metric_series *series = family->series[i];
        if (strcmp(wzp_metric_label_value(series, label), value) == 0) {
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
    size_t n_labels = wzp_metric_count_labels(about);
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
