/* SPDX-License-Identifier: Apache-2.0 */
/* Samples to packets: one encoder is one speaker in one codec. A change of codec is a new encoder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/codec.h"
#include "base/attr.h"
#include "proto/codec_id.h"

struct wzp_encoder;

struct wzp_encoder_config {
    enum wzp_codec_id codec; /* not comfort noise */
    bool dtx;              /* Opus: tiny frames in silence. Not for tones and files, whose frames all count */
    bool inband_fec;       /* Opus: each packet also carries a coarse copy of the frame before it */
    bool constant_bitrate; /* Opus: every packet the same size, which hides what is said from eavesdroppers */
    uint8_t expected_loss_pct; /* 0 to 100: how much of the bitrate goes into that copy */
};

/** WZP_EINVAL: no encoder for this codec, or a number out of range. WZP_ENOMEM, WZP_ECODEC. */
WZP_MUST_USE enum wzp_err wzp_encoder_new(const struct wzp_encoder_config *config,
                                          struct wzp_encoder **out_encoder);

/** Takes NULL. */
void wzp_encoder_free(struct wzp_encoder *encoder);
void wzp_encoder_freep(struct wzp_encoder **encoder);

enum wzp_codec_id wzp_encoder_codec(const struct wzp_encoder *encoder);

/** How many samples each wzp_encoder_encode takes: 960 or 1920. */
size_t wzp_encoder_frame_samples(const struct wzp_encoder *encoder);

/**
 * Encodes one frame into `packet`. No allocation.
 *
 * `*out_size` is never 0. WZP_ECODEC: the codec refused; the frame is lost, the next one may do.
 */
WZP_MUST_USE enum wzp_err wzp_encoder_encode(struct wzp_encoder *encoder, const int16_t *samples,
                                             uint8_t packet[static WZP_CODEC_MAX_PACKET_BYTES],
                                             size_t *out_size);

/** What the network loses now, as reports tell it; changes how much in-band FEC carries. Over 100 is 100. */
void wzp_encoder_expect_loss(struct wzp_encoder *encoder, uint8_t loss_pct);
