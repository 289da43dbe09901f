/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/codec_id.h"
#include "support/wzp_test.h"

static const struct {
    const char *name;
    enum wzp_codec_id codec;
    uint32_t bitrate_bps;
    wzp_us frame_us;
} rows[] = {
    {"Opus24k", 0, 24000, 20000},    {"Opus16k", 1, 16000, 20000},    {"Opus6k", 2, 6000, 40000},
    {"Codec2_3200", 3, 3200, 20000}, {"Codec2_1200", 4, 1200, 40000}, {"ComfortNoise", 5, 0, 20000},
    {"Opus32k", 6, 32000, 20000},    {"Opus48k", 7, 48000, 20000},    {"Opus64k", 8, 64000, 20000},
};

static void every_codec_has_its_number_name_rate_and_duration(void **state)
{
    (void)state;
    assert_int_equal(wzp_count(rows), WZP_CODECS);
    for (size_t i = 0; i < wzp_count(rows); i++) {
        enum wzp_codec_id codec = WZP_CODECS;
        assert_ok(wzp_codec_id_find(rows[i].name, &codec));
        assert_int_equal(codec, rows[i].codec);
        assert_string_equal(wzp_codec_id_name(codec), rows[i].name);
        assert_int_equal(wzp_codec_id_bitrate_bps(codec), rows[i].bitrate_bps);
        assert_int_equal(wzp_codec_id_frame_us(codec), rows[i].frame_us);
        assert_int_equal(wzp_codec_id_is_opus(codec), strncmp(rows[i].name, "Opus", 4) == 0);
        assert_int_equal(wzp_codec_id_is_codec2(codec), strncmp(rows[i].name, "Codec2", 6) == 0);
    }
}

static void an_unknown_name_is_not_found(void **state)
{
    (void)state;
    enum wzp_codec_id codec;
    assert_int_equal(wzp_codec_id_find("opus24k", &codec), WZP_ENOTFOUND);
    assert_int_equal(wzp_codec_id_find("", &codec), WZP_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_codec_has_its_number_name_rate_and_duration),
        cmocka_unit_test(an_unknown_name_is_not_found),
    };
    return cmocka_run_group_tests_name("proto_codec_id", tests, NULL, NULL);
}
