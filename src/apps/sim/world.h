/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated world: relays with real routers, links with delay and faults, people who join and speak.
 *
 *   world.c    relays, time, what routers send
 *   wire.c     edges: signals and datagrams on their way, links that fail, are noticed and come back
 *   crowd.c    people: joining, leaving, speaking, what they were told and have heard
 *   oracle.c   the truth, and the promises of docs/federation.md checked against it
 *   driver.c   what happens when: rounds of faults, quiet and probes (faults.c, quiet.c, probes.c)
 *
 * Everything follows from one seed; time is virtual.
 */
#pragma once

#include "apps/sim/events.h"
#include "apps/sim/graph.h"
#include "apps/sim/options.h"
#include "base/packet.h"
#include "base/random.h"
#include "router/router.h"

#define WZP_SIM_FAR 255 /* distance: no way */

struct wzp_world;

/** One end of an edge. Links' user pointers point here. */
struct wzp_side {
    struct wzp_world *world;
    uint32_t edge;
    uint8_t side;
    size_t relay;
    struct wzp_link *link; /* NULL: down */
    uint32_t up_session;   /* the last session in which it was up */
    uint32_t announced;    /* announcements of the probed origin since the probe began */
    uint32_t grafted;      /* prunes and grafts */
};

struct wzp_edge_of_world {
    struct wzp_side sides[2];
    wzp_us delay; /* one way */
    bool is_cut;
    uint32_t session;   /* the newest connection */
    bool is_connecting; /* a CONNECT is under way */
};

struct wzp_relay_of_world {
    struct wzp_world *world;
    size_t index;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    struct wzp_router_out out;
    struct wzp_router *router; /* NULL: dead */
    wzp_us tick_at;            /* the earliest TICK in the heap, or WZP_NEVER */
};

/** What a member was last told, shared by all who got the same update. */
struct wzp_view {
    size_t refs;
    uint64_t sum; /* of the marks of the people on it */
    size_t n;
    struct wzp_seat {
        uint32_t guest;
        uint16_t stream;
    } seats[];
};

struct wzp_guest {
    struct wzp_world *world;
    size_t index;
    size_t relay, room;
    struct wzp_member *member; /* NULL: gone */
    struct wzp_view *view;     /* NULL: told nothing yet */
    wzp_us settled_at;         /* what is said from then on it has to hear */
    uint16_t seq;
    uint32_t speech; /* the running one; SPEAK events of others are stale */
    wzp_us pace;     /* between its packets */
};

/** A media packet said, and by whom it was heard. */
struct wzp_saying {
    uint32_t guest;
    size_t room;
    wzp_us at;
    bool is_owed;    /* everybody in reach has to hear it */
    uint64_t *heard; /* bits by guest */
    size_t n_guests; /* that there were */
};

struct wzp_costs {
    uint64_t signals, prunes, datagrams;        /* handed to links */
    uint64_t heard;                             /* packets times listeners */
    uint64_t duplicates, not_upstream, dropped; /* datagrams that receivers threw away; all reasons */
    uint64_t changes;                           /* probes of one change */
    uint64_t change_signals, change_prunes, change_worst; /* signals in them; on one link and direction */
    double convergence_ms_sum, convergence_ms_max;
    uint64_t heals;
    double heal_ms_sum, heal_ms_max;
    double stretch_sum;
    double stretch_max;
    uint64_t stretches;
    uint64_t steady, steady_dropped; /* datagrams in steady seconds, and those thrown away */
    uint64_t memory_bytes;           /* of all routers, at the most */
    uint64_t unsteady_seconds;       /* before the steady ones, after faults */
    uint64_t rounds, events;
};

/** One probe, for the plot. */
struct wzp_point {
    double relays, signals, convergence_ms;
};

struct wzp_world {
    const struct wzp_sim_options *options;
    struct wzp_graph graph;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    wzp_us now;
    struct wzp_events events;
    struct wzp_packet_pool *pool;
    char (*room_names)[32];
    const char **rooms;

    struct wzp_relay_of_world *relays;
    struct wzp_edge_of_world *edges;
    size_t *first_edge; /* of each relay in `edge_list`, one more at the end */
    size_t *edge_list;  /* edges by relay */
    wzp_us longest;     /* the largest delay of a signal over one hop */

    struct wzp_guest **guests; /* grows: the gone stay, so that indices do */
    size_t n_guests, guests_size;
    uint32_t *marks;        /* by guest: the last list it was found on */
    uint32_t *stream_marks; /* the same by stream number */
    uint32_t mark;
    bool is_view_changed;

    struct wzp_saying *sayings; /* a ring */
    uint64_t first_saying, next_saying;

    bool has_noise;    /* the loss fault is on */
    bool watches_gaps; /* last_gap is wanted */
    wzp_us last_gap;   /* the newest packet that somebody in reach never heard */
    bool checks_all;   /* links and people are at rest: everything said is owed */
    uint8_t *distance; /* relays x relays, as of the last look */
    uint64_t *truth;   /* rooms x relays: the sum a view should have */
    size_t *truth_n;

