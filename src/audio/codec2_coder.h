/* SPDX-License-Identifier: Apache-2.0 */
/* Codec2 at 48 kHz: the 8 kHz codec and the resampler in front of or behind it. One direction each. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/codec.h"
#include "base/attr.h"
#include "proto/codec_id.h"

struct wzp_codec2_coder;

enum wzp_codec2_direction {
    WZP_CODEC2_ENCODE,
    WZP_CODEC2_DECODE,
};

/** WZP_EINVAL: `codec` is no Codec2. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_codec2_coder_new(enum wzp_codec_id codec, enum wzp_codec2_direction direction,
                                               struct wzp_codec2_coder **out_coder);

/** Takes NULL. */
void wzp_codec2_coder_free(struct wzp_codec2_coder *coder);
void wzp_codec2_coder_freep(struct wzp_codec2_coder **coder);

/** Bytes of every packet: 8 or 6. */
size_t wzp_codec2_coder_packet_bytes(const struct wzp_codec2_coder *coder);

/** One frame of wzp_codec_frame_samples to wzp_codec2_coder_packet_bytes. Of an encoding coder. */
void wzp_codec2_coder_encode(struct wzp_codec2_coder *coder, const int16_t *samples, uint8_t *packet);

/** The way back, of a decoding coder. Any bits decode to something. */
void wzp_codec2_coder_decode(struct wzp_codec2_coder *coder, const uint8_t *packet, int16_t *samples);
