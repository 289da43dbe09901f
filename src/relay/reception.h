/* SPDX-License-Identifier: Apache-2.0 */
/* Decides by the server name what a new connection is, and sees short visits (ping, version) to the door. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/quic.h"
#include "relay/links.h"
#include "relay/relay.h"
#include "relay/sessions.h"

#define WZP_RECEPTION_SPARE_CONNS                                                                            \
    64 /* connections beside the sessions: handshakes, pings, those just refused */

struct wzp_reception;

/** All are borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_reception_new(struct wzp_relay *relay, struct wzp_sessions *sessions,
                                            struct wzp_links *links, struct wzp_reception **out_reception);

/** After the endpoint has been freed. Takes NULL. */
void wzp_reception_free(struct wzp_reception *reception);

/** A handshake completed: gives the connection its role, or closes it with a reason. */
void wzp_reception_open(struct wzp_reception *reception, struct wzp_conn *conn);

wzp_us wzp_reception_deadline(const struct wzp_reception *reception);
void wzp_reception_tick(struct wzp_reception *reception, wzp_us now);
