/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load for relays: rooms full of clients, each a real QUIC connection, by default from a socket of its own,
 * some of them talking at a steady rate, all of them counting what arrives. No audio is coded; packets carry
 * who sent them and when.
 *
 *   joining (a few handshakes at a time) -> settling -> talking (what is sent counts) -> trailing
 *     [-> dropping (all close) -> rejoining (all dial at once)] -> leaving -> done
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/us.h"
#include "net/addr.h"
#include "net/loop.h"

#define WZP_LOAD_MAX_RELAYS  8
#define WZP_LOAD_MAX_CLIENTS 20000
#define WZP_LOAD_TICK        WZP_MS /* what the load does, it does once in a tick */

/** Everything of it happens in one process, so that sending and receiving share one clock. */
struct wzp_load_config {
    struct wzp_addr relays[WZP_LOAD_MAX_RELAYS]; /* members of each room take turns among them */
    uint32_t n_relays;                           /* 1 to WZP_LOAD_MAX_RELAYS, of one address family */
    const char *room_prefix;                     /* rooms are "<prefix>-<number>" */
    uint32_t n_rooms;                            /* 1 to 10,000 */
    uint32_t n_members;                          /* per room, 1 to 10,000 */
    uint32_t n_talkers;                          /* per room, at most n_members */
    uint32_t n_sockets;                          /* that the clients share; 0: one each */
    uint32_t packets_per_second;                 /* of one talker [50] */
    uint32_t packet_bytes;                       /* of a media packet, 32 to 1,100 [112] */
    wzp_us talk_for;                             /* how long the talkers talk */
    bool reconnects;                             /* behind that all close, and dial again at once */
    uint64_t seed;                               /* of identities and phases */
    const struct wzp_log *log;
};

enum wzp_load_phase {
    WZP_LOAD_JOINING,
    WZP_LOAD_SETTLING,
    WZP_LOAD_TALKING,
    WZP_LOAD_TRAILING,
    WZP_LOAD_DROPPING,  /* only with `reconnects`, as the next */
    WZP_LOAD_REJOINING, /* a storm, not a ramp */
    WZP_LOAD_LEAVING,
    WZP_LOAD_DONE,
};

/** What came of it. Delay is from the sender's call to when the kernel had the packet for the receiver (where
 * it does not say so, to the receiver's callback). */
struct wzp_load_report {
    uint32_t clients, joined, failed;                  /* failed: never joined, or lost before the end */
    uint64_t sent;                                     /* by talkers while talking */
    uint64_t expected;                                 /* sent times the other members of the room */
    uint64_t received, duplicated, reordered, foreign; /* foreign: not of this load, or another room's */
    wzp_us delay_p50, delay_p90, delay_p99, delay_max;
    wzp_us joined_in; /* from the first handshake to the last member in its room */
    wzp_us talked_for;
    uint32_t rejoined;   /* of those who dialled again */
    wzp_us rejoined_in;  /* from the first dial of all to the last of them in its room */
    uint64_t late_ticks; /* times the generator itself was over 5 ms late: the machine is too small for it */
};

struct wzp_load;

/** Called when a phase begins, with the state so far. */
typedef void (*wzp_load_fn)(void *context, enum wzp_load_phase phase, const struct wzp_load_report *report);

/** WZP_EINVAL: a number is out of range. WZP_ENOMEM, WZP_ENET. `loop` is borrowed, the rest copied but for
 * the log. */
WZP_MUST_USE enum wzp_err wzp_load_new(struct wzp_loop *loop, const struct wzp_load_config *config,
                                       wzp_load_fn fn, void *context, struct wzp_load **out_load);

/** Starts; the loop ends with WZP_LOAD_DONE told. Best run in ticks (wzp_loop_run_in_ticks, WZP_LOAD_TICK):
 * then a packet that arrives wakes nobody, for which on one machine the relay would pay. */
void wzp_load_start(struct wzp_load *load);

/** Goes on to leaving at once, wherever it is. */
void wzp_load_stop(struct wzp_load *load);

void wzp_load_report(const struct wzp_load *load, struct wzp_load_report *out_report);

/** Takes NULL. */
void wzp_load_free(struct wzp_load *load);
