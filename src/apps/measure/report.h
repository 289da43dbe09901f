/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that wzp-measure finds out about a recording, and how it is printed. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "audio/level.h"
#include "audio/measure.h"

#define WZP_REPORT_MAX_TONES 8

struct wzp_report_tone {
    double hz;
    struct wzp_measure_tone measure;
};

struct wzp_report {
    size_t n_samples;
    struct wzp_level level;
    double dominant_hz;
    struct wzp_measure_gaps gaps;
    size_t n_tones;
    struct wzp_report_tone
        tones[WZP_REPORT_MAX_TONES]; /* between 100 ms after the first sound and before the last */
};

/** Measures `n` samples; the tones whose frequencies stand in `tones_hz`, or the dominant one for none. */
struct wzp_report wzp_report_of(const int16_t *samples, size_t n, const double *tones_hz, size_t n_tones);

void wzp_report_print(const struct wzp_report *report, FILE *stream);

/** One object in one line. */
void wzp_report_print_json(const struct wzp_report *report, FILE *stream);
