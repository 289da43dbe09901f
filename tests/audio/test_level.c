/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "audio/level.h"
#include "audio/tone.h"
#include "support/wzp_test.h"

static void silence_full_scale_and_a_tone(void **state)
{
    (void)state;
    int16_t samples[48000] = {0};
    struct wzp_level level = wzp_level_of(samples, 48000);
    assert_true(level.rms == 0 && level.peak == 0 && level.dbov == WZP_LEVEL_SILENCE_DBOV);
    assert_int_equal(wzp_level_header(&level), 127);
    level = wzp_level_of(samples, 0);
    assert_int_equal(wzp_level_header(&level), 127);

    for (size_t i = 0; i < 48000; i++) {
        samples[i] = INT16_MIN;
    }
    level = wzp_level_of(samples, 48000);
    assert_true(level.rms == 32768 && level.peak == 32768 && level.dbov == 0);
    assert_int_equal(wzp_level_header(&level), 0);

    wzp_tone_fill(440, 16000, 0, samples, 48000);
    level = wzp_level_of(samples, 48000);
    assert_true(fabs(level.rms - 16000 / sqrt(2)) < 0.5);
    assert_int_equal(level.peak, 16000);
    assert_true(fabs(level.dbov + 9.24) < 0.01);
    assert_int_equal(wzp_level_header(&level), 9);
}

static void a_single_bit_is_no_silence(void **state)
{
    (void)state;
    int16_t sample = 1;
    struct wzp_level level = wzp_level_of(&sample, 1);
    assert_int_equal(wzp_level_header(&level), 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_full_scale_and_a_tone),
        cmocka_unit_test(a_single_bit_is_no_silence),
    };
    return cmocka_run_group_tests_name("audio_level", tests, NULL, NULL);
}
