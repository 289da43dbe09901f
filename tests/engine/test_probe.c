/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/tone.h"
#include "engine/probe.h"
#include "support/wzp_test.h"

#define SAMPLES 48000

static int16_t samples[SAMPLES];

static void a_tone_is_measured_whatever_its_delay(void **state)
{
    wzp_ignore(state);
    static const uint64_t delays[] = {0, 7, 55, 4801};
    for (size_t i = 0; i < wzp_count(delays); i++) {
        struct wzp_probe_window window = {0};
        wzp_tone_fill(WZP_TONE_HZ, WZP_TONE_AMPLITUDE, delays[i], samples, SAMPLES);
        wzp_probe_measure(samples, SAMPLES, &window);
        assert_in_range(window.peak, 15900, 16000);
        assert_true(window.snr_db > 60 && window.snr_db <= WZP_PROBE_MAX_SNR_DB);
        assert_true(window.correlation > 0.999);
    }
}

static void another_tone_is_noise(void **state)
{
    wzp_ignore(state);
    struct wzp_probe_window window = {0};
    wzp_tone_fill(1000, WZP_TONE_AMPLITUDE, 0, samples, SAMPLES);
    wzp_probe_measure(samples, SAMPLES, &window);
    assert_true(window.snr_db < 0);
    assert_true(window.correlation < 0.2);
}

static void silence_has_no_quality(void **state)
{
    wzp_ignore(state);
    struct wzp_probe_window window = {.peak = 9, .snr_db = 9, .correlation = 9};
    memset(samples, 0, sizeof samples);
    wzp_probe_measure(samples, SAMPLES, &window);
    assert_int_equal(window.peak, 0);
    assert_true(window.snr_db == 0 && window.correlation == 0);
}

static void drift_is_the_time_that_the_audio_does_not_explain(void **state)
{
    wzp_ignore(state);
    struct wzp_probe probe = {.received = 45,
                              .lost = 6,
                              .frame = 20 * WZP_MS,
                              .first_at = 7 * WZP_SECOND,
                              .last_at = 8 * WZP_SECOND + 3 * WZP_MS};
    assert_int_equal(wzp_probe_drift(&probe), 3 * WZP_MS);
    probe.last_at -= 10 * WZP_MS;
    assert_int_equal(wzp_probe_drift(&probe), -7 * WZP_MS);
    probe.received = 1;
    assert_int_equal(wzp_probe_drift(&probe), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_is_measured_whatever_its_delay),
        cmocka_unit_test(another_tone_is_noise),
        cmocka_unit_test(silence_has_no_quality),
        cmocka_unit_test(drift_is_the_time_that_the_audio_does_not_explain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
