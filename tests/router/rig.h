/* SPDX-License-Identifier: Apache-2.0 */
/* A router with an owner that writes down everything it is told to do. */
#pragma once

#include "proto/media.h"
#include "proto/signal.h"
#include "router/router.h"
#include "support/wzp_test.h"

enum {
    RIG_SEATS = 64,
    RIG_LINKS = 8,
    RIG_SIGNALS = 64,
    RIG_PACKETS = 256,
    RIG_EVENTS = 64,
    RIG_TEXT = 2048,
};

/** A datagram as it was handed out. */
struct rig_packet {
    uint8_t bytes[256];
    size_t size;
};

/** A client and what it got. A signal is written down as text: "rev:name@stream,name(label)@stream,...". */
struct rig_seat {
    struct wzp_member *member;
    size_t n_updates;
    uint64_t rev;
    char update[RIG_TEXT]; /* the last one, without rev and streams: "alice,bob(B)" */
    uint16_t streams[RIG_SEATS];
    size_t n_listed;
    struct rig_packet packets[RIG_PACKETS];
    size_t n_packets;
    bool is_replaced;
};

/** A peer relay and what it got: signals as text, e.g. "Active general seq=7 path=a,b: alice,bob". */
struct rig_link {
    struct wzp_link *link;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    uint64_t n; /* of the last message we sent by it */
    char signals[RIG_SIGNALS][RIG_TEXT];
    uint64_t seqs[RIG_SIGNALS];
    uint64_t ns[RIG_SIGNALS];
    size_t n_signals;
    struct rig_packet packets[RIG_PACKETS];
    size_t n_packets;
};

struct rig {
    struct wzp_router *router;
    struct wzp_packet_pool *pool;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_router_out out;
    wzp_us now;
    struct rig_seat seats[RIG_SEATS];
    size_t n_seats;
    struct rig_link links[RIG_LINKS];
    size_t n_links;
    enum wzp_router_event_kind events[RIG_EVENTS];
    size_t n_events;
};

/** Relay `letter`'s fingerprint: 32 times that letter. Ours is 'm'. */
void rig_fingerprint(char letter, uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES]);

/** A relay with the global rooms "general" and "other". `change` may adjust the configuration, or be NULL. */
struct rig *rig_new(void (*change)(struct wzp_router_config *config));
void rig_free(struct rig *rig);

/** Lets `us` pass, ticking whenever the router asks for it. */
void rig_pass(struct rig *rig, wzp_us us);

/** Joins with the given name as fingerprint, alias and (its first letter) identity; must succeed. */
struct rig_seat *rig_join(struct rig *rig, const char *room, const char *name);
enum wzp_err rig_try_join(struct rig *rig, const struct wzp_join *join, struct rig_seat **out_seat);
void rig_leave(struct rig *rig, struct rig_seat *seat);

/** A 14-byte media packet with that number, said by the member. */
void rig_say(struct rig *rig, struct rig_seat *seat, uint16_t seq);
void rig_say_bytes(struct rig *rig, struct rig_seat *seat, const void *bytes, size_t size);

/** Forgets the packets and signals written down so far. */
void rig_clear(struct rig *rig);
