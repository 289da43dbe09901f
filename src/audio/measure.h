/* SPDX-License-Identifier: Apache-2.0 */
/* What tests and demonstrations want to know of a recording: its tone, how pure it is, and whether it has
 * gaps. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WZP_MEASURE_GAP_SAMPLES 480 /* 10 ms: gaps are counted in such windows */

/** The loudest frequency in [20 Hz, 20 kHz] of the loudest second, to a hundredth or so for a steady tone of
 * a second; 0 for silence and for less than 20 ms. */
double wzp_measure_dominant_hz(const int16_t *samples, size_t n);

/** A tone that is known to be there. */
struct wzp_measure_tone {
    double rms;    /* of what has its frequency */
    double snr_db; /* that against everything else, -100 to 100. Codecs change a tone's phase: slow changes do
                      not count */
};

/** Of `hz` (above 0, below 24,000), in windows of 100 ms; zero and -100 for less than one window. */
struct wzp_measure_tone wzp_measure_tone(const int16_t *samples, size_t n, double hz);

/** Where the sound is, and where it is interrupted. */
struct wzp_measure_gaps {
    size_t first;           /* sample of the first window that sounds; n where none does */
    size_t end;             /* one behind the last; 0 where none does */
    size_t n_gaps;          /* runs of silent windows in between */
    size_t n_silent;        /* silent windows in between, all together */
    size_t longest_samples; /* of a run */
};

/** A window is silent whose RMS is below `silence_rms`. */
struct wzp_measure_gaps wzp_measure_gaps(const int16_t *samples, size_t n, double silence_rms);
