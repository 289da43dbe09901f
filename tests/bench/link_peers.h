/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for a federation link: two relays in one process, on our own QUIC stack, with the relay under test
 * between them.
 *
 *   talker ──announces rooms, sends media of many streams──▶ relay ──▶ listener, which has a member in each
 * room
 *
 * Datagrams are prepared once; sending one is to count its number up. Each bears its stream, number and time,
 * so that the listener counts every one by itself: lost, twice, wrong, late.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/us.h"
#include "net/loop.h"

struct link_peers;

/** Rooms are called PREFIX0, PREFIX1 …; streams of all rooms take turns. */
struct link_peers_shape {
    uint32_t n_rooms, n_origins, n_streams; /* origins of each room, streams of each origin */
    const char *room_prefix;
    uint32_t per_second; /* datagrams, all streams together */
    wzp_us talk_for;
    const char *relay; /* its address */
    const uint8_t *talker_seed, *listener_seed;
};

enum link_peers_phase {
    LINK_PEERS_ARRIVING,
    LINK_PEERS_TALKING,
    LINK_PEERS_TRAILING, /* what is under way still comes */
    LINK_PEERS_DONE,
    LINK_PEERS_FAILED, /* a link ended, or did not come up */
};

struct link_peers_report {
    uint64_t sent, received, duplicated, wrong; /* wrong: what nobody sent, or its tag is not as it should */
    uint64_t packets_sent,
        packets_received; /* QUIC packets with media or acknowledgements, while it lasted */
    uint64_t held_back;   /* times the talker's socket took no more */
    uint64_t late_ticks;
    wzp_us delay_p50, delay_p99;
    const char *reason; /* why it failed, or "" */
};

/** Dials. WZP_ENOMEM and what the network says. */
enum wzp_err link_peers_new(struct wzp_loop *loop, const struct link_peers_shape *shape,
                            struct link_peers **out_peers);
void link_peers_free(struct link_peers *peers);

/** To be called every millisecond or so; sends what is due. */
enum link_peers_phase link_peers_tick(struct link_peers *peers, wzp_us now);

void link_peers_report(const struct link_peers *peers, struct link_peers_report *out_report);
