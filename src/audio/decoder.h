/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets to samples: one decoder is one speaker, who may change codec with every packet. Fills in what is
 * missing.
 *
 *   packet arrived         wzp_decoder_decode
 *   lost, next one known   wzp_decoder_recover    from the coarse copy in the next packet, else as conceal
 *   lost                   wzp_decoder_conceal    made up from the past, fading out over 100 to 200 ms
 *
 * Any bytes may be fed: what does not decode is refused, and concealing goes on from what was heard before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/codec.h"
#include "base/attr.h"
#include "proto/codec_id.h"

struct wzp_decoder;

/** Concealed audio is at full level up to here, then fades... */
#define WZP_DECODER_FADE_START_SAMPLES 4800
/** ...and from here on is silence. */
#define WZP_DECODER_FADE_END_SAMPLES 9600

/** Without any codec yet: they are made when first needed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_decoder_new(struct wzp_decoder **out_decoder);

/** Takes NULL. */
void wzp_decoder_free(struct wzp_decoder *decoder);
void wzp_decoder_freep(struct wzp_decoder **decoder);

/** Makes what `codec` needs now, so that decoding it later allocates nothing. WZP_EINVAL, WZP_ENOMEM,
 * WZP_ECODEC. */
WZP_MUST_USE enum wzp_err wzp_decoder_prepare(struct wzp_decoder *decoder, enum wzp_codec_id codec);

/** A packet as it came; borrowed. */
struct wzp_decoder_packet {
    enum wzp_codec_id codec;
    const uint8_t *bytes;
    size_t size;
};

/**
 * Decodes one packet, mostly wzp_codec_frame_samples of it; an Opus packet may say otherwise, up to the
 * array's size.
 *
 * WZP_ECODEC: the bytes are not of this codec; conceal instead. WZP_ENOMEM: first packet of a codec that was
 * not prepared.
 */
WZP_MUST_USE enum wzp_err wzp_decoder_decode(struct wzp_decoder *decoder,
                                             const struct wzp_decoder_packet *packet,
                                             int16_t samples[static WZP_CODEC_MAX_PACKET_SAMPLES],
                                             size_t *out_n_samples);

/**
 * One frame of the last codec heard (20 ms of silence where there was none) in place of a lost packet. Never
 * fails.
 *
 * Gives the number of samples: 960 or 1920.
 */
size_t wzp_decoder_conceal(struct wzp_decoder *decoder, int16_t samples[static WZP_CODEC_MAX_FRAME_SAMPLES]);

/**
 * As wzp_decoder_conceal, from the in-band FEC of `next`, the packet right behind the lost one, where it has
 * some. That packet is still to be decoded afterwards.
 */
size_t wzp_decoder_recover(struct wzp_decoder *decoder, const struct wzp_decoder_packet *next,
                           int16_t samples[static WZP_CODEC_MAX_FRAME_SAMPLES]);

/** Forgets what was said, for a new speaker; keeps the memory. */
void wzp_decoder_reset(struct wzp_decoder *decoder);
