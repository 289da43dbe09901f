/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of one relay share. Each part borrows it for its life; only server.c makes and frees it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/packet.h"
#include "base/random.h"
#include "crypto/cert.h"
#include "crypto/identity.h"
#include "net/loop.h"
#include "net/quic.h"
#include "relay/admission.h"
#include "relay/auth.h"
#include "relay/config.h"
#include "relay/metrics.h"
#include "router/router.h"

/** Numbers that are counted where things happen; pointers into the metrics. */
struct wzp_relay_counters {
    uint64_t *signals_received;
    uint64_t *signals_sent;
    uint64_t *signals_malformed;
    uint64_t *signals_over_rate;
    uint64_t *signals_unsent;  /* the receiver's queue was full: it was closed */
    uint64_t *media_outside;   /* media packets of clients that are in no room */
    uint64_t *media_no_memory; /* media packets that found the packet pool empty */
    uint64_t *auth_ok;
    uint64_t *auth_failed;
    uint64_t *migrations;
    uint64_t *refused_busy;
    uint64_t *refused_full;
    uint64_t *refused_name;
    uint64_t *refused_draining;
    uint64_t *refused_offer;
    uint64_t *refused_token;
    uint64_t *refused_timeout;
    uint64_t *refused_misplaced; /* came to another worker than its room's */
    struct wzp_histogram *handshake_seconds;
};

struct wzp_arrivals;
struct wzp_crew;
struct wzp_crossing;
struct wzp_links;
struct wzp_passage;
struct wzp_probes;
struct wzp_spread;

/** Whether more clients are let in (gate.c). */
struct wzp_gate {
    struct wzp_admission admission;
    wzp_us look_at;     /* at the load; WZP_NEVER while nobody is there */
    wzp_us quiet_until; /* the log, that was told of it; 0: it was not */
};

struct wzp_relay {
    const struct wzp_relay_config *config;
    const struct wzp_identity *identity;
    const struct wzp_cert *cert;
    const struct wzp_log *log;
    struct wzp_crew *crew; /* of which this is one worker */
    unsigned worker;       /* its index */
    struct wzp_crossing *crossing;
    struct wzp_passage *passage;   /* NULL: rooms are not spread */
    struct wzp_spread *spread;     /* the same */
    struct wzp_arrivals *arrivals; /* the same */
    struct wzp_loop *loop;
    struct wzp_packet_pool *pool;
    struct wzp_endpoint *endpoint;
    struct wzp_router *router;
    struct wzp_metrics *metrics;
    struct wzp_links *links;   /* the first worker's; else NULL */
    struct wzp_probes *probes; /* the same */
    struct wzp_timer *timer;   /* set it to `now` where something happens outside of the endpoint's events */
    struct wzp_auth *auth;     /* NULL: clients need no token */
    struct wzp_random random;
    struct wzp_relay_counters counters;
    struct wzp_gate gate;
    bool is_draining;
    size_t lane_in_turn; /* outbox.h: of the link whose doing is being handled; 0: ours */
    wzp_us now;          /* of the event that is being handled; dates what is sent because of it */
};

/** "g2" links and clients are told apart by the `v` of their first message: docs/protocol.md. */
#define WZP_RELAY_PROTOCOL_VERSION 2
