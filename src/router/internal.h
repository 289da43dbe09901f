/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router's own structures, shared by the files of this folder.
 *
 *   router ─┬─ rooms, by id ──── room ─┬─ members, in join order
 *           │                          ├─ self: what we announce of it
 *           │                          └─ origins: relays with members in it ─┬─ people
 *           │                                                                 ├─ streams
 *           │                                                                 └─ ways, one a link
 *           ├─ links, by slot ── link ─── edges, one a global room
 *           └─ streams, by (tag, origin, number)
 *
 * An edge holds what one link and we agreed on about one room; a way what we know from and have told one link
 * about one origin in one room. Both end with the link.
 */
#pragma once

#include "base/bucket.h"
#include "base/list.h"
#include "base/map.h"
#include "proto/dup.h"
#include "proto/room_name.h"
#include "proto/signal.h"
#include "router/broken.h"
#include "router/router.h"
#include "router/shed.h"
#include "router/speakers.h"

#define WZP_ORIGIN_ID_BYTES   8 /* first bytes of a relay's fingerprint: how media names its origin */
#define WZP_PERSON_NAME_BYTES (WZP_SIGNAL_MAX_FINGERPRINT + 1)
#define WZP_STREAM_KEY_BYTES  (WZP_ROOM_TAG_BYTES + WZP_ORIGIN_ID_BYTES + 2)

enum {
    WZP_PATH_MAX = 32,             /* relays on a path, protocol.md "Limits" */
    WZP_STREAMS_PER_ORIGIN = 1024, /* as many again as an announcement can list, for those that just left */
    WZP_FRESH_MAX = 64,            /* senders first heard since the last tick */
    WZP_STREAMS_LATELY = 4096,     /* places of those heard lately, which are found without a hash */
    WZP_REQUESTS_MAX = 64,         /* prunes to consider since the last tick */
};

#define WZP_PATIENCE (2 * WZP_SECOND) /* after news no way is taken because it is shorter */
#define WZP_DOUBT                                                                                            \
    (1500 * WZP_MS) /* an offer that may be out of date is not used so long; below the grace                 \
                     */
#define WZP_OVERLAP        (2 * WZP_SECOND) /* both ways are heard while the upstream changes for the better */
#define WZP_UPDATE_GAP     (50 * WZP_MS)    /* between two updates to the clients of a room */
#define WZP_UPDATE_GAP_MAX (2 * WZP_SECOND)  /* the same in a room of a thousand */
#define WZP_GRACE          (2 * WZP_SECOND)  /* a lost origin's people are shown that much longer */
#define WZP_MEMORY         (60 * WZP_SECOND) /* what left is remembered: no signal is under way for longer */
#define WZP_PRUNE_GAP      (1 * WZP_SECOND)  /* between two prunes of one key on one link */
#define WZP_STREAM_REST    (10 * WZP_SECOND) /* an unlisted stream that is silent for so long is dropped */
#define WZP_BINDING_REST   (1 * WZP_SECOND) /* an unannounced origin keeps its first link while it is heard */

/** A sequence number that no clock reaches: announcements beyond it are refused, so that ours can outgrow any
 * that is accepted. */
#define WZP_SEQ_LIMIT ((uint64_t)1 << 62)

struct wzp_content;

/** A participant of an origin as it was announced. */
struct wzp_person {
    char fingerprint[WZP_PERSON_NAME_BYTES];
    char alias[WZP_ROUTER_LABEL_BYTES];
    char relay_label[WZP_ROUTER_LABEL_BYTES]; /* "": the origin did not say */
    uint32_t caps;
    uint8_t version;
    bool is_muted;
    uint16_t number;           /* the origin's stream number; 0: none (first generation) */
    struct wzp_stream *stream; /* what we make of it; NULL where number is 0 */
};

/** A sender behind a link: its duplicate window, and the number that we gave it. First what each packet
 * touches. */
struct wzp_stream {
    uint8_t key[WZP_STREAM_KEY_BYTES];
    uint16_t local; /* our number for it */
    bool is_listed;
    struct wzp_origin *origin;
    wzp_us used_at;
    struct wzp_voice voice;
    struct wzp_dup window;
    struct wzp_seat seat; /* in the room's floor */
    struct wzp_list node; /* in the origin */
    uint64_t person;      /* hash of who was announced with it: another one starts afresh */
};

/** What passes between one link and us about one origin in one room. */
struct wzp_way {
    struct wzp_link *link;
    struct wzp_origin *origin;
    struct wzp_list node; /* in the link */

    bool has_offer; /* what media asks stands first */
    bool is_pruned; /* the link wants none of the origin's media */
    uint8_t path_length;

