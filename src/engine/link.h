/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a relay by its name: resolved, dialled, and its certificate judged. What is spoken over it
 * is the owner's: a call (call.h) or a question (query.h). */
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
#include "engine/trust.h"
#include "net/loop.h"
#include "net/quic.h"

struct wzp_link;

/** What there is to know about a relay that is accepted. Borrowed. */
struct wzp_link_relay {
    const struct wzp_addr *addr;
    const uint8_t *fingerprint;
    const struct wzp_trust_verdict *verdict;
};

/** What a link tells its owner, on the loop's thread. */
struct wzp_link_handler {
    /** The name has resolved, the handshake begins. */
    void (*on_dialling)(void *context);
    /** The handshake is done and the relay is the one that is meant. */
    void (*on_open)(void *context, const struct wzp_link_relay *relay);
    void (*on_message)(void *context, const uint8_t *body, size_t size);
    /** On a stream of the relay's; may be NULL. */
    void (*on_uni_data)(void *context, const uint8_t *bytes, size_t size, bool fin);
    void (*on_datagram)(void *context, const uint8_t *bytes, size_t size, wzp_us now);
    /** It is over; once, the last call. WZP_OK: by wzp_link_close. Else `message` says why, for people. */
    void (*on_closed)(void *context, enum wzp_err err, const char *message);
};

/** Borrowed for the link's life. */
struct wzp_link_config {
    struct wzp_loop *loop;
    const struct wzp_log *log;
    const struct wzp_identity *identity; /* NULL: none is shown */
    const struct wzp_link_handler *handler;
    void *context;
    const char *relay;        /* "host:port"; the port may be left out */
    const char *server_name;  /* SNI */
    const uint8_t *pin;       /* WZP_FINGERPRINT_BYTES, or NULL */
    const char *known_relays; /* or NULL */
};

/** At rest. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_link_new(const struct wzp_link_config *config, struct wzp_link **out_link);

/** Without a word to the relay's people or on_closed. Not from within a handler. Takes NULL. */
void wzp_link_free(struct wzp_link *link);

/** Begins. WZP_EMALFORMED: `relay` is no address; nothing else follows then. */
WZP_MUST_USE enum wzp_err wzp_link_start(struct wzp_link *link);

/** Ends it; on_closed follows from the loop. False: there was no connection, nothing follows. */
bool wzp_link_close(struct wzp_link *link, const char *reason);

/** The connection, to send on and ask; NULL before it is dialled and after its end. */
struct wzp_conn *wzp_link_conn(const struct wzp_link *link);

/** Of the connection; the last ones where it is gone, zeros where there never was one. */
void wzp_link_stats(const struct wzp_link *link, struct wzp_conn_stats *out_stats);
