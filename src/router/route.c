/* SPDX-License-Identifier: Apache-2.0 */
#include "router/route.h"

#include <stdlib.h>
#include <string.h>

#include "router/hearsay.h"
#include "router/origin.h"
#include "router/people.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/say.h"

static struct wzp_edge *edge_of(const struct wzp_way *way)
{
    return &way->link->edges[way->origin->room->index];
}

static void set_offer(struct wzp_way *way, bool has_offer)
{
    edge_of(way)->n_offers += (size_t)has_offer - (size_t)way->has_offer;
    way->origin->n_offers += (size_t)has_offer - (size_t)way->has_offer;
    way->link->n_offers += (size_t)has_offer - (size_t)way->has_offer;
    way->has_offer = has_offer;
}

static void set_told(struct wzp_way *way, bool is_told)
{
    edge_of(way)->n_told += (size_t)is_told - (size_t)way->is_told;
    way->is_told = is_told;
}

static void set_upstream(struct wzp_origin *origin, struct wzp_way *upstream)
{
    if (origin->upstream) {
        struct wzp_edge *edge = edge_of(origin->upstream);
        edge->n_upstreams--;
        edge->n_far -= origin->upstream->path_length > 1;
    }
    origin->upstream = upstream;
    if (upstream) {
        edge_of(upstream)->n_upstreams++;
        edge_of(upstream)->n_far += upstream->path_length > 1;
        origin->bound = NULL;
    }
}

static bool is_path(const struct wzp_way *way, const struct wzp_path *path)
{
    return way->path_length == path->n &&
           memcmp(way->path, path->relays, path->n * WZP_FINGERPRINT_BYTES) == 0;
}

bool wzp_route_offer(struct wzp_way *way, const struct wzp_path *path, wzp_us now)
{
    way->doubted_until =
        wzp_broken_doubt(way->link->router, (uint8_t(*)[WZP_FINGERPRINT_BYTES])path->relays, path->n, now);
    way->doubted_until = wzp_us_max(way->doubted_until, wzp_hearsay_doubt(way->origin, way->link, path, now));
    if (way->has_offer && is_path(way, path)) {
        return false;
    }
    uint8_t(*relays)[WZP_FINGERPRINT_BYTES] = malloc(path->n * WZP_FINGERPRINT_BYTES);
    if (!relays) {
        return wzp_route_withdraw(way, now);
    }
    memcpy(relays, path->relays, path->n * WZP_FINGERPRINT_BYTES);
    struct wzp_origin *origin = way->origin;
    bool is_upstream = origin->upstream == way;
    if (is_upstream) {
        set_upstream(origin, NULL);
    }
    free(way->path);
    way->path = relays;
    way->path_length = (uint8_t)path->n;
    set_offer(way, true);
    if (is_upstream) {
        set_upstream(origin, way);
    }
    return true;
}

bool wzp_route_withdraw(struct wzp_way *way, wzp_us now)
{
    if (!way->has_offer) {
        return false;
    }
    if (way->origin->upstream == way) {
        set_upstream(way->origin, NULL);
        way->origin->bound = way->link; /* for what is still under way */
        way->origin->bound_at = now;
    }
    set_offer(way, false);
    free(way->path);
    way->path = NULL;
    way->path_length = 0;
    return true;
}

/* Negative where `a` is the better one. */
static int compare(const struct wzp_way *a, const struct wzp_way *b)
{
    if (a->path_length != b->path_length) {
        return a->path_length - b->path_length;
    }
    if (a->link->rtt_class != b->link->rtt_class) {
        return a->link->rtt_class < b->link->rtt_class ? -1 : 1;
    }
    return memcmp(a->link->fingerprint, b->link->fingerprint, WZP_FINGERPRINT_BYTES);
}

static struct wzp_way *choose(const struct wzp_origin *origin, wzp_us now)
{
    struct wzp_way *best = NULL;
    for (size_t i = 0; i < origin->n_ways; i++) {
        struct wzp_way *way = origin->ways[i];
        if (way && way->has_offer && way->doubted_until <= now && (!best || compare(way, best) < 0)) {
            best = way;
        }
    }
    return best;
}

