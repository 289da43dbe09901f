/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's half of the sliding-window code: remembers the last source packets and makes repairs over
 * them.
 *
 *     wzp_window_encoder_add(encoder, seq, frame, size);
 *     for (size_t n = wzp_window_encoder_due(encoder); n > 0; n--) { ..._repair(encoder, payload, &size); }
 *
 * Comfort noise is not added. Each repair takes a sequence number of its own, as any packet does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "fec/repair.h"

struct wzp_window_encoder;

/** A window that serves most: 20 frames of 20 ms, so that each frame is in four repairs at ratio 0.2. */
#define WZP_WINDOW_ENCODER_DEFAULT 20

/**
 * Over the last `window` source packets (1 to 64), `ratio` repairs for each of them (0 to 2, to a thousandth;
 * 0: none). Keys count up from `first_key`. WZP_EINVAL, WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_window_encoder_new(size_t window, double ratio, uint16_t first_key,
                                                 struct wzp_window_encoder **out_encoder);

/** Takes NULL. */
void wzp_window_encoder_free(struct wzp_window_encoder *encoder);
void wzp_window_encoder_freep(struct wzp_window_encoder **encoder);

/**
 * Notes the source packet `seq` as the newest. No allocation.
 *
 * WZP_EINVAL: the frame is longer than WZP_REPAIR_MAX_FRAME_BYTES; the window starts afresh after it, since a
 * hole in it could not be told to the receiver.
 */
WZP_MUST_USE enum wzp_err wzp_window_encoder_add(struct wzp_window_encoder *encoder, uint16_t seq,
                                                 const uint8_t *frame, size_t size);

/** How many repairs are to be sent now: at ratio 0.2 one after every fifth packet. Each repair made takes one
 * off; at most 8 pile up. */
size_t wzp_window_encoder_due(const struct wzp_window_encoder *encoder);

/**
 * Makes the payload of one repair, due or not. Never 256 bytes long. No allocation.
 *
 * WZP_ENOTFOUND: the window is empty.
 */
WZP_MUST_USE enum wzp_err wzp_window_encoder_repair(struct wzp_window_encoder *encoder,
                                                    uint8_t payload[static WZP_REPAIR_MAX_PAYLOAD_BYTES],
                                                    size_t *out_size);

/** Empties the window, as at a change of codec. What is due stays due, so that the ratio holds. */
void wzp_window_encoder_reset(struct wzp_window_encoder *encoder);
