/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One federation connection, dialled or accepted.
 *
 *   dialled:  open, hello sent --> GREETING --hello of G2, or silence: G1--> UP
 *   accepted: open -------------> GREETING --hello of a trusted relay------> UP (ours is sent to G2)
 *   either:   refused, duplicate, protocol error, lost --> ENDED (close sent, on_closed frees)
 */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/bucket.h"
#include "base/list.h"
#include "relay/relay.h"
#include "relay/role.h"
#include "router/router.h"

struct wzp_links;
struct wzp_peer;

enum wzp_link_state {
    WZP_LINK_OPENING,  /* dialled; the QUIC handshake is under way */
    WZP_LINK_GREETING, /* a hello is awaited */
    WZP_LINK_UP,
    WZP_LINK_ENDED,
};

/** Counted where things happen; pointers into the metrics under the peer's label. */
struct wzp_link_counters {
    uint64_t *signals_in;
    uint64_t *signals_out;
    uint64_t *queue_full; /* datagrams that found the way to another worker full */
};

/** Visible to the link files; everybody else uses links.h. */
struct wzp_relay_link {
    struct wzp_role role;
    struct wzp_links *links;
    struct wzp_list node;
    enum wzp_link_state state;
    struct wzp_peer *peer;                      /* whose dialler made it, or NULL: accepted */
    const struct wzp_relay_link_config *entry;  /* the operator's entry; NULL until trusted */
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES]; /* once known */
    char label[WZP_ROUTER_LABEL_BYTES];         /* as metrics and logs call it */
    bool is_verified;
    enum wzp_generation generation;
    wzp_us deadline; /* while GREETING */
    wzp_us up_at;
    wzp_us complained_at;
    struct wzp_bucket signals;
    struct wzp_link *handle; /* the router's, while UP */
    uint32_t crossing_id;    /* crossing.c; 0: the other workers do not have it */
    struct wzp_link_counters counters;
    struct wzp_link_stats collected; /* what of the router's counts has gone into the metrics */
};

/** The role of an accepted connection that asked for `_federation`. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_link_accept(struct wzp_links *links, struct wzp_conn *conn);

/** Dials. WZP_ENET and others: it could not even be tried. */
WZP_MUST_USE enum wzp_err wzp_link_dial(struct wzp_links *links, struct wzp_peer *peer,
                                        const struct wzp_addr *addr, struct wzp_relay_link **out_link);

/** The QUIC handshake of a dialled link is through. */
void wzp_link_opened(struct wzp_relay_link *link);

/** The wait for a hello is over: a dialled link is one to a first-generation relay, an accepted one is
 * closed. */
void wzp_link_greeting_over(struct wzp_relay_link *link);

/** Takes the link out of the router and starts the connection's close. */
void wzp_link_end(struct wzp_relay_link *link, enum wzp_close_code code, const char *reason);
