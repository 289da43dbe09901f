/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router: rooms, participants, stream numbers and the federation of relays, as a pure state machine.
 *
 * Source: docs/protocol.md and docs/federation.md. No socket, clock, thread or log: events and the current
 * time go in through the functions below, everything the relay has to do comes out through `struct
 * wzp_router_out`. Nothing on the media path (media_in, link_media_in) allocates, except that the packet pool
 * may grow to its limit. One thread per router.
 *
 * Re-entrance: no function of this header may be called from within an out function, apart from the
 * read-only ones (`_user`, `_stream`, `_stats`, `_each`).
 *
 * The daemon's loop: hand in everything of a receive batch, then call wzp_router_tick once
 * wzp_router_deadline has passed (it is often `now`: first lists of joiners, prunes).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/us.h"
#include "crypto/fingerprint.h"
#include "crypto/room_id.h"

#define WZP_ROUTER_LABEL_BYTES 65 /* a relay's or participant's label with its NUL */

struct wzp_router;
struct wzp_member; /* a local participant: from join until leave returns, or until it was told as replaced */
struct wzp_link;   /* a relay link: from link_up until link_down returns */
struct wzp_signal; /* proto/signal.h */

enum wzp_generation {
    WZP_GENERATION_1 = 1,
    WZP_GENERATION_2 = 2,
};

/* ---- what comes out -------------------------------------------------------------------------------- */

enum wzp_router_event_kind {
    WZP_ROUTER_EVENT_ROOM_OPENED,     /* the first local member came (LocalJoin) */
    WZP_ROUTER_EVENT_ROOM_CHANGED,    /* the local members changed (LocalChange) */
    WZP_ROUTER_EVENT_ROOM_CLOSED,     /* the last local member went (LocalLeave) */
    WZP_ROUTER_EVENT_ORIGIN_APPEARED, /* a relay has members in a global room; `link` brought it */
    WZP_ROUTER_EVENT_ORIGIN_GONE,     /* they left, or no way leads there any more; `link` may be NULL */
    WZP_ROUTER_EVENT_SIGNAL_REFUSED,  /* a link's announcement breaks a rule or limit; `why` says which */
};

/** What is wrong with an announcement. */
enum wzp_refusal {
    WZP_REFUSAL_NONE,
    WZP_REFUSAL_NO_ROOM,     /* not one of our global rooms: often just a room that is not shared */
    WZP_REFUSAL_NOT_ALLOWED, /* policy keeps the room from this link */
    WZP_REFUSAL_NO_ORIGIN,
    WZP_REFUSAL_BAD_NUMBER,
    WZP_REFUSAL_BAD_PATH,
    WZP_REFUSAL_PATH_START,
    WZP_REFUSAL_PATH_END,
    WZP_REFUSAL_SAME_ORIGIN,
    WZP_REFUSAL_PARTICIPANTS,
    WZP_REFUSAL_ORIGINS,
    WZP_REFUSAL_OFFERS,
    WZP_REFUSAL_MEMORY,
    WZP_REFUSAL_PEOPLE, /* taken, but its list was cut */
    WZP_N_REFUSALS,
};

/** A phrase for people: "too many origins in the room". */
const char *wzp_refusal_text(enum wzp_refusal refusal);

/** As metrics name it: "no_room", "not_allowed", "malformed" or "limit". */
const char *wzp_refusal_reason(enum wzp_refusal refusal);

struct wzp_router_event {
    enum wzp_router_event_kind kind;
    const char *room;         /* display name, borrowed for the call */
    size_t n_members;         /* local members after it */
    void *link;               /* the link's user pointer, or NULL */
    const uint8_t *origin;    /* WZP_FINGERPRINT_BYTES, or NULL */
    enum wzp_refusal refusal; /* SIGNAL_REFUSED: why */
};

/**
 * What the router has its owner do. All functions are required, run inside the call that caused them, and
 * get `context` and the `user` pointers of members and links. Signals are borrowed for the call: serialise
 * or copy. A nonzero `replace_key` means: a message still unsent to the same receiver with the same key has
 * been overtaken by this one and may be left out.
 */
struct wzp_router_out {
    void *context;
    /** One signal for several members of one room (serialise once). */
    void (*to_members)(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key);
    void (*to_link)(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key);
    /** Queue `size` bytes of the packet's buffer from `offset` on; take a reference of your own. */
    void (*media_to_member)(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size);
    void (*media_to_link)(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size);
    /** A newer join with the same proven identity took this member's place: its handle is dead when this
     * returns; close the connection (code 9). */
    void (*member_replaced)(void *context, void *user);
    void (*event)(void *context, const struct wzp_router_event *event);
};

