/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiver's half of the sliding-window code: keeps the last source packets of one stream, and gives back
 * lost ones as soon as the repairs suffice.
 *
 *     every packet as it comes: wzp_window_decoder_source, _other or _repair
 *     while (wzp_window_decoder_take(decoder, &frame) == WZP_OK) { into the jitter buffer }
 *
 * Windows are counted in source packets, so that these need ordinals: FEC block times packets per block plus
 * FEC index. With them it does not matter which of the missing numbers were repairs. Nothing else is assumed;
 * what does not go together starts the decoder afresh.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "fec/repair.h"

struct wzp_window_decoder;

struct wzp_window_packet {
    uint16_t seq;
    uint32_t ordinal; /* modulo the decoder's n_ordinals */
    const uint8_t *frame;
    size_t size;
};

/** Takes all its memory, some 250 KB. `n_ordinals`: 256 times the packets of a block, over 500. WZP_EINVAL,
 * WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_window_decoder_new(uint32_t n_ordinals,
                                                 struct wzp_window_decoder **out_decoder);

/** Takes NULL. */
void wzp_window_decoder_free(struct wzp_window_decoder *decoder);
void wzp_window_decoder_freep(struct wzp_window_decoder **decoder);

/** A source packet came. Takes a copy; those over WZP_REPAIR_MAX_FRAME_BYTES are not noted. */
void wzp_window_decoder_source(struct wzp_window_decoder *decoder, const struct wzp_window_packet *packet);

/** Packet `seq` came, and is no source packet: comfort noise, or a repair of another scheme. */
void wzp_window_decoder_other(struct wzp_window_decoder *decoder, uint16_t seq);

/** Repair packet `seq` came. Takes a copy of the symbol. */
void wzp_window_decoder_repair(struct wzp_window_decoder *decoder, uint16_t seq,
                               const struct wzp_repair *repair);

/** A frame that was lost and is back, in any order. Borrowed until the next call. WZP_EAGAIN: there is none
 * now. */
WZP_MUST_USE enum wzp_err wzp_window_decoder_take(struct wzp_window_decoder *decoder,
                                                  struct wzp_window_packet *out_packet);

/** Forgets everything, as at a change of codec. */
void wzp_window_decoder_reset(struct wzp_window_decoder *decoder);
