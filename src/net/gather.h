/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long queued datagrams wait for company before they are packed and sent.
 *
 * What a packet costs is the kernel's walk, not its bytes, so datagrams to one receiver are cheap together
 * and dear alone; but waiting is delay. A relay with time to spare sends at once; the more datagrams a second
 * it would have to send alone, the longer it gathers, up to its limit. The load is judged by the datagrams,
 * not by the processor's time, which gathering itself brings down: that would swing. Where the same receiver
 * gets hardly more than one datagram in that time, as in rooms of two, waiting brings no company and is left.
 */
#pragma once

#include <stdint.h>

#include "base/us.h"

/** A value: zeroed with `at_most` it is ready. */
struct wzp_gather {
    wzp_us at_most; /* 0: never waits */
    wzp_us measured_at;
    uint64_t n; /* datagrams queued since then */
    uint64_t n_receivers;
    uint32_t round;               /* of the measure */
    double per_second, receivers; /* averages of both */
};

/** One datagram has been queued. `round` is the receiver's own, 0 at first. */
static inline void wzp_gather_count(struct wzp_gather *gather, uint32_t *round)
{
    gather->n++;
    if (*round != gather->round + 1) {
        *round = gather->round + 1;
        gather->n_receivers++;
    }
}

/** How long what is queued at `now` may wait. */
wzp_us wzp_gather_window(struct wzp_gather *gather, wzp_us now);
