/* SPDX-License-Identifier: Apache-2.0 */
/* The codecs of the protocol: their numbers on the wire, names, frame durations and bitrates. Source: G1
 * sections 2.2, 3.1 and 8.3. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

/** The four codec bits of a media header. Numbers from WZP_CODECS up are malformed. */
enum wzp_codec_id {
    WZP_CODEC_OPUS_24K = 0,
    WZP_CODEC_OPUS_16K = 1,
    WZP_CODEC_OPUS_6K = 2,
    WZP_CODEC_CODEC2_3200 = 3,
    WZP_CODEC_CODEC2_1200 = 4,
    WZP_CODEC_COMFORT_NOISE = 5,
    WZP_CODEC_OPUS_32K = 6,
    WZP_CODEC_OPUS_48K = 7,
    WZP_CODEC_OPUS_64K = 8,
};

#define WZP_CODECS 9

/** The name in signals: "Opus24k", "Codec2_1200", ... */
const char *wzp_codec_id_name(enum wzp_codec_id codec);

/** WZP_ENOTFOUND: no codec is called `name` (exact case). */
WZP_MUST_USE enum wzp_err wzp_codec_id_find(const char *name, enum wzp_codec_id *out_codec);

/** How long one packet of `codec` plays; comfort noise counts as 20 ms. */
wzp_us wzp_codec_id_frame_us(enum wzp_codec_id codec);

/** Nominal bitrate of the coded speech, without repair or headers; 0 for comfort noise. */
uint32_t wzp_codec_id_bitrate_bps(enum wzp_codec_id codec);

bool wzp_codec_id_is_opus(enum wzp_codec_id codec);
bool wzp_codec_id_is_codec2(enum wzp_codec_id codec);