    /* what the link offers us */
    uint64_t heard_n; /* the last message taken */
    uint64_t heard_seq;
    wzp_us withdrawn_at;                    /* when the link last took its offer back */
    wzp_us doubted_until;                   /* the path leads over a place that broke: not used until then */
    uint8_t (*path)[WZP_FINGERPRINT_BYTES]; /* of path_length; the link's relay first, the origin last */

    /* what we have told it */
    bool is_told; /* the link holds an offer of ours */
    uint64_t told_seq;
    uint32_t told_path;

    /* media of this origin */
    uint64_t prune_n;
    bool has_pruned; /* we want none of it from the link */
    wzp_us pruned_at;
};

/**
 * (origin, room). States:
 *
 *   HEARD ──announced──▶ KNOWN ──last offer goes──▶ LOST ──grace──▶ FORGOTTEN ──memory──▶ freed
 *     ▲                    ▲ ▲                       │                  │
 *     media comes first    │ └─────── an offer ──────┴──────────────────┘
 *                          └── newer announcement ── LEFT ◀── the origin says so ── any
 *                                                     └──memory──▶ freed
 */
enum wzp_origin_state {
    WZP_ORIGIN_HEARD,     /* only its media is known */
    WZP_ORIGIN_KNOWN,     /* somebody offers a way to it */
    WZP_ORIGIN_LOST,      /* nobody does; its people are still shown */
    WZP_ORIGIN_FORGOTTEN, /* nobody did for the grace; any number counts as new */
    WZP_ORIGIN_LEFT,      /* it said that it left; its number is the tombstone */
    WZP_ORIGIN_SELF,      /* it is us */
};

/* First what its media touches. */
struct wzp_origin {
    struct wzp_room *room;
    struct wzp_way *upstream;
    struct wzp_link *previous; /* the upstream before a change for the better: heard until `previous_until` */
    struct wzp_way **ways;     /* by slot of the link; NULL: none */
    size_t n_ways;
    size_t n_offers;
    struct wzp_link *bound; /* without an upstream: the link that brought its media */
    wzp_us bound_at;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES]; /* HEARD: only the first 8 bytes */
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    struct wzp_list node; /* in the room */
    struct wzp_list idle; /* in the router, by state: HEARD; FORGOTTEN and LEFT */
    enum wzp_origin_state state;
    wzp_us until; /* when the state ends by itself, or WZP_NEVER */

    uint64_t seq; /* the newest number */
    struct wzp_person *people;
    size_t n_people;
    struct wzp_link *people_by; /* the link that they count for, or NULL */
    bool are_people_own;        /* they are its relay's own */
    bool is_first_generation;   /* its senders have no numbers of their own */

    uint32_t path_version; /* grows when what we tell of the path changes */
    wzp_us news_at;        /* when the newest number was first heard */
    wzp_us review_at;      /* when a shorter way is taken or a doubt ends, or WZP_NEVER */
    wzp_us previous_until;

    bool has_lost; /* during one review: what broke, for those who are told */
    uint8_t lost[2][WZP_FINGERPRINT_BYTES];

    struct wzp_list streams;
    size_t n_streams;
};

/** Work that a room can have due. */
enum wzp_due {
    WZP_DUE_ORIGINS,  /* a state ends */
    WZP_DUE_ANNOUNCE, /* links are to hear of a change of our members */
    WZP_DUE_FIRST,    /* first-generation links are to hear of a change of the merged list */
    WZP_DUE_UPDATE,   /* members are to hear of it */
    WZP_N_DUES,
};

/** What one link and we agreed on about one global room. */
struct wzp_edge {
    bool is_allowed; /* by the operator's policy */
    bool is_pruned;  /* the link wants nothing of the room */
    bool is_grafted; /* it asked for it */
    size_t n_offers; /* origins to which the link offers a way */
    struct wzp_bucket bucket;
    uint64_t prune_n;
    bool has_pruned, has_grafted; /* the same by us */
    wzp_us pruned_at;
    size_t n_told;      /* origins to which we offer it one */
    size_t n_upstreams; /* origins whose upstream it is */
    size_t n_far;       /* those of them that are not the link's relay itself */

    /* first-generation links */
    struct wzp_origin *origin; /* the one that stands at the link; NULL: it announced nothing */
    struct wzp_person *raw;    /* its list as it came */
    size_t n_raw;
    bool is_told;
    uint64_t told_list; /* hash of the merged list it was told */
};

struct wzp_link {
    struct wzp_router *router;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char label[WZP_ROUTER_LABEL_BYTES];
    enum wzp_generation generation;
    bool is_leaf;
    uint32_t max_participants;
    uint32_t rtt_class;
    void *user;
    size_t slot;
    uint64_t n;             /* of the last message sent */
    struct wzp_edge *edges; /* by index of the room */
    struct wzp_list ways;
    size_t n_ways;
    size_t n_offers;    /* ways with an offer of its */
    size_t n_people[2]; /* of the origins whose people it brought: third relays', its relay's own */
    struct wzp_bucket bucket;
    struct wzp_link_stats stats;
};

