/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes that every codec here shares. Samples are 48 kHz, mono, whatever the codec works at. */
#pragma once

#include <stddef.h>

#include "base/us.h"
#include "proto/codec_id.h"

#define WZP_CODEC_SAMPLE_HZ 48000
/** The longest frame that any encoder here makes: 40 ms. */
#define WZP_CODEC_MAX_FRAME_SAMPLES 1920
/** What one packet may decode to: Opus packs up to 120 ms (RFC 6716 section 3.2.5). */
#define WZP_CODEC_MAX_PACKET_SAMPLES 5760
/** Room for any packet an encoder here makes; the largest that one Opus frame can take (RFC 6716
 * section 3.2).
 */
#define WZP_CODEC_MAX_PACKET_BYTES 1275

/** Samples of one frame of `codec`: 960 or 1920. */
static inline size_t wzp_codec_frame_samples(enum wzp_codec_id codec)
{
    return (size_t)(wzp_codec_id_frame_us(codec) * (WZP_CODEC_SAMPLE_HZ / 1000) / WZP_MS);
}
