/* SPDX-License-Identifier: Apache-2.0 */
/* What relays that probe each other ask and tell: where a client is, and where they are themselves. */
#pragma once

#include "net/addr.h"
#include "proto/signal.h"
#include "relay/registry.h"
#include "relay/relay.h"

/** Answers a query that came by `conn`: here, at a relay that told so, or nowhere that we know. */
void wzp_whereabouts_answer(struct wzp_relay *relay, const struct wzp_registry *registry,
                            struct wzp_conn *conn, const struct wzp_signal_route_query *query);

/** Where the relay at the other end of `conn` is, if it says `said` (or NULL) of itself. */
void wzp_whereabouts_of_peer(const struct wzp_relay *relay, const struct wzp_conn *conn, const char *said,
                             char out_text[static WZP_ADDR_TEXT_BYTES]);
