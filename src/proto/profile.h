/* SPDX-License-Identifier: Apache-2.0 */
/* Quality profiles: codec, frame duration and repair ratio under one name. Source: G1 section 8.3. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/codec_id.h"

/** A profile as signals carry it. */
struct wzp_profile {
    enum wzp_codec_id codec;
    float fec_ratio;          /* repair packets per source packet, 0 to WZP_PROFILE_MAX_RATIO */
    uint8_t frame_ms;         /* what one source packet plays: 20 or 40 in the table */
    uint8_t frames_per_block; /* source packets of a G1 repair block */
};

#define WZP_PROFILE_MAX_RATIO 10 /* peers that offer more are malformed; the header's field ends at 2 */

/** Numbers of the JNI binding, which are fixed. */
enum wzp_profile_id {
    WZP_PROFILE_GOOD = 0,
    WZP_PROFILE_DEGRADED = 1,
    WZP_PROFILE_CATASTROPHIC = 2,
    WZP_PROFILE_CODEC2_3200 = 3,
    WZP_PROFILE_STUDIO_32K = 4,
    WZP_PROFILE_STUDIO_48K = 5,
    WZP_PROFILE_STUDIO_64K = 6,
    WZP_PROFILE_AUTO = 7, /* starts as GOOD, then adapts */
};

#define WZP_PROFILES 8

struct wzp_profile_entry {
    enum wzp_profile_id id; /* also the index in the table */
    const char *name;       /* "good", "studio-64k": flags, configuration, desktop */
    const char *title;      /* "GOOD", "STUDIO_64K": G1's constants */
    const char *alias;      /* "opus", "opus6k", "codec2-1200", or NULL */
    struct wzp_profile profile;
};

/** The whole table, by id. */
extern const struct wzp_profile_entry wzp_profile_table[WZP_PROFILES];

/** By name, title or alias, in any case, `_` and `-` being the same; NULL where there is none. */
const struct wzp_profile_entry *wzp_profile_find(const char *name);

/** The entry of the table with this codec, to describe what a peer uses; NULL for codecs without one. */
const struct wzp_profile_entry *wzp_profile_of_codec(enum wzp_codec_id codec);

/** Bits per second of speech and repair together: nominal * (1 + ratio). */
uint32_t wzp_profile_bitrate_bps(const struct wzp_profile *profile);
