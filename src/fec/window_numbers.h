/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which source packet has which sequence number. Repairs and comfort noise use up numbers, so that numbers
 * alone do not say how many source packets lie between two; their ordinals do, which headers carry (FEC block
 * and index).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_WINDOW_NUMBERS      512 /* remembered; a power of 2 */
#define WZP_WINDOW_NUMBERS_JUMP 250 /* a number this far from the newest is another stream's */

/** A value; all zeros is empty, but for `n_ordinals`. Fields are the module's own. */
struct wzp_window_numbers {
    uint32_t
        n_ordinals; /* ordinals are known modulo this, which is more than twice WZP_WINDOW_NUMBERS_JUMP */
    bool has_any, has_source;
    uint16_t newest_seq;
    uint64_t newest; /* position: the number without its wrapping */
    uint8_t kinds[WZP_WINDOW_NUMBERS];
    uint64_t ordinals[WZP_WINDOW_NUMBERS]; /* of source packets, without their wrapping */
};

/** True where `seq` is too far from all that is known: the stream is another one, or has jumped. */
bool wzp_window_numbers_is_jump(const struct wzp_window_numbers *numbers, uint16_t seq);

/**
 * Notes the source packet `seq`, and gives its ordinal without wrapping.
 *
 * WZP_EEXIST: it is known already. WZP_EMALFORMED: number and ordinal do not go with those of others.
 */
WZP_MUST_USE enum wzp_err wzp_window_numbers_source(struct wzp_window_numbers *numbers, uint16_t seq,
                                                    uint32_t ordinal, uint64_t *out_ordinal);

/** `seq` is no source packet. */
void wzp_window_numbers_other(struct wzp_window_numbers *numbers, uint16_t seq);

/** The ordinal of `seq`, which is a source packet's whether it came or not. WZP_EAGAIN: it cannot be told
 * (yet). */
WZP_MUST_USE enum wzp_err wzp_window_numbers_ordinal(const struct wzp_window_numbers *numbers, uint16_t seq,
                                                     uint64_t *out_ordinal);

/**
 * The number of source packet `ordinal`, which did not come: one that lies in the right order between the
 * numbers of its neighbours, and is nobody's. Notes it. WZP_ENOTFOUND: none is free, or a neighbour is not
 * known.
 */
WZP_MUST_USE enum wzp_err wzp_window_numbers_assign(struct wzp_window_numbers *numbers, uint64_t ordinal,
                                                    uint16_t *out_seq);
