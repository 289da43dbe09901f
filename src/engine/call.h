/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a relay's room, from its name to its end: dialling, trust, the signed offer, signals,
 * good-bye. Media only passes through.
 *
 *   IDLE -> RESOLVING -> CONNECTING -> OFFERING -> ACTIVE -> LEAVING -> CLOSING -> ENDED
 *               \____________\____________\___________\_________________/'  whatever fails
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>
#include <wzp/event.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/us.h"
#include "crypto/identity.h"
#include "engine/events.h"
#include "engine/roster.h"
#include "net/loop.h"
#include "net/quic.h"

struct wzp_call;

/** What the owner of a call does with it. All run on the loop's thread. */
struct wzp_call_handler {
    /** The answer is good: audio may be sent from now on. */
    void (*on_active)(void *context, wzp_us now);
    /** A datagram; borrowed. Not before on_active. */
    void (*on_media)(void *context, const uint8_t *bytes, size_t size, wzp_us now);
    /** No more media in either direction; once, and before WZP_EVENT_ENDED. Not where on_active never was. */
    void (*on_inactive)(void *context, wzp_us now);
};

/** Borrowed for the call's life. */
struct wzp_call_config {
    struct wzp_loop *loop;
    const struct wzp_log *log;
    struct wzp_events *events;
    const struct wzp_identity *identity;
    const struct wzp_call_handler *handler;
    void *context;
    const char *relay;        /* "host:port" */
    const char *server_name;  /* the room as SNI */
    const char *alias;        /* or NULL */
    const char *token;        /* or NULL */
    const uint8_t *pin;       /* WZP_FINGERPRINT_BYTES, or NULL */
    const char *known_relays; /* or NULL */
};

/** What the relay's answer said. */
struct wzp_call_answer {
    uint32_t generation; /* 1 or 2 */
    uint16_t stream;     /* our own number there; 0 for none */
    bool takes_levels;   /* cap `level` */
};

/** At rest. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_call_new(const struct wzp_call_config *config, struct wzp_call **out_call);

/** Without a good-bye where it still runs. Takes NULL. */
void wzp_call_free(struct wzp_call *call);

/** Begins; everything else comes as events. */
void wzp_call_start(struct wzp_call *call);

/** Says good-bye and closes when everything has arrived; the second time closes at once. */
void wzp_call_hang_up(struct wzp_call *call);

/** Ends the call because of our own `err`, with `message` for people. */
void wzp_call_fail(struct wzp_call *call, enum wzp_err err, const char *message);

/** Sends one media packet; best effort. */
void wzp_call_send(struct wzp_call *call, const uint8_t *bytes, size_t size, wzp_us now);

enum wzp_call_state wzp_call_state(const struct wzp_call *call);
const struct wzp_call_answer *wzp_call_answer(const struct wzp_call *call);
const struct wzp_roster *wzp_call_roster(const struct wzp_call *call);

/** Signals by what became of them. */
struct wzp_call_counts {
    uint64_t received, ignored, malformed;
};
const struct wzp_call_counts *wzp_call_counts(const struct wzp_call *call);

/** Of the connection; the last ones where it is gone, zeros where there never was one. */
void wzp_call_conn_stats(const struct wzp_call *call, struct wzp_conn_stats *out_stats);