static bool leads_over(const struct wzp_way *way, uint8_t (*lost)[WZP_FINGERPRINT_BYTES])
{
    for (size_t i = 0; i + 1 < way->path_length; i++) {
        if (memcmp(way->path[i], lost, 2 * WZP_FINGERPRINT_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

void wzp_route_lost(struct wzp_origin *origin, uint8_t (*lost)[WZP_FINGERPRINT_BYTES],
                    const struct wzp_way *except, wzp_us now)
{
    if (origin->room->router->bugs & WZP_BUG_FORGET_LOST) {
        return;
    }
    wzp_broken_note(origin->room->router, lost, now);
    memcpy(origin->lost, lost, sizeof origin->lost);
    origin->has_lost = true;
    for (size_t i = 0; i < origin->n_ways; i++) {
        struct wzp_way *way = origin->ways[i];
        if (way && way != except && way->has_offer && leads_over(way, lost)) {
            way->doubted_until = now + WZP_DOUBT;
        }
    }
}

static bool holds(const struct wzp_way *way, const uint8_t *fingerprint)
{
    for (size_t i = 0; i < way->path_length; i++) {
        if (memcmp(way->path[i], fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the link should hold an offer of ours. One that stands on our path itself would refuse it. */
static bool should_offer(const struct wzp_origin *origin, const struct wzp_link *link)
{
    if (link->generation == WZP_GENERATION_1 || !wzp_origin_may_go_to(origin, link)) {
        return false;
    }
    if (origin->state == WZP_ORIGIN_SELF) {
        return origin->room->is_announced;
    }
    if (origin->previous == link) {
        return false; /* not yet: it goes on sending until the new upstream does */
    }
    const struct wzp_way *upstream = origin->upstream;
    bool checks_path = !(origin->room->router->bugs & WZP_BUG_SKIP_PATH_CHECK);
    return upstream->path_length < WZP_PATH_MAX && !(checks_path && holds(upstream, link->fingerprint));
}

/* Whether the link knows what an announcement would tell it: the number, and the path. */
static bool knows(const struct wzp_origin *origin, const struct wzp_way *way)
{
    if (origin->room->router->bugs & WZP_BUG_PASS_ON_ALWAYS) {
        return false;
    }
    bool has_path = way->is_told && way->told_path == origin->path_version;
    return has_path && (way->told_seq >= origin->seq || way->heard_seq >= origin->seq);
}

void wzp_route_tell(struct wzp_origin *origin, struct wzp_link *link)
{
    struct wzp_way *way = wzp_origin_way(origin, link);
    if (!should_offer(origin, link)) {
        if (way && way->is_told) {
            set_told(way, false);
            wzp_say_inactive(origin, link, true);
        }
        return;
    }
    if (wzp_origin_get_way(origin, link, &way) != WZP_OK || knows(origin, way)) {
        return;
    }
    set_told(way, true);
    way->told_seq = origin->seq;
    way->told_path = origin->path_version;
    wzp_say_active(origin, link);
}

void wzp_route_tell_all(struct wzp_origin *origin)
{
    const struct wzp_router *router = origin->room->router;
    for (size_t i = 0; i < router->n_slots; i++) {
        if (router->links[i]) {
            wzp_route_tell(origin, router->links[i]);
        }
    }
}

static bool may_hear_left(const struct wzp_link *link, const struct wzp_link *from, const struct wzp_way *way)
{
    bool is_leaf = link->is_leaf || (from && from->is_leaf);
    return link != from && link->generation == WZP_GENERATION_2 &&
           (!is_leaf || !from || (way && way->is_told));
}

void wzp_route_tell_left(struct wzp_origin *origin, const struct wzp_link *from)
{
    const struct wzp_room *room = origin->room;
    for (size_t i = 0; i < room->router->n_slots; i++) {
        struct wzp_link *link = room->router->links[i];
        struct wzp_way *way = link ? wzp_origin_way(origin, link) : NULL;
        if (way && link == from) {
            set_told(way, false); /* it knows, and has forgotten what we offered */
        }
        if (!link || !link->edges[room->index].is_allowed || !may_hear_left(link, from, way)) {
            continue;
        }
        if (wzp_origin_get_way(origin, link, &way) != WZP_OK) {
            continue;
        }
        bool knows_it = way->heard_seq >= origin->seq;
        set_told(way, false);
        way->told_seq = origin->seq;
        if (!knows_it) {
            wzp_say_inactive(origin, link, false);
        }
    }
}

static void take_upstream(struct wzp_origin *origin, struct wzp_way *best, wzp_us now)
{
    struct wzp_way *old = origin->upstream;
    if (old == best) {
        return;
    }
    bool is_better = old && best && old->doubted_until <= now;
    origin->previous = is_better ? old->link : NULL;
    origin->previous_until = now + WZP_OVERLAP;
    set_upstream(origin, best);
    origin->path_version++;
    if (is_better) {
        wzp_room_set_due(origin->room, WZP_DUE_ORIGINS, origin->previous_until);
    }
}

/* A former upstream that has lost its way needs ours at once. */
static void end_overlap(struct wzp_origin *origin, wzp_us now)
{
    const struct wzp_way *way = origin->previous ? wzp_origin_way(origin, origin->previous) : NULL;
    if (!way || !way->has_offer || way->doubted_until > now) {
        origin->previous = NULL;
    }
}

/* When a shorter way may be taken: with news, or a while after them, and one change after the other. */
static wzp_us improvement(const struct wzp_origin *origin, bool is_news)
{
    wzp_us quiet = is_news ? INT64_MIN : origin->news_at + WZP_PATIENCE;
    return wzp_us_max(quiet, origin->previous ? origin->previous_until : INT64_MIN);
}

/* The first doubt that ends after `now`. */
static wzp_us end_of_doubt(const struct wzp_origin *origin, wzp_us now)
{
    wzp_us first = WZP_NEVER;
    for (size_t i = 0; i < origin->n_ways; i++) {
        const struct wzp_way *way = origin->ways[i];
        if (way && way->has_offer && way->doubted_until > now) {
            first = wzp_us_min(first, way->doubted_until);
        }
    }
    return first;
}

/* The way to use from now on. RTT and fingerprints only break ties of a new choice. */
static struct wzp_way *choose_or_stay(struct wzp_origin *origin, bool is_news, wzp_us now)
{
    struct wzp_way *best = origin->n_offers > 0 ? choose(origin, now) : NULL;
    struct wzp_way *current = origin->upstream;
    if (current && current->doubted_until > now) {
        current = NULL;
    }
    bool is_shorter = current && best && best->path_length < current->path_length;
    wzp_us improve_at = is_shorter ? improvement(origin, is_news) : WZP_NEVER;
    bool waits = is_shorter && improve_at > now;
    origin->review_at = wzp_us_min(waits ? improve_at : WZP_NEVER, end_of_doubt(origin, now));
    if (origin->review_at != WZP_NEVER) {
        wzp_room_set_due(origin->room, WZP_DUE_ORIGINS, origin->review_at);
    }
    return current && (waits || !is_shorter) ? current : best;
}

/* What decides whom an origin is told to, and how. */
struct told {
    uint32_t path_version;
    enum wzp_origin_state state;
    const struct wzp_link *previous;
};

static struct told told_of(const struct wzp_origin *origin)
{
    return (struct told){
        .path_version = origin->path_version, .state = origin->state, .previous = origin->previous};
}

static bool is_same(const struct told *a, const struct told *b)
{
    return a->path_version == b->path_version && a->state == b->state && a->previous == b->previous;
}

/* Most of what is heard in a mesh changes nothing: then nobody has to be looked at. */
static void finish_review(struct wzp_origin *origin, unsigned reasons, const struct told *before)
{
    unsigned bugs = origin->room->router->bugs;
    struct told after = told_of(origin);
    bool is_moved = (reasons & WZP_ROUTE_NEWS) || !is_same(before, &after);
    bool forgets = !origin->upstream && (bugs & WZP_BUG_FORGET_WITHDRAW);
    if ((is_moved || (bugs & WZP_BUG_PASS_ON_ALWAYS)) && !forgets) {
        wzp_route_tell_all(origin);
    }
    origin->has_lost = false;
    if (is_moved || (reasons & WZP_ROUTE_OFFERS)) {
        wzp_prune_review(origin->room);
    }
}

void wzp_route_review(struct wzp_origin *origin, unsigned reasons, wzp_us now)
{
    struct told before = told_of(origin);
    if ((reasons & WZP_ROUTE_NEWS) || origin->state != WZP_ORIGIN_KNOWN) {
        origin->news_at = now;
    }
    struct wzp_way *best = choose_or_stay(origin, reasons & WZP_ROUTE_NEWS, now);
    origin->path_version += reasons & WZP_ROUTE_MOVED;
    take_upstream(origin, best, now);
    end_overlap(origin, now);
    if (best && origin->state != WZP_ORIGIN_KNOWN) {
        wzp_origin_enter(origin, WZP_ORIGIN_KNOWN, now);
    }
    bool is_only_doubted = !best && origin->state != WZP_ORIGIN_LOST && origin->n_people > 0;
    if (!best && (origin->state == WZP_ORIGIN_KNOWN || is_only_doubted)) {
        wzp_origin_enter(origin, WZP_ORIGIN_LOST, now);
    }
    finish_review(origin, reasons, &before);
}

wzp_us wzp_route_tick(struct wzp_origin *origin, wzp_us now)
{
    if (origin->previous && origin->previous_until <= now) {
        struct wzp_link *previous = origin->previous;
        origin->previous = NULL;
        wzp_route_tell(origin, previous);
    }
    if (origin->review_at <= now) {
        wzp_route_review(origin, WZP_ROUTE_CHANGED, now);
    }
    return wzp_us_min(origin->review_at, origin->previous ? origin->previous_until : WZP_NEVER);
}

static void withdraw_all(struct wzp_origin *origin, wzp_us now)
{
    for (size_t i = 0; i < origin->n_ways; i++) {
        bool had_offer = origin->ways[i] && wzp_route_withdraw(origin->ways[i], now);
        wzp_ignore(had_offer);
    }
}

void wzp_route_left(struct wzp_origin *origin, uint64_t seq, const struct wzp_link *from, wzp_us now)
{
    withdraw_all(origin, now);
    wzp_people_left(origin, now);
    origin->previous = NULL;
    origin->review_at = WZP_NEVER;
    origin->seq = seq;
    bool keeps = !(origin->room->router->bugs & WZP_BUG_NO_TOMBSTONE);
    wzp_origin_enter(origin, keeps ? WZP_ORIGIN_LEFT : WZP_ORIGIN_FORGOTTEN, now);
    wzp_route_tell_left(origin, from);
    wzp_prune_review(origin->room);
}
