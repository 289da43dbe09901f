/* SPDX-License-Identifier: Apache-2.0 */
/* The federation links of a relay: dials its peers, takes in those that may, keeps one link a relay. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/quic.h"
#include "relay/relay.h"

struct wzp_links;

/** `relay` is borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_links_new(struct wzp_relay *relay, struct wzp_links **out_links);

/** After the endpoint has been freed. Takes NULL. */
void wzp_links_free(struct wzp_links *links);

/** Whether the configuration names anybody to federate with. */
bool wzp_links_are_wanted(const struct wzp_relay_config *config);

/** A connection that asked for `_federation`; closed with a reason where it is not wanted. */
void wzp_links_accept(struct wzp_links *links, struct wzp_conn *conn);

/** A handshake of ours is through: true where `conn` is one of the links. */
bool wzp_links_opened(struct wzp_links *links, struct wzp_conn *conn);

/** Dials no more and closes what is there. */
void wzp_links_close_all(struct wzp_links *links, enum wzp_close_code code, const char *reason);

wzp_us wzp_links_deadline(const struct wzp_links *links);

/** A receive batch has been read: what links brought is handed to the router. */
void wzp_links_batch_end(struct wzp_links *links);

void wzp_links_tick(struct wzp_links *links, wzp_us now);

/** Brings the links' counts into the metrics. */
void wzp_links_collect(struct wzp_links *links);