/* ---- set-up ---------------------------------------------------------------------------------------- */

/** 0 takes the default in brackets. */
struct wzp_router_limits {
    size_t members;             /* local, over all rooms [1,000] */
    size_t members_per_room;    /* local [1,000] */
    size_t rooms;               /* local ones that are not global [1,000] */
    size_t links;               /* [256] */
    size_t origins_per_room;    /* relays known in one global room, ourselves not counted [1,024] */
    size_t remote_per_room;     /* participants learnt from other relays [8,192] */
    size_t offers_per_link;     /* (origin, room) pairs that one link may offer a way to, its own
                                   relay always [16,384] */
    size_t people_per_link;     /* participants that are known from one link, over all rooms, its own
                                   relay's and those of third ones apart [32,768] */
    size_t heard_origins;       /* relays of which only media is known, over all rooms [4,096] */
    size_t left_origins;        /* relays that left, remembered for a minute, over all rooms [16,384] */
    uint32_t member_pps;        /* datagrams a second from one member [400; burst twice that] */
    uint32_t link_pps;          /* from one link, where its policy says nothing [50,000; burst a fifth] */
    uint32_t link_room_pps;     /* from one link in one room [10,000; burst a fifth] */
    uint32_t content_slots_log; /* size of the content window for first-generation media [14: 16,384] */
};

/** Deliberate mistakes, with which tests show that the simulator would notice them. 0 in any real relay. */
enum wzp_router_bug {
    WZP_BUG_SKIP_PATH_CHECK = 1 << 0,        /* takes announcements whose path holds this relay */
    WZP_BUG_SHARE_DUPLICATE_WINDOW = 1 << 1, /* one duplicate window for all senders of a room */
    WZP_BUG_FORGET_WITHDRAW = 1 << 2,        /* does not tell links that it lost its last offer */
    WZP_BUG_FLOOD_EVERYWHERE = 1 << 3,       /* sends media to links that have it, takes it from any */
    WZP_BUG_FORGET_GRAFT = 1 << 4,           /* prunes and never grafts */
    WZP_BUG_IGNORE_ORDER = 1 << 5,           /* takes messages of a link in the order they come */
    WZP_BUG_NO_TOMBSTONE = 1 << 6,           /* forgets at once that an origin left */
    WZP_BUG_PASS_ON_ALWAYS = 1 << 7,         /* tells every link again whatever it hears */
    WZP_BUG_FORGET_LOST = 1 << 8,            /* does not say what broke */
};

struct wzp_router_config {
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES]; /* of our own TLS certificate */
    const char *label;                          /* how this relay is called in lists; copied */
    const char *const *global_rooms;            /* canonical names (or 32-digit ids); copied */
    size_t n_global_rooms;                      /* at most WZP_ROUTER_MAX_GLOBAL_ROOMS */
    size_t max_speakers;               /* of every room; at most WZP_ROUTER_MAX_SPEAKERS, 0: no limit */
    const size_t *global_max_speakers; /* of each global room; NULL: as every room; read during new only */
    struct wzp_router_limits limits;
    struct wzp_hash_key hash_key;     /* random where peers are hostile */
    const struct wzp_random *random;  /* borrowed; read only during wzp_router_new */
    uint64_t wall_clock_us;           /* of the start, since 1970: our announcements count from here */
    struct wzp_packet_pool *pool;     /* borrowed; for packets that need two forms */
    const struct wzp_router_out *out; /* borrowed for the router's life */
    unsigned bugs;                    /* enum wzp_router_bug; tests only */
};

#define WZP_ROUTER_MAX_GLOBAL_ROOMS 4096 /* rooms per link, protocol.md "Limits" */
#define WZP_ROUTER_MAX_SPEAKERS     64

/** WZP_EINVAL: a global room twice or with a bad name. WZP_ELIMIT: too many of them, or of speakers.
 * WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_router_new(const struct wzp_router_config *config,
                                         struct wzp_router **out_router);

/** Frees everything, members and links included, without telling anybody. Takes NULL. */
void wzp_router_free(struct wzp_router *router);

/** When wzp_router_tick has something to do next: WZP_NEVER, or a time that may already have passed. */
wzp_us wzp_router_deadline(const struct wzp_router *router);

/** Sends what is due (room updates, announcements, prunes), ends graces, forgets what is old. */
void wzp_router_tick(struct wzp_router *router, wzp_us now);

/** Whether `name`, raw or hashed, is one of the configured global rooms; the canonical name, or NULL. */
const char *wzp_router_global_name(const struct wzp_router *router, const char *name);

/* ---- members --------------------------------------------------------------------------------------- */

