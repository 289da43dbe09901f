/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an endpoint takes down of its own pace: how long datagrams stay in it, and how long a turn of its loop
 * takes.
 *
 * A datagram's stay begins when the kernel had its packet, where the kernel says so, and ends when the call
 * has returned that sent it on. Between its packing and that call there may be hundreds of others, so
 * arrivals are listed and settled together by one look at the clock.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/tally.h"
#include "base/us.h"

#define WZP_TIMING_LISTED 4096 /* more than one send takes of common datagrams; more are not counted */

/** A value; zeroed it is empty. */
struct wzp_timing {
    struct wzp_tally delays; /* us, by wzp_quic_delay_bounds */
    struct wzp_tally turns;  /* us, by wzp_quic_turn_bounds */
    size_t n;
    uint32_t arrived[WZP_TIMING_LISTED]; /* as wzp_timing_stamp has it */
};

/** A time, cut to 32 bits: differences of up to an hour hold. */
static inline uint32_t wzp_timing_stamp(wzp_us at)
{
    return (uint32_t)(uint64_t)at;
}

/** A datagram that arrived then has been packed. */
static inline void wzp_timing_packed(struct wzp_timing *timing, uint32_t arrived)
{
    if (timing->n < WZP_TIMING_LISTED) {
        timing->arrived[timing->n++] = arrived;
    }
}

/** What was packed has been handed to the kernel, `now`. */
void wzp_timing_sent(struct wzp_timing *timing, wzp_us now);
