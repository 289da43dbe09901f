/* SPDX-License-Identifier: Apache-2.0 */
/* Short questions to a relay, without a call: how far it is, who it is, what build it runs. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>
#include <wzp/event.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/us.h"
#include "crypto/fingerprint.h"

#define WZP_QUERY_VERSION_BYTES 128 /* the longest answer that is kept, with its NUL */

enum wzp_query_kind {
    WZP_QUERY_PING,    /* handshake only */
    WZP_QUERY_VERSION, /* the relay's build, which first-generation relays of the early state don't tell */
};

struct wzp_query {
    enum wzp_query_kind kind;
    const char *relay;        /* "host:port" */
    const uint8_t *pin;       /* WZP_FINGERPRINT_BYTES, or NULL */
    const char *known_relays; /* or NULL */
    const struct wzp_log *log;
};

struct wzp_query_answer {
    char address[WZP_EVENT_ADDRESS_BYTES];
    char fingerprint[WZP_EVENT_FINGERPRINT_BYTES];
    enum wzp_relay_trust trust;
    wzp_us connected_after;                /* from the first packet to the end of the handshake */
    wzp_us rtt;                            /* the transport's smallest sample */
    char version[WZP_QUERY_VERSION_BYTES]; /* printable; "" where the relay told nothing */
    char message[WZP_EVENT_MESSAGE_BYTES]; /* on failure what is wrong, on success a warning or "" */
};

/**
 * Asks and waits, on a loop of its own. `out_answer` is filled as far as things came, also on failure.
 *
 * WZP_ETIMEOUT, WZP_ENET, WZP_ETLS: nobody there, or no relay. WZP_EAUTH: another relay than pinned or known.
 * WZP_EUNSUPPORTED: the relay does not tell its version. WZP_EINVAL: `relay` is no address.
 */
WZP_MUST_USE enum wzp_err wzp_query_run(const struct wzp_query *query, struct wzp_query_answer *out_answer);