    size_t failed_edge;  /* of the heal probe */
    size_t probed_relay; /* announcements of this origin in this room are counted */
    size_t probed_room;
    struct wzp_costs costs;
    struct wzp_point *points; /* for the plot */
    size_t n_points;
    bool is_broken;
    char why[256];
};

/** Builds the world at time 0 with all relays alive and every edge about to connect. */
WZP_MUST_USE enum wzp_err wzp_world_new(const struct wzp_sim_options *options, struct wzp_world **out_world);
void wzp_world_free(struct wzp_world *world);

/** Lets time pass until `until`, or until a promise breaks or, where `stop` is not NULL, it says true. */
void wzp_world_run(struct wzp_world *world, wzp_us until, bool (*stop)(struct wzp_world *world));

/** Starts a relay's router, with the wall clock that it would read now. */
void wzp_world_start(struct wzp_world *world, size_t relay);

/** Lets a relay do what is due and remembers when to wake it. After every call into its router. */
void wzp_world_settle(struct wzp_world *world, size_t relay);

/** Has something happen at `at`. */
void wzp_world_plan(struct wzp_world *world, enum wzp_event_kind kind, size_t index, wzp_us at);

/** A promise is broken: the first one is kept, and time stands still. */
void wzp_world_break(struct wzp_world *world, const char *format, ...) WZP_PRINTF(2, 3);

/** Evenly in [low, high). */
wzp_us wzp_world_between(struct wzp_world *world, wzp_us low, wzp_us high);
bool wzp_world_chance(struct wzp_world *world, double probability);

/** The fingerprint of a relay: its number in the first four bytes, then a pattern. */
void wzp_world_fingerprint(size_t relay, uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES]);

/* ---- wire.c ---- */

/** What a router sends by a link. */
void wzp_wire_signal(struct wzp_side *side, const struct wzp_signal *signal);
void wzp_wire_datagram(struct wzp_side *side, const uint8_t *bytes, size_t size);

/** Everything that happens to edges. */
void wzp_wire_event(struct wzp_world *world, const struct wzp_sim_event *event);

/** The relay died: its ends are gone at once, the others notice. */
void wzp_wire_relay_died(struct wzp_world *world, size_t relay);

/** Has the relays of an edge dial, if the edge is whole and both are there without a link. */
void wzp_wire_connect(struct wzp_world *world, uint32_t edge);

/** Whether both ends have the link. */
bool wzp_wire_is_up(const struct wzp_edge_of_world *edge);

/* ---- crowd.c ---- */

/** Somebody new joins; NULL where the relay is dead. */
struct wzp_guest *wzp_crowd_join(struct wzp_world *world, size_t relay, size_t room);
void wzp_crowd_leave(struct wzp_guest *guest);
/** Somebody who is there, at random; NULL where nobody is. */
struct wzp_guest *wzp_crowd_any(struct wzp_world *world);
/** Starts to speak every `pace`, or with 0 falls silent. */
void wzp_crowd_speak(struct wzp_guest *guest, wzp_us pace);
void wzp_crowd_spoke(struct wzp_world *world, const struct wzp_sim_event *event);
/** The relay died: its people are gone. */
void wzp_crowd_relay_died(struct wzp_world *world, size_t relay);
/** What a router tells and hands to members. */
void wzp_crowd_told(struct wzp_world *world, void *const *users, size_t n, const struct wzp_signal *signal);
void wzp_crowd_heard(struct wzp_guest *guest, const uint8_t *media, size_t size);
/** Checks and forgets what was said before `before`. */
void wzp_crowd_expire(struct wzp_world *world, wzp_us before);
void wzp_crowd_free(struct wzp_world *world);

/* ---- oracle.c ---- */

/** Looks at edges and people: distances, and what everybody should be told. */
void wzp_oracle_look(struct wzp_world *world);
/** Distance in links between two relays, WZP_SIM_FAR for none. */
uint8_t wzp_oracle_distance(const struct wzp_world *world, size_t a, size_t b);
/** Whether people of the relays see and hear each other: a path holds at most 32 relays. */
bool wzp_oracle_reaches(const struct wzp_world *world, size_t a, size_t b);
/** The largest distance between two relays that have a way. */
size_t wzp_oracle_diameter(const struct wzp_world *world);
/** Whether everybody's list is the truth as of the last look. */
bool wzp_oracle_is_settled(struct wzp_world *world);
/** Breaks promise 4 where somebody's list is not the truth. */
void wzp_oracle_check_lists(struct wzp_world *world, const char *when);
/** What links threw away so far, all relays together. */
void wzp_oracle_count(const struct wzp_world *world, struct wzp_costs *out_costs);
/** Adds the stretch of every way to the costs. */
void wzp_oracle_measure_paths(struct wzp_world *world);
/** The mark of a guest in sums of lists. */
uint64_t wzp_oracle_mark(size_t guest);

/* ---- driver.c ---- */

/** The whole run; world->is_broken tells how it ended. */
void wzp_driver_run(struct wzp_world *world);