/** A client that has passed the handshake. Strings are copied and cleaned. */
struct wzp_join {
    const char *room;        /* as the client named it: raw or 32 digits; NULL or "": "default" */
    const char *fingerprint; /* what others are shown */
    const char *alias;       /* or NULL */
    const uint8_t *identity; /* the 32-byte key it proved, or NULL: then it replaces nobody */
    uint32_t caps;           /* enum wzp_cap of proto/signal.h */
    uint8_t version;         /* `v` of its CallOffer, 0 or 1 where absent */
    bool is_muted;
    void *user;
};

/**
 * Adds a member; the others are told within 50 ms. Its own first list leaves with the next tick, which is due
 * at once: send the CallAnswer (with wzp_member_stream) before that.
 *
 * An older member with the same proven identity in the same room is replaced and told through
 * `member_replaced`. WZP_ELIMIT: the room is full. WZP_EAGAIN: the relay is (members or rooms). WZP_EINVAL:
 * the room's name is too long. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_router_join(struct wzp_router *router, const struct wzp_join *join, wzp_us now,
                                          struct wzp_member **out_member);

/** Takes the member out of its room and frees it. */
void wzp_router_leave(struct wzp_router *router, struct wzp_member *member, wzp_us now);

/** Tells the room where that is a change. */
void wzp_router_set_muted(struct wzp_router *router, struct wzp_member *member, bool is_muted, wzp_us now);

/**
 * Hands a media datagram to everyone else in the room, in join order, and in a global room to the links,
 * unless others hold the floor (speakers.h).
 *
 * The router writes into the packet (stream number, tag in the headroom): its only reference must be the
 * caller's, who gives it back afterwards. Malformed packets and those over the member's rate are dropped and
 * counted.
 */
void wzp_router_media_in(struct wzp_router *router, struct wzp_member *member, struct wzp_packet *packet,
                         wzp_us now);

/**
 * What may be sent to the member, in bytes a second, QUIC's own included; 0: as much as there is. Within a
 * budget the loudest are let through whole and the others not at all (shed.h); what is dropped is counted.
 * Where there is no memory for that, nothing is dropped.
 */
void wzp_router_set_budget(struct wzp_router *router, struct wzp_member *member, uint32_t bytes_per_second,
                           wzp_us now);

/** The budget with which the member would hear one more; 0: it hears all that there is. */
uint32_t wzp_member_wanted(const struct wzp_member *member, wzp_us now);

/** The number that the member's packets carry: never 0, unique in its room. */
uint16_t wzp_member_stream(const struct wzp_member *member);
/** The display name of its room. */
const char *wzp_member_room(const struct wzp_member *member);

/** Counters of one member. */
struct wzp_member_stats {
    uint64_t packets_out, bytes_out; /* handed out for it; bytes are datagram bytes */
    uint64_t packets_in, bytes_in;   /* from it */
    uint64_t dropped_malformed, dropped_rate;
    uint64_t not_speaking; /* of those that came in: others held the floor */
};
void wzp_member_stats(const struct wzp_member *member, struct wzp_member_stats *out_stats);

/* ---- links ----------------------------------------------------------------------------------------- */

/** What the operator allows a peer. */
struct wzp_link_policy {
    const char *const *rooms;  /* globs (fnmatch) over canonical names, both ways; copied */
    size_t n_rooms;            /* 0: every global room */
    bool is_leaf;              /* `transit = false`: nothing of third relays goes to it or from it */
    uint32_t max_pps;          /* datagrams a second from it; 0: the limit of the relay */
    uint32_t max_participants; /* of one announcement of its; 0: 512. The list is cut there */
};

struct wzp_link_info {
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES]; /* proven (or configured, where unverified is allowed) */
    const char *label;                          /* the operator's name for it; copied */
    enum wzp_generation generation;
    struct wzp_link_policy policy;
    uint32_t rtt_class; /* smaller is nearer: breaks ties between ways, once */
    void *user;
};

/**
 * A link stands (both hellos are through): the peer is told everything at once.
 *
 * WZP_EEXIST: a link to that relay stands already. WZP_EINVAL: it is our own fingerprint. WZP_ELIMIT.
 * WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_router_link_up(struct wzp_router *router, const struct wzp_link_info *info,
                                             wzp_us now, struct wzp_link **out_link);

/** The link is gone: what was learnt through it goes with it. Frees the handle. */
void wzp_router_link_down(struct wzp_router *router, struct wzp_link *link, wzp_us now);

/** Notes a new distance; moves no route by itself. */
void wzp_router_link_set_rtt(struct wzp_link *link, uint32_t rtt_class);

