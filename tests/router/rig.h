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
    enum wzp_generation generation;
    char said[4 * RIG_TEXT];
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
/** The same with second-generation links to a, b and c. */
struct rig *rig_new_linked(struct rig_link **out_a, struct rig_link **out_b, struct rig_link **out_c);
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

/** A link to relay `letter` comes up; must succeed. `change` may adjust it, or be NULL. */
struct rig_link *rig_link_up(struct rig *rig, char letter, enum wzp_generation generation,
                             void (*change)(struct wzp_link_info *info));
void rig_link_down(struct rig *rig, struct rig_link *link);

/** What a link says. Relays are letters, people words split by commas: each word is fingerprint and alias,
 * with stream numbers from 1 on (none on first-generation links). */
struct rig_news {
    const char *room; /* NULL: "general" */
    char origin;      /* 0: first generation */
    uint64_t seq;
    const char *path; /* NULL: the link's relay, then the origin */
    const char *people;
    uint64_t n;       /* 0: the next one */
    const char *lost; /* two letters: what broke; NULL: nothing */
};
void rig_hear(struct rig *rig, struct rig_link *link, const struct rig_news *news);
/** GlobalRoomInactive; `withdraw` as on the wire. */
void rig_hear_inactive(struct rig *rig, struct rig_link *link, const struct rig_news *news, bool withdraw);
/** Prune or Graft for "general", of one origin or (0) the room. */
void rig_hear_prune(struct rig *rig, struct rig_link *link, char origin, bool is_prune, uint64_t n);

/** A 14-byte media packet of "general" by a link: from the origin's sender `number` (first generation: 0, 0).
 */
void rig_link_say(struct rig *rig, struct rig_link *link, char origin, uint16_t number, uint16_t seq);
void rig_link_say_bytes(struct rig *rig, struct rig_link *link, const void *bytes, size_t size);

/** How many datagrams of the link were dropped for that reason. */
uint64_t rig_dropped(const struct rig_link *link, enum wzp_drop why);

/** The signals that the link got since the last clear, joined by " | ". */
const char *rig_said(struct rig_link *link);

/** Forgets the packets and signals written down so far. */
void rig_clear(struct rig *rig);
