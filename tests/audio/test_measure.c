/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "audio/measure.h"
#include "base/random.h"
#include "support/wzp_test.h"

#define SECOND 48000

static int16_t samples[5 * SECOND];

static void add_noise(double amplitude)
{
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    for (size_t i = 0; i < wzp_count(samples); i++) {
        samples[i] = (int16_t)(samples[i] + amplitude * (2 * wzp_random_unit(&random) - 1));
    }
}

static void sine(double hz, double amplitude)
{
    for (size_t i = 0; i < wzp_count(samples); i++) {
        samples[i] = (int16_t)lrint(amplitude * sin(2 * M_PI * hz * (double)i / SECOND));
    }
}

static void the_frequency_of_a_tone_is_found(void **state)
{
    (void)state;
    static const struct {
        double hz;
        size_t n;
        double tolerance;
    } rows[] = {{440, 5 * SECOND, 0.01}, {440.37, 5 * SECOND, 0.01}, {25, SECOND, 0.1},
                {19900.2, SECOND, 0.02}, {880, SECOND / 2, 0.05},    {300, SECOND / 10, 0.5},
                {1000, SECOND / 50, 5}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        sine(rows[i].hz, 10000);
        double hz = wzp_measure_dominant_hz(samples, rows[i].n);
        if (fabs(hz - rows[i].hz) > rows[i].tolerance) {
            fail_msg("%.3f Hz instead of %.3f", hz, rows[i].hz);
        }
    }
}

static void it_is_found_in_noise_and_beside_silence(void **state)
{
    (void)state;
    sine(440, 8000);
    add_noise(8000);
    memset(samples, 0, 2 * SECOND * sizeof *samples);
    assert_true(fabs(wzp_measure_dominant_hz(samples, wzp_count(samples)) - 440) < 0.1);
}

static void silence_has_no_frequency(void **state)
{
    (void)state;
    memset(samples, 0, sizeof samples);
    assert_true(wzp_measure_dominant_hz(samples, wzp_count(samples)) == 0);
    assert_true(wzp_measure_dominant_hz(samples, 0) == 0);
    assert_true(wzp_measure_tone(samples, wzp_count(samples), 440).rms == 0);
    assert_true(wzp_measure_tone(samples, 0, 440).snr_db == -100);
}

static void two_tones_have_each_its_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(samples); i++) {
        double t = (double)i / SECOND;
        samples[i] = (int16_t)(8000 * sin(2 * M_PI * 440 * t) + 4000 * sin(2 * M_PI * 880 * t));
    }
    double level_440 = wzp_measure_tone(samples, wzp_count(samples), 440).rms;
    double level_880 = wzp_measure_tone(samples, wzp_count(samples), 880).rms;
    assert_true(fabs(level_440 - 8000 / sqrt(2)) < 20);
    assert_true(fabs(level_880 - 4000 / sqrt(2)) < 20);
    assert_true(wzp_measure_tone(samples, wzp_count(samples), 600).rms < 20);
}

static void the_ratio_of_signal_and_noise_is_what_was_put_in(void **state)
{
    (void)state;
    static const double ratios_db[] = {0, 10, 20, 40};
    for (size_t i = 0; i < wzp_count(ratios_db); i++) {
        sine(440, 10000);
        add_noise(10000 / sqrt(2) * sqrt(3) *
                  pow(10, -ratios_db[i] / 20)); /* even noise has RMS amplitude / sqrt 3 */
        double snr_db = wzp_measure_tone(samples, wzp_count(samples), 440).snr_db;
        assert_true(fabs(snr_db - ratios_db[i]) < 0.3);
    }
    sine(440, 16000);
    assert_true(wzp_measure_tone(samples, wzp_count(samples), 440).snr_db > 80);
}

static void gaps_are_counted_between_the_sounds_only(void **state)
{
    (void)state;
    sine(440, 16000);
    memset(samples, 0, 9600 * sizeof *samples);           /* 200 ms before */
    memset(samples + 48000, 0, 960 * sizeof *samples);    /* 20 ms */
    memset(samples + 96000, 0, 4800 * sizeof *samples);   /* 100 ms */
    memset(samples + 192000, 0, 48000 * sizeof *samples); /* the last second */
    struct wzp_measure_gaps gaps = wzp_measure_gaps(samples, wzp_count(samples), 1000);
    assert_int_equal(gaps.first, 9600);
    assert_int_equal(gaps.end, 192000);
    assert_int_equal(gaps.n_gaps, 2);
    assert_int_equal(gaps.n_silent, 12);
    assert_int_equal(gaps.longest_samples, 4800);
}

static void a_whole_tone_has_no_gap_and_silence_has_no_sound(void **state)
{
    (void)state;
    sine(440, 16000);
    struct wzp_measure_gaps gaps = wzp_measure_gaps(samples, wzp_count(samples), 1000);
    assert_int_equal(gaps.n_gaps, 0);
    assert_int_equal(gaps.first, 0);
    assert_int_equal(gaps.end, wzp_count(samples));
    memset(samples, 0, sizeof samples);
    gaps = wzp_measure_gaps(samples, wzp_count(samples), 1000);
    assert_int_equal(gaps.n_gaps, 0);
    assert_int_equal(gaps.first, wzp_count(samples));
    assert_int_equal(gaps.end, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frequency_of_a_tone_is_found),
        cmocka_unit_test(it_is_found_in_noise_and_beside_silence),
        cmocka_unit_test(silence_has_no_frequency),
        cmocka_unit_test(two_tones_have_each_its_level),
        cmocka_unit_test(the_ratio_of_signal_and_noise_is_what_was_put_in),
        cmocka_unit_test(gaps_are_counted_between_the_sounds_only),
        cmocka_unit_test(a_whole_tone_has_no_gap_and_silence_has_no_sound),
    };
    return cmocka_run_group_tests_name("audio_measure", tests, NULL, NULL);
}
