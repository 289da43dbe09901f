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
bool wzp_route_offer(struct wzp_way *way, const struct wzp_path *path, wzp_us now);

/** The way has no offer from now on. True where it had one. */
bool wzp_route_withdraw(struct wzp_way *way, wzp_us now);

/**
 * The way from relay `lost[0]` to `lost[1]` broke: offers over it, but for the one that `except` just made,
 * are not used for WZP_DOUBT unless they are made anew. The next review tells others what broke.
 *
 * Without it relays would try one outdated path after the other, ever longer ones, when an origin dies: in a
 * mesh of 29 for 12 s with 50,000 messages. Source of the idea: root cause notification, Pei et al.,
 * "BGP-RCN: improving BGP convergence through root cause notification", 2005.
 */
void wzp_route_lost(struct wzp_origin *origin, uint8_t (*lost)[WZP_FINGERPRINT_BYTES],
                    const struct wzp_way *except, wzp_us now);

/** What a review is told about its reason. */
enum wzp_route_reason {
    WZP_ROUTE_CHANGED = 0,     /* a path is another one, or a doubt */
    WZP_ROUTE_MOVED = 1 << 0,  /* the upstream's own path is another one */
    WZP_ROUTE_NEWS = 1 << 1,   /* the newest number grew */
    WZP_ROUTE_OFFERS = 1 << 2, /* a link makes an offer and did not, or the other way round */
};

/**
 * Chooses the upstream anew, changes state, tells whom it concerns.
 *
 * A shorter way than the present one is taken when there is news to tell anyway, else not within WZP_PATIENCE
 * of the last news: what arrives by a longer way first is then told once, and not again for every better way.
 * While the upstream changes for the better the old one is still heard, and told of it WZP_OVERLAP later, so
 * that speech loses nothing; the next such change waits for that.
 */
void wzp_route_review(struct wzp_origin *origin, unsigned reasons, wzp_us now);

/** Does what waited: takes a shorter or a doubted way, tells a former upstream. Returns when something waits
 * next. */
wzp_us wzp_route_tick(struct wzp_origin *origin, wzp_us now);

/** Tells one link what it should know of the origin and does not. */
void wzp_route_tell(struct wzp_origin *origin, struct wzp_link *link);

/** The same for every link. */
void wzp_route_tell_all(struct wzp_origin *origin);

/** The origin said that it left the room (`from` brought it; NULL: it is us): tells every link that may not
 * know it yet. */
void wzp_route_tell_left(struct wzp_origin *origin, const struct wzp_link *from);

/** The origin has left with that number: every offer goes, and who may not know it is told. */
void wzp_route_left(struct wzp_origin *origin, uint64_t seq, const struct wzp_link *from, wzp_us now);
