/* SPDX-License-Identifier: Apache-2.0 */
/* The clients of a relay: from the completed QUIC handshake, over token and offer, into a room and out again.
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/quic.h"
#include "relay/line.h"
#include "relay/relay.h"

struct wzp_sessions;

/** `relay` is borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_sessions_new(struct wzp_relay *relay, struct wzp_sessions **out_sessions);

/** After the endpoint has been freed, which ends every session. Takes NULL. */
void wzp_sessions_free(struct wzp_sessions *sessions);

/** How many sessions a configuration allows, those that have not joined yet included. */
size_t wzp_sessions_limit(const struct wzp_relay_config *config);

/** Makes a session of a connection that asks for `room` (folded), or closes it with a reason. */
void wzp_sessions_accept(struct wzp_sessions *sessions, const struct wzp_line *line, const char *room);

/** Whether the worker lets nobody in now, going down or busy; then the connection is closed with the reason.
 */
bool wzp_sessions_turn_away(const struct wzp_relay *relay, const struct wzp_line *line);

size_t wzp_sessions_count(const struct wzp_sessions *sessions);

/** Tells second-generation clients to go elsewhere within `deadline`. */
void wzp_sessions_go_away(struct wzp_sessions *sessions, wzp_us deadline);

void wzp_sessions_close_all(struct wzp_sessions *sessions, enum wzp_close_code code, const char *reason);

wzp_us wzp_sessions_deadline(const struct wzp_sessions *sessions);

/** Closes those that have kept us waiting for their offer; gives memory back after a crowd has gone. */
void wzp_sessions_tick(struct wzp_sessions *sessions, wzp_us now);
