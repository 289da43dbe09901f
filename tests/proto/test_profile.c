/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/profile.h"
#include "support/wzp_test.h"

static const struct {
    const char *name;
    enum wzp_profile_id id;
    enum wzp_codec_id codec;
    double fec_ratio;
    int frame_ms, frames_per_block;
    uint32_t bitrate_bps;
} rows[] = {
    {"good", 0, WZP_CODEC_OPUS_24K, 0.2, 20, 5, 28800},
    {"GOOD", 0, WZP_CODEC_OPUS_24K, 0.2, 20, 5, 28800},
    {"opus", 0, WZP_CODEC_OPUS_24K, 0.2, 20, 5, 28800},
    {"degraded", 1, WZP_CODEC_OPUS_6K, 0.5, 40, 10, 9000},
    {"opus6k", 1, WZP_CODEC_OPUS_6K, 0.5, 40, 10, 9000},
    {"catastrophic", 2, WZP_CODEC_CODEC2_1200, 1.0, 40, 8, 2400},
    {"Codec2-1200", 2, WZP_CODEC_CODEC2_1200, 1.0, 40, 8, 2400},
    {"codec2_3200", 3, WZP_CODEC_CODEC2_3200, 0.5, 20, 5, 4800},
    {"STUDIO_32K", 4, WZP_CODEC_OPUS_32K, 0.1, 20, 5, 35200},
    {"studio-48k", 5, WZP_CODEC_OPUS_48K, 0.1, 20, 5, 52800},
    {"studio-64k", 6, WZP_CODEC_OPUS_64K, 0.1, 20, 5, 70400},
    {"auto", 7, WZP_CODEC_OPUS_24K, 0.2, 20, 5, 28800},
};

static void profiles_are_found_by_name_title_and_alias(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const struct wzp_profile_entry *entry = wzp_profile_find(rows[i].name);
        assert_non_null(entry);
        assert_int_equal(entry->id, rows[i].id);
        assert_ptr_equal(entry, &wzp_profile_table[rows[i].id]);
        assert_int_equal(entry->profile.codec, rows[i].codec);
        assert_float_equal(entry->profile.fec_ratio, rows[i].fec_ratio, 1e-6);
        assert_int_equal(entry->profile.frame_ms, rows[i].frame_ms);
        assert_int_equal(entry->profile.frames_per_block, rows[i].frames_per_block);
        assert_int_equal(wzp_profile_bitrate_bps(&entry->profile), rows[i].bitrate_bps);
    }
}

static void unknown_names_are_not_found(void **state)
{
    (void)state;
    const char *const names[] = {"", "goo", "goodd", "studio", "studio-64k ", "7"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        assert_null(wzp_profile_find(names[i]));
    }
}

static void a_codec_names_its_profile(void **state)
{
    (void)state;
    assert_int_equal(wzp_profile_of_codec(WZP_CODEC_OPUS_24K)->id, WZP_PROFILE_GOOD);
    assert_int_equal(wzp_profile_of_codec(WZP_CODEC_OPUS_64K)->id, WZP_PROFILE_STUDIO_64K);
    assert_null(wzp_profile_of_codec(WZP_CODEC_OPUS_16K));
    assert_null(wzp_profile_of_codec(WZP_CODEC_COMFORT_NOISE));
}

static void frames_last_what_their_codec_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < WZP_PROFILES; i++) {
        const struct wzp_profile *profile = &wzp_profile_table[i].profile;
        assert_int_equal(profile->frame_ms * WZP_MS, wzp_codec_id_frame_us(profile->codec));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_found_by_name_title_and_alias),
        cmocka_unit_test(unknown_names_are_not_found),
        cmocka_unit_test(a_codec_names_its_profile),
        cmocka_unit_test(frames_last_what_their_codec_says),
    };
    return cmocka_run_group_tests_name("proto_profile", tests, NULL, NULL);
}
