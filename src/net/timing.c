/* SPDX-License-Identifier: Apache-2.0 */
#include "net/timing.h"

#include "net/quic.h"

void wzp_timing_sent(struct wzp_timing *timing, wzp_us now)
{
    uint32_t stamp = wzp_timing_stamp(now);
    for (size_t i = 0; i < timing->n; i++) {
        uint32_t stay = stamp - timing->arrived[i];
        wzp_tally_add(&timing->delays, &wzp_quic_delay_bounds, stay);
    }
    timing->n = 0;
}
