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
#include "base/list.h"
#include "proto/signal.h"
#include "relay/relay.h"
#include "relay/role.h"
#include "router/router.h"

#define WZP_LINK_SERVER_NAME "_federation"

struct wzp_allowance;
struct wzp_links;
struct wzp_outbox;
struct wzp_outbox_post;
struct wzp_peer;
struct wzp_trust_answer;

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
    bool is_quiet;                   /* its end is not worth a line */
    size_t lane;                     /* of what it causes, in the outboxes of others */
    struct wzp_allowance *allowance; /* of the entry; NULL until trusted */
    struct wzp_outbox *outbox;       /* NULL: nothing has had to wait yet */
    struct wzp_link *handle;         /* the router's, while UP */
    uint32_t crossing_id;            /* crossing.c; 0: the other workers do not have it */
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

/** Sends a signal of the router's, at once or when the peer may be sent more. A newer one with the same
 * nonzero key takes the place of one that waits. */
void wzp_link_say(struct wzp_relay_link *link, const struct wzp_signal *signal, uint64_t replace_key);

/** The same for one that has been written. */
void wzp_link_post(struct wzp_relay_link *link, const struct wzp_outbox_post *post);

/** Sends what waits, as much as may be. */
void wzp_link_drain(struct wzp_relay_link *link);

/** The level for a line about the peer: debug where there have been many. */
enum wzp_log_level wzp_link_level(struct wzp_relay_link *link);

/** Whoever this is, it is not to be linked: says so, and ends it. */
void wzp_link_refuse(struct wzp_relay_link *link, const struct wzp_trust_answer *answer);

/** A signal of the peer does not read: says so, once a second at most. */
void wzp_link_complain(struct wzp_relay_link *link, enum wzp_err err);

/** The peer sent too many signals: ends the link, and lets it in again after WZP_ALLOWANCE_BAN. Dropping some
 * of them would leave the two relays with different truths. */
void wzp_link_ban(struct wzp_relay_link *link);

/** Whether that was a moment ago; then the link has been ended. */
bool wzp_link_is_banned(struct wzp_relay_link *link);

/** Takes the link out of the router and starts the connection's close. */
void wzp_link_end(struct wzp_relay_link *link, enum wzp_close_code code, const char *reason);
