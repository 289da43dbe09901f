/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/pcm_format.h"
#include "support/wzp_test.h"

static void the_end_of_a_name_says_what_is_inside(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum wzp_pcm_format format;
    } rows[] = {
        {"a.wav", WZP_PCM_WAV},       {"A.WAV", WZP_PCM_WAV},      {"/x.y/a.flac", WZP_PCM_FLAC},
        {"a.opus", WZP_PCM_OGG_OPUS}, {"a.ogg", WZP_PCM_OGG_OPUS}, {"a.raw", WZP_PCM_RAW},
        {"a.pcm", WZP_PCM_RAW},       {"a", WZP_PCM_RAW},          {"", WZP_PCM_RAW},
        {"wav", WZP_PCM_RAW},         {"a.wav/b", WZP_PCM_RAW},    {"a.wav.raw", WZP_PCM_RAW},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        assert_int_equal(wzp_pcm_format_of(rows[i].path), rows[i].format);
        assert_int_equal(wzp_pcm_format_sndfile(rows[i].format) == 0, rows[i].format == WZP_PCM_RAW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_name_says_what_is_inside),
    };
    return cmocka_run_group_tests_name("audio_pcm_format", tests, NULL, NULL);
}
