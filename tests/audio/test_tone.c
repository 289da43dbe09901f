/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "audio/tone.h"
#include "support/wzp_test.h"

static void frames_join_to_one_sine(void **state)
{
    (void)state;
    int16_t whole[4800];
    int16_t parts[4800];
    wzp_tone_fill(440, 16000, 0, whole, 4800);
    for (size_t at = 0; at < 4800; at += 960) {
        wzp_tone_fill(440, 16000, at, parts + at, 960);
    }
    assert_memory_equal(whole, parts, sizeof whole);
    for (size_t i = 0; i < 4800; i++) {
        long want = lrint(16000 * sin(2 * M_PI * 440 * (double)i / 48000));
        assert_true(labs(want - whole[i]) <= 1);
    }
    assert_int_equal(whole[0], 0);
    assert_true(whole[1] > 0);
}

static void it_is_exact_after_days(void **state)
{
    (void)state;
    int16_t now[960];
    int16_t then[960];
    wzp_tone_fill(441, 16000, 0, now, 960);
    wzp_tone_fill(441, 16000, UINT64_C(48000) * 86400 * 365, then, 960);
    assert_memory_equal(now, then, sizeof now);
    wzp_tone_fill(UINT32_MAX, 16000, UINT64_MAX, then, 960);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_join_to_one_sine),
        cmocka_unit_test(it_is_exact_after_days),
    };
    return cmocka_run_group_tests_name("audio_tone", tests, NULL, NULL);
}
