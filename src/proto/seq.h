/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of 16-bit sequence numbers that wrap around (RFC 1982 in spirit). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** How far `seq` is ahead of `base`: -32768 to 32767. */
static inline int32_t wzp_seq_ahead(uint16_t seq, uint16_t base)
{
    uint16_t distance = (uint16_t)(seq - base);
    return distance < 0x8000 ? (int32_t)distance : (int32_t)distance - 0x10000;
}

static inline bool wzp_seq_is_newer(uint16_t seq, uint16_t than)
{
    return wzp_seq_ahead(seq, than) > 0;
}

#define WZP_SEQ_START ((uint64_t)0x10000) /* where an extended count starts: room for late numbers below */

/** The 64-bit number with the low bits `seq` that is nearest to `near`, which is 0x8000 or more. The first
 * number of a stream is WZP_SEQ_START + seq. */
static inline uint64_t wzp_seq_extend(uint64_t near, uint16_t seq)
{
    return near + (uint64_t)(int64_t)wzp_seq_ahead(seq, (uint16_t)near);
}
