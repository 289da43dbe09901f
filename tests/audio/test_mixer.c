/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "audio/level.h"
#include "audio/mixer.h"
#include "audio/tone.h"
#include "support/wzp_test.h"

#define N 960

static void nobody_is_silence(void **state)
{
    (void)state;
    struct wzp_mixer mixer;
    int16_t out[N] = {1};
    wzp_mixer_init(&mixer);
    wzp_mixer_begin(&mixer, N);
    wzp_mixer_finish(&mixer, out);
    assert_int_equal(wzp_level_of(out, N).peak, 0);
}

static void one_speaker_passes_bit_by_bit(void **state)
{
    (void)state;
    struct wzp_mixer mixer;
    wzp_mixer_init(&mixer);
    for (size_t i = 0; i < 10; i++) {
        int16_t in[N];
        int16_t out[N];
        wzp_tone_fill(440, 32767, i * N, in, N);
        in[7] = INT16_MIN;
        wzp_mixer_begin(&mixer, N);
        wzp_mixer_add(&mixer, in, N);
        wzp_mixer_finish(&mixer, out);
        assert_memory_equal(in, out, sizeof in);
    }
}

static void quiet_speakers_add_up_exactly(void **state)
{
    (void)state;
    struct wzp_mixer mixer;
    wzp_mixer_init(&mixer);
    int16_t a[N];
    int16_t b[N];
    int16_t out[N];
    wzp_tone_fill(440, 15000, 0, a, N);
    wzp_tone_fill(880, 15000, 0, b, N);
    wzp_mixer_begin(&mixer, N);
    wzp_mixer_add(&mixer, a, N);
    wzp_mixer_add(&mixer, b, N + 5);
    wzp_mixer_add(&mixer, b, 0);
    wzp_mixer_finish(&mixer, out);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(out[i], a[i] + b[i]);
    }
}

/** Ten speakers at full scale: no sample wraps around, and the level settles under the ceiling. */
static void loud_speakers_are_turned_down_not_clipped(void **state)
{
    (void)state;
    struct wzp_mixer mixer;
    wzp_mixer_init(&mixer);
    size_t n_clipped = 0;
    for (size_t i = 0; i < 50; i++) {
        int16_t out[N];
        wzp_mixer_begin(&mixer, N);
        for (uint32_t k = 0; k < 10; k++) {
            int16_t in[N];
            wzp_tone_fill(300 + 10 * k, 32000, i * N, in, N);
            wzp_mixer_add(&mixer, in, N);
        }
        wzp_mixer_finish(&mixer, out);
        for (size_t s = 0; s < N; s++) {
            n_clipped += out[s] == INT16_MAX || out[s] == INT16_MIN;
            assert_true(s == 0 || abs(out[s] - out[s - 1]) < 20000 || i == 0);
        }
    }
    assert_true(n_clipped < 48 * 4);
}

static void the_limiter_lets_go_after_the_noise(void **state)
{
    (void)state;
    struct wzp_mixer mixer;
    wzp_mixer_init(&mixer);
    int16_t loud[N];
    int16_t out[N];
    wzp_tone_fill(1000, 32000, 0, loud, N);
    wzp_mixer_begin(&mixer, N);
    wzp_mixer_add(&mixer, loud, N);
    wzp_mixer_add(&mixer, loud, N);
    wzp_mixer_finish(&mixer, out);
    assert_true(mixer.gain < 0.6F);
    int16_t quiet[N];
    wzp_tone_fill(1000, 1000, 0, quiet, N);
    float before = mixer.gain;
    for (size_t i = 0; i < 300; i++) {
        wzp_mixer_begin(&mixer, N);
        wzp_mixer_add(&mixer, quiet, N);
        wzp_mixer_finish(&mixer, out);
        assert_true(mixer.gain >= before);
        before = mixer.gain;
    }
    assert_memory_equal(quiet, out, sizeof out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_silence),
        cmocka_unit_test(one_speaker_passes_bit_by_bit),
        cmocka_unit_test(quiet_speakers_add_up_exactly),
        cmocka_unit_test(loud_speakers_are_turned_down_not_clipped),
        cmocka_unit_test(the_limiter_lets_go_after_the_noise),
    };
    return cmocka_run_group_tests_name("audio_mixer", tests, NULL, NULL);
}
