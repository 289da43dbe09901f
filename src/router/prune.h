/* SPDX-License-Identifier: Apache-2.0 */
/* Prunes and grafts: which media links send us. Source: federation.md section 6; RFC 3973 for the idea. */
#pragma once

#include "router/internal.h"

/** Media of `origin` came by a link for nothing: considered at the next tick. Takes no memory. */
void wzp_prune_request(struct wzp_room *room, struct wzp_link *link,
                       const uint8_t origin[static WZP_ORIGIN_ID_BYTES]);

/** Sends the prunes that were requested and still make sense. */
void wzp_prune_settle(struct wzp_router *router, wzp_us now);

/** Members, interest or upstreams of the room changed: grafts what we want and pruned, or what a peer can't
 * know that we want. */
void wzp_prune_review(struct wzp_room *room);

/** The origin is about to be freed, and with it what we remember of prunes: takes them back. */
void wzp_prune_release(struct wzp_origin *origin);

/** A link goes: forgets its requests. */
void wzp_prune_drop_link(struct wzp_router *router, const struct wzp_link *link);

/** Prune or Graft from a second-generation link. */
void wzp_prune_hear(struct wzp_link *link, const struct wzp_signal *signal);
