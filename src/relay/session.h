/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client of the relay.
 *
 *   (auth_url set)                    CallOffer, checked
 *   WAITING_TOKEN --token--> CHECKING --ok--> WAITING_OFFER --> IN_ROOM
 *        |                      |                  |               |
 *        +------ refused -------+---- timeout, ----+---- left, ----+--> ENDED (close sent, on_closed frees)
 *                                    bad offer          replaced
 */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/bucket.h"
#include "base/list.h"
#include "crypto/fingerprint.h"
#include "proto/media.h"
#include "proto/room_name.h"
#include "relay/limiter.h"
#include "relay/line.h"
#include "relay/relay.h"
#include "relay/role.h"
#include "relay/sessions.h"

#define WZP_SESSION_FIRST_SIGNAL                                                                             \
    (10 * WZP_SECOND)              /* from the QUIC handshake to the offer, a token check aside */
#define WZP_SESSION_NAME_BYTES 129 /* fingerprint as shown: ours, or the auth service's */

enum wzp_session_state {
    WZP_SESSION_WAITING_TOKEN,
    WZP_SESSION_CHECKING, /* the auth service is being asked */
    WZP_SESSION_WAITING_OFFER,
    WZP_SESSION_IN_ROOM,
    WZP_SESSION_ENDED,
};

/** The set of sessions. Like the session itself visible to the session files; everybody else uses sessions.h.
 */
struct wzp_sessions {
    struct wzp_relay *relay;
    struct wzp_list all;
    struct wzp_list waiting; /* for token or offer, in the order of their deadlines */
    size_t n;
    size_t most;    /* since memory was last given back */
    wzp_us trim_at; /* when to look again whether to, or WZP_NEVER */
    uint64_t n_started;
};

struct wzp_session {
    struct wzp_role role; /* without its connection: the line has it */
    struct wzp_line line;
    struct wzp_relay *relay;
    struct wzp_sessions *sessions;
    struct wzp_spread_room *spread; /* where the room counts it; or NULL */
    struct wzp_list node;           /* in the set of all sessions */
    struct wzp_list waiting;        /* among those that have a deadline, in its order; else unlinked */
    enum wzp_session_state state;
    wzp_us opened_at;
    wzp_us deadline; /* of the first signal, while `waiting` is linked */
    uint64_t number; /* counts sessions since the start; in logs and metrics */
    char room[WZP_ROOM_NAME_BYTES];
    char fingerprint[WZP_SESSION_NAME_BYTES]; /* "" until known */
    char auth_alias[65];                      /* what the auth service calls the client, or "" */
    uint8_t version;                          /* `v` of its offer */
    struct wzp_auth_check *check;             /* while CHECKING */
    uint8_t *early_offer;                     /* a message that came while CHECKING; owned */
    size_t early_size;
    struct wzp_member *member;        /* while IN_ROOM */
    struct wzp_bucket signals;        /* what it may send, in rate */
    struct wzp_limiter limiter;       /* of what it is sent */
    uint64_t reported, reported_lost; /* packets, by its quality reports */
    wzp_us complained_at;             /* when a malformed message was last logged */
    double *loss_pct;                 /* gauges of its quality reports; NULL until the first */
    double *rtt_ms;
};

/** A session of the connection at `line`, which asks for `room`; becomes the connection's role and one of the
 * set. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_session_new(struct wzp_sessions *sessions, const struct wzp_line *line,
                                          const char *room, struct wzp_session **out_session);

/** What a client may send in signals (protocol.md, "Limits"). */
struct wzp_bucket wzp_session_signals_bucket(wzp_us now);

/** Takes the session out of its room and starts the connection's close; on_closed follows from the loop. */
void wzp_session_end(struct wzp_session *session, enum wzp_close_code code, const char *reason);

/** The router gave the session's place to a newer one of the same identity; its handle is dead. */
void wzp_session_replaced(struct wzp_session *session);

/** Whether it said that it knows the second generation's messages. */
bool wzp_session_is_second_generation(const struct wzp_session *session);

/** Tells the router what its connection carries. */
void wzp_session_limit(struct wzp_session *session);

/* Of sessions.c: a session has left the set. */
void wzp_sessions_ended(struct wzp_sessions *sessions);
/* Of session_offer.c: the CallOffer, from its bytes to the place in the room. */
void wzp_session_take_offer(struct wzp_session *session, const uint8_t *body, size_t size);
/* Of session_token.c: the AuthToken, and the service's answer. */
void wzp_session_take_token(struct wzp_session *session, const uint8_t *body, size_t size);
/* Of session.c: counts a malformed message and logs it, once a second at most. */
void wzp_session_complain(struct wzp_session *session, enum wzp_err err);
/* Of session.c: the one place where the state changes. */
void wzp_session_enter(struct wzp_session *session, enum wzp_session_state state);
