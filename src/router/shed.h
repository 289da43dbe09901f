/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom one receiver hears while its line carries less than the room says. Source: docs/operating.md, "Slow
 * lines".
 *
 * The loudest streams that fit into the budget are let through whole, all others not at all; the loudest one
 * always is, and loses its repairs where even that is too much. Streams change places seldom, so that nobody
 * is cut between two words. Pure; made when a receiver becomes short, so that its memory is spent on those
 * only; nothing else here takes any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_SHED_STREAMS        64 /* those that are compared; further ones wait until one of them rests */
#define WZP_SHED_OVERHEAD_BYTES 30 /* of a datagram that travels alone: QUIC's */
#define WZP_SHED_SORT           (40 * WZP_MS)    /* at first everybody is let through and listened to */
#define WZP_SHED_CHOOSE         (100 * WZP_MS)   /* between two choices */
#define WZP_SHED_TENURE         (1 * WZP_SECOND) /* a voice has before a louder one may take its place */
#define WZP_SHED_SETTLED        (5 * WZP_SECOND) /* from then on it is no newcomer, who would go first */
#define WZP_SHED_REST           (1 * WZP_SECOND) /* without a packet: its share is free */
#define WZP_SHED_FORGET         (3 * WZP_SECOND) /* without a packet: its entry is */

enum wzp_shed_verdict {
    WZP_SHED_LET,
    WZP_SHED_SPEAKER,    /* dropped: its speaker is not among those that fit */
    WZP_SHED_REDUNDANCY, /* dropped: a repair */
};

/** A media packet on its way to the receiver. */
struct wzp_shed_packet {
    uint16_t number;   /* of its stream */
    uint16_t loudness; /* wzp_voice_loudness */
    bool is_repair;
    size_t size;
};

struct wzp_shed;

WZP_MUST_USE enum wzp_err wzp_shed_new(uint32_t bytes_per_second, wzp_us now, struct wzp_shed **out_shed);

/** Takes NULL. */
void wzp_shed_free(struct wzp_shed *shed);

/** From now on; who has to go goes with the next packet. */
void wzp_shed_set_budget(struct wzp_shed *shed, uint32_t bytes_per_second, wzp_us now);

/** Decides about one packet, and counts it. O(streams). */
enum wzp_shed_verdict wzp_shed_ask(struct wzp_shed *shed, const struct wzp_shed_packet *packet, wzp_us now);

/** The budget, in bytes a second, with which the next of those who wait would be let through; 0: nobody
 * waits. */
uint32_t wzp_shed_wanted(const struct wzp_shed *shed, wzp_us now);