/* First what media touches. */
struct wzp_room {
    struct wzp_router *router;
    size_t index;            /* of a global one */
    struct wzp_origin *self; /* of a global one */
    size_t n_members;
    size_t n_remote; /* people of all origins */
    size_t n_first;  /* first-generation links and origins: media needs the content window */
    struct wzp_list members;
    struct wzp_speakers floor; /* whom our members hear */
    struct wzp_room_id id;
    uint8_t tag[WZP_ROOM_TAG_BYTES];
    char name[WZP_ROOM_NAME_BYTES]; /* canonical or as somebody brought it; else the id's digits */
    bool is_named;
    bool is_global;
    struct wzp_list origins;
    struct wzp_map by_id; /* origins by the first 8 bytes of their fingerprint */
    size_t n_shown;       /* origins with people */
    size_t n_pruned;      /* ways with has_pruned: something to review */

    uint64_t numbers[65536 / 64]; /* stream numbers in use, a bit each */
    struct wzp_speakers leaving;  /* which of our members other relays hear */
    struct wzp_dup shared_window; /* only for WZP_BUG_SHARE_DUPLICATE_WINDOW */

    /* work that is due; `node` is in router->due while there is some */
    struct wzp_list node;
    wzp_us due[WZP_N_DUES];
    wzp_us updated_at, announced_at;
    wzp_us welcomed_at; /* when first lists were sent */
    uint64_t rev;       /* of the merged list as it is now */
    bool is_announced;  /* links were told that we have members */
};

/* First what is touched for each packet to it, then for each from it, then what is rare. */
struct wzp_member {
    struct wzp_room *room;
    struct wzp_list node;
    void *user;
    struct wzp_shed *shed; /* NULL: it gets everything */
    struct wzp_member_stats stats;
    struct wzp_bucket bucket;
    struct wzp_voice voice;
    struct wzp_seat seat;    /* in the room's floor */
    struct wzp_seat leaving; /* in the one for other relays */
    uint16_t stream;
    bool has_identity;
    bool is_muted;
    bool has_level;
    uint8_t version;
    uint32_t caps;
    uint64_t rev; /* of the last list it was sent; 0: none yet */
    char fingerprint[WZP_PERSON_NAME_BYTES];
    char alias[WZP_ROUTER_LABEL_BYTES];
    uint8_t identity[WZP_FINGERPRINT_BYTES];
};

/** A sender whose first packet came since the last tick: the media path takes no memory. */
struct wzp_fresh {
    uint8_t key[WZP_STREAM_KEY_BYTES];
    struct wzp_room *room;
    struct wzp_link *link;
    struct wzp_dup window;
    uint16_t local;
    struct wzp_voice voice;
    struct wzp_seat seat;
};

/** Media came that nobody needs: at the next tick a prune is considered. */
struct wzp_request {
    struct wzp_room *room;
    struct wzp_link *link;
    uint8_t origin[WZP_ORIGIN_ID_BYTES];
};

struct wzp_router {
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    char label[WZP_ROUTER_LABEL_BYTES];
    struct wzp_router_limits limits;
    size_t max_speakers;
    struct wzp_hash_key hash_key;
    struct wzp_packet_pool *pool;
    const struct wzp_router_out *out;
    unsigned bugs;

    struct wzp_map rooms; /* by id */
    struct wzp_map tags;  /* global ones, by tag */
    struct wzp_room **globals;
    size_t n_globals;
    struct wzp_link **links; /* by slot; NULL: free */
    size_t n_slots;          /* slots in use end here */
    size_t n_links;
    struct wzp_map streams;     /* by key */
    struct wzp_stream **lately; /* WZP_STREAMS_LATELY; NULL until there is a stream */

    struct wzp_list heard, left; /* idle origins of all rooms, the oldest first */
    size_t n_heard, n_left;

    struct wzp_list due; /* rooms */
    wzp_us deadline;     /* not later than the earliest due */
    uint64_t seq;        /* of our last announcement */
    uint64_t rev;        /* of the last change of any list */
    uint16_t last_number;
    wzp_us now; /* of the media that is being handed on */

    struct wzp_fresh fresh[WZP_FRESH_MAX];
    size_t n_fresh;
    struct wzp_request requests[WZP_REQUESTS_MAX];
    size_t n_requests;
    struct wzp_broken broken;
    struct wzp_content *content; /* NULL until a first-generation sender is met */

    /* for one update at a time */
    struct wzp_signal_participant *items;
    size_t items_size;
    void **users;
    size_t users_size;

    struct wzp_router_stats stats;
};
