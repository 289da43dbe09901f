/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/profile.h"

const struct wzp_profile_entry wzp_profile_table[WZP_PROFILES] = {
    {WZP_PROFILE_GOOD, "good", "GOOD", "opus", {WZP_CODEC_OPUS_24K, 0.2F, 20, 5}},
    {WZP_PROFILE_DEGRADED, "degraded", "DEGRADED", "opus6k", {WZP_CODEC_OPUS_6K, 0.5F, 40, 10}},
    {WZP_PROFILE_CATASTROPHIC,
     "catastrophic",
     "CATASTROPHIC",
     "codec2-1200",
     {WZP_CODEC_CODEC2_1200, 1.0F, 40, 8}},
    {WZP_PROFILE_CODEC2_3200, "codec2-3200", "CODEC2_3200", NULL, {WZP_CODEC_CODEC2_3200, 0.5F, 20, 5}},
    {WZP_PROFILE_STUDIO_32K, "studio-32k", "STUDIO_32K", NULL, {WZP_CODEC_OPUS_32K, 0.1F, 20, 5}},
    {WZP_PROFILE_STUDIO_48K, "studio-48k", "STUDIO_48K", NULL, {WZP_CODEC_OPUS_48K, 0.1F, 20, 5}},
    {WZP_PROFILE_STUDIO_64K, "studio-64k", "STUDIO_64K", NULL, {WZP_CODEC_OPUS_64K, 0.1F, 20, 5}},
    {WZP_PROFILE_AUTO, "auto", "AUTO", NULL, {WZP_CODEC_OPUS_24K, 0.2F, 20, 5}},
};

static char normal(char c)
{
    if (c == '_') {
        return '-';
    }
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(const char *a, const char *b)
{
    while (*a && normal(*a) == normal(*b)) {
        a++;
        b++;
    }
    return normal(*a) == normal(*b);
}

const struct wzp_profile_entry *wzp_profile_find(const char *name)
{
    for (size_t i = 0; i < WZP_PROFILES; i++) {
        const struct wzp_profile_entry *entry = &wzp_profile_table[i];
        if (is_same(name, entry->name) || is_same(name, entry->title) ||
            (entry->alias && is_same(name, entry->alias))) {
            return entry;
        }
    }
    return NULL;
}

const struct wzp_profile_entry *wzp_profile_of_codec(enum wzp_codec_id codec)
{
    for (size_t i = 0; i < WZP_PROFILES; i++) {
        if (wzp_profile_table[i].profile.codec == codec) {
            return &wzp_profile_table[i];
        }
    }
    return NULL;
}

uint32_t wzp_profile_bitrate_bps(const struct wzp_profile *profile)
{
    double nominal = wzp_codec_id_bitrate_bps(profile->codec);
    return (uint32_t)(nominal * (1.0 + (double)profile->fec_ratio) + 0.5);
}