/**
 * A signal that came by the link. GlobalRoomActive, GlobalRoomInactive, Prune and Graft are taken, others
 * ignored. What breaks a rule is counted and told as an event; it never ends the link.
 */
void wzp_router_link_signal(struct wzp_router *router, struct wzp_link *link, const struct wzp_signal *signal,
                            wzp_us now);

/** A federated datagram, tag and all. The same rules for the packet as in wzp_router_media_in. */
void wzp_router_link_media_in(struct wzp_router *router, struct wzp_link *link, struct wzp_packet *packet,
                              wzp_us now);

#define WZP_ROUTER_MEDIA_BATCH 32

/** The same for up to WZP_ROUTER_MEDIA_BATCH packets, in order: cheaper where many senders take turns. */
void wzp_router_link_media_batch(struct wzp_router *router, struct wzp_link *link,
                                 struct wzp_packet *const *packets, size_t n, wzp_us now);

/** Why a datagram of a link was dropped. QUEUE_FULL is counted by whoever owns the queue. */
enum wzp_drop {
    WZP_DROP_DUPLICATE,
    WZP_DROP_NOT_UPSTREAM,
    WZP_DROP_NO_ROOM,
    WZP_DROP_RATE,
    WZP_DROP_HOPS,
    WZP_DROP_MALFORMED,
    WZP_DROP_QUEUE_FULL,
    WZP_N_DROPS,
};

/** The reason as metrics name it: "duplicate", "not_upstream", ... */
const char *wzp_drop_text(enum wzp_drop drop);

struct wzp_link_stats {
    uint64_t packets_in, bytes_in, packets_out, bytes_out; /* datagrams with their tags */
    uint64_t dropped[WZP_N_DROPS];                         /* of those that came in */
    uint64_t signals_in, signals_out;                      /* announcements and withdrawals */
    uint64_t signals_stale, signals_refused;               /* overtaken by a later one; against a rule */
    uint64_t refused[WZP_N_REFUSALS];                      /* the latter by what they break */
    uint64_t prunes_in, prunes_out, grafts_in, grafts_out;
    size_t rooms;  /* gauge: rooms it announced */
    size_t offers; /* gauge: (origin, room) pairs it offers a way to */
};
void wzp_link_stats(const struct wzp_link *link, struct wzp_link_stats *out_stats);
const char *wzp_link_label(const struct wzp_link *link);

/* ---- what there is ---------------------------------------------------------------------------------- */

struct wzp_router_stats {
    size_t members, rooms;      /* gauges: local members; rooms with a local member */
    size_t global_rooms_active; /* gauge: global rooms with a member anywhere */
    size_t origins;             /* gauge: origins known, over all rooms, ourselves not counted */
    size_t links;               /* gauge */
    size_t unsettled;           /* gauge: origins that are about to take another way or have just done so */
    size_t memory_bytes;        /* gauge: what all of it takes, without the content window */
    uint64_t packets_in, bytes_in;            /* from members */
    uint64_t packets_out, bytes_out;          /* to members: packets times receivers */
    uint64_t dropped_malformed, dropped_rate; /* from members */
    uint64_t not_speaking;        /* packets of members that members did not get: others held the floor */
    uint64_t not_speaking_links;  /* the same, that links did not get */
    uint64_t not_speaking_remote; /* packets of links that members did not get */
    size_t limited;               /* gauge: members with a budget */
    uint64_t shed_speaker;    /* datagrams that their receiver's budget had no place for: quiet speakers' */
    uint64_t shed_redundancy; /* the same: repairs */
    uint64_t joins, replaced, refused;
    uint64_t updates; /* RoomUpdates, times receivers */
};
void wzp_router_stats(const struct wzp_router *router, struct wzp_router_stats *out_stats);

/** One participant as a presence page shows it. */
struct wzp_presence {
    const char *room; /* display name */
    const char *fingerprint;
    const char *alias;       /* "" for none */
    const char *relay_label; /* "" for local ones */
    const uint8_t *relay;    /* fingerprint of its relay: ours for local ones */
    bool is_local;
    uint16_t stream;
    void *user; /* of a local member; else NULL */
};

/** Calls `each` for every participant of every room, local ones first; stops when it returns false. */
void wzp_router_each(const struct wzp_router *router,
                     bool (*each)(void *context, const struct wzp_presence *presence), void *context);

/** The way to `origin` in a room: fingerprints of the relays between, nearest first, at most `limit`;
 * returns how many there are, 0 where none leads there. */
size_t wzp_router_path(const struct wzp_router *router, const char *room, const uint8_t *origin,
                       uint8_t (*out_path)[WZP_FINGERPRINT_BYTES], size_t limit);
