/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload of a repair packet of scheme 1, and what encoder and decoder of the sliding window share.
 * Source: wire-protocol section 4.1, RFC 8681 section 3.
 *
 *   byte 0     scheme, 1
 *   byte 1     W: source packets in the window, 1 to 64
 *   byte 2-3   sequence number of the newest of them
 *   byte 4-5   key: seeds the coefficients
 *   byte 6...  symbol: the sum over the window of coefficient x cell
 *
 * A cell is the frame's size (u16), the frame, and zeros up to the longest cell of the window. A payload that
 * would be 256 bytes long, which is the mark of first-generation repairs, is one zero longer. The first
 * coefficient that the key gives belongs to the oldest packet of the window; none is 0 (density 15 of RFC
 * 8681).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_REPAIR_SCHEME_WINDOW 1
#define WZP_REPAIR_HEADER_BYTES  6
#define WZP_REPAIR_MAX_WINDOW    64
#define WZP_REPAIR_CELL_HEADER   2 /* the frame's size */
/** A source frame that takes part: the largest that an Opus frame can be. */
#define WZP_REPAIR_MAX_FRAME_BYTES 1275
/** One more for the padding: a cell of 250 bytes would make a payload of 256. */
#define WZP_REPAIR_MAX_SYMBOL_BYTES  (WZP_REPAIR_CELL_HEADER + WZP_REPAIR_MAX_FRAME_BYTES + 1)
#define WZP_REPAIR_MAX_PAYLOAD_BYTES (WZP_REPAIR_HEADER_BYTES + WZP_REPAIR_MAX_SYMBOL_BYTES)

struct wzp_repair {
    uint8_t window;  /* W */
    uint16_t newest; /* sequence number */
    uint16_t key;
    const uint8_t *symbol; /* borrowed from the payload */
    size_t symbol_size;    /* at least WZP_REPAIR_CELL_HEADER */
};

/** WZP_EMALFORMED; WZP_EUNSUPPORTED: another scheme, or a first-generation repair (256 bytes). */
WZP_MUST_USE enum wzp_err wzp_repair_read(const uint8_t *payload, size_t size, struct wzp_repair *out_repair);

/** The `n` coefficients of `key`, oldest packet first. */
void wzp_repair_coefficients(uint16_t key, uint8_t *coefficients, size_t n);
