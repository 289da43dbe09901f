/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No FFT: a few thousand correlations with a turning phasor find the frequency coarsely over 85 ms, then
 * finely over a second, whose Hann window has a main lobe of 4 Hz.
 */
#include "audio/measure.h"

#include <math.h>

#include "audio/codec.h"
#include "audio/level.h"
#include "base/attr.h"

enum {
    COARSE_SAMPLES = 4096,
    FINE_SAMPLES = WZP_CODEC_SAMPLE_HZ,
    SHORTEST_SAMPLES = 960,
    SEARCH_STEP = WZP_CODEC_SAMPLE_HZ / 4, /* between the seconds that are compared for loudness */
    TONE_WINDOW = WZP_CODEC_SAMPLE_HZ / 10,
};

#define LOWEST_HZ  20.0
#define HIGHEST_HZ 20000.0
#define SNR_END_DB 100.0

/** A phasor that turns by the same angle with every step. */
struct phasor {
    double re, im, step_re, step_im;
};

static struct phasor phasor_of(double turns_per_step)
{
    double angle = 2 * M_PI * turns_per_step;
    return (struct phasor){.re = 1, .im = 0, .step_re = cos(angle), .step_im = sin(angle)};
}

static void turn(struct phasor *phasor)
{
    double re = phasor->re * phasor->step_re - phasor->im * phasor->step_im;
    phasor->im = phasor->re * phasor->step_im + phasor->im * phasor->step_re;
    phasor->re = re;
}

/** Power of `hz` under a Hann window. */
static double power_at(const int16_t *samples, size_t n, double hz)
{
    struct phasor tone = phasor_of(hz / WZP_CODEC_SAMPLE_HZ);
    struct phasor hann = phasor_of(1 / (double)n);
    double re = 0;
    double im = 0;
    for (size_t i = 0; i < n; i++) {
        double value = samples[i] * (1 - hann.re);
        re += value * tone.re;
        im += value * tone.im;
        turn(&tone);
        turn(&hann);
    }
    return (re * re + im * im) / ((double)n * (double)n);
}

/** The frequency with the most power among `from`, `from` + `step`, ... up to `to`. */
static double strongest(const int16_t *samples, size_t n, const double range[static 2], double step)
{
    double best_hz = range[0];
    double best_power = -1;
    for (int i = 0; range[0] + i * step <= range[1]; i++) {
        double hz = range[0] + i * step;
        double power = power_at(samples, n, hz);
        best_hz = power > best_power ? hz : best_hz;
        best_power = fmax(power, best_power);
    }
    return best_hz;
}

/** Narrows `hz` down, whose neighbourhood of `step` on each side has one maximum. */
static double refine(const int16_t *samples, size_t n, double hz, double step)
{
    while (step > 0.002) {
        step /= 2;
        double range[2] = {hz - step, hz + step};
        hz = strongest(samples, n, range, step);
    }
    return hz;
}

/** Begin of the loudest second. */
static size_t loudest_second(const int16_t *samples, size_t n)
{
    size_t best = 0;
    double best_rms = -1;
    for (size_t i = 0; i + FINE_SAMPLES <= n; i += SEARCH_STEP) {
        double rms = wzp_level_of(samples + i, FINE_SAMPLES).rms;
        best = rms > best_rms ? i : best;
        best_rms = fmax(rms, best_rms);
    }
    return best;
}

double wzp_measure_dominant_hz(const int16_t *samples, size_t n)
{
    const int16_t *second = samples + loudest_second(samples, n);
    size_t n_fine = wzp_min_size(n, FINE_SAMPLES);
    if (n < SHORTEST_SAMPLES || wzp_level_of(second, n_fine).peak == 0) {
        return 0;
    }
    size_t n_coarse = wzp_min_size(n_fine, COARSE_SAMPLES);
    const int16_t *middle = second + (n_fine - n_coarse) / 2;
    double coarse_step = WZP_CODEC_SAMPLE_HZ / (2.0 * (double)n_coarse);
    double all[2] = {LOWEST_HZ, HIGHEST_HZ};
    double hz = strongest(middle, n_coarse, all, coarse_step);
    hz = refine(middle, n_coarse, hz, coarse_step);
    double fine_step = WZP_CODEC_SAMPLE_HZ / (2.0 * (double)n_fine);
    double near[2] = {fmax(hz - coarse_step, 1), hz + coarse_step};
    hz = strongest(second, n_fine, near, fine_step);
    return refine(second, n_fine, hz, fine_step);
}

/** Energies of a window: of its sine, and of all but its mean. */
struct energies {
    double tone, all;
};

/** Fits a sine of `hz` by least squares. */
static struct energies fit(const int16_t *samples, double hz)
{
    double mean = 0;
    for (size_t i = 0; i < TONE_WINDOW; i++) {
        mean += samples[i] / (double)TONE_WINDOW;
    }
    struct phasor tone = phasor_of(hz / WZP_CODEC_SAMPLE_HZ);
    double cc = 0;
    double cs = 0;
    double ss = 0;
    double xc = 0;
    double xs = 0;
    struct energies energies = {0};
    for (size_t i = 0; i < TONE_WINDOW; i++) {
        double x = samples[i] - mean;
        cc += tone.re * tone.re;
        cs += tone.re * tone.im;
        ss += tone.im * tone.im;
        xc += x * tone.re;
        xs += x * tone.im;
        energies.all += x * x;
        turn(&tone);
    }
    double determinant = cc * ss - cs * cs;
    if (determinant > 0) {
        /* The energy of a projection: the product of the right side and the solution of the normal equations.
         */
        energies.tone = (xc * xc * ss - 2 * xc * xs * cs + xs * xs * cc) / determinant;
    }
    return energies;
}

struct wzp_measure_tone wzp_measure_tone(const int16_t *samples, size_t n, double hz)
{
    struct energies sum = {0};
    size_t n_windows = n / TONE_WINDOW;
    for (size_t i = 0; i < n_windows; i++) {
        struct energies window = fit(samples + i * TONE_WINDOW, hz);
        sum.tone += window.tone;
        sum.all += window.all;
    }
    if (sum.tone <= 0) {
        return (struct wzp_measure_tone){.rms = 0, .snr_db = -SNR_END_DB};
    }
    double noise = fmax(sum.all - sum.tone, 0);
    double snr_db = noise > 0 ? 10 * log10(sum.tone / noise) : SNR_END_DB;
    return (struct wzp_measure_tone){
        .rms = sqrt(sum.tone / (double)(n_windows * TONE_WINDOW)),
        .snr_db = fmax(-SNR_END_DB, fmin(SNR_END_DB, snr_db)),
    };
}

struct wzp_measure_gaps wzp_measure_gaps(const int16_t *samples, size_t n, double silence_rms)
{
    struct wzp_measure_gaps gaps = {.first = n};
    size_t n_run = 0; /* silent windows since the last that sounds */
    for (size_t i = 0; i + WZP_MEASURE_GAP_SAMPLES <= n; i += WZP_MEASURE_GAP_SAMPLES) {
        if (wzp_level_of(samples + i, WZP_MEASURE_GAP_SAMPLES).rms < silence_rms) {
            n_run++;
            continue;
        }
        if (gaps.end == 0) {
            gaps.first = i;
        } else if (n_run > 0) {
            gaps.n_gaps++;
            gaps.n_silent += n_run;
            gaps.longest_samples = wzp_max_size(gaps.longest_samples, n_run * WZP_MEASURE_GAP_SAMPLES);
        }
        n_run = 0;
        gaps.end = i + WZP_MEASURE_GAP_SAMPLES;
    }
    return gaps;
}
