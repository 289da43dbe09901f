/* SPDX-License-Identifier: Apache-2.0 */
/* Which link is the upstream of an origin, and which links are told what about it. Source: federation.md
 * section 5. */
#pragma once

#include "router/internal.h"

/** A path that a link offers, nearest relay first. */
struct wzp_path {
    uint8_t relays[WZP_PATH_MAX][WZP_FINGERPRINT_BYTES];
    size_t n;
};

/** The way has this offer from now on. True where that changed something; WZP_ENOMEM leaves it without. */
bool wzp_route_offer(struct wzp_way *way, const struct wzp_path *path);

/** The way has no offer from now on. True where it had one. */
bool wzp_route_withdraw(struct wzp_way *way);

/** Offers or the newest number changed: chooses the upstream anew, changes state, tells whom it concerns.
 * With `is_moved` the upstream's own path is another one. */
void wzp_route_review(struct wzp_origin *origin, bool is_moved, wzp_us now);

/** Tells one link what it should know of the origin and does not. */
void wzp_route_tell(struct wzp_origin *origin, struct wzp_link *link);

/** The same for every link. */
void wzp_route_tell_all(struct wzp_origin *origin);

/** The origin said that it left the room (`from` brought it; NULL: it is us): tells every link that may not
 * know it yet. */
void wzp_route_tell_left(struct wzp_origin *origin, const struct wzp_link *from);

/** The origin has left with that number: every offer goes, and who may not know it is told. */
void wzp_route_left(struct wzp_origin *origin, uint64_t seq, const struct wzp_link *from, wzp_us now);
